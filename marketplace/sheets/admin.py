"""Parts of sheets of marketplaces: on their way, taken in, or given up with the reason, which administrators try again."""

from typing import Any

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from core.admin import ObligationAdmin
from marketplace.models import MarketSheetPart
from marketplace.sheets.services import retry_part


@admin.register(MarketSheetPart)
class MarketSheetPartAdmin(ObligationAdmin):
    list_display = ("sheet", "marketplace", "stands", "due_at", "attempts", "error")
    list_select_related = ("sheet__marketplace",)
    search_fields = ("=sheet__public_id", "sheet__marketplace__name")
    search_help_text = _("Public id of the sheet, or name of the marketplace")
    ordering = ("-pk",)
    readonly_fields = ("stands",)
    fields = ("sheet", "stands", "due_at", "attempts", "leased_until", "dead_at", "last_error")

    @display(description=_("marketplace"))
    def marketplace(self, part: MarketSheetPart) -> str:
        return part.sheet.marketplace.name

    def carry_on(self, row: MarketSheetPart, by: Any) -> None:
        retry_part(part=row, by=by)
