"""Obligations: rows that stay due until the outside world has confirmed them.

An outbox message, a letter, a takedown: each is written in the decision's transaction with `due_at`,
claimed under a lease, carried out with no transaction open, and then settled or put off. A worker that
dies leaves a lease that runs out; after the last attempt the row is dead and visible, never gone. Only who
holds the lease puts a row off, so that word which comes late never opens again what somebody else settled.
A lease is measured by the machine's own clock: who moves a demo's takes no row from a worker that is at it.
"""

import logging
import random
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from itertools import islice, zip_longest
from typing import Any, Self, TypeVar

from django.db import models, transaction
from django.db.models import F, Q, Value, Window
from django.db.models.functions import Concat, RowNumber
from django.utils.translation import gettext_lazy as _

from core import clock

Batch = TypeVar("Batch")
log = logging.getLogger("ippro.obligations")

LEASE = timedelta(seconds=45)
MAX_ATTEMPTS = 14
FIRST_WAIT_SECONDS = 2.0
LONGEST_WAIT_SECONDS = 3600.0
SWEEP_SECONDS = 60.0
#: stands as the last error of a row that is being worked on, so that one whose worker died can be told from the rest
BEGUN = "begun: if this stays, the worker died of it or was killed"
#: stands before the last error of a row whose workers all died, or took longer than the lease
NEVER_ENDED = f"given up: {MAX_ATTEMPTS} attempts, of the last one nobody came back. "


def backoff(attempts: int) -> timedelta:
    """Wait before the next try: doubling from 2 s up to an hour, with equal jitter.

    Source: "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
    """
    ceiling = min(LONGEST_WAIT_SECONDS, FIRST_WAIT_SECONDS * 2 ** max(0, attempts - 1))
    return timedelta(seconds=ceiling / 2 + random.uniform(0, ceiling / 2))  # noqa: S311 jitter, no secret


def sweep(next_batch: Callable[[], Batch]) -> Iterator[Batch]:
    """Batch after batch until one is empty, or a minute is over: beat sends the next sweep.

    So a sweep ends by itself, and its time limit strikes only what hangs.
    """
    ends_at = time.monotonic() + SWEEP_SECONDS
    while batch := next_batch():
        yield batch
        if time.monotonic() > ends_at:
            break


def each_due(due: Callable[[], models.QuerySet], do: Callable[[Any], bool], *, limit: int = 500) -> int:
    """Do what is due row by row, `limit` at a time, until nothing is or half a minute is over; returns how many moved.

    A row that cannot be moved is left out of what is still to come, so that it stops no other and stands before none.
    """
    stuck: set[Any] = set()
    moved = 0
    ends_at = time.monotonic() + SWEEP_SECONDS / 2
    while rows := list(due().exclude(pk__in=stuck)[:limit]):
        for row in rows:
            try:
                moved += do(row)
            except Exception:
                log.exception("the deadline of %s could not be passed", getattr(row, "number", row))
        # What moved is due no more; what still is failed, or somebody else has it at the moment.
        stuck.update(due().filter(pk__in=[row.pk for row in rows]).values_list("pk", flat=True))
        if time.monotonic() > ends_at:
            break
    return moved


class ObligationQuerySet(models.QuerySet):
    def due(self, at: datetime | None = None) -> Self:
        """What should be worked on now: open, due, and not leased to anybody."""
        at = at or clock.now()
        free = Q(leased_until__isnull=True) | Q(leased_until__lte=clock.unmoved())
        return self.filter(due_at__lte=at).filter(free)

    def dead(self) -> Self:
        return self.filter(dead_at__isnull=False)

    def claim(self, limit: int, *, lease: timedelta = LEASE) -> list[Any]:
        """Lease up to `limit` due rows to this worker, oldest first; two workers never get the same.

        What its workers did not live to settle or put off is given up here after the last attempt, and what
        cannot be read (a key is missing) is put off by itself, so that neither stands in the way of the rest.
        """
        at, leased_until = clock.now(), clock.unmoved() + lease
        while True:
            with transaction.atomic():
                # SQLite ignores the lock, and needs none: its write transactions are immediate.
                due = self.due(at).order_by("due_at", "pk").select_for_update(skip_locked=True, of=("self",))
                try:
                    found: list[Any] = list(due[:limit])
                except ValueError as unreadable:
                    if not _put_off_unreadable(due.select_related(None), limit):
                        raise unreadable
                    continue
                tried_out = [row.pk for row in found if row.attempts >= MAX_ATTEMPTS]
                mine = [row for row in found if row.attempts < MAX_ATTEMPTS]
                if tried_out:
                    self._among(tried_out).update(
                        due_at=None, leased_until=None, dead_at=at, last_error=Concat(Value(NEVER_ENDED), "last_error")
                    )
                if mine:
                    self._among(row.pk for row in mine).update(leased_until=leased_until, attempts=F("attempts") + 1)
            if mine or not tried_out:
                break
        for row in mine:
            row.attempts += 1
            row.leased_until = leased_until
        return mine

    def in_turn(
        self, limit: int, *, of: str, lease: timedelta = LEASE, among: Iterable[Any] | None = None, newest: bool = False
    ) -> Iterator[Any]:
        """Up to `limit` due rows, each leased when it is asked for: one of each `of`, then a second of each, and so on.

        So who hands in a thousand at once waits for them, and nobody else does; and a row that kills its worker takes
        no lease of others with it.

        `among` are all that `of` can be, where these are few and the due rows without number: then the first rows of
        each are asked for by themselves, which an index answers, and not all that are due are sorted. Of more than
        `limit` of them others come first each time; with `newest`, of each what became due last.
        """
        if among is not None:
            yield from self._in_turn_among(list(among), limit, of, lease, newest)
            return
        turn = Window(RowNumber(), partition_by=F(of), order_by=[F("due_at").asc(), F("pk").asc()])
        waiting = self.due().annotate(turn=turn).order_by("turn", "due_at", "pk").values_list("pk", flat=True)
        for pk in list(waiting[:limit]):
            yield from self.filter(pk=pk).claim(1, lease=lease)

    def _in_turn_among(self, each: list[Any], limit: int, of: str, lease: timedelta, newest: bool) -> Iterator[Any]:
        random.shuffle(each)
        waiting = (
            self.due().order_by(*(("-due_at", "-pk") if newest else ("due_at", "pk"))).values_list("pk", flat=True)
        )
        firsts = [list(waiting.filter(**{of: one})[:limit]) for one in each]
        turns = (pk for turn in zip_longest(*firsts) for pk in turn if pk is not None)
        for pk in islice(turns, limit):
            yield from self.filter(pk=pk).claim(1, lease=lease)

    def _among(self, pks: Iterable[int]) -> models.QuerySet:
        return self.model._base_manager.filter(pk__in=list(pks))

    def settle(self, rows: Iterable[Any]) -> None:
        """Mark as carried out."""
        self._among(row.pk for row in rows).update(
            due_at=None, done_at=clock.now(), leased_until=None, dead_at=None, last_error=""
        )


def _put_off_unreadable(due: models.QuerySet, limit: int) -> int:
    """Put off those of the first rows that cannot be read, one by one; returns how many those were."""
    put_off = 0
    for bare in due.only(*(field.name for field in Obligation._meta.fields))[:limit]:
        try:
            type(bare)._base_manager.get(pk=bare.pk)
        except ValueError as failure:
            log.exception("%s %s cannot be read", type(bare).__name__, bare.pk)
            bare.attempts += 1
            bare.save(update_fields=["attempts"])
            put_off += bare.put_off(f"cannot be read: {type(failure).__name__}: {failure}")
    return put_off


def suspects_last(rows: Iterable[Any]) -> list[Any]:
    """Claimed rows in the order in which to work on them: of which a worker died (`begin`) come after all others.

    So one that kills its worker each time takes none of its neighbours with it.
    """
    return sorted(rows, key=lambda row: row.last_error == BEGUN)


#: for the Meta of every obligation: of many rows few are owed, and fewer were given up
INDEXES = (
    models.Index(fields=["due_at", "id"], condition=Q(due_at__isnull=False), name="%(class)s_due"),
    models.Index(fields=["dead_at"], condition=Q(dead_at__isnull=False), name="%(class)s_dead"),
)


class Obligation(models.Model):
    """Base of every row that is owed to the outside world. `due_at` is null once it is done or dead."""

    due_at = models.DateTimeField(_("due at"), null=True, blank=True)
    leased_until = models.DateTimeField(_("leased until"), null=True, blank=True)
    attempts = models.PositiveIntegerField(_("attempts"), default=0)
    done_at = models.DateTimeField(_("done at"), null=True, blank=True)
    dead_at = models.DateTimeField(_("given up at"), null=True, blank=True)
    last_error = models.TextField(_("last error"), blank=True)

    class Meta:
        abstract = True

    def take_up(self, *, lease: timedelta = LEASE) -> bool:
        """Lease this claimed row afresh, right before it is carried out.

        False when the rows before it took so long that somebody else has it now, or it is settled.
        """
        return self._while_mine(leased_until=clock.unmoved() + lease)

    def begin(self, *, lease: timedelta = LEASE) -> bool:
        """`take_up`, and leave a trace of it until the row is settled or put off: see `suspects_last`."""
        return self._while_mine(leased_until=clock.unmoved() + lease, last_error=BEGUN)

    def carried_out(self) -> bool:
        """Mark as done. False, and nothing is written, when it is not ours any more or became due anew meanwhile."""
        return self._while_mine(due_at=None, done_at=clock.now(), leased_until=None, dead_at=None, last_error="")

    def put_off(self, error: str, *, wait: timedelta | None = None, permanent: bool = False) -> bool:
        """Record a failed attempt: try again after `wait` (default: back-off), or give up visibly.

        False, and nothing is written, when the lease ran out and the row is somebody else's or settled by now.
        """
        at = clock.now()
        values: dict[str, Any] = {"leased_until": None, "last_error": error[:2000]}
        if permanent or self.attempts >= MAX_ATTEMPTS:
            values |= {"due_at": None, "dead_at": at}
        else:
            values["due_at"] = at + (wait if wait is not None else backoff(self.attempts))
        return self._while_mine(**values)

    def owe_later(self, *, due_at: datetime, **values: Any) -> bool:
        """Leave the rest of it, without any failure, to a later turn, and write these values with that.

        False, and nothing is written, when it is not ours any more or became due anew meanwhile.
        """
        return self._while_mine(due_at=due_at, leased_until=None, attempts=0, last_error="", **values)

    def _while_mine(self, **values: Any) -> bool:
        """Change the row by compare-and-set on the lease with which it was read."""
        mine = type(self)._base_manager.filter(pk=self.pk, leased_until=self.leased_until, due_at__isnull=False)
        if not mine.update(**values):
            return False
        for name, value in values.items():
            setattr(self, name, value)
        return True

    def retry(self) -> None:
        """Make a dead or waiting row due now, with a fresh count of attempts."""
        self.due_at, self.dead_at, self.leased_until, self.attempts = clock.now(), None, None, 0
        self.save(update_fields=["due_at", "dead_at", "leased_until", "attempts"])
