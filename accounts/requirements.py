"""What an organisation must have shown before its papers are looked at, each with the sentence that asks for it."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _
from stdnum.cn import uscc as credit_code
from stdnum.exceptions import InvalidChecksum, InvalidLength, ValidationError

from accounts.models import Organisation
from core.models import FilePurpose

CHINA = "CN"
#: fields by which the platform knows who an organisation is: changing them needs a new look at the papers
IDENTITY = ("name", "country", "uscc", "registration_number")
CONTACT = ("address", "contact_name", "contact_email", "contact_phone")


def clean_uscc(value: str) -> str:
    """A unified social credit code in its plain form, or ValueError with the sentence that says what is wrong.

    Source: GB 32100-2015, with the check character of section 4.6.
    """
    try:
        return credit_code.validate(value)
    except InvalidLength:
        n = len(credit_code.compact(value))
        raise ValueError(
            _("A unified social credit code has 18 characters, and this has %(n)d. Copy it from the business licence.")
            % {"n": n}
        ) from None
    except InvalidChecksum:
        raise ValueError(
            _("The check character does not fit: there is a slip in this code. Compare it with the business licence.")
        ) from None
    except ValidationError:
        raise ValueError(
            _("The code has digits first, then digits and capital letters without I, O, S, V and Z.")
        ) from None


def missing(organisation: Organisation) -> dict[str, str]:
    """What is still wanted before the papers can be handed in, by field."""
    wanted = {}
    if not organisation.name.strip():
        wanted["name"] = _("Enter the name as it stands on the business licence.")
    if organisation.country == CHINA:
        try:
            clean_uscc(organisation.uscc)
        except ValueError as wrong:
            wanted["uscc"] = str(wrong) if organisation.uscc else _("Enter the unified social credit code.")
    elif not organisation.registration_number.strip():
        wanted["registration_number"] = _("Enter the number under which the company is registered.")
    if not has_licence(organisation):
        wanted["documents"] = _("Attach the business licence, or the extract from the company register.")
    return wanted


def has_licence(organisation: Organisation) -> bool:
    return organisation.documents.filter(file__purpose=FilePurpose.LICENCE).exists()


def nothing_is_missing(organisation: Organisation) -> str | None:
    """A condition: None, or the first sentence of `missing`."""
    return _first(missing(organisation).values())


def is_the_only_one(organisation: Organisation) -> str | None:
    """A condition: one verified organisation for each credit code and kind."""
    twin = twin_of(organisation)
    if twin is None:
        return None
    return _(
        "%(number)s “%(name)s” is already verified as %(kind)s with the same credit code. "
        "Return this one and ask its people to be invited there, or reject it."
    ) % {"number": twin.number, "name": twin.name, "kind": twin.get_kind_display()}


def twin_of(organisation: Organisation) -> Organisation | None:
    """Another organisation that was verified with the same credit code as the same kind."""
    if not organisation.uscc:
        return None
    others = Organisation.objects.filter(
        uscc=organisation.uscc, kind=organisation.kind, state=Organisation.State.VERIFIED
    )
    return others.exclude(pk=organisation.pk).first()


def _first(sentences: Iterable[Any]) -> str | None:
    return next(iter(sentences), None)
