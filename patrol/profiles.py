"""What people and the clock do with watch profiles. Every change is one ledger entry and one version more.

Pictures are checked and stored before the transaction that attaches them; what is never attached is swept.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from stdnum import isbn as isbn_numbers
from stdnum.exceptions import ValidationError as NotANumber

from accounts import roles
from accounts.models import User
from core import clock, files, ledger
from core.errors import Forbidden, Invalid, NotYours, WrongState
from core.ids import next_number
from core.lifecycle import lock
from core.models import FilePurpose, PrivateFile
from core.obligations import each_due
from core.outbox import hint, publish
from core.text import clean_text
from filings.models import Filing, RightKind
from marketplace.links import resolve
from marketplace.models import Target
from patrol import automatic, scanning
from patrol.errors import NotWatchable, StaleProfile
from patrol.lifecycle import CANDIDATES, OPEN, PROFILES, UNDER_WAY, holder_or_officer
from patrol.models import AuthorisedShop, Candidate, OfficialImage, Scan, WatchProfile, WatchTerm
from patrol.terms import faults_of_term

State = WatchProfile.State
Kind = WatchProfile.Kind
#: after the last change what is on sale is looked at anew, so that an afternoon of editing is one scan
QUIET = timedelta(minutes=5)
#: of what an ended profile found so much is let go in one transaction
LET_GO_AT_ONCE = 500
MAX_TERMS, MAX_SHOPS, MAX_IMAGES, MAX_CATEGORIES = 200, 500, 50, 50
#: what can be watched under each kind of right, the usual first; certified images are looked for in `imageguard`
KINDS: dict[str, tuple[str, ...]] = {
    RightKind.TRADEMARK: (Kind.BRAND,),
    RightKind.GEOGRAPHICAL_INDICATION: (Kind.BRAND,),
    RightKind.PATENT_INVENTION: (Kind.BRAND,),
    RightKind.PATENT_UTILITY: (Kind.BRAND,),
    RightKind.PATENT_DESIGN: (Kind.BRAND,),
    RightKind.PUBLISHING: (Kind.BOOK,),
    RightKind.COPYRIGHT_WORK: (Kind.WORK, Kind.BOOK),
    RightKind.COPYRIGHT_SOFTWARE: (Kind.WORK,),
}
#: lists of terms as a form names them
TERMS = {
    "names": WatchTerm.Kind.NAME,
    "code_words": WatchTerm.Kind.CODE,
    "honest_words": WatchTerm.Kind.HONEST,
}
PRICES = ("list_price", "usual_price", "price_floor")


# --- beginning ---------------------------------------------------------------------------------------------


def watchable(by: User) -> Any:
    """The rights in force that this person's organisation could watch and does not watch yet; to staff, all such."""
    untouched = Q(watch_profile__is_begun_by_platform=True, watch_profile__state=State.DRAFT)
    free = Filing.objects.in_force().filter(untouched | Q(watch_profile=None), kind__in=KINDS)  # type: ignore[attr-defined]
    if not by.is_staff:
        m = by.membership
        free = free.filter(organisation_id=m.organisation_id) if m else free.none()
    return free.select_related("organisation").order_by("title", "pk")


@transaction.atomic
def create(*, filing: Filing, by: User, kind: str = "", name: str = "", **said: Any) -> WatchProfile:
    """Begin to watch under a right on file that is in force; its title is the first name to look for.

    Raises Forbidden, NotWatchable, Invalid (by field). A right has one profile: asked again, it says so.
    """
    filing = lock(filing)
    if filing.kind not in KINDS or not filing.is_in_force():
        raise NotWatchable(field="filing")
    at = clock.now()
    profile = WatchProfile(
        filing=filing, kind=kind or KINDS[filing.kind][0], name=name or filing.title, state_since_at=at, created_at=at,
        changed_at=at,
    )  # fmt: skip
    if not holder_or_officer(profile, by):
        raise Forbidden()
    existing = WatchProfile.objects.select_for_update(of=("self",), no_key=True).filter(filing=filing).first()
    if existing is not None and not _is_untouched(existing):
        raise NotWatchable(
            _("This right is watched already, as %(number)s. Change that profile.") % {"number": existing.number},
            field="filing",
        )
    if "names" not in said and not faults_of_term(filing.title[:100]):
        said["names"] = [filing.title[:100]]
    said = {"kind": profile.kind, "name": profile.name, **said}
    if existing is not None:
        # What a re-check found stands under it already: it becomes the holder's own.
        _set_terms(existing, _take(existing, said))
        _changed(existing, by, step="take_over", kind=existing.kind, **_terms_in_ledger(existing))
        return existing
    terms = _take(profile, said)
    profile.number = next_number("WP", at.year)
    profile.save(force_insert=True)
    _set_terms(profile, terms)
    ledger.record(
        kind="profile.draft", subject=profile.public_id, actor=by,
        payload={"to": State.DRAFT, "kind": profile.kind, "filing": filing.public_id, **_terms_in_ledger(profile)},
    )  # fmt: skip
    return profile


@transaction.atomic
def begin_for_platform(*, filing: Filing) -> WatchProfile:
    """The profile of a right; one that nobody watches yet gets a draft, under which what a re-check found stands.

    Its holder takes it over by beginning to watch, or by changing it.
    """
    if known := WatchProfile.objects.select_related("filing").filter(filing=filing).first():
        return known
    filing = lock(filing)
    if known := WatchProfile.objects.select_related("filing").filter(filing=filing).first():
        return known
    at = clock.now()
    profile = WatchProfile.objects.create(
        filing=filing, kind=KINDS.get(filing.kind, (Kind.WORK,))[0], name=filing.title[:200], is_begun_by_platform=True,
        number=next_number("WP", at.year), state_since_at=at, created_at=at, changed_at=at,
    )  # fmt: skip
    ledger.record(
        kind="profile.draft", subject=profile.public_id,
        payload={"to": State.DRAFT, "kind": profile.kind, "filing": filing.public_id, "by_platform": True},
    )  # fmt: skip
    return profile


def _is_untouched(profile: WatchProfile) -> bool:
    return profile.is_begun_by_platform and profile.state == State.DRAFT


# --- changing ----------------------------------------------------------------------------------------------


@transaction.atomic
def change(*, profile: WatchProfile, by: User, version: int | None = None, **said: Any) -> WatchProfile:
    """Change what is looked for: any of the fields, and whole lists of terms (`names`, `code_words`, `honest_words`).

    Raises Forbidden, StaleProfile, WrongState, Invalid (everything that is wrong, by field).
    """
    profile = _to_change(profile, by, version)
    before = {name: getattr(profile, name) for name in said if name not in TERMS}
    old_terms = {(term.kind, term.text) for term in profile.terms.all()}
    terms = _take(profile, said)
    wanted = {(kind, text) for kind, texts in terms.items() for text in texts}
    changed = [name for name, value in before.items() if getattr(profile, name) != value]
    changed += [name for name, kind in TERMS.items() if kind in terms and _of(old_terms, kind) != _of(wanted, kind)]
    if changed:
        _set_terms(profile, terms)
        _changed(profile, by, fields=sorted(changed), **_terms_in_ledger(profile))
    return profile


def _of(terms: Iterable[tuple[str, str]], kind: str) -> set[str]:
    return {text for of, text in terms if of == kind}


def _to_change(profile: WatchProfile, by: User, version: int | None = None) -> WatchProfile:
    """The profile under lock, if this person may change it now."""
    profile = lock(profile)
    if not holder_or_officer(profile, by):
        raise Forbidden()
    if profile.state == State.ENDED:
        raise WrongState(_("This profile has ended. Begin it again to change it."))
    if version is not None and version != profile.version:
        raise StaleProfile()
    return profile


def _changed(
    profile: WatchProfile, by: User | None, *, step: str = "change", looks: bool = True, **payload: Any
) -> None:
    """Every change of anything that belongs to a profile ends here: one version more, one entry, one scan that is owed."""
    profile.version += 1
    profile.changed_at = clock.now()
    profile.is_begun_by_platform = False
    if looks and profile.state == State.WATCHING:
        profile.scan_due_at = profile.changed_at + QUIET
    profile.save()
    ledger.record(
        kind=f"profile.{step}", subject=profile.public_id, actor=by, payload={"version": profile.version, **payload}
    )


# --- what is on sale already -----------------------------------------------------------------------------------


def begin_owed_scans() -> int:
    """Scan the market for profiles that changed a while ago, or have begun to watch; returns for how many."""
    return each_due(_scans_owed, lambda profile: look_anew(profile=profile))


def _scans_owed() -> QuerySet[WatchProfile]:
    return WatchProfile.objects.watching().filter(scan_due_at__lte=clock.now()).order_by("scan_due_at", "pk")


@transaction.atomic
def look_anew(*, profile: WatchProfile) -> bool:
    """Scan the market for one profile, from the beginning if that was under way; twice does it once."""
    profile = lock(profile)
    if profile.state != State.WATCHING or profile.scan_due_at is None or profile.scan_due_at > clock.now():
        return False
    profile.scan_due_at = None
    profile.save(update_fields=["scan_due_at"])
    under_way = Scan.objects.filter(profile=profile, marketplace=None, state__in=UNDER_WAY)
    if under_way.filter(created_at__gt=max(profile.changed_at, profile.state_since_at)).exists():
        return True  # somebody began it since
    for scan in under_way:
        scanning.cancel(scan=scan, by=None)
    scanning.start(by=None, profile=profile)
    return True


def _terms_in_ledger(profile: WatchProfile) -> dict[str, Any]:
    terms = sorted(profile.terms.values_list("kind", "text"))
    return {"terms": len(terms), "terms_sha256": ledger.payload_hash([list(term) for term in terms])}


# --- what a profile may say ----------------------------------------------------------------------------------


def _take(profile: WatchProfile, said: dict[str, Any]) -> dict[str, list[str]]:
    """Write fields into a profile; returns the lists of terms that were given, clean, by kind. Raises Invalid."""
    errors: dict[str, list[Any]] = {}
    for name, value in said.items():
        if name in TERMS:
            continue
        clean = _CLEAN.get(name)
        if clean is None:
            raise TypeError(f"a profile has no {name}")
        try:
            setattr(profile, name, clean(profile, value))
        except Invalid as wrong:
            errors[name] = [wrong.message]
        except ValidationError as wrong:
            errors[name] = wrong.messages
    errors |= {} if errors.keys() & set(PRICES) else _faults_of_prices(profile)
    terms: dict[str, list[str]] = {}
    for name in [name for name in TERMS if name in said]:
        try:
            terms[TERMS[name]] = _clean_terms(said[name], TERMS[name])
        except Invalid as wrong:
            errors[name] = [wrong.message, *wrong.errors.get("more", [])]
    if not errors:
        errors = _faults_of_all_terms(profile, terms)
    if errors:
        raise Invalid(errors=errors)
    return terms


def _clean_terms(texts: Iterable[str], kind: str) -> list[str]:
    found: dict[str, None] = {}
    wrong = []
    for text in texts:
        try:
            term = clean_text(str(text), max_length=100)
        except ValidationError as failure:
            wrong += failure.messages
            continue
        if not term:
            continue
        wrong += faults_of_term(term, kind)
        found[term] = None
    if wrong:
        raise Invalid(wrong[0], errors={"more": wrong[1:10]})
    return list(found)


def _faults_of_all_terms(profile: WatchProfile, terms: dict[str, list[str]]) -> dict[str, list[Any]]:
    """One word means one thing, and there are not more of them than can be looked at by hand."""
    kept = profile.terms.exclude(kind__in=terms) if profile.pk else WatchTerm.objects.none()
    everywhere = [(term.kind, term.text) for term in kept] + [(k, t) for k, texts in terms.items() for t in texts]
    field: dict[str, str] = {kind: name for name, kind in TERMS.items()}
    if len(everywhere) > MAX_TERMS:
        name = field[next(iter(terms), WatchTerm.Kind.NAME)]
        return {name: [_("At most %(most)d words in one profile.") % {"most": MAX_TERMS}]}
    seen: dict[str, str] = {}
    for kind, text in everywhere:
        other = seen.setdefault(text, kind)
        if other != kind:
            said = _("“%(term)s” stands in two lists. Keep it in one.") % {"term": text}
            return {field[kind if kind in terms else other]: [said]}
    return {}


def _set_terms(profile: WatchProfile, terms: dict[str, list[str]]) -> None:
    for kind, texts in terms.items():
        profile.terms.filter(kind=kind).exclude(text__in=texts).delete()
    have = set(profile.terms.values_list("text", flat=True))
    WatchTerm.objects.bulk_create(
        [WatchTerm(profile=profile, kind=kind, text=t) for kind, texts in terms.items() for t in texts if t not in have]
    )


def _faults_of_prices(profile: WatchProfile) -> dict[str, list[Any]]:
    floor, most = profile.price_floor, profile.list_price
    if floor is not None and most is not None and floor > most:
        return {"price_floor": [_("The floor is above the list price. Genuine goods cost the list price at most.")]}
    if floor is not None and profile.usual_price is not None and floor > profile.usual_price:
        return {"price_floor": [_("The floor is above the usual price, so that genuine goods would be below it.")]}
    return {}


def _kind(profile: WatchProfile, value: Any) -> str:
    if value not in KINDS[profile.filing.kind]:
        raise Invalid(_("This cannot be watched under a right of this kind."))
    return str(value)


def _line(most: int, *, is_needed: bool = False) -> Callable[[WatchProfile, Any], str]:
    def clean(profile: WatchProfile, value: Any) -> str:
        text = clean_text(str(value or ""), max_length=most)
        if is_needed and not text:
            raise Invalid(_("Give it a name."))
        return text

    return clean


def _notes(profile: WatchProfile, value: Any) -> str:
    return clean_text(str(value or ""), multiline=True, max_length=4000)


def _categories(profile: WatchProfile, value: Any) -> list[str]:
    found = list(dict.fromkeys(clean_text(str(one), max_length=100) for one in value or []))
    if len(found) > MAX_CATEGORIES:
        raise Invalid(_("At most %(most)d categories.") % {"most": MAX_CATEGORIES})
    return [one for one in found if one]


def _isbn(profile: WatchProfile, value: Any) -> str:
    """An ISBN as 13 digits; one of 10 is turned into it. Source: ISO 2108."""
    text = clean_text(str(value or ""), max_length=40)
    if not text:
        return ""
    try:
        return str(isbn_numbers.to_isbn13(isbn_numbers.validate(text))).replace("-", "")
    except NotANumber:
        raise Invalid(_("This is no ISBN. Copy all 13 digits from the back cover, such as 978-7-…")) from None


def _price(profile: WatchProfile, value: Any) -> Decimal | None:
    if value in (None, ""):
        return None
    try:
        price = Decimal(str(value))
    except InvalidOperation:
        raise Invalid(_("Write a price as a number, such as 39.80.")) from None
    if not price.is_finite() or price <= 0 or price >= Decimal(10) ** 12:
        raise Invalid(_("A price is more than nothing, and less than a billion."))
    return price.quantize(Decimal("0.01"))


def _currency(profile: WatchProfile, value: Any) -> str:
    text = str(value or "CNY").strip().upper()
    if not re.fullmatch("[A-Z]{3}", text):
        raise Invalid(_("Write the currency as three letters, such as CNY."))
    return text


_CLEAN: dict[str, Callable[[WatchProfile, Any], Any]] = {
    "kind": _kind, "name": _line(200, is_needed=True), "categories": _categories, "isbn": _isbn, "publisher": _line(200),
    "model_number": _line(100), "currency": _currency, "packaging_notes": _notes, **dict.fromkeys(PRICES, _price),
}  # fmt: skip


# --- who may sell --------------------------------------------------------------------------------------------


@transaction.atomic
def say_of_shops(
    *, profile: WatchProfile, by: User, links: Sequence[str], is_authorised: bool = True, note: str = ""
) -> int:
    """Say of shops, by their pasted links or share texts, that they may sell, or that they may not any more.

    The later word counts, also against the genuine sellers of the filing. Returns of how many it was news.
    Raises Forbidden, WrongState, Invalid (each line that is no shop, with why).
    """
    profile = _to_change(profile, by)
    lines = [line for line in links if line.strip()]
    shops: dict[int, Target] = {}
    wrong = []
    for line in resolve(lines[: MAX_SHOPS + 1]):
        if line.target is None:
            wrong.append(_("“%(link)s”: %(why)s") % {"link": line.link[:80], "why": line.message})
        elif line.target.kind != Target.Kind.SHOP:
            wrong.append(_("“%(link)s” is not a shop. Paste the link of the shop's page.") % {"link": line.link[:80]})
        else:
            shops[line.target.pk] = line.target
    if wrong or not lines:
        raise Invalid(errors={"shops": wrong[:10] or [_("Paste the link of a shop, one in each line.")]})
    known = {said.shop_id: said for said in profile.shops.filter(shop__in=shops)}
    if profile.shops.count() + len(shops) - len(known) > MAX_SHOPS:
        raise Invalid(_("At most %(most)d shops in one profile.") % {"most": MAX_SHOPS}, field="shops")
    news = [shop for pk, shop in shops.items() if pk not in known or known[pk].is_authorised != is_authorised]
    for shop in news:
        AuthorisedShop.objects.update_or_create(
            profile=profile, shop=shop,
            defaults={"is_authorised": is_authorised, "note": note[:200], "said_at": clock.now()},
        )  # fmt: skip
    if news:
        _shops_changed(profile, by, [shop.public_id for shop in news], is_authorised)
    return len(news)


@transaction.atomic
def forget_shop(*, profile: WatchProfile, by: User, shop: str) -> None:
    """Take back what was said of a shop, by its public id. Raises Forbidden, NotYours, WrongState."""
    profile = _to_change(profile, by)
    gone, _rows = profile.shops.filter(shop__public_id=shop).delete()
    if not gone:
        raise NotYours()
    _shops_changed(profile, by, [shop], None)


def _shops_changed(profile: WatchProfile, by: User, shops: Sequence[str], is_authorised: bool | None) -> None:
    """What is on sale elsewhere is as it was: these shops alone are looked at anew."""
    _changed(profile, by, looks=False, shops=shops, is_authorised=is_authorised)
    publish("seller.changed", *shops)


def contradictions(profile: WatchProfile) -> list[AuthorisedShop]:
    """Shops that may not sell by the profile, and are genuine sellers by the filing: the profile's later word counts."""
    genuine = profile.filing.genuine_sellers.values("shop")
    return list(profile.shops.filter(is_authorised=False, shop__in=genuine).select_related("shop"))


# --- official pictures -----------------------------------------------------------------------------------------


def add_image(*, profile: WatchProfile, by: User, upload: Any, is_cover: bool = False) -> OfficialImage:
    """Keep an official picture or cover, and look for copies of it from now on.

    Decoded in the limited worker, before any transaction. Raises Forbidden, WrongState, Invalid, TooLarge.
    """
    kept = keep_image(profile=profile, by=by, upload=upload)
    return attach_image(profile=profile, by=by, kept=kept, is_cover=is_cover)


def keep_image(*, profile: WatchProfile, by: User, upload: Any) -> PrivateFile:
    """Store a picture that `attach_image` will attach; with no transaction open. Raises Forbidden, Invalid, TooLarge."""
    if not holder_or_officer(profile, by):
        raise Forbidden()
    return files.keep(upload=upload, purpose=FilePurpose.PICTURE, by=by, organisation=profile.filing.organisation)


@transaction.atomic
def attach_image(*, profile: WatchProfile, by: User, kept: PrivateFile, is_cover: bool = False) -> OfficialImage:
    """Attach what was kept. Raises Forbidden, WrongState, Invalid."""
    profile = _to_change(profile, by)
    if profile.images.filter(file__sha256=kept.sha256).exists():
        raise Invalid(_("This picture is already here."), field="picture")
    if profile.images.count() >= MAX_IMAGES:
        raise Invalid(_("At most %(most)d pictures in one profile.") % {"most": MAX_IMAGES}, field="picture")
    image = OfficialImage.objects.create(profile=profile, file=kept, is_cover=is_cover)
    _changed(profile, by, picture=image.public_id, sha256=kept.sha256)
    publish("profile.picture_added", image.public_id)
    return image


@transaction.atomic
def remove_image(*, profile: WatchProfile, by: User, image: str) -> None:
    """Look for copies of a picture no more. Raises Forbidden, NotYours, WrongState."""
    profile = _to_change(profile, by)
    gone, _rows = profile.images.filter(public_id=image).delete()
    if not gone:
        raise NotYours()
    _changed(profile, by, removed_picture=image)
    publish("profile.picture_removed", image)


# --- steps -----------------------------------------------------------------------------------------------------


@transaction.atomic
def start(*, profile: WatchProfile, by: User) -> WatchProfile:
    """Watch from now on: what is on sale already is looked at as well. Raises Forbidden, WrongState."""
    profile = _step(profile, "start", by)
    profile.scan_due_at = clock.now()
    profile.save(update_fields=["scan_due_at"])
    hint("patrol.tasks.begin_owed_scans", queue="patrol")
    return profile


@transaction.atomic
def pause(*, profile: WatchProfile, by: User) -> WatchProfile:
    """Look for nothing until it is started again; what was found stays to be decided. Raises Forbidden, WrongState."""
    return _step(profile, "pause", by)


@transaction.atomic
def end(*, profile: WatchProfile, by: User) -> WatchProfile:
    """End it: nobody decides any more on what it found. Raises Forbidden, WrongState."""
    profile = _step(profile, "end", by)
    _let_go(profile)
    return profile


@transaction.atomic
def begin_again(*, profile: WatchProfile, by: User) -> WatchProfile:
    """Turn an ended profile into a draft again, with all that it said. Raises Forbidden, WrongState."""
    return _step(profile, "begin_again", by)


@transaction.atomic
def filing_ended(subject: str) -> None:
    """Consumer of `filing.ended`: a right that is not in force is watched no more."""
    profile = WatchProfile.objects.filter(filing__public_id=subject).exclude(state=State.ENDED).first()
    if profile is None or profile.filing.is_in_force():
        return
    _let_go(_step(profile, "expire", None))


def _step(profile: WatchProfile, name: str, by: User | None) -> WatchProfile:
    profile = lock(profile)
    profile.version += 1
    profile.changed_at = clock.now()
    PROFILES.fire(profile, name, actor=by, payload={"version": profile.version}, writes=["version", "changed_at"])
    if profile.state != State.WATCHING:
        for scan in Scan.objects.filter(profile=profile, state__in=UNDER_WAY).order_by("pk"):
            scanning.cancel(scan=scan, by=None)
    return profile


def _let_go(profile: WatchProfile) -> None:
    """What an ended profile found and nobody decided on is gone, and nothing more goes down by itself."""
    if profile.is_automatic:
        automatic.switch_off(profile=profile, by=None)
        profile.is_automatic = False
    _let_some_go(profile)


@transaction.atomic
def let_rest_go(subject: str) -> None:
    """Consumer of `profile.finds_left`: some more of what an ended profile found is gone."""
    profile = lock(WatchProfile.objects.get(public_id=subject))
    if profile.state == State.ENDED:
        _let_some_go(profile)


def _let_some_go(profile: WatchProfile) -> None:
    open_ones = Candidate.objects.filter(profile=profile, state__in=OPEN).order_by("pk")
    some = list(open_ones.select_for_update(no_key=True)[:LET_GO_AT_ONCE])
    CANDIDATES.fire_all(some, "vanish", actor=None)
    if len(some) == LET_GO_AT_ONCE:
        publish("profile.finds_left", profile.public_id)


def may_change(profile: WatchProfile, user: User) -> bool:
    """Whether this person could change the profile now."""
    return profile.state != State.ENDED and holder_or_officer(profile, user)


def require_to_watch(user: User) -> Any:
    """The membership by which somebody has rights watched. Raises Forbidden, NotForMerchants."""
    return roles.require_for_rights(user, roles.MAY_FILE_RIGHTS)
