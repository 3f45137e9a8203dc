"""The public register, read from the tables of the house: nothing is copied, and nothing else than this is published.

An entry is a notice with everything that came of it. It appears once the parties were told of the decision, so that
nobody reads of themselves here first, and stays whatever becomes of it later: a withdrawal or a reversal is a line of its
history. A notice that was rejected or withdrawn before that accused nobody in the end, and is not published.

`Entry` is the whitelist: kind and name of the right, its holder and who complained (natural persons masked), shops and
titles of what was complained of, outcomes with their rules, and dates. Never descriptions, facts, evidence, signatures,
operators of shops, or anything else that a person wrote.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Exists, Max, OuterRef, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from complaints.counter_lifecycle import LIFECYCLE as ANSWERS
from complaints.models import (
    Complaint,
    ComplaintTarget,
    CounterNotice,
    CounterNoticeTarget,
    Decision,
    Finding,
    Infringement,
    StatementOfReasons,
)
from complaints.redaction import without_persons
from core.errors import NotYours
from core.models import LedgerEntry
from filings.models import RightKind
from governance.appealable import KINDS
from governance.appeals.lifecycle import LIFECYCLE as APPEALS
from governance.models import Appeal
from governance.register.naming import public_name

State = Complaint.State
Outcome = ComplaintTarget.Outcome
CHUNK = 200

#: what of a case's history the public reads
HISTORY: dict[str, str | Promise] = {
    "complaint.submit": _("Notice received"),
    "complaint.readmit": _("Accepted after all, on appeal"),
    "complaint.uphold": _("Decided: upheld for at least one link"),
    "complaint.remove": _("Taken down by the holder, under its privilege"),
    "complaint.dismiss": _("Decided: dismissed"),
    "complaint.notify": _("Parties told; published"),
    "complaint.decide_anew": _("Decided anew, on appeal or on review"),
    "complaint.removal_confirmed": _("Reviewed by staff: the removal stands"),
    "complaint.order": _("A court's order was carried out"),
    "complaint.counter": _("Answered by a counter-notice"),
    "complaint.resume": _("Counter-notices settled"),
    "complaint.links_withdrawn": _("Withdrawn for some links"),
    "complaint.withdraw": _("Withdrawn"),
    "complaint.close": _("Closed"),
}
#: what changes an entry: its own steps, those of an appeal about it, those of an answer to it
CHANGES = (
    *HISTORY,
    "appeal.submit",
    *(f"appeal.{step.name}" for step in APPEALS.transitions),
    "counter_notice.links_withdrawn",
    *(f"counter_notice.{step.name}" for step in ANSWERS.transitions),
)
#: so many entries of the ledger are read at once, and so many times, to find what changed last
BACK, TIMES = 500, 40


@dataclass(frozen=True)
class Line:
    """One thing that happened, for the history of an entry."""

    at: datetime
    words: str
    #: public id of the decision or appeal, if it has one
    id: str = ""


@dataclass(frozen=True)
class Link:
    """One thing that was complained of."""

    title: str
    kind: str
    shop: str
    marketplace: str
    outcome: str
    outcome_label: str
    rule: str
    rule_title: str
    rule_source: str
    is_on_appeal: bool


@dataclass(frozen=True)
class Statement:
    """A statement of reasons: to which shop, about how many links, and when."""

    id: str
    number: str
    shop: str
    marketplace: str
    decided_at: datetime
    links: int


@dataclass(frozen=True)
class PublicAppeal:
    """An appeal about the entry: by which side, and how it stands."""

    id: str
    number: str
    kind: str
    kind_label: str
    state: str
    state_label: str
    submitted_at: datetime
    decided_at: datetime | None
    outcome: str
    body: str
    body_found: str


@dataclass(frozen=True)
class PublicAnswer:
    """A counter-notice that was passed on to the complainant, and how it stands."""

    id: str
    number: str
    shop: str
    state: str
    state_label: str
    forwarded_at: datetime
    links: list[tuple[str, int]]


@dataclass(frozen=True)
class Entry:
    """What the public reads of one notice and what came of it."""

    id: str
    number: str
    received_at: datetime
    published_at: datetime
    changed_at: datetime
    regime: str
    infringement: str
    infringement_label: str
    right_kind: str
    right_kind_label: str
    right_name: str
    registration_number: str
    holder: str
    complainant: str
    is_automated: bool
    is_withdrawn: bool
    links: list[Link] = field(default_factory=list)
    statements: list[Statement] = field(default_factory=list)
    counter_notices: list[PublicAnswer] = field(default_factory=list)
    appeals: list[PublicAppeal] = field(default_factory=list)
    history: list[Line] = field(default_factory=list)

    @property
    def shops(self) -> list[str]:
        return list(dict.fromkeys(link.shop for link in self.links))

    @property
    def outcomes(self) -> list[tuple[str, str, int]]:
        """How many links came to each outcome."""
        counted = Counter((link.outcome, link.outcome_label) for link in self.links)
        return [(outcome, label, n) for (outcome, label), n in sorted(counted.items())]


# --- which entries there are -------------------------------------------------------------------------------


def published() -> QuerySet[Complaint]:
    """The notices that stand in the register, newest first."""
    told = LedgerEntry.objects.filter(subject=OuterRef("public_id"), kind="complaint.notify")
    # Whatever state a told case is in, it was told; only of a withdrawn one that has to be asked.
    return Complaint.objects.filter(
        ~Q(state__in=[State.SUBMITTED, State.RETURNED, State.REJECTED, State.ACCEPTED, State.UPHELD, State.DISMISSED])
        & (~Q(state=State.WITHDRAWN) | Exists(told))
    ).order_by("-pk")


def search(entries: QuerySet[Complaint], words: str) -> QuerySet[Complaint]:
    """By number or id of a notice or statement, name or number of the right, its holder, or a shop.

    Names of holders that are shown masked cannot be searched for: the masked name is all that there is.
    """
    words = words.strip()[:200]
    if not words:
        return entries
    told = StatementOfReasons.objects.filter(decision__complaint=OuterRef("pk")).filter(
        Q(number__iexact=words) | Q(public_id=words)
    )
    named = Q(number__iexact=words) | Q(public_id=words) | Q(filing__registration_number__iexact=words)
    named |= Q(filing__title__icontains=words) | _against_shop(words) | Q(Exists(told))
    if public_name(words) == words:
        named |= Q(filing__owner_name__icontains=words)
    return entries.filter(named)


def with_outcome(entries: QuerySet[Complaint], outcome: str) -> QuerySet[Complaint]:
    """With at least one link of this outcome; or `reversed`: with something that was turned round afterwards.

    On appeal, on review of what a holder had taken down (both are a later decision), or on a new look at an answer.
    """
    if outcome == "reversed":
        earlier = Decision.objects.filter(complaint=OuterRef("complaint"), pk__lt=OuterRef("pk"))
        again = Decision.objects.filter(Exists(earlier), complaint=OuterRef("pk"))
        answered = CounterNoticeTarget.objects.filter(
            complaint_target__complaint=OuterRef("pk"), ground=CounterNoticeTarget.Ground.REVERSED
        )
        return entries.filter(Exists(again) | Exists(answered))
    return entries.filter(Exists(ComplaintTarget.objects.filter(complaint=OuterRef("pk"), outcome=outcome)))


def of_shop(entries: QuerySet[Complaint], words: str) -> QuerySet[Complaint]:
    """Against a shop whose name contains these words."""
    return entries.filter(_against_shop(words))


def _against_shop(words: str) -> Q:
    named = Q(target__shop__title__icontains=words) | Q(target__kind="shop", target__title__icontains=words)
    return Q(Exists(ComplaintTarget.objects.filter(named, complaint=OuterRef("pk"))))


def entry_named(public_id: str) -> str:
    """The public id of the entry to which this one belongs: a notice, a decision, a statement, an appeal.

    Raises NotYours for what is not published, as for what does not exist.
    """
    prefix = public_id.partition("_")[0]
    by = {
        "cmp": Q(public_id=public_id),
        "dec": Q(decisions__public_id=public_id),
        "sor": Q(decisions__statements__public_id=public_id),
        "ctn": Q(counter_notices__public_id=public_id, counter_notices__forwarded_at__isnull=False),
        "apl": Q(decisions__findings__appealed__appeal__public_id=public_id),
    }.get(prefix)
    found = published().filter(by).values_list("public_id", flat=True).first() if by is not None else None
    if found is None:
        raise NotYours()
    return str(found)


def entry_of(public_id: str) -> Entry:
    """One entry. Raises NotYours."""
    for entry in read(published().filter(public_id=public_id)[:1]):
        return entry
    raise NotYours()


def version() -> str:
    """Changes whenever anything in the register may have changed: the last step of any complaint, answer or appeal."""
    last = LedgerEntry.objects.filter(kind__in=CHANGES).aggregate(last=Max("pk"))["last"]
    return str(last or 0)


def changed_last(entries: QuerySet[Complaint], limit: int) -> list[Complaint]:
    """Of these entries those that changed last, the latest first: what the ledger says, read backwards.

    Where it says nothing of enough of them within the last steps of all, the rest follows by when its state began.
    """
    found: dict[int, Complaint] = {}
    before: int | None = None
    for _nth in range(TIMES):
        steps = LedgerEntry.objects.filter(kind__in=CHANGES).order_by("-pk")
        steps = steps if before is None else steps.filter(pk__lt=before)
        page = list(steps.values_list("pk", "subject")[:BACK])
        about = _complaints_of({subject for _pk, subject in page})
        wanted = {pk for pks in about.values() for pk in pks} - set(found)
        rows = entries.filter(pk__in=wanted).select_related("filing__organisation", "organisation").in_bulk()
        for _pk, subject in page:
            for pk in about.get(subject, ()):
                if pk in rows:
                    found.setdefault(pk, rows[pk])
        if len(found) >= limit or len(page) < BACK:
            break
        before = page[-1][0]
    if len(found) < limit:
        rest = entries.exclude(pk__in=found).select_related("filing__organisation", "organisation")
        found |= {c.pk: c for c in rest.order_by("-state_since_at", "-pk")[: limit - len(found)]}
    return list(found.values())[:limit]


def _complaints_of(subjects: Iterable[str]) -> dict[str, list[int]]:
    """The complaints to which these notices, answers that were passed on, and appeals belong."""
    by: dict[str, list[str]] = defaultdict(list)
    for subject in subjects:
        by[subject.partition("_")[0]].append(subject)
    pairs = [
        *Complaint.objects.filter(public_id__in=by["cmp"]).values_list("public_id", "pk"),
        *CounterNotice.objects.filter(public_id__in=by["ctn"], forwarded_at__isnull=False).values_list(
            "public_id", "complaint"
        ),
        *Appeal.objects.filter(public_id__in=by["apl"], links__isnull=False)
        .values_list("public_id", "links__finding__complaint_target__complaint")
        .distinct(),
    ]
    found: dict[str, list[int]] = defaultdict(list)
    for subject, pk in pairs:
        found[subject].append(pk)
    return found


# --- what they say -----------------------------------------------------------------------------------------


def read(complaints: Iterable[Complaint]) -> list[Entry]:
    """Entries with all that they say, in the order given; a constant number of queries."""
    if isinstance(complaints, QuerySet):
        complaints = complaints.select_related("filing__organisation", "organisation")
    rows = list(complaints)
    ids = [c.pk for c in rows]
    links = _links(ids)
    statements = _statements(ids)
    answers = _answers(ids)
    appeals = _appeals(ids)
    lines = _history(rows)
    last = _last_steps([c.public_id for c in rows], answers, appeals)
    automated = set(
        Decision.objects.filter(complaint__in=ids, is_automated=True).values_list("complaint_id", flat=True)
    )
    entries = []
    for c in rows:
        history = lines[c.public_id] + [
            Line(a.submitted_at, str(_("Appeal received: %(number)s")) % {"number": a.number}, a.id)
            for a in appeals[c.pk]
        ]
        history += [
            Line(a.forwarded_at, str(_("Counter-notice passed on: %(number)s")) % {"number": a.number}, a.id)
            for a in answers[c.pk]
        ]
        history += [
            Line(a.decided_at, str(_("Appeal decided: %(number)s")) % {"number": a.number}, a.id)
            for a in appeals[c.pk]
            if a.decided_at
        ]
        named = [c.public_id, *(a.id for a in answers[c.pk]), *(a.id for a in appeals[c.pk])]
        steps = [last[subject] for subject in named if subject in last]
        told = [line.at for line in lines[c.public_id] if line.id == "complaint.notify"]
        filing = c.filing
        entries.append(
            Entry(
                id=c.public_id, number=c.number, received_at=c.created_at,
                published_at=told[0] if told else c.state_since_at,
                changed_at=max(steps, default=c.state_since_at), regime=c.regime,
                infringement=c.infringement, infringement_label=str(Infringement(c.infringement).label),
                right_kind=filing.kind, right_kind_label=str(RightKind(filing.kind).label), right_name=filing.title,
                registration_number=filing.registration_number,
                holder=public_name(filing.owner_name, organisation=filing.organisation),
                complainant=public_name(c.organisation.name, organisation=c.organisation),
                is_automated=c.pk in automated, is_withdrawn=c.state == State.WITHDRAWN, links=links[c.pk],
                statements=statements[c.pk], counter_notices=answers[c.pk], appeals=appeals[c.pk],
                history=sorted(history, key=lambda line: line.at, reverse=True),
            )
        )  # fmt: skip
    return entries


def all_entries(complaints: QuerySet[Complaint]) -> Iterator[Entry]:
    """Every entry, page by page with no transaction open, for exports."""
    before: int | None = None
    while True:
        page = complaints if before is None else complaints.filter(pk__lt=before)
        rows = list(page.select_related("filing__organisation", "organisation")[:CHUNK])
        if not rows:
            return
        yield from read(rows)
        before = rows[-1].pk


def _links(ids: Sequence[int]) -> dict[int, list[Link]]:
    found: dict[int, list[Link]] = defaultdict(list)
    last: dict[int, Finding] = {}
    findings = Finding.objects.filter(complaint_target__complaint__in=ids)
    for said in findings.select_related("decision", "rule_version__rule").defer("facts").order_by("pk"):
        last[said.complaint_target_id] = said
    rows = ComplaintTarget.objects.filter(complaint__in=ids).select_related("target__shop", "target__marketplace")
    for ct in rows.order_by("pk"):
        finding = last.get(ct.pk)
        if finding and finding.outcome == Outcome.DISMISSED and ct.outcome == Outcome.UPHELD:
            finding = None  # a court holds it down, no rule
        rule = finding.rule_version if finding else None
        found[ct.complaint_id].append(
            Link(
                title=without_persons(ct.snapshot.get("title") or str(ct.target)), kind=ct.target.kind,
                shop=without_persons(ct.snapshot.get("seller") or str(ct.target.seller)),
                marketplace=ct.target.marketplace.name, outcome=ct.outcome,
                outcome_label=str(ct.get_outcome_display()), rule=finding.rule if finding else "",
                rule_title=rule.title if rule else "", rule_source=rule.source if rule else "",
                is_on_appeal=bool(finding and finding.decision.on_appeal),
            )
        )  # fmt: skip
    return found


def _statements(ids: Sequence[int]) -> dict[int, list[Statement]]:
    found: dict[int, list[Statement]] = defaultdict(list)
    told: Counter[int] = Counter(
        Finding.objects.filter(statement__decision__complaint__in=ids).values_list("statement_id", flat=True)
    )
    rows = StatementOfReasons.objects.filter(decision__complaint__in=ids).select_related(
        "decision", "shop__marketplace"
    )
    for s in rows.order_by("pk"):
        found[s.decision.complaint_id].append(
            Statement(
                id=s.public_id, number=s.number, shop=without_persons(str(s.shop)), marketplace=s.shop.marketplace.name,
                decided_at=s.decision.decided_at, links=told[s.pk],
            )
        )  # fmt: skip
    return found


def _answers(ids: Sequence[int]) -> dict[int, list[PublicAnswer]]:
    found: dict[int, list[PublicAnswer]] = defaultdict(list)
    rows = CounterNotice.objects.filter(complaint__in=ids, forwarded_at__isnull=False)
    for a in rows.select_related("statement__shop").prefetch_related("links").order_by("pk"):
        if a.forwarded_at is None:
            continue
        outcomes = Counter(str(link.get_outcome_display()) for link in a.links.all())
        found[a.complaint_id].append(
            PublicAnswer(
                id=a.public_id, number=a.number, shop=without_persons(str(a.statement.shop)), state=a.state,
                state_label=str(a.get_state_display()), forwarded_at=a.forwarded_at, links=sorted(outcomes.items()),
            )
        )  # fmt: skip
    return found


def _appeals(ids: Sequence[int]) -> dict[int, list[PublicAppeal]]:
    found: dict[int, list[PublicAppeal]] = defaultdict(list)
    about = Q(links__finding__complaint_target__complaint__in=ids)
    rows = Appeal.objects.filter(about).distinct().select_related("referral__body").prefetch_related("decisions")
    belongs = dict(
        Appeal.objects.filter(about).values_list("pk", "links__finding__complaint_target__complaint").distinct()
    )
    for a in rows.order_by("pk"):
        decided = list(a.decisions.all())
        referral = getattr(a, "referral", None)
        found[belongs[a.pk]].append(
            PublicAppeal(
                id=a.public_id, number=a.number, kind=a.kind, kind_label=str(KINDS[a.kind].label), state=a.state,
                state_label=str(a.get_state_display()), submitted_at=a.created_at,
                decided_at=decided[0].decided_at if decided else None,
                outcome=str(decided[0].get_outcome_display()) if decided else "",
                body=referral.body.name if referral else "",
                body_found=str(referral.get_finding_display()) if referral and referral.finding else "",
            )
        )  # fmt: skip
    return found


def _last_steps(
    ids: Sequence[str], answers: dict[int, list[PublicAnswer]], appeals: dict[int, list[PublicAppeal]]
) -> dict[str, datetime]:
    """When each notice, answer and appeal took its last step that the public sees."""
    subjects = [*ids, *(a.id for some in answers.values() for a in some)]
    subjects += [a.id for some in appeals.values() for a in some]
    steps = LedgerEntry.objects.filter(subject__in=subjects, kind__in=CHANGES).order_by()
    return dict(steps.values_list("subject").annotate(at=Max("at")))


def _history(rows: Sequence[Complaint]) -> dict[str, list[Line]]:
    found: dict[str, list[Line]] = defaultdict(list)
    entries = LedgerEntry.objects.filter(subject__in=[c.public_id for c in rows], kind__in=HISTORY).order_by("pk")
    for entry in entries.only("subject", "kind", "at"):
        found[entry.subject].append(Line(entry.at, str(HISTORY[entry.kind]), entry.kind))
    return found
