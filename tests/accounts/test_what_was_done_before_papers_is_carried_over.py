"""What was done for a holder before it had papers is its own once they are accepted: in one step, with its history."""

from datetime import timedelta

import pytest
from django.apps import apps
from django.db import connection

from accounts import review
from accounts.guests import carrying
from accounts.models import ApiKey, Guest, Organisation, WebhookEndpoint
from accounts.powers import services as powers
from accounts.powers.services import Days, Scope, holder_named
from complaints import conversations, goodfaith
from complaints.models import AnswerSheet, ConductMonth, Import, SavedSearch
from core import clock
from core.models import LedgerEntry
from filings import services as filings
from filings.models import FilingSheet
from tests.accounts.build import scan
from tests.accounts.powers import an_agency
from tests.complaints.public import EMAIL, NUMBER, confirmed, letters
from tests.factories import FilingFactory, ListingFactory, OrganisationFactory, complaint, member, staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def case_and_link(client, stopped):
    return confirmed(client, ListingFactory())


@pytest.fixture
def case(case_and_link):
    return case_and_link[0]


@pytest.fixture
def own(case):
    """The organisation that the guest founded with an account, whose papers wait."""
    person = case.filed_by
    person.set_password("a long enough password")
    person.save()
    return member_of(person)


def member_of(person, **fields):
    from accounts.models import Membership

    organisation = OrganisationFactory(state=Organisation.State.SUBMITTED, name="Small Studio Ltd", **fields)
    Membership.objects.create(user=person, organisation=organisation, role="admin")
    return organisation


def verify(organisation, work_off):
    review.verify(organisation=organisation, by=staff())
    work_off()


def test_a_guests_case_belongs_to_the_organisation_once_its_papers_were_accepted(case, own, work_off, sign_in):
    before = list(LedgerEntry.objects.filter(subject=case.public_id).values_list("pk", flat=True))
    conversations.write(complaint=case, party=case.organisation, by=staff(), text="Which colour?")
    verify(own, work_off)
    case.refresh_from_db()
    assert (case.organisation, case.filing.organisation) == (own, own)
    assert set(before) < set(LedgerEntry.objects.filter(subject=case.public_id).values_list("pk", flat=True))
    entry = LedgerEntry.objects.get(kind="organisation.carried_over")
    assert entry.subject == own.public_id
    assert entry.payload["moved"]["complaints"] == entry.payload["moved"]["filings"] == 1
    person = sign_in(case.filed_by)
    page = person.get(f"/complaints/{case.public_id}/").content.decode()
    assert "Which colour?" in page
    assert len(letters("guest_carried_over")) == 1


def _is_asked_for(asked, table, column):
    """Whether the rows of an organisation were changed, or read to be changed one by one."""
    return any(f'"{table}"."{column}" = %s' in sql for sql in asked)


def test_its_private_links_lead_to_the_sign_in(client, case_and_link, own, work_off):
    verify(own, work_off)
    over = client.get(case_and_link[1])
    assert over.status_code == 410
    assert "/account/login/?next=/complaints/" in over.content.decode()


def test_what_it_made_for_its_programs_and_searches_goes_along(case, own, work_off):
    stub, person = case.organisation, case.filed_by
    key = ApiKey.objects.create(
        organisation=stub, name="Till", created_by=person, digest="d" * 64, expires_at=clock.now()
    )
    hook = WebhookEndpoint.objects.create(
        organisation=stub, url="https://small.example/", created_by=person, secret="s"
    )
    sheets = [
        model.objects.create(organisation=stub, by=person, row_count=1) for model in (FilingSheet, Import, AnswerSheet)
    ]
    for organisation in (stub, own):
        SavedSearch.objects.create(
            organisation=organisation, created_by=person, name="Bags", asked={"words": "bag"}, begins_after=0,
            looked_until=0, look_at=clock.now(),
        )  # fmt: skip
    verify(own, work_off)
    for thing in (key, hook, *sheets):
        thing.refresh_from_db()
        assert thing.organisation == own, thing
    assert set(SavedSearch.objects.filter(organisation=own).values_list("name", flat=True)) == {"Bags", "Bags (2)"}
    moved = LedgerEntry.objects.get(kind="organisation.carried_over").payload["moved"]
    assert moved["keys"] == moved["webhooks"] == moved["searches"] == moved["sheets_of_answers"] == 1


#: of an organisation without papers there is none of these, or it is about the organisation itself
STAYS = {
    "accounts.Guest.organisation", "accounts.Guest.carried_to", "accounts.User.current_organisation",
    "accounts.Membership.organisation", "accounts.PowerOfAttorney.agency", "complaints.ConductMonth.organisation",
    "complaints.CounterNotice.organisation", "complaints.Look.organisation", "complaints.Privilege.organisation",
    "filings.Filing.agency", "imageguard.Intake.organisation", "imageguard.News.organisation",
    "imageguard.Original.organisation", "marketplace.Target.operator",
}  # fmt: skip


def test_whatever_names_an_organisation_is_carried_or_known_to_stay(case, own, work_off):
    """A new table with an organisation in it comes into one of the two: what is left behind is lost to its owner."""
    asked = []

    def look(execute, sql, params, many, context):
        asked.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(look):
        verify(own, work_off)
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if field.related_model is Organisation and f"{model._meta.label}.{field.name}" not in STAYS:
                assert _is_asked_for(asked, model._meta.db_table, field.column), f"{model._meta.label} is left behind"


def test_delivered_twice_it_is_carried_once(case, own, work_off):
    verify(own, work_off)
    carrying.organisation_verified(own.public_id)
    assert LedgerEntry.objects.filter(kind="organisation.carried_over").count() == 1


def test_killed_between_nothing_is_carried_by_half(case, own, work_off, monkeypatch):
    def dies(stub, into):
        raise RuntimeError("the worker died")

    monkeypatch.setattr("governance.appeals.carrying.carry", dies)
    verify(own, work_off)
    case.refresh_from_db()
    assert case.organisation != own
    assert case.filing.organisation == case.organisation
    assert Guest.objects.get().carried_to is None
    monkeypatch.undo()
    carrying.organisation_verified(own.public_id)
    case.refresh_from_db()
    assert case.organisation == case.filing.organisation == own


def test_its_record_adds_up(case, own, work_off):
    goodfaith.count(case.organisation_id, upheld=2, dismissed=1)
    goodfaith.count(own.pk, upheld=3, dismissed=0)
    verify(own, work_off)
    month = ConductMonth.objects.get()
    assert (month.organisation, month.upheld, month.dismissed) == (own, 5, 1)


def test_a_right_filed_by_both_is_in_conflict_no_more(case, own, work_off):
    twin = FilingFactory(organisation=own, registration_number=NUMBER)
    filings.pass_deadlines()
    filings._open_conflicts(case.filing)
    assert case.filing.conflicts.count() + case.filing.conflicted_by.count() == 1
    verify(own, work_off)
    assert not [c for c in [*twin.conflicts.all(), *twin.conflicted_by.all()] if c.settled_at is None]


def test_it_is_not_carried_to_whom_others_administer(case, work_off):
    other = OrganisationFactory(state=Organisation.State.SUBMITTED)
    member(other)
    verify(other, work_off)
    case.refresh_from_db()
    assert case.organisation != other


def test_nor_to_a_merchant_of_the_same_person(case, work_off):
    person = case.filed_by
    shop = member_of(person, kind=Organisation.Kind.MERCHANT)
    verify(shop, work_off)
    case.refresh_from_db()
    assert case.organisation != shop


def test_nor_once_others_belong_to_it(case, own, work_off):
    from accounts.models import Membership

    Membership.objects.create(user=member(), organisation=case.organisation, role="reader")
    verify(own, work_off)
    case.refresh_from_db()
    assert case.organisation != own


def test_its_own_papers_need_no_carrying(case, work_off):
    stub = case.organisation
    Organisation.objects.filter(pk=stub.pk).update(state=Organisation.State.SUBMITTED)
    verify(Organisation.objects.get(pk=stub.pk), work_off)
    case.refresh_from_db()
    assert case.organisation == stub
    assert not LedgerEntry.objects.filter(kind="organisation.carried_over").exists()


def test_a_holder_that_an_agency_named_is_the_one_with_its_number(stopped, work_off):
    agent = member(an_agency())
    named = holder_named(name="Kivorro", country="US", number="DE-4411", by=agent)
    first = clock.today()
    power = powers.submit_power(
        holder=named, agency=agent.organisation, scope=Scope(), days=Days(first, first + timedelta(days=30)),
        kept=powers.keep_documents(uploads=[scan()], by=agent), by=agent,
    )  # fmt: skip
    powers.approve_power(power=power, by=staff())
    right = FilingFactory(organisation=named, created_by=agent, agency=agent.organisation, power=power)
    case = complaint(by=agent, filing=right)
    assert case.holder == named
    own = OrganisationFactory(
        state=Organisation.State.SUBMITTED, country="US", registration_number="de-4411", name="Kivorro Inc."
    )
    administrator = member(own)
    verify(own, work_off)
    for thing in (power, right, case):
        thing.refresh_from_db()
    assert power.holder == right.organisation == case.holder == own
    assert type(case).objects.visible_to(administrator).count() == 1
    assert LedgerEntry.objects.filter(kind="organisation.carried_over").count() == 1


def test_nobody_finds_out_whether_a_mailbox_has_an_account(client, case, own):
    from tests.complaints.public import send

    known = send(client, ListingFactory(), email=EMAIL)
    unknown = send(client, ListingFactory(), email="unknown@small.example")
    assert (known.status_code, known.url) == (unknown.status_code, unknown.url)
