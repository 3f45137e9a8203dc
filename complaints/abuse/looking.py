"""Looking for the patterns in what complainants did: soon after each act, and once a day.

Who is looked at next stands in rows (`Look.due_at`), so that a look that was cut short goes on where it stopped. What
is found is written and nothing else happens: staff confirm or dismiss it (`findings.py`).
"""

import logging
import time
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from accounts import roles
from accounts.models import Organisation, User
from complaints.abuse.patterns import PATTERNS, Evidence, Pattern
from complaints.models import AbuseCase, AbuseFinding, Complaint, Look
from core import clock, ledger
from core.errors import Forbidden
from core.lifecycle import lock

log = logging.getLogger("ippro.complaints")

#: acts that come together are looked at together
SOON, EVERY = timedelta(minutes=5), timedelta(days=1)
#: who sent nothing for so long is not looked at any more until it does
QUIET = timedelta(days=365)
BATCH, SWEEP_SECONDS = 100, 60.0


def complainant_acted(subject: str) -> None:
    """A complaint was submitted, decided or withdrawn: its complainant is looked at soon. Consumer of events."""
    organisation_id = Complaint.objects.values_list("organisation_id", flat=True).get(public_id=subject)
    soon = clock.now() + SOON
    look, _new = Look.objects.get_or_create(organisation_id=organisation_id, defaults={"due_at": soon})
    Look.objects.filter(Q(due_at__gt=soon) | Q(due_at=None), pk=look.pk).update(due_at=soon)


def look_at_due(limit: int = BATCH) -> int:
    """Look at complainants that are due, for a minute at most; returns how many. One that fails stops no other."""
    looked, ends_at = 0, time.monotonic() + SWEEP_SECONDS
    for pk in Look.objects.filter(due_at__lte=clock.now()).order_by("due_at").values_list("pk", flat=True)[:limit]:
        if time.monotonic() > ends_at:
            break
        try:
            looked += _look(pk)
        except Exception:
            log.exception("the patterns of look %s could not be looked for", pk)
            Look.objects.filter(pk=pk).update(due_at=clock.now() + SOON)
    return looked


@transaction.atomic
def _look(pk: int) -> bool:
    at = clock.now()
    look = Look.objects.select_for_update(skip_locked=True).filter(pk=pk, due_at__lte=at).first()
    if look is None:
        return False
    look_for_patterns(look.organisation, at)
    active = Complaint.objects.filter(organisation=look.organisation_id, created_at__gt=at - QUIET).exists()
    look.looked_at, look.due_at = at, at + EVERY if active else None
    look.save(update_fields=["looked_at", "due_at"])
    return True


@transaction.atomic
def look_now(*, organisation: Organisation, by: User) -> list[AbuseFinding]:
    """A reviewer has a complainant looked at without waiting for its turn; returns the findings that are new."""
    if not roles.is_reviewer(by):
        raise Forbidden()
    return look_for_patterns(organisation, clock.now())


@transaction.atomic
def look_for_patterns(organisation: Organisation, at: datetime) -> list[AbuseFinding]:
    """Look for every pattern in what a complainant did; returns the findings that are new."""
    organisation = lock(organisation)
    return [
        finding
        for pattern in PATTERNS.values()
        for evidence in pattern.find(organisation, at)
        if (finding := _write(organisation, pattern, evidence, at)) is not None
    ]


def _write(organisation: Organisation, pattern: Pattern, evidence: Evidence, at: datetime) -> AbuseFinding | None:
    """The finding of one occasion; while nobody has decided on it, further cases join it.

    Once it was dismissed the occasion is done with. Once it was confirmed, further cases are a finding of their own:
    who was warned and goes on within the same quarter goes on. What staff decided on is no news under any occasion:
    the turn of a quarter makes nothing of old cases.
    """
    of_pattern = AbuseFinding.objects.filter(organisation=organisation, pattern=pattern.code)
    earlier = list(of_pattern.filter(Q(key=evidence.key) | Q(key__startswith=f"{evidence.key}#")).order_by("pk"))
    last = earlier[-1] if earlier else None
    if last is not None and last.state == AbuseFinding.State.DISMISSED:
        return None
    named = AbuseCase.objects.filter(finding__in=of_pattern, case__in=evidence.cases)
    known = named.filter(Q(finding__in=earlier) | ~Q(finding__state=AbuseFinding.State.OPEN))
    settled = set(known.values_list("case", flat=True))
    more = [case for case in evidence.cases if case not in settled]
    if not more:
        return None
    if last is None or last.state == AbuseFinding.State.CONFIRMED:
        key = f"{evidence.key}#{len(earlier) + 1}" if earlier else evidence.key
        finding, is_new = AbuseFinding(organisation=organisation, pattern=pattern.code, key=key, found_at=at), True
    else:
        finding, is_new = last, False
    finding.figures = dict(evidence.figures)
    finding.save()
    AbuseCase.objects.bulk_create([AbuseCase(finding=finding, case=case, found_at=at) for case in more])
    ledger.record(
        kind="abuse.found",
        subject=finding.public_id,
        payload={"pattern": pattern.code, "organisation": organisation.public_id, "cases": more},
    )
    return finding if is_new else None
