"""Shops that seem to live from infringement are listed with reasons; a person proposes the ban, two others decide."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.urls import reverse

from core.errors import Forbidden, WrongState
from governance.models import Penalty
from governance.penalties import clearance, services
from marketplace.models import Hold
from patrol.models import Candidate
from tests.factories import ListingFactory, member, staff
from tests.governance.penalties import in_hearing, senior
from tests.patrol.sampling import a_profile

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stopped")]


def infringing(shop, *, upheld, others=0):
    profile = a_profile()
    ListingFactory.create_batch(others, shop=shop)
    for n, listing in enumerate(ListingFactory.create_batch(upheld, shop=shop)):
        Candidate.objects.create(
            number=f"CA-{profile.pk}-{n}", target=listing, profile=profile, target_version=1, score=0.9, state="upheld"
        )


@pytest.mark.parametrize(
    ("upheld", "others", "grounds"),
    [(4, 0, []), (5, 0, ["share", "repetition"]), (5, 20, ["repetition"]), (3, 4, [])],
)
def test_a_shop_is_listed_by_rules_with_reasons_in_words(shop, upheld, others, grounds):
    infringing(shop, upheld=upheld, others=others)
    found = clearance.shops_to_clear()
    assert [ground.name for proposal in found for ground in proposal.grounds] == grounds
    if "share" in grounds:
        assert "5 of its 5 goods were found to infringe, which is 100 per cent." in found[0].reason
    # Listing punishes nobody.
    said = StringIO()
    call_command("list_shops_to_clear", stdout=said)
    assert (shop.public_id in said.getvalue()) == bool(grounds)
    assert not Penalty.objects.exists()


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
