"""A sheet of rights becomes drafts that lack nothing but their papers: every bad cell is named, each row is done once."""

import csv
import io
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.api_keys.services import make_key
from accounts.models import Organisation
from accounts.powers.services import revoke_power
from accounts.roles import OrgRole
from core import clock
from core.imports import services as imports
from core.models import LedgerEntry
from filings import services
from filings.models import Filing, FilingSheet, FilingSheetPart, FilingSheetRow
from filings.requirements import missing_from
from filings.sheets import services as sheets
from tests.accounts.powers import a_power, both
from tests.factories import FilingFactory, OrganisationFactory, member, staff
from tests.sheets import xlsx

pytestmark = pytest.mark.django_db
NEW = "/filings/import/"
HEADER = ["权利类型", "名称", "注册号", "商标类型", "类别", "有效期起", "有效期至"]
ROWS = [
    ["商标", "SUNBIRD", "99001207", "word", "18, 25", "2019-03-14", "2039-03-13"],
    ["trademark", "MOONBIRD", "99001208", "文字", "9、35", "2020/1/5", "2040年1月4日"],
    ["copyright_software", "Birdsong", "2020SR0123456", "", "", "", ""],
]


@pytest.fixture
def holder():
    return member()


@pytest.fixture
def browser(sign_in, holder):
    return sign_in(holder)


def as_csv(rows):
    made = io.StringIO()
    csv.writer(made).writerows(rows)
    return made.getvalue().encode()


def preview_of(browser, rows, *, name="rights.csv", **said):
    data = xlsx(rows) if name.endswith("xlsx") else as_csv(rows)
    answer = browser.post(NEW, {"file": SimpleUploadedFile(name, data)})
    assert answer.status_code == 302, answer.content.decode()
    sheet = FilingSheet.objects.latest("pk")
    answer = browser.post(answer.url, {role: str(place) for role, place in sheet.columns.items()} | said)
    assert answer.status_code == 302, answer.content.decode()
    return answer.url


def confirmed(browser, rows, **said):
    preview = preview_of(browser, rows, **said)
    assert browser.post(preview).status_code == 302
    return preview.removesuffix("preview/")


def worked_off():
    while sheets.draft_due():
        pass


def result(browser, page):
    text = b"".join(browser.get(page + "result.csv").streaming_content).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))


@pytest.mark.parametrize("name", ["rights.csv", "rights.xlsx"])
def test_each_row_becomes_a_draft_that_lacks_only_its_papers(browser, holder, name):
    preview = preview_of(browser, [HEADER, *ROWS], name=name)
    assert "Write 3 drafts" in browser.get(preview).content.decode()
    assert not Filing.objects.exists()
    page = browser.post(preview).url
    assert "3 still waiting" in browser.get(page).content.decode()
    assert not Filing.objects.exists()
    worked_off()
    assert "3 drafted, 0 left out, 0 still waiting" in browser.get(page + "progress/").content.decode()
    first, second, third = Filing.objects.order_by("pk")
    assert (first.kind, first.title, first.registration_number, first.nice_classes) == (
        "trademark", "SUNBIRD", "99001207", [18, 25]
    )  # fmt: skip
    assert (second.mark_type, second.nice_classes, str(second.valid_until_on)) == ("word", [9, 35], "2040-01-04")
    assert {f.state for f in (first, second, third)} == {"draft"}
    assert {f.owner_name for f in (first, second, third)} == {holder.organisation.name}
    assert {field for f in (first, second, third) for field in missing_from(f)} == {"certificate"}
    assert LedgerEntry.objects.filter(kind="filing.draft", actor=holder.public_id).count() == 3
    lines = result(browser, page)
    assert [(line[0], line[2], line[4], line[6]) for line in lines[1:]] == [
        (str(n), "done", f.number, f.public_id) for n, f in enumerate((first, second, third), 2)
    ]
    assert browser.get(f"/filings/{first.public_id}/edit/").status_code == 200


def test_every_bad_cell_is_named_with_its_reason_and_its_row_left_out(browser, holder):
    known = FilingFactory(organisation=holder.organisation, created_by=holder, registration_number="99001299")
    known.number_key = "trademark:CN:99001299"
    known.save()
    good = ROWS[0]

    def but(place, cell):
        return [cell if i == place else value for i, value in enumerate(good)]

    rows = [
        HEADER, good, but(0, "domain name"), but(1, ""), but(2, "not a number"), but(2, "99001299"), good,
        but(3, "smell"), but(4, "99"), but(5, "yesterday"), but(6, "2001-01-01"), but(6, ""),
    ]  # fmt: skip
    preview = preview_of(browser, rows)
    shown = re.sub(r"\s+", " ", browser.get(preview).content.decode())
    for cell, words in (
        ("A3", "no kind of right"), ("B4", "Enter the name"), ("C5", "digits|Compare"), ("C6", known.number),
        ("C7", "Row 2 names the same right"), ("D8", "word, figure or combined"), ("E9", "1 to 45"),
        ("F10", "Enter a date"), ("G11", "ends before it begins"), ("G12", "until when the right is valid"),
    ):  # fmt: skip
        assert re.search(rf"<strong>{cell}</strong> [^<]*({words})", shown), (cell, words)
    page = browser.post(preview).url
    worked_off()
    assert Filing.objects.exclude(pk=known.pk).get().title == "SUNBIRD"
    assert [line[2] for line in result(browser, page)[1:]] == ["done"] + ["left out"] * 10
    assert all(line[3] for line in result(browser, page)[2:])


def test_a_row_with_several_faults_names_each_of_its_cells(browser):
    rows = [HEADER, ROWS[0], ["trademark", "", "x", "smell", "99", "yesterday", "2001-01-01"]]
    shown = browser.get(preview_of(browser, rows)).content.decode()
    assert set(re.findall(r"<strong>([A-G]3)</strong>", shown)) == {"B3", "C3", "D3", "E3", "F3", "G3"}


def test_what_no_column_says_is_said_once_for_all_rows(browser):
    rows = [
        ["title", "number", "mark type", "class", "valid until"],
        ["SUNBIRD", "99001207", "word", "25", "2039-03-13"],
    ]
    answer = browser.post(NEW, {"file": SimpleUploadedFile("a.csv", as_csv(rows))})
    columns = {role: str(place) for role, place in FilingSheet.objects.get().columns.items()}
    assert browser.post(answer.url, columns).status_code == 422
    confirmed(browser, rows, kind_for_all="trademark", owner_name_for_all="Sunbird Ltd")
    worked_off()
    assert Filing.objects.get().owner_name == "Sunbird Ltd"


def test_the_same_sheet_twice_drafts_nothing_twice(browser):
    first, second = (confirmed(browser, [HEADER, *ROWS]) for _n in range(2))
    worked_off()
    assert Filing.objects.count() == 3
    assert {line[2] for line in result(browser, first)[1:]} == {"done"}
    assert {line[2] for line in result(browser, second)[1:]} == {"left out"}
    assert "on file already" in result(browser, second)[1][3]


@pytest.mark.parametrize("line", range(3))
def test_a_worker_that_dies_at_any_line_leaves_each_row_to_be_done_once(browser, line, monkeypatch):
    page = confirmed(browser, [HEADER, *ROWS])

    class Killed(BaseException):
        pass

    def die(*args, **kwargs):
        raise Killed()

    where = [
        (services.ledger, "record_all"),
        (type(FilingSheetRow.objects), "bulk_update"),
        (type(FilingSheetPart.objects.all()), "settle"),
    ][line]
    with monkeypatch.context() as dying:
        dying.setattr(*where, die)
        with pytest.raises(Killed):
            sheets.draft_due()
    assert not Filing.objects.exists()
    FilingSheetPart.objects.update(leased_until=clock.unmoved())
    worked_off()
    worked_off()
    assert Filing.objects.count() == 3
    assert {line[2] for line in result(browser, page)[1:]} == {"done"}


def test_a_fault_of_ours_is_given_up_before_the_eyes_of_staff_who_try_it_again(browser, sign_in, monkeypatch):
    page = confirmed(browser, [HEADER, *ROWS])
    with monkeypatch.context() as broken:
        broken.setattr(services, "next_numbers", lambda *args: 1 / 0)
        sheets.draft_due()
    part = FilingSheetPart.objects.get()
    assert "ZeroDivisionError" in part.last_error
    FilingSheetPart.objects.update(due_at=None, dead_at=clock.now())
    assert "3 could not be sent for a fault of ours" in browser.get(page).content.decode()
    reviewer = sign_in(staff())
    listed = reviewer.get("/admin/filings/filingsheetpart/?standing=dead").content.decode()
    assert "ZeroDivisionError" in listed
    reviewer.post("/admin/filings/filingsheetpart/", {"action": "try_again", "_selected_action": [part.pk]})
    worked_off()
    assert Filing.objects.count() == 3


def test_a_sheet_is_stopped_and_what_is_not_drafted_is_left_out(browser):
    page = confirmed(browser, [HEADER, *ROWS])
    assert browser.post(page + "stop/").status_code == 302
    worked_off()
    assert not Filing.objects.exists()
    assert "was stopped" in result(browser, page)[1][3]
    assert browser.post(page + "stop/").status_code == 409


def test_an_agency_drafts_for_those_whose_power_covers_all_their_rights_until_it_is_revoked(sign_in):
    principal, agent, power = both()
    client = sign_in(agent)
    rows = [[*HEADER, "委托人"], [*ROWS[0], principal.organisation.name], [*ROWS[1], "Somebody else"]]
    rows[1][6] = "2039-03-13"
    page = confirmed(client, rows)
    worked_off()
    filing = Filing.objects.get()
    assert (filing.organisation, filing.agency) == (principal.organisation, agent.organisation)
    assert filing.owner_name == principal.organisation.name
    assert "No power of attorney" in result(client, page)[2][3]
    second = confirmed(client, [[*HEADER, "委托人"], [*ROWS[1], principal.organisation.public_id]])
    revoke_power(power=power, by=principal, reason="We part.")
    worked_off()
    assert Filing.objects.count() == 1
    assert result(client, second)[1][2] == "left out"


def test_who_may_not_file_hands_in_nothing_and_who_may_no_more_drafts_nothing(sign_in, browser, holder):
    merchant = sign_in(member(OrganisationFactory(kind=Organisation.Kind.MERCHANT)))
    complainant = sign_in(member(holder.organisation, role=OrgRole.COMPLAINANT))
    for client in (merchant, complainant):
        assert client.get(NEW).status_code == 403
        assert client.post(NEW, {"file": SimpleUploadedFile("a.csv", as_csv([HEADER, *ROWS]))}).status_code == 403
    assert not FilingSheet.objects.exists()
    page = confirmed(browser, [HEADER, *ROWS])
    holder.memberships.update(role=OrgRole.READER)
    worked_off()
    assert not Filing.objects.exists()
    assert {line[2] for line in result(sign_in(member(holder.organisation)), page)[1:]} == {"left out"}


def test_a_thousand_rows_are_judged_and_drafted_in_few_statements(browser, holder, django_assert_max_num_queries):
    rows = [
        HEADER,
        *(["trademark", f"BIRD {n}", str(10_000_000 + n), "word", "25", "", "2039-03-13"] for n in range(300)),
    ]
    preview = preview_of(browser, rows)
    with django_assert_max_num_queries(25):
        assert "Write 300 drafts" in browser.get(preview).content.decode()
    browser.post(preview)
    with django_assert_max_num_queries(60):
        sheets.draft_due()
    assert Filing.objects.count() == 300


def test_programs_say_rows_by_role_and_confirm_in_one_call(client, holder):
    _row, secret = make_key(organisation=holder.organisation, by=holder, name="x", scopes=["filings:write"], days=30)
    client.defaults["HTTP_AUTHORIZATION"] = f"Bearer {secret}"
    url = "/api/v1/filings/sheets"
    right = {
        "title": "SUNBIRD", "registration_number": "99001207", "mark_type": "word", "nice_classes": "18, 25",
        "valid_from_on": "2019-03-14", "valid_until_on": "2039-03-13",
    }  # fmt: skip
    said = {
        "rows": [right, {**right, "title": "AGAIN"}],
        "kind": "trademark",
        "owner_name": "Sunbird Ltd",
        "territory": "CN",
    }
    judged = client.post(url, said, "application/json").json()["preview"]
    assert (judged["good"], [fault["row"] for fault in judged["faults"]]) == (1, [2])
    answer = client.post(url, {**said, "confirm": {}}, "application/json")
    assert answer.status_code == 201, answer.content
    worked_off()
    rows = client.get(f"{url}/{answer.json()['id']}/rows").json()["results"]
    assert [(row["row"], row["state"]) for row in rows] == [(1, "done"), (2, "left_out")]


def test_programs_do_the_same(client, holder):
    _row, secret = make_key(organisation=holder.organisation, by=holder, name="x", scopes=["filings:write"], days=30)
    client.defaults["HTTP_AUTHORIZATION"] = f"Bearer {secret}"
    url = "/api/v1/filings/sheets"
    upload = SimpleUploadedFile("rights.csv", as_csv([HEADER, *ROWS, ["trademark", "", "x", "", "", "", ""]]))
    answer = client.post(url, {"file": upload})
    assert answer.status_code == 201, answer.content
    sheet = answer.json()
    assert (sheet["preview"]["good"], sheet["preview"]["bad"]) == (3, 1)
    assert {cell["cell"] for cell in sheet["preview"]["faults"][0]["cells"]} >= {"B5", "C5"}
    confirmed = client.post(
        f"{url}/{sheet['id']}/confirm", {}, "application/json", headers={"If-Match": answer["ETag"]}
    )
    assert confirmed.json()["state"] == "running"
    worked_off()
    rows = client.get(f"{url}/{sheet['id']}/rows").json()["results"]
    assert [row["state"] for row in rows] == ["done", "done", "done", "left_out"]
    assert [row["filing"] for row in rows[:3]] == list(
        Filing.objects.order_by("pk").values_list("public_id", flat=True)
    )
    assert rows[0]["filing_state"] == "draft"


def test_the_columns_of_a_header_are_remembered_for_the_organisation(browser, holder):
    rows = [["A1", "B1", "C1"], ["SUNBIRD", "2020SR0123456", "x"]]
    preview_of(browser, rows, title="0", registration_number="1", kind_for_all="copyright_software")
    made = imports.begin(
        sheets.SHEETS, by=member(holder.organisation), upload=SimpleUploadedFile("b.csv", as_csv(rows))
    )
    assert made.columns == {"title": 0, "registration_number": 1}
    assert imports.begin(sheets.SHEETS, by=member(), upload=SimpleUploadedFile("b.csv", as_csv(rows))).columns == {}


def test_of_two_principals_of_one_name_none_is_guessed(sign_in):
    """A right drafted under the wrong holder would be filed in the name of somebody whose right it is not."""
    principal, agent, _power = both()
    namesake = member(OrganisationFactory(name=principal.organisation.name))
    a_power(namesake, agent)
    browser, names = sign_in(agent), [principal.organisation.name.upper(), namesake.organisation.public_id]
    rows = [[*row, name] for row, name in zip(ROWS[:2], names, strict=True)]
    preview = preview_of(browser, [[*HEADER, "委托人"], *rows])
    page = browser.get(preview).content.decode()
    assert re.search(rf"<strong>H2</strong> [^<]*{principal.organisation.public_id}", page)
    assert "<strong>H3</strong>" not in page
