"""What the platform took down on its own initiative, as the public reads it: a finding appears once its shop was told.

`PublicFinding` is the whitelist, like `selectors.Entry`: the right and its holder (natural persons masked), the shop, the
title, the rule, dates, and whether it was reversed. Never facts, what was seen, scores, or who decided.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, Greatest
from django.utils.translation import gettext as _

from complaints.redaction import without_persons
from core.errors import NotYours
from governance.register.naming import public_name
from patrol.models import CandidateDecision

Outcome = CandidateDecision.Outcome
CHUNK = 200


@dataclass(frozen=True)
class PublicFinding:
    """What the public reads of one finding."""

    id: str
    number: str
    decided_at: datetime
    published_at: datetime
    reversed_at: datetime | None
    is_reversed_on_appeal: bool
    regime: str
    infringement: str
    infringement_label: str
    right_kind: str
    right_kind_label: str
    right_name: str
    registration_number: str
    holder: str
    marketplace: str
    shop: str
    title: str
    kind: str
    rule: str
    rule_title: str
    rule_source: str
    is_automated: bool

    @property
    def outcome(self) -> str:
        return "reversed" if self.reversed_at else "upheld"

    @property
    def changed_at(self) -> datetime:
        """When it was published, or reversed after that."""
        return max(self.published_at, self.reversed_at or self.published_at)

    @property
    def outcome_label(self) -> str:
        if self.is_reversed_on_appeal:
            return _("reversed on appeal")
        return str(Outcome(self.outcome).label)


def published() -> QuerySet[CandidateDecision]:
    """The findings that stand in the register, newest first: a reversal is a word on them, and they stay."""
    later = CandidateDecision.objects.filter(
        candidate=OuterRef("candidate"), outcome=Outcome.REVERSED, pk__gt=OuterRef("pk")
    ).order_by("pk")
    return (
        CandidateDecision.objects.findings()
        .filter(notified_at__isnull=False)
        .annotate(turned_at=Subquery(later.values("decided_at")[:1]), turned_by=Subquery(later.values("on_appeal")[:1]))
        .select_related(
            "shop__marketplace", "candidate__target", "candidate__profile__filing__organisation", "rule_version__rule"
        )
        .order_by("-pk")
    )


def search(findings: QuerySet[CandidateDecision], words: str) -> QuerySet[CandidateDecision]:
    """By number or id of a finding, name or number of the right, its holder, or a shop; masked names cannot be searched for."""
    words = words.strip()[:200]
    if not words:
        return findings
    filing = "candidate__profile__filing"
    named = Q(number__iexact=words) | Q(public_id=words) | Q(**{f"{filing}__registration_number__iexact": words})
    named |= Q(**{f"{filing}__title__icontains": words}) | Q(shop__title__icontains=words)
    if public_name(words) == words:
        named |= Q(**{f"{filing}__owner_name__icontains": words})
    return findings.filter(named)


def of_shop(findings: QuerySet[CandidateDecision], words: str) -> QuerySet[CandidateDecision]:
    """Against a shop whose name contains these words."""
    return findings.filter(shop__title__icontains=words)


def changed_last(findings: QuerySet[CandidateDecision], limit: int) -> QuerySet[CandidateDecision]:
    """Of these findings those that were published or reversed last, the latest first."""
    changed = Greatest("notified_at", Coalesce("turned_at", "notified_at"))
    return findings.annotate(changed_at=changed).order_by("-changed_at", "-pk")[:limit]


def version() -> str:
    """Changes whenever a finding is published or reversed."""
    last = CandidateDecision.objects.aggregate(pk=Max("pk"), told=Max("notified_at"))
    return f"{last['pk']} {last['told']}"


def read(findings: Iterable[CandidateDecision]) -> list[PublicFinding]:
    """What they say, in the order given; no further queries."""
    return [_read(row) for row in findings]


def entry_of(public_id: str) -> PublicFinding:
    """One finding. Raises NotYours for what is not published, as for what does not exist."""
    for row in published().filter(public_id=public_id)[:1]:
        return _read(row)
    raise NotYours()


def all_entries(findings: QuerySet[CandidateDecision]) -> Iterator[PublicFinding]:
    """These findings, page by page with no transaction open, for exports."""
    before: int | None = None
    while True:
        rows = list((findings if before is None else findings.filter(pk__lt=before))[:CHUNK])
        if not rows:
            return
        yield from read(rows)
        before = rows[-1].pk


def _read(row: CandidateDecision) -> PublicFinding:
    filing, target, rule = row.candidate.profile.filing, row.candidate.target, row.rule_version
    return PublicFinding(
        id=row.public_id, number=row.number, decided_at=row.decided_at, published_at=row.notified_at or row.decided_at,
        reversed_at=row.turned_at, is_reversed_on_appeal=bool(row.turned_by),  # type: ignore[attr-defined]
        regime=row.shop.marketplace.regime, infringement=row.infringement, infringement_label=row.infringement_label,
        right_kind=filing.kind, right_kind_label=str(filing.get_kind_display()), right_name=filing.title,
        registration_number=filing.registration_number,
        holder=public_name(filing.owner_name, organisation=filing.organisation), marketplace=row.shop.marketplace.name,
        shop=without_persons(row.snapshot.get("seller") or str(row.shop)),
        title=without_persons(row.snapshot.get("title") or str(target)), kind=target.kind,
        rule=rule.code if rule else "", rule_title=rule.title if rule else "", rule_source=rule.source if rule else "",
        is_automated=row.is_automated,
    )  # fmt: skip
