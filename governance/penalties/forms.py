"""What a shop writes about a penalty, and what staff write about points."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from complaints.models import StatementOfReasons
from core.forms import PlainForm
from governance.penalties.offences import BY_HAND
from rulebook.selectors import rules_in_force


class StatementForm(PlainForm):
    text = forms.CharField(
        label=_("What speaks against the penalty"), widget=forms.Textarea(attrs={"rows": 6}), max_length=10_000,
        help_text=_("Invoices, licences or what you changed since: the reviewer reads it before deciding."),
    )  # fmt: skip


class CountForm(PlainForm):
    """What a senior counts by hand: which act, in which case, and why."""

    about = forms.CharField(
        label=_("Number of the notice to the shop"), max_length=20,
        help_text=_("The notice that the act is about: its page and its letter name the number. The points count against its shop."),
    )  # fmt: skip
    rule = forms.ChoiceField(label=_("What the shop did"))
    reason = forms.CharField(
        label=_("Why: the shop reads it"), widget=forms.Textarea(attrs={"rows": 5}), max_length=2000,
        help_text=_("Which paper is forged and what shows it, or what was asked for, until when, and what came."),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        book = rules_in_force()
        found = [book[code] for code in BY_HAND if code in book]
        self.fields["rule"].choices = [(rule.code, f"{rule.code}: {rule.title} ({rule.points})") for rule in found]  # type: ignore[attr-defined]

    def clean_about(self) -> StatementOfReasons:
        statements = StatementOfReasons.objects.select_related("shop__operator", "decision__complaint")
        found = statements.filter(number=self.cleaned_data["about"].strip().upper()).first()
        if found is None:
            raise forms.ValidationError(_("There is no notice with this number."))
        return found


class EarlyEndForm(PlainForm):
    text = forms.CharField(
        label=_("Why it should end early"), widget=forms.Textarea(attrs={"rows": 4}), max_length=10_000,
        help_text=_("What you have taken down or changed so that it does not happen again."),
    )  # fmt: skip
