"""Registration numbers: whether one can be right, how it is written, and the key by which two are the same.

Nothing is looked up in any register: a number that passes here may still not exist. `number_key` is what
conflicts rest on, so every spelling of one number, and every kind of right that shares a series of numbers,
leads to one key.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from stdnum import isbn
from stdnum.exceptions import ValidationError as StdnumError

from core import clock
from core.countries import TERRITORIES
from core.errors import Invalid
from filings.models import RightKind

FIELD = "registration_number"
LONGEST = 64
SHORTEST_ELSEWHERE, LONGEST_ELSEWHERE = 3, 32


class WrongNumber(Invalid):
    """The number cannot be right; the sentence says how to mend it."""

    code = "wrong_number"

    def __init__(self, message: Any) -> None:
        super().__init__(message, field=FIELD)


@dataclass(frozen=True)
class Number:
    """A registration number as its office writes it, and the key that all its spellings share."""

    text: str
    key: str


def read_number(*, kind: str, text: str, territory: str = "CN") -> Number:
    """The number in its proper form. Raises WrongNumber with the sentence that says how to mend it."""
    squeezed = _squeezed(text)
    if kind == RightKind.PUBLISHING:
        return _isbn(squeezed)
    if territory != "CN":
        return _elsewhere(kind, squeezed, territory)
    return _READERS[kind](kind, squeezed)


def number_key(*, kind: str, text: str, territory: str = "CN") -> str:
    """The canonical key of a number, or nothing for one that cannot be right yet (a draft's)."""
    try:
        return read_number(kind=kind, text=text, territory=territory).key
    except WrongNumber:
        return ""


def latest_end_year(*, kind: str, text: str) -> int | None:
    """The last year in which a Chinese patent of this number can still be in force; None for other rights.

    Invention 20 years from filing, and at most 5 more as compensation; utility model 10; design 15.
    Source: Patent Law of the PRC (2020), art. 42.
    """
    found = _PATENT.fullmatch(_squeezed(text))
    if kind not in _TERM_YEARS or not found:
        return None
    return _filing_year(found["body"]) + _TERM_YEARS[kind]


def _squeezed(text: str) -> str:
    """Full-width forms made narrow, capitals, no spaces, one kind of dash. Bounded before it is looked at."""
    if not text.strip():
        raise WrongNumber(_("Enter the registration number, as on the certificate."))
    if len(text) > LONGEST:
        raise WrongNumber(
            _("A registration number has at most %(n)d characters. Enter one number only.") % {"n": LONGEST}
        )
    plain = unicodedata.normalize("NFKC", text)
    if any(unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co") and not c.isspace() for c in plain):
        raise WrongNumber(_("The number contains hidden control characters. Type it anew instead of pasting it."))
    plain = re.sub(r"[\u2010-\u2015\u2212\u30fc]", "-", plain)
    return re.sub(r"\s+", "", plain).upper()


# --- trademarks --------------------------------------------------------------------------------------

_TRADEMARK = re.compile(r"(?:第|NO\.?|№)?(?P<serial>\d{1,9}[A-Z]?)号?", re.ASCII)
_INTERNATIONAL = re.compile(r"(?:第|NO\.?|№)?G(?P<serial>\d{1,9}[A-Z]?)号?", re.ASCII)


def _trademark(kind: str, text: str) -> Number:
    """A CNIPA registration number, or G and the number of an international registration extended to China.

    National numbers have up to 8 digits today; the letter marks a part split off from a registration.
    Source: Regulations for the Implementation of the Trademark Law (2014), arts. 22 and 44–47.
    """
    if found := _INTERNATIONAL.fullmatch(text):
        serial = found["serial"].lstrip("0")
        if not 6 <= len(serial.rstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")) <= 7:
            raise WrongNumber(_("After the G of an international registration come 6 or 7 digits, as in G1234567."))
        return Number(f"G{serial}", f"trademark:CN:G{serial}")
    found = _TRADEMARK.fullmatch(text)
    if not found:
        raise WrongNumber(
            _(
                "A Chinese trademark number has up to 8 digits, as in 12345678, or G and 6 to 7 digits for an "
                "international registration. Leave out class and other words."
            )
        )
    serial = found["serial"].lstrip("0")
    if not 4 <= len(serial.rstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")) <= 8:
        raise WrongNumber(_("A Chinese trademark number has 4 to 8 digits. Compare it with the certificate."))
    return Number(serial, f"trademark:CN:{serial}")


# --- copyright ---------------------------------------------------------------------------------------

_OFFICES = "国京津冀晋蒙辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川蜀黔贵滇云藏陕秦甘陇青宁新"
_WORK = re.compile(
    rf"(?P<office>[{_OFFICES}])作登字[:-]?(?P<year>\d{{4}})-?(?P<sort>[A-Z])-?(?P<serial>\d{{8}})号?", re.ASCII
)
_SOFTWARE = re.compile(r"(?:软著登字(?:第|[:/-])?)?(?P<year>\d{4})SR(?P<serial>\d{6,7})号?", re.ASCII)
_SOFTWARE_CERTIFICATE = re.compile(r"(?:证书号:?)?软著登字第?\d+号?", re.ASCII)


def _work(kind: str, text: str) -> Number:
    """The registration number of a work, such as 国作登字-2020-F-01234567, of the state or a province.

    Office, year, sort of work as a letter from A (written) to L (other), eight digits.
    Source: NCAC notice on the uniform certificate of registration of works (2011).
    """
    found = _WORK.fullmatch(text)
    if not found:
        raise WrongNumber(
            _(
                "The number of a registered work looks like 国作登字-2020-F-01234567: office, year, sort of work, "
                "eight digits. Copy it from the certificate."
            )
        )
    if not "A" <= found["sort"] <= "L":
        raise WrongNumber(_("The letter after the year is the sort of work, A to L. Compare it with the certificate."))
    _plausible_year(int(found["year"]), since=1991)
    shown = f"{found['office']}作登字-{found['year']}-{found['sort']}-{found['serial']}"
    return Number(shown, f"copyright:CN:{found['office']}{found['year']}{found['sort']}{found['serial']}")


def _software(kind: str, text: str) -> Number:
    """The registration number of software, such as 2020SR0123456; earlier years have six digits.

    The certificate also bears a certificate number (软著登字第…号), which names the paper and not the right.
    Source: Measures for the Registration of Copyright in Computer Software (2002), art. 21.
    """
    found = _SOFTWARE.fullmatch(text)
    if not found and _SOFTWARE_CERTIFICATE.fullmatch(text):
        raise WrongNumber(
            _(
                "This is the number of the certificate. Enter the registration number (登记号) below it, such as "
                "2020SR0123456."
            )
        )
    if not found:
        raise WrongNumber(
            _(
                "The registration number of software looks like 2020SR0123456: year, SR, six or seven digits. "
                "Copy it from the certificate."
            )
        )
    _plausible_year(int(found["year"]), since=1992)
    serial = found["serial"].zfill(7)
    return Number(f"{found['year']}SR{found['serial']}", f"software:CN:{found['year']}SR{serial}")


# --- patents -----------------------------------------------------------------------------------------

#: the digit after the year of a Chinese application number; 8 and 9 entered by way of the PCT
KIND_DIGITS = {RightKind.PATENT_INVENTION: "18", RightKind.PATENT_UTILITY: "29", RightKind.PATENT_DESIGN: "3"}
_TERM_YEARS: dict[str, int] = {
    RightKind.PATENT_INVENTION: 25,
    RightKind.PATENT_UTILITY: 10,
    RightKind.PATENT_DESIGN: 15,
}
_PATENT = re.compile(r"(?:ZL|CN)?(?P<body>\d{12}|\d{8})\.?(?P<check>[\dX])", re.ASCII)
_PATENT_WITHOUT_CHECK = re.compile(r"(?:ZL|CN)?(?:\d{12}|\d{8})\.?", re.ASCII)
_PUBLICATION = re.compile(r"CN\d{7,9}[ABCSUY]\d?", re.ASCII)


def patent_check_digit(body: str) -> str:
    """The character after the point: weights 2–9, again from 2, sum modulo 11, X for ten.

    Source: ZC 0006-2003, Standard for patent application numbers; the eight digits in use up to
    30 September 2003 have the same.
    """
    total = sum(int(digit) * (2 + place % 8) for place, digit in enumerate(body))
    return "0123456789X"[total % 11]


def _filing_year(body: str) -> int:
    if len(body) == 12:
        return int(body[:4])
    short = int(body[:2])
    return 1900 + short if short >= 85 else 2000 + short


def _patent(kind: str, text: str) -> Number:
    """A Chinese patent number: ZL, filing year, kind digit, serial, point, check digit.

    Source: ZC 0006-2003, arts. 4–6: invention 1, utility model 2, design 3; 8 and 9 by way of the PCT.
    """
    found = _PATENT.fullmatch(text)
    if _PUBLICATION.fullmatch(text):
        raise WrongNumber(
            _("This is a publication number. Enter the patent number that begins with ZL, as on the certificate.")
        )
    if not found and _PATENT_WITHOUT_CHECK.fullmatch(text):
        raise WrongNumber(_("The digit after the point is missing. A patent number looks like ZL202010123456.7."))
    if not found:
        raise WrongNumber(
            _(
                "A Chinese patent number looks like ZL202010123456.7: ZL, twelve digits, a point and a check "
                "digit. Copy it from the certificate."
            )
        )
    body = found["body"]
    year, digit = _filing_year(body), body[4 if len(body) == 12 else 2]
    _plausible_year(year, since=2003 if len(body) == 12 else 1985, until=None if len(body) == 12 else 2003)
    if digit not in KIND_DIGITS[RightKind(kind)]:
        said = next((k.label for k, digits in KIND_DIGITS.items() if digit in digits), None)
        if said is None:
            raise WrongNumber(
                _(
                    "The digit after the year says which kind of patent it is: 1, 2, 3, 8 or 9. Compare it with "
                    "the certificate."
                )
            )
        raise WrongNumber(
            _(
                "By the digit after the year this is a number of another kind of right (%(kind)s). Correct the "
                "number, or choose that kind."
            )
            % {"kind": said}
        )
    if found["check"] != patent_check_digit(body):
        raise WrongNumber(
            _(
                "The check digit after the point does not fit the digits before it, so one of them is mistyped. "
                "Compare each with the certificate."
            )
        )
    shown = f"{body}.{found['check']}"
    return Number(f"ZL{shown}", f"patent:CN:{shown}")


# --- geographical indications --------------------------------------------------------------------------

_AGRICULTURAL = re.compile(r"AGI(?P<year>\d{4})-?(?P<province>\d{2})-?(?P<serial>\d{4,5})号?", re.ASCII)
_ANNOUNCEMENT = re.compile(
    r"(?:[\u4e00-\u9fff]{0,12}?公告)?:?\(?(?P<year>\d{4})年?\)?第?(?P<serial>\d{1,4})号(?:公告)?", re.ASCII
)
_NUMBERED = re.compile(r"(?:[\u4e00-\u9fff]{0,12}?公告)第?(?P<serial>\d{1,4})号|第(?P<other>\d{1,4})号公告", re.ASCII)


def _geographical(kind: str, text: str) -> Number:
    """A geographical indication by any of the three roads that lead to one in China.

    AGI2018-01-2345 (Ministry of Agriculture, Measures of 2007), 2005年第101号 (announcement of AQSIQ or
    CNIPA, Provisions of 2005), or the number of a collective or certification mark (Trademark Law, art. 16):
    that one shares its key with trademarks, since it is one.
    """
    if found := _AGRICULTURAL.fullmatch(text):
        _plausible_year(int(found["year"]), since=2008)
        shown = f"AGI{found['year']}-{found['province']}-{found['serial']}"
        return Number(shown, f"gi:CN:{shown}")
    if found := _ANNOUNCEMENT.fullmatch(text):
        _plausible_year(int(found["year"]), since=1999)
        return Number(f"{found['year']}年第{int(found['serial'])}号", f"gi:CN:{found['year']}-{int(found['serial'])}")
    if found := _NUMBERED.fullmatch(text):
        serial = int(found["serial"] or found["other"])
        return Number(f"公告第{serial}号", f"gi:CN:{serial}")
    if _TRADEMARK.fullmatch(text) or _INTERNATIONAL.fullmatch(text):
        return _trademark(kind, text)
    raise WrongNumber(
        _(
            "A geographical indication has a number such as AGI2018-01-2345, an announcement such as "
            "2005年第101号, or the number of its collective or certification mark."
        )
    )


# --- books ---------------------------------------------------------------------------------------------


def _isbn(text: str) -> Number:
    """An ISBN with 13 digits; one with 10 is written as its 13. It names an edition, whatever the territory.

    Source: ISO 2108, GB/T 5795-2006; prefixes and check digit by python-stdnum.
    """
    bare = re.sub(r"^ISBN(?:-?1[03])?[:-]?", "", text).replace("-", "").replace(".", "")
    if not re.fullmatch(r"\d{13}|\d{9}[\dX]", bare, re.ASCII):
        raise WrongNumber(_("An ISBN has 13 digits and begins with 978 or 979. Copy it from the back of the book."))
    if len(bare) == 13 and not bare.startswith(("978", "979")):
        raise WrongNumber(_("An ISBN begins with 978 or 979. The number under another barcode is not an ISBN."))
    try:
        number = isbn.validate(bare, convert=True)
    except StdnumError as wrong:
        raise WrongNumber(
            _(
                "The last digit of this ISBN does not fit the others, so one of them is mistyped. Compare each "
                "with the book."
            )
        ) from wrong
    return Number(number, f"isbn:{number}")


# --- everywhere else -------------------------------------------------------------------------------------


def _elsewhere(kind: str, text: str, territory: str) -> Number:
    """A number of another country's office: letters, digits and the signs between them, within bounds."""
    if territory not in TERRITORIES:
        raise Invalid(
            _("The territory is a code of two letters: of a country, such as CN or US, or of a region, such as EU."),
            field="territory",
        )
    bare = "".join(c for c in text if c.isalnum())
    if re.search(r"[^\w/.,:()№-]", text) or not any(c.isdigit() for c in bare):
        raise WrongNumber(
            _(
                "A registration number holds digits, and letters or signs such as - / . between them. Copy it "
                "from the certificate."
            )
        )
    if not SHORTEST_ELSEWHERE <= len(bare) <= LONGEST_ELSEWHERE:
        raise WrongNumber(
            _("A registration number has %(least)d to %(most)d letters and digits. Copy it from the certificate.")
            % {"least": SHORTEST_ELSEWHERE, "most": LONGEST_ELSEWHERE}
        )
    return Number(text, f"{_FAMILY[kind]}:{territory}:{bare}")


def _plausible_year(year: int, *, since: int, until: int | None = None) -> None:
    until = until or clock.today().year
    if not since <= year <= until:
        raise WrongNumber(
            _(
                "The year %(year)d in the number cannot be right: it lies between %(since)d and %(until)d. "
                "Compare it with the certificate."
            )
            % {"year": year, "since": since, "until": until}
        )


def _certified(kind: str, text: str) -> Number:
    """A number that this house gave itself."""
    return Number(text.upper(), f"certificate:{text.upper()}")


_READERS: dict[str, Callable[[str, str], Number]] = {
    RightKind.TRADEMARK: _trademark,
    RightKind.COPYRIGHT_WORK: _work,
    RightKind.COPYRIGHT_SOFTWARE: _software,
    RightKind.PATENT_INVENTION: _patent,
    RightKind.PATENT_UTILITY: _patent,
    RightKind.PATENT_DESIGN: _patent,
    RightKind.GEOGRAPHICAL_INDICATION: _geographical,
    RightKind.FIRST_PUBLICATION: _certified,
}
#: kinds of right whose numbers come from one series of an office
_FAMILY: dict[str, str] = {
    RightKind.TRADEMARK: "trademark",
    RightKind.COPYRIGHT_WORK: "copyright",
    RightKind.COPYRIGHT_SOFTWARE: "software",
    RightKind.PATENT_INVENTION: "patent",
    RightKind.PATENT_UTILITY: "patent",
    RightKind.PATENT_DESIGN: "design",
    RightKind.GEOGRAPHICAL_INDICATION: "trademark",
    RightKind.FIRST_PUBLICATION: "certificate",
}
