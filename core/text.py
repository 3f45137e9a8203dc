"""Plain text that people type: what is refused, and the sentence that says how to mend it.

Refused are characters that nobody sees but that change what others see or what a program does: null bytes
and other controls, marks that turn the direction of writing, halves of characters. Emoji and every script
are welcome. Forms get this by `core.forms.PlainForm`, serializers by `core.api.PlainSerializer`; text that a
marketplace sends about its listings is evidence and is not refused.
"""

import re
from collections.abc import Mapping
from typing import Any, Self

from django.core.exceptions import ValidationError
from django.utils.deconstruct import deconstructible
from django.utils.translation import gettext, ngettext_lazy
from django.utils.translation import gettext_lazy as _

#: Unicode's Bidi_Control characters, by which a name can be made to read differently
BIDI = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_CONTROLS = "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029"
_HALVES = "\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff"
_UNSEEN = re.compile(f"[{BIDI}{_CONTROLS}{_HALVES}]")
_UNSEEN_OR_BREAK = re.compile(f"[{BIDI}{_CONTROLS}{_HALVES}\t\n\r]")

#: what a text may have at most where nothing else is said
SHORT, LONG = 200, 10_000


class Sentence(str):
    """A sentence in the language of whoever reads it now, that can be kept for others: `worded` says it to each in theirs.

    `words` stand in the catalogue of translations: mark them with `gettext_noop`.
    """

    words: str
    values: dict[str, Any]

    def __new__(cls, words: str, **values: Any) -> Self:
        made = super().__new__(cls, worded(words, values))
        made.words, made.values = words, values
        return made


def worded(words: str, values: Mapping[str, Any]) -> str:
    """What was kept of a sentence, in the language of whoever reads it now."""
    said = gettext(words) if words else ""
    return said % values if values else said


@deconstructible
class PlainText:
    """A validator for forms, models and serializers. One line unless `multiline`."""

    def __init__(self, *, multiline: bool = False, max_length: int | None = None) -> None:
        self.multiline = multiline
        self.max_length = max_length

    def __call__(self, value: Any) -> None:
        text = str(value)
        if self.max_length is not None and len(text) > self.max_length:
            raise ValidationError(
                ngettext_lazy(
                    "At most %(most)d character, and this has %(length)d. Shorten it.",
                    "At most %(most)d characters, and this has %(length)d. Shorten it.",
                    self.max_length,
                )
                % {"most": self.max_length, "length": len(text)},
                code="max_length",
            )
        found = (_UNSEEN if self.multiline else _UNSEEN_OR_BREAK).search(text)
        if found is None:
            return
        place = {"code": f"U+{ord(found[0]):04X}", "position": found.start() + 1}
        if found[0] in "\t\n\r":
            raise ValidationError(
                _("This is one line: remove the line break or tab at position %(position)d."),
                code="line_break", params=place,
            )  # fmt: skip
        raise ValidationError(
            _(
                "There is an invisible character (%(code)s) at position %(position)d. "
                "Delete that place and type it by hand instead of pasting it."
            ),
            code="unseen_character", params=place,
        )  # fmt: skip

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PlainText) and (self.multiline, self.max_length) == (other.multiline, other.max_length)

    def __hash__(self) -> int:
        return hash((self.multiline, self.max_length))


def clean_text(value: str, *, multiline: bool = False, max_length: int | None = None) -> str:
    """The text without blanks around it and with plain line breaks. Raises ValidationError like `PlainText`."""
    text = value.replace("\r\n", "\n").replace("\r", "\n").strip() if multiline else value.strip()
    PlainText(multiline=multiline, max_length=max_length)(text)
    return text


def without_unseen(value: str) -> str:
    """The text with unseen characters and breaks taken out: for names that are not worth a refusal."""
    return _UNSEEN_OR_BREAK.sub("", value)
