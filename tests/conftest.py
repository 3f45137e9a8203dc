"""What every test shares: a broker that is away, signed-in clients, a clock."""

import gc
import shutil
from collections import Counter
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import settings

from core import clock
from tests import statements

# The suite always tries the same examples; `pytest --hypothesis-profile=search` looks for new ones.
settings.register_profile("suite", derandomize=True, deadline=None, max_examples=60)
settings.register_profile("few", settings.get_profile("suite"), max_examples=20)
settings.register_profile("search", max_examples=3000, deadline=None)
settings.load_profile("suite")

LEFT_OUT = "left out: needs "
#: cases of one test that are tried again on PostgreSQL; of one that runs there alone, all
MOST_CASES = 3


def _missing() -> dict[str, str]:
    """Markers of tests that cannot run here, and what they need."""
    from django.conf import settings as django_settings

    missing = {}
    if django_settings.IS_SQLITE:
        missing["postgresql"] = "PostgreSQL (the second run of `make test`)"
    if not (shutil.which("chromium") or shutil.which("chromium-browser")):
        missing["browser"] = "Chromium"
    if not shutil.which("npm"):
        missing["vendure"] = "Node.js with npm"
    return missing


def _uses_database(item: pytest.Item) -> bool:
    fixtures = set(getattr(item, "fixturenames", ()))
    return bool(item.get_closest_marker("django_db") or fixtures & {"db", "transactional_db", "live_server"})


def pytest_configure(config: pytest.Config) -> None:
    from django.conf import settings as django_settings

    if statements.folder() is not None and django_settings.IS_SQLITE:
        config.pluginmanager.register(statements.Recording())


@pytest.hookimpl(wrapper=True)
def pytest_collection(session: pytest.Session) -> Any:
    """What is imported stays until the end, three quarters of a million objects: no use looking for garbage among them.

    It took a third of the collection, and a tenth of the tests after it.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.collect()
        gc.freeze()
        gc.enable()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Tests that need what is not here are left out, with the reason; those that need no database run once."""
    from django.conf import settings as django_settings

    if not django_settings.IS_SQLITE:
        again = _again(items)
        config.hook.pytest_deselected(items=[item for item in items if item not in again])
        items[:] = [item for item in items if item in again]
    missing = _missing()
    for item in items:
        for marker, needed in missing.items():
            if item.get_closest_marker(marker):
                item.add_marker(pytest.mark.skip(reason=LEFT_OUT + needed))
    # What takes minutes begins first, so that no worker is left with it when the others have nothing to do any more.
    items.sort(key=lambda item: [not item.get_closest_marker(marker) for marker in ("crash", "browser")])


def _again(items: list[pytest.Item]) -> set[pytest.Item]:
    """What the second run tries again: what uses the database, of a test with many cases three, spread evenly.

    Where it is known what each test sends to the database, of those as many as send all of it (`tests/statements.py`).
    """
    cases: dict[str, list[pytest.Item]] = {}
    for item in items:
        if _uses_database(item):
            cases.setdefault(item.nodeid.partition("[")[0], []).append(item)
    again: set[pytest.Item] = set()
    for these in cases.values():
        is_whole = len(these) <= MOST_CASES or these[0].get_closest_marker("postgresql")
        again.update(
            these if is_whole else (these[n * (len(these) - 1) // (MOST_CASES - 1)] for n in range(MOST_CASES))
        )
    recorded = statements.read()
    sent = {item.nodeid: recorded[item.nodeid] for item in again if item.nodeid in recorded}
    always = {item.nodeid for item in again if item.nodeid in sent and _shows_more_than_it_sends(item)}
    enough = statements.enough(sent, always) | always
    return {item for item in again if item.nodeid not in sent or item.nodeid in enough}


def _shows_more_than_it_sends(item: pytest.Item) -> bool:
    """Of real transactions, any values and any steps in any order more counts than which statements there are."""
    marker = item.get_closest_marker("django_db")
    return bool(
        item.get_closest_marker("postgresql")
        or (marker and marker.kwargs.get("transaction"))
        or hasattr(item.function, "hypothesis")
        or "run_state_machine_as_test" in getattr(item.function, "__code__", _again.__code__).co_names
    )


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """How many tests were left out, and for want of what."""
    reasons = Counter(
        report.longrepr[2].removeprefix("Skipped: ")
        for report in terminalreporter.stats.get("skipped", [])
        if isinstance(report.longrepr, tuple)
    )
    for reason, count in sorted(reasons.items()):
        if reason.startswith(LEFT_OUT):
            terminalreporter.write_line(f"{count} tests {reason}", yellow=True)


# --- the database -----------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def django_db_keepdb(request):
    from django.conf import settings as django_settings

    return django_settings.IS_SQLITE or request.config.getvalue("reuse_db")


@pytest.fixture(scope="session")
def migrated():
    from django.db import connection

    from tests.migrated import OnPostgres, OnSqlite

    return OnSqlite() if connection.vendor == "sqlite" else OnPostgres()


@pytest.fixture(scope="session")
def one_alone(migrated, django_db_blocker):
    """Held until there is a migrated database."""
    from tests.migrated import by_one_alone, steps_make_their_own_models_anew

    with ExitStack() as held:
        held.enter_context(by_one_alone(type(migrated).__name__))
        with django_db_blocker.unblock():
            if migrated.is_there():
                held.close()
        # Each step of a migration makes its models anew: looking for what is left of them takes a quarter of the time.
        usual = gc.get_threshold()
        held.callback(gc.set_threshold, *usual)
        gc.set_threshold(200_000, *usual[1:])
        held.enter_context(steps_make_their_own_models_anew())
        yield held


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix, migrated, one_alone, django_db_blocker):
    with django_db_blocker.unblock():
        if migrated.is_there():
            migrated.begin_with_it()


@pytest.fixture(scope="session")
def django_db_setup(migrated, one_alone, django_db_setup, django_db_blocker):
    """The test database, with real transactions put back after each test: emptying and filling it again takes longer."""
    from django.test import TransactionTestCase

    with django_db_blocker.unblock():
        if not migrated.is_there():
            migrated.keep()
    one_alone.close()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda case: migrated.put_back())
        yield


@pytest.fixture(autouse=True)
def no_broker(monkeypatch):
    """Hints are only hints: in tests nobody waits for a broker, due rows are worked off by hand."""
    from celery import current_app

    from core import outbox

    monkeypatch.setattr(outbox, "HINTS_APART_SECONDS", 0)
    sent: list[str] = []
    monkeypatch.setattr(current_app, "send_task", lambda name, *args, **kwargs: sent.append(name))
    return sent


@pytest.fixture(autouse=True)
def fresh_cache():
    """Rate limits of one test do not reach into the next, nor do the terms and the risk model that patrol keeps."""
    from django.core.cache import caches

    from patrol import risk, terms

    for kept in caches.all(initialized_only=True):
        kept.clear()
    terms.forget()
    risk.forget()


@pytest.fixture(autouse=True, scope="session")
def pictures_are_examined_once():
    """The engine looks at each picture of the tests once in a worker; how it does is what most of its time goes into."""
    from tests.remembered import pictures_seen_before

    with pictures_seen_before():
        yield


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
