"""Forms of the pages about webhooks."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.forms import RoomForm
from accounts.webhooks.addresses import demo_origin
from accounts.webhooks.events import Event
from accounts.webhooks.services import OVERLAPS_HOURS


class EndpointForm(RoomForm):
    url = forms.CharField(
        label=_("Address"), max_length=500, widget=forms.URLInput({"inputmode": "url", "placeholder": "https://"}),
        help_text=_("Begins with https:// and is open to the internet."),
    )  # fmt: skip
    events = forms.MultipleChoiceField(
        label=_("Events that are sent there"), choices=Event, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if origin := demo_origin():
            said = _("Begins with https:// and is open to the internet. This demo sends to %(origin)s too.")
            self.fields["url"].help_text = said % {"origin": origin}


class RotateSecretForm(RoomForm):
    overlap_hours = forms.TypedChoiceField(
        label=_("The old secret signs beside the new one for"), coerce=int, initial=24,
        help_text=_("Give your system the new secret within that time."),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["overlap_hours"].choices = [  # type: ignore[attr-defined]
            (n, ngettext("%(n)d hour", "%(n)d hours", n) % {"n": n} if n else _("no time: it ends at once"))
            for n in OVERLAPS_HOURS
        ]
