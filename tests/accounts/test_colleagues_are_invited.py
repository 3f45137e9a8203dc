"""Invitations and roles: who may let whom in, and that nobody is left without an administrator."""

import re

import pytest
from django.test import Client

from accounts import services
from accounts.errors import InvitationClosed, InvitationUnknown, LastAdministrator, NotInvited, StaffBelongToNobody
from accounts.models import Invitation, Membership, User
from core.errors import Forbidden, Invalid, NotYours
from core.models import LedgerEntry, Letter
from tests.accounts.build import letters, token_in
from tests.factories import OrganisationFactory, UserFactory, member, staff

pytestmark = pytest.mark.django_db
PASSWORD = "quite a long password 7"


@pytest.fixture
def admin():
    return member()


def invited(admin, email="new@example.com", role="manager"):
    """An invitation and its token, as it stands in the letter."""
    invitation = services.invite(organisation=admin.organisation, email=email, role=role, language="en", by=admin)
    return invitation, token_in(letters("invitation")[-1])


def test_the_token_stands_in_the_letter_alone(admin):
    invitation, token = invited(admin)
    row = Invitation.objects.values().get(pk=invitation.pk)
    assert token not in str(row)
    entries = str(list(LedgerEntry.objects.values_list("payload", flat=True)))
    assert token not in entries
    assert "new@example.com" not in entries
    assert letters("invitation")[0].to == "new@example.com"


def test_an_invited_colleague_joins_with_the_role_and_acts_for_the_organisation(admin):
    _invitation, token = invited(admin)
    colleague = UserFactory(email="new@example.com")
    services.accept_invitation(token=token, by=colleague)
    assert colleague.membership.role == "manager"
    assert colleague.organisation == admin.organisation


def test_an_invitation_works_once(admin):
    _invitation, token = invited(admin)
    colleague = UserFactory(email="new@example.com")
    services.accept_invitation(token=token, by=colleague)
    with pytest.raises(InvitationClosed, match="once"):
        services.accept_invitation(token=token, by=colleague)
    assert Membership.objects.filter(user=colleague).count() == 1


def test_an_invitation_runs_out_after_seven_days(admin, stopped):
    _invitation, token = invited(admin)
    colleague = UserFactory(email="new@example.com")
    stopped.advance(days=7)
    with pytest.raises(InvitationClosed, match="7 days"):
        services.accept_invitation(token=token, by=colleague)


def test_a_revoked_invitation_is_worth_nothing(admin):
    invitation, token = invited(admin)
    services.revoke_invitation(invitation=invitation, by=admin)
    services.revoke_invitation(invitation=invitation, by=admin)
    with pytest.raises(InvitationClosed, match="taken back"):
        services.accept_invitation(token=token, by=UserFactory(email="new@example.com"))


def test_a_second_letter_replaces_the_first(admin):
    invitation, old = invited(admin)
    services.resend_invitation(invitation=invitation, by=admin)
    new = token_in(letters("invitation")[-1])
    colleague = UserFactory(email="new@example.com")
    with pytest.raises(InvitationUnknown):
        services.accept_invitation(token=old, by=colleague)
    assert services.accept_invitation(token=new, by=colleague) == admin.organisation


def test_letters_of_one_invitation_are_limited(admin, stopped):
    invitation, _token = invited(admin)
    for _n in range(4):
        services.resend_invitation(invitation=invitation, by=admin)
    with pytest.raises(Invalid, match="tomorrow"):
        services.resend_invitation(invitation=invitation, by=admin)
    assert Letter.objects.count() == 5


def test_somebody_else_cannot_use_the_letter(admin):
    _invitation, token = invited(admin)
    with pytest.raises(NotInvited):
        services.accept_invitation(token=token, by=UserFactory(email="thief@example.com"))


def test_an_address_that_was_never_confirmed_does_not_count(admin):
    _invitation, token = invited(admin)
    colleague = UserFactory(email="new@example.com")
    colleague.emailaddress_set.update(verified=False)
    with pytest.raises(NotInvited):
        services.accept_invitation(token=token, by=colleague)


def test_staff_of_the_platform_join_nobody(admin):
    _invitation, token = invited(admin, email="staff@example.com")
    with pytest.raises(StaffBelongToNobody):
        services.accept_invitation(token=token, by=staff(email="staff@example.com"))


def test_nobody_is_invited_twice_or_although_they_belong(admin):
    invited(admin)
    with pytest.raises(Invalid, match="again instead"):
        invited(admin, email="NEW@example.com")
    with pytest.raises(Invalid, match="belongs"):
        invited(admin, email=admin.email)


@pytest.mark.parametrize("role", ["manager", "complainant", "reader"])
def test_only_administrators_invite_and_give_roles(admin, role):
    colleague = member(admin.organisation, role=role)
    with pytest.raises(Forbidden):
        invited(colleague)
    with pytest.raises(Forbidden):
        services.change_role(membership=admin.membership, role="reader", by=colleague)
    with pytest.raises(Forbidden):
        services.remove_member(membership=admin.membership, by=colleague)


def test_the_last_administrator_stays(admin):
    with pytest.raises(LastAdministrator):
        services.remove_member(membership=admin.membership, by=admin)
    with pytest.raises(LastAdministrator):
        services.change_role(membership=admin.membership, role="reader", by=admin)
    locked_out = member(admin.organisation, is_active=False)
    with pytest.raises(LastAdministrator):
        services.remove_member(membership=admin.membership, by=admin)
    User.objects.filter(pk=locked_out.pk).update(is_active=True)
    services.remove_member(membership=admin.membership, by=admin)
    assert admin.organisation is None


def test_anybody_may_leave(admin):
    reader = member(admin.organisation, role="reader")
    services.remove_member(membership=reader.membership, by=reader)
    assert reader.organisation is None


def test_strangers_learn_nothing_of_colleagues_and_invitations(admin):
    invitation, _token = invited(admin)
    stranger = member()
    for act in (
        lambda: services.revoke_invitation(invitation=invitation, by=stranger),
        lambda: services.resend_invitation(invitation=invitation, by=stranger),
        lambda: services.change_role(membership=admin.membership, role="reader", by=stranger),
        lambda: services.remove_member(membership=admin.membership, by=stranger),
    ):
        with pytest.raises(NotYours):
            act()


def test_one_switches_only_to_where_one_belongs(admin):
    second = OrganisationFactory()
    Membership.objects.create(user=admin, organisation=second, role="reader")
    assert services.switch_organisation(user=admin, public_id=second.public_id) == admin.organisation == second
    with pytest.raises(NotYours):
        services.switch_organisation(user=admin, public_id=OrganisationFactory().public_id)


# --- over HTTP ---------------------------------------------------------------------------------------------


def test_somebody_without_an_account_signs_up_from_the_letter_and_comes_back(admin):
    _invitation, token = invited(admin)
    browser, here = Client(), f"/invitations/{token}/"
    page = browser.get(here)
    assert page.status_code == 200
    assert page["Referrer-Policy"] == "same-origin"
    sign_up = browser.get(f"/account/signup/?next={here}")
    assert "new@example.com" in sign_up.content.decode()
    answer = browser.post(
        f"/account/signup/?next={here}",
        {"email": "new@example.com", "password1": PASSWORD, "password2": PASSWORD, "next": here},
    )
    # The letter proved the address: no second letter, straight back.
    assert answer.status_code == 302
    assert answer.url == here
    assert not letters("account_confirm_email")
    assert "Accept" in browser.get(here).content.decode()
    assert browser.post(here).url == "/organisation/"
    assert User.objects.get(email="new@example.com").organisation == admin.organisation


def test_the_letter_does_not_vouch_for_another_address(admin):
    _invitation, token = invited(admin)
    browser = Client()
    browser.get(f"/invitations/{token}/")
    browser.post("/account/signup/", {"email": "other@example.com", "password1": PASSWORD, "password2": PASSWORD})
    assert [letter.to for letter in letters("account_confirm_email")] == ["other@example.com"]
    assert "_auth_user_id" not in browser.session


def test_the_wrong_person_is_told_so_and_not_which_address_was_meant(admin, sign_in):
    _invitation, token = invited(admin)
    browser = sign_in(UserFactory())
    page = browser.get(f"/invitations/{token}/").content.decode()
    assert "another address" in page
    assert "new@example.com" not in page
    assert browser.post(f"/invitations/{token}/").status_code == 403


@pytest.mark.parametrize("path", ["/invitations/unknown/"])
def test_an_unknown_invitation_is_a_page_that_says_what_to_do(client, path):
    page = client.get(path)
    assert page.status_code == 404
    assert "newest letter" in page.content.decode()


def shown(answer, path):
    """A page without what differs by chance or repeats the address."""
    return re.sub(r'("X-CSRFToken": "|name="csrfmiddlewaretoken" value=")\w+', "", answer.content.decode()).replace(
        path, ""
    )


def test_foreign_ids_look_like_unknown_ids(admin, sign_in):
    stranger = member()
    invitation, _token = invited(stranger)
    browser = sign_in(admin)
    for foreign, unknown in (
        (f"/organisation/members/{stranger.public_id}/role/", "/organisation/members/usr_nobody/role/"),
        (f"/organisation/members/{stranger.public_id}/remove/", "/organisation/members/usr_nobody/remove/"),
        (
            f"/organisation/invitations/{invitation.public_id}/revoke/",
            "/organisation/invitations/inv_nothing/revoke/",
        ),
        (
            f"/organisation/invitations/{invitation.public_id}/resend/",
            "/organisation/invitations/inv_nothing/resend/",
        ),
    ):
        there, nowhere = (browser.post(path, {"role": "reader"}) for path in (foreign, unknown))
        assert there.status_code == nowhere.status_code == 404
        assert shown(there, foreign) == shown(nowhere, unknown)
    for public_id in (stranger.organisation.public_id, "org_nothing", ""):
        assert browser.post("/organisation/switch/", {"organisation": public_id}).status_code == 404
    stranger.membership.refresh_from_db()
    assert stranger.membership.role == "admin"


def test_a_read_only_colleague_is_shown_no_buttons_and_changes_nothing(admin, sign_in):
    reader = member(admin.organisation, role="reader")
    browser = sign_in(reader)
    page = browser.get("/organisation/").content.decode()
    assert "/organisation/invite/" not in page
    assert "/role/" not in page
    for path in ("/organisation/invite/", "/organisation/identity/", "/organisation/contact/"):
        assert browser.get(path).status_code == 403
        assert browser.post(path, {"name": "Mine"}).status_code == 403
    assert browser.post("/organisation/submit/").status_code == 403
    assert browser.post(f"/organisation/members/{admin.public_id}/remove/").status_code == 403
