"""Where people begin: the desk of each role, the staff's first page, the demo's mail."""

import pytest

from accounts.models import Organisation
from complaints import services
from core.models import Letter
from tests.factories import OrganisationFactory, UserFactory, complaint, member, staff

pytestmark = pytest.mark.django_db


def test_a_holder_sees_what_waits_for_them(sign_in):
    holder = member()
    case = complaint(by=holder)
    services.return_for_supplement(complaint=case, by=staff(), missing="A photograph.")
    page = sign_in(holder).get("/desk/").content.decode()
    assert "Returned to you for supplement" in page
    assert case.number in page


def test_a_merchant_without_notices_is_told_so(sign_in):
    merchant = member(OrganisationFactory(kind=Organisation.Kind.MERCHANT))
    assert "No notices" in sign_in(merchant).get("/desk/").content.decode()


def test_somebody_without_an_organisation_is_told_how_to_begin(sign_in):
    assert "Register an organisation" in sign_in(UserFactory()).get("/desk/").content.decode()


def test_whoever_is_not_signed_in_signs_in_first(client):
    assert client.get("/desk/").url.startswith("/account/login/")


def test_staff_see_what_waits_and_what_was_given_up(sign_in, django_assert_max_num_queries):
    complaint()
    reviewer = sign_in(staff())
    reviewer.get("/admin/")
    with django_assert_max_num_queries(34):
        page = reviewer.get("/admin/").content.decode()
    for words in ("Complaints at the door", "Filings to review", "Orders given up"):
        assert words in page


def test_the_demo_shows_the_letters_it_would_send_and_only_the_demo(client, settings, work_off):
    complaint()
    work_off()
    assert client.get("/demo/mail/").status_code == 404
    settings.DEMO = True
    page = client.get("/demo/mail/").content.decode()
    assert Letter.objects.get().subject in page


def test_staff_change_their_password_where_everybody_does(sign_in):
    assert sign_in(staff()).get("/admin/password_change/").url == "/account/password/change/"
