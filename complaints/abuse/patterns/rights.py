"""Patterns about the right on which complaints rest: not in force, forged, later than the listing, squatted."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime

from django.db.models import F

from accounts.models import Organisation
from complaints.abuse.patterns.parts import (
    MOST_CASES,
    MOST_ROWS,
    Evidence,
    cases_of,
    complaints_since,
    dismissals_since,
    half_year,
    links_since,
    says,
)
from complaints.abuse.patterns.words import FORGED
from filings.models import Filing, GenuineSeller, RightKind

#: the rule of a dismissal because the right does not cover territory, class or time
NOT_COVERED = "D5"
DAYS, NOT_IN_FORCE, LATER = 180, 3, 2
#: rights that begin with a registration or certificate of something that anybody may have made
WORKS = frozenset(
    {RightKind.COPYRIGHT_WORK, RightKind.COPYRIGHT_SOFTWARE, RightKind.PATENT_DESIGN, RightKind.FIRST_PUBLICATION}
)
MARKS, CLASSES, DISMISSED_UNDER_MARKS = 8, 6, 3


def right_not_in_force(organisation: Organisation, at: datetime) -> Iterator[Evidence]:
    """Links dismissed because the right did not cover them, or complaints under a right that was revoked."""
    uncovered = dismissals_since(organisation, at, days=DAYS).filter(rule=NOT_COVERED)
    revoked = complaints_since(organisation, at, days=DAYS).filter(filing__state=Filing.State.REVOKED)
    links, under_revoked = uncovered.count(), cases_of(revoked, "public_id")
    if links >= NOT_IN_FORCE or under_revoked:
        cases = dict.fromkeys([*under_revoked, *cases_of(uncovered)])
        yield Evidence(half_year(at), list(cases)[:MOST_CASES], {"links": links, "revoked": len(under_revoked)})


def forged_papers(organisation: Organisation, at: datetime) -> Iterator[Evidence]:
    """A right that staff rejected or revoked, in words that say the paper was forged."""
    ended = Filing.objects.filter(organisation=organisation, state__in=[Filing.State.REJECTED, Filing.State.REVOKED])
    for right, note in ended.order_by("-pk").values_list("public_id", "review_note")[:MOST_ROWS]:
        if says(note, FORGED):
            under = complaints_since(organisation, at, days=2 * DAYS).filter(filing__public_id=right)
            yield Evidence(right, [right, *cases_of(under, "public_id")][:MOST_CASES], {"complaints": under.count()})


def later_works(organisation: Organisation, at: datetime) -> Iterator[Evidence]:
    """Links that the marketplace had shown before the work was registered."""
    earlier = links_since(organisation, at, days=DAYS).filter(
        complaint__filing__kind__in=WORKS, target__first_seen_at__date__lt=F("complaint__filing__valid_from_on")
    )
    by_right: dict[str, list[str]] = defaultdict(list)
    named = earlier.order_by("-pk").values_list("complaint__filing__public_id", "complaint__public_id")
    for right, case in named[:MOST_ROWS]:
        by_right[right].append(case)
    for right, cases in by_right.items():
        if len(cases) >= LATER:
            yield Evidence(right, [right, *dict.fromkeys(cases)][:MOST_CASES], {"links": len(cases)})


def squatted_marks(organisation: Organisation, at: datetime) -> Iterator[Evidence]:
    """Many marks in many unrelated classes, no genuine seller under any of them, and complaints that were dismissed."""
    marks = Filing.objects.filter(organisation=organisation, kind=RightKind.TRADEMARK).exclude(state=Filing.State.DRAFT)
    held = list(marks.order_by("pk").values_list("public_id", "nice_classes")[:MOST_ROWS])
    classes = {number for _right, numbers in held for number in numbers or ()}
    if len(held) < MARKS or len(classes) < CLASSES or GenuineSeller.objects.filter(filing__in=marks).exists():
        return
    dismissed = dismissals_since(organisation, at, days=365).filter(
        decision__complaint__filing__kind=RightKind.TRADEMARK
    )
    links = dismissed.count()
    if links >= DISMISSED_UNDER_MARKS:
        cases = [*cases_of(dismissed), *(right for right, _classes in held)]
        figures = {"marks": len(held), "classes": len(classes), "links": links}
        yield Evidence(f"{at:%Y}", cases[:MOST_CASES], figures)
