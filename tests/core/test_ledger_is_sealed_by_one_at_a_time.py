"""Many sealers at the very same moment, while entries are written: each entry gets one leaf, and none is left."""

from threading import Event

import pytest
from django.db import transaction

from core import ledger, sealing
from core.models import LedgerEntry, LedgerLeaf, TreeHead
from tests.at_once import at_once
from tests.core.ledger_book import fault, written

pytestmark = pytest.mark.django_db(transaction=True)


def assert_all_is_sealed_once():
    assert sealing.unsealed_count() == 0
    assert list(LedgerLeaf.objects.order_by("index").values_list("index", flat=True)) == list(
        range(LedgerEntry.objects.count())
    )
    assert fault() is None


def test_of_many_sealers_at_once_each_entry_is_sealed_by_one():
    written(20)
    assert sorted(at_once(*[sealing.seal] * 4)) == [0, 0, 0, 21]
    assert TreeHead.objects.count() == 1
    assert_all_is_sealed_once()


@pytest.mark.postgresql
def test_sealers_and_writers_at_once_lose_nothing():
    def write():
        for _ in range(15):
            written(3)

    def seal():
        for _ in range(15):
            sealing.seal(7)

    at_once(write, write, write, seal, seal, seal)
    while sealing.seal():
        pass
    assert LedgerEntry.objects.count() == 136
    assert_all_is_sealed_once()


@pytest.mark.postgresql
def test_an_entry_whose_transaction_was_still_open_is_sealed_after_its_later_neighbours():
    is_written, may_commit = Event(), Event()

    def slowly():
        with transaction.atomic():
            ledger.record(kind="slow", subject="cmp_slow")
            is_written.set()
            assert may_commit.wait(timeout=10)

    def meanwhile():
        assert is_written.wait(timeout=10)
        written(3)
        sealing.seal()
        may_commit.set()

    at_once(slowly, meanwhile)
    slow = LedgerEntry.objects.get(kind="slow")
    assert not LedgerLeaf.objects.filter(entry=slow).exists()
    assert sealing.seal() == 1
    assert slow.pk < LedgerEntry.objects.get(leaf__index=0).pk
    assert LedgerLeaf.objects.get(entry=slow).index == 4
    assert_all_is_sealed_once()
