"""A private link is all that somebody without an account needs: state, reasons, supplement, withdrawal, answer, appeal."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.core import mail as outgoing
from django.core.exceptions import PermissionDenied
from django.urls import get_script_prefix, set_script_prefix

from accounts.guests.services import LINK_LASTS
from accounts.models import PrivateLink, User
from complaints import conversations, counter_notices, services
from complaints.models import Complaint
from complaints.public import pace
from core.letter_texts import compose
from core.models import Letter
from filings import services as filings
from ippro import private_links
from tests.complaints.counter import answered, clock_says_told
from tests.complaints.helpers import found
from tests.complaints.public import EMAIL, confirmation, confirmed, letters, path_in
from tests.complaints.test_wizard import png
from tests.factories import complaint, member

pytestmark = pytest.mark.django_db


@pytest.fixture
def case_and_link(client, listings, stopped):
    return confirmed(client, *listings[:2])


@pytest.fixture
def case(case_and_link):
    return case_and_link[0]


@pytest.fixture
def link(case_and_link):
    return case_and_link[1]


@pytest.fixture
def upheld_by_staff(case, reviewer):
    filings.approve(filing=case.filing, by=reviewer)
    services.accept(complaint=case, by=reviewer)
    services.decide(complaint=case, by=reviewer, findings=found(case))
    return Complaint.objects.get(pk=case.pk)


def text(client, address, **extra):
    answer = client.get(address, follow=True, **extra)
    assert answer.status_code == 200, (address, answer.status_code)
    return answer.content.decode()


def test_the_link_shows_the_case_to_whoever_has_it_and_nobody_else(client, case, link):
    page = client.get(link, follow=True)
    assert case.number in page.content.decode()
    assert "Sign out" not in page.content.decode()
    for name, value in (("Referrer-Policy", "no-referrer"), ("X-Robots-Tag", "noindex, nofollow")):
        assert page[name] == value
    assert "no-store" in page["Cache-Control"]
    assert client.get(f"/complaints/{case.public_id}/").status_code == 302


def test_unknown_old_and_replaced_links_look_alike(client, link, stopped):
    unknown = client.get("/case/" + "x" * 43 + "/")
    fresh = client.post(link + "new-link/").url
    replaced = client.get(link)
    assert client.get(fresh, follow=True).status_code == 200
    stopped.advance(days=LINK_LASTS.days + 1)
    old = client.get(fresh)
    assert unknown.status_code == replaced.status_code == old.status_code == 404

    def plain(answer):
        return answer.content.decode().replace(answer.wsgi_request.path, "")

    assert len({len(plain(answer)) for answer in (unknown, replaced, old)}) == 1


def test_of_a_link_only_a_digest_is_kept(client, link):
    token = link.split("/")[2]
    assert not PrivateLink.objects.filter(token_hash__contains=token[:20]).exists()


def test_no_other_case_opens_by_it(client, case, link, listings):
    foreign = complaint(listings[2])
    for page in ("", "supplement/", "withdraw/", "decision.pdf"):
        assert client.get(f"{link}complaints/{foreign.public_id}/{page}").status_code == 404
    assert client.get(f"{link}filings/{foreign.filing.public_id}/").status_code == 404
    assert client.post(f"{link}complaints/new/").status_code == 404
    assert client.get(f"{link}organisation/").url == "/organisation/"
    assert client.get(f"{link}nothing/at/all/").status_code == 404


def test_whoever_is_signed_in_stays_who_they_are(sign_in, case, link):
    other = sign_in(member())
    assert other.get(f"{link}complaints/{case.public_id}/").status_code == 200
    assert other.get(f"/complaints/{case.public_id}/").status_code == 404


def test_what_is_missing_is_added_by_the_link(client, case, link, reviewer, work_off):
    services.return_for_supplement(complaint=case, by=reviewer, missing="Show the label.")
    work_off()
    address = path_in(letters("complaint_returned")[0], "/case/")
    assert "Show the label." in text(client, address)
    answer = client.post(address, {"text": "Here it is.", "evidence": png("label.png")})
    assert answer.status_code == 302
    assert answer.url.startswith("/case/")
    case.refresh_from_db()
    assert case.state == "submitted"
    assert case.evidence.count() == 1


def test_a_right_that_was_returned_is_mended_by_the_link(client, case, link, reviewer, work_off):
    filings.return_for_supplement(filing=case.filing, by=reviewer, missing="Show the second page.")
    work_off()
    address = path_in(letters("filing_returned")[0], "/case/")
    page = text(client, address)
    assert "Show the second page." in page
    case.filing.refresh_from_db()
    edit = f"{link}filings/{case.filing.public_id}/edit/"
    assert client.get(edit).status_code == 200
    answer = client.post(f"{link}filings/{case.filing.public_id}/submit/", {"version": case.filing.version})
    case.filing.refresh_from_db()
    assert answer.status_code == 302
    assert case.filing.state == "submitted"


def test_a_question_is_answered_by_the_link(client, case, link, reviewer):
    conversations.write(complaint=case, party=case.organisation, by=reviewer, text="Which colour?")
    assert "Which colour?" in text(client, link)
    answer = client.post(f"{link}complaints/{case.public_id}/messages/", {"message-text": "Blue."})
    assert answer.status_code == 302
    assert answer.url.startswith(link)
    assert "Blue." in text(client, link)


def test_it_is_withdrawn_by_the_link(client, case, link):
    rows = list(case.targets.values_list("public_id", flat=True))
    answer = client.post(f"{link}complaints/{case.public_id}/withdraw/", {"targets": rows})
    assert answer.status_code == 302
    case.refresh_from_db()
    assert case.state == "withdrawn"


def test_each_link_with_its_reasons_and_the_decision_as_a_document(client, upheld_by_staff, link):
    page = text(client, link)
    assert "The seams differ from the certificate." in page
    decision = client.get(f"{link}complaints/{upheld_by_staff.public_id}/decision.pdf")
    assert decision.content.startswith(b"%PDF")


def test_evidence_opens_by_the_link_and_not_without_it(client, case, link, reviewer):
    services.return_for_supplement(complaint=case, by=reviewer, missing="Show the label.")
    client.post(f"{link}complaints/{case.public_id}/supplement/", {"text": "Here.", "evidence": png("label.png")})
    page = text(client, link)
    file = page.split('href="' + link + "files/")[1].split('"')[0] if link + "files/" in page else None
    assert file is not None
    assert client.get(f"{link}files/{file}").status_code == 200
    assert client.get(f"/files/{file}").status_code == 404


def test_a_counter_notice_is_met_by_the_link(client, upheld_by_staff, merchant, reviewer, link, work_off):
    clock_says_told(upheld_by_staff)
    answer = answered(upheld_by_staff, by=merchant)
    counter_notices.forward(counter_notice=answer, by=reviewer)
    assert answer.number in text(client, link)
    shown = text(client, f"{link}counter-notices/{answer.public_id}/")
    assert answer.number in shown
    assert client.get(f"{link}counter-notices/{answer.public_id}/proof/").status_code == 200
    rows = list(answer.links.values_list("complaint_target__public_id", flat=True))
    done = client.post(f"{link}counter-notices/{answer.public_id}/concede/", {"links": rows})
    assert done.status_code == 302
    answer.refresh_from_db()
    assert answer.state == "concluded"


def test_a_fresh_link_goes_to_the_mailbox_alone(client, case, work_off):
    known = client.post("/report/link/", {"email": EMAIL.upper()})
    unknown = client.post("/report/link/", {"email": "nobody@small.example"})
    assert known.status_code == unknown.status_code == 200
    assert Letter.objects.filter(template="public_link").count() == 1
    work_off()
    assert outgoing.outbox[-1].to == [EMAIL]
    assert case.number in text(client, path_in(letters("public_link")[0], "/case/"))


def test_few_fresh_links_a_day(client, case, monkeypatch):
    for _n in range(4):
        client.post("/report/link/", {"email": EMAIL})
    assert Letter.objects.filter(template="public_link").count() == 3
    monkeypatch.setattr(pace, "ASKED_AGAIN", 4)
    assert client.post("/report/link/", {"email": EMAIL}).status_code == 429


def test_the_invitation_makes_an_account_with_the_case_in_it(client, case, link):
    assert client.get(f"{link}account/").status_code == 200
    assert client.post(f"{link}account/").status_code == 200
    address = path_in(letters("account_reset_password")[0], "/account/")
    chosen = client.get(address, follow=True)
    form = {"password1": "a very long new password 7", "password2": "a very long new password 7"}
    client.post(chosen.redirect_chain[-1][0], form)
    signed_in = client.post("/account/login/", {"login": EMAIL, "password": form["password1"]})
    assert signed_in.status_code == 302
    assert case.number in text(client, "/complaints/")
    # Its letters lead to the pages of the account from now on.
    case.filed_by.refresh_from_db()
    assert case.filed_by.leads() is None


def test_with_an_account_its_old_links_open_nothing_and_say_where_to_sign_in(client, case, link):
    case.filed_by.set_password("a very long new password 7")
    case.filed_by.save()
    for page in (f"complaints/{case.public_id}/", "appeals/", "new-link/", "account/"):
        over = client.get(link + page)
        said = over.content.decode()
        assert over.status_code == 410
        assert case.number not in said
        assert EMAIL not in said
    assert (
        f"/account/login/?next=/complaints/{case.public_id}/"
        in client.get(f"{link}complaints/{case.public_id}/").content.decode()
    )
    assert client.post(f"{link}complaints/{case.public_id}/withdraw/").status_code == 410
    assert client.post(confirmation()).url == f"/complaints/{case.public_id}/", "the letter that was confirmed, too"


def test_whatever_a_private_address_answers_is_kept_to_itself(client, case, link, monkeypatch, reviewer):
    """Failures, redirects and what other middleware answers included."""
    services.reject(complaint=case, by=reviewer, reason="No mark can be seen.")
    token = link.split("/")[2]
    confirming, withdraw = confirmation(), f"{link}complaints/{case.public_id}/withdraw/"
    monkeypatch.setitem(private_links.OWN, "account/", denied)
    answers = [
        client.get(f"{link}complaints/{case.public_id}/"), client.get(link), client.get(withdraw),
        client.post(withdraw), client.get(f"{link}nothing/"), client.put(link), client.get(f"/case/{token}"),
        client.get("/case/unknown/"), client.get(f"{link}account/"), client.get(confirming), client.post(confirming),
        client.get("/report/confirm/unknown/"), *(client.post(address, {str(n): "x" for n in range(12_000)}) for address in (link, confirming)),
    ]  # fmt: skip
    seen = {answer.status_code for answer in answers}
    assert {200, 301, 302, 403, 404, 405, 413} <= seen, seen
    for answer in answers:
        where = (answer.wsgi_request.path, answer.status_code)
        assert answer["Cache-Control"] == "private, no-store", where
        assert answer["Referrer-Policy"] == "no-referrer", where
        assert answer["X-Robots-Tag"] == "noindex, nofollow", where


def denied(request, guest):
    raise PermissionDenied


def test_the_page_speaks_the_language_of_the_notice(client, listings, stopped):
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "zh-hans"
    _case, link = confirmed(client, listings[0], email="li@small.example")
    del client.cookies[settings.LANGUAGE_COOKIE_NAME]
    assert 'lang="zh-Hans"' in text(client, link)


def test_a_link_lasts_as_long_as_it_says(client, case, link, stopped):
    stopped.advance(days=(LINK_LASTS - timedelta(days=1)).days)
    assert client.get(link, follow=True).status_code == 200


def test_no_letter_that_a_private_page_causes_tells_its_link(client, case, link):
    prefix = get_script_prefix()
    set_script_prefix(link)
    try:
        _subject, body = compose("complaint_withdrawn", "en", {"complaint": case})
    finally:
        set_script_prefix(prefix)
    assert link not in body
    assert f"/complaints/{case.public_id}/" in body


def test_signing_up_with_the_mailbox_leads_to_the_account_that_is_there(client, case):
    form = {"email": EMAIL, "password1": "a very long new password 7", "password2": "a very long new password 7"}
    client.post("/account/signup/", form)
    [letter] = letters("account_exists")
    assert letter.to == EMAIL
    assert "/account/password/reset/" in letter.body
    assert "/case/" not in letter.body


def test_a_suspended_guest_reads_why(client, case, link):
    assert client.get(f"{link}standing/").status_code == 200


def test_of_a_closed_account_and_of_the_staffs_own_it_opens_nothing(client, case, link, listings):
    """A link asks for no second factor: it must never stand for somebody who sees all cases."""
    foreign = complaint(listings[2])
    person = case.filed_by
    for said in ({"is_active": False}, {"is_staff": True}):
        User.objects.filter(pk=person.pk).update(**{"is_active": True, "is_staff": False} | said)
        for page in (f"complaints/{case.public_id}/", f"complaints/{foreign.public_id}/", "new-link/"):
            assert client.get(link + page).status_code == 404, (said, page)
        before = Letter.objects.count()
        client.post("/report/link/", {"email": EMAIL})
        assert Letter.objects.count() == before
        assert client.post(confirmation()).status_code == 404


def test_ending_all_links_ends_the_letter_that_made_the_first_one(client, case, link):
    assert client.post(confirmation()).url.startswith("/case/")
    fresh = client.post(link + "new-link/").url
    assert client.post(confirmation()).status_code == 404
    assert client.get(fresh, follow=True).status_code == 200


def test_a_page_that_fails_tells_no_log_its_link(client, link, monkeypatch, caplog):
    def fails(*args, **kwargs):
        raise RuntimeError

    monkeypatch.setattr("accounts.guests.services.acting", fails)
    client.raise_request_exception = False
    assert client.get(link).status_code == 500
    assert "/case/…/" in caplog.text
    assert link.split("/")[2] not in caplog.text
