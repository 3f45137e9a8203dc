"""Choosing one of many watch profiles: typed by number, public id, ISBN or name, with suggestions while one types."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.urls import reverse_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from patrol.models import WatchProfile

#: profiles that are suggested at a time
MOST = 10
LONGEST = 200
_NUMBER_OR_NAME = gettext_lazy("Its number, or a part of its name; ISBN and public id do, too.")


def named(text: str, *, among: QuerySet[WatchProfile] | None = None) -> QuerySet[WatchProfile]:
    """The profiles that somebody may mean who types this, by number, public id, ISBN, name or holder."""
    text = text.strip()[:LONGEST]
    found = WatchProfile.objects.all() if among is None else among
    exactly = Q(public_id=text) | Q(isbn=text)
    like = Q(number__icontains=text) | Q(name__icontains=text) | Q(filing__organisation__name__icontains=text)
    return found.filter(exactly | like if text else Q()).select_related("filing__organisation").order_by("name", "pk")


def suggestions(text: str) -> list[dict[str, str]]:
    """What stands in the list beneath the field: the number, and in words what it is."""
    return [
        {"value": one.number, "label": f"{one.name} · {one.filing.organisation.name}"} for one in named(text)[:MOST]
    ]


class ProfileField(forms.CharField):
    """A watch profile: the field shows its number and gives the row. Without a script one types, and is told what fits."""

    def __init__(self, *, among: Any = None, **kwargs: Any) -> None:
        #: gives the profiles among which one may choose
        self.among = among or WatchProfile.objects.all
        kwargs.setdefault("max_length", LONGEST)
        kwargs.setdefault("help_text", _NUMBER_OR_NAME)
        super().__init__(**kwargs)

    def widget_attrs(self, widget: Any) -> dict[str, Any]:
        attrs = super().widget_attrs(widget)
        return attrs | {"autocomplete": "off", "data-suggest": reverse_lazy("admin:patrol_watchprofile_suggest")}

    def clean(self, value: Any) -> WatchProfile | None:  # type: ignore[override]
        text = super().clean(value)
        if not text:
            return None
        found = list(named(text, among=self.among())[: MOST + 1])
        exact = [
            one for one in found if text.lower() in (one.number.lower(), one.public_id) or text in (one.isbn, one.name)
        ]
        fitting = exact or found
        if len(fitting) == 1:
            return fitting[0]
        if not fitting:
            raise ValidationError(_("No watch profile is called so. Type its number, or a part of its name."))
        names = "; ".join(f"{one.number} {one.name}" for one in fitting[:MOST])
        raise ValidationError(_("Several watch profiles fit: %(names)s. Type the number of one.") % {"names": names})
