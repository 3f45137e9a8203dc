"""Re-check (回查): what was taken down is looked at again after 1, 3, 7, 30 and 90 days.

Is it still down where the public looks, and did anybody put the same up again? The marketplace's own word is not enough:
its page is opened too, and where the two contradict each other the page counts, and staff see it. What its seller put up
again is held at once; what another shop sells is for a person to decide.

Locks are taken in the order of `services`: candidates, then series of numbers, then targets, then their enforcements. So
each relisting is written in a transaction of its own, and what was seen of the target itself in a last one.
"""

import html
import logging
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from celery.exceptions import SoftTimeLimitExceeded
from django.db import transaction
from django.db.models import Case, Q, Value, When
from django.db.models.functions import Left, StrIndex
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from complaints.models import Complaint, Infringement
from core import clock, normalise
from core.errors import DomainError, Forbidden
from core.fetch import FetchError, Gone, fetch
from core.obligations import BEGUN, suspects_last
from core.outbox import hint
from core.retries import retry_given_up
from filings.models import Filing
from imageguard.models import Appearance, SeenImage
from marketplace import services as enforcement
from marketplace.connectors.base import ConnectorError, Ref
from marketplace.models import Enforcement, Hold, Marketplace, Target
from marketplace.pictures import trusted_origins
from patrol import inspecting, profiles, services
from patrol.inspecting import Found
from patrol.lifecycle import OPEN, whoever_scans
from patrol.models import Candidate, CandidateDecision, Recheck, WatchProfile
from patrol.reasons import rules_that_fit
from patrol.signals import Seen

log = logging.getLogger("ippro.patrol")
Outcome = Recheck.Outcome

DAYS = (1, 3, 7, 30, 90)
BATCH = 20
#: a page may take ten seconds, and so may a connector
LEASE = timedelta(minutes=5)
MOST_PAGE_BYTES = 3 * 1024 * 1024
#: how long it waits where nobody can say what is shown: a marketplace that is away for an evening ends no look
WAITS = (timedelta(minutes=15), timedelta(hours=1), timedelta(hours=4), timedelta(hours=12))
#: after so many tries a look says that it could not be done; the next one of its row comes in its own time
MOST_TRIES = len(WAITS) + 1
#: beginnings of the causes of holds that are looked at: complaints, and findings of patrol
_CASES = ("cmp_", "fnd_")
#: shorter titles and numbers are everybody's
SHORTEST_TITLE = 6
#: of one thing that was taken down, so many others are looked at
MOST_RELISTINGS = 50
#: what it adds to a score in log-odds that something is a relisting: as much as the score set by hand says
RELISTED_PART = 4.8
#: titles are compared one by one, the newest first: so many of its shop, and so many of its category
MOST_TITLES = 20_000
#: of one seller, so many of the last that were taken down are compared with what it is about to publish
MOST_DOWN = 1000
_SPACES = re.compile(r"\s+")
#: what a reader does not see of a page
_UNSEEN = re.compile(r"<!--.*?-->|<(script|style|template)\b.*?</\1\s*>|<[^>]*>", re.DOTALL | re.IGNORECASE)
#: so pages tell of goods that are off; so many characters before and after the title they count
_OFF_SALE = re.compile(
    r"下架|失效|不存在|已删除|停止销售|暂停销售|无法查看|not on sale|no longer (?:available|on sale|sold)|unavailable"
    r"|not available|(?:was|been) removed|taken down|does not exist|withdrawn",
    re.IGNORECASE,
)
_AROUND = 300


# --- owing ---------------------------------------------------------------------------------------------------


def enforcement_settled(subject: str) -> None:
    """A takedown was confirmed, or one more case holds what is down: each case that holds the target owes it five looks.

    Consumer of `enforcement.settled` and `target.held_besides`.
    """
    order = Enforcement.objects.select_related("target").filter(target__public_id=subject).first()
    down = Enforcement.State.DOWN
    if order is None or (order.desired, order.confirmed) != (down, down) or order.confirmed_at is None:
        return
    rows = [
        Recheck(
            # What is put up from the decision on was put up again, however long the marketplace took.
            target=order.target, cause=_series(hold), taken_down_at=min(hold.placed_at, order.confirmed_at), after_days=days,
            due_at=max(order.confirmed_at, hold.placed_at) + timedelta(days=days),
        )
        for hold in Hold.objects.active().filter(_is_of_a_case(), target=order.target).order_by("pk")
        for days in DAYS
    ]  # fmt: skip
    # Ordered again because it was up, it has its looks already.
    Recheck.objects.bulk_create(rows, ignore_conflicts=True)


def _is_of_a_case() -> Q:
    is_one = Q(pk__in=[])
    for beginning in _CASES:
        is_one |= Q(cause__startswith=beginning)
    return is_one


def _series(hold: Hold) -> str:
    """The case and since when it holds: held anew after a release, it is looked at anew."""
    return f"{hold.cause} {hold.placed_at:%Y%m%dT%H%M%S}"


def case_of(row: Recheck) -> str:
    """The public id of the case that holds it."""
    return row.cause.partition(" ")[0]


#: the same as the database reads it
CASE = Left("cause", StrIndex("cause", Value(" ")) - 1)


# --- looking -------------------------------------------------------------------------------------------------


def recheck_due(limit: int = BATCH) -> int:
    """Look at up to `limit` things that are due to be looked at again; returns how many were tried."""
    rows: list[Recheck] = suspects_last(Recheck.objects.select_related("target__marketplace").claim(limit, lease=LEASE))
    by_mall: dict[Marketplace, list[Recheck]] = defaultdict(list)
    for row in rows:
        by_mall[row.target.marketplace].append(row)
    for marketplace, its in by_mall.items():
        said = _states(marketplace, [row for row in its if row.last_error != BEGUN])
        for row in its:
            if row.begin(lease=LEASE):
                _try(row, said.get(row.target_id, "unknown"))
    if len(rows) == limit:
        hint("patrol.tasks.recheck_due", queue="patrol")
    return len(rows)


def _states(marketplace: Marketplace, rows: Sequence[Recheck]) -> dict[int, str]:
    """What the marketplace says of each target; nothing of those of which it cannot be asked."""
    refs = {Ref(kind=row.target.kind, external_id=row.target.external_id): row.target_id for row in rows}  # type: ignore[arg-type]
    if not refs or not marketplace.is_enabled:
        return {}
    try:
        connector = enforcement.open_connector(marketplace)
        try:
            return {refs[ref]: state for ref, state in connector.observe(list(refs)).items() if ref in refs}
        finally:
            connector.close()
    except ConnectorError as failure:
        log.warning("%s does not say what is up: %s", marketplace.slug, failure)
    except Exception:
        log.exception("connector of %s broke its contract", marketplace.slug)
    return {}


def _try(row: Recheck, state: str) -> None:
    lease = row.leased_until
    try:
        _recheck(row, state)
    except Exception as failure:  # one that cannot be looked at stops no other
        log.exception("%s could not be looked at again", row.public_id)
        # Its end was rolled back: it is ours still.
        row.leased_until = lease
        row.put_off(f"{type(failure).__name__}: {failure}")
        if isinstance(failure, SoftTimeLimitExceeded):
            raise


def _recheck(row: Recheck, state: str) -> None:
    at = clock.now()
    held = Hold.objects.active().filter(target=row.target, cause=case_of(row))
    if not any(_series(hold) == row.cause for hold in held):
        _record(row, Outcome.RELEASED, {}, at=at)
        return
    page = _page(row.target)
    is_up = _is_up(page, state)
    if is_up is None and row.attempts < MOST_TRIES:
        row.put_off(f"page: {page}; marketplace: {state}", wait=WAITS[max(row.attempts, 1) - 1])
        return
    case = _Case.of(case_of(row))
    # Who may sell by now, or sells other goods, puts up nothing again.
    again = [one for one in _put_up_again(row, case) if _write(row, case, one)]
    if is_up:
        outcome = Outcome.UP
    elif any(one.is_same_seller for one in again):
        outcome = Outcome.RELISTED_BY_SELLER
    elif again:
        outcome = Outcome.RELISTED_BY_OTHER
    else:
        outcome = Outcome.UNKNOWN if is_up is None else Outcome.DOWN
    seen = {"page": page, "state": state, "relistings": [one.target.public_id for one in again]}
    with transaction.atomic():
        if _record(row, outcome, seen, at=at, is_contradictory=_contradict(page, state)):
            _order_again(row.target, page, state, at)


@transaction.atomic
def _record(
    row: Recheck, outcome: str, seen: Mapping[str, Any], *, at: datetime, is_contradictory: bool = False
) -> bool:
    """False if it is somebody else's by now."""
    if not row.carried_out():
        return False
    row.outcome, row.seen, row.looked_at, row.is_contradictory = outcome, dict(seen), at, is_contradictory
    row.save(update_fields=["outcome", "seen", "looked_at", "is_contradictory"])
    return True


def _order_again(target: Target, page: str, state: str, at: datetime) -> None:
    """Order the takedown anew where it is shown by the page or by the marketplace's word.

    Points are for who is seen doing it by both: the marketplace says "up", and no page says otherwise (M8).
    """
    if state == "up" and page != "gone":
        enforcement.observed(target=target, state=Target.Observed.UP, at=at)
    elif state == "up" or page == "shown":
        enforcement.order_again(target=target, why=f"page: {page}; marketplace: {state}")


def _page(target: Target) -> str:
    """What the public sees: `gone`, `shown`, `off` (it says that it is not on sale), `other` (a page that does not name
    it), or why it cannot be said.
    """
    if not target.url:
        return "no address"
    try:
        found = fetch(
            target.url,
            max_bytes=MOST_PAGE_BYTES,
            trusted_origins=trusted_origins(target.marketplace),
            accept="text/html",
        )
    except Gone:
        return "gone"
    except FetchError as failure:
        return str(failure)
    source, title = found.content.decode("utf-8", "replace"), _plain(target.title)
    if not title or title not in _plain(html.unescape(source)):
        return "other"
    return "off" if _says_that_it_is_off(_plain(html.unescape(_UNSEEN.sub(" ", source))), title) else "shown"


def _says_that_it_is_off(text: str, title: str) -> bool:
    around = (text[max(0, m.start() - _AROUND) : m.end() + _AROUND] for m in re.finditer(re.escape(title), text))
    return any(_OFF_SALE.search(part.replace(title, " ")) for part in around)


def _plain(text: str) -> str:
    return _SPACES.sub(" ", text).strip()


def _is_up(page: str, state: str) -> bool | None:
    """Whether it can be seen in public; None if nobody can say.

    A page that is gone is gone, and one that shows it shows it, whatever the marketplace says. Any other may be that which
    tells of the takedown: then the marketplace's word counts.
    """
    if page in ("gone", "shown"):
        return page == "shown"
    return state == "up" if state in ("up", "down", "missing") else None


def _contradict(page: str, state: str) -> bool:
    """Whether page and marketplace say opposite things: its word is wrong, or its page is kept somewhere on the way."""
    return (page == "shown" and state in ("down", "missing")) or (page == "gone" and state == "up")


# --- put up again --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Case:
    """What a case says of what it took down."""

    number: str
    infringement: str
    filing: Filing

    @classmethod
    def of(cls, public_id: str) -> "_Case":
        if public_id.startswith("cmp_"):
            complaint = Complaint.objects.select_related("filing").get(public_id=public_id)
            return cls(complaint.number, complaint.infringement, complaint.filing)
        decision = CandidateDecision.objects.select_related("candidate__profile__filing").get(public_id=public_id)
        return cls(decision.number, decision.infringement, decision.candidate.profile.filing)


#: what infringes in the offer rather than in the goods, and what tells that it is there again
_OFFER_ITSELF: dict[str, frozenset[str]] = {
    Infringement.COPIED_IMAGE: frozenset({"recheck.picture"}),
    Infringement.TRADEMARK_USE: frozenset({"recheck.picture", "recheck.title"}),
}


@dataclass
class _Relisting:
    """A listing that came after the takedown and shows the same."""

    target: Target
    is_same_seller: bool
    seen: list[Seen] = field(default_factory=list)

    @property
    def signals(self) -> frozenset[str]:
        return frozenset(one.signal for one in self.seen)

    def infringes_again(self, infringement: str) -> bool:
        """Whether what was seen alone tells that the seller does the same again; else a person looks.

        A title or a number tells that it is the same goods; a picture alone may be a banner that all goods of the shop
        show. Where the goods were lawful and their picture or the mark on it was not, that has to be there again, too.
        """
        needed = _OFFER_ITSELF.get(infringement, self.signals)
        return bool({"recheck.title", "recheck.number"} & self.signals and needed & self.signals)


def _put_up_again(row: Recheck, case: _Case) -> list[_Relisting]:
    """What was first seen after the takedown and has the same picture, title or number; the seller's own first."""
    old = Target.objects.select_related("shop", "marketplace").get(pk=row.target_id)
    fresh = (
        Target.objects.filter(kind=old.kind, first_seen_at__gt=row.taken_down_at, observed=Target.Observed.UP)
        .exclude(pk=old.pk)
        .select_related("shop", "marketplace")
        .order_by(Case(When(_of_seller(old), then=0), default=1), "pk")
    )
    found: dict[int, _Relisting] = {}
    for signal, data, targets in (
        ("recheck.picture", {}, fresh.filter(pk__in=_with_same_pictures(old, case.infringement))),
        ("recheck.title", {"title": old.title}, _with_same_title(fresh, old)),
        ("recheck.number", {}, _with_same_number(fresh, old)),
    ):
        for target in targets[:MOST_RELISTINGS] if not isinstance(targets, list) else targets:
            one = found.setdefault(target.pk, _Relisting(target, is_same_seller(target, old)))
            one.seen.append(Seen(signal, 1.0, {**data, "of": old.public_id, "case": case.number}))
    return sorted(found.values(), key=lambda one: (not one.is_same_seller, one.target.pk))[:MOST_RELISTINGS]


def _with_same_pictures(old: Target, infringement: str) -> Any:
    """Targets that show the very bytes that it showed, under whatever address.

    Every honest seller shows the publisher's cover and the brand's photograph: an official picture tells something only
    where copying pictures was the infringement.
    """
    shown = SeenImage.objects.filter(appearances__target=old)
    if infringement != Infringement.COPIED_IMAGE:
        shown = shown.filter(sightings=None)
    same = SeenImage.objects.filter(
        Q(pk__in=shown.values("pk")) | Q(sha256__in=shown.exclude(sha256="").values("sha256"))
    )
    return Appearance.objects.current().filter(image__in=same.values("pk")).values("target_id")


def _with_same_title(fresh: Any, old: Target) -> list[Target]:
    """Titles are compared as the signals compare them: without disguises."""
    title = normalise.squeezed(old.title)
    if len(title) < SHORTEST_TITLE:
        return []
    places = [Q(category=old.category), _of_seller(old)]
    found: set[int] = set()
    for place in places:
        newest = fresh.filter(place).order_by("-pk").values_list("pk", "title")[:MOST_TITLES]
        alike = (pk for pk, other in newest.iterator() if normalise.squeezed(other) == title)
        found.update(islice(alike, MOST_RELISTINGS))
    return list(fresh.filter(pk__in=found))


def _with_same_number(fresh: Any, old: Target) -> Any:
    """The same ISBN or model in the same category, as the marketplace tells them among the attributes."""
    same = Q(pk__in=[])
    for name, value in _numbers_of(old):
        same |= Q(**{f"attributes__{name}": value})
    return fresh.filter(same, category=old.category)


def _numbers_of(target: Target) -> list[tuple[str, str]]:
    said = target.attributes if isinstance(target.attributes, dict) else {}
    return [
        (name, value)
        for name in ("isbn", "ISBN", "model")
        if isinstance(value := said.get(name), str) and len(value.strip()) >= SHORTEST_TITLE
    ]


def is_same_seller(target: Target, old: Target) -> bool:
    """Whether both are of one shop, or of shops that one operator runs."""
    one, other = target.seller, old.seller
    if one.kind != Target.Kind.SHOP or other.kind != Target.Kind.SHOP:
        return False
    return (
        one.pk == other.pk
        or (one.operator_id is not None and one.operator_id == other.operator_id)
        or (bool(one.operator_uscc) and one.operator_uscc == other.operator_uscc)
    )


def _of_seller(old: Target) -> Q:
    """The same, as the database is asked."""
    seller = old.seller
    if seller.kind != Target.Kind.SHOP:
        return Q(pk__in=[])
    its = Q(pk=seller.pk)
    if seller.operator_id is not None:
        its |= Q(operator=seller.operator_id)
    if seller.operator_uscc:
        its |= Q(operator_uscc=seller.operator_uscc)
    shops = Target.objects.filter(its, kind=Target.Kind.SHOP).values("pk")
    return Q(pk__in=shops) | Q(shop__in=shops)


def put_up_again_by(target: Target) -> tuple[list[Seen], bool]:
    """What tells that an offer, not published yet, is what its seller had taken down on this marketplace, and still has;
    and whether that alone tells that the same infringement would be there again.

    Its pictures are not compared, and whoever may sell it by now puts up nothing again.
    """
    title, numbers = normalise.squeezed(target.title), set(_numbers_of(target))
    cases = Hold.objects.active().filter(_is_of_a_case(), target__kind=target.kind)
    down = cases.filter(
        target__in=Target.objects.filter(_of_seller(target), kind=target.kind, marketplace=target.marketplace).values(
            "pk"
        )
    )
    # By the time, which no index keeps: by their keys all holds would be gone through for a seller that has none.
    for hold in down.select_related("target").order_by("-placed_at")[:MOST_DOWN]:
        old = hold.target
        signals = []
        if len(title) >= SHORTEST_TITLE and normalise.squeezed(old.title) == title:
            signals.append("recheck.title")
        if old.category == target.category and numbers & set(_numbers_of(old)):
            signals.append("recheck.number")
        if not signals:
            continue
        case = _Case.of(hold.cause)
        watched = WatchProfile.objects.filter(filing=case.filing).select_related("filing")
        if not any(inspecting.may_sell(target.seller, profile) for profile in watched):
            data = {"title": old.title, "of": old.public_id, "case": case.number}
            one = _Relisting(old, is_same_seller=True, seen=[Seen(signal, 1.0, data) for signal in signals])
            return one.seen, one.infringes_again(case.infringement)
    return [], False


def _write(row: Recheck, case: _Case, one: _Relisting) -> Candidate | None:
    """A candidate of what was put up again; of the same seller it is upheld at once, with points (M8).

    None where its shop may sell: it was allowed since, or always; where a person said that it is none; and where another
    shop sells what has no more than a number or a picture in common, as every honest seller's does. A second time
    changes nothing.
    """
    profile = profiles.begin_for_platform(filing=case.filing)
    if inspecting.may_sell(one.target.seller, profile):
        return None
    told = next(iter(inspecting.inspect([one.target], profile=profile)), None)
    if not (one.is_same_seller or told or "recheck.title" in one.signals):
        return None
    seen = (*one.seen, *(told.seen if told else ()))
    found = Found(
        target=one.target, profile=profile, seen=seen, score=max(0.95 if one.is_same_seller else 0.7, told.score if told else 0),
        parts={**(told.parts if told else {}), **{s.signal: RELISTED_PART for s in one.seen}}, copy_key=told.copy_key if told else inspecting.copy_key(one.target, seen),
    )  # fmt: skip
    with transaction.atomic():
        known = Candidate.objects.filter(target=one.target, profile=profile).first()
        if known is not None and known.state in (Candidate.State.DISMISSED, Candidate.State.REVERSED):
            return None
        if known is not None and known.state not in OPEN and known.state != Candidate.State.GONE:
            row.relistings.add(known)  # decided already
            return known
        candidate = services.write_candidates(
            [found], looked_at=[one.target], source=Candidate.Source.RECHECK, profile=profile
        )[0]
        # With the decision: whoever counts points for it asks whether it was put up again.
        row.relistings.add(candidate)
        if one.is_same_seller and one.infringes_again(case.infringement):
            _uphold(candidate, case, row)
    return candidate


def _uphold(candidate: Candidate, case: _Case, row: Recheck) -> None:
    rules = rules_that_fit(candidate)
    if not rules:
        return
    with translation.override(candidate.target.seller.contact_language or None):
        facts = _(
            "This offer shows the same as “%(title)s”, which was taken down on %(day)s (%(number)s) and may not be put "
            "up again."
        ) % {"title": row.target.title, "day": f"{row.taken_down_at:%Y-%m-%d}", "number": case.number}  # fmt: skip
    try:
        services.uphold(
            candidate=candidate, by=None, rule=rules[0].code, facts=facts, infringement=case.infringement,
            decided_with=_of_the_same_day(candidate),
        )  # fmt: skip
    except DomainError as refused:
        # The right has ended, or this kind does not fit it: a person decides.
        log.info("%s is left to a person: %s", candidate.number, refused)


def _of_the_same_day(candidate: Candidate) -> CandidateDecision | None:
    """The first finding without a person that was made today on the same thing, and stands: put up once, it counts once.

    It may have been taken down under two rights, each with a case of its own.
    """
    today = clock.now().replace(hour=0, minute=0, second=0, microsecond=0)
    made = CandidateDecision.objects.findings().filter(
        candidate__target=candidate.target_id, candidate__state=Candidate.State.UPHELD, is_automated=True, decided_at__gte=today
    )  # fmt: skip
    standing = (one for one in made.order_by("pk") if services.finding_of(one.candidate) == one)
    return next(standing, None)


# --- staff ---------------------------------------------------------------------------------------------------


def retry_recheck(*, row: Recheck, by: User) -> None:
    """Staff have what was given up looked at once more. Raises Forbidden, NotDead."""
    if not whoever_scans(row, by):
        raise Forbidden()
    task = "patrol.tasks.recheck_due"
    retry_given_up(row=row, by=by, kind="recheck.retried", subject=row.public_id, task=task, queue="patrol")


_PAGES = {
    "gone": gettext_lazy("The page is gone."),
    "shown": gettext_lazy("The page shows it."),
    "off": gettext_lazy("The page says that it is not on sale."),
    "other": gettext_lazy("The page does not name it."),
    "no address": gettext_lazy("Its page has no address."),
}
_STATES = {
    "up": gettext_lazy("The marketplace says that it is up."),
    "down": gettext_lazy("The marketplace says that it is down."),
    "missing": gettext_lazy("The marketplace says that there is no such thing."),
    "unknown": gettext_lazy("The marketplace does not say."),
}


def words_of(row: Recheck) -> str:
    """What was seen of the target itself, in words; empty before it was looked at. Names no other listing."""
    page, state = row.seen.get("page"), row.seen.get("state")
    if page is None or state is None:
        return ""
    shown = _PAGES.get(page) or _("The page cannot be opened: %(why)s.") % {"why": page}
    return f"{shown} {_STATES.get(state, _STATES['unknown'])}"


def of_case(public_id: str) -> Iterable[Recheck]:
    """The looks at what a case took down, for its page."""
    return (
        Recheck.objects.filter(cause__startswith=f"{public_id} ").select_related("target").order_by("after_days", "pk")
    )
