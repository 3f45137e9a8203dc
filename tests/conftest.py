"""What every test shares: a broker that is away, signed-in clients, a clock."""

from datetime import UTC, datetime

import pytest
from hypothesis import settings

from core import clock

# The suite always tries the same examples; `pytest --hypothesis-profile=search` looks for new ones.
settings.register_profile("suite", derandomize=True, deadline=None)
settings.register_profile("search", max_examples=3000, deadline=None)
settings.load_profile("suite")


@pytest.fixture(autouse=True)
def no_broker(monkeypatch):
    """Hints are only hints: in tests nobody waits for a broker, due rows are worked off by hand."""
    from celery import current_app

    sent: list[str] = []
    monkeypatch.setattr(current_app, "send_task", lambda name, *args, **kwargs: sent.append(name))
    return sent


@pytest.fixture(autouse=True)
def fresh_cache():
    """Rate limits of one test do not reach into the next."""
    from django.core.cache import cache

    cache.clear()


@pytest.fixture(autouse=True, scope="session")
def emptied_by_tests_alone():
    """Between tests with real transactions the database is emptied, the ledger too, which refuses that.

    So its protection is lifted for the emptying and for nothing else: every test itself runs under it.
    """
    from django.db.backends.base.operations import BaseDatabaseOperations

    from core import append_only

    empty = BaseDatabaseOperations.execute_sql_flush

    def emptied(self, sql_list):
        with append_only.lifted(self.connection):
            empty(self, sql_list)

    BaseDatabaseOperations.execute_sql_flush = emptied
    yield
    BaseDatabaseOperations.execute_sql_flush = empty


@pytest.fixture
def stopped():
    """The clock, standing at a Tuesday noon; `stopped.advance(days=1)` moves it."""
    with clock.frozen(datetime(2026, 3, 3, 12, tzinfo=UTC)) as frozen:
        yield frozen


@pytest.fixture
def sign_in():
    """`client = sign_in(user)`: a browser in which this person is signed in, staff with their second factor."""
    from django.test import Client

    from tests.factories import second_factor

    def signed_in(user):
        if user.is_staff:
            second_factor(user)
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return signed_in


@pytest.fixture
def work_off(db):
    """`work_off()` does what the workers would: delivers events, sends letters, until nothing is due."""

    def worked_off():
        from core.tasks import drain_outbox, send_due_mail

        while drain_outbox() or send_due_mail():
            pass

    return worked_off
