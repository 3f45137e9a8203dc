"""The queue of complaints in its order, by desks, and the search in it.

It decides nothing and writes nothing. What lies on the desk for one case stands in `review.py`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from django.db.models import Case, Exists, IntegerField, Max, OuterRef, Q, QuerySet, Value, When
from django.utils import timezone
from django.utils.translation import gettext_lazy

from accounts.models import Organisation, User
from complaints.models import Complaint, ComplaintTarget, Message, StatementOfReasons
from core import clock
from core.pages import MANY, count_all
from filings.models import Filing
from marketplace import titles
from marketplace.links import resolve

State = Complaint.State


class Urgency:
    OVERDUE, TODAY, TOMORROW, LATER, NONE = range(5)


def in_order(complaints: QuerySet) -> QuerySet:
    """By deadline and risk: overdue, due today, tomorrow, later; inside each the riskiest first."""
    now = clock.now()
    midnight = timezone.make_aware(datetime.combine(clock.today() + timedelta(days=1), time.min))
    return complaints.annotate(
        urgency=Case(
            When(deadline_at__isnull=True, then=Value(Urgency.NONE)),
            When(deadline_at__lte=now, then=Value(Urgency.OVERDUE)),
            When(deadline_at__lt=midnight, then=Value(Urgency.TODAY)),
            When(deadline_at__lt=midnight + timedelta(days=1), then=Value(Urgency.TOMORROW)),
            default=Value(Urgency.LATER),
            output_field=IntegerField(),
        )
    )


QUEUE_ORDER = ("urgency", "-risk", "deadline_at", "pk")
NEWEST_FIRST = ("-state_since_at", "-pk")
WAITING = Q(state__in=Complaint.WAITING)
#: what a party wrote and no reviewer has read
UNREAD = Message.objects.unread_by_staff().filter(complaint=OuterRef("pk"))


@dataclass(frozen=True)
class Desk:
    """One tab of the queue: its label and which complaints lie there."""

    name: str
    label: Any
    which: Callable[[User], Q]
    order: tuple[str, ...] = QUEUE_ORDER
    is_counted: bool = True


DESKS = (
    Desk("", gettext_lazy("To do"), lambda user: WAITING),
    Desk("door", gettext_lazy("At the door"), lambda user: Q(state=State.SUBMITTED)),
    Desk("decide", gettext_lazy("To decide"), lambda user: Q(state=State.ACCEPTED)),
    Desk("mine", gettext_lazy("Mine"), lambda user: WAITING & Q(assigned_to=user)),
    Desk("nobody", gettext_lazy("Nobody's"), lambda user: WAITING & Q(assigned_to=None)),
    Desk("overdue", gettext_lazy("Overdue"), lambda user: WAITING & Q(deadline_at__lte=clock.now())),
    Desk("messages", gettext_lazy("Messages"), lambda user: Q(Exists(UNREAD)), NEWEST_FIRST, is_counted=False),
    Desk("returned", gettext_lazy("Returned"), lambda user: Q(state=State.RETURNED)),
    Desk(
        "decided",
        gettext_lazy("Decided"),
        lambda user: Q(
            state__in=[State.UPHELD, State.DISMISSED, State.NOTIFIED, State.COUNTERED, State.CLOSED, State.REJECTED]
        ),
        NEWEST_FIRST,
        is_counted=False,
    ),
    Desk("all", gettext_lazy("All"), lambda user: Q(), NEWEST_FIRST, is_counted=False),
)
DESK = {desk.name: desk for desk in DESKS}


def desk_counts(user: User) -> dict[str, int]:
    """How many complaints lie on each desk where something waits, no further than `MANY`, in one query for each request.

    What is over is not counted: it only grows, and nobody has to work it off.
    """
    known: dict[str, int] | None = getattr(user, "_desk_counts", None)
    if known is None:
        seen = Complaint.objects.visible_to(user)
        desks = {desk.name: seen.filter(desk.which(user)) for desk in DESKS if desk.is_counted}
        # None of them is hidden from anybody (`complaints/hidden.py`): what a party wrote goes before a blind look.
        written_to = Message.objects.unread_by_staff().values("complaint").distinct()
        known = count_all(desks | {"messages": written_to}, most=MANY)
        user._desk_counts = known  # type: ignore[attr-defined]
    return known


def free_for(user: User) -> QuerySet:
    """What waits for the platform and nobody has, most urgent first; never a case of one's own."""
    free = Complaint.objects.visible_to(user).of_others(user).awaiting_staff().filter(assigned_to=None)
    return in_order(free).order_by(*QUEUE_ORDER)


#: a search by words finds so many of the newest hits of each kind, and looks through so many of the newest links as they
#: looked when they were complained of
HITS, LOOKED_THROUGH = 500, 5_000


def search(complaints: QuerySet, words: str) -> QuerySet:
    """By number or id of the case, a statement, a right or a target, by link; else by words of a title or a name.

    What is known exactly answers at once; only what names nothing is looked for in titles. Each kind of hit is a statement of
    its own with its index: joined by "or" PostgreSQL would read every complaint and every link.
    """
    words = words.strip()
    if not words:
        return complaints
    # No title and no name is as long, nor has a null byte.
    if "\x00" in words or len(words) > 1000:
        return complaints.none()
    found = _named(words) or _titled(words)
    return complaints.filter(pk__in=found)


def _named(words: str) -> set[int]:
    """Cases that a number, an id or a link names."""
    number = words.upper()
    links = ComplaintTarget.objects.all()
    parts = [
        Complaint.objects.filter(Q(number=number) | Q(public_id=words)).values_list("pk"),
        Complaint.objects.filter(filing__in=_rights_named(words, number)).order_by("-pk").values_list("pk")[:HITS],
        StatementOfReasons.objects.filter(Q(number=number) | Q(public_id=words)).values_list("decision__complaint_id"),
        links.filter(target__in=_targets_named(words)).order_by("-pk").values_list("complaint_id")[:HITS],
    ]
    return {pk for part in parts for (pk,) in part}


def _rights_named(words: str, number: str) -> list[int]:
    named = Filing.objects.filter(Q(registration_number=words) | Q(number=number) | Q(public_id=words))
    return list(named.values_list("pk", flat=True)[:HITS])


def _targets_named(words: str) -> list[int]:
    """Targets by their id or a link to them: the same thing has many links, and is found under each."""
    meant: list[int] = []
    if "/" in words or words.startswith("#"):
        meant = [found.target.pk for found in resolve([words]) if found.target is not None]
    return [*meant, *titles.named(words)]


def _titled(words: str) -> set[int]:
    """The newest cases about a thing, a shop, a right or a complainant with these words in its title or name."""
    rights = list(Filing.objects.filter(title__icontains=words).values_list("pk", flat=True)[:HITS])
    holders = list(Organisation.objects.filter(name__icontains=words).values_list("pk", flat=True)[:HITS])
    things = titles.with_words(words)
    newest = ComplaintTarget.objects.aggregate(n=Max("pk"))["n"] or 0
    said = Q(snapshot__title__icontains=words) | Q(snapshot__seller__icontains=words) | Q(link__icontains=words)
    cases = (Q(filing__in=rights), Q(organisation__in=holders))
    links = (Q(target__in=things), Q(target__shop__in=things), Q(pk__gt=newest - LOOKED_THROUGH) & said)
    parts = [
        *(Complaint.objects.filter(which).order_by("-pk").values_list("pk", flat=True)[:HITS] for which in cases),
        *(ComplaintTarget.objects.filter(which).order_by("-pk").values_list("complaint_id", flat=True)[:HITS] for which in links),
    ]  # fmt: skip
    return {pk for part in parts for pk in part}
