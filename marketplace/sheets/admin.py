"""Parts of sheets of marketplaces that administrators look at."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from core.imports.admin import SheetPartAdmin
from marketplace.models import MarketSheetPart
from marketplace.sheets.services import SHEETS


@admin.register(MarketSheetPart)
class MarketSheetPartAdmin(SheetPartAdmin):
    kind = SHEETS
    list_display = ("sheet", "marketplace", "stands", "due_at", "attempts", "error")
    list_select_related = ("sheet__marketplace",)
    search_fields = ("=sheet__public_id", "sheet__marketplace__name")
    search_help_text = _("Public id of the sheet, or name of the marketplace")

    @display(description=_("marketplace"))
    def marketplace(self, part: MarketSheetPart) -> str:
        return part.sheet.marketplace.name
