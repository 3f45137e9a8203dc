"""Found, decided, right or wrong, how fast, put up again: on one page for staff, with tables, in so many queries."""

from datetime import timedelta

import pytest
from django.urls import reverse

from core import clock
from marketplace.models import Enforcement
from patrol.figures import figures
from patrol.models import Candidate, CandidateDecision, Recheck
from tests.factories import ListingFactory, ShopFactory, member, staff
from tests.patrol.sampling import a_profile

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stopped")]


@pytest.fixture
def shop(db):
    return ShopFactory()


def decided(shop, outcome, signals, *, profile, category="books", hours=0):
    n = Candidate.objects.count()
    candidate = Candidate.objects.create(
        number=f"CA-{n}", target=ListingFactory(shop=shop, category=category), profile=profile, target_version=1, score=0.9,
        state=outcome, signals=[{"signal": one, "strength": 1, "data": {}} for one in signals],
        found_at=clock.now() - timedelta(hours=hours),
    )  # fmt: skip
    CandidateDecision.objects.create(number=f"FD-{n}", candidate=candidate, outcome=outcome, shop=shop)
    return candidate


def test_precision_is_counted_for_each_signal_brand_and_category(shop):
    one, other = a_profile(), a_profile()
    decided(shop, "upheld", ["text.name", "price.floor"], profile=one)
    decided(shop, "upheld", ["text.name"], profile=one)
    decided(shop, "dismissed", ["text.name"], profile=other, category="shoes")
    said = figures(30)
    assert (said.whole.found, said.whole.upheld, said.whole.dismissed) == (3, 2, 1)
    assert {s.label: (s.decided, s.precision) for s in said.signals} == {
        "price.floor": (1, 1.0), "text.name": (3, pytest.approx(2 / 3)),
    }  # fmt: skip
    assert [(b.found, b.precision) for b in said.brands] == [(2, 1.0), (1, 0.0)]
    assert {c.label: c.upheld for c in said.categories} == {"books": 2, "shoes": 0}
    assert said.weeks[-1].found == 3


def test_what_lies_before_the_period_does_not_count(shop, stopped):
    decided(shop, "upheld", ["text.name"], profile=a_profile())
    stopped.advance(days=8)
    assert figures(7).whole.upheld == 0
    assert figures(30).whole.upheld == 1


def test_time_to_takedown_and_relisting(shop):
    profile = a_profile()
    for hours in (1, 2, 3, 40):
        found = decided(shop, "upheld", [], profile=profile, hours=hours)
        Enforcement.objects.create(target=found.target, confirmed="down", confirmed_at=clock.now())
        outcome = "relisted_by_other" if hours == 40 else "down"
        for after, what in ((1, "down"), (3, outcome), (7, "unknown")):
            Recheck.objects.create(
                target=found.target,
                cause="fnd_1",
                taken_down_at=clock.now(),
                after_days=after,
                outcome=what,
                looked_at=clock.now(),
            )
    said = figures(30)
    assert (said.takedowns.count, said.takedowns.median, said.takedowns.p90) == (4, 2, 40)
    assert (said.relistings.looked_at, said.relistings.rate) == (4, 0.25)


def test_the_page_costs_as_many_queries_for_many_brands_as_for_one(shop, sign_in, django_assert_max_num_queries):
    client = sign_in(staff())
    for n in range(12):
        decided(
            shop, "upheld" if n % 2 else "dismissed", ["text.name", f"text.{n}"], profile=a_profile(), category=f"c{n}"
        )
    with django_assert_max_num_queries(14):
        figures(30)
    page = client.get(reverse("patrol-dashboard"), {"days": "7"})
    assert page.status_code == 200
    shown = page.content.decode()
    assert '<svg class="bars"' in shown
    assert "text.name" in shown
    for name in ("signals", "brands", "categories", "weeks"):
        table = b"".join(client.get(reverse("patrol-figures", args=[name]))).decode()
        assert table.count("\n") >= 2
    assert client.get(reverse("patrol-figures", args=["people"])).status_code == 404
    assert client.get(reverse("patrol-dashboard"), {"days": "1000000"}).status_code == 200


def test_nobody_else_reads_it(sign_in, client):
    for visitor in (client, sign_in(member())):
        assert visitor.get(reverse("patrol-dashboard")).status_code in (302, 403)
