"""A candidate stands once for a listing and a right, and opens again only where it shows something else."""

from decimal import Decimal

import pytest

from core.models import LedgerEntry, OutboxMessage
from patrol import inspecting, profiles, services
from patrol.models import Candidate
from tests.factories import ListingFactory, staff
from tests.patrol.build import a_candidate, a_finding, a_profile, found

pytestmark = pytest.mark.django_db
State = Candidate.State


def write(*looks, looked_at=None, **fields):
    targets = looked_at if looked_at is not None else [look.target for look in looks]
    return services.write_candidates(list(looks), looked_at=targets, source=Candidate.Source.SCAN, **fields)


def test_the_same_find_twice_is_one_candidate_and_one_entry():
    look = found(a_profile())
    first, second = write(look), write(look)
    assert [c.pk for c in first] == [c.pk for c in second]
    assert first[0].state == State.OPEN
    assert first[0].signals[0] == {"signal": "text.name", "strength": 1.0, "data": {"words": "kivorro"}}
    assert LedgerEntry.objects.filter(kind="candidate.found", subject=first[0].public_id).count() == 1


def test_what_is_not_found_any_more_is_gone_and_comes_back():
    look = found(a_profile())
    (candidate,) = write(look)
    write(looked_at=[look.target])
    candidate.refresh_from_db()
    assert candidate.state == State.GONE
    write(look)
    candidate.refresh_from_db()
    assert candidate.state == State.OPEN


def test_a_look_for_one_profile_says_nothing_of_another():
    target = ListingFactory()
    mine, other = a_candidate(target=target), a_candidate(target=target)
    write(looked_at=[target], profile=mine.profile)
    mine.refresh_from_db(), other.refresh_from_db()
    assert (mine.state, other.state) == (State.GONE, State.OPEN)


def test_what_a_paused_profile_found_stays_to_be_decided():
    candidate = a_candidate()
    profiles.pause(profile=candidate.profile, by=candidate.profile.filing.created_by)
    write(looked_at=[candidate.target])
    candidate.refresh_from_db()
    assert candidate.state == State.OPEN


def test_a_dismissed_one_opens_again_with_other_evidence_alone():
    profile = a_profile()
    look = found(profile)
    (candidate,) = write(look)
    services.dismiss(candidate=candidate, by=staff(), why="compatible")
    write(look)
    candidate.refresh_from_db()
    assert (candidate.state, candidate.dismissal) == (State.DISMISSED, "compatible")
    write(found(profile, look.target, word="kivoro"))
    candidate.refresh_from_db()
    assert (candidate.state, candidate.dismissal, candidate.source) == (State.OPEN, "", "scan")


@pytest.mark.parametrize(("asks", "state"), [("16.80", State.DISMISSED), ("2.00", State.OPEN)])
def test_a_price_that_moves_by_cents_is_no_other_evidence_but_a_fall_is(asks, state):
    """The market's median moves too: what the price says counts in thirds of its strength."""
    profile = a_profile(currency="CNY", price_floor="20.00")
    listing = ListingFactory(title=f"{profile.name} 高仿", price="17.00", currency="CNY")
    seen = inspecting.inspect([listing], profile=profile)
    (candidate,) = write(*seen)
    services.dismiss(candidate=candidate, by=staff(), why="resale")
    listing.price = Decimal(asks)
    write(*inspecting.inspect([listing], profile=profile))
    candidate.refresh_from_db()
    assert candidate.state == state


def test_an_upheld_one_stays():
    candidate = a_candidate()
    a_finding(candidate)
    write(found(candidate.profile, candidate.target, word="other"))
    write(looked_at=[candidate.target])
    candidate.refresh_from_db()
    assert candidate.state == State.UPHELD


def test_the_number_of_queries_does_not_grow_with_what_was_looked_at(django_assert_max_num_queries):
    profile = a_profile()
    looks = [found(profile, ListingFactory()) for _n in range(12)]
    with django_assert_max_num_queries(14):
        write(*looks)
    with django_assert_max_num_queries(6):
        write(*looks)
    assert OutboxMessage.objects.filter(event="candidate.found").count() % 12 == 0
