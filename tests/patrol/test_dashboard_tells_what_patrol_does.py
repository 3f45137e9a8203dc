"""Found, decided, right or wrong, how fast, put up again: on one page for staff, with tables, in so many queries."""

from datetime import timedelta

import pytest
from django.urls import reverse

from core import clock
from marketplace.models import Enforcement
from patrol import services
from patrol.figures import figures, table
from patrol.models import Candidate, CandidateDecision, Recheck
from tests.factories import ListingFactory, ShopFactory, complaint, member, staff
from tests.patrol.build import a_candidate, found
from tests.patrol.build import a_profile as patrol_profile
from tests.patrol.sampling import a_profile

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stopped")]


@pytest.fixture
def shop(db):
    return ShopFactory()


def decided(shop, outcome, signals, *, profile, category="books", hours=0, **said):
    n = Candidate.objects.count()
    candidate = Candidate.objects.create(
        number=f"CA-{n}", target=ListingFactory(shop=shop, category=category), profile=profile, target_version=1, score=0.9,
        state=outcome, signals=[{"signal": one, "strength": 1, "data": {}} for one in signals],
        first_found_at=clock.now() - timedelta(hours=hours),
    )  # fmt: skip
    CandidateDecision.objects.create(number=f"FD-{n}", candidate=candidate, outcome=outcome, shop=shop, **said)
    return candidate


def test_precision_is_counted_for_each_signal_brand_and_category(shop):
    one, other = a_profile(), a_profile()
    decided(shop, "upheld", ["text.name", "price.floor"], profile=one)
    decided(shop, "upheld", ["text.name"], profile=one)
    decided(shop, "dismissed", ["text.name"], profile=other, category="shoes")
    said = figures(30)
    assert (said.whole.found, said.whole.upheld, said.whole.dismissed) == (3, 2, 1)
    assert {s.label: (s.judged, s.precision) for s in said.signals} == {
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
    said = figures(30).whole
    assert (said.takedowns.count, said.takedowns.median, said.takedowns.p90) == (4, 2, 40)
    assert (said.looked_at, said.relisting_rate) == (4, 0.25)


def test_each_brand_and_category_has_its_own_times_and_relistings(shop):
    """Whose right was infringed says whose relisting it is, whether a complaint or patrol took it down."""
    one, other = a_profile(), a_profile()
    for profile, category, hours, outcome in ((one, "books", 2, "down"), (other, "shoes", 8, "relisted_by_seller")):
        found = decided(shop, "upheld", [], profile=profile, category=category, hours=hours)
        Enforcement.objects.create(target=found.target, confirmed="down", confirmed_at=clock.now())
        finding = found.decisions.get()
        Recheck.objects.create(
            target=found.target, cause=f"{finding.public_id} 20260101T000000", taken_down_at=clock.now(), after_days=1,
            outcome=outcome, looked_at=clock.now(),
        )  # fmt: skip
    sold = ListingFactory(shop=shop, category="shoes")
    case = complaint(sold, filing=one.filing, by=one.filing.created_by)
    Recheck.objects.create(
        target=sold, cause=f"{case.public_id} 20260101T000000",
        taken_down_at=clock.now(), after_days=1, outcome="relisted_by_other", looked_at=clock.now(),
    )  # fmt: skip
    said = figures(30)
    names = [profile.filing.organisation.name for profile in (one, other)]
    brands = {line.label: line for line in said.brands}
    assert [(brands[n].takedowns.median, brands[n].relisting_rate) for n in names] == [(2, 0.5), (8, 1.0)]
    categories = {line.label: line for line in said.categories}
    assert [(categories[n].takedowns.median, categories[n].relisting_rate) for n in ("books", "shoes")] == [
        (2, 0.0),
        (8, 1.0),
    ]
    heading, *rows = table(said, "brands")
    column = dict(zip(heading, next(row for row in rows if row[0] == names[1]), strict=True))
    assert (column["median_hours_to_takedown"], column["relisting_rate"]) == (8, 1.0)


def test_what_went_down_by_itself_confirms_nothing(shop):
    profile = a_profile()
    for is_automated in (True, True, False):
        decided(shop, "upheld", ["text.name"], profile=profile, is_automated=is_automated)
    decided(shop, "dismissed", ["text.name"], profile=profile)
    wrong = decided(shop, "upheld", ["text.name"], profile=profile, is_automated=True)
    # A person reversed it: now a person had the last word.
    CandidateDecision.objects.create(number="FD-reversed", candidate=wrong, outcome="reversed", shop=shop)
    said = figures(30)
    assert (said.whole.upheld, said.whole.judged, said.automated) == (4, 3, 3)
    assert said.whole.precision == pytest.approx(1 / 3)
    assert [(s.judged, s.precision) for s in said.signals] == [(3, pytest.approx(1 / 3))]


def test_the_time_runs_from_the_first_find_whenever_it_is_scored_anew(stopped):
    profile = patrol_profile()
    candidate = a_candidate(profile)
    stopped.advance(hours=5)
    services.write_candidates(
        [found(profile, candidate.target, score=0.95)], looked_at=[candidate.target], source="feed"
    )
    candidate.refresh_from_db()
    assert candidate.found_at - candidate.first_found_at == timedelta(hours=5)
    services.write_candidates([], looked_at=[candidate.target], source="feed")
    stopped.advance(hours=5)
    services.write_candidates([found(profile, candidate.target)], looked_at=[candidate.target], source="feed")
    candidate.refresh_from_db()
    assert candidate.found_at == candidate.first_found_at, "it was gone, and was found again"


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
