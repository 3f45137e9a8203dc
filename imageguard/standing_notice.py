"""Complaining by itself: what a holder agrees to when an original is to complain of sure copies, and the form that asks.

A page shows the form and hands `form.cleaned_data` to `services.change_original`; what comes of it is sent by the
complaints room (`complaints.automatic`).
"""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.forms import PlainForm
from imageguard.models import Original


class ComplainsByItselfForm(PlainForm):
    """Whether an original complains of sure copies by itself; switching it on takes a signature and the assurance."""

    complains_automatically = forms.BooleanField(
        label=_("Complain of sure copies by itself"),
        help_text=_(
            "A copy of which the comparison is sure becomes a complaint at once, in your name. Shops that you allow are"
            " left out. You can withdraw each complaint, and switch this off at any time."
        ),
        required=False,
    )
    signature = forms.CharField(
        label=_("Signed by"),
        help_text=_("Your full name, as on your identity document. It is never shown to the seller."),
        max_length=100,
        required=False,
        widget=forms.TextInput({"autocomplete": "name"}),
    )
    good_faith = forms.BooleanField(
        label=_("I make this statement of good faith for every one of these complaints."),
        help_text=_(
            "I state in good faith that each notice will be true, and that I may act for the holder of the image."
            " I know that a wrong notice makes liable for the damage, a malicious one for double the damage."
        ),
        required=False,
    )

    def __init__(self, *args: Any, original: Original, user: Any, **kwargs: Any) -> None:
        kwargs["initial"] = {
            "complains_automatically": original.complains_automatically, "signature": user.name,
            **(kwargs.get("initial") or {}),
        }  # fmt: skip
        super().__init__(*args, **kwargs)

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        if said.get("complains_automatically"):
            if not said.get("signature"):
                self.add_error("signature", _("Write the name of the person who signs the notices."))
            if not said.get("good_faith"):
                self.add_error("good_faith", _("Without this assurance no notice can be sent."))
        elif said.get("good_faith") and not self.initial["complains_automatically"]:
            # Whoever assures this means to switch it on, and would find months later that nothing was sent.
            self.add_error(
                "complains_automatically", _("Tick this too: without it no copy is complained of by itself.")
            )
        return said
