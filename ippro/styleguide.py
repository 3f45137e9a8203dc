"""The form that the style guide shows: one field of every kind."""

from django import forms
from django.utils.translation import gettext_lazy as _


class SpecimenForm(forms.Form):
    """Never saved; it exists to be looked at."""

    number = forms.CharField(
        label=_("Registration number"), min_length=6, max_length=20, help_text=_("As on the certificate, without spaces.")
    )
    contact = forms.EmailField(label=_("Contact email"))
    valid_until = forms.DateField(label=_("Valid until"), required=False, widget=forms.DateInput({"type": "date"}))
    kind = forms.ChoiceField(label=_("Kind of right"), choices=[("", "—"), ("trademark", _("Trademark")), ("patent", _("Patent"))])
    reason = forms.ChoiceField(
        label=_("What is wrong with it?"),
        choices=[("counterfeit", _("Counterfeit goods")), ("mark", _("My mark without my leave")), ("image", _("My pictures"))],
        widget=forms.RadioSelect,
    )
    scenes = forms.MultipleChoiceField(
        label=_("Where did you see it?"),
        choices=[("product", _("Product page")), ("video", _("Short video")), ("live", _("Livestream"))],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    links = forms.CharField(
        label=_("Links"), help_text=_("One per line, up to 500."), widget=forms.Textarea({"rows": 4, "data-count-lines": "500"})
    )
    evidence = forms.FileField(label=_("Evidence"), required=False, widget=forms.FileInput({"data-max-bytes": str(10 * 1024 * 1024)}))
    good_faith = forms.BooleanField(label=_("I state in good faith that this is true."))
