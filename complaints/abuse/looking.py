"""Looking for the patterns in what complainants did: soon after each act, and once a day.

Who is looked at next stands in rows (`Look.due_at`), so that a look that was cut short goes on where it stopped. What
is found is written and nothing else happens: staff confirm or dismiss it (`findings.py`).
"""

import logging
import time
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from accounts.models import Organisation
from complaints.abuse.patterns import PATTERNS, Evidence, Pattern
from complaints.models import AbuseCase, AbuseFinding, Complaint, Look
from core import clock, ledger

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
def look_for_patterns(organisation: Organisation, at: datetime) -> list[AbuseFinding]:
    """Look for every pattern in what a complainant did; returns the findings that are new."""
    return [
        finding
        for pattern in PATTERNS.values()
        for evidence in pattern.find(organisation, at)
        if (finding := _write(organisation, pattern, evidence, at)) is not None
    ]


def _write(organisation: Organisation, pattern: Pattern, evidence: Evidence, at: datetime) -> AbuseFinding | None:
    """The finding of one occasion, once; while nobody has decided on it, further cases join it."""
    finding, is_new = AbuseFinding.objects.get_or_create(
        organisation=organisation, pattern=pattern.code, key=evidence.key,
        defaults={"figures": dict(evidence.figures), "found_at": at},
    )  # fmt: skip
    if finding.state != AbuseFinding.State.OPEN:
        return None
    known = set() if is_new else set(finding.cases.values_list("case", flat=True))
    more = [case for case in evidence.cases if case not in known]
    AbuseCase.objects.bulk_create([AbuseCase(finding=finding, case=case, found_at=at) for case in more])
    if more:
        if not is_new:
            finding.figures = dict(evidence.figures)
            finding.save(update_fields=["figures"])
        ledger.record(
            kind="abuse.found",
            subject=finding.public_id,
            payload={"pattern": pattern.code, "organisation": organisation.public_id, "cases": more},
        )
    return finding if is_new else None
