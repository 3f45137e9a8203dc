"""Obligations: rows that stay due until the outside world has confirmed them.

An outbox message, a letter, a takedown: each is written in the decision's transaction with `due_at`,
claimed under a lease, carried out with no transaction open, and then settled or put off. A worker that
dies leaves a lease that runs out; after the last attempt the row is dead and visible, never gone.
"""

import random
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Self

from django.db import models, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core import clock

LEASE = timedelta(seconds=45)
MAX_ATTEMPTS = 14
FIRST_WAIT_SECONDS = 2.0
LONGEST_WAIT_SECONDS = 3600.0


def backoff(attempts: int) -> timedelta:
    """Wait before the next try: doubling from 2 s up to an hour, with equal jitter.

    Source: "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
    """
    ceiling = min(LONGEST_WAIT_SECONDS, FIRST_WAIT_SECONDS * 2 ** max(0, attempts - 1))
    return timedelta(seconds=ceiling / 2 + random.uniform(0, ceiling / 2))  # noqa: S311 jitter, no secret


class ObligationQuerySet(models.QuerySet):
    def due(self, at: datetime | None = None) -> Self:
        """What should be worked on now: open, due, and not leased to anybody."""
        at = at or clock.now()
        return self.filter(due_at__lte=at).filter(Q(leased_until__isnull=True) | Q(leased_until__lte=at))

    def dead(self) -> Self:
        return self.filter(dead_at__isnull=False)

    def claim(self, limit: int, *, lease: timedelta = LEASE) -> list[Any]:
        """Lease up to `limit` due rows to this worker, oldest first; two workers never get the same."""
        at = clock.now()
        with transaction.atomic():
            locked = self.due(at).order_by("due_at", "pk")
            # SQLite ignores the lock, and needs none: its write transactions are immediate.
            rows: list[Any] = list(locked.select_for_update(skip_locked=True, of=("self",))[:limit])
            self.model._base_manager.filter(pk__in=[row.pk for row in rows]).update(
                leased_until=at + lease, attempts=models.F("attempts") + 1
            )
        for row in rows:
            row.attempts += 1
            row.leased_until = at + lease
        return rows

    def settle(self, rows: Iterable[Any]) -> None:
        """Mark as carried out."""
        self.model._base_manager.filter(pk__in=[row.pk for row in rows]).update(
            due_at=None, done_at=clock.now(), leased_until=None, dead_at=None, last_error=""
        )


class Obligation(models.Model):
    """Base of every row that is owed to the outside world. `due_at` is null once it is done or dead."""

    due_at = models.DateTimeField(_("due at"), null=True, blank=True, db_index=True)
    leased_until = models.DateTimeField(_("leased until"), null=True, blank=True)
    attempts = models.PositiveIntegerField(_("attempts"), default=0)
    done_at = models.DateTimeField(_("done at"), null=True, blank=True)
    dead_at = models.DateTimeField(_("given up at"), null=True, blank=True)
    last_error = models.TextField(_("last error"), blank=True)

    class Meta:
        abstract = True

    def put_off(self, error: str, *, wait: timedelta | None = None, permanent: bool = False) -> None:
        """Record a failed attempt: try again after `wait` (default: back-off), or give up visibly."""
        at = clock.now()
        if permanent or self.attempts >= MAX_ATTEMPTS:
            self.due_at, self.dead_at = None, at
        else:
            self.due_at = at + (wait if wait is not None else backoff(self.attempts))
        self.leased_until, self.last_error = None, error[:2000]
        self.save(update_fields=["due_at", "dead_at", "leased_until", "last_error"])

    def retry(self) -> None:
        """Make a dead or waiting row due now, with a fresh count of attempts."""
        self.due_at, self.dead_at, self.leased_until, self.attempts = clock.now(), None, None, 0
        self.save(update_fields=["due_at", "dead_at", "leased_until", "attempts"])
