"""Forms of the parties' pages about counter-notices: the answer by its regime's elements, proof, concession, withdrawal."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from complaints.counter_notices import Answer
from complaints.lifecycle import regime_of
from complaints.models import ComplaintTarget, CounterNotice, CounterNoticeTarget, Proceeding, StatementOfReasons
from core.forms import MultipleFileField, PlainForm, too_large
from core.models import PrivateFile

LONGEST_STATEMENT = 10_000
PERSONAL = ("name", "address", "phone")
_UNCHANGED = _("Only if it was wrong or missing; left empty, it stays as it is.")


class FaultsByField:
    """For a form: what a service refused stands beside the field it belongs to."""

    def add_errors(self, errors: dict[str, Any]) -> None:
        for name, messages in errors.items():
            for message in messages if isinstance(messages, list | tuple) else [messages]:
                self.add_error(name if name in self.fields else None, str(message))  # type: ignore[attr-defined]


class AnswerForm(FaultsByField, PlainForm):
    """A merchant's answer: the links, and the elements that the law of the marketplace asks for."""

    targets = forms.ModelMultipleChoiceField(
        label=_("Links that you want back"),
        queryset=ComplaintTarget.objects.none(),
        to_field_name="public_id",
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    statement = forms.CharField(
        label=_("Why does it not infringe?"),
        help_text=_("At least 20 characters. Say what a reader can check: a licence, an invoice, a right of your own."),
        widget=forms.Textarea({"rows": 6}),
        max_length=LONGEST_STATEMENT,
        required=False,
    )
    evidence = MultipleFileField(
        label=_("Evidence"), help_text=_("Photographs, screenshots, PDF, video: up to 10 MB each."), required=False
    )
    evidence_is_private = forms.BooleanField(
        label=_("Keep these files from the complainant"),
        help_text=_(
            "Tick this if they show prices or suppliers. The complainant then judges your answer without them."
        ),
        required=False,
    )
    name = forms.CharField(
        label=_("Name of the person or company"), max_length=100, required=False,
        widget=forms.TextInput({"autocomplete": "name"}),
    )  # fmt: skip
    address = forms.CharField(
        label=_("Full address"), max_length=300, required=False,
        widget=forms.TextInput({"autocomplete": "street-address"}),
    )  # fmt: skip
    phone = forms.CharField(
        label=_("Telephone"), max_length=40, required=False, widget=forms.TextInput({"autocomplete": "tel"})
    )
    jurisdiction = forms.BooleanField(label=_("I consent to jurisdiction and to service of process."), required=False)
    signature = forms.CharField(
        label=_("Signed by (full name)"), max_length=100, required=False,
        widget=forms.TextInput({"autocomplete": "name"}),
    )  # fmt: skip
    good_faith = forms.BooleanField(label=_("I make this statement."), required=False)

    def __init__(
        self, *args: Any, statement: StatementOfReasons, rows: Sequence[ComplaintTarget], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        regime = regime_of(statement.decision.complaint)
        asked = {e.field: e for e in regime.counter_notice}
        for name in ("name", "address", "phone", "jurisdiction", "signature", "good_faith"):
            if name not in asked:
                del self.fields[name]
        for name in asked:
            # The service says what is missing, in the words of the law: the form lets it be sent, and looked at before.
            self.fields[name].is_element = True  # type: ignore[attr-defined]
        if "good_faith" in self.fields:
            self.fields["good_faith"].help_text = regime.counter_assurance  # type: ignore[assignment]
        if "jurisdiction" in self.fields:
            self.fields["jurisdiction"].help_text = asked["jurisdiction"].missing  # type: ignore[assignment]
        field: Any = self.fields["targets"]
        field.queryset = ComplaintTarget.objects.filter(pk__in=[row.pk for row in rows]).select_related("target")
        field.label_from_instance = lambda ct: f"{ct.target} · {ct.get_scene_display()}"
        if not self.is_bound:
            self.initial["targets"] = [row.public_id for row in rows]

    def said(self) -> dict[str, Any]:
        """What was typed so far, by field."""
        return {name: value for name, value in self.cleaned_data.items() if name not in ("targets", "evidence")}

    def answer(self, files: Sequence[PrivateFile]) -> Answer:
        """What is sent; whether an element is missing is the service's word."""
        data = self.cleaned_data
        return Answer(
            statement=data["statement"], targets=list(data["targets"]), evidence=files,
            evidence_is_private=data["evidence_is_private"],
            **{name: data[name] for name in ("signature", "name", "address", "phone", "jurisdiction", "good_faith") if name in data},
        )  # fmt: skip


class CounterSupplementForm(PlainForm):
    """What the merchant adds to a returned counter-notice."""

    text = forms.CharField(label=_("Your supplement"), widget=forms.Textarea({"rows": 6}), max_length=LONGEST_STATEMENT)
    evidence = MultipleFileField(
        label=_("Further evidence"),
        help_text=_("Photographs, screenshots, PDF, video: up to 10 MB each."),
        required=False,
    )
    evidence_is_private = forms.BooleanField(label=_("Keep these files from the complainant"), required=False)
    name = forms.CharField(
        label=_("Name of the person or company"), max_length=100, required=False, help_text=_UNCHANGED,
        widget=forms.TextInput({"autocomplete": "name"}),
    )  # fmt: skip
    address = forms.CharField(
        label=_("Full address"), max_length=300, required=False, help_text=_UNCHANGED,
        widget=forms.TextInput({"autocomplete": "street-address"}),
    )  # fmt: skip
    phone = forms.CharField(
        label=_("Telephone"), max_length=40, required=False, help_text=_UNCHANGED,
        widget=forms.TextInput({"autocomplete": "tel"}),
    )  # fmt: skip

    def __init__(self, *args: Any, counter_notice: CounterNotice, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        asked = {e.field for e in regime_of(counter_notice.complaint).counter_notice}
        for name in PERSONAL:
            if name not in asked:
                del self.fields[name]

    def corrected(self) -> dict[str, str]:
        """Who sends it, as far as that is to be corrected."""
        return {name: self.cleaned_data[name] for name in PERSONAL if name in self.cleaned_data}


class LinksForm(FaultsByField, PlainForm):
    """Which of a counter-notice's links something is about; all that are open, unless one says otherwise."""

    links = forms.MultipleChoiceField(
        label=_("Links"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one link.")},
    )

    def __init__(self, *args: Any, counter_notice: CounterNotice, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        found = self.offered(counter_notice).select_related("complaint_target__target").order_by("pk")
        self.of = {link.complaint_target.public_id: link for link in found}
        field: Any = self.fields["links"]
        field.choices = [
            (i, f"{link.complaint_target.target} · {link.get_outcome_display()}") for i, link in self.of.items()
        ]
        if not self.is_bound:
            self.initial["links"] = list(self.of)

    def clean_links(self) -> list[CounterNoticeTarget]:
        return [self.of[i] for i in self.cleaned_data["links"]]

    def offered(self, counter_notice: CounterNotice) -> Any:
        return counter_notice.links.filter(outcome__in=CounterNoticeTarget.OPEN)


class WithdrawForm(LinksForm):
    """Which links the merchant takes back: what is before a court is the court's to decide."""

    def offered(self, counter_notice: CounterNotice) -> Any:
        return counter_notice.links.filter(outcome=CounterNoticeTarget.Outcome.WAITING)


class ProofForm(LinksForm):
    """Proof that the complainant went to court or, where the law lets it count, to an authority."""

    kind = forms.ChoiceField(label=_("What did you do?"), choices=Proceeding.Kind.choices, widget=forms.RadioSelect)
    forum = forms.CharField(label=_("Court or authority"), max_length=200)
    case_number = forms.CharField(
        label=_("Case number"), help_text=_("Or the number on the receipt of your filing."), max_length=100
    )
    filed_on = forms.DateField(label=_("Filed on"), widget=forms.DateInput({"type": "date"}))
    file = forms.FileField(
        label=_("Receipt of the court or authority"),
        help_text=_("PDF or picture, up to 10 MB."),
        validators=[too_large],
    )

    def __init__(self, *args: Any, counter_notice: CounterNotice, **kwargs: Any) -> None:
        super().__init__(*args, counter_notice=counter_notice, **kwargs)
        regime = regime_of(counter_notice.complaint)
        kind: Any = self.fields["kind"]
        kind.choices = [choice for choice in Proceeding.Kind.choices if choice[0] in regime.proofs]
        kind.help_text = regime.proof_asked
        kind.error_messages["invalid_choice"] = regime.proof_asked
        if len(kind.choices) == 1:
            kind.initial = kind.choices[0][0]

    def offered(self, counter_notice: CounterNotice) -> Any:
        # Proof for what is settled already is recorded too, and refused with the reason.
        return super().offered(counter_notice) if super().offered(counter_notice).exists() else counter_notice.links
