"""Answers of sheets that staff look at: on their way, done, or given up with the reason, which they try again."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from accounts import roles
from complaints.answers.services import ANSWERS
from complaints.models import Answer
from core.admin import ObligationAdmin
from core.imports import services


@admin.register(Answer)
class AnswerAdmin(ObligationAdmin):
    list_display = ("sheet", "holder", "complaint", "stands", "due_at", "attempts", "error")
    list_select_related = ("sheet__organisation", "complaint")
    search_fields = ("=sheet__public_id", "=complaint__number", "sheet__organisation__name")
    search_help_text = _("Public id of the sheet, number of the complaint, or name of the organisation")
    ordering = ("-pk",)
    readonly_fields = ("stands",)
    fields = ("sheet", "complaint", "stands", "due_at", "attempts", "leased_until", "dead_at", "last_error")

    @display(description=_("organisation"))
    def holder(self, answer: Answer) -> str:
        return answer.sheet.organisation.name

    def has_administrator_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return roles.is_reviewer(request.user)

    def carry_on(self, row: Answer, by: Any) -> None:
        services.retry(ANSWERS, batch=row, by=by)
