"""What every page's frame needs to know: where this person can go, in which language, in which world.

Rooms are named by their URL names only; one that is not installed drops out of the navigation.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext, ngettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from core import clock

HOLDERS = frozenset({"rights_holder", "agency"})
MERCHANTS = frozenset({"merchant"})
STAFF = frozenset({"staff"})
MEMBERS = HOLDERS | MERCHANTS | frozenset({"platform"})
PEOPLE = MEMBERS | STAFF | frozenset({"person"})


@dataclass(frozen=True)
class NavItem:
    """A place to go: shown to these audiences, if its address exists."""

    label: str | Promise
    url_name: str
    icon: str
    roles: frozenset[str]


@dataclass(frozen=True)
class Link:
    """A resolved place, ready for a template."""

    label: str | Promise
    url: str
    icon: str
    is_current: bool = False


MAIN = (
    NavItem(_("Desk"), "desk", "desk", PEOPLE),
    NavItem(_("Rights on file"), "filings:list", "certificate", HOLDERS),
    NavItem(pgettext_lazy("navigation", "Watch"), "patrol:profiles", "search", HOLDERS),
    NavItem(_("Complaints"), "complaints:list", "flag", HOLDERS | MERCHANTS),
    NavItem(_("Original images"), "originals:list", "image", HOLDERS | MERCHANTS),
    NavItem(_("Copies found"), "originals:matches", "search", MERCHANTS),
    NavItem(_("Notices"), "complaints:notices", "bell", MERCHANTS),
    NavItem(_("Findings"), "patrol:findings", "search", MERCHANTS),
    NavItem(_("Counter-notices"), "complaints:counter-notices", "undo", HOLDERS | MERCHANTS),
    NavItem(_("Staff workplace"), "admin:index", "scale", STAFF),
)
ACTIONS = (NavItem(_("New complaint"), "complaints:wizard", "plus", HOLDERS),)
ACCOUNT = (
    NavItem(_("Appeals"), "appeals:list", "scale", HOLDERS | MERCHANTS),
    NavItem(_("Powers of attorney"), "powers:list", "certificate", HOLDERS),
    NavItem(_("Test buys"), "samples:test-buys", "search", HOLDERS),
    NavItem(_("Your profile"), "accounts:profile", "user", PEOPLE),
    NavItem(_("Standing of your shops"), "penalties:shops", "scale", MERCHANTS),
    NavItem(_("Your standing"), "complaints:standing", "scale", HOLDERS),
    NavItem(_("Organisation and colleagues"), "accounts:organisation", "building", MEMBERS | frozenset({"person"})),
    NavItem(_("Second factor"), "mfa_index", "key", PEOPLE),
    NavItem(_("Email addresses"), "account_email", "mail", PEOPLE),
    NavItem(_("Password"), "account_change_password", "lock", PEOPLE),
)


def audiences(user: Any) -> frozenset[str]:
    """Who this person is to the navigation; nobody in particular if not signed in."""
    if user is None or not user.is_authenticated:
        return frozenset()
    if user.is_staff:
        return frozenset({"staff"})
    organisation = getattr(user, "organisation", None)
    return frozenset({organisation.kind if organisation else "person"})


def links(items: Iterable[NavItem], *, roles: frozenset[str], path: str) -> list[Link]:
    """The items that these audiences may see and that exist; the current one is marked."""
    found = []
    for item in items:
        if not (item.roles & roles):
            continue
        try:
            url = reverse(item.url_name)
        except NoReverseMatch:
            continue
        found.append(Link(item.label, url, item.icon))
    # Of two addresses of which one begins with the other, the longer is where somebody is.
    here = max((link.url for link in found if path.startswith(link.url)), key=len, default="")
    return [replace(link, is_current=link.url == here) for link in found]


def _switchable(user: Any, organisation: Any) -> list[Any]:
    """The other organisations this person can act for, once there is an address to switch at."""
    if organisation is None or _url("accounts:switch") is None:
        return []
    memberships = user.memberships.select_related("organisation").order_by("pk")
    return [m.organisation for m in memberships if m.organisation_id != organisation.pk]


def _demo_code() -> str:
    """The second factor of the demo's staff at this moment: visitors have no authenticator for it."""
    from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time

    from seeds.logins import TOTP_SECRET

    counters = list(yield_hotp_counters_from_time())
    return format_hotp_value(hotp_value(TOTP_SECRET, counters[len(counters) // 2]))


@dataclass(frozen=True)
class MovableClock:
    """The clock of a demo, as every page shows it: what time it is, how far ahead, and whether this person moves it."""

    now: datetime
    ahead: timedelta
    may_move: bool

    @property
    def ahead_in_words(self) -> str:
        """How far ahead, in days, or in hours of the first day; "" while it was not moved."""
        if not self.ahead:
            return ""
        if self.ahead < timedelta(days=1):
            hours = max(1, round(self.ahead / timedelta(hours=1)))
            return ngettext("%(n)d hour ahead", "%(n)d hours ahead", hours) % {"n": hours}
        return ngettext("%(n)d day ahead", "%(n)d days ahead", self.ahead.days) % {"n": self.ahead.days}


def _clock(user: Any) -> MovableClock | None:
    if not settings.CLOCK_CAN_MOVE:
        return None
    is_staff = bool(user is not None and user.is_authenticated and user.is_staff)
    return MovableClock(now=clock.now(), ahead=clock.moved_by(), may_move=is_staff)


def _url(name: str) -> str | None:
    try:
        return reverse(name)
    except NoReverseMatch:
        return None


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context processor of the frame. Survives a request that no middleware has touched (error pages).

    A page of the staff is rendered in several parts, each with the request: its frame is made once.
    """
    if not request.path.startswith("/admin/"):
        return _shell(request)
    known: dict[str, Any] | None = getattr(request, "_shell", None)
    if known is None:
        known = request._shell = _shell(request)  # type: ignore[attr-defined]
    return known


def _shell(request: HttpRequest) -> dict[str, Any]:
    user = getattr(request, "user", None)
    # Whoever came by a private link has their case before them, and nothing else to go to.
    private_link = getattr(request, "private_link", "")
    roles = audiences(user) if not private_link else frozenset()
    organisation = getattr(user, "organisation", None) if roles else None
    others = _switchable(user, organisation)
    # What every form of this page carries: see `ippro/templatetags/acting.py`.
    # Whoever belongs to one alone may join a second one while this page is open.
    request.acting_as = organisation.public_id if organisation else ""  # type: ignore[attr-defined]
    return {
        "shell": {
            "private_link": private_link,
            "nav": links(MAIN, roles=roles, path=request.path),
            "actions": links(ACTIONS, roles=roles, path=request.path),
            "account": links(ACCOUNT, roles=roles, path=request.path),
            "organisation": organisation,
            "organisations": others,
            "switch_url": _url("accounts:switch"),
            "languages": [("zh-hans", "中文"), ("en", "English")],
            "language": get_language() or settings.LANGUAGE_CODE,
            "demo": settings.DEMO,
            "clock": _clock(user),
            "demo_mail_url": _url("demo-mail") if settings.DEMO else None,
            "demo_code": _demo_code() if settings.DEMO and request.path.startswith("/account/2fa/auth") else "",
            "styleguide_url": _url("styleguide"),
        }
    }


def environment(request: HttpRequest) -> list[str] | None:
    """The coloured label in the head of the staff's workplace."""
    if settings.DEMO:
        label = gettext("Demo world")
        if clock.moved_by():
            label += f" · {date_format(timezone.localtime(clock.now()), 'Y-m-d H:i')}"
        return [label, "warning"]
    if settings.DEBUG:
        return [gettext("Development"), "info"]
    return None
