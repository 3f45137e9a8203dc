"""Pages of sheets of marketplaces, for administrators."""

from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts import roles
from core.errors import Forbidden
from core.imports.forms import ColumnsForm, SheetForm
from core.imports.views import SheetPages
from marketplace.models import Marketplace, Target
from marketplace.sheets.columns import ROLES
from marketplace.sheets.services import SHEETS


class MarketSheetForm(SheetForm):
    """The file, and of which marketplace it speaks."""

    marketplace = forms.ModelChoiceField(label=_("Marketplace"), queryset=Marketplace.objects.none())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["marketplace"]
        field.queryset = Marketplace.objects.order_by("name")
        self.order_fields(["marketplace", "file"])


class MarketColumnsForm(ColumnsForm):
    """The columns of a sheet of a marketplace, and beside them what holds for all rows that say nothing themselves."""

    kind = SHEETS

    kind_for_all = forms.ChoiceField(
        label=_("Kind of all other rows"),
        choices=[("", _("None: every row says its own")), *Target.Kind.choices],
        required=False,
    )
    shop_external_id_for_all = forms.CharField(
        label=_("Id of the shop of all other rows"), max_length=128, required=False
    )
    category_for_all = forms.CharField(label=_("Category of all other rows"), max_length=100, required=False)
    currency_for_all = forms.CharField(label=_("Currency of all other rows"), max_length=3, required=False)
    state_for_all = forms.ChoiceField(
        label=_("State of all other rows"),
        choices=[
            ("", _("As it is known")),
            (Target.Observed.UP.value, _("up")),
            (Target.Observed.DOWN.value, _("down")),
        ],
        required=False,
    )


class MarketSheetPages(SheetPages):
    kind = SHEETS
    name = "market-sheets"
    columns_form = MarketColumnsForm
    sheet_form = MarketSheetForm
    templates = "marketplace/sheet"
    confirmed_words = _("The sheet is being taken in. You can leave this page.")

    def about(self, request: HttpRequest) -> dict[str, Any]:
        if not roles.is_administrator(request.user):
            raise Forbidden()
        return {"roles": ROLES.items()}


pages = MarketSheetPages()
