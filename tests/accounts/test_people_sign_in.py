"""Sign-up, sign-in, lock-out, the second factor of staff, and the letters that go with them, over HTTP."""

import re

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.core.management import CommandError, call_command
from django.test import Client

from accounts import people
from accounts.errors import LastAdministrator, StaffBelongToNobody
from accounts.models import User
from core.errors import Forbidden
from core.models import LedgerEntry, Letter
from tests.accounts.build import letters
from tests.factories import PASSWORD, UserFactory, member, second_factor, staff

pytestmark = pytest.mark.django_db
NEW = "quite a long password 7"


@pytest.fixture
def browser():
    return Client(HTTP_ACCEPT_LANGUAGE="en")


def link_in(letter):
    return re.search(r"http://\S+?(/account/\S+)", letter.body)[1]


def with_password(**fields):
    user = UserFactory(**fields)
    user.set_password(PASSWORD)
    user.save()
    return user


def log_in(browser, user, password=PASSWORD):
    return browser.post("/account/login/", {"login": user.email, "password": password})


def signed_in(browser):
    return "_auth_user_id" in browser.session


def test_a_new_person_confirms_the_address_and_comes_to_founding_an_organisation(browser, mailoutbox):
    browser.post("/account/signup/", {"email": "New@Example.com", "password1": NEW, "password2": NEW})
    assert not signed_in(browser)
    assert not mailoutbox
    assert log_in(browser, User.objects.get(), NEW).status_code == 302
    assert not signed_in(browser)
    confirm = link_in(letters("account_confirm_email")[0])
    assert browser.get(confirm).status_code == 200
    assert not signed_in(browser)
    browser.post(confirm)
    if not signed_in(browser):
        log_in(browser, User.objects.get(), NEW)
    assert signed_in(browser)
    page = browser.get("/organisation/").content.decode()
    assert "/organisation/new/" in page
    answer = browser.post("/organisation/new/", {"kind": "merchant", "name": "Shop Ltd", "country": "CN"})
    assert answer.url == "/organisation/"
    assert "Shop Ltd" in browser.get("/organisation/").content.decode()


def test_the_language_of_the_sign_up_page_stays_with_the_account():
    browser = Client(HTTP_ACCEPT_LANGUAGE="zh-hans")
    browser.post("/account/signup/", {"email": "new@example.com", "password1": NEW, "password2": NEW})
    assert User.objects.get().language == "zh-hans"
    assert letters("account_confirm_email")[0].language == "zh-hans"


def test_nobody_learns_from_the_sign_up_page_who_has_an_account(browser):
    with_password(email="known@example.com")
    answers = [
        browser.post("/account/signup/", {"email": email, "password1": NEW, "password2": NEW})
        for email in ("known@example.com", "unknown@example.com")
    ]
    assert answers[0].status_code == answers[1].status_code
    assert answers[0].url == answers[1].url
    assert {(letter.to, letter.template) for letter in Letter.objects.all()} == {
        ("known@example.com", "account_exists"),
        ("unknown@example.com", "account_confirm_email"),
    }


def test_five_wrong_passwords_lock_the_sign_in_even_for_the_right_one(browser):
    user = with_password()
    for _n in range(5):
        log_in(browser, user, "wrong")
    refused = log_in(browser, user)
    assert not signed_in(browser)
    assert "Too many failed" in refused.content.decode()


def test_a_forgotten_password_is_reset_by_letter_and_the_owner_told(browser):
    user = with_password()
    browser.post("/account/password/reset/", {"email": user.email})
    page = browser.get(link_in(letters("account_reset_password")[0]), follow=True)
    browser.post(page.request["PATH_INFO"], {"password1": NEW, "password2": NEW})
    log_in(browser, user, NEW)
    assert signed_in(browser)
    assert "password" in letters("account_changed")[0].subject


def test_links_in_letters_start_from_the_address_of_the_installation(browser, settings):
    settings.BASE_URL = "https://ip.example"
    user = with_password()
    browser.post("/account/password/reset/", {"email": user.email}, HTTP_HOST="localhost")
    assert "https://ip.example/account/password/reset/key/" in letters("account_reset_password")[0].body


def test_a_changed_address_counts_once_it_is_confirmed(browser):
    user = with_password()
    log_in(browser, user)
    browser.post("/account/email/", {"action_add": "", "email": "second@example.com"})
    browser.post(link_in(letters("account_confirm_email")[-1]))
    browser.post("/account/email/", {"action_primary": "", "email": "second@example.com"})
    user.refresh_from_db()
    assert user.email == "second@example.com"


# --- staff -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/admin/", "/admin/accounts/organisation/", "/profile/", "/organisation/", "/"])
def test_staff_without_a_second_factor_are_sent_to_set_it_up(browser, path):
    browser.force_login(staff(), backend="django.contrib.auth.backends.ModelBackend")
    assert browser.get(path).url == "/account/2fa/totp/activate/"
    assert browser.post(path).url == "/account/2fa/totp/activate/"


def test_staff_with_a_second_factor_are_asked_for_its_code(browser):
    reviewer = staff()
    reviewer.set_password(PASSWORD)
    reviewer.save()
    secret = second_factor(reviewer)
    log_in(browser, reviewer)
    assert not signed_in(browser)
    code = format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time())))
    browser.post("/account/2fa/authenticate/", {"code": code})
    assert signed_in(browser)
    assert browser.get("/admin/").status_code == 200


def test_the_admin_has_no_sign_in_of_its_own(browser):
    answer = browser.get("/admin/login/")
    assert answer.status_code == 302
    assert answer.url.startswith("/account/login/")
    reviewer = staff()
    reviewer.set_password(PASSWORD)
    reviewer.save()
    second_factor(reviewer)
    browser.post("/admin/login/", {"username": reviewer.email, "password": PASSWORD})
    assert not signed_in(browser)


def test_the_secret_of_a_second_factor_is_not_readable_in_the_database():
    reviewer = staff()
    secret = second_factor(reviewer)
    row = Authenticator.objects.get(user=reviewer)
    assert secret not in str(row.data)
    counter = next(yield_hotp_counters_from_time())
    assert TOTP(row).validate_code(format_hotp_value(hotp_value(secret, counter)))


def test_an_operator_creates_staff_at_the_command_line(capsys):
    call_command("create_staff", "boss@example.com", "--role", "administrator", "--language", "en")
    said = capsys.readouterr().out
    boss = User.objects.get()
    assert boss.staff_roles == {"administrator"}
    assert not boss.is_superuser
    assert "/account/2fa/totp/activate/" in said
    assert boss.check_password(re.search(r"once: (\S+)", said)[1])
    with pytest.raises(CommandError, match="already"):
        call_command("create_staff", "boss@example.com", "--role", "reviewer")


def test_administrators_give_roles_but_never_to_themselves_or_to_members():
    boss, person = staff("administrator"), UserFactory()
    people.set_staff_roles(user=person, granted=["reviewer"], by=boss)
    assert User.objects.get(pk=person.pk).staff_roles == {"reviewer"}
    with pytest.raises(Forbidden):
        people.set_staff_roles(user=boss, granted=["reviewer"], by=boss)
    with pytest.raises(Forbidden):
        people.set_staff_roles(user=boss, granted=[], by=staff("senior_reviewer"))
    with pytest.raises(StaffBelongToNobody):
        people.set_staff_roles(user=member(), granted=["reviewer"], by=boss)
    assert LedgerEntry.objects.filter(kind="person.roles", subject=person.public_id).count() == 1


def test_the_platform_keeps_an_administrator():
    boss = staff("administrator")
    with pytest.raises(LastAdministrator):
        people.set_staff_roles(user=boss, granted=["reviewer"], by=None)


def test_locking_an_account_ends_its_sessions_at_once(browser, sign_in):
    person = with_password()
    session = sign_in(person)
    boss = staff("administrator")
    people.lock_person(user=person, by=boss)
    assert session.get("/profile/").status_code == 302
    log_in(browser, person)
    assert not signed_in(browser)
    people.unlock_person(user=person, by=boss)
    log_in(browser, person)
    assert signed_in(browser)
