"""What the style guide shows: made-up content for every component, a form with one field of every kind."""

from datetime import timedelta
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.utils.translation import gettext_lazy as _

from core import clock
from ippro.icons import ICONS


class SpecimenForm(forms.Form):
    """Never saved; it exists to be looked at."""

    number = forms.CharField(
        label=_("Registration number"),
        min_length=6,
        max_length=20,
        help_text=_("As on the certificate, without spaces."),
    )
    contact = forms.EmailField(label=_("Contact email"))
    valid_until = forms.DateField(label=_("Valid until"), required=False, widget=forms.DateInput({"type": "date"}))
    kind = forms.ChoiceField(
        label=_("Kind of right"), choices=[("", "—"), ("trademark", _("Trademark")), ("patent", _("Patent"))]
    )
    reason = forms.ChoiceField(
        label=_("What is wrong with it?"),
        choices=[
            ("counterfeit", _("Counterfeit goods")),
            ("mark", _("My mark without my leave")),
            ("image", _("My pictures")),
        ],
        widget=forms.RadioSelect,
    )
    scenes = forms.MultipleChoiceField(
        label=_("Where did you see it?"),
        choices=[("product", _("Product page")), ("video", _("Short video")), ("live", _("Livestream"))],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    links = forms.CharField(
        label=_("Links"),
        help_text=_("One per line, up to 500."),
        widget=forms.Textarea({"rows": 4, "data-count-lines": "500"}),
    )
    evidence = forms.FileField(
        label=_("Evidence"), required=False, widget=forms.FileInput({"data-max-bytes": str(10 * 1024 * 1024)})
    )
    good_faith = forms.BooleanField(label=_("I state in good faith that this is true."))


def _picture(ground: str, shape: str) -> str:
    return (
        "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 8 8'%3E"
        f"%3Crect width='8' height='8' fill='%23{ground}'/%3E"
        f"%3Ccircle cx='4' cy='4' r='2.5' fill='%23{shape}'/%3E%3C/svg%3E"
    )


def specimens() -> dict[str, Any]:
    """The context of the style guide."""
    now = clock.now()
    blue, red = _picture("c9d4f5", "3b57c4"), _picture("f3d6d2", "b3261e")
    return {
        "icons": sorted(ICONS),
        "tones": ["neutral", "info", "success", "warning", "danger"],
        "form": SpecimenForm(),
        "wrong_form": SpecimenForm({"number": "12", "contact": "nobody", "scenes": ["shop"]}, auto_id="wrong_%s"),
        "page": Paginator(range(240), 10).page(7),
        "tabs": [_("Your profile"), _("Second factor")],
        "entries": [
            {
                "at": now - timedelta(days=3),
                "title": _("Submitted"),
                "actor": _("complainant"),
                "tone": "info",
                "icon": "flag",
            },
            {
                "at": now - timedelta(days=2),
                "title": _("Upheld for 4 of 5 links"),
                "actor": _("reviewer"),
                "tone": "warning",
                "icon": "scale",
                "text": _("The fifth link shows goods of a genuine seller on file."),
            },
            {"at": now - timedelta(hours=5), "title": _("Taken down"), "tone": "success", "icon": "check"},
        ],
        "soon": now + timedelta(hours=9),
        "later": now + timedelta(days=12),
        "now": now,
        "images": [
            {"url": blue, "alt": _("Main picture"), "note": "800 × 800"},
            {"url": red, "alt": _("Detail")},
            {"url": blue, "alt": _("Label")},
        ],
    }
