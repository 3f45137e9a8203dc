"""Forms of appeals: what the appellant says, and what reviewers decide."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from complaints.rules import fitting, rules_at
from core import clock
from core.forms import MultipleFileField, PlainForm
from governance.appealable import KINDS
from governance.appeals.services import SHORTEST_GROUNDS
from governance.models import Appeal, OutOfCourtBody, Referral
from rulebook.models import RuleVersion

LONGEST_GROUNDS = 10_000


def add_errors(form: forms.Form, errors: dict[str, Any], otherwise: Any = None) -> None:
    """Put what a service refused beside the field it belongs to."""
    for name, messages in (errors or {"": otherwise}).items():
        for message in messages if isinstance(messages, list | tuple) else [messages]:
            form.add_error(name if name in form.fields else None, str(message))


def evidence_field() -> MultipleFileField:
    return MultipleFileField(
        label=_("Evidence"),
        help_text=_("Invoices, licences, photographs, PDF, video: up to 10 MB each."),
        required=False,
    )


class AppealForm(PlainForm):
    """Why a decision is wrong, and for which of its links."""

    links = forms.MultipleChoiceField(
        label=_("Links that you appeal about"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one link.")},
        help_text=_("A decision can be appealed against once: choose every link about which it is wrong."),
    )
    grounds = forms.CharField(
        label=_("Why is the decision wrong?"),
        widget=forms.Textarea({"rows": 7}),
        max_length=LONGEST_GROUNDS,
        help_text=_("At least 20 characters. Say what was overlooked or misunderstood, and what shows it."),
    )
    evidence = evidence_field()

    def __init__(self, *args: Any, findings: list[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not findings:
            del self.fields["links"]
            return
        field: Any = self.fields["links"]
        field.choices = [
            (f.complaint_target.public_id, f"{f.complaint_target.target} · {f.complaint_target.get_scene_display()}")
            for f in findings
        ]
        if not self.is_bound:
            self.initial["links"] = [value for value, _label in field.choices]

    def clean_grounds(self) -> str:
        grounds: str = self.cleaned_data["grounds"].strip()
        if len(grounds) < SHORTEST_GROUNDS:
            raise forms.ValidationError(_("Say in at least 20 characters why the decision is wrong."))
        return grounds


class SupplementForm(PlainForm):
    text = forms.CharField(
        label=_("Your supplement"), widget=forms.Textarea({"rows": 6}), max_length=LONGEST_GROUNDS
    )  # fmt: skip
    evidence = evidence_field()


class ReferForm(PlainForm):
    """The body outside that the appellant asked, as it tells us."""

    body = forms.ModelChoiceField(
        label=_("Body"), queryset=OutOfCourtBody.objects.none(), to_field_name="public_id",
        help_text=_("A certified body of your choice. Apply there first; it gives the case a number."),
    )  # fmt: skip
    reference = forms.CharField(label=_("Its number for the case"), max_length=64)
    referred_on = forms.DateField(label=_("Asked on"), widget=forms.DateInput({"type": "date"}))

    def __init__(self, *args: Any, appeal: Appeal, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["body"]
        field.queryset = OutOfCourtBody.objects.filter(is_active=True, regime=appeal.regime)
        self.initial.setdefault("referred_on", clock.today())


# --- staff ---------------------------------------------------------------------------------------------


def rules_to_reverse(appeal: Appeal, links: list[Any]) -> list[RuleVersion]:
    """The rules on which links may be decided anew; empty for a decision that is no finding."""
    kind = KINDS[appeal.kind]
    if not kind.is_by_links or not links:
        return []
    complaint = links[0].finding.complaint_target.complaint
    kinds = {link.finding.complaint_target.target.kind for link in links}
    rules = fitting(rules_at(complaint), right=complaint.filing.kind, kinds=kinds)
    return [r for r in rules if r.upholds == kind.reversal_upholds]


class DecideForm(PlainForm):
    """The decision on an appeal."""

    OUTCOMES = (("uphold", _("The decision stands")), ("reverse", _("Reverse it, for what is ticked below")))
    WHOLE = (("uphold", _("The decision stands")), ("reverse", _("Reverse it")))

    outcome = forms.ChoiceField(label=_("Decision"), widget=forms.RadioSelect, choices=OUTCOMES)
    links = forms.MultipleChoiceField(label=_("Links"), widget=forms.CheckboxSelectMultiple, required=False)
    rule = forms.ChoiceField(label=_("Rule on which they are decided anew"), required=False)
    reasons = forms.CharField(
        label=_("Reasons"), widget=forms.Textarea({"rows": 6}), max_length=5_000,
        help_text=_("Both sides read this. Answer what the appeal says, point by point."),
    )  # fmt: skip

    def __init__(self, *args: Any, appeal: Appeal, links: list[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        outcome: Any = self.fields["outcome"]
        if not links:
            outcome.choices = self.WHOLE
            del self.fields["links"], self.fields["rule"]
            return
        chosen: Any = self.fields["links"]
        chosen.choices = [(str(link.pk), str(link.finding.complaint_target.target)) for link in links]
        rule: Any = self.fields["rule"]
        rule.choices = [
            ("", _("Choose a rule")),
            *((r.code, f"{r.code} {r.title}") for r in rules_to_reverse(appeal, links)),
        ]
        if not self.is_bound:
            self.initial["links"] = [value for value, _label in chosen.choices]


class ReturnForm(PlainForm):
    missing = forms.CharField(
        label=_("What the appellant has to add"), widget=forms.Textarea({"rows": 4}), max_length=5_000
    )  # fmt: skip


class ConcludeForm(DecideForm):
    """What a body outside found, and what the platform does about it."""

    OUTCOMES = (("uphold", _("Nothing is changed")), ("reverse", _("It is followed, for what is ticked below")))
    WHOLE = (("uphold", _("Nothing is changed")), ("reverse", _("It is followed")))

    finding = forms.ChoiceField(label=_("The body found"), choices=Referral.Finding.choices)
    found_on = forms.DateField(label=_("Found on"), widget=forms.DateInput({"type": "date"}))

    field_order = ("finding", "found_on", "outcome", "links", "rule", "reasons")
