"""The staff's pages for accounts: the queue of papers, the review, people with masked addresses, read-only rows."""

import pytest

from accounts.models import Invitation, User
from core.models import FilePurpose, LedgerEntry
from tests.accounts.build import OTHER_USCC, founded, in_state, letters, scan, submitted, with_papers
from tests.factories import UserFactory, member, staff

pytestmark = pytest.mark.django_db
QUEUE = "/admin/accounts/organisation/"


def page_of(organisation):
    return f"{QUEUE}{organisation.pk}/change/"


def send(browser, organisation, step, **data):
    since = {"since": organisation.state_since_at.isoformat()}
    return browser.post(f"{QUEUE}{organisation.pk}/{step}/", {**since, **data})


def test_whoever_waits_longest_stands_on_top_of_the_queue(sign_in, stopped):
    founded(name="Not yet sent")
    first, _ = submitted(name="Waits longest")
    stopped.advance(hours=1)
    submitted(name="Waits less", uscc=OTHER_USCC)
    page = sign_in(staff()).get(QUEUE).content.decode()
    assert page.index("Waits longest") < page.index("Waits less") < page.index("Not yet sent")
    assert first.number in page


def test_the_papers_stand_beside_the_data_and_each_look_is_recorded(sign_in):
    organisation, admin = with_papers()
    browser = sign_in(staff())
    page = browser.get(page_of(organisation)).content.decode()
    assert organisation.uscc in page
    assert admin.email not in page
    source = page.split('<img src="', 1)[1].split('"', 1)[0]
    assert source.startswith("/files/")
    assert browser.get(source)["Content-Type"].startswith("image/")
    assert LedgerEntry.objects.filter(kind="file.seen").count() == 1


def test_a_reviewer_verifies_returns_and_rejects(sign_in):
    browser = sign_in(staff())
    for step, data, state, letter in (
        ("verify", {}, "verified", "organisation_verified"),
        ("return", {"note": "Blurred."}, "returned", "organisation_returned"),
        ("reject", {"note": "Forged."}, "rejected", "organisation_rejected"),
    ):
        organisation, admin = submitted(kind="agency" if step == "verify" else "merchant")
        assert send(browser, organisation, step, **data).status_code == 302
        organisation.refresh_from_db()
        assert organisation.state == state
        assert letters(letter)[-1].to == admin.email


def test_a_refusal_without_a_reason_changes_nothing(sign_in):
    organisation, _ = submitted()
    answer = sign_in(staff()).post(
        f"{QUEUE}{organisation.pk}/return/",
        {"since": organisation.state_since_at.isoformat(), "note": " "},
        follow=True,
    )
    assert "Say what is wrong" in answer.content.decode()
    organisation.refresh_from_db()
    assert organisation.state == "submitted"


def test_a_second_click_and_a_stale_page_change_nothing(sign_in):
    organisation, _ = submitted()
    browser = sign_in(staff())
    assert send(browser, organisation, "verify").status_code == 302
    assert send(browser, organisation, "reject", note="Late.").status_code == 409
    organisation.refresh_from_db()
    assert organisation.state == "verified"


def test_an_auditor_sees_the_queue_but_neither_papers_nor_buttons(sign_in):
    organisation, _ = submitted()
    browser = sign_in(staff("auditor"))
    page = browser.get(page_of(organisation)).content.decode()
    assert "/files/" not in page
    assert f"/{organisation.pk}/verify/" not in page
    assert send(browser, organisation, "verify").status_code == 403


def test_the_reviewer_is_told_of_a_twin_before_deciding(sign_in):
    first, _ = in_state("verified")
    second, _ = submitted(name="Sunbird again")
    page = sign_in(staff()).get(page_of(second)).content.decode()
    assert f"{first.number} “Sunbird Ltd” is already verified" in page


def test_only_administrators_read_addresses_and_change_accounts(sign_in):
    person = UserFactory(email="somebody@example.com")
    reviewer, boss = sign_in(staff()), sign_in(staff("administrator"))
    address = f"/admin/accounts/user/{person.pk}/"
    for path in ("/admin/accounts/user/", f"{address}change/"):
        assert "somebody@example.com" not in reviewer.get(path).content.decode()
        assert "somebody@example.com" in boss.get(path).content.decode()
    sent = {"_form_submitted": "True", "roles": ["reviewer"]}
    roles, lock = (f"/admin/accounts/user/{person.pk}/{name}/" for name in ("roles", "lock"))
    assert reviewer.post(roles, sent).status_code == 403
    boss.post(roles, sent)
    assert User.objects.get(pk=person.pk).staff_roles == {"reviewer"}
    boss.post(lock, {"_form_submitted": "True"})
    assert not User.objects.get(pk=person.pk).is_active


def test_invitations_and_memberships_are_looked_at_without_tokens_and_addresses(sign_in):
    from accounts import services

    admin = member(email="boss@example.com")
    services.invite(organisation=admin.organisation, email="new@example.com", role="reader", language="en", by=admin)
    invitation = Invitation.objects.get()
    browser = sign_in(staff())
    for path in (
        "/admin/accounts/invitation/",
        f"/admin/accounts/invitation/{invitation.pk}/change/",
        "/admin/accounts/membership/",
        f"/admin/accounts/membership/{admin.membership.pk}/change/",
    ):
        page = browser.get(path)
        assert page.status_code == 200
        for secret in (invitation.token_hash, "new@example.com", "boss@example.com"):
            assert secret not in page.content.decode()
    assert browser.post(f"/admin/accounts/invitation/{invitation.pk}/delete/").status_code == 403


def test_nobody_edits_groups_addresses_or_second_factors_past_the_services(sign_in):
    browser = sign_in(staff("administrator", is_superuser=True))
    for path in ("/admin/auth/group/", "/admin/account/emailaddress/", "/admin/mfa/authenticator/"):
        assert browser.get(path).status_code == 404


# --- the organisation's own pages ----------------------------------------------------------------------------


def test_an_organisation_is_completed_and_sent_over_its_pages(sign_in):
    organisation, admin = founded()
    browser = sign_in(admin)
    assert "This is still missing" in browser.get("/organisation/").content.decode()
    assert browser.post("/organisation/submit/").status_code == 422
    sent = {"name": organisation.name, "country": "CN", "uscc": "91110000600037341M"}
    wrong = browser.post("/organisation/identity/", sent)
    assert wrong.status_code == 422
    assert "check character" in wrong.content.decode()
    assert browser.post("/organisation/identity/", {**sent, "uscc": "91110000600037341L"}).status_code == 302
    assert browser.post("/organisation/papers/", {"purpose": FilePurpose.LICENCE, "file": scan()}).status_code == 302
    assert browser.post("/organisation/submit/").status_code == 302
    assert browser.post("/organisation/submit/").status_code == 409
    assert "under review" in browser.get("/organisation/").content.decode()


def test_a_file_that_is_no_paper_is_refused_beside_its_field(sign_in):
    from django.core.files.uploadedfile import SimpleUploadedFile

    organisation, admin = founded()
    upload = SimpleUploadedFile("licence.png", b"MZ this is a program", content_type="image/png")
    answer = sign_in(admin).post("/organisation/papers/", {"purpose": FilePurpose.LICENCE, "file": upload})
    assert answer.status_code == 422
    assert "not taken, or it is damaged" in answer.content.decode()
    assert not organisation.documents.exists()


def test_the_number_of_queries_of_the_organisation_page_does_not_grow_with_colleagues(
    sign_in, django_assert_max_num_queries
):
    organisation, admin = with_papers()
    for _n in range(12):
        member(organisation)
    browser = sign_in(admin)
    with django_assert_max_num_queries(22):
        browser.get("/organisation/")


def test_the_profile_speaks_its_language_from_then_on(sign_in):
    person = UserFactory()
    browser = sign_in(person)
    browser.cookies["django_language"] = "en"
    browser.post("/profile/", {"name": "沈", "phone": "", "language": "zh-hans"})
    person.refresh_from_db()
    assert (person.name, person.language) == ("沈", "zh-hans")
    assert '<html lang="zh-Hans">' in browser.get("/profile/").content.decode()
