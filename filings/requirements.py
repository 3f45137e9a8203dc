"""What each kind of right needs to be handed in: its fields, its papers, and the sentence for what is missing.

A draft may hold anything that fits its columns; `missing_from` says what still keeps it from being submitted.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import clock
from core.countries import TERRITORIES
from core.errors import Invalid
from core.models import FilePurpose
from core.text import clean_text
from filings.models import Filing, RightKind
from filings.numbers import LONGEST, WrongNumber, latest_end_year, read_number

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

NICE_CLASSES = range(1, 46)
MAX_FILES = 20
MAX_SELLERS = 200
LONGEST_DESCRIPTION = 5_000
_LONGEST = {"title": 200, "registration_number": LONGEST, "owner_name": 200, "description": LONGEST_DESCRIPTION}
COMMON = (
    "title", "registration_number", "owner_name", "territory", "valid_from_on", "valid_until_on", "description",
)  # fmt: skip


@dataclass(frozen=True)
class Kind:
    """What is asked for one kind of right, in the words of its certificate."""

    title: "StrOrPromise"
    number: "StrOrPromise"
    number_help: "StrOrPromise"
    intro: "StrOrPromise"
    must_end: bool = False
    extra: tuple[str, ...] = ()
    picture: "StrOrPromise" = ""
    #: whether people file it; otherwise it comes with a certificate of our own
    by_hand: bool = True

    @property
    def fields(self) -> tuple[str, ...]:
        head, tail = COMMON[:3], COMMON[3:]
        return (*head, *self.extra, *tail)


KINDS: dict[str, Kind] = {
    RightKind.TRADEMARK: Kind(
        title=gettext_lazy("Mark"),
        number=gettext_lazy("Registration number"),
        number_help=gettext_lazy("As on the certificate: 12345678, or G1234567 for an international registration."),
        intro=gettext_lazy("A registered word, figure or combined mark, with its Nice classes."),
        must_end=True,
        extra=("mark_type", "nice_classes"),
    ),
    RightKind.COPYRIGHT_WORK: Kind(
        title=gettext_lazy("Title of the work"),
        number=gettext_lazy("Registration number (登记号)"),
        number_help=gettext_lazy("As on the certificate, such as 国作登字-2020-F-01234567."),
        intro=gettext_lazy("A registered picture, photograph, text, film or other work."),
    ),
    RightKind.COPYRIGHT_SOFTWARE: Kind(
        title=gettext_lazy("Name of the software"),
        number=gettext_lazy("Registration number (登记号)"),
        number_help=gettext_lazy("As on the certificate, such as 2020SR0123456; not the number of the certificate itself."),
        intro=gettext_lazy("Registered software."),
    ),
    RightKind.PATENT_INVENTION: Kind(
        title=gettext_lazy("Title of the invention"),
        number=gettext_lazy("Patent number"),
        number_help=gettext_lazy("ZL, twelve digits, a point and the check digit: ZL202010123456.7."),
        intro=gettext_lazy("A granted invention patent."),
        must_end=True,
    ),
    RightKind.PATENT_UTILITY: Kind(
        title=gettext_lazy("Title of the utility model"),
        number=gettext_lazy("Patent number"),
        number_help=gettext_lazy("ZL, twelve digits, a point and the check digit: ZL202020123456.7."),
        intro=gettext_lazy("A granted utility model."),
        must_end=True,
    ),
    RightKind.PATENT_DESIGN: Kind(
        title=gettext_lazy("Product of the design"),
        number=gettext_lazy("Patent number"),
        number_help=gettext_lazy("ZL, twelve digits, a point and the check digit: ZL202030123456.7."),
        intro=gettext_lazy("A granted design, with its views."),
        must_end=True,
        picture=gettext_lazy("Add the views of the design as on the certificate, as pictures."),
    ),
    RightKind.GEOGRAPHICAL_INDICATION: Kind(
        title=gettext_lazy("Name of the product"),
        number=gettext_lazy("Number of the indication"),
        number_help=gettext_lazy("AGI2018-01-2345, an announcement such as 2005年第101号, or the number of the mark."),
        intro=gettext_lazy("A protected name of origin, by registration, announcement or as a mark."),
    ),
    RightKind.PUBLISHING: Kind(
        title=gettext_lazy("Title of the book"),
        number=gettext_lazy("ISBN"),
        number_help=gettext_lazy("13 digits from the back of the book, with or without hyphens."),
        intro=gettext_lazy("The right to publish a book, with its ISBN and official cover."),
        must_end=True,
        picture=gettext_lazy("Add the official cover of the book as a picture."),
    ),
    RightKind.FIRST_PUBLICATION: Kind(
        title=gettext_lazy("Title of the image"),
        number=gettext_lazy("Number of the certificate"),
        number_help=gettext_lazy("As on the certificate, such as FP-2026-000123."),
        intro=gettext_lazy("An image registered here for first-publication protection."),
        by_hand=False,
    ),
}  # fmt: skip


#: the kinds that people file
FILED_BY_HAND = tuple(kind for kind, said in KINDS.items() if said.by_hand)


def filed_kinds() -> list[tuple[str, Any]]:
    """They as choices."""
    return [(kind, RightKind(kind).label) for kind in FILED_BY_HAND]


# --- what a draft may hold ---------------------------------------------------------------------------


def clean_fields(filing: Filing, said: dict[str, Any]) -> dict[str, Any]:
    """The values that a draft of this kind may take from what was said. Raises Invalid, by field."""
    values: dict[str, Any] = {}
    errors: dict[str, Any] = {}
    for name in KINDS[filing.kind].fields:
        if name not in said:
            continue
        try:
            values[name] = _clean(name, said[name])
        except Invalid as wrong:
            errors |= wrong.errors
    start = values.get("valid_from_on", filing.valid_from_on)
    end = values.get("valid_until_on", filing.valid_until_on)
    if start and end and end < start:
        errors["valid_until_on"] = [_("The validity ends before it begins. Correct one of the two dates.")]
    if errors:
        raise Invalid(errors=errors)
    return values


def _clean(name: str, value: Any) -> Any:
    if name in _LONGEST:
        try:
            return clean_text(value or "", multiline=name == "description", max_length=_LONGEST[name])
        except ValidationError as wrong:
            raise Invalid(wrong.messages[0], field=name) from wrong
    if name == "territory":
        code = (value or "").strip().upper()
        if code not in TERRITORIES:
            raise Invalid(
                _(
                    "The territory is a code of two letters: of a country, such as CN or US, or of a region, such as EU."
                ),
                field=name,
            )
        return code
    if name == "nice_classes":
        return _clean_classes(value or [])
    if name == "mark_type":
        if value and value not in Filing.MarkType.values:
            raise Invalid(_("Choose word, figure or combined."), field=name)
        return value or ""
    if value is not None and (not isinstance(value, date) or not 1850 <= value.year <= 2200):
        raise Invalid(_("Enter a date between the years 1850 and 2200."), field=name)
    return value


def _clean_classes(said: Iterable[Any]) -> list[int]:
    try:
        classes = sorted({int(c) for c in said})
    except (TypeError, ValueError):
        classes = [0]
    if any(c not in NICE_CLASSES for c in classes):
        raise Invalid(_("Nice classes are numbers from 1 to 45."), field="nice_classes")
    return classes


# --- what a filing must hold --------------------------------------------------------------------------


def missing_from(filing: Filing) -> dict[str, list[Any]]:
    """By field: what keeps this filing from being submitted, each with the sentence that says how to mend it."""
    return wrong_in(filing) | _missing_papers(filing, KINDS[filing.kind])


def wrong_in(filing: Filing) -> dict[str, list[Any]]:
    """By field: what is missing or wrong in the data of a filing, whatever its papers."""
    kind = KINDS[filing.kind]
    errors: dict[str, list[Any]] = {}
    if not filing.title:
        errors["title"] = [_("Enter the name, as on the certificate.")]
    if not filing.owner_name:
        errors["owner_name"] = [_("Enter the owner, as on the certificate.")]
    try:
        read_number(kind=filing.kind, text=filing.registration_number, territory=filing.territory)
    except WrongNumber as wrong:
        errors["registration_number"] = [wrong.message]
    except Invalid as wrong:
        errors |= wrong.errors
    if filing.kind == RightKind.TRADEMARK:
        if not filing.mark_type:
            errors["mark_type"] = [_("Choose whether the mark is a word, a figure or both.")]
        if not filing.nice_classes:
            errors["nice_classes"] = [_("Choose at least one Nice class, 1 to 45.")]
    if wrong_end := _wrong_end(filing, filing.valid_until_on, must_end=kind.must_end):
        errors["valid_until_on"] = [wrong_end]
    return errors


def _missing_papers(filing: Filing, kind: Kind) -> dict[str, list[Any]]:
    errors: dict[str, list[Any]] = {}
    files = [f.file for f in filing.files.select_related("file")]
    if not any(f.purpose == FilePurpose.CERTIFICATE for f in files):
        errors["certificate"] = [_("Add the certificate, every page of it.")]
    if not any(f.purpose == FilePurpose.PICTURE and f.is_image for f in files):
        if kind.picture:
            errors["pictures"] = [kind.picture]
        elif filing.mark_type in (Filing.MarkType.FIGURE, Filing.MarkType.COMBINED):
            errors["pictures"] = [_("Add the mark as a picture, as on the certificate.")]
    return errors


def wrong_renewal(filing: Filing, until: date | None) -> "StrOrPromise | None":
    """Why a right cannot be renewed until that day; None if it can."""
    if until is None:
        return _("Enter until when the renewed right is valid.")
    if filing.valid_until_on is not None and until <= filing.valid_until_on:
        return _("The new validity must end after the present one (%(day)s).") % {
            "day": filing.valid_until_on.isoformat()
        }
    return _wrong_end(filing, until, must_end=True)


def _wrong_end(filing: Filing, until: date | None, *, must_end: bool) -> "StrOrPromise | None":
    if until is None:
        return _("Enter until when the right is valid.") if must_end else None
    if until < clock.today():
        return _("The validity has ended. File the right with its renewed certificate.")
    last_year = latest_end_year(kind=filing.kind, text=filing.registration_number) if filing.territory == "CN" else None
    if last_year is not None and until.year > last_year:
        return _(
            "A patent of this number cannot be in force after %(year)d. Compare the date with the certificate."
        ) % {"year": last_year}
    return None
