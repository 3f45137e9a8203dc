"""Two clicks on one letter at the very same moment are one complaint; two deliveries of one event carry over once; and
nobody gets more letters by asking twice at once."""

import pytest
from django.core.files.base import ContentFile

from accounts.guests import carrying
from accounts.models import Guest, Membership, Organisation, User
from complaints.models import Complaint, PublicNotice
from complaints.public import services
from core.ids import new_id
from core.models import FilePurpose, LedgerEntry, Letter
from filings.models import Filing
from tests.at_once import at_once
from tests.complaints.public import EMAIL, confirmation, filled
from tests.complaints.test_wizard import png
from tests.factories import ListingFactory, OrganisationFactory

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]


def a_token():
    certificate = services.keep_upload(
        upload=ContentFile(png().read(), name="certificate.png"), purpose=FilePurpose.CERTIFICATE
    )
    said = filled(ListingFactory()) | {"nice_classes": [25], "owner_name": "Small Studio", "good_faith": True}
    for name in ("certificate", "notice", "action", "valid_from_on"):
        said.pop(name)
    said["valid_until_on"] = None
    said |= {"kind": "copyright_work", "registration_number": f"国作登字-2024-F-{Filing.objects.count():08d}"}
    said["infringement"] = "copied_image"
    services.keep_notice(public_id=new_id("ntc"), said=said, kept=[certificate], language="en")
    return confirmation().rstrip("/").rpartition("/")[2]


def test_two_clicks_at_once_are_one_complaint():
    token = a_token()
    one, two = at_once(lambda: services.confirm(token=token), lambda: services.confirm(token=token))
    assert one.complaint == two.complaint == Complaint.objects.get()
    assert Filing.objects.count() == Guest.objects.count() == User.objects.filter(email=EMAIL).count() == 1


def test_two_notices_of_one_mailbox_at_once_are_one_guest():
    first, second = a_token(), a_token()
    made = at_once(lambda: services.confirm(token=first), lambda: services.confirm(token=second))
    assert len({done.complaint.pk for done in made}) == 2
    assert Guest.objects.count() == 1


def test_two_deliveries_carry_over_once():
    services.confirm(token=a_token())
    person = User.objects.get(email=EMAIL)
    own = OrganisationFactory(state=Organisation.State.VERIFIED)
    Membership.objects.create(user=person, organisation=own, role="admin")
    at_once(
        lambda: carrying.organisation_verified(own.public_id), lambda: carrying.organisation_verified(own.public_id)
    )
    assert Complaint.objects.get().organisation == own
    assert LedgerEntry.objects.filter(kind="organisation.carried_over").count() == 1


def test_of_one_mailbox_no_two_take_the_last_letter_of_a_day():
    """Counting and writing are one act: whoever asks at the same moment waits, and counts what the other wrote."""
    for _n in range(services.LETTERS_A_DAY - 1):
        a_token()

    def one_more():
        try:
            a_token()
        except services.TooManyLetters:
            return False
        return True

    assert sorted(at_once(one_more, one_more, one_more)) == [False, False, True]
    assert PublicNotice.objects.count() == services.LETTERS_A_DAY


def test_of_one_mailbox_no_two_take_the_last_fresh_link_of_a_day():
    services.confirm(token=a_token())
    for _n in range(services.LETTERS_A_DAY - 1):
        services.send_link_again(email=EMAIL)
    at_once(*[lambda: services.send_link_again(email=EMAIL)] * 3)
    assert Letter.objects.filter(template="public_link").count() == services.LETTERS_A_DAY
