"""HEAD is answered as GET would be and shows nothing: no look is recorded by it, nothing counts as read or delivered."""

import pytest

from accounts.roles import StaffRole
from complaints import conversations
from core import files
from core.models import FilePurpose, LedgerEntry
from tests.complaints.counter import forwarded, statement_of, told
from tests.complaints.desk import QUEUE
from tests.core.test_private_files import kept
from tests.factories import staff


@pytest.fixture
def case(stopped, holder, listings, merchant):
    return told(*listings, by=holder)


def a_sheet(case, holder, merchant):
    return staff(), f"{QUEUE}sheet/csv/?desk=all"


def the_ledger(case, holder, merchant):
    return staff(StaffRole.AUDITOR), "/api/v1/ledger/export"


def a_personal_paper(case, holder, merchant):
    return holder, files.url(kept(purpose=FilePurpose.IDENTITY), user=holder)


def a_statement(case, holder, merchant):
    return merchant, f"/api/v1/notices/{statement_of(case).public_id}"


def a_counter_notice(case, holder, merchant):
    return holder, f"/api/v1/counter-notices/{forwarded(case).public_id}"


def a_conversation(case, holder, merchant):
    conversations.write(complaint=case, party=case.organisation, by=staff(), text="Which of the two?")
    return holder, f"/api/v1/complaints/{case.public_id}/messages"


@pytest.mark.parametrize(
    "address", [a_sheet, the_ledger, a_personal_paper, a_statement, a_counter_notice, a_conversation]
)
def test_only_get_counts_as_a_look(case, holder, merchant, sign_in, address):
    who, path = address(case, holder, merchant)
    client = sign_in(who)
    before = what_is_kept(case)
    answer = client.head(path)
    assert answer.status_code == 200
    assert what_is_kept(case) == before
    list(client.get(path))
    assert what_is_kept(case) != before


def what_is_kept(case):
    """What stands in the ledger, and what counts as read."""
    return LedgerEntry.objects.count(), case.messages.filter(first_read_at__isnull=False).count()
