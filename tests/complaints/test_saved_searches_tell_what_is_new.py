"""A saved search tells by email of what was not on sale before, once of each thing, once a day at most."""

import re
from datetime import UTC, datetime

import pytest

from accounts.models import Membership, Organisation
from accounts.roles import OrgRole
from complaints.models import Draft, SavedSearch, SavedSearchHit
from complaints.searches import selectors, services
from complaints.searches.services import look_due, pause_search, resume_search, run_search, save_search
from complaints.tasks import look_for_hits
from core import clock
from core.errors import Forbidden, Invalid
from core.models import LedgerEntry, Letter
from core.pace import TooOften
from tests.factories import MarketplaceFactory, OrganisationFactory, member
from tests.marketplace.selling import a_shop, seen, sell
from tests.test_keys_open_what_their_scopes_say import keyed

pytestmark = pytest.mark.django_db
PAGES, API = "/complaints/searches/", "/api/v1/saved-searches"


@pytest.fixture
def time():
    with clock.frozen(datetime(2026, 3, 2, 18, tzinfo=UTC)) as stopped:
        yield stopped


@pytest.fixture
def mall(db):
    made = MarketplaceFactory(slug="mall")
    a_shop(made, "Harbour Lane", "s1")
    return made


@pytest.fixture
def holder(db):
    return member(email="holder@example.com")


def saved(holder, **asked):
    return save_search(by=holder, name="shoes", asked=asked or {"words": "nike"})


def look(time):
    """Half an hour later the clock comes round."""
    time.advance(minutes=31)
    return look_for_hits()


def found(search):
    return [row.target.title for row in search.hits.filter(found_at__gte=search.created_at).order_by("pk")]


def letters():
    return list(Letter.objects.order_by("pk"))


def test_what_comes_on_sale_is_told_with_its_link_and_what_was_there_is_not(time, mall, holder):
    sell(mall, "Nike 旧款")
    search = saved(holder)
    shoe = sell(mall, "Nike 跑鞋", shop_external_id="s1", price="99.00", currency="CNY")
    sell(mall, "Adidas 跑鞋")
    assert look(time) == 1
    assert found(search) == ["Nike 跑鞋"]
    (letter,) = letters()
    assert (letter.to, letter.template) == ("holder@example.com", "saved_search_found")
    for told in (
        "Nike 跑鞋",
        "99.00 CNY",
        "Harbour Lane",
        f"/product/{shoe.external_id}",
        f"{PAGES}{search.public_id}/",
    ):
        assert told in letter.body
    assert "旧款" not in letter.body


def test_what_was_there_is_not_new_when_its_price_changes(time, mall, holder, sign_in):
    sell(mall, "Nike 旧款", external_id="1", price="99.00", currency="CNY")
    search = saved(holder)
    sell(mall, "Nike 旧款", external_id="1", price="98.00", currency="CNY")
    look(time)
    assert found(search) == letters() == []
    assert "旧款" not in sign_in(holder).get(f"{PAGES}{search.public_id}/").content.decode()
    assert selectors.search_of(holder, search.public_id).hit_count == 0


def test_of_a_search_that_found_too_much_only_what_comes_on_sale_since_is_new(time, mall, holder, monkeypatch, sign_in):
    monkeypatch.setattr(services, "MOST_BEFORE", 2)
    for number in range(3):
        sell(mall, f"Nike {number}", external_id=f"n{number}", price="99.00", currency="CNY")
    sell(mall, "Sports shoes", external_id="other")
    search = saved(holder)
    assert not search.hits.exists(), "nothing is kept of a crowd"
    time.advance(minutes=10)
    sell(mall, "Nike 0", external_id="n0", price="98.00", currency="CNY", at=clock.now())
    sell(mall, "Nike sports shoes", external_id="other", at=clock.now())
    sell(mall, "Nike new", external_id="new", at=clock.now())
    look(time)
    assert found(search) == ["Nike new"]
    said = text(sign_in(holder).get(f"{PAGES}{search.public_id}/"))
    assert "more than 2 things" in said


def test_up_to_the_limit_every_thing_that_was_there_is_known(time, mall, holder, monkeypatch):
    monkeypatch.setattr(services, "MOST_BEFORE", 2)
    for number in range(2):
        sell(mall, f"Nike {number}", external_id=f"n{number}")
    sell(mall, "Sports shoes", external_id="other")
    search = saved(holder)
    sell(mall, "Nike 0 again", external_id="n0")
    sell(mall, "Nike sports shoes", external_id="other")
    look(time)
    assert found(search) == ["Nike sports shoes"]


def test_nothing_is_told_twice_however_often_it_changes_or_the_clock_comes(time, mall, holder):
    search = saved(holder)
    sell(mall, "Nike 跑鞋", external_id="1")
    look(time)
    assert look_due() == look_due() == 0  # nobody's turn
    sell(mall, "Nike 跑鞋 第二代", external_id="1")
    SavedSearch.objects.update(look_at=clock.now())
    look_due()
    time.advance(days=2)
    look_due()
    assert found(search) == ["Nike 跑鞋 第二代"]
    assert len(letters()) == 1


def test_what_becomes_a_hit_by_a_change_is_new(time, mall, holder):
    sell(mall, "Sports shoes", external_id="1")
    search = saved(holder)
    sell(mall, "Nike sports shoes", external_id="1")
    look(time)
    assert found(search) == ["Nike sports shoes"]


def test_there_is_one_letter_a_day_with_everything_since_the_last(time, mall, holder):
    saved(holder)
    sell(mall, "Nike 1")
    look(time)
    for number in range(2, 4):
        sell(mall, f"Nike {number}")
        look(time)
    gone = sell(mall, "Nike gone")
    look(time)
    assert len(letters()) == 1
    seen(mall, gone, "missing", at=clock.now())
    time.advance(days=1)
    look_due()
    _first, second = letters()
    assert "Nike 2" in second.body
    assert "Nike 3" in second.body
    assert "Nike gone" not in second.body
    assert "Nike 1\n" not in second.body
    assert "found 2 things" in second.subject


def test_what_was_gone_when_the_letter_was_due_is_told_when_it_is_back(time, mall, holder):
    saved(holder)
    sell(mall, "Nike 1")
    look(time)
    gone = sell(mall, "Nike gone")
    look(time)
    seen(mall, gone, "missing", at=clock.now())
    time.advance(days=1)
    look_due()
    sell(mall, "Nike 2")
    look(time)
    time.advance(days=1)
    seen(mall, gone, "up", at=clock.now())
    look(time)
    time.advance(days=1)
    look(time)
    told = [[name for name in ("Nike 1", "Nike gone", "Nike 2") if name in letter.body] for letter in letters()]
    assert told == [["Nike 1"], ["Nike 2"], ["Nike gone"]]


def test_a_long_letter_says_how_much_more_there_is(time, mall, holder, monkeypatch):
    monkeypatch.setattr(services, "MOST_LINES", 2)
    saved(holder)
    for number in range(5):
        sell(mall, f"Nike {number}")
    look(time)
    assert "and 3 more." in letters()[0].body


def test_one_look_takes_in_a_bounded_crowd_and_later_ones_go_on(time, mall, holder, monkeypatch):
    monkeypatch.setattr(services, "MOST_IN_A_LOOK", 3)
    search = saved(holder)
    for number in range(5):
        sell(mall, f"Nike {number}")
    look(time)
    assert found(search) == ["Nike 2", "Nike 3", "Nike 4"]
    sell(mall, "Nike 5")
    look(time)
    assert "Nike 5" in found(search)


def test_a_crowd_of_what_was_found_before_hides_nothing_new(time, mall, holder, monkeypatch):
    monkeypatch.setattr(services, "AT_ONCE", 2)
    search = saved(holder)
    for number in range(3):
        sell(mall, f"Nike {number}", external_id=f"n{number}")
    look(time)
    sell(mall, "Nike new")
    for number in range(3):
        sell(mall, f"Nike {number} again", external_id=f"n{number}")
    look(time)
    assert found(search) == ["Nike 0 again", "Nike 1 again", "Nike 2 again", "Nike new"]


def test_many_searches_are_looked_in_by_turns(time, mall, holder, monkeypatch):
    for number in range(3):
        save_search(by=holder, name=f"search {number}", asked={"words": "nike"})
    sell(mall, "Nike")
    time.advance(minutes=31)
    assert look_due(limit=2) == 2
    assert look_due(limit=2) == 1
    assert SavedSearchHit.objects.count() == 3


def test_a_search_that_cannot_be_asked_stops_no_other(time, mall, holder):
    broken = saved(holder, words="nike", marketplace="mall")
    other = save_search(by=holder, name="other", asked={"words": "nike"})
    MarketplaceFactory(slug="second")
    sell(mall, "Nike")
    mall.is_enabled = False
    mall.save()
    look(time)
    broken.refresh_from_db()
    other.refresh_from_db()
    assert (broken.is_paused, bool(broken.problem)) == (True, True)
    assert not other.is_paused
    with pytest.raises(Invalid):
        resume_search(search=broken, by=holder)


def test_a_paused_search_catches_up_when_it_is_resumed(time, mall, holder):
    search = pause_search(search=saved(holder), by=holder)
    sell(mall, "Nike")
    look(time)
    assert found(search) == []
    resume_search(search=search, by=holder)
    look_due()
    assert found(search) == ["Nike"]


def test_who_may_not_complain_any_more_gets_no_letter_and_administrators_do(time, mall, holder):
    admin = member(holder.organisation, email="admin@example.com")
    saved(holder)
    Membership.objects.filter(user=holder).update(role=OrgRole.READER)
    sell(mall, "Nike")
    look(time)
    assert [letter.to for letter in letters()] == [admin.email]


def test_an_organisation_that_is_not_verified_any_more_learns_nothing(time, mall, holder):
    search = saved(holder)
    Organisation.objects.filter(pk=holder.organisation.pk).update(state=Organisation.State.RETURNED)
    sell(mall, "Nike")
    look(time)
    assert found(search) == letters() == []


def test_there_is_a_limit_and_a_name_of_its_own(mall, holder, monkeypatch):
    saved(holder)
    with pytest.raises(Invalid):
        saved(holder)
    with pytest.raises(Invalid):
        save_search(by=holder, name="x" * 101, asked={"words": "nike"})
    with pytest.raises(Invalid):
        save_search(by=holder, name="nothing", asked={})
    monkeypatch.setattr(services, "MOST_OF_AN_ORGANISATION", 1)
    with pytest.raises(services.TooManySearches):
        save_search(by=holder, name="one more", asked={"words": "nike"})
    with pytest.raises(Forbidden):
        save_search(by=member(role=OrgRole.READER), name="shoes", asked={"words": "nike"})


def test_running_by_hand_keeps_a_pace(mall, holder, monkeypatch):
    search = saved(holder)
    sell(mall, "Nike")
    monkeypatch.setattr(services, "MOST_RUNS_A_MINUTE", 2)
    assert [run_search(search=search, by=holder) for _n in range(2)] == [1, 0]
    with pytest.raises(TooOften):
        run_search(search=search, by=holder)


def test_what_was_done_stands_in_the_log_without_what_is_looked_for(mall, holder, sign_in):
    search = saved(holder)
    pause_search(search=search, by=holder)
    services.delete_search(search=search, by=holder)
    rows = LedgerEntry.objects.filter(kind__startswith="saved_search.").order_by("pk")
    assert [row.kind for row in rows] == ["saved_search.create", "saved_search.pause", "saved_search.delete"]
    assert "nike" not in str([row.payload for row in rows])
    assert "Kept a search" in sign_in(holder).get("/organisation/activity/").content.decode()


# --- pages --------------------------------------------------------------------------------------------------


def text(answer):
    return re.sub(r"\s+", " ", answer.content.decode())


def test_a_search_is_kept_from_its_hits_and_its_page_leads_to_a_complaint(mall, holder, sign_in):
    browser = sign_in(holder)
    page = text(browser.get("/complaints/search/", {"words": "nike", "kind": ["listing", "video"], "currency": "cny"}))
    hidden = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page.split("Keep this search")[1])
    sent: dict = {}
    for name, value in hidden:
        sent.setdefault(name, []).append(value)
    kept = browser.post("/complaints/searches/save/", {**sent, "name": "Nike bags"}, follow=True)
    search = SavedSearch.objects.get()
    assert search.asked == {"words": "nike", "kind": ["listing", "video"], "currency": "cny"}
    assert "Nike bags" in text(kept)
    shoe = sell(mall, "Nike 跑鞋", shop_external_id="s1", price="9.00", currency="CNY")
    ran = browser.post(f"{PAGES}{search.public_id}/run/", follow=True)
    assert "1 new thing was found." in text(ran)
    (link,) = re.findall(r'name="found" value="([^"]+)"', text(ran))
    browser.post("/complaints/search/add/", {"found": [link], "saved": search.public_id})
    assert shoe.external_id in Draft.objects.get().data["links"]
    assert "Nike bags" in text(browser.get(PAGES))
    browser.post(f"{PAGES}{search.public_id}/pause/")
    assert "paused" in text(browser.get(f"{PAGES}{search.public_id}/"))
    browser.post(f"{PAGES}{search.public_id}/resume/")
    browser.post(f"{PAGES}{search.public_id}/delete/")
    assert not SavedSearch.objects.exists()


def test_a_name_that_is_taken_is_said_on_the_page_of_the_search(mall, holder, sign_in):
    saved(holder)
    browser = sign_in(holder)
    again = browser.post(
        "/complaints/searches/save/", {"words": "nike", "name": "shoes", "asked": "words=nike"}, follow=True
    )
    assert "You keep a search of this name already" in text(again)


def test_others_see_nothing_of_it(mall, holder, sign_in):
    search = saved(holder)
    other = sign_in(member())
    for path in ("", "pause/", "resume/", "run/", "delete/"):
        ask = other.post if path else other.get
        assert ask(f"{PAGES}{search.public_id}/{path}").status_code == 404
    assert "shoes" not in text(other.get(PAGES))
    assert list(selectors.searches_of(member(OrganisationFactory()))) == []


# --- API ----------------------------------------------------------------------------------------------------


def test_a_program_keeps_searches_and_reads_what_they_found(mall, holder, client):
    _row, key = keyed("complaints:write", by=holder)
    how = {"headers": {"Authorization": f"Bearer {key}"}, "content_type": "application/json"}
    asked = {
        "words": "nike",
        "kind": ["listing"],
        "price_to": "500",
        "currency": "CNY",
        "published_since": "2026-01-01",
    }
    made = client.post(API, {"name": "shoes", "asked": asked}, **how)
    assert made.status_code == 201, made.content
    search = made.json()
    assert search["asked"] == {**asked, "price_to": "500.00"}
    shoe = sell(mall, "Nike", price="1.00", currency="CNY", at=clock.now())
    ran = client.post(f"{API}/{search['id']}/run", {}, **how)
    assert ran.json()["hits"] == 1
    (hit,) = client.get(f"{API}/{search['id']}/hits", **how).json()["results"]
    assert hit["hit"]["id"] == shoe.public_id
    assert client.post(f"{API}/{search['id']}/pause", {}, **how).json()["is_paused"] is True
    assert client.post(f"{API}/{search['id']}/resume", {}, **how).json()["is_paused"] is False
    assert [row["name"] for row in client.get(API, **how).json()["results"]] == ["shoes"]
    wrong = client.post(API, {"name": "", "asked": {"price_to": "1"}}, **how)
    assert wrong.status_code == 422
    assert client.post(API, {"name": "x", "asked": {"price_to": "1"}}, **how).json()["errors"]["currency"]
    assert client.delete(f"{API}/{search['id']}", **how).status_code == 204
    assert client.get(f"{API}/{search['id']}", **how).status_code == 404
