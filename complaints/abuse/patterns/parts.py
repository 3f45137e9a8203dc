"""What patterns are made of, and the questions that several of them ask."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.functional import Promise

from accounts.models import Organisation
from complaints.models import Complaint, ComplaintTarget, Finding

#: no pattern reads more than the newest so many rows of one complainant
MOST_ROWS = 2000
#: so many cases are named for one occasion
MOST_CASES = 50


@dataclass(frozen=True)
class Evidence:
    """One occasion of a pattern: `key` names it for ever, `cases` show it, `figures` are what the words need."""

    key: str
    cases: Sequence[str]
    figures: Mapping[str, int | str] = field(default_factory=dict)


Find = Callable[[Organisation, datetime], Iterable[Evidence]]


@dataclass(frozen=True)
class Pattern:
    """One documented pattern of abuse."""

    code: str
    title: str | Promise
    #: exactly what is looked for, as the reference says it
    rule: str | Promise
    #: what staff read of one finding; may use its figures
    to_staff: str | Promise
    #: what the complainant is told when it is held against it; may use the figures
    to_complainant: str | Promise
    source: str | Promise
    find: Find


def complaints_since(organisation: Organisation, at: datetime, *, days: int) -> QuerySet[Complaint]:
    """What a complainant sent in the last `days` days, up to this moment."""
    return Complaint.objects.filter(
        organisation=organisation, created_at__gt=at - timedelta(days=days), created_at__lte=at
    )


def links_since(organisation: Organisation, at: datetime, *, days: int) -> QuerySet[Any]:
    """The links of those, each with the shop that answers for it as `seller`."""
    links = ComplaintTarget.objects.filter(
        complaint__organisation=organisation,
        complaint__created_at__gt=at - timedelta(days=days),
        complaint__created_at__lte=at,
    )
    return links.annotate(seller=Coalesce("target__shop_id", "target_id"))


def dismissals_since(organisation: Organisation, at: datetime, *, days: int) -> QuerySet[Finding]:
    """The findings of the last `days` days that dismissed a link of this complainant."""
    return Finding.objects.filter(
        decision__complaint__organisation=organisation,
        decision__decided_at__gt=at - timedelta(days=days),
        decision__decided_at__lte=at,
        outcome=ComplaintTarget.Outcome.DISMISSED,
    )


def cases_of(rows: QuerySet[Any], name: str = "decision__complaint__public_id") -> list[str]:
    """The public ids of the cases behind these rows, each once, the newest `MOST_CASES`."""
    found = rows.order_by(f"-{name}").values_list(name, flat=True)[:MOST_ROWS]
    return sorted(dict.fromkeys(found), reverse=True)[:MOST_CASES]


def quarter(at: datetime) -> str:
    local = timezone.localtime(at)
    return f"{local.year}-Q{(local.month + 2) // 3}"


def half_year(at: datetime) -> str:
    local = timezone.localtime(at)
    return f"{local.year}-H{1 if local.month < 7 else 2}"


def month(at: datetime) -> str:
    return f"{timezone.localtime(at):%Y-%m}"


_NOT_WORDS = re.compile(r"[\W_]+")


def normalised(text: str) -> str:
    """A text without what hides its words: width, case, spaces, punctuation, unseen characters."""
    return _NOT_WORDS.sub("", unicodedata.normalize("NFKC", text).casefold())


def says(text: str, words: Iterable[str]) -> bool:
    """Whether a text says one of these words, however it is spaced or written."""
    plain = normalised(text)
    return any(normalised(word) in plain for word in words)
