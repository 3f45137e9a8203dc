"""What a shop writes about a penalty."""

from django import forms
from django.utils.translation import gettext_lazy as _

from core.forms import PlainForm


class StatementForm(PlainForm):
    text = forms.CharField(
        label=_("What speaks against the penalty"), widget=forms.Textarea(attrs={"rows": 6}), max_length=10_000,
        help_text=_("Invoices, licences or what you changed since: the reviewer reads it before deciding."),
    )  # fmt: skip


class EarlyEndForm(PlainForm):
    text = forms.CharField(
        label=_("Why it should end early"), widget=forms.Textarea(attrs={"rows": 4}), max_length=10_000,
        help_text=_("What you have taken down or changed so that it does not happen again."),
    )  # fmt: skip
