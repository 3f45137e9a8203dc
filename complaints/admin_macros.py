"""Prepared reasons: kept by senior reviewers, offered beside every box of reasons, each wording a version."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.widgets import UnfoldAdminSelectWidget

from accounts import roles
from complaints.models import Infringement
from core.admin import StaffAdmin
from rulebook.macros import PLACES, save_macro, unknown_places
from rulebook.models import ReasonMacro, Rule


class MacroForm(forms.ModelForm):
    """Words in one language or both, with known places only."""

    class Meta:
        model = ReasonMacro
        fields = ("title", "place", "infringement", "rule", "text_zh", "text_en", "is_offered")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        places = "; ".join(f"{{{name}}}: {meaning}" for name, meaning in PLACES.items())
        for name in ("text_zh", "text_en"):
            if name in self.fields:
                self.fields[name].help_text = _("What can be filled in: %(places)s.") % {"places": places}

    def clean_rule(self) -> str:
        code = str(self.cleaned_data["rule"]).strip().upper()
        if code and not Rule.objects.filter(code=code).exists():
            raise forms.ValidationError(_("There is no rule with this code. Leave it empty, or take one such as U1."))
        return code

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        for name in ("text_zh", "text_en"):
            if faults := unknown_places(said.get(name) or "", PLACES):
                self.add_error(name, faults)
        if not (said.get("text_zh") or "").strip() and not (said.get("text_en") or "").strip() and not self.errors:
            self.add_error("text_zh", _("Write it in Chinese, in English, or in both."))
        return said


@admin.register(ReasonMacro)
class ReasonMacroAdmin(StaffAdmin):
    """What reviewers insert with two keys."""

    form = MacroForm
    list_display = ("title", "place", "for_what", "rule", "version", "is_offered", "changed_at", "changed_by")
    list_filter = ("place", "is_offered")
    list_select_related = ("changed_by",)
    search_fields = ("title", "text_zh", "text_en", "=rule")
    fields = ("title", "place", "infringement", "rule", "text_zh", "text_en", "is_offered", "earlier")
    readonly_fields = ("earlier",)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return roles.is_senior(request.user)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return roles.is_senior(request.user)

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        if db_field.name == "infringement":
            choices = [("", _("every kind")), *Infringement.choices]
            return forms.ChoiceField(
                label=db_field.verbose_name, choices=choices, required=False, widget=UnfoldAdminSelectWidget
            )
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: ReasonMacro, form: Any, change: bool) -> None:
        save_macro(macro=obj, by=request.user)  # type: ignore[arg-type]  # the admin lets nobody in unknown

    @display(description=_("kind of infringement"))
    def for_what(self, macro: ReasonMacro) -> Any:
        return dict(Infringement.choices).get(macro.infringement, _("every kind"))

    @display(description=_("earlier wordings"))
    def earlier(self, macro: ReasonMacro) -> Any:
        """Every version, newest first; an installation that is asked why can say what was offered then."""
        if macro.pk is None:
            return "–"
        rows = macro.versions.select_related("written_by")[:20]
        return format_html_join(
            "", '<details><summary>{} · {} · {}</summary><div class="as-written">{}\n\n{}</div></details>',
            (
                (row.version, f"{timezone.localtime(row.written_at):%Y-%m-%d %H:%M}", row.written_by.name or row.written_by.email,
                 row.text_zh, row.text_en)
                for row in rows
            ),
        )  # fmt: skip
