"""What is owed of confirmed sheets, as staff look at it: on its way, done, or given up with the reason, and tried again."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from core.admin import ObligationAdmin
from core.imports import services
from core.imports.kinds import Kind


class SheetPartAdmin(ObligationAdmin):
    """The parts of sheets of one kind; of sheets of an organisation, unless a kind says otherwise."""

    kind: Kind
    list_display: tuple[str, ...] = ("sheet", "holder", "stands", "due_at", "attempts", "error")
    list_select_related: tuple[str, ...] = ("sheet__organisation",)
    search_fields: tuple[str, ...] = ("=sheet__public_id", "sheet__organisation__name")
    search_help_text = _("Public id of the sheet, or name of the organisation")
    ordering = ("-pk",)
    readonly_fields = ("stands",)
    fields: tuple[str, ...] = ("sheet", "stands", "due_at", "attempts", "leased_until", "dead_at", "last_error")

    @display(description=_("organisation"))
    def holder(self, part: Any) -> str:
        return str(part.sheet.organisation.name)

    def has_administrator_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.kind.may_retry(request.user)

    def carry_on(self, row: Any, by: Any) -> None:
        services.retry(self.kind, batch=row, by=by)
