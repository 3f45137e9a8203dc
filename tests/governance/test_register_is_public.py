"""The public register: what is published, when, to whom, and what never is."""

import csv
import io
from datetime import datetime
from xml.etree import ElementTree

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Organisation
from complaints import court_orders, selfservice
from complaints import services as complaints
from core import clock
from core.spreadsheet import cell
from filings.models import Filing
from governance.register.naming import public_name
from marketplace.models import Target
from tests.complaints.counter import an_order
from tests.complaints.helpers import found
from tests.factories import FilingFactory, ListingFactory, OrganisationFactory, complaint, member, staff
from tests.governance.helpers import appeal, reverse, taken

pytestmark = pytest.mark.django_db
ATOM = "{http://www.w3.org/2005/Atom}"


def text(answer):
    return answer.content.decode()


def rows(client, **asked):
    answer = client.get("/register/register.csv", asked)
    body = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(body)))


def test_a_told_decision_stands_there_for_everybody(client, told, statement):
    listed = client.get("/register/")
    assert told.number in text(listed)
    shown = client.get(f"/register/{told.public_id}/")
    assert shown.status_code == 200
    assert statement.number in text(shown)
    assert "Bargain Shoes" in text(shown)
    assert client.get(f"/api/v1/register/{told.public_id}").json()["links"][0]["outcome"] == "upheld"


@pytest.mark.parametrize("upto", ["submitted", "accepted", "decided", "rejected", "withdrawn"])
def test_before_the_parties_are_told_nothing_is_published(client, stopped, listings, holder, merchant, first, upto):
    case = complaint(*listings, by=holder)
    if upto == "rejected":
        complaints.reject(complaint=case, by=first, reason="No.")
    elif upto != "submitted":
        complaints.accept(complaint=case, by=first)
    if upto == "decided":
        complaints.decide(complaint=case, by=first, findings=found(case))
    if upto == "withdrawn":
        complaints.withdraw(complaint=case, by=holder)
    assert case.number not in text(client.get("/register/"))
    for address in (f"/register/{case.public_id}/", f"/api/v1/register/{case.public_id}"):
        assert client.get(address).status_code == 404
    assert not rows(client)


def test_a_withdrawal_and_an_appeal_are_lines_of_the_history(
    client, told, statement, merchant, holder, second, stopped
):
    stopped.advance(days=1)
    case = taken(statement.public_id, merchant, second)
    reverse(case, second)
    stopped.advance(days=1)
    said = client.get(f"/api/v1/register/{told.public_id}").json()
    assert said["appeals"][0]["state"] == "reversed"
    assert "Decided anew, on appeal or on review" in [line["words"] for line in said["history"]]
    assert [link["outcome"] for link in said["links"]] == ["dismissed"] * 3
    assert said["links"][0]["is_on_appeal"]


def test_a_withdrawn_complaint_stays_with_its_history(client, told, holder):
    complaints.withdraw(complaint=told, by=holder)
    said = client.get(f"/api/v1/register/{told.public_id}").json()
    assert said["is_withdrawn"]
    assert "Withdrawn" in [line["words"] for line in said["history"]]


def test_ids_of_what_belongs_to_an_entry_lead_to_it(client, told, statement, decision, merchant):
    mine = appeal(statement.public_id, merchant)
    for public_id in (statement.public_id, decision.public_id, mine.public_id):
        answer = client.get(f"/register/{public_id}/")
        assert answer.status_code == 302
        assert answer["Location"] == f"/register/{told.public_id}/#{public_id}"


def test_nothing_that_a_person_wrote_or_is_called_is_published(client, told, holder, merchant, statement, second):
    appeal(statement.public_id, merchant)
    published = [
        text(client.get("/register/")),
        text(client.get(f"/register/{told.public_id}/")),
        text(client.get("/api/v1/register")),
        text(client.get("/register/feed.atom")),
        str(rows(client)),
    ]
    never = [
        told.description, told.signature, "The seams differ from the certificate", "The label is genuine", holder.name,
        holder.email, merchant.email, "Rui First", "invoices are attached", merchant.organisation.name,
    ]  # fmt: skip
    for page in published:
        assert told.number in page
        assert not [words for words in never if words in page]


def test_telephone_numbers_in_titles_are_taken_out(client, stopped, shop, holder, merchant, first, work_off):
    from tests.factories import ListingFactory
    from tests.governance.helpers import carry_out

    listing = ListingFactory(shop=shop, title="Shoes, call 13812345678")
    case = complaint(listing, by=holder)
    complaints.accept(complaint=case, by=first)
    complaints.decide(complaint=case, by=first, findings=found(case))
    carry_out(work_off)
    page = text(client.get(f"/register/{case.public_id}/"))
    assert "Shoes, call" in page
    assert "13812345678" not in page


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("奇沃锐（鹭汀）体育用品有限公司", "奇沃锐（鹭汀）体育用品有限公司"),
        ("张三丰", "张**"),
        ("Jane Q. Doe", "J** Q** D**"),
        ("Sunbird Trading Ltd", "Sunbird Trading Ltd"),
        ("Nordwind Werkzeuge AG", "Nordwind Werkzeuge AG"),
        ("Maison Belcourt, S.A.", "Maison Belcourt, S.A."),
        ("Pak Se Ri", "P** S** R**"),
        ("Sa Rang Kim", "S** R** K**"),
        ("Co Thi Lan", "C** T** L**"),
        ("N.V. Gogol", "N** G**"),
        ("言溪出版社", "言溪出版社"),
        ("", ""),
    ],
)
def test_natural_persons_are_masked(name, shown):
    assert public_name(name) == shown


def test_an_organisation_with_a_number_keeps_its_name_and_a_sole_trader_does_not(db):
    company = OrganisationFactory(name="Belcourtine Paris", registration_number="552 100 554")
    trader = OrganisationFactory(name="李四", uscc="92330100MA2AAAAA1B")
    assert public_name("Belcourtine Paris", organisation=company) == "Belcourtine Paris"
    assert public_name("李四", organisation=trader) == "李**"
    unproved = OrganisationFactory(
        name="Belcourtine Paris", registration_number="1", state=Organisation.State.SUBMITTED
    )
    assert public_name("Belcourtine Paris", organisation=unproved) == "B** P**"


def test_a_masked_holder_cannot_be_searched_for(client, told):
    Filing.objects.filter(pk=told.filing_id).update(owner_name="张三丰")
    page = text(client.get("/register/", {"q": "张三丰"}))
    assert told.number not in page
    assert "张**" in text(client.get("/register/"))


@pytest.mark.parametrize(
    ("asked", "is_there"),
    [
        ({"shop": "bargain"}, True), ({"shop": "other"}, False), ({"outcome": "dismissed"}, True),
        ({"outcome": "withdrawn"}, False), ({"outcome": "reversed"}, False), ({"right": "trademark"}, True),
        ({"right": "publishing"}, False), ({"infringement": "counterfeit"}, True), ({"since": "2026-03-03"}, True),
        ({"since": "2026-03-04"}, False), ({"until": "2026-03-02"}, False), ({"q": "S-2026-000001"}, True),
        ({"q": "nothing"}, False),
    ],
)  # fmt: skip
def test_it_is_searched_on_pages_by_api_in_the_feed_and_in_the_table(client, told, asked, is_there):
    assert (told.number in text(client.get("/register/", asked))) == is_there
    assert bool(client.get("/api/v1/register", asked).json()["results"]) == is_there
    assert bool(rows(client, **asked)) == is_there
    feed = ElementTree.fromstring(client.get("/register/feed.atom", asked).content)
    assert bool(feed.findall(f"{ATOM}entry")) == is_there


@pytest.mark.parametrize("asked", [{"since": "yesterday"}, {"outcome": "lost"}, {"right": "none"}])
def test_a_wrong_filter_is_said_and_answered_with_422(client, told, asked):
    for address in ("/register/", "/api/v1/register", "/register/feed.atom", "/register/register.csv"):
        assert client.get(address, asked).status_code == 422, address


def test_a_table_carries_no_formulas(client, told):
    target = told.targets.first()
    Target.objects.update(title="=HYPERLINK(1)")
    target.snapshot["title"] = '=HYPERLINK("https://evil.example")'
    target.save(update_fields=["snapshot"])
    titles = [row["title"] for row in rows(client)]
    assert '\'=HYPERLINK("https://evil.example")' in titles
    assert not [title for title in titles if title.startswith("=")]


@pytest.mark.parametrize("text_", ["=1+1", "+49 30", "-1", "@SUM(A1)", "\tx", "\rx", "＝1"])
def test_no_cell_begins_a_formula(text_):
    assert cell(text_) == f"'{text_}"


def test_what_a_reader_has_is_not_sent_again(client, told, statement, merchant):
    for address in ("/register/", f"/register/{told.public_id}/", "/register/feed.atom"):
        first = client.get(address)
        again = client.get(address, headers={"if-none-match": first["ETag"]})
        assert again.status_code == 304
    appeal(statement.public_id, merchant)
    assert client.get("/register/", headers={"if-none-match": first["ETag"]}).status_code == 200


def test_the_feed_names_each_entry_by_its_permanent_link(client, told):
    feed = ElementTree.fromstring(client.get("/register/feed.atom").content)
    entry = feed.find(f"{ATOM}entry")
    assert entry.find(f"{ATOM}id").text.endswith(f"/register/{told.public_id}/")
    assert entry.find(f"{ATOM}updated") is not None


def in_feed(client, **asked):
    feed = ElementTree.fromstring(client.get("/register/feed.atom", asked).content)
    return [entry.find(f"{ATOM}id").text.rstrip("/").rpartition("/")[2] for entry in feed.findall(f"{ATOM}entry")]


@pytest.fixture
def later(told, listings, first, stopped, work_off):
    """Another complaint that was decided and told a day later."""
    from tests.governance.helpers import carry_out

    stopped.advance(days=1)
    by = member()
    case = complaint(listings[0], by=by, filing=FilingFactory(organisation=by.organisation, created_by=by))
    complaints.accept(complaint=case, by=first)
    complaints.decide(complaint=case, by=first, findings=found(case))
    carry_out(work_off)
    stopped.advance(days=1)
    return case


def test_the_feed_leads_by_what_changed_last_though_no_state_did(
    client, told, later, statement, merchant, second, stopped, monkeypatch
):
    assert in_feed(client) == [later.public_id, told.public_id]
    mine = taken(statement.public_id, merchant, second)
    assert in_feed(client) == [told.public_id, later.public_id]
    reverse(mine, second)
    said = client.get(f"/api/v1/register/{told.public_id}").json()
    assert datetime.fromisoformat(said["changed_at"]) == clock.now()
    court_orders.record_order(complaint=later, by=second, order=an_order())
    assert in_feed(client) == [later.public_id, told.public_id]
    assert in_feed(client, outcome="reversed") == [told.public_id]
    # Beyond what is read back of the ledger it goes on by when a state began.
    monkeypatch.setattr("governance.register.selectors.BACK", 1)
    monkeypatch.setattr("governance.register.selectors.TIMES", 1)
    assert in_feed(client) == [later.public_id, told.public_id]


def test_what_a_holder_took_down_and_staff_reversed_is_in_the_register_and_no_old_page_is_kept(
    client, shop, holder, stopped, work_off
):
    from tests.complaints.selfservice import privilege, take_down
    from tests.governance.helpers import carry_out

    case = take_down(privilege(holder), ListingFactory(shop=shop))
    carry_out(work_off)
    before = client.get(f"/register/{case.public_id}/")
    stopped.advance(days=1)
    selfservice.review(removal=case.removal, by=staff(), wrong=list(case.targets.all()), reason="Genuine goods.")
    after = client.get(f"/register/{case.public_id}/", headers={"if-none-match": before["ETag"]})
    assert after.status_code == 200
    assert "under its privilege" in text(after)
    assert "Decided anew, on appeal or on review" in text(after)
    assert client.get("/api/v1/register", {"outcome": "reversed"}).json()["results"][0]["id"] == case.public_id


def test_who_reads_too_much_waits(client, told, monkeypatch):
    from governance.register import pace

    monkeypatch.setattr(pace, "PAGES", 2)
    monkeypatch.setattr(pace, "EXPORTS", 1)
    cache.clear()
    assert [client.get("/register/").status_code for _ in range(3)] == [200, 200, 429]
    assert [client.get("/register/register.csv").status_code for _ in range(2)] == [200, 429]


def test_a_list_asks_no_more_for_more_entries(client, told, listings, first, work_off, django_assert_max_num_queries):
    def asked():
        with CaptureQueriesContext(
            connection,
        ) as queries:
            client.get("/register/")
        return len(queries)

    client.get("/register/")
    one = asked()
    from tests.governance.helpers import carry_out

    for _ in range(3):
        by = member()
        case = complaint(listings[0], by=by, filing=FilingFactory(organisation=by.organisation, created_by=by))
        complaints.accept(complaint=case, by=first)
        complaints.decide(complaint=case, by=first, findings=found(case))
    carry_out(work_off)
    assert asked() <= one


def test_the_register_is_linked_in_the_footer(client, db):
    assert "/register/" in text(client.get("/?stay"))


@pytest.mark.parametrize("public_id", ["cmp_" + "0" * 26, "nothing", "sor_\x00", "usr_" + "0" * 26])
def test_what_is_not_there_is_not_found(client, db, public_id):
    assert client.get(f"/register/{public_id}/").status_code == 404
    assert client.get(f"/api/v1/register/{public_id}").status_code == 404
