"""Whoever hands in another sheet throws away the oldest that nobody confirmed, and none that is confirmed meanwhile."""

import pytest
from django.db import connection, transaction

from complaints.bulk.services import KIND
from complaints.models import Import
from core.imports import services as sheets
from core.lifecycle import lock
from core.sheets import Row
from tests.at_once import at_once
from tests.factories import member

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]


def test_a_sheet_that_is_being_confirmed_is_not_the_oldest_to_go():
    holder = member()

    def hand_in():
        rows = [Row(1, ["Link"]), Row(2, ["https://market.example/item/1"])]
        return sheets.keep(KIND, by=holder, name="links.csv", rows=rows)

    def hand_in_and_wait_for_nobody():
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '3s'")
        return hand_in()

    first, *_others = [hand_in() for _n in range(sheets.MOST_UNCONFIRMED)]
    with transaction.atomic():
        lock(first)
        [another] = at_once(hand_in_and_wait_for_nobody)
    assert Import.objects.filter(pk__in=[first.pk, another.pk]).count() == 2
    hand_in()
    assert not Import.objects.filter(pk=first.pk).exists()
    assert Import.objects.count() == sheets.MOST_UNCONFIRMED
