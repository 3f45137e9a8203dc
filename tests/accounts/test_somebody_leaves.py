"""Who leaves hands over drafts and open cases to a colleague, and sees nothing any more from that moment."""

import pytest

from accounts import services
from accounts.roles import OrgRole
from complaints import services as complaints
from complaints.letters import readers
from complaints.models import Draft
from core.errors import Invalid
from core.models import LedgerEntry, OutboxMessage
from core.outbox import deliver
from filings.models import Filing
from filings.services import create_draft
from tests.factories import complaint, member

pytestmark = pytest.mark.django_db


@pytest.fixture
def leaver():
    return member(role=OrgRole.MANAGER)


@pytest.fixture
def admin(leaver):
    return member(leaver.organisation)


def of(person):
    return person.memberships.get()


def leave(leaver, admin, to=None):
    services.remove_member(membership=of(leaver), by=admin, handed_to=to and of(to))
    for message in OutboxMessage.objects.filter(event="member.left"):
        assert deliver(message)


def test_drafts_and_open_cases_go_to_the_colleague(leaver, admin):
    colleague = member(leaver.organisation, role=OrgRole.MANAGER)
    case = complaint(by=leaver)
    complaints.keep_draft(public_id="drf_" + "1" * 26, by=leaver, data={})
    create_draft(kind="trademark", by=leaver)
    organisation = leaver.organisation
    assert readers(organisation.pk, leaver.pk) == [leaver]
    leave(leaver, admin, colleague)
    assert Draft.objects.get(complaint=None).created_by == colleague
    assert Filing.objects.get(state="draft").created_by == colleague
    assert readers(organisation.pk, leaver.pk) == [colleague]
    case.refresh_from_db()
    assert case.filed_by == leaver, "who filed it stays who filed it"
    entry = LedgerEntry.objects.get(kind="membership.remove")
    assert entry.payload["handed_to"] == colleague.public_id


def test_who_takes_over_and_leaves_too_hands_on(leaver, admin):
    second, third = member(leaver.organisation), member(leaver.organisation)
    organisation = leaver.organisation
    leave(leaver, admin, second)
    leave(second, admin, third)
    assert readers(organisation.pk, leaver.pk) == [third]


def test_without_a_colleague_the_administrators_are_told(leaver, admin):
    organisation = leaver.organisation
    leave(leaver, admin)
    assert readers(organisation.pk, leaver.pk) == [admin]


@pytest.mark.parametrize("who", ["themselves", "a reader", "a stranger"])
def test_it_goes_to_nobody_who_could_not_act(leaver, admin, who):
    chosen = {
        "themselves": leaver,
        "a reader": member(leaver.organisation, role=OrgRole.READER),
        "a stranger": member(),
    }
    with pytest.raises(Invalid):
        services.remove_member(membership=of(leaver), by=admin, handed_to=of(chosen[who]))
    assert leaver.memberships.exists()


def test_access_ends_at_once(sign_in, leaver, admin):
    colleague, browser = member(leaver.organisation), sign_in(leaver)
    case = complaint(by=leaver)
    assert browser.get(f"/complaints/{case.public_id}/").status_code == 200
    said = {"handed_to": colleague.public_id}
    page = sign_in(admin).get("/organisation/").content.decode()
    assert f'value="{colleague.public_id}"' in page
    assert sign_in(admin).post(f"/organisation/members/{leaver.public_id}/remove/", said).status_code == 302
    assert browser.get(f"/complaints/{case.public_id}/").status_code == 404
    assert not leaver.memberships.exists()
