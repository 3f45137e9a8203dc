"""What the holders' pages read of the imageguard room: originals, how images came in, matches, figures.

Nothing here writes. What staff read stands with their pages.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import roles
from accounts.models import User
from core.errors import NotYours
from core.lifecycle import Lifecycle, Transition
from core.models import LedgerEntry
from core.spreadsheet import day
from filings.selectors import Happened, Next, names_of
from imageguard import authorship, explanations
from imageguard.lifecycle import LIFECYCLE, MATCHES, holder, owner_of_match
from imageguard.models import Appearance, CameraOriginal, Intake, IntakeItem, Licence, Match, Original
from marketplace import thumbnails
from marketplace.models import Target

State = Original.State
#: originals of which nobody knows yet how they end
ON_THE_WAY = (State.RECEIVED, State.CHECKED)
OVER = (State.REFUSED, State.WITHDRAWN, State.REVOKED)
#: so many entries of a timeline, or shops of a filter, are shown
_LATEST = 200


# --- originals -----------------------------------------------------------------------------------------


def originals_of(user: User) -> QuerySet[Original]:
    """The originals this person may see, newest first, with the number of matches that wait for somebody."""
    waiting = _count(Match.objects.filter(original=OuterRef("pk"), state=Match.State.CONFIRMED), "original")
    originals = Original.objects.visible_to(user).select_related("organisation", "image")
    return originals.annotate(waiting_matches=waiting).order_by("-pk")


def exported(originals: QuerySet[Original]) -> Iterator[list[Any]]:
    """Originals as lines of a sheet, header first; read bit by bit."""
    yield [_("Number"), _("Title"), _("State"), _("Registered"), _("Certified"), _("Public"), _("Copies to decide about"),
           _("SHA-256")]  # fmt: skip
    for original in originals.iterator(500):
        yield [
            original.number, original.title, original.get_state_display(), day(original.created_at),
            day(original.certified_at), _("yes") if original.is_public else _("no"), original.waiting_matches,  # type: ignore[attr-defined]
            original.sha256,
        ]  # fmt: skip


def _count(rows: QuerySet[Any], by: str) -> Any:
    """How many rows belong to each line of a list: counted for the lines that are shown, not for all."""
    counted = rows.order_by().values(by).annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted), 0)


def original_of(user: User, public_id: str) -> Original:
    """One original. Raises NotYours, for a foreign one as for one that does not exist."""
    found = originals_of(user).select_related("same_as", "filing").filter(public_id=public_id).first()
    if found is None:
        raise NotYours()
    return found


def may_register(user: User) -> bool:
    """Whether this person may register images where they act now; that the organisation is verified is told apart."""
    membership = user.membership
    return membership is not None and membership.role in roles.MAY_FILE_RIGHTS


def is_holder(original: Original, user: User) -> bool:
    """Whether this person may act for the holder of an original."""
    return holder(original, user)


def next_for(original: Original) -> Next:
    """What is next with an original: it is never the holder that others wait for."""
    turn = LIFECYCLE.turns[original.state]
    return Next(turn.whose, turn.next, turn.otherwise, original.deadline_at, is_yours=False)


def actions_for(case: Original | Match, user: User) -> list[Transition]:
    """What this person could do with an original or a match now."""
    table: Lifecycle = LIFECYCLE if isinstance(case, Original) else MATCHES
    return table.available(case, user)


@dataclass(frozen=True, slots=True)
class KnownConflict:
    """A conflict as the holder may know of it: what sort of thing came earlier and when, never whose it is."""

    what: str
    since_at: datetime | None
    edits: list[str]
    opened_at: datetime
    settled_at: datetime | None
    #: whether this original kept its claim; None while it is open, and where nobody needed to settle it any more
    is_upheld: bool | None
    #: how a reviewer settled it, in words for both sides
    note: str


def conflicts_of(original: Original) -> list[KnownConflict]:
    """Conflicts of an original, the oldest first, and then those of later ones that were settled against it or for it.

    Of one that somebody else's later registration opened, nothing is told before it is settled.
    """
    conflicts = original.conflicts.select_related("rival").order_by("pk")
    listings = [c for c in conflicts if c.rival is None]
    seen = dict(
        Appearance.objects.filter(target__in=[c.rival_target_id for c in listings])
        .values_list("target")
        .annotate(first=Min("first_seen_at"))
    )
    return [
        KnownConflict(
            what=_("An image that somebody else registered") if c.rival else _("A listing of another seller"),
            since_at=c.rival.created_at if c.rival else seen.get(c.rival_target_id),
            edits=explanations.edits_in_words(c.edits),
            opened_at=c.opened_at,
            settled_at=c.settled_at,
            is_upheld=c.is_upheld,
            note=c.note,
        )
        for c in conflicts
    ] + [
        KnownConflict(
            what=_("An image that somebody else registered later"), since_at=c.original.created_at, edits=[],
            opened_at=c.opened_at, settled_at=c.settled_at, is_upheld=c.is_rival_upheld, note=c.note,
        )
        for c in original.rivalled.filter(is_rival_upheld__isnull=False).select_related("original").order_by("pk")
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class CameraProof:
    """A camera original with what it says, in sentences sorted by what they speak for."""

    row: CameraOriginal
    speaks_for: list[str]
    speaks_against: list[str]
    neither: list[str]


def camera_proofs(original: Original) -> list[CameraProof]:
    """The camera originals of an image, the oldest first."""
    made = []
    for row in original.camera_originals.select_related("file").order_by("pk"):
        words: dict[str, list[str]] = {"for": [], "against": [], "neither": []}
        for finding in authorship.for_holder(row):
            words.get(finding.get("speaks", ""), words["neither"]).append(authorship.in_words(finding))
        made.append(CameraProof(row, words["for"], words["against"], words["neither"]))
    return made


def licences_of(original: Original) -> QuerySet[Licence]:
    """Shops that may use an image, the latest first."""
    return original.licences.active().select_related("shop__marketplace").order_by("-pk")


def licence_of(original: Original, public_id: str) -> Licence:
    """One licence of an original. Raises NotYours."""
    found = licences_of(original).filter(public_id=public_id).first()
    if found is None:
        raise NotYours()
    return found


# --- how images come in ----------------------------------------------------------------------------------


def intakes_of(user: User) -> QuerySet[Intake]:
    """Acts of handing in, newest first, with the number of images and of those that are still waiting."""
    items = IntakeItem.objects.filter(intake=OuterRef("pk"))
    waiting = _count(items.filter(state=IntakeItem.State.WAITING), "intake")
    return Intake.objects.visible_to(user).annotate(images=_count(items, "intake"), waiting=waiting).order_by("-pk")


def unfinished_intakes(user: User) -> list[Intake]:
    """The latest acts of handing in of which images are still waiting."""
    waiting = IntakeItem.objects.filter(intake=OuterRef("pk"), state=IntakeItem.State.WAITING, dead_at__isnull=True)
    return list(intakes_of(user).filter(Exists(waiting))[:3])


def intake_of(user: User, public_id: str) -> Intake:
    """One act of handing in. Raises NotYours."""
    found = intakes_of(user).filter(public_id=public_id).first()
    if found is None:
        raise NotYours()
    return found


def items_of(intake: Intake) -> QuerySet[IntakeItem]:
    """The images of an intake in the order in which they came, with what became of each."""
    return intake.items.select_related("original__image").order_by("pk")


def is_settled(intake: Intake) -> bool:
    """Whether nothing is on its way any more: every image was taken in and checked, refused, or given up."""
    waiting = intake.items.filter(state=IntakeItem.State.WAITING, dead_at__isnull=True)
    checked = intake.items.filter(original__state__in=ON_THE_WAY, original__dead_at__isnull=True)
    return not (waiting.exists() or checked.exists())


def own_listings(user: User) -> QuerySet[Target]:
    """What the organisation's own shops sell and show pictures of, newest first."""
    membership = user.membership
    if membership is None:
        return Target.objects.none()
    mine = Q(shop__operator=membership.organisation_id)
    return (
        Target.objects.filter(mine, kind=Target.Kind.LISTING)
        .exclude(images=[])
        .select_related("shop", "marketplace")
        .order_by("-pk")
    )


# --- matches -----------------------------------------------------------------------------------------------


def matches_of(user: User) -> QuerySet[Match]:
    """The matches this person may see, newest first, with what a list shows of each."""
    return (
        Match.objects.visible_to(user)
        .select_related("original__image", "file", "image__file", "target__shop", "target__marketplace")
        .order_by("-pk")
    )


def match_of(user: User, public_id: str) -> Match:
    """One match. Raises NotYours, for a foreign one as for one that does not exist."""
    found = matches_of(user).select_related("original__organisation").filter(public_id=public_id).first()
    if found is None:
        raise NotYours()
    return found


def next_for_match(match: Match, user: User) -> Next:
    """What is next with a match."""
    turn = MATCHES.turns[match.state]
    yours = match.state == Match.State.CONFIRMED and owner_of_match(match, user)
    return Next(turn.whose, turn.next, turn.otherwise, match.deadline_at, yours)


def thumbnail_of(match: Match) -> str:
    """Where a page shows what was found: our copy of it, or else what the marketplace shows there now."""
    if match.evidence is not None:
        return reverse("originals:match-picture", args=[match.public_id, "small"])
    return thumbnails.href(match.target)


def with_thumbnails(matches: Iterable[Match]) -> list[tuple[Match, str]]:
    """Matches with the small picture of each."""
    return [(match, thumbnail_of(match)) for match in matches]


def shops_in(matches: QuerySet[Match]) -> list[tuple[str, str]]:
    """Shops that occur in these matches, by public id, for a filter."""
    sellers = Target.objects.filter(
        Q(pk__in=matches.order_by().values("target__shop")) | Q(pk__in=matches.order_by().values("target")),
        kind=Target.Kind.SHOP,
    )
    return list(sellers.order_by("title").values_list("public_id", "title")[:_LATEST])


# --- timelines ---------------------------------------------------------------------------------------------

HAPPENED: dict[str, tuple[str | Promise, str, str]] = {
    "original.receive": (gettext_lazy("Handed in"), "neutral", "upload"),
    "original.check": (gettext_lazy("Fingerprint taken"), "neutral", "image"),
    "original.certify": (gettext_lazy("Certificate given"), "success", "certificate"),
    "original.contest": (gettext_lazy("In conflict with something earlier"), "warning", "alert"),
    "original.conflict_settled": (gettext_lazy("A conflict was settled"), "info", "scale"),
    "original.settle_for": (gettext_lazy("The original stands: certificate given"), "success", "certificate"),
    "original.settle_against": (gettext_lazy("Somebody else was first"), "danger", "x"),
    "original.refuse": (gettext_lazy("Refused"), "danger", "x"),
    "original.retried": (gettext_lazy("The check was tried again"), "neutral", "refresh"),
    "original.change": (gettext_lazy("Choices changed"), "neutral", "pencil"),
    "original.camera_original": (gettext_lazy("Camera original added"), "info", "image"),
    "original.withdraw": (gettext_lazy("Withdrawn by the holder"), "neutral", "undo"),
    "original.revoke": (gettext_lazy("Certificate revoked"), "danger", "x"),
    "licence.grant": (gettext_lazy("A shop was allowed to use it"), "info", "shop"),
    "licence.end": (gettext_lazy("A licence was ended"), "neutral", "shop"),
    "match.find": (gettext_lazy("Found on the marketplace"), "warning", "search"),
    "match.confirm": (gettext_lazy("Confirmed by a reviewer"), "info", "check"),
    "match.dismiss": (gettext_lazy("Found to be no copy"), "neutral", "x"),
    "match.complain": (gettext_lazy("Complained of"), "info", "flag"),
    "match.tolerate": (gettext_lazy("Let be"), "neutral", "minus"),
    "match.find_again": (gettext_lazy("Found again"), "warning", "search"),
    "match.doubt_again": (gettext_lazy("Perhaps found again"), "warning", "search"),
    "match.left_to_holder": (
        gettext_lazy("Left to the holder: no complaint could be sent by itself"),
        "neutral",
        "user",
    ),
    "match.vanish": (gettext_lazy("No longer shown by the marketplace"), "neutral", "clock"),
}


def timeline(case: Original | Match, viewer: User) -> list[Happened]:
    """What happened to an original or a match, newest first, from the ledger; who acted, as far as one may know."""
    organisation_id = (case if isinstance(case, Original) else case.original).organisation_id
    rows = LedgerEntry.objects.filter(subject=case.public_id, kind__in=HAPPENED).order_by("-pk")
    entries = list(rows[:_LATEST])
    names = names_of({e.actor for e in entries}, organisation_id=organisation_id, viewer=viewer)
    return [_happened(entry, names[entry.actor]) for entry in entries]


def _happened(entry: LedgerEntry, who: str) -> Happened:
    title, tone, icon = HAPPENED[entry.kind]
    return Happened(entry.at, title, who, tone, icon)


# --- figures ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Figures:
    """An organisation's images at a glance: what is protected, what was found, what became of it."""

    certified: int
    on_the_way: int
    in_conflict: int
    waiting: int
    complained: int
    taken_down: int
    let_be: int
    gone: int

    @property
    def any(self) -> bool:
        """Whether there is anything to show."""
        return any((self.certified, self.on_the_way, self.in_conflict, self.waiting, self.complained, self.let_be))


def figures_for(user: User) -> Figures:
    """Figures of a desk; two queries. What was taken down is counted by what the marketplace shows."""
    originals = dict(Original.objects.visible_to(user).order_by().values_list("state").annotate(n=Count("pk")))
    is_away = Q(target__observed__in=(Target.Observed.DOWN, Target.Observed.MISSING))
    rows = Match.objects.visible_to(user).order_by().values("state").annotate(n=Count("pk"), away=Count("pk", is_away))
    matches = {row["state"]: row for row in rows}

    def count(state: str) -> int:
        return matches[state]["n"] if state in matches else 0

    complained = matches.get(Match.State.COMPLAINED)
    return Figures(
        certified=originals.get(State.CERTIFIED, 0),
        on_the_way=sum(originals.get(state, 0) for state in ON_THE_WAY),
        in_conflict=originals.get(State.IN_CONFLICT, 0),
        waiting=count(Match.State.CONFIRMED),
        complained=count(Match.State.COMPLAINED),
        taken_down=complained["away"] if complained else 0,
        let_be=count(Match.State.TOLERATED),
        gone=count(Match.State.GONE),
    )


def desk_of(user: User) -> dict[str, Any]:
    """What a desk shows of images: the figures and the latest copies that wait for somebody."""
    waiting = matches_of(user).filter(state=Match.State.CONFIRMED)[:4]
    return {"figures": figures_for(user), "copies": with_thumbnails(waiting)}
