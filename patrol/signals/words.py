"""What a signal saw, in words with the numbers, in the reader's language. Made of what a candidate keeps, not kept itself."""

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

Data = Mapping[str, Any]

#: short names, for tables and charts
NAMES: Mapping[str, Any] = {
    "text.name": gettext_lazy("name"),
    "text.disguised": gettext_lazy("hidden name"),
    "text.fuzzy": gettext_lazy("misspelt name"),
    "text.part": gettext_lazy("part of the name"),
    "text.initials": gettext_lazy("initials"),
    "text.isbn": gettext_lazy("ISBN"),
    "text.model": gettext_lazy("model number"),
    "text.code": gettext_lazy("code word"),
    "text.compatible": gettext_lazy("says what it fits"),
    "text.negated": gettext_lazy("parody or denial"),
    "text.honest": gettext_lazy("word of honest offers"),
    "wording.copy": gettext_lazy("words of copies"),
    "wording.replica": gettext_lazy("words of replicas"),
    "price.floor": gettext_lazy("below the price floor"),
    "price.list": gettext_lazy("far below the list price"),
    "price.market": gettext_lazy("far below what others ask"),
    "price.usual": gettext_lazy("usual price"),
    "seller.new": gettext_lazy("new shop"),
    "seller.past": gettext_lazy("record of the shop"),
    "seller.banned_operator": gettext_lazy("operator of a shut shop"),
    "seller.share": gettext_lazy("lives from watched goods"),
    "seller.sudden": gettext_lazy("sudden catalogue"),
    "image.cover": gettext_lazy("cover"),
    "image.official": gettext_lazy("official picture"),
    "image.original": gettext_lazy("certified original of somebody else"),
    "sample.test_buy": gettext_lazy("test buy judged pirated"),
    "recheck.picture": gettext_lazy("picture of what was taken down"),
    "recheck.title": gettext_lazy("title of what was taken down"),
    "recheck.number": gettext_lazy("number of what was taken down"),
}

DISGUISES: Mapping[str, Any] = {
    "bidi": gettext_lazy("marks that turn the direction of writing"),
    "zero_width": gettext_lazy("characters that nobody sees"),
    "homoglyph": gettext_lazy("foreign letters that look alike"),
    "leet": gettext_lazy("digits or signs in the place of letters"),
    "inserted": gettext_lazy("signs put between the letters"),
    "pinyin": gettext_lazy("pinyin in the place of characters"),
    "full_width": gettext_lazy("full-width or circled letters"),
    "traditional": gettext_lazy("traditional characters"),
    "homophone": gettext_lazy("characters that sound alike"),
}

WHERE: Mapping[str, Any] = {
    "title": pgettext_lazy("where a name stands", "the title"),
    "attributes": pgettext_lazy("where a name stands", "the attributes"),
    "description": pgettext_lazy("where a name stands", "the description"),
}


def words(seen: Mapping[str, Any]) -> str:
    """What was seen, as `Seen.as_json` writes it, in one sentence."""
    signal, data = seen.get("signal", ""), seen.get("data") or {}
    say = _SAID.get(signal)
    if say is None:
        return str(NAMES.get(signal, signal))
    try:
        return say(data)
    except (KeyError, TypeError, ValueError):
        # Kept by an earlier version that wrote less.
        return str(NAMES.get(signal, signal))


def name(signal: str) -> str:
    return str(NAMES.get(signal, signal))


def _money(data: Data, key: str) -> str:
    return f"{data[key]} {data['currency']}"


def _where(data: Data) -> str:
    return str(WHERE.get(data.get("where", "title"), ""))


def _named(data: Data) -> str:
    return _("The name “%(term)s” stands in %(where)s: “%(words)s”.") % {
        "term": data["term"], "where": _where(data), "words": data["words"],
    }  # fmt: skip


def _disguised(data: Data) -> str:
    return _("The name “%(term)s” is hidden by %(how)s: “%(words)s”.") % {
        "term": data["term"], "how": DISGUISES.get(data["how"], data["how"]), "words": data["words"],
    }  # fmt: skip


def _fuzzy(data: Data) -> str:
    return _("“%(words)s” is nearly “%(term)s” (%(percent)d%% alike).") % {
        "words": data["words"], "term": data["term"], "percent": data["percent"],
    }  # fmt: skip


def _part(data: Data) -> str:
    return _("Part of the name “%(term)s” stands in the title: “%(words)s”.") % {
        "term": data["term"], "words": data["words"],
    }  # fmt: skip


def _initials(data: Data) -> str:
    return _("“%(words)s” are the initials of “%(term)s”.") % {"words": data["words"], "term": data["term"]}


def _isbn(data: Data) -> str:
    return _("The ISBN stands in %(where)s: %(words)s.") % {"where": _where(data), "words": data["words"]}


def _model(data: Data) -> str:
    return _("The model number stands in %(where)s: %(words)s.") % {"where": _where(data), "words": data["words"]}


def _code(data: Data) -> str:
    return _("“%(words)s” is a word that pirates of these goods use.") % {"words": data["words"]}


def _compatible(data: Data) -> str:
    return _("It says what the goods go with, not who made them: “%(words)s”.") % {"words": data["words"]}


def _negated(data: Data) -> str:
    return _("It says that the goods are not by the brand: “%(words)s”.") % {"words": data["words"]}


def _honest(data: Data) -> str:
    return _("It says “%(term)s”, as honest offers do.") % {"term": data["term"]}


def _copies(data: Data) -> str:
    return _("Words of copies: %(words)s.") % {"words": ", ".join(data["words"])}


def _replicas(data: Data) -> str:
    return _("Words of replicas: %(words)s.") % {"words": ", ".join(data["words"])}


def _floor(data: Data) -> str:
    # The floor itself is the brand's: shops read this sentence, too.
    return _("%(price)s is below what genuine goods can cost.") % {
        "price": _money(data, "price"),
    }


def _list(data: Data) -> str:
    return _("%(price)s is %(percent)d%% of the list price of %(list)s.") % {
        "price": _money(data, "price"), "percent": data["percent"], "list": _money(data, "list"),
    }  # fmt: skip


def _market(data: Data) -> str:
    return ngettext(
        "%(price)s is %(percent)d%% of the middle of %(offers)d offer, %(median)s.",
        "%(price)s is %(percent)d%% of the middle of %(offers)d offers, %(median)s.",
        data["offers"],
    ) % {
        "price": _money(data, "price"), "percent": data["percent"], "offers": data["offers"],
        "median": _money(data, "median"),
    }  # fmt: skip


def _usual(data: Data) -> str:
    return _("%(price)s is what genuine goods cost (%(usual)s).") % {
        "price": _money(data, "price"), "usual": _money(data, "usual"),
    }  # fmt: skip


def _new(data: Data) -> str:
    return ngettext(
        "The shop has been known for %(days)d day.", "The shop has been known for %(days)d days.", data["days"]
    ) % {"days": data["days"]}


def _past(data: Data) -> str:
    if data.get("penalty"):
        return _("The shop is held down by a penalty.")
    return ngettext(
        "%(upheld)d listing of the shop is down for an infringement.",
        "%(upheld)d listings of the shop are down for infringements.",
        data["upheld"],
    ) % {"upheld": data["upheld"]}


def _banned(data: Data) -> str:
    return ngettext(
        "Its operator runs %(shops)d other shop that is held down by a penalty.",
        "Its operator runs %(shops)d other shops that are held down by penalties.",
        data["shops"],
    ) % {"shops": data["shops"]}


def _share(data: Data) -> str:
    return _("Of %(listings)d listings of the shop, patrol found %(found)d.") % {
        "listings": data["listings"], "found": data["found"],
    }  # fmt: skip


def _sudden(data: Data) -> str:
    return _("%(recent)d of its listings came within %(days)d days.") % {"recent": data["recent"], "days": data["days"]}


def _image(data: Data) -> str:
    return _("It shows an official picture (%(percent)d%% sure).") % {"percent": round(float(data["score"]) * 100)}


def _cover(data: Data) -> str:
    return _("It shows the cover of the book (%(percent)d%% sure).") % {"percent": round(float(data["score"]) * 100)}


def _original(data: Data) -> str:
    said = {"certificate": data["certificate"], "percent": round(float(data["score"]) * 100)}
    if data["certificate"]:
        return _("It shows somebody else's original with the certificate %(certificate)s (%(percent)d%% sure).") % said
    return _("It shows somebody else's certified original (%(percent)d%% sure).") % said


def _test_buy(data: Data) -> str:
    return _("A test buy of these goods was judged pirated (%(number)s).") % {"number": data["number"]}


def _same_picture(data: Data) -> str:
    return _("It shows the very picture of what was taken down in case %(case)s.") % {"case": data["case"]}


def _same_title(data: Data) -> str:
    return _("Its title is that of what was taken down in case %(case)s.") % {"case": data["case"]}


def _same_number(data: Data) -> str:
    return _("Its ISBN or model is that of what was taken down in case %(case)s.") % {"case": data["case"]}


_SAID: Mapping[str, Callable[[Data], str]] = {
    "text.name": _named, "text.disguised": _disguised, "text.fuzzy": _fuzzy, "text.part": _part,
    "text.initials": _initials, "text.isbn": _isbn, "text.model": _model, "text.code": _code,
    "text.compatible": _compatible, "text.negated": _negated, "text.honest": _honest, "wording.copy": _copies,
    "wording.replica": _replicas, "price.floor": _floor, "price.list": _list, "price.market": _market,
    "price.usual": _usual, "seller.new": _new, "seller.past": _past, "seller.banned_operator": _banned,
    "seller.share": _share, "seller.sudden": _sudden, "image.official": _image, "image.cover": _cover,
    "image.original": _original,
    "sample.test_buy": _test_buy, "recheck.picture": _same_picture, "recheck.title": _same_title, "recheck.number": _same_number,
}  # fmt: skip
