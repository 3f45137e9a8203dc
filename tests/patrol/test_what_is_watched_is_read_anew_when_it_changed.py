"""What a process keeps of all profiles is read anew after every change, and asked for with one query where there is none."""

from datetime import timedelta

import pytest

from core import clock
from patrol import profiles, terms
from patrol.models import WatchProfile
from tests.patrol.build import a_profile

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def settled(stopped):
    """The day before, some profiles were changed; nothing has been since."""
    kept = [a_profile(names=[f"Kivorro{letter}"]) for letter in "abc"]
    stopped.advance(days=1)
    terms.watch()
    return kept


def names():
    return {name for watched in terms.watch().profiles.values() for name in watched.names}


def test_nothing_changed_is_one_query(django_assert_num_queries):
    with django_assert_num_queries(1):
        kept = terms.watch()
    assert len(kept.profiles) == 3
    assert terms.watch() is kept


@pytest.mark.parametrize("hours", [0, 0.5, 5])
def test_a_change_is_seen_at_once(settled, stopped, hours):
    stopped.advance(hours=hours)
    profiles.change(profile=settled[0], by=settled[0].filing.created_by, names=["Novarun"])
    assert names() == {"Novarun", "Kivorrob", "Kivorroc"}
    profiles.end(profile=settled[1], by=settled[1].filing.created_by)
    assert names() == {"Novarun", "Kivorroc"}
    a_profile(names=["Zelphia"])
    assert names() == {"Novarun", "Kivorroc", "Zelphia"}


def test_a_change_that_is_written_after_a_later_one_is_seen_too(settled):
    """Its transaction began before: what changed last is not always what is seen last."""
    profiles.change(profile=settled[0], by=settled[0].filing.created_by, names=["Novarun"])
    assert names() == {"Novarun", "Kivorrob", "Kivorroc"}
    settled[1].terms.update(text="Zelphia")
    early = clock.now() - timedelta(minutes=20)
    WatchProfile.objects.filter(pk=settled[1].pk).update(changed_at=early, version=settled[1].version + 1)
    assert names() == {"Novarun", "Zelphia", "Kivorroc"}


def test_the_next_day_all_is_read_anew(settled, stopped):
    kept = terms.watch()
    stopped.advance(days=1)
    assert terms.watch() is not kept
