"""Forms of sheets: the file, its columns, and what is confirmed."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.forms import PlainForm
from core.imports import columns
from core.imports.kinds import Kind

SUFFIX = "_for_all"


class AskedAgain(PlainForm):
    """A form that takes back what a service refused."""

    def add_errors(self, errors: Mapping[str, Any]) -> None:
        """Put what a service refused beside the field it belongs to."""
        for name, messages in errors.items():
            for message in messages:
                self.add_error(name if name in self.fields else None, str(message))


class SheetForm(AskedAgain):
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


class ColumnsForm(AskedAgain):
    """Which column is what, and beside it what holds for all rows that say nothing themselves.

    A kind's form adds a field `<role>_for_all` for each role of `kind.for_all`.
    """

    kind: Kind

    def __init__(self, *args: Any, sheet: Any, header: list[str], width: int, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = [
            (str(i), f"{columns.letter(i)} · {header[i][:60]}" if i < len(header) and header[i] else columns.letter(i))
            for i in range(width)
        ]
        for role, label in self.kind.roles.items():
            asked = self.kind.needed.get(role)
            self.fields[role] = forms.ChoiceField(
                label=label,
                choices=[("", _("Choose the column") if asked else _("No column")), *names],
                required=bool(asked),
                initial=str(sheet.columns.get(role, "")),
                error_messages={"required": asked} if asked else {},
            )
        for role, value in self.kind.said_for_all(sheet).items():
            self.fields[role + SUFFIX].initial = value
        beside = (name for role in self.kind.roles for name in (role, role + SUFFIX))
        self.order_fields(list(beside))

    @property
    def chosen(self) -> dict[str, int]:
        """The position of each chosen column."""
        return {role: int(self.cleaned_data[role]) for role in self.kind.roles if self.cleaned_data.get(role)}

    @property
    def for_all(self) -> dict[str, Any]:
        return {role: self.cleaned_data[role + SUFFIX] for role in self.kind.for_all}
