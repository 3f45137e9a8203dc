"""A day of the staff: what came in, was decided, taken down and put up again, by hour and queue; what waits, and who has how much.

The past is read from the ledger, by the kinds of entries that `ippro/queues.py` names; what waits is as it is now. The number of
queries is the same however much there is, and each reads what happened on that day or what waits.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Count
from django.db.models.functions import ExtractHour
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from accounts.models import User
from complaints import review
from complaints.models import Complaint, ReviewerProfile
from core import clock
from core.charts import bars
from core.models import LedgerEntry
from core.servicelevels import Queue, Standing, queues, standings
from core.spreadsheet import as_csv
from governance.models import Appeal

DOWN, UP = "hold.placed", "hold.released"
TABLES = ("hours", "queues", "reviewers")


@dataclass
class Hour:
    """What happened in one hour of a day."""

    label: str
    came: int = 0
    decided: int = 0
    down: int = 0
    up: int = 0


@dataclass
class Line:
    """One queue: what came and went on the day, and how it stands now."""

    queue: Queue
    came: int = 0
    decided: int = 0
    waiting: int = 0
    late: int = 0
    oldest_at: datetime | None = None

    @property
    def tells_arrivals(self) -> bool:
        return bool(self.queue.arrivals)


@dataclass
class Reviewer:
    """Somebody who decides: what lies on their desk now, and what they worked off on the day."""

    person: User
    complaints: int = 0
    appeals: int = 0
    done: int = 0
    profile: ReviewerProfile | None = None


@dataclass(frozen=True)
class Day:
    """One day, whole or of one queue."""

    on: date
    queue: Queue | None
    hours: list[Hour]
    lines: list[Line]
    reviewers: list[Reviewer]
    whole: Hour = field(default_factory=lambda: Hour(""))


def day_of(on: date, queue: Queue | None = None) -> Day:
    """What a day was like; the hours are those of the platform's time zone. Eight queries."""
    counted = _counted(on)
    chosen = [queue] if queue else list(queues())
    hours = [Hour(f"{n:02d}:00") for n in range(24)]
    arrivals = {kind for q in chosen for kind in q.arrivals}
    steps = {kind for q in chosen for kind in q.steps}
    for (kind, hour), n in counted.items():
        hours[hour].came += n * (kind in arrivals)
        hours[hour].decided += n * (kind in steps)
        hours[hour].down += n * (kind == DOWN)
        hours[hour].up += n * (kind == UP)
    whole = Hour("", *(sum(getattr(h, name) for h in hours) for name in ("came", "decided", "down", "up")))
    by_kind = Counter[str]()
    for (kind, _hour), n in counted.items():
        by_kind[kind] += n
    lines = {q.name: Line(q, _sum(by_kind, q.arrivals), _sum(by_kind, q.steps)) for q in queues()}
    for standing in standings():
        _add(lines[standing.queue.name], standing)
    return Day(on, queue, hours, list(lines.values()), _reviewers(on), whole)


def _sum(counted: Counter[str], kinds: Sequence[str]) -> int:
    return sum(counted[kind] for kind in kinds)


def _add(line: Line, standing: Standing) -> None:
    line.waiting += standing.waiting
    line.late += standing.late
    if standing.oldest_at and (line.oldest_at is None or standing.oldest_at < line.oldest_at):
        line.oldest_at = standing.oldest_at


def _entries(on: date) -> Any:
    begins = timezone.make_aware(datetime.combine(on, time.min))
    ends = timezone.make_aware(datetime.combine(on + timedelta(days=1), time.min))
    return LedgerEntry.objects.filter(at__gte=begins, at__lt=ends).order_by()


def _counted(on: date) -> dict[tuple[str, int], int]:
    """How many entries of each kind that counts there were in each hour."""
    kinds = {DOWN, UP} | {kind for queue in queues() for kind in (*queue.arrivals, *queue.steps)}
    rows = _entries(on).filter(kind__in=kinds).annotate(hour=ExtractHour("at")).values_list("kind", "hour")
    return {(kind, hour): n for kind, hour, n in rows.annotate(n=Count("pk"))}


def _reviewers(on: date) -> list[Reviewer]:
    """Everybody with something on their desk, or who worked something off on the day, by name."""
    steps = {kind for queue in queues() for kind in queue.steps}
    done = dict(
        _entries(on).filter(kind__in=steps).exclude(actor="system").values_list("actor").annotate(n=Count("pk"))
    )
    complaints = dict(
        Complaint.objects.awaiting_staff().exclude(assigned_to=None).order_by().values_list("assigned_to").annotate(n=Count("pk"))
    )  # fmt: skip
    appeals = dict(
        Appeal.objects.awaiting_staff().exclude(assigned_to=None).order_by().values_list("assigned_to").annotate(n=Count("pk"))
    )  # fmt: skip
    at_work = User.objects.filter(is_staff=True, public_id__in=done)
    people = at_work | User.objects.filter(pk__in={*complaints, *appeals})
    found = [
        Reviewer(
            person, complaints.get(person.pk, 0), appeals.get(person.pk, 0), done.get(person.public_id, 0),
            getattr(person, "reviewer_profile", None),
        )
        for person in people.select_related("reviewer_profile")
    ]  # fmt: skip
    return sorted(found, key=lambda line: (review.staff_name(line.person), line.person.pk))


# --- pages ----------------------------------------------------------------------------------------------------


@require_safe
def day(request: HttpRequest) -> HttpResponse:
    """The dashboard of one day: pictures, the same as tables, and what waits now."""
    _staff_only(request)
    found = day_of(_day(request), _queue(request))
    context = {
        **admin.site.each_context(request), "title": _("A day"), "day": found, "today": clock.today(),
        "before": found.on - timedelta(days=1), "after": found.on + timedelta(days=1),
        "queues": queues(), "charts": _charts(found),
        "lines": [(line, reverse(f"admin:{line.queue.place}_changelist") + (f"?{line.queue.query}" if line.queue.query else "")) for line in found.lines],
    }  # fmt: skip
    return TemplateResponse(request, "admin/day.html", context)


@require_safe
def download(request: HttpRequest, name: str) -> StreamingHttpResponse:
    """One of the tables of a day."""
    _staff_only(request)
    if name not in TABLES:
        raise Http404
    found = day_of(_day(request), _queue(request))
    answer = StreamingHttpResponse(as_csv(_table(found, name)), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="day-{found.on:%Y-%m-%d}-{name}.csv"'
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


def _staff_only(request: Any) -> None:
    if not getattr(request.user, "staff_roles", None):
        raise PermissionDenied


def _day(request: HttpRequest) -> date:
    """The day that was asked for; what is none, or lies ahead, is today."""
    try:
        asked = date.fromisoformat(request.GET.get("on", ""))
    except ValueError:
        return clock.today()
    return asked if date(2000, 1, 1) <= asked <= clock.today() else clock.today()


def _queue(request: HttpRequest) -> Queue | None:
    return next((queue for queue in queues() if queue.name == request.GET.get("queue")), None)


def _charts(found: Day) -> list[tuple[str, Any]]:
    columns = [(hour.label, hour.label[:2]) for hour in found.hours]

    def numbers(name: str) -> list[float]:
        return [float(getattr(hour, name)) for hour in found.hours]

    decided = bars(
        columns, _("Came in and decided, by hour; the table says the same"),
        [("found", pgettext("how many", "came in"), numbers("came")), ("upheld", pgettext("how many", "decided"), numbers("decided"))],
    )  # fmt: skip
    held = bars(
        columns, _("Taken down and put up again, by hour; the table says the same"),
        [("upheld", pgettext("how many", "taken down"), numbers("down")), ("dismissed", pgettext("how many", "put up again"), numbers("up"))],
    )  # fmt: skip
    return [(_("Came in and decided"), decided), (_("Taken down and put up again"), held)]


def _table(found: Day, name: str) -> Iterator[tuple[Any, ...]]:
    if name == "hours":
        yield ("hour", "came_in", "decided", "taken_down", "put_up_again")
        for hour in found.hours:
            yield (hour.label, hour.came, hour.decided, hour.down, hour.up)
    elif name == "queues":
        yield ("queue", "came_in", "decided", "waiting_now", "late_now", "oldest_since")
        for line in found.lines:
            oldest = timezone.localtime(line.oldest_at).isoformat(timespec="minutes") if line.oldest_at else ""
            came = line.came if line.tells_arrivals else ""
            yield (str(line.queue.label), came, line.decided, line.waiting, line.late, oldest)
    else:
        yield ("reviewer", "complaints_on_desk", "appeals_on_desk", "decided", "cases_a_day")
        for row in found.reviewers:
            capacity = row.profile.daily_capacity if row.profile else ""
            yield (review.staff_name(row.person), row.complaints, row.appeals, row.done, capacity)
