"""Templates of messages: written by senior reviewers, checked before they are kept, seen as a reader would."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from accounts import roles
from complaints import conversations
from complaints.models import Complaint, MessageTemplate
from core.admin import StaffAdmin


class TemplateForm(forms.ModelForm):
    """Both languages, with known places only."""

    class Meta:
        model = MessageTemplate
        fields = ("title", "text_zh", "text_en", "is_offered")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        places = "; ".join(f"{{{name}}}: {meaning}" for name, meaning in conversations.PLACES.items())
        for name in ("text_zh", "text_en"):
            if name in self.fields:
                self.fields[name].help_text = _("What can be filled in: %(places)s.") % {"places": places}

    def clean_text_zh(self) -> str:
        return self._checked("text_zh")

    def clean_text_en(self) -> str:
        return self._checked("text_en")

    def _checked(self, name: str) -> str:
        text = str(self.cleaned_data[name])
        if faults := conversations.faults_of_template(text):
            raise forms.ValidationError(faults)
        return text


@admin.register(MessageTemplate)
class MessageTemplateAdmin(StaffAdmin):
    """What staff write again and again."""

    form = TemplateForm
    list_display = ("title", "is_offered", "changed_at", "changed_by")
    list_filter = ("is_offered",)
    search_fields = ("title", "text_zh", "text_en")
    fields = ("title", "text_zh", "text_en", "is_offered", "preview")
    readonly_fields = ("preview",)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return roles.is_senior(request.user)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return roles.is_senior(request.user)

    def save_model(self, request: HttpRequest, obj: MessageTemplate, form: Any, change: bool) -> None:
        conversations.save_template(template=obj, by=request.user)  # type: ignore[arg-type]  # the admin lets nobody in unknown

    @display(description=_("as a reader sees it"))
    def preview(self, template: MessageTemplate) -> Any:
        """As kept, filled in for the newest case; another language version below it."""
        newest = Complaint.objects.select_related("filing").order_by("-pk").first()
        if template.pk is None or newest is None:
            return _("Save it first; then it stands here, filled in for the newest case.")
        shown = [conversations.fill(text, newest) for text in (template.text_zh, template.text_en)]
        return format_html('<div class="as-written">{}\n\n{}</div>', *shown)
