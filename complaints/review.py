"""Everything that lies on a reviewer's desk for one case: its links, its right, what came before, what they may do.

It decides nothing and writes nothing. What the parties read stands in `selectors.py`.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from itertools import chain
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts import roles
from accounts.models import User
from complaints.deciders import barred
from complaints.lifecycle import LIFECYCLE
from complaints.models import (
    Complaint,
    ComplaintTarget,
    Evidence,
    Finding,
    Infringement,
    StaffNote,
    StatementOfReasons,
)
from complaints.rules import fitting, rules_at
from complaints.selectors import standing_of
from complaints.told import TOLD
from core.models import LedgerEntry, Letter, PrivateFile
from filings.models import Filing, GenuineSeller, RightKind
from imageguard.models import Original
from marketplace import pictures
from marketplace.links import is_web_address
from marketplace.models import Enforcement, EnforcementAttempt, Hold, Target
from marketplace.pictures import Copy
from marketplace.services import carries_shops
from rulebook.models import RuleVersion

State = Complaint.State
Outcome = ComplaintTarget.Outcome
#: targets whose panels stand on one page of the review
PANELS = 40
#: how many earlier cases of one target are named one by one
NAMED = 5
#: how many other complaints of a complainant make up its record
RECENT = 1000


# --- what somebody may do with a case -----------------------------------------------------------------


@dataclass(frozen=True)
class Standing:
    """Where a reviewer stands towards a case: what they may do, and if not, who can."""

    complaint: Complaint
    viewer: User

    @cached_property
    def is_reviewer(self) -> bool:
        return roles.is_reviewer(self.viewer)

    @cached_property
    def is_own(self) -> bool:
        """The viewer belongs to a party: to the complainant, or to a merchant that is complained of."""
        return self.complaint.has_party(self.viewer)

    @cached_property
    def is_decided_before(self) -> bool:
        """The viewer rejected it at the door, and an appeal brought it back: somebody else decides now."""
        return self.viewer.public_id in barred([self.complaint])[self.complaint.public_id]

    @property
    def waits_for_staff(self) -> bool:
        return self.complaint.state in (State.SUBMITTED, State.ACCEPTED)

    @property
    def is_mine(self) -> bool:
        return self.complaint.assigned_to_id == self.viewer.pk

    @property
    def is_elsewhere(self) -> bool:
        return self.complaint.assigned_to_id is not None and not self.is_mine

    @property
    def may_act(self) -> bool:
        return self.is_reviewer and self.waits_for_staff and not self.is_elsewhere and self._is_impartial

    @property
    def _is_impartial(self) -> bool:
        return not self.is_own and not self.is_decided_before

    @property
    def may_take(self) -> bool:
        return (
            self.is_reviewer
            and self.waits_for_staff
            and self._is_impartial
            and (self.complaint.assigned_to_id is None or (self.is_elsewhere and roles.is_senior(self.viewer)))
        )

    @property
    def may_give_back(self) -> bool:
        return self.is_reviewer and self.waits_for_staff and self.is_mine

    @property
    def may_hand_over(self) -> bool:
        """A senior gives it to a colleague, whoever has it."""
        return roles.is_senior(self.viewer) and self.waits_for_staff and not self.is_own

    def may(self, transition: str) -> bool:
        return self.may_act and LIFECYCLE.allows(self.complaint, transition, self.viewer)

    @property
    def may_accept(self) -> bool:
        return self.may("accept")

    @property
    def right_waits(self) -> bool:
        """The right came with the notice, and nobody has said yet whether it is proved."""
        filing = self.complaint.filing
        return self.complaint.channel == Complaint.Channel.PUBLIC_FORM and filing.state == filing.State.SUBMITTED

    @property
    def may_accept_with_right(self) -> bool:
        return self.may_act and self.right_waits and self.complaint.state == State.SUBMITTED

    @property
    def may_return(self) -> bool:
        return self.may("return")

    @property
    def may_reject(self) -> bool:
        return self.may("reject")

    @property
    def may_decide(self) -> bool:
        # A power of attorney that has ended forbids to uphold, and not to dismiss.
        return self.may("dismiss")

    @property
    def may_order(self) -> bool:
        """Record what a court ordered: whoever decides may, about whatever they are no party to."""
        return not self.is_own and LIFECYCLE.allows(self.complaint, "order", self.viewer)


# --- prepared reasons --------------------------------------------------------------------------------


def reason_values(complaint: Complaint) -> dict[str, Any]:
    """What stands in the places of a prepared reason for one complaint, in whichever language it is read."""
    due = complaint.deadline_at
    return {
        "number": complaint.number, "mark": complaint.filing.title, "holder": complaint.filing.organisation.name,
        "registration": complaint.filing.registration_number,
        "infringement": Infringement(complaint.infringement).label,
        "until": f"{timezone.localtime(due):%Y-%m-%d}" if due else "–",
    }  # fmt: skip


# --- one target ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Change:
    """Something that is not any more as it was captured."""

    label: Any
    then: str
    now: str


@dataclass
class Panel:
    """One target of a complaint with everything that bears on it."""

    row: ComplaintTarget
    position: int
    shown: Any = None
    holds: list["HeldBy"] = field(default_factory=list)
    others: list[ComplaintTarget] = field(default_factory=list)
    more_others: int = 0
    is_genuine: bool = False
    upheld_against_shop: int = 0
    finding: Finding | None = None
    attempts: list[EnforcementAttempt] = field(default_factory=list)
    items_of_shop: int = 0
    #: our copies of what it showed when it was complained of
    pictures: list[Copy] = field(default_factory=list)

    @property
    def key(self) -> str:
        return self.row.public_id

    @property
    def target(self) -> Target:
        return self.row.target

    @property
    def snapshot(self) -> dict[str, Any]:
        return self.row.snapshot

    @property
    def title(self) -> str:
        return self.snapshot.get("title") or str(self.target)

    @property
    def main_picture(self) -> Copy | None:
        """The first picture of which there is a copy; else a placeholder for the first."""
        return next((copy for copy in self.pictures if copy.href), next(iter(self.pictures), None))

    @property
    def pictures_beyond(self) -> int:
        """How many pictures it showed of which no copy is kept."""
        return len(self.snapshot.get("images") or ()) - len(self.pictures)

    @property
    def address(self) -> str:
        """Where it stands on the marketplace; empty when that is no address of the web."""
        return next((url for url in (self.target.url, self.row.link) if is_web_address(url)), "")

    @property
    def price(self) -> str:
        return _money(self.snapshot.get("price"), self.snapshot.get("currency"))

    @property
    def is_pending(self) -> bool:
        return self.row.outcome == Outcome.PENDING

    @property
    def rule(self) -> RuleVersion | None:
        return self.finding.rule_version if self.finding else None

    @property
    def enforcement(self) -> Enforcement | None:
        return getattr(self.target, "enforcement", None)

    @cached_property
    def changes(self) -> list[Change]:
        """What the marketplace says differently now."""
        then, now = self.snapshot, self.target
        pairs = (
            (_("title"), then.get("title", ""), now.title),
            (_("price"), self.price, _money(now.price, now.currency)),
            (_("seller"), then.get("seller", ""), now.seller.title),
            (_("category"), then.get("category", ""), now.category),
            (_("description"), then.get("description", ""), now.description),
            (_("seen as"), _observed(then.get("observed")), now.get_observed_display()),
        )
        changed = [Change(label, was, is_) for label, was, is_ in pairs if was and str(was) != str(is_)]
        if then.get("images") is not None and then["images"] != now.images:
            gone = len(set(then["images"]) - set(now.images))
            new = len(set(now.images) - set(then["images"]))
            said = ngettext("%(n)d image", "%(n)d images", len(now.images)) % {"n": len(now.images)}
            if gone or new:
                said += " " + _("(%(gone)d removed, %(new)d new)") % {"gone": gone, "new": new}
            before = ngettext("%(n)d image", "%(n)d images", len(then["images"])) % {"n": len(then["images"])}
            changed.append(Change(_("images"), before, said))
        return changed

    @property
    def held_by_others(self) -> list["HeldBy"]:
        return [held for held in self.holds if not held.is_this]

    @property
    def is_down(self) -> bool:
        return self.target.observed != Target.Observed.UP

    @property
    def standing(self) -> str:
        """How its order to the marketplace stands: none, dead, due, waiting or confirmed."""
        order = self.enforcement
        if order is None or not order.version:
            return "none"
        if order.dead_at:
            return "dead"
        if order.due_at:
            return "waiting" if order.attempts else "due"
        return "confirmed"


@dataclass(frozen=True)
class HeldBy:
    """A hold on a target or on its shop, and the case behind it."""

    hold: Hold
    label: str
    is_this: bool
    on_shop: bool
    case: str = ""


def _money(amount: Any, currency: Any) -> str:
    return "" if amount in (None, "") else f"{amount} {currency or ''}".strip()


def _observed(code: Any) -> Any:
    return dict(Target.Observed.choices).get(code, code or "")


def panels(
    complaint: Complaint, rows: Sequence[ComplaintTarget], *, first: int = 1, viewer: User | None = None
) -> list[Panel]:
    """The panels of these targets, in their order; the number of queries does not depend on how many.

    With a `viewer`, who may see the case, each comes with our copies of its pictures.
    """
    made = [Panel(row, position) for position, row in enumerate(rows, first)]
    targets = {p.target.pk for p in made}
    shops = {p.target.seller.pk for p in made}
    held = _holds(complaint, targets | shops, viewer)
    others = _other_complaints(complaint, targets, viewer)
    genuine = set(complaint.filing.genuine_sellers.values_list("shop_id", flat=True))
    upheld = _upheld_against(complaint, shops)
    findings = {
        f.complaint_target_id: f
        for f in Finding.objects.filter(complaint_target__in=[r.pk for r in rows])
        .select_related("rule_version__rule")
        .order_by("pk")
    }
    attempts = _attempts(made)
    items = _items(made)
    shown = _pictures(complaint, made, viewer) if viewer is not None else {}
    for panel in made:
        shop = panel.target.seller.pk
        panel.holds = held[panel.target.pk] + (held[shop] if shop != panel.target.pk else [])
        panel.others, panel.more_others = others[panel.target.pk][:NAMED], len(others[panel.target.pk][NAMED:])
        panel.is_genuine = shop in genuine
        panel.upheld_against_shop = upheld[shop]
        panel.finding = findings.get(panel.row.pk)
        panel.attempts = attempts[panel.enforcement.pk] if panel.enforcement else []
        panel.items_of_shop = items.get(panel.target.pk, 0)
        panel.pictures = shown.get(panel.key, [])
        panel.shown = standing_of(panel.row, complaint, {held.hold.cause for held in panel.holds})
    return made


def _pictures(complaint: Complaint, made: Sequence[Panel], viewer: User) -> dict[str, list[Copy]]:
    """By panel, the copies that this case kept of the pictures in the panel's snapshot."""
    asked = {
        p.key: [(p.target.marketplace_id, url) for url in pictures.keepable(p.snapshot.get("images"))] for p in made
    }
    found = pictures.copies(cause=complaint.public_id, viewer=viewer, wanted=chain.from_iterable(asked.values()))
    return {key: [found[one] for one in keys] for key, keys in asked.items()}


def rows_of(complaint: Complaint) -> QuerySet:
    return complaint.targets.select_related("target__shop", "target__marketplace", "target__enforcement").order_by("pk")


def _holds(complaint: Complaint, targets: Iterable[int], viewer: User | None) -> dict[int, list[HeldBy]]:
    active = list(Hold.objects.active().filter(target__in=targets).select_related("target").order_by("pk"))
    causes = {h.cause for h in active} - {complaint.public_id}
    numbers = dict(_shown_to(viewer).filter(public_id__in=causes).values_list("public_id", "number"))
    found: dict[int, list[HeldBy]] = defaultdict(list)
    for hold in active:
        this = hold.cause == complaint.public_id
        number = complaint.number if this else numbers.get(hold.cause, "")
        # That it holds something says how a case was decided: of one that is hidden it is not said which.
        other = _("another case") if hold.cause.startswith("cmp_") else hold.cause
        found[hold.target_id].append(
            HeldBy(hold, number or other, this, hold.target.kind == Target.Kind.SHOP, hold.cause if number else "")
        )
    return found


def _shown_to(viewer: User | None) -> QuerySet:
    """What somebody may know of other cases; with nobody who looks, all."""
    return Complaint.objects.all() if viewer is None else Complaint.objects.visible_to(viewer)


def _other_complaints(
    complaint: Complaint, targets: Iterable[int], viewer: User | None
) -> dict[int, list[ComplaintTarget]]:
    found: dict[int, list[ComplaintTarget]] = defaultdict(list)
    earlier = ComplaintTarget.objects.filter(target__in=targets).exclude(complaint=complaint)
    if viewer is not None:
        earlier = earlier.filter(complaint__in=_shown_to(viewer))
    for row in (
        earlier.select_related("complaint__organisation")
        .defer("snapshot", "complaint__signature")
        .order_by("-pk")[:1000]
    ):
        found[row.target_id].append(row)
    return found


def _upheld_against(complaint: Complaint, shops: Iterable[int]) -> Counter[int]:
    """Links that other complaints had upheld and that are still upheld, by the shop that was told of it."""
    # From the statements of a shop, not from its listings: a great shop has ten thousand of these.
    upheld = Finding.objects.filter(
        statement__shop__in=shops, outcome=Outcome.UPHELD, complaint_target__outcome=Outcome.UPHELD
    ).exclude(complaint_target__complaint=complaint)
    counted = upheld.order_by().values_list("statement__shop").annotate(n=Count("complaint_target", distinct=True))
    return Counter(dict(counted))


def _attempts(made: Sequence[Panel]) -> dict[int, list[EnforcementAttempt]]:
    found: dict[int, list[EnforcementAttempt]] = defaultdict(list)
    orders = [p.enforcement.pk for p in made if p.enforcement and p.enforcement.version]
    for attempt in EnforcementAttempt.objects.filter(enforcement__in=orders).order_by("-pk")[:500]:
        if len(found[attempt.enforcement_id]) < NAMED:
            found[attempt.enforcement_id].append(attempt)
    return found


def _items(made: Sequence[Panel]) -> dict[int, int]:
    """How many things go down with a shop whose marketplace takes them down one by one."""
    shops = [p.target.pk for p in made if p.target.kind == Target.Kind.SHOP and not carries_shops(p.target.marketplace)]
    counted = Target.objects.filter(shop__in=shops).values_list("shop_id").annotate(n=Count("pk")).order_by()
    return dict(counted)


# --- one case -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Record:
    """What became of the links that this complainant named in its other complaints, the last `RECENT` of them."""

    upheld: int
    dismissed: int
    withdrawn: int
    rejected: int
    last_dismissed: Sequence[ComplaintTarget]

    @property
    def decided(self) -> int:
        return self.upheld + self.dismissed

    @property
    def upheld_percent(self) -> int | None:
        return round(100 * self.upheld / self.decided) if self.decided else None


def record_of(complaint: Complaint, viewer: User) -> Record:
    """The complainant's record; a right that was refused before is a sign of malice when it is said again.

    Source: SPC Fa Fa [2020] No. 32 (signs of malice of a notice).
    """
    others = Complaint.objects.filter(organisation=complaint.organisation_id).exclude(pk=complaint.pk)
    recent = others.order_by("-pk").values("pk")[:RECENT]
    links = ComplaintTarget.objects.filter(complaint__in=recent)
    counted = links.aggregate(
        upheld=Count("pk", filter=Q(outcome=Outcome.UPHELD)),
        dismissed=Count("pk", filter=Q(outcome=Outcome.DISMISSED)),
        withdrawn=Count("pk", filter=Q(outcome=Outcome.WITHDRAWN)),
    )
    counted["rejected"] = Complaint.objects.filter(pk__in=recent, state=State.REJECTED).count()
    last = links.filter(outcome=Outcome.DISMISSED, complaint__in=_shown_to(viewer))
    last = last.select_related("complaint", "target").order_by("-pk")
    return Record(**counted, last_dismissed=list(last.defer("snapshot", "complaint__signature")[:NAMED]))


@dataclass(frozen=True)
class Chip:
    """A target in the strip: enough to find and choose it."""

    key: str
    position: int
    title: str
    outcome: str
    kind: str
    page: int


def strip(complaint: Complaint) -> list[Chip]:
    """Every target of a case in its order, in one query."""
    rows = complaint.targets.order_by("pk").values_list(
        "public_id", "target__title", "target__external_id", "outcome", "target__kind"
    )
    return [
        Chip(key, n, title or external_id, outcome, kind, (n - 1) // PANELS + 1)
        for n, (key, title, external_id, outcome, kind) in enumerate(rows, 1)
    ]


@dataclass(frozen=True)
class Right:
    """The right on which a complaint rests, with its papers."""

    filing: Filing
    certificates: Sequence[PrivateFile]
    pictures: Sequence[PrivateFile]
    sellers: Sequence[GenuineSeller]

    @property
    def is_in_force(self) -> bool:
        return self.filing.is_in_force()


def right_of(complaint: Complaint) -> Right:
    filing = complaint.filing
    files = list(filing.files.select_related("file"))
    # The certificate of an image is about that very image, which is the first thing to look at.
    originals = PrivateFile.objects.none()
    if filing.kind == RightKind.FIRST_PUBLICATION:
        originals = PrivateFile.objects.filter(pk__in=Original.objects.filter(filing=filing).values("image"))
    return Right(
        filing,
        certificates=[f.file for f in files if f.file.purpose == "certificate"],
        pictures=[*originals, *(f.file for f in files if f.file.purpose == "picture")],
        sellers=list(filing.genuine_sellers.select_related("shop").order_by("pk")),
    )


def rules_of(complaint: Complaint) -> list[RuleVersion]:
    """The rules that a decision on this case may cite: those that fit its right and every link of it."""
    kinds = complaint.targets.order_by().values_list("target__kind", flat=True).distinct()
    return fitting(rules_at(complaint), right=complaint.filing.kind, kinds=kinds)


def evidence_of(complaint: Complaint) -> list[Evidence]:
    return list(complaint.evidence.select_related("file"))


def notes_of(complaint: Complaint) -> list[StaffNote]:
    """Notes among staff, newest first."""
    return list(complaint.notes.select_related("author").order_by("-pk"))


@dataclass(frozen=True)
class Event:
    """One line of a case's timeline, as the `timeline` component draws it."""

    at: datetime
    title: Any
    actor: str = ""
    text: str = ""
    tone: str = ""


def timeline(complaint: Complaint, statements: Iterable[StatementOfReasons] = ()) -> list[Event]:
    """What the ledger says of a case and its statements, newest first; staff by name, parties by their part."""
    subjects = [complaint.public_id, *[s.public_id for s in statements]]
    entries = list(LedgerEntry.objects.filter(subject__in=subjects).order_by("-pk")[:300])
    ids = {e.actor for e in entries} | {str(e.payload["to"]) for e in entries if e.kind == "complaint.assigned"}
    people = {u.public_id: u for u in User.objects.filter(public_id__in=ids)}
    return [Event(e.at, _title(e, people), _actor(e, people), _text(e), _tone(e)) for e in entries]


def _title(entry: LedgerEntry, people: dict[str, User]) -> Any:
    if entry.kind != "complaint.assigned":
        return TOLD[entry.kind].title if entry.kind in TOLD else entry.kind
    to = people.get(str(entry.payload.get("to")))
    if to is None:
        return _("Given back to the queue")
    if to.public_id == entry.actor:
        return _("Taken")
    return _("Handed to %(name)s") % {"name": staff_name(to)}


def _tone(entry: LedgerEntry) -> str:
    return TOLD[entry.kind].tone if entry.kind in TOLD else ""


def _actor(entry: LedgerEntry, people: dict[str, User]) -> str:
    person = people.get(entry.actor)
    if person is None:
        return _("the clock")
    if person.is_staff:
        return staff_name(person)
    return _("the merchant") if entry.kind.startswith("statement.") else _("the complainant")


def _text(entry: LedgerEntry) -> str:
    findings = entry.payload.get("findings")
    if not isinstance(findings, dict):
        return ""
    upheld = sum(1 for found, _rule in findings.values() if found)
    return _("%(upheld)d upheld, %(dismissed)d dismissed") % {"upheld": upheld, "dismissed": len(findings) - upheld}


def staff_name(user: User | None) -> str:
    """How colleagues call somebody."""
    return "" if user is None else (user.name or user.email)


def masked_name(name: str) -> str:
    """A person's name of which only the first letter can be read."""
    return f"{name.strip()[:1]}…" if name.strip() else "…"


# --- afterwards ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Sent:
    """A statement of reasons with the letters that carry it."""

    statement: StatementOfReasons
    letters: Sequence[Letter]

    @property
    def state(self) -> str:
        """`read`, `sent`, `dead`, `due`, or `none` while no letter was written yet."""
        if self.statement.first_read_at:
            return "read"
        if any(letter.done_at for letter in self.letters):
            return "sent"
        if self.letters:
            return "dead" if all(letter.dead_at for letter in self.letters) else "due"
        return "none"


def statements_of(complaint: Complaint) -> list[Sent]:
    statements = list(
        StatementOfReasons.objects.filter(decision__complaint=complaint)
        .select_related("shop", "decision")
        .order_by("pk")
    )
    letters: dict[str, list[Letter]] = defaultdict(list)
    about = [s.public_id for s in statements]
    for letter in Letter.objects.filter(about__in=about).defer("to", "subject", "body"):
        letters[letter.about].append(letter)
    return [Sent(s, letters[s.public_id]) for s in statements]
