"""Complaints of sheets that staff look at, and stop."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from complaints.bulk import services
from complaints.models import Import, ImportBatch
from core.errors import DomainError
from core.imports.admin import SheetPartAdmin


@admin.register(ImportBatch)
class ImportBatchAdmin(SheetPartAdmin):
    kind = services.KIND
    list_display = ("sheet", "holder", "complaint", "stands", "due_at", "attempts", "error")
    list_select_related = ("sheet__organisation", "complaint")
    search_fields = ("=sheet__public_id", "=complaint__number", "sheet__organisation__name")
    search_help_text = _("Public id of the sheet, number of the complaint, or name of the organisation")
    fields = (
        "sheet", "filing", "infringement", "description", "complaint", "stands", "due_at", "attempts", "leased_until",
        "dead_at", "last_error",
    )  # fmt: skip

    actions = ("try_again", "stop_sheets")

    @admin.action(description=_("Stop their sheets: leave out what is not sent yet"), permissions=["administrator"])
    def stop_sheets(self, request: HttpRequest, queryset: QuerySet) -> None:
        for sheet in Import.objects.filter(pk__in=queryset.values("sheet")).order_by("pk"):
            try:
                services.stop_as_staff(sheet=sheet, by=request.user)  # type: ignore[arg-type]
                self.message_user(request, _("%(id)s was stopped.") % {"id": sheet.public_id})
            except DomainError as failure:
                self.message_user(request, f"{sheet.public_id}: {failure}", messages.WARNING)
