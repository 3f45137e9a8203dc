"""A draft keeps itself, and becomes a complaint exactly once."""

import pytest

from complaints.models import Complaint, Draft
from complaints.services import discard_draft, keep_draft, submit_complaint
from core.errors import Forbidden, Invalid, NotYours, WrongState
from core.ids import new_id
from core.models import LedgerEntry
from tests.factories import a_notice, member, staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(holder):
    return keep_draft(public_id=new_id("drf"), by=holder, data={"description": "half a sen"})


def test_draft_sent_twice_is_one_complaint(draft, holder):
    notice = a_notice(by=holder)
    first = submit_complaint(notice=notice, by=holder, draft=draft)
    assert submit_complaint(notice=notice, by=holder, draft=draft) == first
    assert Complaint.objects.count() == 1
    assert LedgerEntry.objects.filter(kind="complaint.submit").count() == 1
    assert first.draft == Draft.objects.get()


def test_draft_that_was_refused_stays_a_draft(draft, holder):
    with pytest.raises(Invalid):
        submit_complaint(notice=a_notice(by=holder, infringement=""), by=holder, draft=draft)
    assert submit_complaint(notice=a_notice(by=holder), by=holder, draft=draft).draft == draft


def test_sent_draft_is_neither_changed_nor_thrown_away(draft, holder):
    submit_complaint(notice=a_notice(by=holder), by=holder, draft=draft)
    kept = keep_draft(public_id=draft.public_id, by=holder, data={"description": "later words"})
    assert kept.data == {"description": "half a sen"}
    with pytest.raises(WrongState):
        discard_draft(draft=draft, by=holder)


def test_colleague_goes_on_with_a_draft(draft, holder):
    colleague = member(holder.organisation)
    keep_draft(public_id=draft.public_id, by=colleague, data={"description": "a whole sentence"})
    assert submit_complaint(notice=a_notice(by=colleague), by=colleague, draft=draft).filed_by == colleague


def test_foreign_draft_looks_as_if_it_did_not_exist(draft, holder):
    stranger = member()
    sent = submit_complaint(notice=a_notice(by=holder), by=holder, draft=draft)
    for attempt in (
        lambda: submit_complaint(notice=a_notice(by=stranger), by=stranger, draft=draft),
        lambda: keep_draft(public_id=draft.public_id, by=stranger, data={}),
        lambda: discard_draft(draft=draft, by=stranger),
    ):
        with pytest.raises(NotYours):
            attempt()
    assert Complaint.objects.get() == sent


@pytest.mark.parametrize("public_id", ["", "drf_short", "cmp_01m87pzsfjfa3va7brkr173avb", "drf_" + "A" * 26])
def test_draft_id_is_of_the_right_form(holder, public_id):
    with pytest.raises(NotYours):
        keep_draft(public_id=public_id, by=holder, data={})


def test_drafts_are_kept_for_those_who_may_complain():
    for person in (member(role="reader"), staff()):
        with pytest.raises(Forbidden):
            keep_draft(public_id=new_id("drf"), by=person, data={})
