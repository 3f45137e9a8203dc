"""Tests that take any steps in any order, and look after each whether what must always be true still is."""

from datetime import UTC, datetime

from django.db import transaction
from hypothesis.stateful import RuleBasedStateMachine

from core import clock


class Undone(RuleBasedStateMachine):
    """A machine whose clock stands still, and of which nothing is left in the database when it ends."""

    def __init__(self) -> None:
        super().__init__()
        self.undo = transaction.atomic()
        self.undo.__enter__()
        self.stopped = clock.frozen(datetime(2026, 3, 3, 12, tzinfo=UTC))
        self.time = self.stopped.__enter__()

    def teardown(self) -> None:
        self.stopped.__exit__(None, None, None)
        transaction.set_rollback(True)
        self.undo.__exit__(None, None, None)
