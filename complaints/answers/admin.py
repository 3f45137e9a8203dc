"""Answers of sheets that staff look at."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from complaints.answers.services import ANSWERS
from complaints.models import Answer
from core.imports.admin import SheetPartAdmin


@admin.register(Answer)
class AnswerAdmin(SheetPartAdmin):
    kind = ANSWERS
    list_display = ("sheet", "holder", "complaint", "stands", "due_at", "attempts", "error")
    list_select_related = ("sheet__organisation", "complaint")
    search_fields = ("=sheet__public_id", "=complaint__number", "sheet__organisation__name")
    search_help_text = _("Public id of the sheet, number of the complaint, or name of the organisation")
    fields = ("sheet", "complaint", "stands", "due_at", "attempts", "leased_until", "dead_at", "last_error")
