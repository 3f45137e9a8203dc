"""The scope of a power of attorney in words: read from what somebody types or sends, and shown again."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Organisation, PowerOfAttorney
from accounts.powers.services import Scope
from complaints.models import Infringement
from core.errors import Invalid
from filings.models import Filing
from marketplace.models import Marketplace, Scene

MOST_RIGHTS = 200


def marketplaces() -> list[tuple[str, str]]:
    """Slug and name of every marketplace that is connected."""
    return list(Marketplace.objects.order_by("name").values_list("slug", "name"))


def read_scope(
    *, holder: Organisation, rights: Iterable[str] = (), infringements: Sequence[str] = (), scenes: Sequence[str] = (),
    places: Sequence[str] = (),
) -> Scope:  # fmt: skip
    """What somebody limited a power to; rights of the holder by registration number, our number, or public id.

    Raises Invalid, each wrong word by its field.
    """
    lines = list(dict.fromkeys(line.strip() for line in rights if line.strip()))
    errors: dict[str, list[Any]] = {}
    found: list[str] = []
    if len(lines) > MOST_RIGHTS:
        errors["rights"] = [_("At most %(n)d rights. Leave it empty for all of them.") % {"n": MOST_RIGHTS}]
    else:
        found, errors["rights"] = _rights_of(holder, lines)
    for field, said, known in (
        ("infringements", infringements, Infringement.values),
        ("scenes", scenes, Scene.values),
        ("marketplaces", places, [slug for slug, _name in marketplaces()]),
    ):
        errors[field] = [_("“%(code)s” is not known here.") % {"code": c[:60]} for c in said if c not in known][:10]
    if errors := {field: sentences for field, sentences in errors.items() if sentences}:
        raise Invalid(errors=errors)
    return Scope(rights=found, infringements=infringements, scenes=scenes, marketplaces=places)


def _rights_of(holder: Organisation, lines: Sequence[str]) -> tuple[list[str], list[Any]]:
    filed = Filing.objects.filter(organisation=holder).exclude(state=Filing.State.DRAFT)
    found, unknown = [], []
    for line in lines:
        same = Q(registration_number__iexact=line) | Q(number__iexact=line)
        if line.startswith("flg_"):
            same = Q(public_id=line)
        ids = list(filed.filter(same).values_list("public_id", flat=True))
        found += ids
        if not ids:
            said = _("“%(line)s” is no right of this holder on file. Leave the list empty for all of its rights.")
            unknown.append(said % {"line": line[:60]})
    return found, unknown[:10]


Line = tuple[str | Promise, list[str]]


def scope_in_words(power: PowerOfAttorney) -> list[Line]:
    """Each part of a scope with what it is limited to; an empty list limits nothing."""
    filed = Filing.objects.filter(organisation=power.holder_id, public_id__in=power.rights).order_by("pk")
    names = dict(marketplaces()) if power.marketplaces else {}
    return [
        (gettext_lazy("Rights"), [f"{f.title} · {f.registration_number}" for f in filed]),
        (gettext_lazy("Kinds of infringement"), _labels(Infringement, power.infringements)),
        (gettext_lazy("Scenes"), _labels(Scene, power.scenes)),
        (gettext_lazy("Marketplaces"), [names.get(slug, slug) for slug in power.marketplaces]),
    ]


def _labels(choices: Any, codes: Iterable[str]) -> list[str]:
    labels = dict(choices.choices)
    return [str(labels.get(code, code)) for code in codes]
