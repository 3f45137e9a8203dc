"""Repeat infringers: shops that reopen under the same licence, account or device are linked to the earlier one.

Source: 17 U.S.C. § 512(i)(1)(A); E-Commerce Law art. 42. The device is a digest that the marketplace sends with a shop
(`attributes.device_digest`): ippro never learns what device it is.
"""

from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from accounts import roles
from core import ledger
from core.errors import Forbidden, Invalid, WrongState
from core.lifecycle import lock
from governance.models import Penalty, ShopLink, Strike
from governance.penalties import ladder
from governance.penalties.counting import points_of, strikes_on
from governance.penalties.offences import EVASION
from governance.penalties.points import add_strike, look_again, take_back_points, take_turns
from marketplace.models import Target
from patrol import linked_shops
from rulebook.models import Measure
from rulebook.selectors import ladder_in_force

#: a digest of at least so many characters; a shorter one says nothing
SHORTEST_DIGEST = 16
CERTAIN = frozenset({"licence", "account"})


def shop_changed(subject: str) -> None:
    """A shop is new or says something new about itself: earlier shops of its operator that had points are linked."""
    shop = Target.objects.filter(public_id=subject, kind=Target.Kind.SHOP).first()
    if shop is not None:
        link_to_earlier(shop=shop)


@transaction.atomic
def link_to_earlier(*, shop: Target) -> list[ShopLink]:
    """Link a shop to every earlier one with points or penalties that shares its licence, account or device.

    A link that is there gains grounds and loses none. Where an earlier shop is banned, a ban is proposed by rule;
    otherwise the step that the inherited points reach.
    """
    found = [(earlier, grounds) for earlier in _candidates(shop) if (grounds := _same(shop, earlier))]
    if not found:
        return []
    take_turns({shop.pk, *(earlier.pk for earlier, _grounds in found)})
    before = points_of(shop)
    links = []
    for earlier, grounds in found:
        state = ShopLink.State.CERTAIN if CERTAIN & set(grounds) else ShopLink.State.CANDIDATE
        link, is_new = ShopLink.objects.get_or_create(
            earlier=earlier, later=shop, defaults={"grounds": grounds, "state": state}
        )
        if not is_new and set(grounds) - set(link.grounds):
            link.grounds = sorted({*link.grounds, *grounds})
            if link.state == ShopLink.State.CANDIDATE:
                link.state = state
            link.save(update_fields=["grounds", "state"])
        elif not is_new:
            continue
        ledger.record(
            kind="shop.linked", subject=shop.public_id,
            payload={"link": link.public_id, "earlier": earlier.public_id, "grounds": link.grounds, "state": link.state},
        )  # fmt: skip
        _tell(link)
        links.append(link)
        _propose_ban(link)
    _climb(shop, before)
    return links


def _climb(shop: Target, before: int) -> None:
    """Whoever reopens begins on the step on which the points of the earlier shop stand."""
    ladder.climb(
        shop=shop, gained=points_of(shop) - before,
        reason=_("Earlier shops of the same operator had points when this one opened, and it inherits them."),
    )  # fmt: skip


def _candidates(shop: Target) -> QuerySet[Target]:
    same = Q(pk__in=[])
    if shop.operator_uscc:
        same |= Q(operator_uscc=shop.operator_uscc)
    if shop.operator_id:
        same |= Q(operator=shop.operator_id)
    if digest := device_of(shop):
        same |= Q(attributes__device_digest=digest)
    others = Target.objects.filter(same, kind=Target.Kind.SHOP, first_seen_at__lt=shop.first_seen_at)
    struck = Exists(Strike.objects.standing().filter(shop=OuterRef("pk")))  # type: ignore[attr-defined]
    banned = Exists(Penalty.objects.filter(shop=OuterRef("pk"), state=Penalty.State.IN_FORCE))
    return others.exclude(pk=shop.pk).filter(struck | banned).order_by("pk")


def device_of(shop: Target) -> str:
    digest = shop.attributes.get("device_digest")
    return digest if isinstance(digest, str) and len(digest) >= SHORTEST_DIGEST else ""


def _same(shop: Target, earlier: Target) -> list[str]:
    grounds = []
    if shop.operator_id and shop.operator_id == earlier.operator_id:
        grounds.append("account")
    if device_of(shop) and device_of(shop) == device_of(earlier):
        grounds.append("device")
    if shop.operator_uscc and shop.operator_uscc == earlier.operator_uscc:
        grounds.append("licence")
    return grounds


def _tell(link: ShopLink) -> None:
    """Patrol looks at what a shop sells in the light of whose it is."""
    linked_shops.say(earlier=link.earlier, later=link.later, are_linked=link.inherits)


def _propose_ban(link: ShopLink) -> Penalty | None:
    """The shop of a banned operator: a ban is proposed, and people decide whether it really is the same operator."""
    bans = Penalty.objects.filter(shop=link.earlier, measure=Measure.BAN, state=Penalty.State.IN_FORCE)
    if not bans.exists():
        return None
    book = ladder_in_force("shop")
    step = next(s for s in ladder.steps_of(book) if s.measure == Measure.BAN)
    return ladder.propose(
        shop=link.later, step=step, ladder=book, points=points_of(link.later), strikes=list(strikes_on(link.later)), link=link,
        reason=_("The operator of this shop seems to be that of a shop that was banned."),
    )  # fmt: skip


@transaction.atomic
def confirm_link(*, link: ShopLink, by: Any, note: str) -> ShopLink:
    """Staff looked: it is the same operator. The later shop inherits the points, and is proposed for what they lead to.

    Raises Forbidden, WrongState, Invalid.
    """
    link = _looked_at(link, by, note)
    before = points_of(link.later)
    link.state, link.decided_by, link.note = ShopLink.State.CONFIRMED, by, note.strip()
    link.save(update_fields=["state", "decided_by", "note"])
    ledger.record(kind="shop_link.confirmed", subject=link.public_id, actor=by)
    _tell(link)
    _climb(link.later, before)
    return link


@transaction.atomic
def dismiss_link(*, link: ShopLink, by: Any, note: str) -> ShopLink:
    """Staff looked: it is somebody else. Nothing is inherited, and what came of the link or its points is undone.

    Raises Forbidden, WrongState, Invalid.
    """
    link = _looked_at(link, by, note)
    link.state, link.decided_by, link.note = ShopLink.State.DISMISSED, by, note.strip()
    link.save(update_fields=["state", "decided_by", "note"])
    ledger.record(kind="shop_link.dismissed", subject=link.public_id, actor=by)
    _tell(link)
    reason = gettext_noop("the shops are not of one operator")
    _undo(link, reason)
    look_again(shop=link.later, reason=reason)
    return link


def penalty_over(subject: str) -> None:
    """A ban that was reversed never was: the bans and points of those who seemed to evade it do not stand either.

    One that was lifted was right; and another ban of the same shop is evaded all the same.
    """
    ban = Penalty.objects.select_related("shop").get(public_id=subject)
    if not ban.is_ban or ban.state != Penalty.State.REVERSED:
        return
    if Penalty.objects.filter(shop=ban.shop, measure=Measure.BAN, state=Penalty.State.IN_FORCE).exists():
        return
    for link in ShopLink.objects.filter(earlier=ban.shop).order_by("pk"):
        undo(link=link, reason=gettext_noop("the ban of the earlier shop was reversed"))


@transaction.atomic
def undo(*, link: ShopLink, reason: str) -> None:
    """Take back what rests on a link alone: penalties for it, and points for evasion. Twice does it once."""
    take_turns([link.later_id])
    _undo(lock(link), reason)


def _undo(link: ShopLink, reason: str) -> None:
    take_back_points(strikes=Strike.objects.standing().filter(cause=link.public_id), reason=reason)  # type: ignore[attr-defined]
    for penalty in link.penalties.filter(state__in=ladder.UNDONE).order_by("pk"):
        ladder.undo(penalty=penalty, reason=reason)


@transaction.atomic
def count_evasion(*, link: ShopLink, by: Any) -> Strike | None:
    """Points for another shop after a ban (M10), once staff have confirmed the link. Raises Forbidden, WrongState."""
    take_turns([link.later_id])
    link = lock(link)
    if not roles.is_senior(by):
        raise Forbidden()
    if not link.inherits:
        raise WrongState(_("Confirm the link first."))
    return add_strike(shop=link.later, code=EVASION, cause=link.public_id, number=str(link.earlier)[:40], by=by)


def _looked_at(link: ShopLink, by: Any, note: str) -> ShopLink:
    # Before the link itself, as where shops are linked.
    take_turns([link.later_id])
    link = lock(link)
    if not roles.is_reviewer(by):
        raise Forbidden()
    if link.state == ShopLink.State.DISMISSED:
        raise WrongState()
    if not note.strip():
        raise Invalid(_("Say what tells so."), field="note")
    return link
