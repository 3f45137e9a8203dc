"""What the tests of the accounts room need: an organisation that is ready to be looked at, a paper, a letter."""

import io
import re

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from accounts import services
from core.models import FilePurpose, Letter
from tests.factories import UserFactory, staff

USCC = "91110000600037341L"
OTHER_USCC = "91310000MA1FL8TQ36"


def scan(colour=(200, 30, 30), name="licence.png"):
    """A scanned paper as a browser uploads it; each colour is another paper."""
    out = io.BytesIO()
    Image.new("RGB", (60, 40), colour).save(out, "PNG")
    return SimpleUploadedFile(name, out.getvalue(), content_type="image/png")


def founded(by=None, *, kind="rights_holder", name="Sunbird Ltd", **values):
    """A fresh organisation and who founded it."""
    by = by or UserFactory()
    organisation = services.create_organisation(kind=kind, name=name, country="CN", by=by)
    if values:
        organisation = services.update_profile(organisation=organisation, by=by, values=values)
    return organisation, by


def with_papers(by=None, *, uscc=USCC, **fields):
    """An organisation that could be sent for verification."""
    organisation, by = founded(by, uscc=uscc, **fields)
    services.hand_in_document(organisation=organisation, upload=scan(), purpose=FilePurpose.LICENCE, by=by)
    return organisation, by


def submitted(by=None, **fields):
    organisation, by = with_papers(by, **fields)
    return services.submit_for_verification(organisation=organisation, by=by), by


def in_state(state):
    """An organisation in this state, and its administrator."""
    from accounts import review

    if state == "unverified":
        return with_papers()
    organisation, by = submitted()
    reviewer = staff()
    if state == "verified":
        organisation = review.verify(organisation=organisation, by=reviewer)
    elif state == "returned":
        organisation = review.return_for_supplement(organisation=organisation, by=reviewer, note="Blurred.")
    elif state == "rejected":
        organisation = review.reject(organisation=organisation, by=reviewer, note="Forged.")
    return organisation, by


def letters(template):
    return list(Letter.objects.filter(template=template).order_by("pk"))


def token_in(letter):
    """The token of the link in an invitation."""
    return re.search(r"/invitations/([^/\s]+)/", letter.body)[1]
