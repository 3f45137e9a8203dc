"""Before it is published: what a marketplace is about to put on sale, and whether it should.

The listing is looked at as if it were on sale already, by the same signals. It is written down nowhere but in the answer;
once it is published it comes in as an event and is inspected like any other.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core import clock, imaging, ledger
from core.errors import DomainError, Invalid
from core.fetch import FetchError, Unreachable
from core.sql import Columns, read, write
from imageguard.models import Original
from imageguard.showing import picture_from
from marketplace import pictures
from marketplace.events import Rejected, content_of
from marketplace.models import Hold, Marketplace, Target
from patrol import inspecting, rechecks, risk, terms
from patrol.inspecting import Found
from patrol.linked_shops import shut_ones_of
from patrol.models import OfficialImage, Precheck, WatchProfile
from patrol.reasons import usual_rule
from patrol.signals import Seen, Sights, image, words
from patrol.signals.wording import PLAIN

Answer = Precheck.Answer
#: pictures are fetched and looked at for so long; for what is not looked at by then nobody waits
PICTURE_SECONDS = 0.25
MOST_PICTURES = 3
LOOKED_PX = 1024
KEPT = timedelta(days=365)
FORGET_AT_ONCE = 5000
#: a name beside one of these says that the goods are a copy
_COPIES = frozenset({"wording.copy", "wording.replica", "text.code"})
_NAMES = frozenset({"text.name", "text.isbn", "text.disguised"})
_OTHER_GOODS = frozenset({"text.compatible", "text.negated"})
#: what a shop breaks that goes on under another name, or puts up again what was taken down
EVASION, RELISTING = "M10", "M8"
_TARGET, _PRECHECK = Columns(Target, "t"), Columns(Precheck, "p")
#: counts shops of every marketplace
_OF_OTHERS = frozenset({"seller.banned_operator"})
#: what earlier versions wrote down, too
_SECRET = frozenset({"floor"})
HELD, LINKED, UNSEEN = "shop.held", "shop.linked", "pictures.unseen"


def check(*, marketplace: Marketplace, body: Any) -> Precheck:
    """What is to be done with a listing that is about to be published: pass, review or block, and why.

    `body` is the `data` of a `listing.upserted` event, `kind` another kind than a listing; it needs no `external_id` yet.
    Asked again with the same content it is the same answer while nothing else was learned. Raises Invalid.
    """
    kind = body.get("kind") or Target.Kind.LISTING if isinstance(body, Mapping) else Target.Kind.LISTING
    if kind not in Target.Kind.values:
        raise Invalid(_("kind: listing, video, livestream or shop."), field="kind")
    try:
        content = content_of(body, kind=kind)
    except Rejected as wrong:
        raise Invalid(str(wrong), field=str(wrong).partition(":")[0]) from wrong
    target = _as_target(marketplace, kind, content)
    shown = _in_pictures(target)
    found = inspecting.inspect([target], pictures=shown.sights)
    answer = _answer(found, _standing_of(target), shown)
    if shown.unseen:
        answer["signals"].append(Seen(UNSEEN, 0.0, {"pictures": shown.unseen}).as_json())
    row = Precheck(
        marketplace=marketplace, external_id=content["external_id"], shop_external_id=content.get("shop_external_id", ""),
        content_hash=ledger.payload_hash({"kind": kind, **content}), **answer,
    )  # fmt: skip
    return _kept(row)


def _as_target(marketplace: Marketplace, kind: str, content: Mapping[str, Any]) -> Target:
    """The target as it will stand in the mirror; it is not saved."""
    shop_id = content.get("shop_external_id", "")
    shop = _shop(marketplace, shop_id) if shop_id else None
    known = None
    if kind == Target.Kind.SHOP and content["external_id"]:
        known = _shop(marketplace, content["external_id"])
    fields = ("external_id", "url", "title", "description", "category", "currency", "images", "attributes")
    said = {name: content[name] for name in fields}
    of_shop = ("share_token", "operator_name", "operator_uscc")
    said |= {name: content[name] for name in of_shop if name in content}
    if known is not None:
        # Judged as it will be, not as it was. Nobody gets rid of an operator by leaving it out.
        for name, value in said.items():
            if value or name not in of_shop:
                setattr(known, name, value)
        return known
    price = Decimal(content["price"]) if content["price"] else None
    return Target(
        marketplace=marketplace, kind=kind, shop=shop, price=price, frames=content.get("frames", []),
        first_seen_at=clock.now(), **said,
    )  # fmt: skip


def _shop(marketplace: Marketplace, external_id: str) -> Target | None:
    rows = read(
        f'SELECT {_TARGET} FROM "marketplace_target" t '  # noqa: S608 columns of our own
        'WHERE t."marketplace_id" = %s AND t."kind" = %s AND t."external_id" = %s',
        [marketplace.pk, Target.Kind.SHOP.value, external_id], _TARGET,
    )  # fmt: skip
    return rows[0][0] if rows else None


# --- what is seen -------------------------------------------------------------------------------------------


@dataclass
class _Shown:
    """What the first pictures show."""

    #: official pictures, by profile
    sights: Sights = field(default_factory=dict)
    #: certified originals of others
    originals: list[Seen] = field(default_factory=list)
    #: pictures that were looked at, and that could not be in time
    looked_at: int = 0
    unseen: int = 0

    @property
    def is_blind(self) -> bool:
        return bool(self.unseen) and not self.looked_at


def _in_pictures(target: Target) -> _Shown:
    """Nobody's picture is fetched where no picture is protected. Not inside a transaction."""
    shown = _Shown()
    if not target.images or not _is_any_picture_protected():
        return shown
    watched = terms.watch().profiles
    ends_at = time.monotonic() + PICTURE_SECONDS
    trusted = pictures.trusted_origins(target.marketplace)
    addresses = pictures.fetchable(target.images)[:MOST_PICTURES]
    shown.unseen = min(len(target.images), MOST_PICTURES) - len(addresses)
    for url in addresses:
        left = ends_at - time.monotonic()
        try:
            if left <= 0:
                raise Unreachable("no time left")
            content = pictures.fetch_picture(url, trusted=trusted, seconds=left).content
            picture = picture_from(imaging.decode(content, preview_px=LOOKED_PX).preview)
        except (FetchError, DomainError):
            shown.unseen += 1
            continue
        official, originals = image.see_picture(picture, target, watched, seconds=ends_at - time.monotonic())
        for profile, seen in official.items():
            shown.sights.setdefault((0, profile), []).extend(seen)
        shown.originals += [one for one in originals if one not in shown.originals]
        shown.looked_at += 1
    return shown


def _is_any_picture_protected() -> bool:
    official = OfficialImage.objects.filter(profile__in=WatchProfile.objects.watching())
    return official.exists() or Original.objects.certified().exists()


@dataclass
class _Standing:
    """What speaks against the seller whatever the listing says, the rule that it breaks, and whether it is enough."""

    seen: list[Seen] = field(default_factory=list)
    rule: str = ""
    blocks: bool = True


def _standing_of(target: Target) -> _Standing:
    """Whether its shop is held down itself, or one of the same operator is banned, or this was taken down before."""
    shop = target.seller
    if shop.kind != Target.Kind.SHOP:
        return _Standing()
    # Of this marketplace alone: what another one has shut is no business of it.
    held = Hold.objects.active().filter(target__kind=Target.Kind.SHOP, target__marketplace=shop.marketplace_id)
    if shop.pk and held.filter(target=shop).exists():
        return _Standing([Seen(HELD, 1.0, {"shop": shop.external_id})])
    shut = shut_ones_of([shop])[shop.pk]
    linked = Target.objects.filter(pk__in=shut, marketplace=shop.marketplace_id).order_by("pk").first()
    if linked:
        return _Standing([Seen(LINKED, 1.0, {"shop": linked.external_id})], EVASION)
    again, is_the_same = rechecks.put_up_again_by(target) if target.kind != Target.Kind.SHOP else ([], False)
    return _Standing(again, RELISTING if again else "", is_the_same)


# --- what follows ---------------------------------------------------------------------------------------------


def _answer(found: Sequence[Found], standing: _Standing, shown: _Shown) -> dict[str, Any]:
    """The only place that says what is blocked, what a person looks at, and what passes.

    Of a listing that is blind no picture could be looked at: nobody knows that it shows no copy, so that it never passes.
    A copy of a certified original is for a person: its shop may have the leave of which we do not know.
    """
    best = found[0] if found else None
    sure = risk.in_use().sure if found else 1.0
    blocked = next((one for one in found if _is_sure(one, sure) or _says_it_is_a_copy(one.seen)), None)
    if standing.seen and standing.blocks:
        answer, about = Answer.BLOCK, best
    elif blocked is not None:
        answer, about = Answer.BLOCK, blocked
    elif best or standing.seen or shown.originals or shown.is_blind:
        answer, about = Answer.REVIEW, best
    else:
        answer, about = Answer.PASS, None
    rule = standing.rule
    if not standing.seen and about:
        rule = usual_rule(about.profile, about.target.kind)
    seen = [*standing.seen, *shown.originals, *(about.seen if about else ())]
    return {
        "answer": answer, "profile": about.profile if about else None, "score": about.score if about else 0.0,
        "rule": rule, "signals": [one.as_json() for one in seen],
    }  # fmt: skip


def _is_sure(found: Found, sure: float) -> bool:
    """Whether a score alone is enough: only where staff let it be, on measured precision, and never for a whole shop.

    A score may stand on prices that the brand wrote itself: second-hand goods are cheap, too.
    """
    return found.profile.is_automatic and found.score >= sure and found.target.kind != Target.Kind.SHOP


def _says_it_is_a_copy(seen: Sequence[Seen]) -> bool:
    signals = {one.signal for one in seen}
    plain = {one.signal for one in seen if one.strength >= PLAIN}
    return bool(plain & _COPIES and signals & _NAMES and not signals & _OTHER_GOODS)


def told(row: Precheck) -> list[dict[str, Any]]:
    """What was seen, as far as it is the marketplace's business: nothing of shops elsewhere, nor what a brand keeps to itself."""
    return [
        {**seen, "data": {name: value for name, value in seen["data"].items() if name not in _SECRET}}
        for seen in row.signals
        if seen["signal"] not in _OF_OTHERS
    ]


def reasons(row: Precheck) -> list[str]:
    """Why, in words, in the reader's language."""
    return [_in_words(seen) for seen in told(row)]


def _in_words(seen: Mapping[str, Any]) -> str:
    shop = {"shop": seen["data"].get("shop", "")}
    if seen["signal"] == HELD:
        return _("The shop %(shop)s is shut: nothing of it is put on sale.") % shop
    if seen["signal"] == LINKED:
        return _("The operator of this shop runs another one that a penalty shut: %(shop)s.") % shop
    if seen["signal"] == UNSEEN:
        n = seen["data"].get("pictures", 0)
        said = ngettext(
            "%(n)d picture could not be looked at in time.", "%(n)d pictures could not be looked at in time.", n
        )
        return said % {"n": n}
    return words.words(seen)


def _kept(row: Precheck) -> Precheck:
    """The row, or the one that gave the same answer to the same question last."""
    asked_before = read(
        f'SELECT {_PRECHECK} FROM "patrol_precheck" p '  # noqa: S608 columns of our own
        'WHERE p."content_hash" = %s AND p."marketplace_id" = %s ORDER BY p."id" DESC LIMIT 1',
        [row.content_hash, row.marketplace_id], _PRECHECK,
    )  # fmt: skip
    same = ("answer", "rule", "profile_id")
    for (last,) in asked_before:
        if all(getattr(last, name) == getattr(row, name) for name in same):
            last.profile = row.profile
            return last
    with transaction.atomic():
        if connection.vendor == "postgresql":
            # Nobody owes anybody anything by this row: the answer does not wait for the disk.
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL synchronous_commit TO OFF")
        write([row])
    return row


def forget_old() -> int:
    """Drop what is older than a year, in small transactions; returns how many."""
    old = Precheck.objects.filter(at__lt=clock.now() - KEPT).order_by("at")
    forgotten = 0
    while pks := list(old.values_list("pk", flat=True)[:FORGET_AT_ONCE]):
        forgotten += Precheck.objects.filter(pk__in=pks).delete()[0]
    return forgotten
