"""A merchant registers an image: it is checked, compared and certified; what is no first publication is not."""

import pytest

from core.models import LedgerEntry
from filings.models import RightKind
from imageguard import services
from imageguard.errors import RegisteredBefore
from imageguard.models import Fingerprint, Original
from tests.factories import ShopFactory, staff
from tests.imageguard.helpers import (
    a_listing,
    a_merchant,
    a_picture,
    an_edit,
    certified,
    checked,
    looked_at,
    registered,
)

pytestmark = pytest.mark.django_db
State = Original.State


def test_an_image_that_nobody_showed_before_is_certified():
    original = certified()
    assert original.number.startswith("FP-")
    assert original.filing is not None
    assert original.filing.kind == RightKind.FIRST_PUBLICATION
    assert original.filing.is_in_force()
    assert LedgerEntry.objects.filter(subject=original.public_id, kind="original.certify").count() == 1


def test_the_same_bytes_again_are_recognised():
    by = a_merchant()
    first = registered(by=by)
    with pytest.raises(RegisteredBefore) as refused:
        registered(by=by)
    assert refused.value.detail["number"] == first.number


def test_a_copy_of_somebody_elses_original_is_in_conflict_and_staff_settle_it():
    first = certified()
    copy = checked(registered(an_edit(a_picture(), "banner")))
    assert copy.state == State.IN_CONFLICT
    conflict = copy.conflicts.get()
    assert conflict.rival == first
    settled = services.settle_conflict(conflict=conflict, by=staff(), is_upheld=False, note="The first was earlier.")
    assert settled.state == State.REFUSED


def test_a_listing_that_another_seller_showed_earlier_opens_a_conflict():
    looked_at(a_listing(), a_picture())
    assert checked(registered()).state == State.IN_CONFLICT


def test_an_own_listing_that_was_earlier_does_not():
    by = a_merchant()
    shop = ShopFactory(operator=by.organisation)
    looked_at(a_listing(shop), a_picture())
    assert checked(registered(by=by)).state == State.CERTIFIED


def test_another_product_is_no_conflict():
    certified(a_picture(0, "sneaker"))
    assert checked(registered(a_picture(3, "jar"))).state == State.CERTIFIED


def test_a_copy_that_is_handed_in_blanks_out_nothing_of_the_original():
    first = certified()
    before = bytes(Fingerprint.objects.get(subject=first.public_id).mask)
    assert checked(registered(an_edit(a_picture(), "crop"))).state == State.IN_CONFLICT
    assert bytes(Fingerprint.objects.get(subject=first.public_id).mask) == before
