"""What two originals share is masked in both once the later one has its certificate, also where staff gave it."""

from functools import cache

import numpy as np
import pytest
from django.core.management import call_command
from django.db import transaction

from imageguard import index, services
from imageguard.engine import Mask
from imageguard.models import Collection, Fingerprint, Original
from tests.factories import staff
from tests.imageguard import pictures
from tests.imageguard.helpers import certified, checked, registered

pytestmark = pytest.mark.django_db
State = Original.State
ORIGINALS = Collection.ORIGINALS


@cache
def on_one_ground(family):
    """Goods of which each is pasted onto the same photograph."""
    return pictures.pasted_on(pictures.photographed_ground(), pictures.goods(family))


def mask_of(original):
    return index.mask_of(collection=ORIGINALS, subject=original.public_id)


@pytest.fixture
def contested():
    """A certified original, and another thing on its ground that waits for staff."""
    first, second = certified(on_one_ground("sneaker")), checked(registered(on_one_ground("handbag")))
    assert second.state == State.IN_CONFLICT
    return first, second


def settle(second, **said):
    services.settle_conflict(conflict=second.conflicts.get(), by=staff(), is_upheld=True, note="Two things.", **said)


def test_a_shared_ground_is_masked_once_staff_let_both_stand_and_after_a_rebuild(contested):
    first, second = contested
    assert mask_of(first) == b""
    settle(second, both_stand=True)
    checked(second)
    assert mask_of(first)
    assert mask_of(second)
    for _again in range(2):
        assert index.engine(ORIGINALS).find(on_one_ground("bricks")) == []
        (hit,) = index.engine(ORIGINALS).find(pictures.cropped(on_one_ground("sneaker")))
        assert hit.id == first.public_id
        call_command("rebuild_image_index")


def test_a_rival_that_falls_masks_nothing_of_the_original_that_stands(contested):
    _first, second = contested
    assert mask_of(second)
    settle(second, public_reason="Taken from a catalogue.")
    checked(second)
    assert mask_of(second) == b""


def test_withdrawn_before_the_worker_comes_it_masks_nothing(contested):
    first, second = contested
    settle(second, both_stand=True)
    services.withdraw(original=second, by=second.registered_by)
    checked(second)
    assert mask_of(first) == b""


def test_what_others_masked_in_the_meantime_stays_masked():
    original = certified(on_one_ground("sneaker"))
    for place in (0.1, 0.9):
        masked = Mask().with_area(np.array([[place, place]]))
        with transaction.atomic():
            index.add_masks(collection=ORIGINALS, masks={original.public_id: masked})
    kept = Mask.from_bytes(bytes(Fingerprint.objects.get(subject=original.public_id).mask))
    assert kept.covers(np.array([[0.1, 0.1], [0.9, 0.9], [0.5, 0.5]])).tolist() == [True, True, False]
