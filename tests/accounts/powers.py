"""Powers of attorney for tests: handed in, confirmed, approved, by the services that the pages use."""

from datetime import timedelta

from accounts.models import Organisation
from accounts.powers import services
from accounts.powers.services import Days, Scope
from core import clock
from tests.accounts.build import scan
from tests.factories import OrganisationFactory, member, staff


def an_agency():
    return OrganisationFactory(kind=Organisation.Kind.AGENCY)


def a_power(holder, agent, *, scope=None, days=30, since=0, state="approved"):
    """A power of the holder's administrator to the agent's agency, from today on, brought to this state."""
    first = clock.today() + timedelta(days=since)
    kept = services.keep_documents(uploads=[scan()], by=agent)
    power = services.submit_power(
        holder=holder.organisation, agency=agent.organisation, scope=scope or Scope(),
        days=Days(first, first + timedelta(days=days)), kept=kept, by=agent,
    )  # fmt: skip
    if state == "submitted":
        return power
    power = services.confirm_power(power=power, by=holder)
    if state == "confirmed":
        return power
    return services.approve_power(power=power, by=staff())


def both(**fields):
    """A rights holder's administrator, an agency's, and a power between their organisations."""
    holder, agent = member(), member(an_agency())
    return holder, agent, a_power(holder, agent, **fields)
