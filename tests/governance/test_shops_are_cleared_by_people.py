"""Shops that seem to live from infringement are listed with reasons; a person proposes the ban, two others decide."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.urls import reverse

from core.errors import Forbidden, WrongState
from governance.models import Penalty, ShopLink, Strike
from governance.penalties import clearance, clearance_views, points, services, shops
from marketplace.models import Hold
from patrol.models import Candidate, CandidateDecision
from patrol.signals import seller
from tests.factories import ListingFactory, ShopFactory, member, staff
from tests.governance.penalties import in_hearing, senior
from tests.patrol.sampling import a_profile

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stopped")]


def infringing(shop, *, upheld, others=0, at_once=False):
    profile = a_profile()
    ListingFactory.create_batch(others, shop=shop)
    first = None
    for n, listing in enumerate(ListingFactory.create_batch(upheld, shop=shop)):
        candidate = Candidate.objects.create(
            number=f"CA-{profile.pk}-{n}", target=listing, profile=profile, target_version=1, score=0.9, state="upheld"
        )
        made = CandidateDecision.objects.create(
            number=f"FD-{profile.pk}-{n}", candidate=candidate, outcome="upheld", shop=shop,
            decided_with=first if at_once else None,
        )  # fmt: skip
        first = first or made


@pytest.mark.parametrize(
    ("upheld", "others", "grounds"),
    [(4, 0, []), (5, 0, ["share", "repetition"]), (5, 20, ["repetition"]), (3, 4, [])],
)
def test_a_shop_is_listed_by_rules_with_reasons_in_words(shop, upheld, others, grounds):
    infringing(shop, upheld=upheld, others=others)
    found = clearance.shops_to_clear()
    assert [ground.name for proposal in found for ground in proposal.grounds] == grounds
    if "share" in grounds:
        assert "Within 365 days 5 of its 5 goods were found to infringe, which is 100 per cent." in found[0].reason
    # Listing punishes nobody.
    said = StringIO()
    call_command("list_shops_to_clear", stdout=said)
    assert (shop.public_id in said.getvalue()) == bool(grounds)
    assert not Penalty.objects.exists()


def test_what_was_decided_together_is_one_case(shop):
    infringing(shop, upheld=5, others=20, at_once=True)
    assert clearance.shops_to_clear() == []


def test_what_was_decided_before_the_time_in_which_points_count_lists_nobody(shop, stopped):
    infringing(shop, upheld=6)
    stopped.advance(days=366)
    assert clearance.shops_to_clear() == []


@pytest.mark.parametrize("is_earlier", [True, False])
def test_a_shop_that_is_linked_to_a_banned_one_is_listed_and_its_goods_are_looked_at_so(shop, is_earlier, stopped):
    other = ShopFactory(marketplace=shop.marketplace)
    earlier, later = (other, shop) if is_earlier else (shop, other)
    link = ShopLink.objects.create(earlier=earlier, later=later, grounds=["device"], state="candidate")
    ban = in_hearing(infringing_and_proposed(other))
    stopped.set(ban.deadline_at)
    first = senior()
    ban = services.confirm(penalty=ban, by=first, reason="The share speaks for itself.")
    services.put_ban_in_force(penalty=ban, by=senior())
    assert clearance.shops_to_clear() == []
    assert seller.see([ListingFactory(shop=shop)], [(0, 1)]).get((0, 1), [])[1:] == []
    link = shops.confirm_link(link=link, by=staff(), note="The same telephone stands on both pages.")
    (found,) = clearance.shops_to_clear()
    assert (found.shop, [g.name for g in found.grounds]) == (shop, ["banned"])
    assert other.title in found.reason
    signals = {one.signal for one in seller.see([ListingFactory(shop=shop)], [(0, 1)])[0, 1]}
    assert "seller.banned_operator" in signals
    shops.dismiss_link(link=link, by=staff(), note="Another company after all.")
    assert clearance.shops_to_clear() == []
    signals = {one.signal for one in seller.see([ListingFactory(shop=shop)], [(0, 1)]).get((0, 1), [])}
    assert "seller.banned_operator" not in signals


def infringing_and_proposed(shop):
    infringing(shop, upheld=6)
    return clearance.propose_ban(shop=shop, by=staff())


def test_the_page_is_turned_over(sign_in, monkeypatch):
    monkeypatch.setattr(clearance_views, "PAGE", 1)
    for n in range(2):
        infringing(ShopFactory(title=f"Shop number {n}"), upheld=6)
    client, page = sign_in(staff()), reverse("shops-to-clear")
    shown = [client.get(page, {"page": n}).content.decode() for n in (1, 2)]
    assert [["Shop number 0" in text, "Shop number 1" in text] for text in shown] in (
        [[True, False], [False, True]],
        [[False, True], [True, False]],
    )


def test_a_ban_that_is_proposed_is_heard_and_needs_two_seniors(shop, stopped):
    infringing(shop, upheld=6)
    made = clearance.propose_ban(shop=shop, by=staff())
    assert (made.measure, made.state, made.ladder.ladder) == ("ban", "proposed", "shop")
    assert "6 of its 6 goods" in made.reason
    assert not Hold.objects.filter(target=shop).exists()
    with pytest.raises(WrongState):
        clearance.propose_ban(shop=shop, by=staff())
    first = senior()
    with pytest.raises(WrongState):
        services.confirm(penalty=made, by=first, reason="The share speaks for itself.")
    stopped.set(in_hearing(made).deadline_at)
    with pytest.raises(Forbidden):
        services.confirm(penalty=made, by=staff(), reason="The share speaks for itself.")
    made = services.confirm(penalty=made, by=first, reason="The share speaks for itself.")
    with pytest.raises(Forbidden):
        services.put_ban_in_force(penalty=made, by=first)
    assert not Hold.objects.filter(target=shop).exists()
    services.put_ban_in_force(penalty=made, by=senior())
    assert Hold.objects.active().filter(target=shop).exists()
    assert clearance.shops_to_clear() == []


def test_only_staff_who_decide_and_belong_to_no_side_propose(shop, merchant):
    infringing(shop, upheld=6)
    partial = staff()
    partial.memberships.create(organisation=merchant.organisation, role="admin")
    for person in (merchant, member(), staff("auditor"), partial):
        with pytest.raises(Forbidden):
            clearance.propose_ban(shop=shop, by=person)
    assert not Penalty.objects.exists()


def test_what_was_reversed_meanwhile_is_looked_at_anew(shop):
    infringing(shop, upheld=6)
    Candidate.objects.update(state="reversed")
    with pytest.raises(WrongState):
        clearance.propose_ban(shop=shop, by=staff())


def test_staff_propose_from_the_page(shop, sign_in):
    infringing(shop, upheld=6)
    client, page = sign_in(staff()), reverse("shops-to-clear")
    shown = client.get(page).content.decode()
    assert "Bargain Shoes" in shown
    assert "6 of its 6 goods" in shown
    assert client.post(page, {"shop": "tgt_unknown"}).status_code == 404
    assert client.post(page, {"shop": shop.public_id}).status_code == 302
    assert Penalty.objects.get().number in client.get(page).content.decode()
    assert sign_in(staff("auditor")).post(page, {"shop": shop.public_id}).status_code == 403
    assert sign_in(member()).get(page).status_code in (302, 403)


def test_points_that_are_taken_back_undo_a_ban_only_where_its_grounds_fit_no_more(shop, stopped):
    """It rests on what was found in the shop, not on points: one won appeal of many turns nothing round."""
    points.add_strike(shop=shop, code="M9", cause="x", number="x", by=None)
    infringing(shop, upheld=6)
    made = clearance.propose_ban(shop=shop, by=staff())
    stopped.advance(days=366)
    points.take_back_points(strikes=Strike.objects.all(), reason="It was none.")
    made.refresh_from_db()
    assert made.state == "proposed", "what grew old meanwhile changes nothing"
    again = points.add_strike(shop=shop, code="M9", cause="y", number="y", by=None)
    made.strikes.add(again)
    Candidate.objects.update(state="reversed")
    points.take_back_points(strikes=[again], reason="It was none.")
    made.refresh_from_db()
    assert made.state == "dropped"
