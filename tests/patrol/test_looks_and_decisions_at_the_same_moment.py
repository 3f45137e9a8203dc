"""A re-check that finds several relistings and an officer who decides on one of them wait for each other in one order."""

from datetime import timedelta
from threading import Event

import pytest
from django.db import connection

from core import clock
from core.errors import DomainError
from filings.models import Filing
from marketplace import services as enforcement
from patrol import rechecks, services, terms
from patrol.models import Recheck, WatchProfile
from tests.at_once import at_once
from tests.factories import ListingFactory, staff
from tests.patrol.build import FACTS, found
from tests.patrol.test_what_was_taken_down_is_looked_at_again import TITLE, Mall, take_down

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def on_postgresql(db):
    if connection.vendor != "postgresql":
        pytest.skip("races are tested on PostgreSQL: set DATABASE_URL")


@pytest.fixture
def look_of_two(monkeypatch):
    """A look at what was taken down, which finds two relistings of its seller; the second is a candidate already."""
    terms.forget()
    mall = Mall()
    monkeypatch.setattr(enforcement, "open_connector", lambda marketplace: mall)
    monkeypatch.setattr(enforcement, "_kinds", lambda connector: mall.kinds)
    monkeypatch.setattr(rechecks, "fetch", mall.fetch)
    old = take_down(ListingFactory(title=TITLE, category="shoes"), lambda: None)
    rechecks.enforcement_settled(old.public_id)
    first, second = (ListingFactory(shop=old.shop, title=TITLE, category="shoes") for _n in range(2))
    Recheck.objects.update(taken_down_at=clock.now() - timedelta(days=1))
    row = Recheck.objects.get(after_days=1)
    Recheck.objects.filter(pk=row.pk).update(due_at=clock.now() - timedelta(minutes=1))
    profile = WatchProfile.objects.create(
        filing=Filing.objects.get(), number="WP-2026-000900", kind="brand", name="x",
        state="watching",
    )  # fmt: skip
    (candidate,) = services.write_candidates([found(profile, second)], looked_at=[second], source="feed")
    return row, first, candidate


def test_nobody_waits_for_ever(look_of_two, monkeypatch):
    row, first, candidate = look_of_two
    officer = staff()
    officer_holds_it, first_is_upheld = Event(), Event()
    really_uphold, really_decide = rechecks._uphold, services._decided

    def uphold(found_again, *args):
        really_uphold(found_again, *args)
        if found_again.target_id == first.pk:
            officer_holds_it.wait(10)
            first_is_upheld.set()

    def decided(decided_on, *args, **fields):
        if decided_on.pk == candidate.pk and args[1] == officer:
            officer_holds_it.set()
            first_is_upheld.wait(3)
        return really_decide(decided_on, *args, **fields)

    monkeypatch.setattr(rechecks, "_uphold", uphold)
    monkeypatch.setattr(services, "_decided", decided)

    def decide():
        try:
            return services.uphold(candidate=candidate, by=officer, rule="U1", facts=FACTS)
        except DomainError as refused:
            return refused

    at_once(rechecks.recheck_due, decide)
    row.refresh_from_db()
    assert (row.outcome, row.last_error) == ("relisted_by_seller", "")
    assert {c.state for c in (first.candidates.get(), candidate.target.candidates.get())} == {"upheld"}
    assert row.relistings.count() == 2
