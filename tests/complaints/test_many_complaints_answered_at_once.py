"""Many complaints are withdrawn or supplemented at once: one page says what each does, and each says what became of it."""

import csv
import io
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.api_keys.services import make_key
from accounts.models import Membership
from accounts.roles import OrgRole
from complaints import services
from complaints.answers import services as answers
from complaints.models import Answer, AnswerSheet, Complaint
from core import clock
from core.models import LedgerEntry
from tests.factories import FilingFactory, ListingFactory, ShopFactory, complaint, member, staff

pytestmark = pytest.mark.django_db
NEW = "/complaints/answers/"


@pytest.fixture
def holder():
    return member()


@pytest.fixture
def right(holder):
    return FilingFactory(organisation=holder.organisation, created_by=holder)


@pytest.fixture
def cases(holder, right):
    return [complaint(by=holder, filing=right) for _n in range(3)]


@pytest.fixture
def browser(sign_in, holder):
    return sign_in(holder)


def ticked(browser, cases, action="withdraw"):
    answer = browser.post(f"{NEW}tick/", {"complaint": [case.number for case in cases], "action": action})
    assert answer.status_code == 302
    assert answer.url.endswith("/preview/")
    return answer.url


def worked_off():
    while answers.answer_due():
        pass


def states(cases):
    return list(Complaint.objects.filter(pk__in=[c.pk for c in cases]).order_by("pk").values_list("state", flat=True))


def result(browser, preview):
    page = preview.removesuffix("preview/")
    text = b"".join(browser.get(page + "result.csv").streaming_content).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))


def uphold(case):
    reviewer = staff()
    services.accept(complaint=case, by=reviewer)
    found = [services.Found(target=ct, upheld=True, rule="U1", facts="A copy.") for ct in case.targets.all()]
    services.decide(complaint=case, by=reviewer, findings=found)


def test_what_is_ticked_is_withdrawn_after_one_page_that_says_what_each_does(browser, cases):
    uphold(cases[1])
    listed = browser.get("/complaints/").content.decode()
    assert f'name="complaint" value="{cases[0].number}"' in listed
    preview = ticked(browser, cases)
    shown = re.sub(r"\s+", " ", browser.get(preview).content.decode())
    assert "3 complaints would be answered" in shown
    assert "1 link is withdrawn. 1 that it holds down goes up again" in shown
    assert states(cases) == ["submitted", "upheld", "submitted"]
    page = browser.post(preview, {"text": "We settled with the sellers."}).url
    assert states(cases) == ["submitted", "upheld", "submitted"]
    assert "3 still waiting" in browser.get(page).content.decode()
    worked_off()
    assert states(cases) == ["withdrawn"] * 3
    assert not cases[1].targets.get().target.holds.active().exists()
    assert "3 answered, 0 left out" in browser.get(page).content.decode()
    assert [line[1:3] + line[4:] for line in result(browser, preview)[1:]] == [
        [case.number, "done", "withdrawn"] for case in cases
    ]
    assert {note.text for case in cases for note in case.notes.all()} == {"We settled with the sellers."}
    assert LedgerEntry.objects.filter(kind="complaint.withdraw").count() == 3


def test_returned_ones_are_supplemented_with_words_for_all(browser, cases):
    for case in cases[:2]:
        services.return_for_supplement(complaint=case, by=staff(), missing="Where is the mark?")
    preview = ticked(browser, cases, "supplement")
    shown = browser.get(preview).content.decode()
    assert "2 complaints would be answered" in shown
    assert "that cannot be done with it now" in shown
    refused = browser.post(preview, {"text": " "})
    assert refused.status_code == 422
    assert "Write what is added" in refused.content.decode()
    browser.post(preview, {"text": "The mark is on the sole of each shoe."})
    worked_off()
    assert states(cases) == ["submitted"] * 3
    for case in cases[:2]:
        case.refresh_from_db()
        assert "The mark is on the sole" in case.description


def test_a_sheet_of_numbers_says_for_each_what_to_do(browser, cases):
    services.return_for_supplement(complaint=cases[0], by=staff(), missing="Where is the mark?")
    foreign = complaint()
    rows = f"""number,action,reason
{cases[0].number},supplement,The mark is on the sole.
{cases[1].public_id},撤回,
{cases[1].number},withdraw,
{foreign.number},withdraw,
C-1999-000001,withdraw,
{cases[2].number},explode,
"""
    answer = browser.post(NEW, {"file": SimpleUploadedFile("numbers.csv", rows.encode())})
    sheet = AnswerSheet.objects.get()
    preview = browser.post(answer.url, {role: str(place) for role, place in sheet.columns.items()}).url
    shown = re.sub(r"\s+", " ", browser.get(preview).content.decode())
    for cell, words in (
        ("A4", "Row 3 names the same complaint"), ("A5", "no complaint of yours"), ("A6", "no complaint of yours"),
        ("B7", "Write withdraw or supplement"),
    ):  # fmt: skip
        assert re.search(rf"<strong>{cell}</strong> [^<]*{words}", shown), (cell, words)
    browser.post(preview, {"text": ""})
    worked_off()
    assert states(cases) == ["submitted", "withdrawn", "submitted"]
    assert [line[2] for line in result(browser, preview)[1:]] == ["done", "done"] + ["left out"] * 4


def test_what_happened_since_leaves_out_that_complaint_and_no_other(browser, holder, cases):
    preview = ticked(browser, cases)
    browser.post(preview, {})
    services.withdraw(complaint=cases[0], by=holder)
    worked_off()
    lines = result(browser, preview)[1:]
    assert [line[2] for line in lines] == ["left out", "done", "done"]
    assert lines[0][3]
    assert states(cases) == ["withdrawn"] * 3


@pytest.mark.parametrize("line", range(2))
def test_a_worker_that_dies_at_any_line_leaves_each_to_be_answered_once(browser, cases, line, monkeypatch):
    browser.post(ticked(browser, cases), {})

    class Killed(BaseException):
        pass

    def die(*args, **kwargs):
        raise Killed()

    where = [(services, "publish"), (type(Answer.objects.all()), "settle")][line]
    with monkeypatch.context() as dying:
        dying.setattr(*where, die)
        with pytest.raises(Killed):
            answers.answer_due()
    assert states(cases) == ["submitted"] * 3
    Answer.objects.update(leased_until=clock.unmoved())
    worked_off()
    assert states(cases) == ["withdrawn"] * 3
    assert LedgerEntry.objects.filter(kind="complaint.withdraw").count() == 3


def test_a_fault_of_ours_is_given_up_before_the_eyes_of_staff_who_try_it_again(browser, sign_in, cases, monkeypatch):
    browser.post(ticked(browser, cases[:1]), {})
    with monkeypatch.context() as broken:
        broken.setattr(services, "publish", lambda *args: 1 / 0)
        answers.answer_due()
    assert "ZeroDivisionError" in Answer.objects.get().last_error
    Answer.objects.update(due_at=None, dead_at=clock.now())
    reviewer = sign_in(staff())
    assert "ZeroDivisionError" in reviewer.get("/admin/complaints/answer/?standing=dead").content.decode()
    selected = [Answer.objects.get().pk]
    reviewer.post("/admin/complaints/answer/", {"action": "try_again", "_selected_action": selected})
    worked_off()
    assert states(cases[:1]) == ["withdrawn"]


def test_it_is_done_for_the_organisation_that_was_acted_for_and_not_after_somebody_left(browser, holder, cases):
    browser.post(ticked(browser, cases[:1]), {})
    elsewhere = Membership.objects.create(user=holder, organisation=member().organisation, role=OrgRole.ADMIN)
    holder.current_organisation = elsewhere.organisation
    holder.save()
    worked_off()
    assert states(cases[:1]) == ["withdrawn"]
    holder.current_organisation = cases[0].organisation
    holder.save()
    browser.post(ticked(browser, cases[1:]), {})
    holder.memberships.filter(organisation=cases[0].organisation).delete()
    worked_off()
    assert states(cases[1:]) == ["submitted"] * 2


def test_who_only_reads_ticks_nothing_and_nothing_ticked_is_said(sign_in, browser, holder, cases):
    reader = sign_in(member(holder.organisation, role=OrgRole.READER))
    assert 'name="complaint"' not in reader.get("/complaints/").content.decode()
    assert reader.post(f"{NEW}tick/", {"complaint": [cases[0].number], "action": "withdraw"}).status_code == 403
    for said in ({"action": "withdraw"}, {"complaint": [cases[0].number], "action": "explode"}):
        answer = browser.post(f"{NEW}tick/", said, follow=True)
        assert "Tick at least one complaint" in answer.content.decode()
    assert not AnswerSheet.objects.exists()


def test_programs_say_numbers_and_confirm_in_one_call(client, holder, cases):
    _row, secret = make_key(organisation=holder.organisation, by=holder, name="x", scopes=["complaints:write"], days=30)
    client.defaults["HTTP_AUTHORIZATION"] = f"Bearer {secret}"
    url = "/api/v1/complaints/answers"
    rows = [{"number": case.number} for case in cases]
    said = {"rows": rows, "action": "withdraw", "confirm": {"text": "Settled."}}
    answer = client.post(url, said, "application/json")
    assert answer.status_code == 201, answer.content
    worked_off()
    rows = client.get(f"{url}/{answer.json()['id']}/rows").json()["results"]
    assert [(row["state"], row["complaint_state"]) for row in rows] == [("done", "withdrawn")] * 3


def test_programs_do_the_same(client, holder, cases):
    _row, secret = make_key(organisation=holder.organisation, by=holder, name="x", scopes=["complaints:write"], days=30)
    client.defaults["HTTP_AUTHORIZATION"] = f"Bearer {secret}"
    url = "/api/v1/complaints/answers"
    content = "number\n" + "\n".join([*(case.number for case in cases), "C-1999-000001"])
    answer = client.post(url, {"file": SimpleUploadedFile("n.csv", content.encode()), "action": "withdraw"})
    assert answer.status_code == 201, answer.content
    sheet = answer.json()
    assert sheet["preview"]["becomes"] == {"withdraw": 3, "supplement": 0}
    assert sheet["preview"]["faults"][0]["cells"][0]["cell"] == "A5"
    said, seen = {"text": "Settled."}, {"If-Match": answer["ETag"]}
    assert client.post(f"{url}/{sheet['id']}/confirm", said, "application/json", headers=seen).status_code == 200
    worked_off()
    rows = client.get(f"{url}/{sheet['id']}/rows").json()["results"]
    assert [(row["state"], row["complaint_state"]) for row in rows] == [("done", "withdrawn")] * 3 + [
        ("left_out", None)
    ]


def test_the_page_before_asks_as_often_for_many_as_for_few(browser, holder, right, django_assert_max_num_queries):
    shop = ShopFactory()
    cases = [complaint(ListingFactory(shop=shop), by=holder, filing=right) for _n in range(25)]
    preview = ticked(browser, cases)
    with django_assert_max_num_queries(25):
        assert "25 complaints would be answered" in browser.get(preview).content.decode()


def test_a_sheet_of_answers_is_stopped(browser, cases):
    page = browser.post(ticked(browser, cases), {}).url
    assert browser.post(page + "stop/").status_code == 302
    worked_off()
    assert states(cases) == ["submitted"] * 3


def test_words_of_a_row_that_read_otherwise_than_they_are_reach_no_seller(browser, cases):
    """What turns the direction of writing is refused in a cell as it is in every form."""
    services.return_for_supplement(complaint=cases[0], by=staff(), missing="Where is the mark?")
    text = f"Number,Action,Reason\n{cases[0].number},supplement,On the \u202esole of each shoe.\n"
    answer = browser.post(NEW, {"file": SimpleUploadedFile("numbers.csv", text.encode())})
    sheet = AnswerSheet.objects.get()
    preview = browser.post(answer.url, {role: str(place) for role, place in sheet.columns.items()}).url
    assert re.search(r"<strong>C2</strong> [^<]*U\+202E", browser.get(preview).content.decode())


def test_what_is_ticked_by_hand_is_no_more_than_a_number(browser, cases):
    """PostgreSQL takes no null byte, and would fail at the page that says what becomes of it."""
    preview = browser.post(f"{NEW}tick/", {"complaint": ["C-\x00" + "9" * 500], "action": "withdraw"}).url
    page = browser.get(preview)
    assert page.status_code == 200
    assert "no complaint of yours" in page.content.decode()
