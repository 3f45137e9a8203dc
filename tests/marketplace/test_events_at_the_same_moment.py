"""Two equal batches at once have one effect: the second waits, looks again, and finds everything done."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from marketplace.ingest import ingest
from marketplace.models import Marketplace, ReceivedEvent, Target, TargetVersion

SHOPS = [
    {
        "id": f"s{i}",
        "type": "shop.upserted",
        "occurred_at": "2026-03-02T12:00:00Z",
        "data": {"external_id": f"s{i % 10}", "name": f"Shop {i}"},
    }
    for i in range(20)
]
LISTINGS = [
    {
        "id": f"l{i}",
        "type": "listing.upserted",
        "occurred_at": "2026-03-02T12:00:00Z",
        "data": {"external_id": f"{i}", "title": f"Shoe {i}", "shop_external_id": f"s{i % 10}"},
    }
    for i in range(50)
]


@pytest.mark.django_db(transaction=True)
def test_equal_batches_at_once_have_one_effect():
    mall = Marketplace.objects.create(slug="mall", name="Mall", connector="demo")
    together = Barrier(4)

    def bring(events):
        together.wait(timeout=10)
        try:
            return [result.status for result in ingest(marketplace=mall, events=events)]
        finally:
            connection.close()

    told = SHOPS + LISTINGS
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(bring, [told, told, told[::-1], LISTINGS + SHOPS]))
    once = [status for answer in answers for status in answer if status != "duplicate"]
    assert len(once) == len(told)
    assert "rejected" not in once
    assert ReceivedEvent.objects.count() == len(told)
    assert Target.objects.count() == 60
    assert TargetVersion.objects.filter(target__kind="listing").count() == 50
