"""Administrators of an organisation read who of it did what, and nothing of what the same people did elsewhere."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import services
from accounts.models import Membership
from accounts.powers.services import revoke_power
from accounts.roles import OrgRole
from complaints import services as complaints
from tests.accounts.powers import both
from tests.factories import FilingFactory, OrganisationFactory, complaint, member, staff

pytestmark = pytest.mark.django_db


def log(browser, **asked):
    """What, in which case, by whom: line by line, newest first."""
    answer = browser.get("/organisation/activity/", asked)
    return [(str(row.what), row.case, row.who) for row in answer.context["rows"]]


def test_who_did_what_in_which_case(sign_in):
    admin = member(name="Ada")
    colleague = member(admin.organisation, role=OrgRole.COMPLAINANT, name="Bo")
    case = complaint(by=colleague, filing=FilingFactory(organisation=admin.organisation))
    complaints.accept(complaint=case, by=staff())
    services.update_profile(organisation=admin.organisation, by=admin, values={"address": "Harbour Lane 1"})
    services.remove_member(membership=colleague.memberships.get(), by=admin)
    browser = sign_in(admin)
    assert log(browser) == [
        ("Took a colleague out, or left", "", "Ada"),
        ("Changed details of the organisation", "", "Ada"),
        ("Submitted a complaint", case.number, "Bo"),
    ]
    assert log(browser, by=colleague.public_id) == [("Submitted a complaint", case.number, "Bo")]


def test_nothing_of_another_organisation_of_the_same_people(sign_in):
    admin, other = member(name="Ada"), OrganisationFactory()
    Membership.objects.create(user=admin, organisation=other, role=OrgRole.ADMIN)
    stranger = member(other)
    services.update_profile(organisation=other, by=admin, values={"address": "Elsewhere 1"})
    assert log(sign_in(admin)) == []
    assert len(log(sign_in(stranger))) == 1


def test_each_side_of_a_power_reads_what_its_own_people_did_with_it(sign_in):
    holder, agent, power = both()
    revoke_power(power=power, by=holder, reason="Another agency does this now.")
    assert [what for what, case, _who in log(sign_in(holder)) if case == power.number] == [
        "Revoked",
        "Confirmed by the rights holder",
    ]
    assert [what for what, case, _who in log(sign_in(agent)) if case == power.number] == [
        "Handed in a power of attorney"
    ]


@pytest.mark.parametrize("role", [OrgRole.MANAGER, OrgRole.COMPLAINANT, OrgRole.READER])
def test_only_administrators_read_it(sign_in, role):
    person = member(role=role)
    assert sign_in(person).get("/organisation/activity/").status_code == 403
    page = sign_in(person).get("/organisation/").content.decode()
    assert "/organisation/activity/" not in page
    assert "Who may do what" in page


def test_the_page_asks_the_database_as_often_for_many(sign_in):
    admin = member()
    right = FilingFactory(organisation=admin.organisation)
    complaint(by=admin, filing=right)
    browser = sign_in(admin)
    log(browser)
    with CaptureQueriesContext(connection) as few:
        assert len(log(browser)) == 1
    for _case in range(3):
        complaint(by=admin, filing=right)
    with CaptureQueriesContext(connection) as many:
        assert len(log(browser)) == 4
    assert len(many) == len(few)
