"""Legal regimes as data: what a notice must contain, how long each turn takes, and where that is written.

A complaint carries the regime of its marketplace. Periods are values of the regime, not constants of the
code: Civil Code art. 1196(2) says "a reasonable period" where E-Commerce Law art. 43 says 15 days.
"""

from dataclasses import dataclass
from datetime import timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Element:
    """Something that a notice must have: the field that carries it, and the law that asks for it."""

    field: str
    label: str | Promise
    missing: str | Promise
    source: str


@dataclass(frozen=True)
class Regime:
    """One legal regime. Lengths are calendar time; working days come with the kept calendars."""

    code: str
    name: str | Promise
    source: str | Promise
    notice: tuple[Element, ...]
    #: the platform answers within this time whether the notice is complete
    admission: timedelta
    #: … and decides an accepted notice within this time
    decision: timedelta
    #: a returned notice must be completed within this time, else it lapses
    supplement: timedelta
    #: parties are told at the latest after this time, even if a marketplace does not answer
    notification: timedelta
    #: a notified case without further steps is closed after this time
    closing: timedelta
    #: what a shop is told that it can do about a takedown; `%(contact)s` is the platform's address
    redress: str | Promise


CN_ECOMMERCE = Regime(
    code="cn",
    name=_("China: E-Commerce Law"),
    source=_("E-Commerce Law of the PRC, arts. 41–45; SPC Fa Fa [2020] No. 32, arts. 5–6"),
    notice=(
        Element("filing", _("Proof of the right"), _("Choose the right on which the complaint rests."), "Fa Fa [2020] No. 32 art. 5(1)"),
        Element("signature", _("Identity of the complainant"), _("Write the name of the person who signs the notice."), "Fa Fa [2020] No. 32 art. 5(1)"),
        Element("links", _("Exact location of the goods"), _("Paste at least one link of what infringes."), "Fa Fa [2020] No. 32 art. 5(2)"),
        Element("description", _("Preliminary evidence"), _("Describe in at least 20 characters what infringes your right and how you know."), "E-Commerce Law art. 42; Fa Fa [2020] No. 32 art. 5(3)"),
        Element("good_faith", _("Assurance of truth"), _("Confirm that the notice is true: without this assurance it cannot be accepted."), "Fa Fa [2020] No. 32 art. 5(4)"),
    ),
    admission=timedelta(days=2),
    decision=timedelta(days=5),
    supplement=timedelta(days=5),
    notification=timedelta(minutes=30),
    closing=timedelta(days=15),
    redress=_(
        "You may state that you do not infringe, with preliminary evidence (E-Commerce Law art. 43): write to"
        " %(contact)s and name the number of this statement. You may also complain to the competent authority"
        " or sue in court."
    ),
)  # fmt: skip

REGIMES = {regime.code: regime for regime in (CN_ECOMMERCE,)}
