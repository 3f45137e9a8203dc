"""Staff see ledger, events and letters; what was given up can be tried again; letters are private."""

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse

from accounts.models import User
from core import clock, ledger, staff_lists
from core.models import LedgerEntry, Letter, OutboxMessage

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def second_factor_passed(settings):
    settings.MIDDLEWARE = [m for m in settings.MIDDLEWARE if "SecondFactor" not in m]


@pytest.fixture
def sign_in(client, db):
    def as_role(role):
        user = User.objects.create_user(f"{role}@example.com", "a long password", is_staff=True, language="en")
        user.groups.add(Group.objects.get_or_create(name=role)[0])
        client.force_login(user)
        return client

    return as_role


@pytest.fixture
def letter(db):
    return Letter.objects.create(
        dedupe_key="k", to="seller@example.com", template="complaint_upheld", language="en", about="cmp_1",
        subject="Your listing", body="The whole text", created_at=clock.now(), dead_at=clock.now(),
        last_error="SMTPRecipientsRefused", attempts=14,
    )  # fmt: skip


@pytest.fixture
def event(db):
    return OutboxMessage.objects.create(
        event="target.changed", subject="tgt_1", consumer="a.b", created_at=clock.now(), dead_at=clock.now()
    )


def page(model, name="changelist", *args):
    return reverse(f"admin:core_{model}_{name}", args=args)


def test_a_reviewer_sees_that_a_letter_was_given_up_but_not_what_it_says(sign_in, letter):
    reviewer = sign_in("reviewer")
    assert "SMTPRecipientsRefused" in reviewer.get(page("letter"), {"standing": "dead"}).content.decode()
    shown = reviewer.get(page("letter", "change", letter.pk)).content.decode()
    assert "s…@example.com" in shown
    assert "The whole text" not in shown
    assert "Your listing" not in shown
    assert not LedgerEntry.objects.exists()


def test_an_administrator_reads_a_letter_and_the_ledger_knows(sign_in, letter):
    shown = sign_in("administrator").get(page("letter", "change", letter.pk)).content.decode()
    assert "The whole text" in shown
    assert "seller@example.com" not in shown
    assert LedgerEntry.objects.get().kind == "letter.read"


@pytest.mark.parametrize("model", ["letter", "outboxmessage"])
def test_what_was_given_up_is_tried_again(sign_in, letter, event, model):
    row = letter if model == "letter" else event
    again = page(model, "try_this_again", row.pk)
    reviewer = sign_in("reviewer")
    assert reviewer.post(again, {"_form_submitted": "true"}).status_code == 403
    administrator = sign_in("administrator")
    administrator.get(again)
    row.refresh_from_db()
    assert row.dead_at is not None
    assert administrator.post(again, {"_form_submitted": "true"}).status_code == 302
    row.refresh_from_db()
    assert (row.dead_at, row.attempts) == (None, 0)
    assert row.due_at is not None
    answer = administrator.post(again, {"_form_submitted": "true"}, follow=True)
    assert "nothing to try again" in answer.content.decode()
    answer = administrator.post(page(model), {"action": "try_again", "_selected_action": [row.pk]}, follow=True)
    assert "1 was not given up" in answer.content.decode()


def test_a_dialog_answers_its_script_with_the_way_back(sign_in, event):
    again = page("outboxmessage", "try_this_again", event.pk)
    answer = sign_in("administrator").post(again, {"_form_submitted": "true"}, headers={"hx-request": "true"})
    assert answer["HX-Redirect"] == page("outboxmessage", "change", event.pk)


def test_the_ledger_is_only_looked_at(sign_in):
    entry = ledger.record(kind="hold.placed", subject="tgt_1", payload={"cause": "cmp_1"})
    auditor = sign_in("auditor")
    assert "hold.placed" in auditor.get(page("ledgerentry"), {"q": "tgt_1"}).content.decode()
    assert "cmp_1" in auditor.get(page("ledgerentry", "change", entry.pk)).content.decode()
    assert auditor.get(page("ledgerentry", "add")).status_code == 403
    assert auditor.post(page("ledgerentry", "delete", entry.pk), {"post": "yes"}).status_code == 403


def test_of_many_that_bear_one_name_the_newest_are_found(sign_in, monkeypatch):
    monkeypatch.setattr(staff_lists, "HITS", 2)
    for n in range(3):
        ledger.record(kind="hold.placed", subject=f"tgt_{n}")
    found = sign_in("reviewer").get(page("ledgerentry"), {"q": "hold.placed"}).context["cl"].result_list
    assert [entry.subject for entry in found] == ["tgt_2", "tgt_1"]


def test_a_number_that_no_column_holds_names_nothing(sign_in):
    answer = sign_in("reviewer").get(page("timestamp"), {"q": "9" * 30})
    assert (answer.status_code, list(answer.context["cl"].result_list)) == (200, [])
