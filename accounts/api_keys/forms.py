"""Forms of the pages about keys."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext_lazy

from accounts.api_keys.scopes import READ, WRITE, Area
from accounts.api_keys.services import LIFETIMES_DAYS, OVERLAPS_DAYS
from accounts.forms import RoomForm
from core.ids import new_id

_MAY = (("", pgettext_lazy("scope of an API key", "nothing")), (READ, _("read")), (WRITE, _("read and write")))
_NO_NUMBER = _("Open the page again and send this once.")


class MadeOnceForm(RoomForm):
    """A page makes one key, however often it is sent: it brings the id of what it makes."""

    key_id = forms.RegexField(r"^key_[0-9a-z]{26}$", widget=forms.HiddenInput, error_messages={"invalid": _NO_NUMBER})

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["key_id"].initial = new_id("key")


class KeyForm(MadeOnceForm):
    name = forms.CharField(
        label=_("What uses it?"), max_length=100, help_text=_("Such as the name of your program: “warehouse import”.")
    )
    days = forms.TypedChoiceField(label=_("Good for"), coerce=int, initial=90)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["days"].choices = [(n, _days(n)) for n in LIFETIMES_DAYS]  # type: ignore[attr-defined]
        for area in Area:
            field = self.fields[area.value] = forms.ChoiceField(label=area.label, choices=_MAY, required=False)
            # “nothing” is an answer.
            field.is_element = True  # type: ignore[attr-defined]

    def areas(self) -> list[Any]:
        """The fields that say what the key may do."""
        return [self[area.value] for area in Area]

    def scopes(self) -> list[str]:
        said = self.cleaned_data
        return [f"{area}:{said[area]}" for area in Area.values if said.get(area)]


class RotateForm(MadeOnceForm):
    overlap_days = forms.TypedChoiceField(
        label=_("The old key goes on for"), coerce=int, initial=7,
        help_text=_("Give your program the new key within that time. Choose no time if somebody may have seen the old one."),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["overlap_days"].choices = [  # type: ignore[attr-defined]
            (n, _days(n) if n else _("no time: it ends at once")) for n in OVERLAPS_DAYS
        ]


def _days(n: int) -> str:
    return ngettext("%(n)d day", "%(n)d days", n) % {"n": n}
