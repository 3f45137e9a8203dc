"""Shops that share what only one operator would share, week by week; what everybody shares links nobody."""

import json
from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from imageguard.models import Appearance, SeenImage
from marketplace.models import Hold
from patrol import graph, leads
from patrol.models import Candidate, CandidateDecision, Lead
from patrol.tasks import find_leads
from tests.factories import ListingFactory, MarketplaceFactory, ShopFactory, staff
from tests.patrol.sampling import a_profile

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stopped")]
WORDS = "All our books are printed on fine paper and sent on the day of your order, postage is free. 全新正版图书"
PAYEE = "p" * 32


def a_shop(**fields):
    return ShopFactory(marketplace=fields.pop("marketplace", None) or MarketplaceFactory(), **fields)


def held(shop):
    Hold.objects.create(target=ListingFactory(shop=shop), cause="cmp_1")
    return shop


def shows(shops, sha256):
    for n, shop in enumerate(shops):
        url = f"https://a.example/{sha256}-{n}"
        seen = SeenImage.objects.create(marketplace=shop.marketplace, url=url, url_hash=url[-60:], sha256=sha256)
        Appearance.objects.create(image=seen, target=ListingFactory(shop=shop))


def test_a_payee_links_and_a_chain_of_links_is_one_cluster():
    a = held(a_shop(attributes={"payee_digest": PAYEE}))
    b = a_shop(attributes={"payee_digest": PAYEE}, operator_uscc="91330100MA2AXXXX0X")
    c = a_shop(operator_uscc="91330100MA2AXXXX0X")
    a_shop(attributes={"payee_digest": "short"})
    (lead,) = leads.find_leads()
    assert set(lead.shops.all()) == {a, b, c}
    assert [(e["weight"], e["grounds"]) for e in lead.edges] == [(1.0, {"licence": 1}), (0.9, {"payee": 1})]
    assert lead.figures[a.public_id]["held"] == 1
    assert lead.week_on == date(2026, 3, 2)


def test_a_cluster_of_which_nothing_was_found_is_no_lead():
    for _n in range(2):
        a_shop(attributes={"payee_digest": PAYEE})
    assert leads.find_leads() == []


def test_one_shared_picture_is_chance_and_several_are_none():
    pair = [held(a_shop()), a_shop()]
    shows(pair, "1" * 64)
    assert leads.find_leads() == []
    shows(pair, "2" * 64)
    shows(pair, "3" * 64)
    (lead,) = leads.find_leads()
    assert lead.edges[0]["grounds"] == {"image": 3}


def test_what_very_many_shops_share_links_nobody():
    shops = [held(a_shop()) for _n in range(leads.MOST_SHOPS["text"] + 1)]
    for shop in shops:
        for n in range(4):
            ListingFactory(shop=shop, description=f"{WORDS} {n}")
    assert leads.find_leads() == []
    # The same words, in another dress, of two shops only.
    ListingFactory(shop=shops[0], description=f"{WORDS} five and six")
    ListingFactory(shop=shops[1], description=f"{WORDS.upper()} … five，and SIX!")
    assert leads.clusters_of(leads.links()) == []
    assert [e.shared["text"] for e in leads.links().values()] == [1]


def test_a_week_is_written_anew_while_it_lasts_and_stays_afterwards(stopped):
    a, b = held(a_shop(attributes={"payee_digest": PAYEE})), a_shop(attributes={"payee_digest": PAYEE})
    find_leads()
    first = Lead.objects.get()
    stopped.advance(days=1)
    candidate = Candidate.objects.create(
        number="CA-1", target=ListingFactory(shop=b), profile=a_profile(), target_version=1, score=0.9, state="upheld"
    )
    CandidateDecision.objects.create(number="FD-1", candidate=candidate, outcome="upheld", shop=b)
    find_leads()
    again = Lead.objects.get()
    assert (again.pk, again.upheld) == (first.pk, 1)
    stopped.advance(days=7)
    find_leads()
    assert Lead.objects.count() == 2
    assert len(set(Lead.objects.values_list("key", flat=True))) == 1
    # What is linked no more goes from this week and stays in the last.
    a.attributes = {}
    a.save()
    said = StringIO()
    call_command("find_leads", stdout=said)
    assert said.getvalue() == ""
    assert list(Lead.objects.values_list("pk", flat=True)) == [first.pk]
    with pytest.raises(CommandError):
        call_command("find_leads", day="soon")


def test_leads_are_written_some_at_a_time_and_what_is_none_any_more_goes(monkeypatch, stopped):
    """A run that dies half-way leaves this week's leads of before beside those that it wrote, and the next one mends it."""
    monkeypatch.setattr(leads, "AT_ONCE", 1)
    pairs = [
        [held(a_shop(attributes={"payee_digest": f"{n}" * 32})), a_shop(attributes={"payee_digest": f"{n}" * 32})]
        for n in range(3)
    ]
    leads.find_leads()
    written = set(Lead.objects.values_list("pk", flat=True))
    for shop in pairs[0]:
        shop.attributes = {}
        shop.save()
    whole = leads._write
    monkeypatch.setattr(leads, "_write", lambda some, week: whole(some, week) and 1 / 0)
    with pytest.raises(ZeroDivisionError):
        leads.find_leads()
    assert set(Lead.objects.values_list("pk", flat=True)) == written
    monkeypatch.setattr(leads, "_write", whole)
    assert len(leads.find_leads()) == 2
    assert Lead.objects.count() == 2


def test_the_picture_of_very_many_shops_shows_the_strongest_links(monkeypatch, sign_in):
    monkeypatch.setattr(graph, "MOST", 3)
    first = held(a_shop(attributes={"payee_digest": PAYEE}))
    for _n in range(5):
        a_shop(attributes={"payee_digest": PAYEE})
    (lead,) = leads.find_leads()
    shown = sign_in(staff()).get(reverse("admin:patrol_lead_review", args=[lead.public_id])).content.decode()
    assert shown.count("<circle") == 3
    assert "The picture shows 3 of 6 shops" in shown
    assert first.title in shown


def test_staff_see_the_picture_and_take_it_away(sign_in):
    a, b = held(a_shop(title="=Alpha", attributes={"payee_digest": PAYEE})), a_shop(attributes={"payee_digest": PAYEE})
    (lead,) = leads.find_leads()
    client = sign_in(staff())
    assert client.get(reverse("admin:patrol_lead_changelist")).status_code == 200
    page = reverse("admin:patrol_lead_review", args=[lead.public_id])
    shown = client.get(page).content.decode()
    picture = shown[shown.index('<svg class="graph"') : shown.index("</svg>", shown.index('<svg class="graph"'))]
    assert picture.count("<circle") == 2
    assert "style=" not in picture
    assert client.get(page).content.decode().count(picture) == 1
    table = b"".join(client.get(reverse("admin:patrol_lead_download", args=[lead.public_id, "csv"]))).decode()
    assert "'=Alpha" in table
    said = json.loads(client.get(reverse("admin:patrol_lead_download", args=[lead.public_id, "json"])).content)
    assert {one["id"] for one in said["shops"]} == {a.public_id, b.public_id}
    assert client.get(reverse("admin:patrol_lead_download", args=[lead.public_id, "exe"])).status_code == 404
