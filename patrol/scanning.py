"""Looking at what is on sale: each new version of a listing once in effect, and whole markets in batches.

A target that changes, or about which something is learned, is owed a look (`owe`, `inspect_due`). A scan is cut into
batches by the database keys of what is on sale (`cut`), which any number of workers take (`scan_due`). Both look with
no transaction open and write what they found together with its end, so that a worker may be killed at any line: its
lease runs out and the next one looks again. What changes while it is looked at stays due, and writes nothing meanwhile.
"""

import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from celery.exceptions import SoftTimeLimitExceeded
from django.db import transaction
from django.db.models import F, Max, Min, Q, QuerySet, Sum
from django.utils.translation import gettext as _

from accounts.models import User
from core import clock, ledger
from core.errors import Forbidden, Invalid, WrongState
from core.ids import draw, next_number
from core.lifecycle import lock
from core.obligations import BEGUN
from core.outbox import hint
from core.retries import retry_given_up
from marketplace.models import Marketplace, Target
from patrol import inspecting, services
from patrol.inspecting import Found
from patrol.lifecycle import OPEN, SCANS, UNDER_WAY, whoever_scans
from patrol.models import Candidate, Inspection, Scan, ScanBatch, ScanPace, WatchProfile

log = logging.getLogger("ippro.patrol")

#: targets that are inspected together: one pass over all terms, one transaction
BATCH = 200
#: targets of one batch of a scan, and batches that are cut in one transaction
SCAN_BATCH = 500
CUT_AT_ONCE = 20
#: batches of one task: a worker gets back to what is new within seconds
BATCHES = 4
#: a worker that is killed keeps what it had taken from others no longer than this
LEASE = timedelta(minutes=2)
#: a batch of which so many workers died goes to the inspections, where each listing stands by itself
DEATHS = 3
CHUNK = 400


def on_sale() -> QuerySet[Target]:
    """What is there to be looked at: everything but what the marketplace removed, or never described."""
    return Target.objects.exclude(observed=Target.Observed.MISSING).filter(version__gt=0)


def _load(targets: QuerySet[Target]) -> QuerySet[Target]:
    return targets.select_related("marketplace", "shop")


# --- each listing by itself ---------------------------------------------------------------------------------


def target_changed(subject: str) -> None:
    """A target is new or says something new of itself: it is looked at. Consumer of `target.changed`.

    A shop may have got its operator, and with it leave to sell: what was found in it is looked at again.
    """
    targets = Target.objects.filter(public_id=subject)
    for shop in targets.filter(kind=Target.Kind.SHOP):
        found = Candidate.objects.filter(target__shop=shop, state__in=OPEN)
        targets = Target.objects.filter(Q(pk=shop.pk) | Q(pk__in=found.values("target_id")))
    owe(targets)


def seller_changed(subject: str) -> None:
    """Whose goods a shop may sell is another question now: all that it has on sale is looked at. Consumer of `seller.changed`."""
    shop = Target.objects.filter(public_id=subject, kind=Target.Kind.SHOP).first()
    if shop is not None:
        owe(on_sale().filter(Q(pk=shop.pk) | Q(shop=shop)))


def owe(targets: QuerySet[Target]) -> int:
    """Owe each of these targets a look, also those that were given up; returns how many.

    Who looks at one of them at this moment looks once more. Without number they are owed chunk by chunk, in one order.
    """
    owed, last = 0, 0
    known = targets.order_by("pk").values_list("pk", "marketplace_id")
    while chunk := list(known.filter(pk__gt=last)[:CHUNK]):
        at = clock.now()
        Inspection.objects.bulk_create(
            [Inspection(target_id=pk, marketplace_id=mall, due_at=at) for pk, mall in chunk],
            update_conflicts=True, unique_fields=["target"],
            update_fields=["due_at", "leased_until", "dead_at", "attempts", "last_error"],
        )  # fmt: skip
        last, owed = chunk[-1][0], owed + len(chunk)
    if owed:
        hint("patrol.tasks.inspect_due", queue="patrol")
    return owed


def inspect_due(limit: int = BATCH) -> int:
    """Look at up to `limit` targets that are due; returns how many were tried.

    Those of which a worker died before are looked at by themselves, after the others.
    """
    rows = _in_turn(limit)
    fresh = [row for row in rows if row.last_error != BEGUN]
    suspects = [row for row in rows if row.last_error == BEGUN]
    mine = {"leased_until__in": {row.leased_until for row in rows}}
    if suspects:
        # Of these one killed its worker: who it is shows when they are begun one by one.
        Inspection.objects.filter(pk__in=[row.pk for row in suspects], **mine).update(last_error="")
    if fresh:
        Inspection.objects.filter(pk__in=[row.pk for row in fresh], **mine).update(last_error=BEGUN)
        _inspect_together(fresh)
    _inspect_each(suspects)
    if len(rows) == limit:
        hint("patrol.tasks.inspect_due", queue="patrol")
    return len(rows)


def _in_turn(limit: int) -> list[Inspection]:
    """What is due, of each marketplace its share first: a million listings of one keep no other waiting."""
    malls = list(Marketplace.objects.values_list("pk", flat=True))
    rows: list[Inspection] = []
    if len(malls) > 1:
        for mall in malls:
            rows += Inspection.objects.filter(marketplace=mall).claim(limit // len(malls), lease=LEASE)
    return rows + Inspection.objects.all().claim(limit - len(rows), lease=LEASE)


def _inspect_together(rows: Sequence[Inspection]) -> None:
    try:
        _inspect(rows)
    except SoftTimeLimitExceeded:
        raise
    except Exception:
        log.exception("%d targets could not be inspected together: one by one", len(rows))
        _inspect_each(rows)


def _inspect_each(rows: Sequence[Inspection]) -> None:
    for row in rows:
        if not row.begin(lease=LEASE):
            continue
        try:
            _inspect([row])
        except Exception as failure:  # a poison listing stops no other
            log.exception("target %s could not be inspected", row.target_id)
            row.put_off(f"{type(failure).__name__}: {failure}")
            if isinstance(failure, SoftTimeLimitExceeded):
                raise


def _inspect(rows: Sequence[Inspection]) -> None:
    targets = {target.pk: target for target in _load(Target.objects.filter(pk__in=[row.target_id for row in rows]))}
    found = inspecting.inspect([target for target in targets.values() if _is_on_sale(target)])
    leases = {row.pk: row.leased_until for row in rows}
    with transaction.atomic():
        locked = Inspection.objects.filter(pk__in=leases).select_for_update(of=("self",), no_key=True).order_by("pk")
        # Owed anew or somebody else's in the meantime: they do it.
        mine = [row for row in locked if row.leased_until == leases[row.pk]]
        as_seen = _as_seen(targets)
        by_version: dict[int, list[int]] = defaultdict(list)
        for row in mine:
            if row.target_id in as_seen:
                by_version[targets[row.target_id].version].append(row.pk)
        settled = [row for row in mine if row.target_id in as_seen]
        _write(found, [targets[row.target_id] for row in settled], source=Candidate.Source.FEED)
        at = clock.now()
        for version, pks in by_version.items():
            Inspection.objects.filter(pk__in=pks).update(
                inspected_version=version, inspected_at=at, done_at=at, due_at=None, leased_until=None, dead_at=None,
                attempts=0, last_error="",
            )  # fmt: skip
        changed = [row.pk for row in mine if row.target_id not in as_seen]
        Inspection.objects.filter(pk__in=changed).update(leased_until=None, attempts=0, last_error="")


def _is_on_sale(target: Target) -> bool:
    return target.observed != Target.Observed.MISSING and target.version > 0


def _as_seen(targets: Mapping[int, Target]) -> set[int]:
    """Those that are still as they were looked at.

    They are not locked: one that changes right after this question owes itself a look by that change, which waits until
    what is written here stands. And whoever decides on a candidate holds it while it locks the target.
    """
    now = Target.objects.filter(pk__in=targets).values_list("pk", "version", "observed")
    return {pk for pk, version, observed in now if (version, observed) == (targets[pk].version, targets[pk].observed)}


def _write(
    found: Iterable[Found], looked_at: Sequence[Target], *, source: str, scan: Scan | None = None
) -> list[Found]:  # fmt: skip
    """Write down what was found of these targets; what of them is not found any more is gone. Returns what was found."""
    these = {target.pk for target in looked_at}
    of_these = [one for one in found if one.target.pk in these]
    if looked_at:
        profile = scan.profile if scan else None
        services.write_candidates(of_these, looked_at=looked_at, source=source, scan=scan, profile=profile)
    return of_these


def retry_inspection(*, row: Inspection, by: User) -> None:
    """Staff have a target that was given up inspected once more. Raises Forbidden, NotDead."""
    if not whoever_scans(row, by):
        raise Forbidden()
    task, subject = "patrol.tasks.inspect_due", row.target.public_id
    retry_given_up(row=row, by=by, kind="inspection.retried", subject=subject, task=task, queue="patrol")


# --- whole markets ------------------------------------------------------------------------------------------


@transaction.atomic
def start(
    *, by: User | None, marketplace: Marketplace | None = None, profile: WatchProfile | None = None,
    listings_a_minute: int | None = None,
) -> Scan:  # fmt: skip
    """Start to look at everything that is on sale: everywhere or on one marketplace, for all profiles or for one.

    `listings_a_minute` is the pace on each marketplace. `by` None: a command, or the calendar. Raises Forbidden, Invalid
    (by `profile` or `listings_a_minute`), WrongState while the same is under way already.
    """
    at = clock.now()
    # Whoever draws a number holds the series: of two that start the same the second one sees the first.
    scan = Scan(
        number=next_number("SC", at.year), marketplace=marketplace, profile=profile, started_by=by,
        listings_a_minute=listings_a_minute, state_since_at=at, created_at=at,
    )  # fmt: skip
    if not whoever_scans(scan, by):
        raise Forbidden()
    if profile is not None and profile.state != WatchProfile.State.WATCHING:
        raise Invalid(_("This profile does not watch. Start it first."), field="profile")
    if listings_a_minute is not None and not 0 < listings_a_minute < 10**8:
        raise Invalid(_("At least one listing a minute, or nothing: as fast as it goes."), field="listings_a_minute")
    _refuse_a_second(scan)
    scan.save()
    of = {"marketplace": marketplace and marketplace.public_id, "profile": profile and profile.public_id}
    ledger.record(kind="scan.start", subject=scan.public_id, actor=by, payload=of)
    _hint()
    return scan


def _refuse_a_second(scan: Scan) -> None:
    """The same scan runs once at a time. Raises WrongState."""
    same = Scan.objects.filter(marketplace=scan.marketplace_id, profile=scan.profile_id, state__in=UNDER_WAY)
    if other := same.exclude(pk=scan.pk).first():
        raise WrongState(_("This scan is under way already: %(number)s.") % {"number": other.number})


def _hint() -> None:
    hint("patrol.tasks.scan_due", queue="patrol")


@transaction.atomic
def pause(*, scan: Scan, by: User | None) -> Scan:
    """Take up no further batch; those that are being looked at are ended. Raises Forbidden, WrongState."""
    scan = lock(scan)
    SCANS.fire(scan, "pause", actor=by)
    return scan


@transaction.atomic
def resume(*, scan: Scan, by: User | None) -> Scan:
    """Go on where it stopped, at the pace that it had. Raises Forbidden, WrongState."""
    scan = lock(scan)
    paused_at = scan.state_since_at
    SCANS.fire(scan, "resume", actor=by)
    waited = scan.state_since_at - paused_at
    scan.batches.open().filter(due_at__isnull=False).update(due_at=F("due_at") + waited)
    _hint()
    return scan


@transaction.atomic
def cancel(*, scan: Scan, by: User | None) -> Scan:
    """Look at nothing more; what was found stays. Raises Forbidden, WrongState."""
    scan = lock(scan)
    SCANS.fire(scan, "cancel", actor=by)
    scan.batches.open().update(due_at=None, leased_until=None)
    return scan


@transaction.atomic
def retry_scan(*, scan: Scan, by: User) -> Scan:
    """Look once more at all that was given up of a scan; one that is over goes on with that, and is finished anew.

    Raises Forbidden, WrongState.
    """
    scan = lock(scan)
    if not whoever_scans(scan, by):
        raise Forbidden()
    dead = list(scan.batches.dead().order_by("pk"))
    if not dead:
        raise WrongState(_("Nothing of this scan was given up."))
    _reopen(scan, by)
    for batch in dead:
        _retry(batch, by)
    return scan


def retry_batch(*, row: ScanBatch, by: User) -> None:
    """Staff have a batch that was given up looked at once more. Raises Forbidden, WrongState."""
    if not whoever_scans(row.scan, by):
        raise Forbidden()
    with transaction.atomic():
        _reopen(lock(row.scan), by)
        _retry(row, by)


def _retry(batch: ScanBatch, by: User) -> None:
    task, subject = "patrol.tasks.scan_due", batch.scan.public_id
    retry_given_up(row=batch, by=by, kind="scan.batch_retried", subject=subject, task=task, queue="patrol")


def _reopen(scan: Scan, by: User) -> None:
    """A scan that is over runs again for what was given up of it. Raises WrongState."""
    if scan.state == Scan.State.CANCELLED:
        raise WrongState(_("This scan was cancelled. Start a new one: it looks at what was left too."))
    if scan.state == Scan.State.FINISHED:
        # Whoever draws a number of scans holds the series, as `start` does: two of the same never run.
        draw("SC", clock.now().year, 0)
        _refuse_a_second(scan)
        scan.finished_at = None
        SCANS.fire(scan, "reopen", actor=by, writes=["finished_at"])


def scan_due(limit: int = BATCHES) -> int:
    """Cut what has begun, and look at up to `limit` batches that are due; returns how many were tried.

    All of it can be done by several workers at once, and each part of it twice.
    """
    running = Scan.objects.filter(state=Scan.State.RUNNING)
    for scan in running.filter(is_cut=False):
        try:
            while cut(scan):
                pass
        except SoftTimeLimitExceeded:
            raise
        except Exception:  # one that cannot be cut stops no other, and is cut in the next turn
            log.exception("%s could not be cut", scan.number)
    tried = 0
    for batch in islice(_batches(), limit):
        tried += 1
        _scan_batch(batch)
    for scan in running.filter(is_cut=True):
        _finish(scan)
    if tried == limit:
        _hint()
    return tried


def _batches() -> Iterable[ScanBatch]:
    """Batches that are due, each leased when it is asked for, none of a marketplace whose pace is used up."""
    due = ScanBatch.objects.filter(scan__state=Scan.State.RUNNING).select_related("scan__profile")
    while True:
        claimed: list[ScanBatch] = due.exclude(marketplace__in=_busy()).claim(1, lease=LEASE)
        if not claimed:
            return
        if _keeps_the_pace(claimed[0]):
            yield claimed[0]


def _busy() -> list[int]:
    """Marketplaces whose pace is used up for now; nobody keeps to that of a scan that runs no more."""
    paced = Scan.objects.filter(state=Scan.State.RUNNING, listings_a_minute__isnull=False)
    malls = set(paced.values_list("marketplace", flat=True))
    busy = ScanPace.objects.filter(free_at__gt=clock.now()).values_list("marketplace", flat=True) if malls else ()
    return [mall for mall in busy if None in malls or mall in malls]


@transaction.atomic
def _keeps_the_pace(batch: ScanBatch) -> bool:
    """Whether this batch may be looked at now; it takes the marketplace for as long as its listings may last.

    All scans that run on a marketplace keep to the slowest pace that was asked for one of them, together, whatever was
    paused, resumed, tried again, or waited for workers.
    """
    here = Q(marketplace=batch.marketplace_id) | Q(marketplace=None)
    running = Scan.objects.filter(here, state=Scan.State.RUNNING)
    slowest = running.aggregate(least=Min("listings_a_minute"))["least"]
    if slowest is None:
        return True
    at = clock.now()
    ScanPace.objects.bulk_create([ScanPace(marketplace_id=batch.marketplace_id, free_at=at)], ignore_conflicts=True)
    pace = ScanPace.objects.select_for_update(no_key=True).get(marketplace=batch.marketplace_id)
    if pace.free_at > at:
        # Another worker was quicker. Nobody looked, so that the attempt does not count.
        ScanBatch.objects.filter(pk=batch.pk, leased_until=batch.leased_until).update(
            leased_until=None, attempts=F("attempts") - 1
        )
        return False
    pace.free_at = at + timedelta(minutes=batch.listings / slowest)
    pace.save(update_fields=["free_at"])
    return True


@transaction.atomic
def cut(scan: Scan) -> bool:
    """Cut the next batches of a scan; false when there is nothing left to cut.

    It goes on behind the last batch that stands, so that it may die anywhere.
    """
    scan = lock(scan)
    if scan.state != Scan.State.RUNNING or scan.is_cut:
        return False
    known = scan.batches.values("marketplace").annotate(last=Max("last"), listings=Sum("listings"))
    last, so_far = 0, defaultdict[int, int](int)
    for row in known:
        last, so_far[row["marketplace"]] = max(last, row["last"]), row["listings"]
    there = on_sale().filter(pk__gt=last).order_by("pk")
    if scan.marketplace_id:
        there = there.filter(marketplace=scan.marketplace_id)
    found = list(there.values_list("pk", "marketplace_id")[: SCAN_BATCH * CUT_AT_ONCE])
    by_mall: dict[int, list[int]] = defaultdict(list)
    for pk, mall in found:
        by_mall[mall].append(pk)
    batches = []
    for mall, pks in by_mall.items():
        for part in (pks[start : start + SCAN_BATCH] for start in range(0, len(pks), SCAN_BATCH)):
            batches.append(
                ScanBatch(
                    scan=scan, marketplace_id=mall, first=part[0], last=part[-1], listings=len(part),
                    due_at=_due_at(scan, so_far[mall]),
                )
            )  # fmt: skip
            so_far[mall] += len(part)
    ScanBatch.objects.bulk_create(sorted(batches, key=lambda batch: batch.first))
    scan.listings, scan.is_cut = scan.listings + len(found), len(found) < SCAN_BATCH * CUT_AT_ONCE
    scan.save(update_fields=["listings", "is_cut"])
    return not scan.is_cut


def _due_at(scan: Scan, before: int) -> datetime:
    """When a batch is due that comes behind so many listings of its marketplace."""
    if scan.listings_a_minute is None:
        return scan.state_since_at
    return scan.state_since_at + timedelta(minutes=before / scan.listings_a_minute)


def _scan_batch(batch: ScanBatch) -> None:
    is_deadly = batch.last_error == BEGUN and batch.attempts > DEATHS
    if not batch.begin(lease=LEASE):
        return
    lease = batch.leased_until
    try:
        if is_deadly:
            _hand_over(batch)
        else:
            _look_at(batch)
    except Exception as failure:
        log.exception("batch %s of %s could not be looked at", batch.pk, batch.scan)
        # Its end was rolled back: it is ours still.
        batch.leased_until = lease
        batch.put_off(f"{type(failure).__name__}: {failure}")
        if isinstance(failure, SoftTimeLimitExceeded):
            raise


def _in(batch: ScanBatch) -> QuerySet[Target]:
    return on_sale().filter(marketplace=batch.marketplace_id, pk__range=(batch.first, batch.last))


@transaction.atomic
def _hand_over(batch: ScanBatch) -> None:
    if batch.carried_out():
        owe(_in(batch))


def _look_at(batch: ScanBatch) -> None:
    scan = batch.scan
    targets = {target.pk: target for target in _load(_in(batch))}
    found, poison = _look_together(list(targets.values()), scan.profile)
    with transaction.atomic():
        if not batch.carried_out():
            return
        # What changed meanwhile is due by itself.
        as_seen = _as_seen(targets) - set(poison)
        here = _write(found, [targets[pk] for pk in sorted(as_seen)], source=Candidate.Source.SCAN, scan=scan)
        ScanBatch.objects.filter(pk=batch.pk).update(scanned=len(targets) - len(poison), found=len(here))
        # What cannot be looked at is tried again by itself, and given up where staff see it.
        owe(Target.objects.filter(pk__in=poison))
        for pk, reason in poison.items():
            Inspection.objects.filter(target=pk).update(last_error=reason)


def _look_together(targets: Sequence[Target], profile: WatchProfile | None) -> tuple[list[Found], dict[int, str]]:
    """What is found of these targets; and those that cannot be looked at, with the reason."""
    try:
        return inspecting.inspect(targets, profile=profile), {}
    except SoftTimeLimitExceeded:
        raise
    except Exception:
        log.exception("%d targets could not be scanned together: one by one", len(targets))
    found: list[Found] = []
    poison: dict[int, str] = {}
    for target in targets:
        try:
            found += inspecting.inspect([target], profile=profile)
        except SoftTimeLimitExceeded:
            raise
        except Exception as failure:
            poison[target.pk] = f"{type(failure).__name__}: {failure}"[:2000]
    return found, poison


def _finish(scan: Scan) -> None:
    """Finish a scan of which nothing is left to do. Asked after a batch is written: whoever writes the last one sees it.

    What was given up keeps no scan running: its page names it, with the reason and a button to try it again.
    """
    if scan.batches.open().filter(dead_at__isnull=True).exists():
        return
    with transaction.atomic():
        scan = lock(scan)
        # Somebody may have had something tried again meanwhile.
        if scan.state == Scan.State.RUNNING and not scan.batches.open().filter(dead_at__isnull=True).exists():
            scan.finished_at = clock.now()
            SCANS.fire(
                scan, "finish", actor=None, writes=["finished_at"],
                payload={"listings": scan.listings, "batches_given_up": scan.batches.dead().count()},
            )  # fmt: skip


def start_if_due(every_days: int) -> Scan | None:
    """Start a scan of everything if the last one began so many days ago or never; 0: never by itself."""
    whole: Any = Scan.objects.filter(marketplace=None, profile=None)
    if not every_days or whole.filter(created_at__gt=clock.now() - timedelta(days=every_days)).exists():
        return None
    if whole.filter(state__in=UNDER_WAY).exists():
        return None
    return start(by=None)
