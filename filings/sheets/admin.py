"""Parts of sheets of rights that staff look at: on their way, done, or given up with the reason, which they try again."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from accounts import roles
from core.admin import ObligationAdmin
from filings.models import FilingSheetPart
from filings.sheets.services import retry_part


@admin.register(FilingSheetPart)
class FilingSheetPartAdmin(ObligationAdmin):
    list_display = ("sheet", "holder", "stands", "due_at", "attempts", "error")
    list_select_related = ("sheet__organisation",)
    search_fields = ("=sheet__public_id", "sheet__organisation__name")
    search_help_text = _("Public id of the sheet, or name of the organisation")
    ordering = ("-pk",)
    readonly_fields = ("stands",)
    fields = ("sheet", "stands", "due_at", "attempts", "leased_until", "dead_at", "last_error")

    @display(description=_("organisation"))
    def holder(self, part: FilingSheetPart) -> str:
        return part.sheet.organisation.name

    def has_administrator_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return roles.is_reviewer(request.user)

    def carry_on(self, row: FilingSheetPart, by: Any) -> None:
        retry_part(part=row, by=by)
