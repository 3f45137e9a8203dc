"""What a merchant reads of a notice: the words of the complainant without what identifies a person.

Telephone numbers, email addresses, identity numbers, accounts of messengers, and the names of who signed
and who sent it. Dates, prices and registration numbers stay: they are the evidence.
"""

import re
from collections.abc import Iterable

_NOT_BEFORE = r"(?<![0-9A-Za-z])"
_NOT_AFTER = r"(?![0-9A-Za-z])"
#: Chinese characters may touch a number on either side: 电话13812345678
_PERSONAL = re.compile(
    "|".join(
        (
            r"[0-9A-Za-z.+_-]+@[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)+",
            # identity card of the PRC
            _NOT_BEFORE + r"\d{17}[\dXx]" + _NOT_AFTER,
            # mobile of the PRC, with or without country code and separators
            _NOT_BEFORE + r"(?:\+?86[ -]?)?1[3-9]\d(?:[ -]?\d){8}" + _NOT_AFTER,
            # fixed line of the PRC: 0571-88888888, (0571) 8888 8888
            _NOT_BEFORE + r"\(?0\d{2,3}\)?[ -]?\d{4}[ -]?\d{3,4}" + _NOT_AFTER,
            # with a country code, and of North America
            r"\+\d{1,3}(?:[ ().-]*\d){6,12}" + _NOT_AFTER,
            _NOT_BEFORE + r"\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4}" + _NOT_AFTER,
        )
    )
)
_MESSENGER = re.compile(r"((?:微信号?|WeChat|QQ号?|WhatsApp|Telegram)\s*[:：]?\s*)[0-9A-Za-z_-]{5,}", re.IGNORECASE)
GONE = "…"


def without_persons(text: str, *, names: Iterable[str] = ()) -> str:
    """The text with personal data replaced by an ellipsis; `names` as whole words, however they are written."""
    text = _PERSONAL.sub(GONE, text)
    text = _MESSENGER.sub(r"\1" + GONE, text)
    for name in {name.strip() for name in names}:
        if len(name) >= 2:
            text = re.sub(_NOT_BEFORE + re.escape(name) + _NOT_AFTER, GONE, text, flags=re.IGNORECASE)
    return text
