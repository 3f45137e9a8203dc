"""A power of attorney is handed in, confirmed, reviewed, revoked at once, and over after its last day."""

from datetime import UTC, datetime, timedelta

import pytest

from accounts.errors import OwnOrganisation
from accounts.models import Organisation, PowerOfAttorney
from accounts.powers import services
from accounts.powers.lifecycle import LIFECYCLE
from accounts.powers.services import Days, Scope
from accounts.roles import OrgRole
from accounts.tasks import pass_days_of_powers
from core import clock, files
from core.errors import Forbidden, Invalid, WrongState
from core.models import LedgerEntry, Letter
from core.pace import TooOften
from tests.accounts.build import OTHER_USCC, letters, scan
from tests.accounts.powers import a_power, an_agency, both
from tests.factories import OrganisationFactory, member, staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def time():
    with clock.frozen(datetime(2026, 3, 3, 12, tzinfo=UTC)) as stopped:
        yield stopped


def kinds(power):
    return list(LedgerEntry.objects.filter(subject=power.public_id).order_by("pk").values_list("kind", flat=True))


def named(agent, **said):
    return services.holder_named(**{"name": "Kontor AB", "country": "SE", "number": "556677-8899"} | said, by=agent)


def test_it_comes_into_force_once_both_the_holder_and_staff_have_said_so(time):
    holder, agent, power = both(state="submitted")
    with pytest.raises(WrongState, match="has not confirmed"):
        services.approve_power(power=power, by=staff())
    services.confirm_power(power=power, by=holder)
    power = services.approve_power(power=power, by=staff())
    assert power.is_in_force()
    assert kinds(power) == ["power.submit", "power.confirm", "power.approve"]
    assert {letter.user for letter in letters("power_approved")} == {holder, agent}
    assert PowerOfAttorney.objects.get().confirmed_by == holder


def test_the_holder_grants_one_without_a_paper(time):
    holder, agency = member(), an_agency()
    found = services.agency_named(number=agency.number, by=holder)
    days = Days(clock.today(), clock.today() + timedelta(days=9))
    power = services.submit_power(
        holder=holder.organisation, agency=found, scope=Scope(), days=days, kept=[], by=holder
    )
    assert services.approve_power(power=power, by=staff()).is_in_force()


def test_an_agency_attaches_the_paper(time):
    holder, agent = member(), member(an_agency())
    days = Days(clock.today(), clock.today())
    with pytest.raises(Invalid) as refused:
        services.submit_power(
            holder=holder.organisation, agency=agent.organisation, scope=Scope(), days=days, kept=[], by=agent
        )
    assert "document" in refused.value.errors


def test_a_holder_without_an_account_is_represented_once_staff_have_read_the_paper(time):
    agent = member(an_agency())
    holder = named(agent)
    assert named(agent).pk == holder.pk, "named again it is the same"
    days = Days(clock.today(), clock.today() + timedelta(days=60))
    kept = services.keep_documents(uploads=[scan()], by=agent)
    power = services.submit_power(
        holder=holder, agency=agent.organisation, scope=Scope(), days=days, kept=kept, by=agent,
        holder_email="board@kontor.example",
    )  # fmt: skip
    assert "write to" in Letter.objects.get(to__isnull=False, user=None).body
    assert services.approve_power(power=power, by=staff()).is_in_force()


def test_each_agency_says_for_its_own_power_where_the_holder_is_written_to(time):
    for mailbox in ("me@first.example", "board@kontor.example"):
        agent = member(an_agency())
        services.submit_power(
            holder=named(agent), agency=agent.organisation, scope=Scope(), days=Days(clock.today(), clock.today()),
            kept=services.keep_documents(uploads=[scan()], by=agent), by=agent, holder_email=mailbox,
        )  # fmt: skip
    second = PowerOfAttorney.objects.order_by("pk").last()
    assert second.holder.powers_given.count() == 2
    told = Letter.objects.filter(about=second.public_id, user=None)
    assert [letter.to for letter in told] == ["board@kontor.example"]


def test_only_a_verified_agency_names_holders_and_not_without_end(time, monkeypatch):
    unverified = member(OrganisationFactory(kind=Organisation.Kind.AGENCY, state=Organisation.State.UNVERIFIED))
    with pytest.raises(Forbidden, match="must be verified"):
        named(unverified)
    monkeypatch.setattr(services, "NAMED_A_DAY", 2)
    agent = member(an_agency())
    named(agent, number="1")
    named(agent, number="2")
    with pytest.raises(TooOften):
        named(agent, number="3")
    assert Organisation.objects.filter(name="Kontor AB").count() == 2


def test_a_number_names_the_verified_holder_and_no_other(time):
    agent = member(an_agency())
    verified = OrganisationFactory(uscc=OTHER_USCC)
    member(OrganisationFactory(registration_number="556677-8899", country="SE", state=Organisation.State.UNVERIFIED))
    assert named(agent, number=OTHER_USCC, country="CN").pk == verified.pk
    assert not named(agent).memberships.exists(), "nobody becomes a holder by saying its number"


@pytest.mark.parametrize("who", ["holder", "agent", "reviewer"])
def test_each_side_and_the_platform_end_it_at_once(time, who):
    holder, agent, power = both()
    by = {"holder": holder, "agent": agent, "reviewer": staff()}[who]
    with pytest.raises(Invalid):
        services.revoke_power(power=power, by=by, reason=" ")
    power = services.revoke_power(power=power, by=by, reason="We work with somebody else now.")
    assert not power.is_in_force()
    assert power.revoked_by_side == {"holder": "holder", "agent": "agency", "reviewer": "staff"}[who]
    assert {letter.user for letter in letters("power_revoked")} == {holder, agent}
    assert "somebody else" not in str(LedgerEntry.objects.filter(kind="power.revoke").get().payload)
    with pytest.raises(WrongState):
        services.revoke_power(power=power, by=by, reason="Again.")


def test_it_is_over_after_its_last_day_whether_the_clock_has_passed_by_or_not(time):
    _holder, _agent, power = both(days=0)
    assert power.is_in_force()
    time.set(datetime(2026, 3, 3, 16, 0, 1, tzinfo=UTC))  # one second into the fourth of March in Shanghai
    power.refresh_from_db()
    assert power.state == "approved"
    assert not power.is_in_force()
    assert not PowerOfAttorney.objects.in_force().exists()
    assert pass_days_of_powers() == 1
    assert pass_days_of_powers() == 0
    power.refresh_from_db()
    assert power.state == "expired"
    assert len(letters("power_expired")) == 2


def test_it_begins_on_its_first_day(time):
    _holder, _agent, power = both(since=2)
    assert not power.is_in_force()
    time.advance(days=2)
    assert power.is_in_force()


def test_both_sides_are_reminded_thirty_and_seven_days_before(time):
    _holder, _agent, _power = both(days=40)
    counted = []
    for _day in range(41):
        pass_days_of_powers()
        counted.append(len(letters("power_expiring")))
        time.advance(days=1)
    assert [counted.index(2), counted.index(4)] == [10, 33]
    assert counted[-1] == 4


def test_what_was_returned_is_mended_and_confirmed_anew(time):
    holder, agent, power = both(state="confirmed")
    with pytest.raises(Invalid):
        services.return_power(power=power, by=staff(), missing="")
    power = services.return_power(power=power, by=staff(), missing="The second page is missing.")
    assert all("second page" in letter.body for letter in letters("power_returned"))
    days = Days(power.valid_from_on, power.valid_until_on)
    kept = services.keep_documents(uploads=[scan((9, 9, 9))], by=agent)
    power = services.supplement_power(power=power, scope=Scope(scenes=["shop"]), days=days, kept=kept, by=agent)
    assert power.confirmed_at is None
    assert power.documents.count() == 2
    services.confirm_power(power=power, by=holder)
    assert services.approve_power(power=power, by=staff()).scenes == ["shop"]


def test_what_nobody_mends_ends(time):
    _holder, _agent, power = both(state="confirmed", days=300)
    services.return_power(power=power, by=staff(), missing="The second page is missing.")
    time.advance(days=31)
    assert pass_days_of_powers() == 1
    power.refresh_from_db()
    assert power.state == "expired"


def test_sent_twice_it_is_one(time):
    holder, agent = member(), member(an_agency())
    assert a_power(holder, agent, state="submitted") == a_power(holder, agent, state="submitted")


@pytest.mark.parametrize(
    ("first", "last"),
    [(0, -1), (-9, -1), (0, 4000)],
)
def test_days_that_cannot_be_are_refused(time, first, last):
    holder, agent = member(), member(an_agency())
    days = Days(clock.today() + timedelta(days=first), clock.today() + timedelta(days=last))
    with pytest.raises(Invalid) as refused:
        services.submit_power(
            holder=holder.organisation, agency=agent.organisation, scope=Scope(), days=days,
            kept=services.keep_documents(uploads=[scan()], by=agent), by=agent,
        )  # fmt: skip
    assert list(refused.value.errors) == ["valid_until_on"]
    assert not PowerOfAttorney.objects.exists()


STEPS = {
    "confirm": lambda power, by: services.confirm_power(power=power, by=by),
    "approve": lambda power, by: services.approve_power(power=power, by=by),
    "return": lambda power, by: services.return_power(power=power, by=by, missing="A page."),
    "revoke": lambda power, by: services.revoke_power(power=power, by=by, reason="Over."),
    "supplement": lambda power, by: services.supplement_power(
        power=power, scope=Scope(), days=Days(power.valid_from_on, power.valid_until_on), kept=[], by=by
    ),
}
MAY = {
    "holder": {"confirm", "revoke", "supplement"},
    "agent": {"revoke", "supplement"},
    "reviewer": {"approve", "return", "revoke"},
    "colleague of the holder": set(),
    "complainant of the agency": set(),
    "somebody else": set(),
}


@pytest.mark.parametrize("state", sorted(LIFECYCLE.states))
@pytest.mark.parametrize("who", MAY)
def test_nobody_takes_a_step_that_the_table_forbids(time, state, who):
    holder, agent, power = both(state="submitted")
    people = {
        "holder": holder, "agent": agent, "reviewer": staff(),
        "colleague of the holder": member(holder.organisation, role=OrgRole.MANAGER),
        "complainant of the agency": member(agent.organisation, role=OrgRole.COMPLAINANT), "somebody else": member(),
    }  # fmt: skip
    PowerOfAttorney.objects.update(state=state)
    for name, step in STEPS.items():
        power.refresh_from_db()
        allowed = name in MAY[who] and state in LIFECYCLE[name].source
        if allowed:
            assert LIFECYCLE[name].who(power, people[who])
            continue
        with pytest.raises((Forbidden, OwnOrganisation, WrongState)):
            step(power, people[who])
        power.refresh_from_db()
        assert power.state == state


def test_a_look_at_the_paper_is_recorded(time):
    _holder, agent, power = both()
    file = power.documents.get().file
    files.opened_by(files.url(file, user=agent).split("/files/")[1].strip("/"), user=agent)
    assert LedgerEntry.objects.filter(kind="file.seen", subject=file.public_id).exists()
