"""Powers of attorney of the demo world, one in every state: whom the two agencies act for, and whom no more."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.files.base import ContentFile
from django.utils import timezone

from accounts.models import Organisation, PowerOfAttorney, User
from accounts.powers import services
from accounts.powers.services import Days, Scope
from core import clock
from core.pdf import Document
from seeds.world import DOMAIN

APPROVED = PowerOfAttorney.State.APPROVED


@dataclass(frozen=True)
class Told:
    """One power: its first and last day counted from today, and what became of it."""

    agent: str
    holder: str
    first: int
    last: int
    scope: Scope = Scope()  # noqa: RUF009 frozen as well
    state: str = APPROVED
    #: days ago
    ended: int = 0
    reason: str = ""


POWERS = (
    Told("agency", "kivorro", -120, 245),
    Told("agency", "yanxi", -350, 14, Scope(infringements=("pirated_book",))),
    Told("agency", "sonquill", -380, -15),
    Told("agency.en", "belcourtine", -200, 165, Scope(scenes=("product_page", "shop")), "revoked", 40,
         "Your notices named shops that sell our genuine goods. We look after our marks ourselves from now on."),
    Told("agency.en", "nordwisp", -400, -36),
    Told("agency.en", "kivorro", 0, 364, state="submitted"),
)  # fmt: skip
#: a rights holder that has no account here: only its paper speaks for it
UNKNOWN = {"name": "Fjällsken Form AB", "country": "SE", "number": "559900-0137"}
UNKNOWN_EMAIL = f"board@fjallsken.{DOMAIN}"


def grant(*, organisations: Mapping[str, Organisation]) -> int:
    """Bring every power to its state, each step at its time; returns how many are new. Loaded already, none is."""
    if PowerOfAttorney.objects.exists():
        return 0
    for told in POWERS:
        _tell(told, organisations[told.holder])
    agent = _person("agency")
    today = clock.today()
    holder = services.holder_named(**UNKNOWN, by=agent)
    _submitted(agent, holder, Days(today, today + timedelta(days=364)), Scope(), UNKNOWN_EMAIL)
    services.pass_days()
    return PowerOfAttorney.objects.count()


def _tell(told: Told, holder: Organisation) -> None:
    agent, reviewer = _person(told.agent), _person("reviewer")
    owner = holder.memberships.filter(role="admin").order_by("pk").select_related("user")[0].user
    today = clock.today()
    days = Days(today + timedelta(days=told.first), today + timedelta(days=told.last))
    with clock.frozen(min(_noon(days), clock.now())) as then:
        power = _submitted(agent, holder, days, told.scope)
        if told.state == "submitted":
            return
        then.advance(hours=5)
        power = services.confirm_power(power=power, by=owner)
        then.advance(hours=20)
        power = services.approve_power(power=power, by=reviewer)
    if told.reason:
        with clock.frozen(clock.now() - timedelta(days=told.ended)):
            services.revoke_power(power=power, by=owner, reason=told.reason)


def _noon(days: Days) -> datetime:
    return datetime(days.first.year, days.first.month, days.first.day, 12, tzinfo=timezone.get_default_timezone())


def _submitted(agent: User, holder: Organisation, days: Days, scope: Scope, holder_email: str = "") -> PowerOfAttorney:
    agency = agent.organisation
    if agency is None:
        raise ValueError(f"{agent} acts for nobody")
    upload = ContentFile(_paper(agency, holder, days), name="授权委托书 power-of-attorney.pdf")
    kept = services.keep_documents(uploads=[upload], by=agent)
    return services.submit_power(
        holder=holder, agency=agency, scope=scope, days=days, kept=kept, by=agent, holder_email=holder_email
    )


def _paper(agency: Organisation, holder: Organisation, days: Days) -> bytes:
    """The signed paper of the demo, marked as a sample."""
    paper = Document(
        title="授权委托书 Power of attorney", language="zh-hans", subtitle="样本 SAMPLE", footer="样本 SAMPLE"
    )
    paper.facts(
        [
            ("委托人 Principal", holder.name),
            ("受托人 Agent", agency.name),
            ("有效期 Valid", f"{days.first} – {days.last}"),
        ]
    )
    paper.paragraph("委托人授权受托人在平台上办理知识产权备案与侵权投诉事宜。")
    paper.paragraph("The principal lets the agent file its rights and complain of infringements on the platform.")
    return paper.to_bytes()


def _person(mailbox: str) -> User:
    return User.objects.get(email=f"{mailbox}@{DOMAIN}")
