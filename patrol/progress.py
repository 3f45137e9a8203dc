"""How far a scan is: read for its page and for the command, never kept."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Max, Q, Sum

from core import clock
from patrol.models import Scan, ScanBatch

#: the pace is that of these last minutes
LATELY = timedelta(minutes=2)


@dataclass(frozen=True)
class Progress:
    """How far a scan is. `listings` grows until `scan.is_cut`."""

    scan: Scan
    listings: int
    done: int
    found: int
    #: batches that were given up, and the listings in them, at which nobody looked
    given_up: int
    listings_given_up: int
    left: int
    #: listings a minute, as it went lately; None while nothing can be said
    pace: int | None
    ends_at: datetime | None

    @property
    def percent(self) -> int:
        return 100 * self.done // self.listings if self.listings else 100 * self.scan.is_cut

    @property
    def is_under_way(self) -> bool:
        return self.scan.state in (Scan.State.RUNNING, Scan.State.PAUSED)

    @property
    def minutes_left(self) -> int | None:
        if self.ends_at is None:
            return None
        return max(1, round((self.ends_at - clock.now()) / timedelta(minutes=1)))


def progress_of(scan: Scan) -> Progress:
    """In one query."""
    now = clock.now()
    # Not across a pause, nor from before it began.
    since = max(now - LATELY, scan.state_since_at)
    is_open, is_done, is_dead = Q(done_at__isnull=True), Q(done_at__isnull=False), Q(dead_at__isnull=False)
    said = ScanBatch.objects.filter(scan=scan).aggregate(
        n_listings=Sum("listings"), n_done=Sum("listings", filter=is_done), n_found=Sum("found"),
        given_up=Count("pk", filter=is_dead), n_given_up=Sum("listings", filter=is_dead), left=Count("pk", filter=is_open),
        lately=Sum("listings", filter=Q(done_at__gt=since)), last_due_at=Max("due_at"),
    )  # fmt: skip
    listings, done, lately = said["n_listings"] or 0, said["n_done"] or 0, said["lately"] or 0
    seconds = (now - since).total_seconds()
    pace, ends_at = None, None
    if scan.state == Scan.State.RUNNING and lately and seconds >= 1:
        pace = round(lately * 60 / seconds)
        ends_at = now + timedelta(seconds=(listings - done) * seconds / lately)
        if scan.listings_a_minute and said["last_due_at"]:
            ends_at = max(ends_at, said["last_due_at"]) if not _is_held_back(pace, scan) else said["last_due_at"]
    return Progress(
        scan=scan, listings=listings, done=done, found=said["n_found"] or 0, given_up=said["given_up"],
        listings_given_up=said["n_given_up"] or 0, left=said["left"], pace=pace, ends_at=ends_at,
    )  # fmt: skip


def _is_held_back(pace: int, scan: Scan) -> bool:
    """Whether it goes as slowly as it was asked to, and not as this machine can."""
    return scan.listings_a_minute is not None and pace >= scan.listings_a_minute * 9 // 10
