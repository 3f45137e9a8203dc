"""What people and the clock do with originals. One function, one transaction, one ledger entry.

An original is registered in an instant; fingerprint, search and certificate are owed to it and done by a worker
(`check_due`). Each step is a transaction of its own and says in the original's state how far it came, so that a worker
may be killed at any line and two workers do no harm.
"""

import hashlib
import logging
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from celery.exceptions import SoftTimeLimitExceeded
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts import roles
from accounts.models import Organisation, User
from core import clock, files, ledger, stamps
from core.errors import Forbidden, Invalid, NotYours, WrongState
from core.ids import next_number
from core.lifecycle import lock
from core.models import FilePurpose, PrivateFile
from core.outbox import hint, publish
from core.retries import retry_given_up
from filings import services as rights
from imageguard import explanations, index, pace, watching
from imageguard.engine import Hit, Mask, NotDistinctive, Reason, Suspect, Tier
from imageguard.errors import OnlyVerified, OwnCase, RegisteredBefore
from imageguard.lifecycle import LIFECYCLE, holder, reviewer
from imageguard.models import Collection, Conflict, Fingerprint, Licence, Original, SeenImage
from imageguard.seeing import is_of, owe_look
from imageguard.showing import picture_of
from marketplace.links import resolve
from marketplace.models import Target

log = logging.getLogger("ippro.imageguard")

State = Original.State
Refusal = Original.Refusal
#: few at a time: each takes some tenths of a second, and the last of them waits under its lease for the others
BATCH = 8
LEASE = timedelta(seconds=30)
#: how often an original is compared anew because earlier ones came in meanwhile, before it waits for them
SEARCHES = 4
LONGEST_TITLE = 200
MAX_LICENCES = 500
#: what the engine says of pictures that cannot be told from others, in our words
_REFUSALS = {Reason.FLAT: Refusal.FLAT, Reason.TEXT: Refusal.TEXT_ONLY, Reason.SMALL: Refusal.TOO_SMALL}


# --- registering -------------------------------------------------------------------------------------


def register_original(
    *, upload: Any, by: User, title: str = "", is_public: bool = False, wants_timestamp: bool = False
) -> Original:
    """Take in an image for first-publication protection; its certificate follows within seconds.

    The bytes are checked and stored first, outside the transaction. Raises Forbidden, OnlyVerified, Invalid, TooLarge,
    RegisteredBefore (with the earlier one's number), Busy, TooOften.
    """
    organisation = who_registers(by)
    time_stamp_can_be_had(wants_timestamp)
    pace.may_upload(by)
    file = files.keep(upload=upload, purpose=FilePurpose.ORIGINAL, by=by, organisation=organisation)
    return register_kept(file=file, by=by, title=title, is_public=is_public, wants_timestamp=wants_timestamp)


def register_kept(*, file: PrivateFile, by: User, title: str = "", is_public: bool, wants_timestamp: bool) -> Original:
    """Register an image that was kept for its organisation (`FilePurpose.ORIGINAL`). Raises RegisteredBefore."""
    organisation = file.organisation
    assert organisation is not None
    try:
        return _register(file, organisation, by, title or file.name, is_public, wants_timestamp)
    except IntegrityError as race:
        # The same bytes came twice at the same moment; the first of them counts.
        if earlier := claimed_before(organisation, file.sha256):
            raise RegisteredBefore(number=earlier.number, id=earlier.public_id) from race
        raise


def time_stamp_can_be_had(is_wanted: bool) -> None:
    """Raises Invalid where a time-stamp is wanted and no authority is connected: it would be promised for ever."""
    if is_wanted and not stamps.is_wanted():
        raise Invalid(
            _("No time-stamp authority is connected here. Register without a time-stamp, or ask the platform."),
            field="wants_timestamp",
        )


@transaction.atomic
def _register(
    file: PrivateFile, organisation: Organisation, by: User, title: str, is_public: bool, wants_timestamp: bool
) -> Original:
    if earlier := claimed_before(organisation, file.sha256):
        raise RegisteredBefore(number=earlier.number, id=earlier.public_id)
    at = clock.now()
    original = Original.objects.create(
        number=next_number("FP", at.year), organisation=organisation, registered_by=by, title=_title(title), image=file,
        sha256=file.sha256, state=State.RECEIVED, state_since_at=at, created_at=at, due_at=at, is_public=is_public,
        wants_timestamp=wants_timestamp,
    )  # fmt: skip
    ledger.record(
        kind="original.receive",
        subject=original.public_id,
        actor=by,
        payload={"to": State.RECEIVED, "number": original.number, "sha256": file.sha256},
    )
    hint("imageguard.tasks.check_due", queue="images")
    return original


def who_registers(by: User) -> Organisation:
    """The verified organisation for which somebody may register images. Raises Forbidden, OnlyVerified."""
    membership = by.membership
    if membership is None or membership.role not in roles.MAY_FILE_RIGHTS:
        raise Forbidden()
    if not membership.organisation.is_verified:
        raise OnlyVerified()
    return membership.organisation


def claimed_before(organisation: Organisation, sha256: str) -> Original | None:
    """The original of this organisation with these very bytes, if it still claims them."""
    return Original.objects.claiming().filter(organisation=organisation, sha256=sha256).first()


def _title(text: str) -> str:
    return " ".join(text.split())[:LONGEST_TITLE] or "—"


# --- checking ----------------------------------------------------------------------------------------


def check_due(limit: int = BATCH) -> int:
    """Bring up to `limit` originals on their way to the end of it; returns how many were tried."""
    tried = 0
    for original in Original.objects.in_turn(limit, of="organisation", lease=LEASE):
        _try(original, partial(check, original))
        tried += 1
    if tried == limit:
        hint("imageguard.tasks.check_due", queue="images")
    return tried


def _try(original: Original, step: Callable[[], Any]) -> None:
    try:
        step()
    except Overtaken as overtaken:
        original.put_off(str(overtaken))
    except Exception as failure:  # whatever it is, the others go on and this one is tried again
        log.exception("%s could not be checked", original.public_id)
        original.put_off(f"{type(failure).__name__}: {failure}")
        if isinstance(failure, SoftTimeLimitExceeded):
            raise


def check(original: Original) -> Original:
    """Fingerprint, search, certificate: every step that is still owed to an original."""
    owed = original
    if original.state == State.RECEIVED:
        original = _fingerprint(original)
    if original.state == State.CHECKED:
        original = _compare(original)
    if original.state == State.CERTIFIED and original.market_searched_at is None:
        _search_market(original)
    # What became due anew meanwhile, as by a licence that ended, stays due.
    owed.carried_out()
    original.refresh_from_db()
    return original


def _search_market(original: Original) -> None:
    """Owe a look to what is on the marketplaces already and may show an original.

    After a conflict it is also seen anew what the original shares with others. The masks of the search that opened the
    conflict were not stored, and a rival that lost shares nothing any more.
    """
    picture = picture_of(original.image)
    hits = watching.search_market(picture)
    made = None
    if original.conflicts.exists():
        made = index.engine(Collection.ORIGINALS).register(original.public_id, picture)
    with transaction.atomic():
        watching.look_again_at(original, hits)
        # Withdrawn in the meantime, it takes nothing from anybody.
        if made is not None and lock(original).is_certified:
            index.set_mask(collection=Collection.ORIGINALS, subject=original.public_id, mask=made.mask.to_bytes())
            index.add_masks(collection=Collection.ORIGINALS, masks=made.changed_masks)
        Original.objects.filter(pk=original.pk).update(market_searched_at=clock.now())


def _fingerprint(original: Original) -> Original:
    """Take the fingerprint and put it where everybody who comes later finds it; or refuse the picture."""
    picture = picture_of(original.image)
    originals = index.engine(Collection.ORIGINALS)
    try:
        made = originals.register(original.public_id, picture)
    except NotDistinctive as nothing:
        return _refuse(original, _REFUSALS[nothing.reason])
    with transaction.atomic():
        original = lock(original)
        if original.state != State.RECEIVED:
            return original
        index.put(
            collection=Collection.ORIGINALS, subject=original.public_id,
            data=made.fingerprint.to_bytes(), mask=made.mask.to_bytes(),
        )  # fmt: skip
        original.perceptual_hash = made.fingerprint.hash.tobytes().hex()
        LIFECYCLE.fire(
            original, "check", actor=None, payload={"perceptual_hash": original.perceptual_hash},
            writes=["perceptual_hash"],
        )  # fmt: skip
    return original


def _compare(original: Original) -> Original:
    """Compare with what others claim and what other sellers showed earlier; certify, refuse or open a conflict.

    The fingerprint already stands where others look, so that whoever was registered later sees it. Whoever was
    registered earlier and is looked at later looks for no later ones, and so nothing is decided on a search that the
    fingerprint of such a one came after: of two copies that come at the same moment at least one sees the other.
    Raises Overtaken.
    """
    picture = picture_of(original.image)
    suspect = Suspect.of(picture)  # asked about several times, and looked at once
    shown = watching.search_market(suspect)
    for _nth in range(SEARCHES):
        searched_at = index.Rows(Collection.ORIGINALS).latest()
        found = _alike(original, picture, suspect)
        with transaction.atomic():
            locked = lock(original)
            if locked.state != State.CHECKED:
                return locked
            index.hold(Collection.ORIGINALS)
            if not _earlier_came(original, searched_at):
                return _decide(locked, found, shown)
    raise Overtaken("registered earlier than this one, others are being looked at; it waits for them")


class Overtaken(Exception):
    """Originals that were registered earlier come in faster than this one can be compared with them."""


def _earlier_came(original: Original, searched_at: int) -> bool:
    """Whether the fingerprint of an original that was registered earlier has come since a search."""
    since = Fingerprint.objects.filter(
        collection=Collection.ORIGINALS, sequence__gt=searched_at, data__isnull=False
    ).values("subject")
    return Original.objects.claiming().filter(public_id__in=since, pk__lt=original.pk).exists()


@dataclass(frozen=True)
class _Alike:
    """Others' originals that may show the same, with what was done to the one to get the other; and own ones.

    `masks` is what this one shares with pictures that it is no copy of: no evidence in either from its certificate on,
    and not before, lest a thief blank out an original by handing in an edited copy of it.
    """

    own: frozenset[str]
    hits: Sequence[Hit]
    edits: Mapping[str, list[str]]
    masks: Mapping[str, Mask]


def _alike(original: Original, picture: Any, suspect: Suspect) -> _Alike:
    others = index.engine(Collection.ORIGINALS)
    made = others.register(original.public_id, picture)
    hits = made.hits
    claimed = {
        o.public_id: o
        for o in Original.objects.claiming().filter(public_id__in=[h.id for h in hits]).select_related("image")
    }
    own = {public_id for public_id, o in claimed.items() if o.organisation_id == original.organisation_id}
    if own:
        # Only what is surely the same and not cut or changed is the same again: the fast path tells.
        quick = others.find(suspect, leave_out={original.public_id})
        own &= {hit.id for hit in quick if "hash_distance" in hit.parts}
    strangers = [
        hit for hit in hits if hit.id in claimed and claimed[hit.id].organisation_id != original.organisation_id
    ]
    edits = {
        hit.id: watching.edits_between(
            picture_of(claimed[hit.id].image), suspect, index.mask_of(collection=Collection.ORIGINALS, subject=hit.id)
        )
        for hit in strangers
    }
    return _Alike(frozenset(own), strangers, edits, made.changed_masks)


def _decide(original: Original, found: _Alike, shown: Sequence[Hit]) -> Original:
    """Certificate, refusal or conflict for a locked original."""
    if again := _own_again(original, found.own):
        original.same_as = again
        return _refuse_locked(original, Refusal.OWN_AGAIN)
    rivals, shown_since_at = _earlier_listings(original, shown)
    original.shown_since_at = shown_since_at
    conflicts = _not_won_before(original, [*_earlier_originals(original, found), *rivals])
    if conflicts:
        Conflict.objects.bulk_create(conflicts, ignore_conflicts=True)
        explanations.owe(original.conflicts.select_related(*explanations.SHOWS))
        LIFECYCLE.fire(
            original, "contest", actor=None, payload={"rivals": len(conflicts)}, writes=["shown_since_at"],
        )  # fmt: skip
        # What the others showed is looked at once more, so that staff have our copy of it beside the original.
        owe_look(SeenImage.objects.filter(pk__in=[c.rival_image_id for c in rivals]))
        publish("original.in_conflict", original.public_id)
    else:
        _certify(original, "certify", by=None, writes=["shown_since_at"])
        index.add_masks(collection=Collection.ORIGINALS, masks=found.masks)
    return original


def _own_again(original: Original, same: AbstractSet[str]) -> Original | None:
    """The earlier certified original of the same organisation that shows the very same picture, if there is one."""
    mine = Original.objects.certified().filter(organisation=original.organisation_id, public_id__in=same)
    return mine.filter(pk__lt=original.pk).order_by("pk").first()


def _earlier_originals(original: Original, found: _Alike) -> list[Conflict]:
    """Conflicts with others' originals that came earlier, or were certified by now."""
    hits = {hit.id: hit for hit in found.hits}
    others = Original.objects.claiming().filter(public_id__in=hits).exclude(organisation=original.organisation_id)
    return [
        _conflict(original, hits[other.public_id], rival=other, edits=found.edits[other.public_id])
        for other in others.order_by("pk")
        if other.is_certified or other.pk < original.pk
    ]


def _earlier_listings(original: Original, shown: Sequence[Hit]) -> tuple[list[Conflict], datetime | None]:
    """Conflicts with listings of other sellers that showed the picture before this organisation did, one a shop; and
    since when this organisation's own shops showed it."""
    hits = {hit.id: hit for hit in shown if hit.tier is Tier.AUTOMATIC}
    images = SeenImage.objects.filter(public_id__in=hits).prefetch_related("appearances__target__shop")
    seen = [(a.first_seen_at, a.target, image) for image in images for a in image.appearances.all()]
    own = [at for at, target, _image in seen if is_of(target, original.organisation_id)]
    since = min([original.created_at, *own])
    rivals: dict[int, tuple[Target, SeenImage]] = {}
    for at, target, image in sorted(seen, key=lambda s: (s[0], s[1].pk)):
        if at < since and not is_of(target, original.organisation_id):
            rivals.setdefault(target.seller.pk, (target, image))
    conflicts = [
        _conflict(original, hits[image.public_id], rival_target=target, rival_image=image)
        for target, image in rivals.values()
    ]
    return conflicts, min(own, default=None)


def _not_won_before(original: Original, conflicts: Sequence[Conflict]) -> list[Conflict]:
    """Without those that this original won before it was examined again; one that it lost is open anew."""
    known = {(c.rival_id, c.rival_target_id): c for c in original.conflicts.all()}
    earlier = [(c, known.get((c.rival_id, c.rival_target_id))) for c in conflicts]
    lost = [before.pk for _c, before in earlier if before is not None and before.is_upheld is False]
    Conflict.objects.filter(pk__in=lost).update(settled_at=None, settled_by=None, is_upheld=None, note="")
    return [c for c, before in earlier if before is None or not before.is_upheld]


def _conflict(original: Original, hit: Hit, **rival: Any) -> Conflict:
    return Conflict(original=original, score=hit.score, parts=hit.parts, opened_at=clock.now(), **rival)


def _certify(original: Original, step: str, *, by: User | None, writes: Sequence[str] = ()) -> None:
    """Give the certificate to a locked original: the right goes on file in the same transaction."""
    original.certified_at = clock.now()
    original.filing = rights.file_certificate(
        organisation=original.organisation, by=original.registered_by, number=original.number, title=original.title
    )
    LIFECYCLE.fire(
        original, step, actor=by, writes=["certified_at", "filing", "public_reason", *writes],
        payload={
            "number": original.number, "sha256": original.sha256, "perceptual_hash": original.perceptual_hash,
            "holder": original.organisation.public_id, "filing": original.filing.public_id,
        },
    )  # fmt: skip
    publish("original.certified", original.public_id)


@transaction.atomic
def _refuse(original: Original, why: Refusal) -> Original:
    original = lock(original)
    return _refuse_locked(original, why) if original.state in (State.RECEIVED, State.CHECKED) else original


def _refuse_locked(original: Original, why: Refusal) -> Original:
    original.refusal = why
    LIFECYCLE.fire(original, "refuse", actor=None, payload={"why": why.value}, writes=["refusal", "same_as"])
    index.take_away(collection=Collection.ORIGINALS, subject=original.public_id)
    publish("original.refused", original.public_id)
    return original


def retry_check(*, original: Original, by: User) -> None:
    """Staff have an original whose check was given up tried once more. Raises Forbidden, NotDead."""
    if not reviewer(original, by):
        raise Forbidden()
    task = "imageguard.tasks.check_due"
    retry_given_up(row=original, by=by, kind="original.retried", subject=original.public_id, task=task, queue="images")


# --- conflicts ---------------------------------------------------------------------------------------


@transaction.atomic
def settle_conflict(
    *, conflict: Conflict, by: User, is_upheld: bool, note: str, both_stand: bool = False, public_reason: str = ""
) -> Original:
    """Say whether the original stands against one rival; with the last of them the original is certified or refused.

    Lost against one rival, it is refused at once. Where it stands against an earlier original, that one falls by the
    same decision: a certificate that this contradicts is revoked, with a reason that everybody may read. `both_stand`
    where neither was taken from the other, or the one with the leave of the other: then nobody loses anything.
    Raises Forbidden, OwnCase, Invalid, WrongState.
    """
    note = said(note, "note")
    sides = [side for side in (conflict.original, conflict.rival) if side is not None]
    # In one order: two people may settle the same two the other way round.
    locked = {side.pk: lock(side) for side in sorted(sides, key=lambda side: side.pk)}
    original = locked[conflict.original_id]
    rival = None if conflict.rival_id is None else locked[conflict.rival_id]
    _decided_by(original, by)
    if by.memberships.filter(organisation__in=conflict.parties).exists():
        raise OwnCase()
    conflict = Conflict.objects.select_for_update(of=("self",)).get(pk=conflict.pk)
    if conflict.settled_at is not None:
        LIFECYCLE.check(original, "settle_for" if is_upheld else "settle_against", by)
        raise Invalid(_("This conflict was settled in the meantime."), field="note")
    conflict.settled_at, conflict.settled_by, conflict.note = clock.now(), by, note
    conflict.is_upheld = is_upheld
    conflict.is_rival_upheld = None if rival is None else both_stand or not is_upheld
    conflict.save(update_fields=["settled_at", "settled_by", "is_upheld", "is_rival_upheld", "note"])
    ledger.record(
        kind="original.conflict_settled", subject=original.public_id, actor=by,
        payload={"conflict": conflict.public_id, "stands": is_upheld, "rival_stands": conflict.is_rival_upheld},
    )  # fmt: skip
    publish("conflict.settled", conflict.public_id)
    if rival is not None and not conflict.is_rival_upheld:
        _contradicted(rival, by, public_reason)
    if not is_upheld:
        _fall(original, by)
    elif not original.conflicts.open().exists():
        _certify(original, "settle_for", by=by)
        # The market is still to be searched for it.
        Original.objects.filter(pk=original.pk).update(due_at=clock.now(), done_at=None)
        hint("imageguard.tasks.check_due", queue="images")
    return original


def _contradicted(rival: Original, by: User, public_reason: str) -> None:
    """A settled conflict found that an earlier original was not first: what it claims ends, whatever it has by now."""
    if rival.is_certified:
        _revoke_locked(rival, by, public_reason)
    elif rival.state in Original.CLAIMING:
        _fall(rival, by)


def _fall(original: Original, by: User) -> None:
    """Somebody else was first: a locked original without a certificate is refused, and nothing is left to settle."""
    original.refusal, original.public_reason = Refusal.CONFLICT, ""
    LIFECYCLE.fire(original, "settle_against", actor=by, writes=["refusal", "public_reason"])
    index.take_away(collection=Collection.ORIGINALS, subject=original.public_id)
    Original.objects.filter(pk=original.pk).update(due_at=None)
    Conflict.objects.open().filter(original=original).update(settled_at=clock.now())
    publish("original.refused", original.public_id)


def said(text: str, field: str) -> str:
    """Words that somebody must say. Raises Invalid without them."""
    text = text.strip()
    if not text:
        raise Invalid(_("Say why, in words that the other side can act on."), field=field)
    return text


def _digest(text: str) -> dict[str, str]:
    """What the ledger keeps of words that may name people: nothing ever leaves it."""
    return {"reason_sha256": hashlib.sha256(text.encode()).hexdigest()}


def _decided_by(original: Original, by: User) -> None:
    if not reviewer(original, by):
        raise Forbidden()
    if by.memberships.filter(organisation_id=original.organisation_id).exists():
        raise OwnCase()


# --- the end of a certificate ------------------------------------------------------------------------


@transaction.atomic
def withdraw(*, original: Original, by: User) -> Original:
    """The holder takes an image back: its certificate proves nothing any more. Raises Forbidden, WrongState."""
    original = lock(original)
    LIFECYCLE.fire(original, "withdraw", actor=by)
    return _ended(original)


@transaction.atomic
def revoke(*, original: Original, by: User, public_reason: str) -> Original:
    """Staff revoke a certificate with a reason that everybody may read. Raises Forbidden, OwnCase, Invalid, WrongState."""
    original = lock(original)
    _decided_by(original, by)
    return _revoke_locked(original, by, public_reason)


def _revoke_locked(original: Original, by: User, public_reason: str) -> Original:
    original.public_reason = said(public_reason, "public_reason")
    LIFECYCLE.fire(original, "revoke", actor=by, payload=_digest(original.public_reason), writes=["public_reason"])
    return _ended(original)


@transaction.atomic
def reexamine(*, original: Original, by: User, appeal: str) -> Original:
    """Check an image anew whose certificate was refused or revoked, because an appeal against that was right.

    It goes the whole way once more: a conflict that was lost opens again if its rival is still found, and somebody
    settles it anew. `appeal` is the public id of the appeal. Raises Forbidden, OwnCase, WrongState (also when the holder
    has registered the image once more since).
    """
    original = lock(original)
    _decided_by(original, by)
    if again := claimed_before(original.organisation, original.sha256):
        raise WrongState(
            _("The holder has registered this image again since, as %(number)s.") % {"number": again.number}
        )
    original.refusal, original.public_reason, original.same_as = "", "", None
    original.market_searched_at = None
    LIFECYCLE.fire(
        original, "reexamine", actor=by, payload={"appeal": appeal},
        writes=["refusal", "public_reason", "same_as", "market_searched_at"],
    )  # fmt: skip
    Original.objects.filter(pk=original.pk).update(
        due_at=clock.now(), done_at=None, dead_at=None, leased_until=None, attempts=0, last_error=""
    )
    hint("imageguard.tasks.check_due", queue="images")
    return original


def _ended(original: Original) -> Original:
    index.take_away(collection=Collection.ORIGINALS, subject=original.public_id)
    Original.objects.filter(pk=original.pk).update(due_at=None)
    Conflict.objects.open().filter(original=original).update(settled_at=clock.now())
    if original.filing is not None:
        rights.end_certificate(filing=original.filing)
    publish("original.ended", original.public_id)
    return original


# --- what the holder chooses ---------------------------------------------------------------------------


@transaction.atomic
def change_original(
    *, original: Original, by: User, title: str | None = None, is_public: bool | None = None,
    complains_automatically: bool | None = None, signature: str = "", good_faith: bool = False,
) -> Original:  # fmt: skip
    """Change what the holder may choose at any time: title, whether the public sees the image, whether copies that are
    sure are complained of by themselves.

    Who switches that on signs for every complaint that comes of it, in good faith; who signs anew takes its place.
    Raises Forbidden, Invalid.
    """
    original = lock(original)
    if not holder(original, by):
        raise Forbidden()
    chosen = {
        "title": None if title is None else _title(title), "is_public": is_public,
        "complains_automatically": complains_automatically,
    }  # fmt: skip
    changed: dict[str, Any] = {
        n: value for n, value in chosen.items() if value is not None and value != getattr(original, n)
    }
    recorded = {name: value for name, value in changed.items() if name != "title"}
    if complains_automatically and ("complains_automatically" in changed or signature.strip()):
        _require_signed(signature, good_faith)
        recorded |= {"complains_automatically": True, "good_faith": True}
        changed |= {
            "complains_automatically": True, "complains_for": by, "complains_signature": signature.strip(),
            "complains_since_at": clock.now(),
        }  # fmt: skip
    elif complains_automatically is False and original.complains_automatically:
        changed |= {"complains_for": None, "complains_signature": "", "complains_since_at": None}
    if changed:
        for name, value in changed.items():
            setattr(original, name, value)
        original.save(update_fields=list(changed))
        ledger.record(kind="original.change", subject=original.public_id, actor=by, payload=recorded)
    return original


def _require_signed(signature: str, good_faith: bool) -> None:
    """Source: Fa Fa [2020] No. 32 art. 5(1), (4): a notice names who signs it and assures that it is true."""
    missing = {
        "signature": [] if signature.strip() else [_("Write the name of the person who signs the notices.")],
        "good_faith": [] if good_faith else [_("Without this assurance no notice can be sent.")],
    }
    if errors := {name: words for name, words in missing.items() if words}:
        raise Invalid(errors=errors)


@transaction.atomic
def grant_licence(*, original: Original, by: User, shop_link: str, note: str = "") -> Licence:
    """Allow a shop to use an image; what it shows is no match from now on. Granted before, it is the same licence.

    `shop_link` is the address or share text of the shop. Raises Forbidden, Invalid.
    """
    original = lock(original)
    if not holder(original, by):
        raise Forbidden()
    (found,) = resolve([shop_link])
    if found.target is None:
        raise Invalid(found.message, field="shop")
    shop = found.target.seller
    if shop.kind != Target.Kind.SHOP:
        raise Invalid(_("Nobody is known to sell this. Paste the link of the shop itself."), field="shop")
    active = Licence.objects.active().filter(original=original)
    if existing := active.filter(shop=shop).first():
        return existing
    if active.count() >= MAX_LICENCES:
        raise Invalid(_("At most %(most)d shops can be allowed.") % {"most": MAX_LICENCES}, field="shop")
    licence = Licence.objects.create(original=original, shop=shop, note=note[:200], granted_by=by)
    ledger.record(
        kind="licence.grant", subject=original.public_id, actor=by,
        payload={"licence": licence.public_id, "shop": shop.public_id},
    )  # fmt: skip
    publish("licence.granted", licence.public_id)
    return licence


@transaction.atomic
def end_licence(*, licence: Licence, by: User) -> Licence:
    """End a licence; what the shop shows after this is a match. Raises Forbidden, NotYours."""
    original = lock(licence.original)
    if not holder(original, by):
        raise Forbidden()
    ended = Licence.objects.active().filter(pk=licence.pk).update(ended_at=clock.now())
    if not ended:
        raise NotYours()
    ledger.record(kind="licence.end", subject=original.public_id, actor=by, payload={"licence": licence.public_id})
    publish("licence.ended", licence.public_id)
    licence.refresh_from_db()
    return licence
