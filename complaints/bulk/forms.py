"""Forms of complaints from a sheet: the file, its columns, the signature under all of it."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from complaints import selectors
from complaints.bulk import columns
from complaints.forms import LONGEST_DESCRIPTION, RightChoice, signed_by
from complaints.models import Import, Infringement
from complaints.regimes import REGIMES
from core.forms import PlainForm
from filings.models import Filing

#: what a row may say itself or all rows have in common; the link is in a column always
FOR_ALL = (columns.FILING, columns.INFRINGEMENT, columns.DESCRIPTION)


class SheetForm(PlainForm):
    """The file."""

    file = forms.FileField(
        label=_("Sheet"),
        help_text=_("CSV or XLSX, up to 10 MB and 10,000 rows; of a workbook its first sheet is read."),
        widget=forms.ClearableFileInput(
            {
                "accept": ".csv,.tsv,.txt,.xlsx,text/csv,application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
            }
        ),
        error_messages={
            "required": _("Choose the sheet to send."),
            "empty": _("The file is empty. Choose another one."),
        },
    )


class _AskedAgain(PlainForm):
    """A form that takes back what a service refused."""

    def add_errors(self, errors: dict[str, Any]) -> None:
        """Put what a service refused beside the field it belongs to."""
        for name, messages in errors.items():
            for message in messages:
                self.add_error(name if name in self.fields else None, str(message))


class ColumnsForm(_AskedAgain):
    """Which column is what, and beside it what holds for all rows that say nothing themselves."""

    filing_for_all = RightChoice(
        label=_("Right for all other rows"),
        queryset=Filing.objects.none(),
        to_field_name="public_id",
        required=False,
        empty_label=_("None: every row names its own"),
        error_messages={"invalid_choice": _("This right is not in force, or not yours. Choose another one.")},
    )
    infringement_for_all = forms.ChoiceField(
        label=_("Kind of infringement for all other rows"),
        choices=[("", _("None: every row names its own")), *Infringement.choices],
        required=False,
    )
    description_for_all = forms.CharField(
        label=_("Description for all other rows"),
        help_text=_("At least 20 characters: what infringes, and how you know. The seller reads this too."),
        widget=forms.Textarea({"rows": 4}),
        max_length=LONGEST_DESCRIPTION,
        required=False,
    )

    def __init__(self, *args: Any, sheet: Import, header: list[str], width: int, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = [
            (str(i), f"{columns.letter(i)} · {header[i][:60]}" if i < len(header) and header[i] else columns.letter(i))
            for i in range(width)
        ]
        for role, label in columns.ROLES.items():
            none = _("Choose the column") if role == columns.LINK else _("No column")
            self.fields[role] = forms.ChoiceField(
                label=label,
                choices=[("", none), *names],
                required=role == columns.LINK,
                initial=str(sheet.columns.get(role, "")),
                error_messages={"required": _("Choose the column with the links.")},
            )
        field: Any = self.fields["filing_for_all"]
        field.queryset = selectors.rights_to_rest_on(user)
        field.own_id = sheet.organisation_id
        self.fields["filing_for_all"].initial = sheet.filing.public_id if sheet.filing else None
        self.fields["infringement_for_all"].initial = sheet.infringement
        self.fields["description_for_all"].initial = sheet.description
        beside = (name for role in FOR_ALL for name in (role, f"{role}_for_all"))
        self.order_fields([columns.LINK, *beside])

    @property
    def chosen(self) -> dict[str, int]:
        """The position of each chosen column."""
        return {role: int(self.cleaned_data[role]) for role in columns.ROLES if self.cleaned_data.get(role)}


class ConfirmForm(_AskedAgain):
    """The signature and the statement of good faith, for every complaint of the sheet."""

    signature = signed_by()
    good_faith = forms.BooleanField(
        label=_("I make this statement of good faith for every row that is sent."),
        error_messages={
            "required": _("Confirm that the notice is true: without this assurance it cannot be accepted.")
        },
    )

    def __init__(self, *args: Any, laws: Iterable[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["good_faith"].help_text = " ".join(str(REGIMES[law].assurance) for law in sorted(set(laws)))
