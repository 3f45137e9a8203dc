"""Re-check (回查): what was taken down is looked at again after 1, 3, 7, 30 and 90 days.

Is it still down where the public looks, and did anybody put the same up again? The marketplace's own word is not enough:
its page is opened too. What its seller put up again is held at once; what another shop sells is for a person to decide.
"""

import html
import logging
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from celery.exceptions import SoftTimeLimitExceeded
from django.db import transaction
from django.db.models import Q
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import User
from complaints.models import Complaint
from core import clock
from core.errors import DomainError, Forbidden
from core.fetch import FetchError, Gone, fetch
from core.ids import next_number
from core.obligations import BEGUN, suspects_last
from core.outbox import hint
from core.retries import retry_given_up
from filings.models import Filing
from imageguard.models import Appearance, SeenImage
from marketplace import services as enforcement
from marketplace.connectors.base import ConnectorError, Ref
from marketplace.models import Enforcement, Hold, Marketplace, Target
from marketplace.pictures import trusted_origins
from patrol import inspecting, normalise, profiles, services
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
#: after so many failures a look says that it could not be done; the next one of its row comes in its own time
MOST_TRIES = 5
#: beginnings of the causes of holds that are looked at: complaints, and findings of patrol
_CASES = ("cmp_", "fnd_")
#: shorter titles and numbers are everybody's
SHORTEST_TITLE = 6
#: of one thing that was taken down, so many others are looked at
MOST_RELISTINGS = 50
_SPACES = re.compile(r"\s+")


# --- owing ---------------------------------------------------------------------------------------------------


def enforcement_settled(subject: str) -> None:
    """A takedown was confirmed: each case that holds the target owes it five looks. Consumer of `enforcement.settled`."""
    order = Enforcement.objects.select_related("target").filter(target__public_id=subject).first()
    down = Enforcement.State.DOWN
    if order is None or (order.desired, order.confirmed) != (down, down) or order.confirmed_at is None:
        return
    rows = [
        Recheck(
            target=order.target, cause=_series(hold), taken_down_at=order.confirmed_at, after_days=days,
            due_at=order.confirmed_at + timedelta(days=days),
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
        _record(row, Outcome.RELEASED, {})
        return
    page = _page(row.target)
    seen: dict[str, Any] = {"page": page, "state": state}
    is_up = _is_up(page, state)
    if is_up is None and row.attempts < MOST_TRIES:
        row.put_off(f"page: {page}; marketplace: {state}")
        return
    case = _Case.of(case_of(row))
    again = _put_up_again(row, case)
    with transaction.atomic():
        if is_up and state == "up":
            # The seller undid it, or the marketplace did: the same order goes out again, and points follow.
            enforcement.observed(target=row.target, state=Target.Observed.UP, at=at)
        candidates = [_write(row, case, one) for one in again]
        # Who may sell by now puts up nothing again.
        again = [one for one, candidate in zip(again, candidates, strict=True) if candidate is not None]
        same_seller = [one for one in again if one.is_same_seller]
        seen["relistings"] = [one.target.public_id for one in again]
        if is_up:
            outcome = Outcome.UP
        elif same_seller:
            outcome = Outcome.RELISTED_BY_SELLER
        elif again:
            outcome = Outcome.RELISTED_BY_OTHER
        else:
            outcome = Outcome.UNKNOWN if is_up is None else Outcome.DOWN
        if not _record(row, outcome, seen, at=at):
            transaction.set_rollback(True)
            return
        row.relistings.set([c for c in candidates if c is not None])


def _record(row: Recheck, outcome: str, seen: Mapping[str, Any], *, at: Any = None) -> bool:
    """False if it is somebody else's by now."""
    if not row.carried_out():
        return False
    row.outcome, row.seen, row.looked_at = outcome, dict(seen), at or clock.now()
    row.save(update_fields=["outcome", "seen", "looked_at"])
    return True


def _page(target: Target) -> str:
    """What the public sees: `gone`, `shown`, `other` (a page that does not name it), or why it cannot be said."""
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
    text = _plain(html.unescape(found.content.decode("utf-8", "replace")))
    title = _plain(target.title)
    return "shown" if title and title in text else "other"


def _plain(text: str) -> str:
    return _SPACES.sub(" ", text).strip()


def _is_up(page: str, state: str) -> bool | None:
    """Whether it can be seen in public; None if nobody can say.

    A page that is gone is gone, whatever the marketplace says. One that is there may be that which tells of the takedown:
    then the marketplace's word counts, and without it what the page names.
    """
    if page == "gone":
        return False
    if state in ("up", "down", "missing"):
        return state == "up"
    return {"shown": True, "other": None}.get(page)


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


@dataclass
class _Relisting:
    """A listing that came after the takedown and shows the same."""

    target: Target
    is_same_seller: bool
    seen: list[Seen] = field(default_factory=list)

    @property
    def is_the_same_goods(self) -> bool:
        """A title or a number tells so; a picture alone may be a banner that all goods of the shop show."""
        return any(one.signal in ("recheck.title", "recheck.number") for one in self.seen)


def _put_up_again(row: Recheck, case: _Case) -> list[_Relisting]:
    """What was first seen after the takedown and has the same picture, title or number; the seller's own first."""
    old = Target.objects.select_related("shop", "marketplace").get(pk=row.target_id)
    fresh = (
        Target.objects.filter(kind=old.kind, first_seen_at__gt=row.taken_down_at, observed=Target.Observed.UP)
        .exclude(pk=old.pk)
        .select_related("shop", "marketplace")
    )
    found: dict[int, _Relisting] = {}
    for signal, data, targets in (
        ("recheck.picture", {}, fresh.filter(pk__in=_with_same_pictures(old))),
        ("recheck.title", {"title": old.title}, _with_same_title(fresh, old)),
        ("recheck.number", {}, _with_same_number(fresh, old)),
    ):
        for target in targets[:MOST_RELISTINGS] if not isinstance(targets, list) else targets:
            one = found.setdefault(target.pk, _Relisting(target, is_same_seller(target, old)))
            one.seen.append(Seen(signal, 1.0, {**data, "of": old.public_id, "case": case.number}))
    return sorted(found.values(), key=lambda one: (not one.is_same_seller, one.target.pk))[:MOST_RELISTINGS]


def _with_same_pictures(old: Target) -> Any:
    """Targets that show the very bytes that it showed, under whatever address."""
    shown = SeenImage.objects.filter(appearances__target=old)
    same = SeenImage.objects.filter(
        Q(pk__in=shown.values("pk")) | Q(sha256__in=shown.exclude(sha256="").values("sha256"))
    )
    return Appearance.objects.current().filter(image__in=same.values("pk")).values("target_id")


def _with_same_title(fresh: Any, old: Target) -> list[Target]:
    """Titles are compared as the signals compare them: without disguises."""
    title = normalise.squeezed(old.title)
    if len(title) < SHORTEST_TITLE:
        return []
    alike = fresh.filter(Q(category=old.category) | Q(shop=old.shop_id, shop__isnull=False))
    pks = [pk for pk, other in alike.values_list("pk", "title").iterator() if normalise.squeezed(other) == title]
    return list(fresh.filter(pk__in=pks[:MOST_RELISTINGS]))


def _with_same_number(fresh: Any, old: Target) -> Any:
    """The same ISBN or model in the same category, as the marketplace tells them among the attributes."""
    same = Q(pk__in=[])
    for name in ("isbn", "ISBN", "model"):
        value = old.attributes.get(name) if isinstance(old.attributes, dict) else None
        if isinstance(value, str) and len(value.strip()) >= SHORTEST_TITLE:
            same |= Q(**{f"attributes__{name}": value})
    return fresh.filter(same, category=old.category)


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


def _write(row: Recheck, case: _Case, one: _Relisting) -> Candidate | None:
    """A candidate of what was put up again; of the same seller it is upheld at once, with points (M8)."""
    profile = _profile_of(case.filing)
    if inspecting.may_sell(one.target.seller, profile):
        return None  # it was allowed since, or always
    known = Candidate.objects.filter(target=one.target, profile=profile).first()
    if known is not None and known.state not in OPEN and known.state != Candidate.State.GONE:
        return known  # decided already
    told = next(iter(inspecting.inspect([one.target], profile=profile)), None)
    seen = (*one.seen, *(told.seen if told else ()))
    found = Found(
        target=one.target, profile=profile, seen=seen, score=max(0.95 if one.is_same_seller else 0.7, told.score if told else 0),
        parts=told.parts if told else {}, copy_key=told.copy_key if told else inspecting.copy_key(one.target, seen),
    )  # fmt: skip
    candidate = services.write_candidates(
        [found], looked_at=[one.target], source=Candidate.Source.RECHECK, profile=profile
    )[0]
    if one.is_same_seller and one.is_the_same_goods:
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
        services.uphold(candidate=candidate, by=None, rule=rules[0].code, facts=facts, infringement=case.infringement)
    except DomainError as refused:
        # The right has ended, or this kind does not fit it: a person decides.
        log.info("%s is left to a person: %s", candidate.number, refused)


def _profile_of(filing: Filing) -> WatchProfile:
    """The profile of a right; one that nobody watches yet gets a draft, under which its candidates stand."""
    known = WatchProfile.objects.filter(filing=filing).select_related("filing").first()
    if known is not None:
        return known
    kind, at = profiles.KINDS.get(filing.kind, (WatchProfile.Kind.WORK,))[0], clock.now()
    return WatchProfile.objects.create(
        filing=filing, kind=kind, name=filing.title[:200],
        number=next_number("WP", at.year), state_since_at=at, created_at=at, changed_at=at,
    )  # fmt: skip


# --- staff ---------------------------------------------------------------------------------------------------


def retry_recheck(*, row: Recheck, by: User) -> None:
    """Staff have what was given up looked at once more. Raises Forbidden, NotDead."""
    if not whoever_scans(row, by):
        raise Forbidden()
    task = "patrol.tasks.recheck_due"
    retry_given_up(row=row, by=by, kind="recheck.retried", subject=row.public_id, task=task, queue="patrol")


def of_case(public_id: str) -> Iterable[Recheck]:
    """The looks at what a case took down, for its page."""
    return (
        Recheck.objects.filter(cause__startswith=f"{public_id} ").select_related("target").order_by("after_days", "pk")
    )
