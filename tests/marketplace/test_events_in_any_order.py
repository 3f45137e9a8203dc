"""Any order and any repetition of the same events, in any batches, ends in the same mirror."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core import clock
from marketplace.ingest import ingest
from marketplace.models import Marketplace, ReceivedEvent, Target

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
IDS = st.sampled_from(["1", "2"])
MOMENTS = st.integers(0, 3)


def upsert(kind, external_id, minute, version, shop, title, state):
    data = {"external_id": external_id, "title": title, "name": title, "shop_external_id": shop}
    return {
        "type": f"{kind}.upserted",
        "occurred_at": (NOON + timedelta(minutes=minute)).isoformat(),
        "version": version,
        "data": data | ({"state": state} if state else {}),
    }


def state_changed(kind, external_id, minute, state):
    return {
        "type": "target.state_changed" if state else "target.removed",
        "occurred_at": (NOON + timedelta(minutes=minute)).isoformat(),
        "data": {"kind": kind, "external_id": external_id, "state": state},
    }


kinds = st.sampled_from(["listing", "shop"])
events = st.lists(
    st.one_of(
        st.builds(
            upsert, kinds, IDS, MOMENTS, MOMENTS, st.sampled_from(["", "1", "3"]), st.sampled_from(["a", "b"]),
            st.sampled_from([None, "up", "down"]),
        ),
        st.builds(state_changed, kinds, IDS, MOMENTS, st.sampled_from([None, "up", "down"])),
    ),
    min_size=1,
    max_size=8,
)  # fmt: skip


@st.composite
def two_tellings(draw):
    """The same events twice: once in order, once shuffled, with repetitions, cut into batches."""
    told = [event | {"id": f"e{i}"} for i, event in enumerate(draw(events))]
    again = draw(st.permutations(told + draw(st.lists(st.sampled_from(told), max_size=4))))
    cut = draw(st.integers(0, len(again)))
    return [told], [again[:cut], again[cut:]]


def mirror_of(batches):
    with transaction.atomic():
        mall = Marketplace.objects.create(slug="mall", name="Mall", connector="demo")
        for batch in batches:
            assert "rejected" not in {result.status for result in ingest(marketplace=mall, events=batch)}
        mirror = list(
            Target.objects.order_by("kind", "external_id").values_list(
                "kind", "external_id", "title", "shop__external_id", "observed", "observed_at",
                "source_version", "content_hash", "first_seen_at", "last_seen_at",
            )
        )  # fmt: skip
        remembered = ReceivedEvent.objects.count()
        transaction.set_rollback(True)
    return mirror, remembered


@pytest.mark.django_db
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(tellings=two_tellings())
def test_any_order_and_repetition_ends_in_the_same_mirror(tellings):
    in_order, shuffled = tellings
    with clock.frozen(NOON + timedelta(hours=1)):
        assert mirror_of(in_order) == mirror_of(shuffled)
