"""The queue of complaints in its order, by desks, and the search in it.

It decides nothing and writes nothing. What lies on the desk for one case stands in `review.py`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from django.db.models import Case, Count, Exists, IntegerField, OuterRef, Q, QuerySet, Value, When
from django.utils import timezone
from django.utils.translation import gettext_lazy

from accounts.models import User
from complaints.models import Complaint, ComplaintTarget, Message, StatementOfReasons
from core import clock
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
    """How many complaints lie on each desk where something waits, in two queries; asked once for each request.

    What is over is not counted: it only grows, and nobody has to work it off.
    """
    known: dict[str, int] | None = getattr(user, "_desk_counts", None)
    if known is None:
        waiting = Complaint.objects.visible_to(user).filter(state__in=[State.RETURNED, *Complaint.WAITING])
        names = {f"n_{desk.name}": Count("pk", filter=desk.which(user)) for desk in DESKS if desk.is_counted}
        known = {name.removeprefix("n_"): n for name, n in waiting.aggregate(**names).items()}
        known["messages"] = Message.objects.unread_by_staff().values("complaint").distinct().count()
        user._desk_counts = known  # type: ignore[attr-defined]
    return known


def free_for(user: User) -> QuerySet:
    """What waits for the platform and nobody has, most urgent first; never a case of one's own."""
    free = Complaint.objects.visible_to(user).awaiting_staff().filter(assigned_to=None)
    own = list(user.memberships.values_list("organisation_id", flat=True))
    if own:
        sold = ComplaintTarget.objects.filter(Q(target__operator__in=own) | Q(target__shop__operator__in=own))
        free = free.exclude(organisation_id__in=own).exclude(pk__in=sold.values("complaint_id"))
    return in_order(free).order_by(*QUEUE_ORDER)


def search(complaints: QuerySet, words: str) -> QuerySet:
    """By number or public id of the case or a statement, by link, title or id of a target, or by the right."""
    words = words.strip()
    if not words:
        return complaints
    named = (
        Q(target__title__icontains=words)
        | Q(snapshot__title__icontains=words)
        | Q(target__external_id=words)
        | Q(target__public_id=words)
        | Q(public_id=words)
        | Q(link__icontains=words)
    )
    if "/" in words or words.startswith("#"):
        # The same thing has many links: what this one names is found under each of them.
        meant = [found.target.pk for found in resolve([words[:1000]]) if found.target is not None]
        named |= Q(target__in=meant)
    told = StatementOfReasons.objects.filter(Q(number__iexact=words) | Q(public_id=words))
    return complaints.filter(
        Q(number__iexact=words)
        | Q(public_id=words)
        | Q(filing__registration_number=words)
        | Q(filing__number__iexact=words)
        | Q(filing__title__icontains=words)
        | Q(pk__in=ComplaintTarget.objects.filter(named).values("complaint_id"))
        | Q(pk__in=told.values("decision__complaint_id"))
    )
