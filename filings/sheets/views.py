"""Pages of rights from a sheet."""

from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from core.imports.forms import ColumnsForm
from core.imports.views import SheetPages
from filings.agents import holders_to_file_for
from filings.models import Filing
from filings.requirements import filed_kinds
from filings.sheets.services import SHEETS


class FilingColumnsForm(ColumnsForm):
    """The columns of a sheet of rights, and beside them what holds for all rows that say nothing themselves."""

    kind = SHEETS

    kind_for_all = forms.ChoiceField(
        label=_("Kind of right for all other rows"),
        choices=[("", _("None: every row says its own")), *filed_kinds()],
        required=False,
    )
    owner_name_for_all = forms.CharField(
        label=_("Owner for all other rows"), max_length=200, required=False,
        help_text=_("The name of your organisation, if nothing is said."),
    )  # fmt: skip
    territory_for_all = forms.CharField(
        label=_("Territory for all other rows"), max_length=2, required=False, help_text=_("CN, if nothing is said.")
    )
    holder_for_all = forms.ChoiceField(label=_("Rights holder for all other rows"), required=False)

    def __init__(self, *args: Any, sheet: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, sheet=sheet, user=user, **kwargs)
        holders = holders_to_file_for(sheet.organisation)
        field: Any = self.fields["holder_for_all"]
        field.choices = [("", _("your organisation itself")), *((h.public_id, h.name) for h in holders)]
        if not holders:
            field.widget = forms.HiddenInput()
            self.fields["holder"].widget = forms.HiddenInput()


class FilingSheetPages(SheetPages):
    kind = SHEETS
    name = "filings:import"
    columns_form = FilingColumnsForm
    templates = "filings/import"
    above = (_("Rights on file"), "filings:list")
    confirmed_words = _("The drafts of this sheet are being written. You can leave this page.")

    def about(self, request: HttpRequest) -> dict[str, Any]:
        super().about(request)
        return {"kinds": filed_kinds(), "mark_types": Filing.MarkType.choices}


pages = FilingSheetPages()
