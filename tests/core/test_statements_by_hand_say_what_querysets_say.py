"""What is read and written by hand is what the ORM reads and writes: every kind of column, on both databases."""

import pytest
from django.db import transaction

from core import clock
from core.ids import new_id
from core.models import OutboxMessage
from core.sql import CHUNK, Columns, marks, read, write
from marketplace.models import Marketplace, Target
from tests import factories

pytestmark = pytest.mark.django_db

TARGET, MALL = Columns(Target, "target"), Columns(Marketplace, "mall", without=("secrets", "inbound_secret"))
BOTH = "FROM marketplace_target target JOIN marketplace_marketplace mall ON mall.id = target.marketplace_id"


def values_of(row):
    return {field.attname: getattr(row, field.attname) for field in type(row)._meta.concrete_fields}


@pytest.fixture
def mall():
    return factories.MarketplaceFactory(secrets='{"token": "of the connector"}', config={"hosts": ["also.example"]})


@pytest.fixture
def listing(mall):
    return factories.ListingFactory(
        shop=factories.ShopFactory(marketplace=mall, contact_email="shop@example.com"),
        images=["https://mall.example/1.jpg"], attributes={"colour": "红"}, observed_at=clock.now(),
    )  # fmt: skip


def test_a_row_that_was_read_is_the_row_of_a_queryset(listing):
    read_rows = [
        target for (target,) in read(f"SELECT {TARGET} FROM marketplace_target target ORDER BY id", [], TARGET)
    ]
    asked = list(Target.objects.order_by("pk"))
    assert [values_of(row) for row in read_rows] == [values_of(row) for row in asked]
    assert not read_rows[0]._state.adding


def test_several_models_and_what_else_was_selected_stand_in_one_line(listing, mall):
    asked = [listing.pk]
    ((target, its_mall, up),) = read(
        f"SELECT {TARGET}, {MALL}, target.observed {BOTH} WHERE target.id IN ({marks(asked)})", asked, TARGET, MALL
    )
    assert (target, its_mall, up) == (listing, mall, "up")


def test_what_was_left_out_is_read_when_it_is_asked_for(listing, mall, django_assert_num_queries):
    ((found,),) = read(f"SELECT {MALL} FROM marketplace_marketplace mall", [], MALL)
    with django_assert_num_queries(0):
        assert (found.slug, found.config) == (mall.slug, {"hosts": ["also.example"]})
    with django_assert_num_queries(1):
        assert found.secrets == '{"token": "of the connector"}'


def test_a_row_that_was_written_is_the_row_of_a_queryset(mall):
    new = Target(
        marketplace=mall, kind="shop", external_id="s-1", title="铺", contact_email="shop@example.com",
        attributes={"a": [1, None]}, price="19.90",
    )  # fmt: skip
    write([new])
    kept = Target.objects.get(pk=new.pk)
    kept.price = str(kept.price)
    assert values_of(kept) == values_of(new)
    new.title = "another name"
    new.save()
    assert Target.objects.get().title == "another name"


def test_many_rows_get_their_own_keys(django_assert_num_queries):
    at = clock.now()
    rows = [
        OutboxMessage(event="thing.done", subject=new_id("tgt"), consumer="c", created_at=at, due_at=at)
        for _n in range(CHUNK + 5)
    ]
    with transaction.atomic(), django_assert_num_queries(2):
        write(rows)
    assert {row.pk: row.subject for row in rows} == dict(OutboxMessage.objects.values_list("pk", "subject"))


def test_nothing_is_written_for_no_rows(django_assert_num_queries):
    with django_assert_num_queries(0):
        write([])
