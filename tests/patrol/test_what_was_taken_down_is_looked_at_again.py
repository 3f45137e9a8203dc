"""Re-check: after 1, 3, 7, 30 and 90 days, on the marketplace's public side; what was put up again is held or shown to a person."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from complaints import services as complaints
from complaints.models import Complaint
from complaints.services import Found
from core import clock
from core.fetch import Fetched, Gone, Unreachable
from core.models import LedgerEntry
from filings.models import Filing, GenuineSeller
from governance.models import Strike
from imageguard.models import Appearance, OfficialPicture, SeenImage, Sighting
from marketplace import services as enforcement
from marketplace.connectors.base import Outcome, TransientError
from marketplace.models import Enforcement, Hold, Target
from patrol import desk, inspecting, looks, prechecks, profiles, rechecks, services, terms
from patrol.errors import NotWatchable
from patrol.models import Candidate, CandidateDecision, Recheck, WatchProfile
from tests.factories import FilingFactory, ListingFactory, ShopFactory, a_file, complaint, member, staff
from tests.imageguard.test_watching_survives import Killed, die_at
from tests.patrol.build import found
from tests.patrol.helpers import inspected

pytestmark = pytest.mark.django_db
TITLE = "Running shoe number nine"


class Mall:
    """The marketplace: what its connector says, and what its pages show."""

    kinds = frozenset({"listing"})
    max_batch = 500

    def __init__(self):
        self.state, self.page, self.orders = "down", "gone", 0

    def apply(self, orders):
        self.orders += len(orders)
        return {order.ref: Outcome() for order in orders}

    def observe(self, refs):
        if self.state is None:
            raise TransientError("no answer")
        return dict.fromkeys(refs, self.state)

    def close(self):
        pass

    def fetch(self, url, **limits):
        if self.page == "gone":
            raise Gone("answered 410")
        if self.page is None:
            raise Unreachable("answered 500")
        return Fetched(content=f"<h1>{self.page}</h1>".encode(), url=url)


@pytest.fixture
def mall(monkeypatch, stopped):
    terms.forget()
    mall = Mall()
    monkeypatch.setattr(enforcement, "open_connector", lambda marketplace: mall)
    monkeypatch.setattr(enforcement, "_kinds", lambda connector: mall.kinds)
    monkeypatch.setattr(rechecks, "fetch", mall.fetch)
    return mall


@pytest.fixture
def taken_down(mall, stopped, work_off):
    """A listing that a complaint took down, confirmed."""
    listing = take_down(ListingFactory(title=TITLE, category="shoes"), work_off)
    stopped.advance(minutes=1)
    return listing


def take_down(listing, work_off, *, rule="U1", **fields):
    case, reviewer = complaint(listing, **{"by": member()} | fields), staff()
    complaints.accept(complaint=case, by=reviewer)
    complaints.decide(
        complaint=case, by=reviewer, findings=[Found(target=ct, upheld=True, rule=rule, facts="x") for ct in case.targets.all()]
    )  # fmt: skip
    enforcement.reconcile_batch()
    work_off()
    return listing


def look(stopped, work_off, **later):
    """Let the time pass, look, and do what follows; returns what the looks so far came to."""
    stopped.advance(**later)
    while rechecks.recheck_due():
        pass
    work_off()
    return list(Recheck.objects.looked().order_by("after_days").values_list("after_days", "outcome"))


def test_it_is_looked_at_five_times(taken_down, stopped, work_off):
    assert look(stopped, work_off, hours=23) == []
    assert look(stopped, work_off, hours=2) == [(1, "down")]
    assert look(stopped, work_off, days=2) == [(1, "down"), (3, "down")]
    assert look(stopped, work_off, days=100) == [(n, "down") for n in rechecks.DAYS]
    assert not Recheck.objects.due().exists()
    rechecks.enforcement_settled(taken_down.public_id)
    assert Recheck.objects.count() == 5


def test_what_can_be_seen_again_is_ordered_down_again_with_points(taken_down, mall, stopped, work_off):
    mall.page, mall.state = f"{TITLE} – buy now", "up"
    ordered = mall.orders
    assert look(stopped, work_off, days=1, minutes=1) == [(1, "up")]
    enforcement.reconcile_batch()
    work_off()
    assert mall.orders == ordered + 1
    assert Enforcement.objects.get().confirmed == "down"
    assert Strike.objects.filter(code="M8", cause=taken_down.public_id).count() == 1
    assert Recheck.objects.count() == 5, "its other looks stay those of the first takedown"


@pytest.mark.parametrize(
    ("page", "state", "outcome"),
    [
        ("gone", "up", "down"),
        ("gone", None, "down"),
        (None, "down", "down"),
        (f"{TITLE}: not on sale any more", "down", "down"),
        (f"{TITLE}</h1><p>该商品已下架</p>", "down", "down"),
        (f"{TITLE}</h1><script>gone = '已下架'</script>", "down", "up"),
        ("Everything for runners", "up", "up"),
        ("Everything for runners", "missing", "down"),
        (TITLE, None, "up"),
        (TITLE, "down", "up"),
        (TITLE, "missing", "up"),
    ],
)
def test_the_page_and_the_marketplace_together_say_whether_it_is_down(
    taken_down, mall, stopped, work_off, page, state, outcome
):
    mall.page, mall.state = page, state
    assert look(stopped, work_off, days=1, minutes=1) == [(1, outcome)]


def test_what_cannot_be_looked_at_is_tried_again_and_then_said(taken_down, mall, stopped, work_off):
    mall.page = mall.state = None
    assert look(stopped, work_off, days=1, minutes=1) == []
    assert look(stopped, work_off, minutes=1) == [], "minutes in which the marketplace is away end no look"
    for wait in rechecks.WAITS:
        done = look(stopped, work_off, seconds=wait.total_seconds())
    assert done == [(1, "unknown")]
    mall.page, mall.state = "gone", "down"
    assert look(stopped, work_off, days=3) == [(1, "unknown"), (3, "down")]


def test_a_marketplace_that_is_back_in_the_evening_is_looked_at(taken_down, mall, stopped, work_off):
    mall.page = mall.state = None
    look(stopped, work_off, days=1, minutes=1)
    look(stopped, work_off, minutes=20)
    look(stopped, work_off, hours=2)
    mall.page, mall.state = "gone", "down"
    assert look(stopped, work_off, hours=5) == [(1, "down")]


@pytest.mark.parametrize("state", [None, "down", "missing"])
def test_what_the_page_shows_is_ordered_down_again_whatever_the_marketplace_says(
    taken_down, mall, stopped, work_off, sign_in, state
):
    mall.page, mall.state = f"{TITLE} – buy now", state
    ordered = mall.orders
    look(stopped, work_off, days=1, minutes=1)
    enforcement.reconcile_batch()
    work_off()
    assert mall.orders == ordered + 1
    assert not Strike.objects.filter(code="M8").exists(), "its seller is not blamed on a page alone"
    row = Recheck.objects.looked().get()
    assert row.is_contradictory is (state is not None)
    page = sign_in(staff()).get("/admin/patrol/recheck/?is_contradictory__exact=1").content.decode()
    case = Complaint.objects.get()
    assert (f"/admin/complaints/complaint/{case.public_id}/review/" in page) is (state is not None)
    assert (case.number in page) is (state is not None)


def test_what_the_marketplace_says_is_up_is_ordered_down_again_though_its_page_is_gone(
    taken_down, mall, stopped, work_off
):
    mall.page, mall.state = "gone", "up"
    ordered = mall.orders
    assert look(stopped, work_off, days=1, minutes=1) == [(1, "down")]
    assert Recheck.objects.looked().get().is_contradictory
    enforcement.reconcile_batch()
    assert mall.orders == ordered + 1
    assert not Strike.objects.filter(code="M8").exists()


def test_a_second_case_on_what_is_down_already_owes_looks_of_its_own(taken_down, mall, stopped, work_off):
    stopped.advance(days=2)
    take_down(taken_down, work_off)
    first, second = Hold.objects.order_by("pk")
    assert {row.after_days for row in rechecks.of_case(second.cause)} == set(rechecks.DAYS)
    enforcement.release_holds(cause=first.cause, reason="withdrawn")
    assert sorted(look(stopped, work_off, days=1, minutes=1)) == [(1, "down"), (1, "released"), (3, "released")]
    look(stopped, work_off, days=100)
    assert {r.outcome for r in rechecks.of_case(second.cause)} == {"down"}


def test_what_is_held_no_longer_is_not_looked_at(taken_down, mall, stopped, work_off):
    enforcement.release_holds(cause=Hold.objects.get().cause, reason="withdrawn")
    mall.page, mall.state = TITLE, "up"
    assert look(stopped, work_off, days=1, minutes=1) == [(1, "released")]
    assert not Strike.objects.filter(code="M8").exists()


def test_what_the_same_seller_puts_up_as_another_listing_is_held_at_once_with_points(
    taken_down, mall, stopped, work_off
):
    stopped.advance(hours=1)
    again = ListingFactory(shop=taken_down.shop, title="Running  SHOE number nine", category="other")
    assert look(stopped, work_off, days=1) == [(1, "relisted_by_seller")]
    candidate = Candidate.objects.get(target=again)
    assert (candidate.state, candidate.source) == ("upheld", "recheck")
    decision = candidate.decisions.get()
    assert (decision.is_automated, decision.infringement) == (True, "counterfeit")
    assert TITLE in decision.facts
    assert Enforcement.objects.get(target=again).desired == "down"
    assert Strike.objects.filter(code="M8", shop=taken_down.shop).count() == 1
    assert Recheck.objects.get(after_days=1, target=taken_down).relistings.get() == candidate
    look(stopped, work_off, days=2)
    assert Strike.objects.filter(code="M8").count() == 1, "counted once"


def test_points_for_it_are_taken_back_when_it_is_reversed(taken_down, mall, stopped, work_off):
    again = ListingFactory(shop=taken_down.shop, title=TITLE, category="shoes")
    look(stopped, work_off, days=1)
    services.reverse(candidate=again.candidates.get(), by=staff("senior_reviewer"), reason="It is another model.")
    work_off()
    assert not Strike.objects.standing().filter(code="M8").exists()


def test_another_shop_of_the_same_operator_is_the_same_seller(taken_down, mall, stopped, work_off):
    code = "91330100MA2AXXXX0X"
    Target.objects.filter(pk=taken_down.shop_id).update(operator_uscc=code)
    other = ShopFactory(marketplace=taken_down.marketplace, operator_uscc=code)
    again = ListingFactory(shop=other, title=TITLE, category="shoes")
    assert look(stopped, work_off, days=1, minutes=1) == [(1, "relisted_by_seller")]
    assert again.candidates.get().state == "upheld"


def test_what_another_seller_puts_up_is_for_a_person(taken_down, mall, stopped, work_off):
    again = ListingFactory(title=TITLE, category="shoes")
    elsewhere = ListingFactory(title=TITLE, category="books")
    assert look(stopped, work_off, days=1, minutes=1) == [(1, "relisted_by_other")]
    candidate = Candidate.objects.get()
    assert (candidate.target, candidate.state, candidate.source) == (again, "open", "recheck")
    facts = desk.facts_of(desk.what_was_seen(candidate))
    assert f"Its title is that of what was taken down in case {Complaint.objects.get().number}." in facts.splitlines()
    assert WatchProfile.objects.get().state == "draft", "a right that nobody watches has a draft for it"
    assert not Strike.objects.filter(code="M8").exists()
    assert not elsewhere.candidates.exists()
    rechecks_of_case = list(rechecks.of_case(Hold.objects.get().cause))
    assert [row.after_days for row in rechecks_of_case] == list(rechecks.DAYS)
    inspected()
    candidate.refresh_from_db()
    assert candidate.state == "open"


def test_what_was_on_sale_before_is_no_relisting(mall, stopped, work_off):
    shop = ShopFactory()
    ListingFactory(shop=shop, title=TITLE, category="shoes")
    stopped.advance(hours=1)
    take_down(ListingFactory(shop=shop, title=TITLE, category="shoes"), work_off)
    assert look(stopped, work_off, days=1, minutes=1) == [(1, "down")]


def test_what_a_re_check_saw_is_not_written_over_by_a_normal_look(taken_down, mall, stopped, work_off):
    again = ListingFactory(title=TITLE, category="shoes")
    filing = Filing.objects.get()
    profile = WatchProfile.objects.create(filing=filing, number="WP-9", kind="brand", name="x", state="watching")
    normal = found(profile, again)
    services.write_candidates([normal], looked_at=[again], source="feed")
    look(stopped, work_off, days=1, minutes=1)
    candidate = again.candidates.get()
    saw = candidate.signals
    assert (candidate.source, saw[0]["signal"]) == ("recheck", "recheck.title")
    services.write_candidates([found(profile, again, word="other")], looked_at=[again], source="feed")
    candidate.refresh_from_db()
    assert (candidate.source, candidate.signals) == ("recheck", saw)


def test_a_relisting_that_was_dismissed_is_not_opened_by_a_look_that_sees_no_more(
    taken_down, mall, stopped, work_off, monkeypatch
):
    again = ListingFactory(title=TITLE, category="shoes")
    profile = WatchProfile.objects.create(
        filing=Filing.objects.get(), number="WP-9", kind="brand", name="x", state="watching"
    )
    monkeypatch.setattr(inspecting, "inspect", lambda targets, **_of: [found(profile, target) for target in targets])
    look(stopped, work_off, days=1, minutes=1)
    services.dismiss(candidate=again.candidates.get(), by=staff(), why="resale")
    services.write_candidates([found(profile, again)], looked_at=[again], source="feed")
    assert again.candidates.get().state == "dismissed"


def test_the_draft_of_a_right_that_nobody_watched_is_taken_over_by_its_holder(taken_down, mall, stopped, work_off):
    again = ListingFactory(title=TITLE, category="shoes")
    look(stopped, work_off, days=1, minutes=1)
    draft = WatchProfile.objects.get()
    assert LedgerEntry.objects.get(kind="profile.draft").subject == draft.public_id
    by = draft.filing.created_by
    assert list(profiles.watchable(by)) == [draft.filing]
    profile = profiles.create(filing=draft.filing, by=by, names=["Kivorro"])
    assert profile == draft
    assert [term.text for term in profile.terms.all()] == ["Kivorro"]
    assert list(profile.candidates.all()) == list(again.candidates.all())
    assert not profiles.watchable(by).exists()
    with pytest.raises(NotWatchable, match=profile.number):
        profiles.create(filing=draft.filing, by=by)


def test_a_draft_that_its_holder_changed_is_its_own(taken_down, mall, stopped, work_off):
    ListingFactory(title=TITLE, category="shoes")
    look(stopped, work_off, days=1, minutes=1)
    draft = WatchProfile.objects.get()
    profiles.change(profile=draft, by=draft.filing.created_by, names=["Kivorro"])
    with pytest.raises(NotWatchable):
        profiles.create(filing=draft.filing, by=draft.filing.created_by)


def test_a_look_that_is_lost_half_way_is_written_whole_by_the_next(taken_down, mall, stopped, work_off, monkeypatch):
    """Of what is released, and of what was put up again: nothing is written that is not ended."""
    enforcement.release_holds(cause=Hold.objects.get().cause, reason="withdrawn")
    die_at(monkeypatch, "patrol.models.Recheck.save")
    with pytest.raises(Killed):
        look(stopped, work_off, days=1, minutes=1)
    assert not Recheck.objects.filter(done_at__isnull=False).exists()
    monkeypatch.undo()


def test_a_decision_that_stands_is_not_made_again(taken_down, mall, stopped, work_off):
    again = ListingFactory(title=TITLE, category="shoes")
    look(stopped, work_off, days=1, minutes=1)
    services.dismiss(candidate=again.candidates.get(), by=staff(), why="resale")
    look(stopped, work_off, days=2)
    assert again.candidates.get().state == "dismissed"


def test_one_that_breaks_stops_no_other_and_staff_see_it(taken_down, mall, stopped, work_off, monkeypatch, sign_in):
    other = take_down(ListingFactory(title="Another shoe entirely", category="shoes"), work_off)
    really = rechecks._put_up_again

    def broken(row, case):
        if row.target_id == taken_down.pk:
            raise ValueError("this cannot be read")
        return really(row, case)

    monkeypatch.setattr(rechecks, "_put_up_again", broken)
    look(stopped, work_off, days=1, minutes=1)
    assert Recheck.objects.looked().get().target == other
    page = sign_in(staff()).get("/admin/patrol/recheck/").content.decode()
    assert "this cannot be read" in page
    assert "still down" in page


def test_what_a_seller_may_sell_by_now_is_no_relisting(taken_down, mall, stopped, work_off):
    filing = Filing.objects.get()
    GenuineSeller.objects.create(filing=filing, shop=taken_down.shop)
    again = ListingFactory(shop=taken_down.shop, title=TITLE, category="shoes")
    assert look(stopped, work_off, days=1, minutes=1) == [(1, "down")]
    assert not again.candidates.exists()


def test_a_picture_alone_takes_nothing_down(taken_down, mall, stopped, work_off):
    """A banner may stand in every listing of a shop."""
    again = ListingFactory(shop=taken_down.shop, title="A pair of woollen socks", category="socks")
    banner = SeenImage.objects.create(
        marketplace=again.marketplace, url="https://mall.example/banner.jpg", url_hash="b"
    )
    for target in (taken_down, again):
        Appearance.objects.create(image=banner, target=target, position=0, first_seen_at=again.first_seen_at)
    look(stopped, work_off, days=1, minutes=1)
    assert again.candidates.get().state == "open"
    assert not Strike.objects.filter(code="M8").exists()


def showing(url, *listings):
    """These listings show the same picture."""
    image = SeenImage.objects.create(marketplace=listings[0].marketplace, url=url, url_hash=url[-20:])
    for target in listings:
        Appearance.objects.create(image=image, target=target, position=0, first_seen_at=target.first_seen_at)
    return image


@pytest.mark.parametrize(("infringement", "is_held"), [("copied_image", False), ("trademark_use", True)])
def test_corrected_goods_are_held_only_with_what_infringed_in_the_offer(mall, stopped, work_off, infringement, is_held):
    """Who sells the same lawful goods with a photograph of its own did what the decision wanted."""
    by = member()
    kind, rule = {"copied_image": ("copyright_work", "U3"), "trademark_use": ("trademark", "U2")}[infringement]
    right = FilingFactory(organisation=by.organisation, created_by=by, kind=kind)
    old = take_down(
        ListingFactory(title=TITLE, category="shoes"), work_off, rule=rule, by=by, filing=right,
        infringement=infringement, evidence=[a_file(by)],
    )  # fmt: skip
    stopped.advance(minutes=1)
    corrected, copy = (ListingFactory(shop=old.shop, title=TITLE, category="shoes") for _n in range(2))
    showing("https://mall.example/copied.jpg", old, copy)
    assert look(stopped, work_off, days=1) == [(1, "relisted_by_seller")]
    assert corrected.candidates.get().state == ("upheld" if is_held else "open")
    assert copy.candidates.get().state == "upheld"


def test_a_number_that_only_differs_from_the_title_is_no_use_of_the_mark(mall, stopped, work_off):
    by = member()
    right = FilingFactory(organisation=by.organisation, created_by=by, kind="trademark")
    told = {"isbn": "9787000000001"}
    old = take_down(
        ListingFactory(title=TITLE, attributes=told), work_off, rule="U2", by=by, filing=right,
        infringement="trademark_use", evidence=[a_file(by)],
    )  # fmt: skip
    stopped.advance(minutes=1)
    corrected = ListingFactory(shop=old.shop, title="Another title", category=old.category, attributes=told)
    look(stopped, work_off, days=1)
    assert corrected.candidates.get().state == "open"


def test_an_honest_seller_of_the_same_book_is_no_relisting(mall, stopped, work_off, monkeypatch):
    """The number of a book and the publisher's cover stand with every seller; something else has to speak against it."""
    told = {"isbn": "9787000000001"}
    old = take_down(ListingFactory(title="Atlas, sold cheap", category="books", attributes=told), work_off)
    stopped.advance(minutes=1)
    honest, same = (ListingFactory(title="An atlas", category="books", attributes=told) for _n in range(2))
    socks = ListingFactory(shop=old.shop, title="A pair of woollen socks", category="socks")
    cover = showing("https://mall.example/cover.jpg", old, honest, socks)
    by = member()
    picture = OfficialPicture.objects.create(subject="img_cover", file=a_file(by))
    Sighting.objects.create(picture=picture, image=cover, score=1.0, tier="automatic", sha256="0")
    assert look(stopped, work_off, days=1) == [(1, "down")]
    assert not Candidate.objects.exists(), "not even in its own shop, by an official picture alone"
    profile = profiles.begin_for_platform(filing=Filing.objects.get())
    monkeypatch.setattr(
        inspecting, "inspect", lambda targets, **_of: [found(profile, target) for target in targets if target == same]
    )
    assert look(stopped, work_off, days=2) == [(1, "down"), (3, "relisted_by_other")]
    assert list(Candidate.objects.values_list("target", flat=True)) == [same.pk]


def test_what_a_person_dismissed_counts_as_no_relisting_any_more(taken_down, mall, stopped, work_off):
    again = ListingFactory(title=TITLE, category="shoes")
    assert look(stopped, work_off, days=1, minutes=1) == [(1, "relisted_by_other")]
    services.dismiss(candidate=again.candidates.get(), by=staff(), why="resale")
    assert look(stopped, work_off, days=2) == [(1, "relisted_by_other"), (3, "down")]


def test_its_sellers_own_is_seen_first_however_many_others_sell_it(taken_down, mall, stopped, work_off, monkeypatch):
    monkeypatch.setattr(rechecks, "MOST_RELISTINGS", 2)
    others = ListingFactory.create_batch(3, title="Woollen socks", category="socks")
    again = ListingFactory(shop=taken_down.shop, title="Woollen socks", category="socks")
    showing("https://mall.example/same.jpg", taken_down, *others, again)
    assert look(stopped, work_off, days=1, minutes=1) == [(1, "relisted_by_seller")]
    assert again.candidates.exists()


def test_put_up_again_under_two_rights_it_counts_once(taken_down, mall, stopped, work_off):
    take_down(taken_down, work_off)
    stopped.advance(minutes=1)
    again = ListingFactory(shop=taken_down.shop, title=TITLE, category="shoes")
    look(stopped, work_off, days=1)
    findings = CandidateDecision.objects.filter(candidate__target=again).order_by("pk")
    assert [one.decided_with for one in findings] == [None, findings[0]]
    strike = Strike.objects.get(code="M8")
    assert not strike.is_doubled


def test_what_is_put_up_before_the_marketplace_confirms_was_put_up_again(mall, stopped, work_off, monkeypatch):
    with monkeypatch.context() as away:
        away.setattr(enforcement, "reconcile_batch", lambda: None)
        old = take_down(ListingFactory(title=TITLE, category="shoes"), work_off)
    stopped.advance(hours=1)
    again = ListingFactory(shop=old.shop, title=TITLE, category="shoes")
    stopped.advance(hours=1)
    confirmed_at = clock.now()
    enforcement.reconcile_batch()
    work_off()
    assert Recheck.objects.order_by("due_at").first().due_at == confirmed_at + timedelta(days=1)
    assert look(stopped, work_off, days=1) == [(1, "relisted_by_seller")]
    assert again.candidates.get().state == "upheld"


def test_the_case_shows_its_looks_to_its_holder_and_to_staff_and_to_nobody_else(
    taken_down, mall, stopped, work_off, sign_in
):
    ListingFactory(title=TITLE, category="shoes", shop__title="A foreign shop")
    case = Complaint.objects.get()
    holder, officer, stranger = sign_in(case.filing.created_by), sign_in(staff()), sign_in(member())
    address = f"/watch/looks/{case.public_id}/"
    assert address in holder.get(f"/complaints/{case.public_id}/").content.decode()
    assert address in officer.get(f"/admin/complaints/complaint/{case.public_id}/review/").content.decode()
    assert "Not yet." in holder.get(address, headers={"HX-Request": "true"}).content.decode()
    mall.page, mall.state = TITLE, "down"
    look(stopped, work_off, days=1, minutes=1)
    for reader in (holder, officer):
        page = reader.get(address).content.decode()
        assert "shown in public again" in page
        assert "The page shows it. The marketplace says that it is down." in page
        assert "After 3 days" in page
        assert "A foreign shop" not in page
    part = holder.get(address, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert "contradict" not in part
    assert stranger.get(address).status_code == 404
    assert officer.get("/watch/looks/cmp_0/").status_code == 404


def test_a_finding_shows_its_looks_to_staff_and_to_the_brand_that_was_asked(
    taken_down, mall, stopped, work_off, sign_in
):
    again = ListingFactory(shop=taken_down.shop, title=TITLE, category="shoes")
    look(stopped, work_off, days=1, minutes=1)
    enforcement.reconcile_batch()
    work_off()
    candidate = again.candidates.get()
    address = f"/watch/looks/{candidate.decisions.get().public_id}/"
    brand = sign_in(candidate.profile.filing.created_by)
    assert address in sign_in(staff()).get(f"/admin/patrol/candidate/{candidate.public_id}/review/").content.decode()
    assert brand.get(address).status_code == 404
    Candidate.objects.filter(pk=candidate.pk).update(was_shown_to_brand=True)
    assert address in brand.get(f"/watch/candidates/{candidate.public_id}/").content.decode()
    assert "After 90 days" in brand.get(address).content.decode()


def test_the_number_of_queries_does_not_grow_with_the_looks_of_a_case(taken_down, mall, stopped, work_off):
    case = Hold.objects.get().cause

    def asked_of_the_database() -> int:
        officer = staff()
        with CaptureQueriesContext(connection) as queries:
            looks.of_case(officer, case)
        return len(queries)

    assert len(look(stopped, work_off, days=2)) == 1
    after_one = asked_of_the_database()
    assert len(look(stopped, work_off, days=100)) > 1
    assert asked_of_the_database() == after_one


# --- asked before it is published -------------------------------------------------------------------------------------


def asked(shop, title=TITLE, **said):
    body = {"title": title, "category": "shoes", "shop_external_id": shop.external_id, **said}
    return prechecks.check(marketplace=shop.marketplace, body=body)


def test_who_asks_to_publish_what_it_had_taken_down_is_refused_with_the_case(taken_down):
    row = asked(taken_down.shop, "Running  shoe NUMBER nine")
    assert (row.answer, row.rule) == ("block", "M8")
    (reason,) = prechecks.reasons(row)
    assert Complaint.objects.get().number in reason


def test_another_seller_another_title_and_what_is_back_by_right_pass(taken_down):
    shop = taken_down.shop
    assert asked(ShopFactory(marketplace=shop.marketplace)).answer == "pass"
    assert asked(shop, "Running shoe number ten").answer == "pass"
    elsewhere = ShopFactory(operator_uscc="91330100MA2AXXXX0X")
    Target.objects.filter(pk=shop.pk).update(operator_uscc="91330100MA2AXXXX0X")
    assert asked(elsewhere).answer == "pass", "what another marketplace took down is no business of this one"
    enforcement.release_holds(cause=Complaint.objects.get().public_id, reason="won")
    assert asked(shop).answer == "pass"


def test_whoever_may_sell_it_by_now_may_publish_it(taken_down):
    profile = profiles.begin_for_platform(filing=Filing.objects.get())
    profile.shops.create(shop=taken_down.shop)
    assert asked(taken_down.shop).answer == "pass"


def test_goods_whose_picture_was_copied_are_for_a_person(mall, stopped, work_off):
    by = member()
    filing = FilingFactory(organisation=by.organisation, created_by=by, kind="copyright_work")
    shoe = ListingFactory(title=TITLE, category="shoes")
    take_down(shoe, work_off, by=by, filing=filing, infringement="copied_image", rule="U3", evidence=[a_file(by)])
    row = asked(shoe.shop)
    assert (row.answer, row.rule) == ("review", "M8"), (
        "the goods are lawful, and whether the picture is there nobody knows"
    )
