"""Forms of the holders' pages: the choice of a kind, a draft of that kind, a renewal, and the filter of the list."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import django_filters
from django import forms
from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from core.forms import MultipleFileField, PlainForm
from filings.models import Filing, RightKind
from filings.requirements import FILED_BY_HAND, KINDS, LONGEST_DESCRIPTION

PAPERS = ("application/pdf", "image/jpeg", "image/png", "image/webp", "image/gif")
PICTURES = PAPERS[1:]
_CHOICE = '<span><strong>{}</strong><span class="muted">{}</span></span>'
_MOST = {"data-max-bytes": str(settings.MAX_UPLOAD_BYTES)}


class KindForm(PlainForm):
    """What kind of right it is; everything else follows from that."""

    kind = forms.ChoiceField(
        label=_("Kind of right"),
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose the kind of right."),
            "invalid_choice": _("Choose the kind of right."),
        },
    )

    def __init__(self, *args: Any, holders: Sequence[Organisation] = (), **kwargs: Any) -> None:
        """`holders` are those for whom an agency may file."""
        super().__init__(*args, **kwargs)
        if holders:
            choices = [("", _("your agency itself")), *((h.public_id, h.name) for h in holders)]
            self.fields["holder"] = forms.ChoiceField(label=_("Whose right is it?"), choices=choices, required=False)
            self.order_fields(["holder", "kind"])
        self.fields["kind"].choices = [  # type: ignore[attr-defined]
            (kind, format_html(_CHOICE, capfirst(RightKind(kind).label), KINDS[kind].intro)) for kind in FILED_BY_HAND
        ]


class ClassesField(forms.CharField):
    """Nice classes as people write them: 9, 25 35. Cleans to numbers; whether they exist is asked on saving."""

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(map(str, value)) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value) or ""
        if len(text) > 200:
            raise forms.ValidationError(_("Write each class once, as a number from 1 to 45."))
        words = text.replace("，", ",").replace("、", ",").replace(",", " ").split()
        if any(not (word.isascii() and word.isdigit() and len(word) <= 2) for word in words):
            raise forms.ValidationError(_("Write the classes as numbers from 1 to 45, such as 9, 25, 35."))
        return [int(word) for word in words]

    def run_validators(self, value: Any) -> None:
        """Numbers need no check of their text."""


def day_field(label: Any, help_text: Any = "") -> forms.DateField:
    return forms.DateField(
        label=label,
        help_text=help_text,
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": _("Enter a date, such as 2030-12-31.")},
    )


class DraftForm(PlainForm):
    """One filing: only the fields of its kind. Nothing is demanded until it is submitted, since drafts keep themselves."""

    use_required_attribute = False

    title = forms.CharField(max_length=200)
    registration_number = forms.CharField(max_length=64)
    owner_name = forms.CharField(
        label=_("Owner, as on the certificate"), max_length=200, help_text=_("Your organisation, or whom it acts for.")
    )
    mark_type = forms.ChoiceField(label=_("Type of mark"), widget=forms.RadioSelect, choices=Filing.MarkType.choices)
    nice_classes = ClassesField(
        label=_("Nice classes"), max_length=200, help_text=_("Numbers from 1 to 45, such as 9, 25, 35.")
    )
    territory = forms.CharField(
        label=_("Territory"),
        max_length=2,
        help_text=_("Two letters: of a country, such as CN, or of a region, such as EU."),
    )
    valid_from_on = day_field(_("Valid from"))
    valid_until_on = day_field(_("Valid until"), _("The last day, as on the certificate."))
    description = forms.CharField(
        label=_("Description"),
        max_length=LONGEST_DESCRIPTION,
        widget=forms.Textarea({"rows": 4}),
        help_text=_("What a reviewer should know, such as how the genuine goods are recognised."),
    )
    certificate = MultipleFileField(
        label=_("Certificate"), help_text=_("Every page of it, as PDF or picture, up to 10 MB each."), accept=PAPERS
    )
    pictures = MultipleFileField(
        label=_("Pictures"), help_text=_("The mark, the work, the goods or the official cover."), accept=PICTURES
    )
    sellers = forms.CharField(
        label=_("Genuine sellers"),
        max_length=100_000,
        widget=forms.Textarea({"rows": 3, "data-count-lines": "200", "spellcheck": "false"}),
        help_text=_("Links of shops that sell the genuine goods, one per line. They are not complained of by mistake."),
    )
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)

    def __init__(self, *args: Any, filing: Filing, **kwargs: Any) -> None:
        self.kind = KINDS[filing.kind]
        initial = {name: getattr(filing, name) for name in self.kind.fields} | {"version": filing.version}
        super().__init__(*args, initial=initial | kwargs.pop("initial", {}), **kwargs)
        self.order_fields((*self.kind.fields, "certificate", "pictures", "sellers", "version"))
        for name in set(self.fields) - {*self.kind.fields, "certificate", "pictures", "sellers", "version"}:
            del self.fields[name]
        self.fields["title"].label = self.kind.title
        self.fields["registration_number"].label = self.kind.number
        self.fields["registration_number"].help_text = self.kind.number_help
        for name in ("certificate", "pictures"):
            self.fields[name].widget.attrs |= _MOST
        for name in ("valid_from_on", "description", "sellers"):
            self.fields[name].required = False
        self.fields["valid_until_on"].required = self.kind.must_end
        self.fields["pictures"].required = bool(self.kind.picture)
        if self.kind.picture:
            self.fields["pictures"].help_text = self.kind.picture

    def full_clean(self) -> None:
        """The label says what will be needed; a draft is kept without it."""
        needed = [field for name, field in self.fields.items() if field.required and name != "version"]
        for field in needed:
            field.required = False
        try:
            super().full_clean()
        finally:
            for field in needed:
                field.required = True

    @property
    def said(self) -> dict[str, Any]:
        """The columns that were sent and could be read, for `update_draft`."""
        return {n: self.cleaned_data[n] for n in self.kind.fields if n in self.cleaned_data and n in self.data}


class SellersForm(PlainForm):
    """More shops that sell the genuine goods."""

    sellers = forms.CharField(
        label=_("Links of shops"),
        max_length=100_000,
        widget=forms.Textarea({"rows": 2, "data-count-lines": "200", "spellcheck": "false"}),
        help_text=_("One per line."),
        error_messages={"required": _("Paste the link of a shop that sells the genuine goods.")},
    )


class RenewalForm(PlainForm):
    """The new validity of a right, and the paper that proves it."""

    valid_until_on = day_field(_("Valid until"), _("The last day of the renewed right, as on the certificate."))
    certificate = MultipleFileField(
        label=_("Certificate of the renewal"),
        help_text=_("Every page of it, as PDF or picture, up to 10 MB each."),
        accept=PAPERS,
        required=False,
    )
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)

    def __init__(self, *args: Any, filing: Filing, **kwargs: Any) -> None:
        proposed: date | None = filing.renewed_until_on
        super().__init__(*args, initial={"version": filing.version, "valid_until_on": proposed}, **kwargs)
        self.fields["certificate"].required = not filing.is_renewing
        self.fields["certificate"].widget.attrs |= _MOST


class FilingFilter(django_filters.FilterSet):
    """The list by words, kind and state."""

    q = django_filters.CharFilter(label=_("Name or number"), method="words", max_length=100)
    kind = django_filters.ChoiceFilter(label=_("Kind"), choices=RightKind.choices, empty_label=_("Every kind"))
    state = django_filters.ChoiceFilter(label=_("State"), choices=Filing.State.choices, empty_label=_("Every state"))

    class Meta:
        model = Filing
        fields = ("q", "kind", "state")
        form = PlainForm

    def words(self, queryset: QuerySet[Filing], name: str, value: str) -> QuerySet[Filing]:
        text = value.strip()
        return queryset.filter(
            Q(title__icontains=text) | Q(registration_number__icontains=text) | Q(number__iexact=text)
        )
