"""Working days, from kept calendars: `chinesecalendar` for China, `holidays` for the United States and the Union.

China announces each year's arrangement of holidays and make-up working days late in the year before; what is not
announced yet is guessed from the holidays that the law fixes, and `is_published` says so. The others follow from
their law alone. Nobody above this module names a library (docs/adr/0013).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cache

import holidays
from chinese_calendar import constants, is_workday
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

_SATURDAY = 5
#: the first and the last year of which the libraries know all rules
FIRST_YEAR, LAST_YEAR = 1980, 2099


@dataclass(frozen=True)
class Calendar:
    """Which days are working days somewhere, by whose rules, and which of its days are certain."""

    code: str
    name: str | Promise
    source: str | Promise
    is_working: Callable[[date], bool]
    #: whether the authority has said of a day what it is; otherwise it may still change
    is_published: Callable[[date], bool]


@cache
def _holidays(country: str, year: int) -> frozenset[date]:
    """The public holidays of a whole country in `year`, those observed on another day included."""
    return frozenset(holidays.country_holidays(country, years=[year]))


def _follows_law(country: str) -> Callable[[date], bool]:
    def works(day: date) -> bool:
        return day.weekday() < _SATURDAY and day not in _holidays(country, day.year)

    return works


_CHINA_KNOWN = (min(constants.holidays).year, max(constants.holidays).year)


def _china_published(day: date) -> bool:
    """The last week of December is arranged with the New Year: 2018-12-29 worked and 2018-12-31 did not."""
    belongs_to = day.year + 1 if (day.month, day.day) >= (12, 25) else day.year
    return _CHINA_KNOWN[0] <= belongs_to <= _CHINA_KNOWN[1]


def _china_works(day: date) -> bool:
    if _CHINA_KNOWN[0] <= day.year <= _CHINA_KNOWN[1]:
        return is_workday(day)
    return day.weekday() < _SATURDAY and day not in _holidays("CN", day.year)


CHINA = Calendar(
    code="cn",
    name=_("China: working days, with make-up working days"),
    source=_("Regulation on Public Holidays for National Festivals and Memorial Days; the State Council's yearly notice"),
    is_working=_china_works,
    is_published=_china_published,
)  # fmt: skip

US_FEDERAL = Calendar(
    code="us",
    name=_("United States: federal working days"),
    source="5 U.S.C. § 6103",
    is_working=_follows_law("US"),
    is_published=lambda day: True,
)

#: a public holiday is what the state says in which the act is to be done: Regulation No 1182/71 art. 2
MEMBER_STATES = (
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT", "LT", "LU", "LV",
    "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK",
)  # fmt: skip


def member_state(country: str) -> Calendar:
    """The working days of a member state of the European Union, by its ISO 3166 code."""
    if country not in MEMBER_STATES:
        raise ValueError(f"{country!r} is no member state of the European Union")
    return Calendar(
        code=country.lower(),
        name=_("European Union: working days in %(country)s") % {"country": country},
        source="Regulation (EEC, Euratom) No 1182/71, arts. 2–3",
        is_working=_follows_law(country),
        is_published=lambda day: True,
    )
