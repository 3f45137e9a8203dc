"""Sampling (定期抽检): a draw is announced with its seed and its frame, made by lot, and reported with its interval.

Seed, frame hash, strata and how many are drawn of each stand in one ledger entry that is written before anything is
drawn. From then on the draw is a matter of arithmetic (`patrol/drawing.py`): nobody can choose, and whoever has the
frame can repeat it. The frame is the listings as they were up at the announcement; what changes later changes nothing.
"""

from collections import Counter
from secrets import token_hex
from typing import Any

from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from accounts import roles
from core import clock, crypto, files, ledger, media
from core.errors import Forbidden, Invalid, NotYours
from core.ids import new_id, next_number, next_numbers
from core.lifecycle import lock
from core.models import FilePurpose, LedgerEntry
from marketplace.models import Marketplace, Target
from patrol import drawing
from patrol.estimating import Counted, estimate
from patrol.models import Candidate, Sample, SampledListing, TestBuy, WatchProfile, WatchTerm
from patrol.sampling_lifecycle import SAMPLES

State = Sample.State
ANNOUNCED = "sample.announced"
#: test buys cost money and people's time: whoever needs more announces another sample
MOST = 2_000
#: a frame of a million listings
MOST_BYTES = 64 * 1024 * 1024


def frame_of(*, marketplace: Marketplace | None, profile: WatchProfile | None) -> QuerySet[Target]:
    """The listings that are up now; with a profile those that name it in their title or are a candidate of it."""
    found = Target.objects.filter(kind=Target.Kind.LISTING, observed=Target.Observed.UP, source_version__gt=0)
    if marketplace is not None:
        found = found.filter(marketplace=marketplace)
    if profile is not None:
        named = Q(Exists(Candidate.objects.filter(target=OuterRef("pk"), profile=profile)))
        for name in {profile.name, *profile.terms.filter(kind=WatchTerm.Kind.NAME).values_list("text", flat=True)}:
            named |= Q(title__icontains=name)
        found = found.filter(named)
    return found


def announce(
    *, title: str, size: int, by: Any, marketplace: Marketplace | None = None, profile: WatchProfile | None = None
) -> Sample:
    """Publish a seed and the frame in the ledger; nothing is drawn yet. Raises Forbidden, Invalid.

    The frame is kept first, outside the transaction: if that fails afterwards, the sweep removes the file.
    """
    if not roles.is_reviewer(by):
        raise Forbidden()
    if not title.strip():
        raise Invalid(_("Say what is sampled."), field="title")
    if not 1 <= size <= MOST:
        raise Invalid(_("Between 1 and %(most)d listings are drawn at a time.") % {"most": MOST}, field="size")
    rows = _cells_of(frame_of(marketplace=marketplace, profile=profile))
    if size > len(rows):
        said = _("Only %(n)d listings are on sale there. Draw at most so many.")
        raise Invalid(said % {"n": len(rows)}, field="size")
    try:
        strata, key_of = drawing.strata_of(Counter(cell for _id, cell in rows), size)
    except ValueError as few:
        raise Invalid(
            _("There are more kinds of listings and sellers than are to be drawn. Draw more."), field="size"
        ) from few
    frame = drawing.frame_of((public_id, key_of[cell]) for public_id, cell in rows)
    kept = files.keep_in_pieces(
        upload=ContentFile(frame, name="frame.txt"), purpose=FilePurpose.EVIDENCE, kind=media.TEXT,
        most_bytes=MOST_BYTES, by=by, organisation=None,
    )  # fmt: skip
    with transaction.atomic():
        at = clock.now()
        sample = Sample.objects.create(
            number=next_number("SM", clock.today().year), title=title.strip(), size=size, seed=token_hex(32),
            marketplace=marketplace, profile=profile, announced_by=by, strata=[s.as_json() for s in strata],
            frame=kept, frame_size=len(rows), frame_hash=drawing.hash_of(frame), state_since_at=at, created_at=at,
        )  # fmt: skip
        ledger.record(
            kind=ANNOUNCED, subject=sample.public_id, actor=by,
            payload={
                "algorithm": drawing.ALGORITHM, "seed": sample.seed, "size": size, "strata": sample.strata,
                "frame": {"sha256": sample.frame_hash, "listings": sample.frame_size},
                "marketplace": marketplace.slug if marketplace else "", "profile": profile.public_id if profile else "",
            },
        )  # fmt: skip
    return sample


def _cells_of(frame: QuerySet[Target]) -> list[tuple[str, drawing.Cell]]:
    """Each listing with its category, risk and the size of its seller; three queries, however many there are."""
    up = Target.objects.filter(kind=Target.Kind.LISTING, observed=Target.Observed.UP, shop__isnull=False)
    items = dict(up.order_by().values_list("shop").annotate(n=Count("pk")))
    open_now = Candidate.objects.filter(state__in=(Candidate.State.OPEN, Candidate.State.ASKED)).order_by()
    scores = dict(open_now.values_list("target").annotate(score=Max("score")))
    # Of hundreds of thousands of rows each word is kept once.
    known: dict[drawing.Cell, drawing.Cell] = {}
    rows = []
    for pk, public_id, category, shop in frame.order_by().values_list("pk", "public_id", "category", "shop").iterator():
        cell = (category.strip(), drawing.risk_of(scores.get(pk)), drawing.seller_of(items.get(shop, 0)))
        rows.append((public_id, known.setdefault(cell, cell)))
    return rows


def announcement_of(sample: Sample) -> LedgerEntry:
    """Where the ledger keeps its seed. Raises NotYours."""
    found = LedgerEntry.objects.select_related("leaf").filter(subject=sample.public_id, kind=ANNOUNCED).first()
    if found is None:
        raise NotYours()
    return found


def drawn_again(sample: Sample, frame: bytes) -> list[tuple[str, str]]:
    """The draw from this frame by what the ledger says alone, as (stratum, public id).

    Raises Invalid for a frame that is not the announced one.
    """
    said = announcement_of(sample).payload
    if drawing.hash_of(frame) != said["frame"]["sha256"]:
        raise Invalid(_("This is not the frame that was announced: its SHA-256 differs."), field="frame")
    return drawing.draw(seed=said["seed"], frame=frame, counts={s["key"]: s["draw"] for s in said["strata"]})


def draw(*, sample: Sample, by: Any) -> Sample:
    """Let the lot fall, as announced, and open a test buy for each listing. Raises Forbidden, WrongState, Invalid."""
    SAMPLES.check(sample, "draw", by)
    assert sample.frame is not None
    found = drawn_again(sample, files.read(sample.frame))
    with transaction.atomic():
        sample = lock(sample)
        SAMPLES.check(sample, "draw", by)
        targets = {t.public_id: t for t in Target.objects.filter(public_id__in=[one for _key, one in found])}
        at = clock.now()
        rows = SampledListing.objects.bulk_create(
            SampledListing(sample=sample, target=targets[one], target_version=targets[one].version, stratum=key, is_drawn=True)
            for key, one in found
        )  # fmt: skip
        numbers = next_numbers("TB", clock.today().year, len(rows))
        TestBuy.objects.bulk_create(
            TestBuy(
                public_id=new_id("tbu"),
                number=number,
                listing=row,
                profile=sample.profile,
                state_since_at=at,
                created_at=at,
            )
            for number, row in zip(numbers, rows, strict=True)
        )
        sample.drawn_at = at
        SAMPLES.fire(
            sample, "draw", actor=by, payload={"drawn": [one for _key, one in found]}, writes=["drawn_at"],
        )  # fmt: skip
    return sample


def counted(sample: Sample) -> list[Counted]:
    """What became of each stratum so far; one query."""
    verdict = TestBuy.Verdict
    kinds = {
        "genuine": Q(test_buy__verdict=verdict.GENUINE), "pirated": Q(test_buy__verdict=verdict.PIRATED),
        "unclear": Q(test_buy__verdict=verdict.UNCLEAR), "not_bought": Q(test_buy__state=TestBuy.State.NOT_BOUGHT),
    }  # fmt: skip
    counts = {name: Count("pk", filter=is_so) for name, is_so in kinds.items()}
    rows: Any = sample.listings.order_by().values("stratum").annotate(**counts)
    found = {row["stratum"]: {name: row[name] for name in kinds} for row in rows}
    nothing = dict.fromkeys(kinds, 0)
    return [Counted(s["key"], s["listings"], s["draw"], **found.get(s["key"], nothing)) for s in sample.strata]


def estimate_of(sample: Sample) -> dict[str, Any]:
    """The report as it stands: what was reported, or what the verdicts so far say."""
    return sample.report or estimate(counted(sample))


@transaction.atomic
def report(*, sample: Sample, by: Any) -> Sample:
    """Everything is judged or given up: the estimate is written down. Raises Forbidden, WrongState."""
    sample = lock(sample)
    SAMPLES.check(sample, "report", by)
    sample.report, sample.reported_at = estimate(counted(sample)), clock.now()
    said = {name: sample.report[name] for name in ("rate", "low", "high", "best", "worst", "drawn", "pirated")}
    SAMPLES.fire(sample, "report", actor=by, payload={"estimate": said}, writes=["report", "reported_at"])
    return sample


@transaction.atomic
def cancel(*, sample: Sample, by: Any, reason: str) -> Sample:
    """It is not gone on with; the announcement stays in the ledger. Raises Forbidden, WrongState, Invalid.

    Why stands on the page alone: of words that may name people the ledger keeps a salted digest.
    """
    sample = lock(sample)
    SAMPLES.check(sample, "cancel", by)
    if not reason.strip():
        raise Invalid(_("Say why it is cancelled."), field="note")
    sample.why_cancelled, sample.salt = reason.strip()[:5000], token_hex(32)
    SAMPLES.fire(
        sample, "cancel", actor=by, payload={"reason": crypto.digest(sample.why_cancelled, salt=sample.salt)},
        writes=["why_cancelled", "salt"],
    )  # fmt: skip
    return sample
