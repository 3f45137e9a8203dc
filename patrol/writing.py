"""What was found becomes candidates: the plain part of it, until `patrol/services.py` does it whole."""

from collections.abc import Sequence

from django.db import transaction

from core import clock
from core.ids import next_number
from marketplace.models import Target
from patrol.inspecting import Found
from patrol.lifecycle import CANDIDATES, OPEN
from patrol.models import Candidate, Scan, WatchProfile

State = Candidate.State


@transaction.atomic
def write_candidates(
    found: Sequence[Found], *, looked_at: Sequence[Target], source: str, scan: Scan | None = None,
    profile: WatchProfile | None = None,
) -> list[Candidate]:  # fmt: skip
    """Bring the candidates of the targets that were looked at in line with what was found; twice is as good as once."""
    rows = Candidate.objects.filter(target__in=[target.pk for target in looked_at])
    if profile is not None:
        rows = rows.filter(profile=profile)
    known = {(c.target_id, c.profile_id): c for c in rows.select_for_update(of=("self",), no_key=True).order_by("pk")}
    wanted = {(f.target.pk, f.profile.pk): f for f in found}
    CANDIDATES.fire_all(
        [
            c
            for pair, c in known.items()
            if pair not in wanted and c.state in OPEN and c.source != Candidate.Source.SAMPLE
        ],
        "vanish",
        actor=None,
    )
    for pair, f in wanted.items():
        candidate = known.get(pair)
        if candidate is None:
            number = next_number("CA", clock.now().year)
            candidate = Candidate(number=number, target=f.target, profile=f.profile, source=source, scan=scan)
        elif candidate.state == State.GONE:
            CANDIDATES.fire(candidate, "find_again", actor=None)
        elif candidate.state not in OPEN or _was_bought(candidate, source):
            continue
        candidate.target_version, candidate.score, candidate.parts = f.target.version, f.score, f.parts
        candidate.signals, candidate.evidence_hash = [seen.as_json() for seen in f.seen], f.evidence_hash
        candidate.copy_key, candidate.found_at = f.copy_key, clock.now()
        candidate.save()
        known[pair] = candidate
    return [known[pair] for pair in wanted]


def _was_bought(candidate: Candidate, source: str) -> bool:
    """What a brand judged with the goods in its hands stays evidence, whatever the listing shows later."""
    return candidate.source == Candidate.Source.SAMPLE != source
