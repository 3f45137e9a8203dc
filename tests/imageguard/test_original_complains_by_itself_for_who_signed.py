"""Who has an original complain by itself signs for it; nobody else's name stands under its complaints."""

import pytest

from core.errors import Forbidden, Invalid
from core.models import LedgerEntry
from imageguard import services
from imageguard.standing_notice import ComplainsByItselfForm
from tests.factories import member
from tests.imageguard.helpers import a_merchant, certified

pytestmark = pytest.mark.django_db


@pytest.fixture
def holder():
    return a_merchant()


@pytest.fixture
def original(holder):
    return certified(by=holder)


def test_switching_it_on_takes_a_signature_and_the_assurance(original, holder):
    with pytest.raises(Invalid) as refused:
        services.change_original(original=original, by=holder, complains_automatically=True)
    assert set(refused.value.errors) == {"signature", "good_faith"}
    original.refresh_from_db()
    assert not original.complains_automatically


def test_it_is_known_who_signed_and_the_name_stays_out_of_the_ledger(original, holder):
    services.change_original(
        original=original, by=holder, complains_automatically=True, signature="Li Lei", good_faith=True
    )
    original.refresh_from_db()
    assert (original.complains_for, original.complains_signature) == (holder, "Li Lei")
    entry = LedgerEntry.objects.get(kind="original.change", subject=original.public_id)
    assert entry.actor == holder.public_id
    assert entry.payload == {"complains_automatically": True, "good_faith": True}


def test_a_colleague_may_take_over_by_signing_anew(original, holder):
    colleague = member(holder.organisation)
    said = {"complains_automatically": True, "good_faith": True}
    services.change_original(original=original, by=holder, signature="Li Lei", **said)
    services.change_original(original=original, by=colleague, complains_automatically=True)
    original.refresh_from_db()
    assert original.complains_for == holder
    services.change_original(original=original, by=colleague, signature="Han Meimei", **said)
    original.refresh_from_db()
    assert (original.complains_for, original.complains_signature) == (colleague, "Han Meimei")


def test_switched_off_nobody_has_signed(original, holder):
    services.change_original(
        original=original, by=holder, complains_automatically=True, signature="Li Lei", good_faith=True
    )
    services.change_original(original=original, by=holder, complains_automatically=False)
    original.refresh_from_db()
    assert (original.complains_for, original.complains_signature, original.complains_since_at) == (None, "", None)


def test_nobody_else_switches_it_on(original):
    with pytest.raises(Forbidden):
        services.change_original(
            original=original, by=a_merchant(), complains_automatically=True, signature="X", good_faith=True
        )


def test_the_form_asks_for_both_only_when_it_is_switched_on(original, holder):
    asked = {"complains_automatically": "on", "signature": ""}
    form = ComplainsByItselfForm(asked, original=original, user=holder)
    assert not form.is_valid()
    assert set(form.errors) == {"signature", "good_faith"}
    assert ComplainsByItselfForm({}, original=original, user=holder).is_valid()


def test_who_gives_the_assurance_and_leaves_it_off_is_asked_to_switch_it_on(original, holder):
    said = {"signature": "Li Lei", "good_faith": "on"}
    assert set(ComplainsByItselfForm(said, original=original, user=holder).errors) == {"complains_automatically"}
    services.change_original(
        original=original, by=holder, complains_automatically=True, signature="Li Lei", good_faith=True
    )
    original.refresh_from_db()
    assert ComplainsByItselfForm(said, original=original, user=holder).is_valid(), "then it is switched off"
