"""Who can sign in to the demo, with one password for all and one fixed second factor for staff.

These are for a demo alone: `seed_demo` refuses to run on an installation that is not one.
"""

from dataclasses import dataclass

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib.auth.models import Group

from accounts.models import Membership, Organisation, User
from accounts.roles import OrgRole, StaffRole
from seeds.world import DOMAIN, World

PASSWORD = "ippro-demo-2026"  # noqa: S105 the demo's, printed for everybody
TOTP_SECRET = "IPPRODEMOIPPRODEMOIPPRODEMOIPPRO"  # noqa: S105


@dataclass(frozen=True)
class Login:
    """One line of the table that `seed_demo` prints."""

    email: str
    role: str
    organisation: str = ""
    needs_code: bool = False


#: staff: mailbox, name, roles, language
STAFF = (
    ("reviewer", "审核员 夏知微", (StaffRole.REVIEWER,), "zh-hans"),
    ("reviewer.en", "Reviewer Tobias Arden", (StaffRole.REVIEWER,), "en"),
    ("senior", "高级审核员 孟长青", (StaffRole.SENIOR_REVIEWER,), "zh-hans"),
    ("auditor", "Auditor Ines Halloran", (StaffRole.AUDITOR,), "en"),
    ("admin", "管理员 纪云舟", (StaffRole.ADMINISTRATOR,), "zh-hans"),
)

#: people with an easy address: mailbox, organisation, role, name, language
PEOPLE = (
    ("holder", "kivorro", OrgRole.ADMIN, "沈奕辰", "zh-hans"),
    ("colleague", "kivorro", OrgRole.COMPLAINANT, "乔一诺", "zh-hans"),
    # The same person once more: who belongs to several organisations chooses for which one they act.
    ("colleague", "yanxi", OrgRole.READER, "乔一诺", "zh-hans"),
    ("holder.en", "belcourtine", OrgRole.ADMIN, "Maëlle Corvisart", "en"),
    ("publisher", "yanxi", OrgRole.ADMIN, "林怀瑾", "zh-hans"),
    ("audio", "sonquill", OrgRole.ADMIN, "陆行之", "zh-hans"),
    ("agency", "zhiyan", OrgRole.ADMIN, "方静姝", "zh-hans"),
    ("agency.en", "harrow", OrgRole.ADMIN, "Imogen Lindqvist", "en"),
    ("merchant", "haoyun", OrgRole.ADMIN, "牛大福", "zh-hans"),
    ("merchant.original", "yunfan", OrgRole.ADMIN, "贺云帆", "zh-hans"),
    ("merchant.books", "xuehai", OrgRole.ADMIN, "吴二宝", "zh-hans"),
    ("merchant.en", "mingbiao", OrgRole.ADMIN, "范彩霞", "en"),
)  # fmt: skip


def make_staff() -> list[Login]:
    """The platform's people, each with the fixed second factor."""
    for role in StaffRole.values:
        Group.objects.get_or_create(name=role)
    logins = []
    for mailbox, name, roles, language in STAFF:
        user = _user(
            f"{mailbox}@{DOMAIN}",
            name,
            language,
            is_staff=True,
            is_superuser=StaffRole.ADMINISTRATOR in roles,
        )
        user.groups.add(*Group.objects.filter(name__in=roles))
        if not Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists():
            TOTP.activate(user, TOTP_SECRET)
        logins.append(Login(user.email, " + ".join(roles), needs_code=True))
    return logins


def make_people(organisations: dict[str, Organisation], world: World) -> list[Login]:
    """Somebody for every organisation, and the easy addresses that are printed."""
    logins = []
    easy = {slug for _mailbox, slug, role, *_rest in PEOPLE if role == OrgRole.ADMIN}
    for mailbox, slug, role, name, language in PEOPLE:
        user = _user(f"{mailbox}@{DOMAIN}", name, language)
        _join(user, organisations[slug], role)
        logins.append(Login(user.email, role.value, organisations[slug].name))
    for said in world.organisations:
        if said.slug not in easy:
            for person in said.people:
                user = _user(person.email, person.name, person.language, phone=person.phone)
                _join(user, organisations[said.slug], OrgRole(person.role))
    return logins


def _join(user: User, organisation: Organisation, role: OrgRole) -> None:
    Membership.objects.get_or_create(user=user, organisation=organisation, defaults={"role": role})
    if user.current_organisation_id is None:
        user.current_organisation = organisation
        user.save(update_fields=["current_organisation"])


_hashed: list[str] = []


def _user(email: str, name: str, language: str, **fields: object) -> User:
    user = User.objects.filter(email=email).first()
    if user is None:
        user = User(email=email, name=name, language=language, **fields)
        if not _hashed:
            # Hashing is slow on purpose; forty demo people share one password and may share its hash.
            user.set_password(PASSWORD)
            _hashed.append(user.password)
        user.password = _hashed[0]
        user.save()
    EmailAddress.objects.get_or_create(user=user, email=email, defaults={"verified": True, "primary": True})
    return user
