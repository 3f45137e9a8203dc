"""People of several organisations: where they act stands on each page, and a page of the other one changes nothing."""

import re

import pytest

from accounts.models import Membership
from accounts.roles import OrgRole
from complaints.models import Complaint
from tests.factories import FilingFactory, OrganisationFactory, complaint, member

pytestmark = pytest.mark.django_db


@pytest.fixture
def person():
    person = member(OrganisationFactory(name="First Ltd"))
    Membership.objects.create(user=person, organisation=OrganisationFactory(name="Second Ltd"), role=OrgRole.ADMIN)
    return person


def organisation(person, name):
    return person.memberships.get(organisation__name=name).organisation


def switch(browser, person, name):
    return browser.post("/organisation/switch/", {"organisation": organisation(person, name).public_id}, follow=True)


def acting(page):
    """What each form of a page says about for whom it was made, but that of signing out and the like."""
    return set(re.findall(r'name="acting" value="(\w+)"', page.content.decode()))


def test_each_page_says_for_whom_and_so_does_each_of_its_forms(sign_in, person):
    browser = sign_in(person)
    page = browser.get("/organisation/contact/")
    assert "You act for First Ltd" in page.content.decode()
    assert acting(page) == {organisation(person, "First Ltd").public_id}
    assert "You act for Second Ltd" in switch(browser, person, "Second Ltd").content.decode()
    forms = browser.get("/organisation/contact/").content.decode()
    assert forms.count('name="acting"') == forms.count("csrfmiddlewaretoken")


def test_who_belongs_to_one_is_not_bothered_but_may_join_another(sign_in):
    person = member(OrganisationFactory(name="First Ltd"))
    browser = sign_in(person)
    page = browser.get("/organisation/contact/")
    assert "You act for" not in page.content.decode()
    (first,) = acting(page)
    Membership.objects.create(user=person, organisation=OrganisationFactory(name="Second Ltd"), role=OrgRole.ADMIN)
    switch(browser, person, "Second Ltd")
    assert browser.post("/organisation/contact/", {"address": "Here", "acting": first}).status_code == 409
    # A program of the page that sends no form, such as the one that hands in images, says it in a header.
    answer = browser.post("/organisation/contact/", {"address": "Here"}, headers={"X-Acting": first})
    assert answer.status_code == 409
    assert organisation(person, "Second Ltd").address == ""


def test_a_form_of_the_other_organisation_changes_nothing(sign_in, person):
    browser = sign_in(person)
    (first,) = acting(browser.get("/organisation/contact/"))
    switch(browser, person, "Second Ltd")
    said = {"address": "Harbour Lane 1", "contact_name": "", "contact_email": "", "contact_phone": ""}
    answer = browser.post("/organisation/contact/", said | {"acting": first})
    assert answer.status_code == 409
    assert "while you acted for First Ltd" in answer.content.decode()
    assert {organisation(person, name).address for name in ("First Ltd", "Second Ltd")} == {""}
    switch(browser, person, "First Ltd")
    assert browser.post("/organisation/contact/", said | {"acting": first}).status_code == 302
    assert organisation(person, "First Ltd").address == "Harbour Lane 1"


def test_nor_does_one_of_an_organisation_that_was_left(sign_in, person):
    browser = sign_in(person)
    (first,) = acting(browser.get("/organisation/contact/"))
    person.memberships.get(organisation__name="First Ltd").delete()
    answer = browser.post("/organisation/contact/", {"address": "Here", "acting": first})
    assert answer.status_code == 409
    assert "First Ltd" not in answer.content.decode()


def test_a_case_of_one_is_unknown_to_the_other(sign_in, person):
    browser = sign_in(person)
    switch(browser, person, "First Ltd")
    person.refresh_from_db()
    person.__dict__.pop("membership", None)
    case = complaint(by=person, filing=FilingFactory(organisation=person.organisation))
    assert browser.get(f"/complaints/{case.public_id}/").status_code == 200
    switch(browser, person, "Second Ltd")
    assert browser.get(f"/complaints/{case.public_id}/").status_code == 404
    assert browser.post(f"/complaints/{case.public_id}/withdraw/").status_code == 404
    assert Complaint.objects.get().state == "submitted"


def test_a_role_counts_in_its_own_organisation_alone(sign_in, person):
    person.memberships.filter(organisation__name="Second Ltd").update(role=OrgRole.READER)
    browser = sign_in(person)
    assert browser.get("/filings/new/").status_code == 200
    switch(browser, person, "Second Ltd")
    assert browser.get("/filings/new/").status_code == 403
