"""Listings → what is found of them: every profile's terms, pictures, prices and sellers in one pass. Reads only."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from core import normalise
from filings.models import GenuineSeller
from marketplace.models import Target
from patrol import risk, terms
from patrol.models import AuthorisedShop, RiskModel, WatchProfile
from patrol.signals import Pair, Seen, Sights, image, price, seller, text, wording
from patrol.terms import Watch

#: into so many bands what a price says is parted
PRICE_BANDS = 3
#: what says of itself that the goods are not the profile's
COMPATIBLE = "text.compatible"
_OTHER_GOODS = frozenset({COMPATIBLE, "text.negated"})
#: a word that says what the goods go with counts for so much beside plain words of copies: who sells copies knows that word
_STILL_COMPATIBLE = 0.25
#: such a find is for people, whatever else speaks against it
_BELOW_SURE = 0.01
#: counts only beside something else that speaks against the listing
_WEAK = frozenset({"text.initials", "text.fuzzy", "text.part"})
_AGAINST = (
    "wording.",
    "price.floor",
    "price.list",
    "price.market",
    "image.",
    "text.code",
    "seller.banned",
    "seller.past",
)


@dataclass(frozen=True)
class Found:
    """One listing that looks like an infringement of one profile's right."""

    target: Target
    profile: WatchProfile
    seen: tuple[Seen, ...]
    #: 0..1, and what each signal adds to it
    score: float
    parts: dict[str, float]
    #: the same for copies of the same listing
    copy_key: str
    #: the version of the risk model that scored it; None for the documented weights
    model: RiskModel | None = None

    @property
    def evidence_hash(self) -> str:
        """The same while the listing shows the same, whoever looked."""
        return evidence_hash([one.as_json() for one in self.seen])


def evidence_hash(signals: Iterable[Mapping[str, Any]]) -> str:
    """Of what was seen, as `Seen.as_json` writes it: by it a person who decided is asked again, or not.

    What the shop's record says changes by the hour, and of what it is a relisting only a re-check tells: both are left out.
    Of a price only counts how plainly it speaks.
    """
    told = sorted(
        f"{one['signal']}:{normalise.squeezed(str(one['data'].get('words', '')))}:{_band(one)}:{one['data'].get('copy', '')}"
        for one in signals
        if not one["signal"].startswith(("seller.", "recheck.")) or one["signal"] == "seller.banned_operator"
    )
    return hashlib.sha256("\n".join(told).encode()).hexdigest()


def _band(one: Mapping[str, Any]) -> str:
    """Prices move by cents and the market with them: of what a price says only the third of its strength counts."""
    return str(min(PRICE_BANDS, 1 + int(one["strength"] * PRICE_BANDS))) if one["signal"].startswith("price.") else ""


def inspect(
    targets: Sequence[Target], *, profile: WatchProfile | None = None, pictures: Sights | None = None
) -> list[Found]:  # fmt: skip
    """What looks like an infringement among these targets (as they are in memory, saved or not), surest first.

    Every profile that watches is asked, or only `profile`. Shops that may sell are left out. The number of queries does
    not depend on the number of targets. `pictures` is what was seen in pictures that are on no marketplace yet.
    """
    watch = terms.watch() if profile is None else terms.watch_for(profile)
    sights = what_is_seen(targets, watch, pictures or {})
    if not sights:
        return []
    model = risk.in_use()
    scored = [(pair, seen, *_scored(model, seen)) for pair, seen in sights.items()]
    found = [(pair, seen, score, parts) for pair, seen, score, parts in scored if score >= model.candidate]
    profiles = WatchProfile.objects.select_related("filing").in_bulk({pk for (_index, pk), *_rest in found})
    return sorted(
        (
            Found(
                target=targets[index], profile=profiles[pk], seen=tuple(seen), score=score, parts=parts,
                copy_key=copy_key(targets[index], seen), model=model.row,
            )
            for (index, pk), seen, score, parts in found
            if pk in profiles
        ),
        key=lambda f: -f.score,
    )  # fmt: skip


def may_sell(shop: Target, profile: WatchProfile) -> bool:
    """Whether one shop may sell the goods of a profile."""
    rights = {profile.pk: (profile.filing_id, profile.filing.organisation_id)}
    return bool(_allowed({(profile.pk, shop.pk)}, rights))


def what_is_seen(targets: Sequence[Target], watch: Watch, pictures: Sights | None = None) -> Sights:
    """Everything that speaks for or against each listing that bears a profile's name, number or picture."""
    tied = _merged(text.see(targets, watch), image.see(targets, watch.profiles), pictures or {})
    if not tied:
        return {}
    allowed = _who_may_sell(targets, watch, tied)
    tied = {pair: seen for pair, seen in tied.items() if pair not in allowed}
    same_goods = [pair for pair, seen in tied.items() if _is_of_the_goods(seen)]
    told = _merged(
        tied, wording.see(targets, watch, tied), price.see(targets, watch, same_goods), seller.see(targets, tied.keys())
    )
    return {pair: _doubted(seen) for pair, seen in told.items() if _is_more_than_a_guess(seen)}


def copy_key(target: Target, seen: Sequence[Seen]) -> str:
    """The same for listings that are copies of each other: by the picture they show, or else by their title."""
    for one in seen:
        if copy := one.data.get("copy"):
            return f"i{copy}"[:64]
    title = normalise.squeezed(target.title)
    return "t" + hashlib.sha256(title.encode()).hexdigest()[:40] if title else ""


def _is_of_the_goods(seen: Sequence[Seen]) -> bool:
    """Whether the price is that of the profile's goods: of what goes with them it is another, unless pirates' own word stands there."""
    signals = {s.signal for s in seen}
    return not _OTHER_GOODS & signals or (COMPATIBLE in signals and _speaks_plainly(seen))


def _speaks_plainly(seen: Sequence[Seen]) -> bool:
    """Whether words of copies, or a code word of pirates, say it as plainly as they can."""
    return any(s.strength >= wording.PLAIN and s.signal.startswith(("wording.", "text.code")) for s in seen)


def _doubted(seen: list[Seen]) -> list[Seen]:
    """One word (“for”, “配套”) does not take a listing out of the watch that sells copies in the next: the name counts, too."""
    said = next((s for s in seen if s.signal == COMPATIBLE), None)
    if said is None or not _speaks_plainly(seen):
        return seen
    named = Seen("text.name", said.strength, said.data)
    return [named, *(replace(s, strength=_STILL_COMPATIBLE) if s is said else s for s in seen)]


def _scored(model: risk.Model, seen: Sequence[Seen]) -> tuple[float, dict[str, float]]:
    score, parts = model.score(seen)
    if COMPATIBLE in {s.signal for s in seen}:
        # What honest sellers say as well is never sure.
        score = min(score, model.sure - _BELOW_SURE)
    return score, parts


def _is_more_than_a_guess(seen: Sequence[Seen]) -> bool:
    signals = {s.signal for s in seen}
    ties = {s for s in signals if s.startswith(("text.", "image.")) and s != "text.honest"}
    if not ties <= _WEAK:
        return True
    # Part of a name stands in other titles too: a low price makes it more only beside the publisher's name.
    vague = ties == {"text.part"} and not any(s.data.get("publisher") for s in seen)
    return any(s.startswith(_AGAINST) and not (vague and s.startswith("price.")) for s in signals)


def _merged(*many: Sights) -> Sights:
    whole: Sights = {}
    for sights in many:
        for pair, seen in sights.items():
            whole[pair] = [*whole.get(pair, ()), *seen]
    return whole


def _who_may_sell(targets: Sequence[Target], watch: Watch, tied: Sights) -> set[Pair]:
    """Of these pairs those whose shop may sell the goods of the profile."""
    shop_of = {i: t.pk if t.kind == Target.Kind.SHOP else t.shop_id for i, t in enumerate(targets) if t.pk or t.shop_id}
    pairs = {(profile, shop) for index, profile in tied if (shop := shop_of.get(index)) is not None}
    rights = {pk: (watch.profiles[pk].filing_id, watch.profiles[pk].organisation_id) for pk, _shop in pairs}
    allowed = _allowed(pairs, rights)
    return {(index, profile) for index, profile in tied if (profile, shop_of.get(index)) in allowed}


def _allowed(pairs: set[tuple[int, int]], rights: Mapping[int, tuple[int, int]]) -> set[tuple[int, int]]:
    """Of pairs of profile and shop those that may sell; `rights` are filing and holder of each profile.

    The profile's word counts before the filing's; the holder's own shops may always, unless the profile says no.
    """
    profiles, shops = {profile for profile, _shop in pairs}, {shop for _profile, shop in pairs}
    said = {
        (profile, shop): may
        for profile, shop, may in AuthorisedShop.objects.filter(profile__in=profiles, shop__in=shops).values_list(
            "profile", "shop", "is_authorised"
        )
    }
    filings = {rights[profile][0] for profile in profiles}
    genuine = set(GenuineSeller.objects.filter(filing__in=filings, shop__in=shops).values_list("filing", "shop"))
    run_by = dict(Target.objects.filter(pk__in=shops, operator__isnull=False).values_list("pk", "operator"))
    allowed = set()
    for profile, shop in pairs:
        filing, holder = rights[profile]
        if said.get((profile, shop), run_by.get(shop) == holder or (filing, shop) in genuine):
            allowed.add((profile, shop))
    return allowed
