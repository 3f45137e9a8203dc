"""The staff's desks of counter-notices: what waits for the platform, and what it watches. Nothing here writes."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q
from django.utils.translation import gettext_lazy

from accounts.models import User
from complaints.models import CounterNotice
from core import clock

State = CounterNotice.State
#: states in which it waits for the platform
WAITS = Q(state__in=[State.SUBMITTED, State.IN_REVIEW])


@dataclass(frozen=True)
class CounterDesk:
    """One tab of the list: its label, and a condition that is asked when it is opened."""

    name: str
    label: Any
    states: tuple[str, ...]
    is_counted: bool = True

    def which(self) -> Q:
        if self.name == "overdue":
            return WAITS & Q(deadline_at__lte=clock.now())
        return Q(state__in=self.states) if self.states else Q()


DESKS = (
    CounterDesk("", gettext_lazy("To do"), (State.SUBMITTED, State.IN_REVIEW)),
    CounterDesk("check", gettext_lazy("To check"), (State.SUBMITTED,)),
    CounterDesk("review", gettext_lazy("To decide anew"), (State.IN_REVIEW,)),
    CounterDesk("overdue", gettext_lazy("Overdue"), ()),
    CounterDesk("returned", gettext_lazy("Returned"), (State.RETURNED,)),
    CounterDesk("waiting", gettext_lazy("Waiting period"), (State.FORWARDED, State.WAITING)),
    CounterDesk("proceedings", gettext_lazy("In proceedings"), (State.IN_PROCEEDINGS,)),
    CounterDesk("over", gettext_lazy("Over"), (State.CONCLUDED, State.WITHDRAWN, State.LAPSED), is_counted=False),
    CounterDesk("all", gettext_lazy("All"), (), is_counted=False),
)
DESK = {desk.name: desk for desk in DESKS}


def desk_counts(user: User) -> dict[str, int]:
    """How many counter-notices lie on each desk that is not only growing, in one query; asked once for each request."""
    known: dict[str, int] | None = getattr(user, "_counter_desk_counts", None)
    if known is None:
        names = {f"n_{desk.name}": Count("pk", filter=desk.which()) for desk in DESKS if desk.is_counted}
        counted = CounterNotice.objects.visible_to(user).still_open().aggregate(**names)
        known = {name.removeprefix("n_"): n for name, n in counted.items()}
        user._counter_desk_counts = known  # type: ignore[attr-defined]
    return known
