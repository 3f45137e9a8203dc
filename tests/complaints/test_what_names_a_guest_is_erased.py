"""Years after the last case has ended nothing is left that names who complained without an account."""

import pytest

from accounts.models import User
from complaints import services
from complaints.models import PublicNotice
from complaints.public.erasing import KEPT, erase_guests
from core.ids import new_id
from core.models import LedgerEntry, Letter
from tests.complaints.public import EMAIL, confirmed

pytestmark = pytest.mark.django_db


@pytest.fixture
def case_and_link(client, listings, stopped, work_off):
    made = confirmed(client, listings[0])
    services.withdraw(complaint=made[0], by=made[0].filed_by)
    work_off()
    return made


def test_nothing_is_erased_before_its_time(case_and_link, stopped):
    stopped.advance(days=KEPT.days - 1)
    assert erase_guests() == 0


def test_nothing_that_names_them_is_left(client, case_and_link, stopped):
    case, link = case_and_link
    stopped.advance(days=KEPT.days + 1)
    assert erase_guests() == 1
    assert erase_guests() == 0
    case.refresh_from_db()
    person, organisation = User.objects.get(pk=case.filed_by_id), case.organisation
    assert case.signature == person.name == person.phone == ""
    assert "small.example" not in person.email
    assert organisation.address == organisation.contact_name == organisation.contact_email == ""
    assert organisation.name == organisation.number
    assert PublicNotice.objects.get().email == ""
    assert not [letter.template for letter in Letter.objects.all() if EMAIL in letter.to + letter.body]
    assert EMAIL not in [letter.to for letter in Letter.objects.filter(user=person)]
    assert client.get(link).status_code == 404
    assert LedgerEntry.objects.filter(kind="guest.erased").count() == 1
    assert case.number
    assert case.state == "withdrawn"


def test_an_open_case_keeps_its_complainant(client, case_and_link, listings, stopped):
    stopped.advance(days=KEPT.days - 300)
    client.post("/report/link/", {"email": EMAIL})
    other, _link = confirmed(client, listings[1], notice=new_id("ntc"))
    stopped.advance(days=301)
    assert other.state == "submitted"
    assert erase_guests() == 0


def test_an_account_keeps_what_is_its_own(case_and_link, stopped):
    person = case_and_link[0].filed_by
    person.set_password("a long enough password")
    person.save()
    stopped.advance(days=KEPT.days + 1)
    assert erase_guests() == 0
