"""Letters in staff's own words: sentence by sentence, in each language, versioned, and never at the letter's cost.

What a letter is made of stays in its template: which parts it has, lists of links, reasons, addresses, and what the law
asks for (`{% law %}`). Staff change the wording of its other sentences. A place such as `{number}` is all that is filled
in: the text is no program. Whatever is wrong with it when a letter is written, the house's own words take its place,
and staff are told on their first page.
"""

import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F, Max, OuterRef, QuerySet, Subquery
from django.template.base import Template, TextNode, VariableNode
from django.template.defaulttags import URLNode
from django.template.loader import get_template, render_to_string
from django.urls import get_script_prefix, set_script_prefix
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import clock, ledger
from core.errors import Forbidden, Invalid, NotYours, WrongState
from core.models import LetterText
from core.templatetags.letters import Sentence, walk
from core.text import PlainText

log = logging.getLogger("ippro.letters")

LONGEST = 2_000
EDITORS = ("senior_reviewer", "administrator")
_PLACE = re.compile(r"\{(\w+)\}")
#: what can be filled in, what it means, and what stands for it in a preview
PLACES: dict[str, tuple[str | Promise, str]] = {
    "answer": (gettext_lazy("number of the counter-notice"), "N-2026-000007"),
    "appeal_number": (gettext_lazy("number of the appeal"), "A-2026-000003"),
    "at": (gettext_lazy("when it happened"), "2026-12-11 18:00"),
    "complaint": (gettext_lazy("number of the complaint"), "C-2026-000123"),
    "confirmed": (gettext_lazy("links that staff confirmed"), "97"),
    "contact": (gettext_lazy("where the platform is reached"), "ip@example.com"),
    "day": (gettext_lazy("the day of it"), "2026-12-11"),
    "days": (gettext_lazy("number of days"), "30"),
    "forum": (gettext_lazy("which court or authority"), "Luting Intellectual Property Court"),
    "key": (gettext_lazy("name of the API key"), "warehouse import"),
    "kind": (gettext_lazy("kind of the right"), "trademark"),
    "measure": (gettext_lazy("what is imposed"), "search demotion"),
    "n": (gettext_lazy("how many"), "3"),
    "name": (gettext_lazy("name of the organisation"), "Kivorro Design Ltd."),
    "number": (gettext_lazy("number of what the letter is about"), "C-2026-000123"),
    "outcome": (gettext_lazy("how it was decided"), "reversed in part"),
    "owner": (gettext_lazy("who owns the right"), "Kivorro Design Ltd."),
    "party": (gettext_lazy("who wrote"), "Kivorro Design Ltd."),
    "points": (gettext_lazy("points"), "12"),
    "registration": (gettext_lazy("registration number of the right"), "12345678"),
    "reviewed": (gettext_lazy("links that staff reviewed"), "100"),
    "right": (gettext_lazy("name of the right"), "KIVORRO"),
    "role": (gettext_lazy("role of the person"), "manager"),
    "rule": (gettext_lazy("code and version of the rule"), "M1, version 2"),
    "shop": (gettext_lazy("name of the shop"), "Harbour Lane Store"),
    "since": (gettext_lazy("since when it waits"), "2026-12-01 09:00"),
    "source": (gettext_lazy("the law that it rests on"), "DSA art. 23"),
    "state": (gettext_lazy("where it stands"), "under review"),
    "statement": (gettext_lazy("number of the notice"), "S-2026-000045"),
    "target": (gettext_lazy("what shows it"), "Leather handbag"),
    "title": (gettext_lazy("its title"), "KIVORRO"),
    "told": (gettext_lazy("what became of it"), "has its certificate"),
    "until": (gettext_lazy("until when"), "2026-12-11 18:00"),
    "who": (gettext_lazy("who invites"), "holder@example.com"),
}


# --- what there is ------------------------------------------------------------------------------------------


@cache
def letters() -> tuple[str, ...]:
    """Every letter of the house, by the name of its template."""
    folders = (Path(config.path) / "templates" / "mail" for config in apps.get_app_configs())
    return tuple(sorted(path.stem for folder in folders if folder.is_dir() for path in folder.glob("*.txt")))


@dataclass(frozen=True)
class Part:
    """One part of a letter: a sentence with its words, or something that stays as it is."""

    #: words of the house, one for each form of the plural; for what stays, what stands for it
    house: tuple[str, ...]
    sentence: Sentence | None = None
    #: staff's words
    edited: tuple[str, ...] = ()
    #: the law that asks for it
    law: str = ""
    is_subject: bool = False

    @property
    def is_editable(self) -> bool:
        return self.sentence is not None and bool(self.sentence.key) and not self.law

    @property
    def texts(self) -> tuple[str, ...]:
        return self.edited or self.house

    @property
    def sample(self) -> str:
        """As it stands in a letter, with what `PLACES` gives for each place."""
        return _PLACE.sub(lambda found: PLACES[found[1]][1] if found[1] in PLACES else found[0], self.texts[-1])


def template_of(letter: str) -> Template:
    """Raises NotYours for a letter that there is not."""
    if letter not in letters():
        raise NotYours()
    found: Template = get_template(f"mail/{letter}.txt").template  # type: ignore[attr-defined]
    return found


def parts_of(letter: str, language: str, texts: Mapping[str, Sequence[str]] | None = None) -> list[Part]:
    """What a letter is made of in a language, with staff's words for its sentences. Raises NotYours."""
    texts = _in_force(letter, language) if texts is None else texts
    parts: list[Part] = []
    is_subject = True
    with translation.override(language):
        for node, law in walk(template_of(letter).nodelist):
            if isinstance(node, Sentence):
                edited = tuple(texts.get(node.key, ())) if not law else ()
                parts.append(Part(tuple(node.in_house()) if node.key else ("⟨…⟩",), node, edited, law, is_subject))
            elif isinstance(node, TextNode):
                parts.append(Part((node.s,), law=law, is_subject=is_subject))
            elif isinstance(node, VariableNode):
                # Of the names of our own variables only the last word says something to a reader.
                said = str(node.filter_expression).partition("|")[0].rpartition(".")[2]
                shown = settings.BASE_URL if said == "base_url" else f"⟨{said.replace('_', ' ')}⟩"
                parts.append(Part((shown,), law=law, is_subject=is_subject))
            elif isinstance(node, URLNode):
                parts.append(Part(("/…",), law=law, is_subject=is_subject))
            else:
                continue
            # The first line is the subject.
            if is_subject and isinstance(node, TextNode) and "\n" in node.s and any(p.sentence for p in parts):
                is_subject = False
    return parts


def sentences_of(letter: str, language: str) -> list[Part]:
    """The sentences of a letter that staff may word anew, each once."""
    found: dict[str, Part] = {}
    for part in parts_of(letter, language):
        if part.is_editable and part.sentence is not None:
            found.setdefault(part.sentence.key, part)
    return list(found.values())


def preview(letter: str, language: str, texts: Mapping[str, Sequence[str]]) -> tuple[str, str]:
    """Subject and text as a reader would see them, with samples; what only some letters say is all there."""
    said = "".join(part.sample for part in parts_of(letter, language, texts)).strip()
    subject, _line, body = said.partition("\n")
    return subject.strip(), re.sub(r"\n{3,}", "\n\n", body).strip()


# --- changing them --------------------------------------------------------------------------------------------


def may_edit(user: Any) -> bool:
    return bool(user.has_staff_role(*EDITORS))


def faults_of(part: Part, texts: Sequence[str]) -> list[str]:
    """What is wrong with words for a sentence: it names exactly the places that the house's own words name."""
    assert part.sentence is not None
    faults: list[str] = []
    if len(texts) != len(part.house):
        return [_("Give a text for every form, or for none.")]
    for house, text in zip(part.house, texts, strict=True):
        wanted, named = set(_PLACE.findall(house)), set(_PLACE.findall(text))
        known = ", ".join(f"{{{place}}}" for place in part.sentence.places) or "–"
        for place in sorted(named - set(part.sentence.places)):
            said = _("“{%(place)s}” is no place of this sentence. It knows: %(known)s.")
            faults.append(said % {"place": place, "known": known})
        faults += [
            _("“{%(place)s}” has to stay: put it where it belongs.") % {"place": p} for p in sorted(wanted - named)
        ]
        if part.is_subject and "\n" in text.strip():
            faults.append(_("The subject is one line."))
        if len(text) > LONGEST:
            faults.append(_("At most %(most)d characters.") % {"most": LONGEST})
        try:
            PlainText(multiline=True)(text)
        except ValidationError as refused:
            faults += refused.messages
    return faults


def cleaned(letter: str, language: str, texts: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """What of some words differs from the house's own. Raises Invalid by the number of the sentence, NotYours."""
    changed: dict[str, list[str]] = {}
    errors: dict[str, list[str]] = {}
    for nth, part in enumerate(sentences_of(letter, language)):
        assert part.sentence is not None
        given = [text.replace("\r\n", "\n").strip() for text in texts.get(part.sentence.key, ())]
        if not any(given) or given == [house.strip() for house in part.house]:
            continue
        if faults := faults_of(part, given):
            errors[f"s{nth}"] = faults
        changed[part.sentence.key] = given
    if errors:
        raise Invalid(errors=errors)
    return changed


@transaction.atomic
def save_texts(
    *, letter: str, language: str, texts: Mapping[str, Sequence[str]], by: Any, version: int | None = None
) -> LetterText:
    """Keep staff's words for a letter in one language as its newest version; with none the house's own are back.

    `version` is the one that the words began from, 0 for the house's own: nobody undoes what they have not seen. None
    means whichever is in force. Raises Forbidden, NotYours, Invalid by the number of the sentence, WrongState.
    """
    if not may_edit(by):
        raise Forbidden(_("Letters are worded by senior reviewers and administrators."))
    if language not in dict(settings.LANGUAGES):
        raise NotYours()
    changed = cleaned(letter, language, texts)
    versions = LetterText.objects.filter(template=letter, language=language)
    newest = versions.select_for_update().order_by("-version").first()
    if newest is not None and newest.texts == changed:
        return newest
    last = newest.version if newest else 0
    if version is not None and version != last:
        raise _changed_meanwhile()
    try:
        with transaction.atomic():
            made = LetterText.objects.create(
                template=letter,
                language=language,
                version=last + 1,
                texts=changed,
                written_by=by,
                written_at=clock.now(),
            )
    except IntegrityError as raced:
        raise _changed_meanwhile() from raced
    ledger.record(
        kind="letter_text.changed", subject=made.public_id, actor=by,
        payload={
            "letter": letter, "language": language, "version": made.version, "sentences": len(changed),
            "sha256": ledger.payload_hash(changed),
        },
    )  # fmt: skip
    return made


def _changed_meanwhile() -> WrongState:
    return WrongState(
        _("Somebody changed this letter in the meantime. Yours was not kept: compare it with the newest version first.")
    )


def version_of(letter: str, language: str) -> int:
    """The version in force; 0 while nobody has worded the letter anew."""
    return LetterText.objects.filter(template=letter, language=language).aggregate(last=Max("version"))["last"] or 0


def newest() -> QuerySet[LetterText]:
    """Of each letter and language the version in force."""
    same = LetterText.objects.filter(template=OuterRef("template"), language=OuterRef("language"))
    return LetterText.objects.annotate(last=Subquery(same.order_by("-version").values("version")[:1])).filter(
        version=F("last")
    )


def failing() -> QuerySet[LetterText]:
    """Versions in force that could not be used in some letter, so that it went out in the house's own words."""
    return newest().filter(failed_at__isnull=False)


def _in_force(letter: str, language: str) -> dict[str, list[str]]:
    found = LetterText.objects.filter(template=letter, language=language).order_by("-version").first()
    return found.texts if found else {}


# --- writing a letter ---------------------------------------------------------------------------------------------


@dataclass
class _Edited:
    """Staff's words while one letter is rendered, and what was wrong with them."""

    texts: Mapping[str, Sequence[str]]
    faults: list[str] = field(default_factory=list)

    def filled(self, sentence: Sentence, context: Any) -> str:
        """The words for a sentence, its places filled in. Raises whatever is wrong with them."""
        texts = self.texts[sentence.key]
        values, count = sentence.values(context)
        text = texts[0 if count is None or count == 1 else -1]
        # Nothing but a known place means anything; what is filled in is not looked at again.
        return _PLACE.sub(lambda found: values[found[1]], text)

    def failed(self, sentence: Sentence, failure: Exception) -> None:
        self.faults.append(f"“{sentence.key[:80]}”: {type(failure).__name__}: {failure}")


def compose(letter: str, language: str, context: Mapping[str, Any]) -> tuple[str, str]:
    """Subject and text of a letter, in staff's words where there are any; the house's own where these fail."""
    said = {"base_url": settings.BASE_URL, **context}
    with translation.override(language), _from_the_root():
        kept = LetterText.objects.filter(template=letter, language=language).order_by("-version").first()
        text = _in_staffs_words(kept, said) if kept is not None and kept.texts else None
        if text is None:
            text = render_to_string(f"mail/{letter}.txt", said)
    subject, _line, body = text.strip().partition("\n")
    return subject.strip(), body.strip() + "\n"


@contextmanager
def _from_the_root() -> Iterator[None]:
    """Addresses of letters begin at the root, whatever page their decision came from: one may be private to somebody."""
    here = get_script_prefix()
    set_script_prefix("/")
    try:
        yield
    finally:
        set_script_prefix(here)


def _in_staffs_words(kept: LetterText, said: dict[str, Any]) -> str | None:
    """The whole letter, or None if it could not be rendered; what was wrong is noted for staff."""
    edited, text = _Edited(kept.texts), None
    try:
        text = render_to_string(f"mail/{kept.template}.txt", {**said, "edited_sentences": edited})
    except Exception as failure:
        edited.faults.append(f"{type(failure).__name__}: {failure}")
    if edited.faults:
        log.error("the words of staff for %s (%s) could not be used", kept.template, kept.language)
        LetterText.objects.filter(pk=kept.pk).update(failed_at=clock.now(), last_error="; ".join(edited.faults)[:2000])
    return text
