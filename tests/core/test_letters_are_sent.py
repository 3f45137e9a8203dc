"""Letters: owed in the decision's transaction, sent once, and the same letter if sent again after a crash."""

import pytest
from django.core import mail as outgoing
from django.core.mail.backends import locmem
from django.db import connection, transaction

from core import mail
from core.models import Letter
from core.obligations import LEASE
from core.tasks import send_due_mail
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def template(settings, tmp_path):
    """A letter of this test's own."""
    (tmp_path / "mail").mkdir()
    (tmp_path / "mail" / "test.txt").write_text("Re: {{ case }}\n\nGood day,\n\n{{ base_url }}/{{ case }}\n")
    backend = settings.TEMPLATES[0]
    settings.TEMPLATES = [backend | {"DIRS": [*backend["DIRS"], str(tmp_path)]}]


def write(key: str = "decided:cmp_1", to: str = "seller@example.com") -> Letter | None:
    with transaction.atomic():
        return mail.write(template="test", dedupe_key=key, to=to, language="en", context={"case": "C-2026-000123"})


def test_a_letter_is_sent_with_subject_and_body(settings):
    settings.BASE_URL = "https://ip.example.com"
    write()
    assert not outgoing.outbox
    assert send_due_mail() == 1
    (sent,) = outgoing.outbox
    assert sent.subject == "Re: C-2026-000123"
    assert sent.body == "Good day,\n\nhttps://ip.example.com/C-2026-000123\n"
    assert sent.to == ["seller@example.com"]
    assert sent.extra_headers["Auto-Submitted"] == "auto-generated"
    assert send_due_mail() == 0


def test_the_same_key_is_one_letter():
    assert write()
    assert write() is None
    assert write("decided:cmp_2")
    assert send_due_mail() == 2


def test_nobody_without_an_address_is_written_to():
    assert write(to="") is None


def test_a_letter_sent_again_after_a_crash_has_the_same_message_id(stopped, monkeypatch):
    write()
    with monkeypatch.context() as crash:
        crash.setattr(Letter.objects.all().__class__, "settle", lambda self, rows: (_ for _ in ()).throw(SystemExit))
        with pytest.raises(SystemExit):
            send_due_mail()
    stopped.advance(seconds=LEASE.total_seconds() + 1)
    assert send_due_mail() == 1
    first, second = outgoing.outbox
    assert first.extra_headers["Message-ID"] == second.extra_headers["Message-ID"]
    assert first.message()["Message-ID"] == f"<{Letter.objects.get().public_id}@localhost>"


def test_a_letter_that_the_server_refuses_is_put_off_without_telling_the_address(stopped, monkeypatch):
    write()

    def refuse(self, messages):
        raise ConnectionRefusedError("seller@example.com is unknown")

    with monkeypatch.context() as broken:
        broken.setattr(locmem.EmailBackend, "send_messages", refuse)
        assert send_due_mail() == 0
    assert Letter.objects.get().last_error == "ConnectionRefusedError"
    stopped.advance(seconds=10)
    assert send_due_mail() == 1


def test_a_letter_whose_key_is_missing_is_put_off_and_the_others_go_out(stopped):
    write("first")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE core_letter SET body = 'encrypted with a key that is gone'")
    write("second")
    assert send_due_mail() == 1
    assert not Letter.objects.due().exists()
    broken = Letter.objects.defer("body").get(dedupe_key="first")
    assert (broken.attempts, broken.done_at) == (1, None)
    assert "IPPRO_SECRET_KEYS" in broken.last_error


def test_a_server_that_is_away_is_waited_for_once_and_not_for_each_letter(stopped, monkeypatch):
    for key in ("first", "second", "third"):
        write(key)
    tried = []

    def away(self):
        tried.append(self)
        raise TimeoutError

    monkeypatch.setattr(locmem.EmailBackend, "open", away)
    assert send_due_mail() == 0
    assert len(tried) == 1
    assert list(Letter.objects.values_list("last_error", flat=True)) == ["TimeoutError"] * 3


def test_a_slow_server_and_a_second_worker_send_no_letter_twice(stopped, monkeypatch):
    """The first worker needs 20 seconds for each letter; the second starts anew whenever it can."""
    for n in range(8):
        write(f"letter {n}")
    send = locmem.EmailBackend.send_messages
    is_first = [True]

    def slowly(self, messages):
        if is_first.pop() if is_first else False:
            stopped.advance(seconds=20)
            mail.send_due(limit=4)
            is_first.append(True)
        return send(self, messages)

    monkeypatch.setattr(locmem.EmailBackend, "send_messages", slowly)
    assert mail.send_due()
    mail.send_due()
    sent = [letter.extra_headers["Message-ID"] for letter in outgoing.outbox]
    assert sorted(sent) == sorted(set(sent))
    assert len(sent) == 8
    assert {letter.attempts for letter in Letter.objects.all()} <= {1, 2}


def test_a_whole_batch_goes_over_one_connection(monkeypatch):
    opened = []
    monkeypatch.setattr(mail, "get_connection", lambda: opened.append(1) or outgoing.get_connection())
    write("first")
    write("second")
    assert mail.send_due() == 2
    assert opened == [1]


def test_address_and_words_lie_encrypted():
    write()
    with connection.cursor() as cursor:
        cursor.execute('SELECT "to", subject, body FROM core_letter')
        lies = " ".join(cursor.fetchone())
    assert "seller" not in lies
    assert "C-2026" not in lies


def test_somebody_with_an_account_is_written_to_in_their_language(tmp_path):
    (tmp_path / "mail" / "spoken.txt").write_text(
        "{% load i18n %}{% get_current_language as spoken %}{{ spoken }}\n\n{{ reader.name }}\n"
    )
    user = UserFactory(language="zh-hans", name="Zhang San")
    with transaction.atomic():
        mail.write_to(user, template="spoken", dedupe_key="k", context={})
        mail.write_to(user, template="spoken", dedupe_key="k", context={})
    letter = Letter.objects.get()
    assert (letter.subject, letter.body, letter.to) == ("zh-hans", "Zhang San\n", user.email)


@pytest.mark.django_db(transaction=True)
def test_a_letter_needs_a_transaction():
    with pytest.raises(RuntimeError, match="transaction"):
        mail.write(template="test", dedupe_key="k", to="a@example.com", language="en", context={})
