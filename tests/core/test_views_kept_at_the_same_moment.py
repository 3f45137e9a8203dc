"""Several views kept at the same moment, on PostgreSQL: each is kept or refused with words, and nobody sees an error page."""

import pytest

from core.errors import Invalid
from core.saved_filters import SHOWN, SavedFilter, save_filter
from tests.at_once import at_once
from tests.factories import staff

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]
PLACE = "complaints_complaint"


def save(person, name, **fields):
    def tried():
        try:
            return save_filter(place=PLACE, name=name, query="desk=mine", by=person, **fields)
        except Invalid as refused:
            return refused

    return tried


def test_under_one_name_the_last_takes_the_place_of_the_first():
    person = staff()
    results = at_once(*[save(person, "Mine") for _n in range(4)])
    assert all(isinstance(made, SavedFilter) for made in results)
    assert SavedFilter.objects.count() == 1


def test_of_several_with_which_the_list_is_to_open_it_opens_with_one():
    person = staff()
    results = at_once(*[save(person, f"View {n}", is_default=True) for n in range(4)])
    assert all(isinstance(made, SavedFilter) for made in results)
    assert SavedFilter.objects.filter(is_default=True).count() == 1


def test_at_once_nobody_keeps_more_than_there_is_room_for():
    person = staff()
    for n in range(SHOWN - 1):
        save_filter(place=PLACE, name=f"View {n}", query="desk=mine", by=person)
    results = at_once(*[save(person, f"One more {n}") for n in range(4)])
    assert sum(isinstance(made, SavedFilter) for made in results) == 1
    assert SavedFilter.objects.count() == SHOWN
