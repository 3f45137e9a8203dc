"""Who reopens under the same licence, account or device keeps its standing; a device alone is for staff to look at."""

from datetime import timedelta

import pytest

from core import clock
from core.errors import DomainError
from governance.models import Penalty, ShopLink, Strike
from governance.penalties import services, shops
from governance.penalties.counting import points_of
from governance.penalties.points import take_back_points
from marketplace.ingest import ingest
from marketplace.models import Hold, Target
from tests.factories import ShopFactory, staff
from tests.governance.penalties import decided, in_force, senior

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stopped")]
LICENCE = "91330100MA2CXXXX0X"
DEVICE = "d" * 64


@pytest.fixture
def struck(shop, work_off):
    """A shop with a licence, a device and twelve points."""
    shop.operator_uscc, shop.attributes, shop.first_seen_at = (
        LICENCE,
        {"device_digest": DEVICE},
        clock.now() - timedelta(days=9),
    )
    shop.save()
    decided(shop, work_off)
    return shop


def opened(shop, **fields):
    made = ShopFactory(marketplace=shop.marketplace, first_seen_at=clock.now() + timedelta(hours=1), **fields)
    shops.shop_changed(made.public_id)
    return made


def test_a_shop_under_the_same_licence_inherits_the_points_and_hears_of_it_once(struck):
    later = opened(struck, operator_uscc=LICENCE)
    shops.shop_changed(later.public_id)
    link = ShopLink.objects.get()
    assert (link.earlier, link.later, link.grounds, link.state) == (struck, later, ["licence"], "certain")
    assert points_of(later) == 12


def test_the_same_device_is_for_staff_to_look_at_and_inherits_nothing_before(struck):
    later = opened(struck, attributes={"device_digest": DEVICE})
    link = ShopLink.objects.get()
    assert (link.state, points_of(later)) == ("candidate", 0)
    with pytest.raises(DomainError):
        shops.confirm_link(link=link, by=staff(), note=" ")
    shops.confirm_link(link=link, by=staff(), note="The same warehouse and bank account.")
    assert points_of(later) == 12


def test_a_shop_of_somebody_else_or_an_older_one_is_not_linked(struck):
    opened(struck, operator_uscc="91440300MA5XXXXX1Y", attributes={"device_digest": "short"})
    older = ShopFactory(
        marketplace=struck.marketplace, operator_uscc=LICENCE, first_seen_at=clock.now() - timedelta(days=20)
    )
    shops.shop_changed(older.public_id)
    assert not ShopLink.objects.exists()


def test_a_shop_that_reopens_begins_on_the_step_of_the_points_that_it_inherits(struck):
    later = opened(struck, operator_uscc=LICENCE)
    proposed = Penalty.objects.get(shop=later)
    assert (proposed.measure, proposed.state, proposed.points) == ("demotion", "proposed", 12)
    assert set(proposed.strikes.all()) == set(Strike.objects.filter(shop=struck))
    shops.shop_changed(later.public_id)
    assert Penalty.objects.filter(shop=later).count() == 1


def test_the_same_rule_broken_in_the_next_shop_counts_double(struck, work_off, stopped):
    later = opened(struck, operator_uscc=LICENCE)
    stopped.advance(days=1)
    decided(later, work_off)
    assert Strike.objects.get(shop=later).is_doubled
    assert points_of(later) == 36
    assert Penalty.objects.get(shop=later, state="proposed").step_points == 36


def test_what_was_inherited_from_somebody_else_leaves_nothing_behind(struck, work_off, stopped):
    later = opened(struck, attributes={"device_digest": DEVICE})
    link = shops.confirm_link(link=ShopLink.objects.get(), by=staff(), note="The same bank account.")
    stopped.advance(days=1)
    decided(later, work_off)
    in_force(Penalty.objects.get(shop=later, state="proposed"), stopped)
    shops.dismiss_link(link=link, by=staff(), note="Two tenants of one warehouse.")
    assert points_of(later) == 12
    assert not Strike.objects.get(shop=later).is_doubled
    assert set(Penalty.objects.filter(shop=later).values_list("state", flat=True)) == {"dropped", "reversed"}
    assert not Hold.objects.active().filter(target=later).exists()


def test_points_of_the_earlier_shop_that_are_taken_back_weigh_on_the_later_one_no_more(struck, work_off, stopped):
    later = opened(struck, operator_uscc=LICENCE)
    stopped.advance(days=1)
    decided(later, work_off)
    first = Strike.objects.get(shop=struck)
    take_back_points(strikes=[first], reason="reversed")
    assert points_of(later) == 12
    assert not Strike.objects.get(shop=later).is_doubled
    assert not Penalty.objects.filter(shop=later, state="proposed").exists()


def test_what_the_earlier_shop_does_after_the_later_one_opened_is_its_own(struck, work_off, stopped):
    later = opened(struck, operator_uscc=LICENCE)
    stopped.advance(days=2)
    decided(struck, work_off)
    assert points_of(struck) == 36
    assert points_of(later) == 12


def test_the_new_shop_of_a_banned_operator_is_proposed_for_a_ban_that_people_decide_on(struck, work_off, stopped):
    for _ in range(2):
        stopped.advance(hours=1)
        decided(struck, work_off)
    in_force(Penalty.objects.get(measure="ban"), stopped)
    later = opened(struck, attributes={"device_digest": DEVICE})
    proposed = Penalty.objects.get(shop=later)
    assert (proposed.measure, proposed.state, proposed.link) == ("ban", "proposed", ShopLink.objects.get())
    shops.shop_changed(later.public_id)
    assert Penalty.objects.filter(shop=later).count() == 1
    with pytest.raises(DomainError):
        shops.count_evasion(link=proposed.link, by=senior())
    shops.dismiss_link(link=proposed.link, by=staff(), note="A shared office building.")
    proposed.refresh_from_db()
    assert (proposed.state, points_of(later)) == ("dropped", 0)


@pytest.fixture
def banned(struck, work_off, stopped):
    """The ban of a shop, in force."""
    for _ in range(2):
        stopped.advance(hours=1)
        decided(struck, work_off)
    return in_force(Penalty.objects.get(measure="ban"), stopped)


@pytest.fixture
def evader(struck, banned, stopped):
    """A shop that was banned and got points because it seems to be of the banned operator."""
    later = opened(struck, attributes={"device_digest": DEVICE})
    stopped.advance(hours=2)
    link = shops.confirm_link(link=ShopLink.objects.get(), by=staff(), note="The same bank account.")
    shops.count_evasion(link=link, by=senior())
    in_force(Penalty.objects.get(shop=later, link=link, measure="ban", state="proposed"), stopped)
    assert Hold.objects.active().filter(target=later).exists()
    return later


def test_a_link_that_was_wrong_leaves_neither_its_ban_nor_its_points(evader, work_off):
    shops.dismiss_link(link=ShopLink.objects.get(), by=staff(), note="Two tenants of one warehouse.")
    work_off()
    assert set(Penalty.objects.filter(shop=evader).values_list("state", flat=True)) <= {"reversed", "dropped"}
    assert points_of(evader) == 0
    assert not Hold.objects.active().filter(target=evader).exists()


def test_who_evaded_a_ban_that_was_reversed_evaded_nothing(banned, evader, work_off, stopped):
    services.reverse_penalty(penalty=banned, by=senior(), reason="The forged licences were genuine.")
    work_off()
    assert not Strike.objects.standing().filter(code="M10").exists()
    assert not Hold.objects.active().filter(target=evader).exists()


def test_the_event_of_a_marketplace_that_names_a_new_shop_links_it(struck, work_off):
    event = {
        "id": "new-shop", "type": "shop.upserted", "occurred_at": clock.now().isoformat(),
        "data": {"external_id": "reopened", "name": "Fresh Start", "operator_uscc": LICENCE},
    }  # fmt: skip
    ingest(marketplace=struck.marketplace, events=[event])
    work_off()
    assert ShopLink.objects.get().later == Target.objects.get(external_id="reopened")
