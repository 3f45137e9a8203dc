"""How every form of the pages is drawn: label, help and error stand beside the field they belong to.

A form needs no template of its own: `{{ form }}` draws all of it, `{{ form.name.as_field_group }}` one field.
"""

from datetime import timedelta
from typing import Any

from django import forms
from django.forms.renderers import TemplatesSetting
from django.utils.translation import gettext_lazy as _

from core import demo_clock
from core.errors import Invalid
from core.forms import PlainForm


class Renderer(TemplatesSetting):
    """Django's renderer with the field and form templates of the design system."""

    form_template_name = "forms/form.html"
    formset_template_name = "forms/formset.html"
    field_template_name = "forms/field.html"


class MoveClockForm(PlainForm):
    """How far to move the clock of a demo."""

    NEXT_DEADLINE = "next-deadline"

    by = forms.CharField(
        label=_("How far"),
        help_text=_("A length of time such as 15d, 36h or 1d12h."),
        max_length=40,
        error_messages={"required": _("Say how far to move it.")},
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
    )

    def how_far(self) -> timedelta:
        return self.cleaned_data["length"]  # type: ignore[no-any-return]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if "by" in cleaned:
            try:
                cleaned["length"] = self._length(cleaned["by"])
            except Invalid as wrong:
                self.add_error("by", [str(said) for said in wrong.errors["by"]])
        return cleaned

    def _length(self, said: str) -> timedelta:
        return demo_clock.until_next_deadline() if said == self.NEXT_DEADLINE else demo_clock.length_of(said)
