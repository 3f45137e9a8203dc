"""The form on which a change of a rule is proposed."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.forms import PlainForm
from rulebook.catalogue import RIGHTS, TARGETS
from rulebook.models import Effect, Ladder, Measure, RuleVersion, Wording


def _area(name: str, rows: int = 4) -> forms.CharField:
    field = Wording._meta.get_field(name) if name != "steps" else None
    label = field.verbose_name if field is not None else gettext_lazy("steps")  # type: ignore[union-attr]
    return forms.CharField(label=label, widget=forms.Textarea(attrs={"rows": rows}), required=name != "steps")


def _line(name: str, length: int) -> forms.CharField:
    label = Wording._meta.get_field(name).verbose_name  # type: ignore[union-attr]
    return forms.CharField(label=label, max_length=length)


class ChangeForm(PlainForm):
    """Everything that a version says. What is impossible is said by `services.propose_change`."""

    code = forms.CharField(label=gettext_lazy("code"), max_length=16)
    title_zh, title_en = _line("title_zh", 200), _line("title_en", 200)
    text_zh, text_en = _area("text_zh"), _area("text_en")
    source_zh, source_en = _line("source_zh", 300), _line("source_en", 300)
    effect = forms.ChoiceField(label=gettext_lazy("effect"), choices=Effect.choices)
    ladder = forms.ChoiceField(label=gettext_lazy("counts against"), choices=Ladder.choices, required=False)
    points = forms.IntegerField(label=gettext_lazy("points"), min_value=0, max_value=48, initial=0)
    rights = forms.MultipleChoiceField(
        label=gettext_lazy("kinds of rights"), choices=[(r, r) for r in RIGHTS], required=False,
        help_text=gettext_lazy("none: every kind"),
    )  # fmt: skip
    targets = forms.MultipleChoiceField(
        label=gettext_lazy("kinds of targets"), choices=[(t, t) for t in TARGETS], required=False,
        help_text=gettext_lazy("none: every kind"),
    )  # fmt: skip
    steps = _area("steps")
    effective_from = forms.DateTimeField(
        label=gettext_lazy("in force from"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        help_text=gettext_lazy("Lies ahead: what a rule said yesterday is not changed today."),
    )
    effective_until = forms.DateTimeField(
        label=gettext_lazy("in force until"), required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        help_text=gettext_lazy("Empty for a rule that stays until another version comes."),
    )  # fmt: skip
    reason = forms.CharField(label=gettext_lazy("why"), widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["steps"].help_text = gettext_lazy(
            "Of a ladder, one a line: points, measure, days: “24 suspension 7”."
        )

    def clean_steps(self) -> list[dict[str, Any]]:
        """`24 suspension 7` a line."""
        steps = []
        for line in self.cleaned_data["steps"].splitlines():
            if not line.strip():
                continue
            words = [*line.split(), "", ""]
            points, measure, days = words[:3]
            if (
                any(words[3:])
                or not points.isdecimal()
                or measure not in Measure.values
                or not (days == "" or days.isdecimal())
            ):
                said = _("“%(line)s” is no step. Write points, measure and days, such as “24 suspension 7”.")
                raise forms.ValidationError(said % {"line": line[:60]})
            steps.append({"points": int(points[:4]), "measure": measure, "days": int(days[:4]) if days else None})
        return steps


def initial_of(version: RuleVersion, begins: datetime) -> dict[str, Any]:
    """What stands in the form for the next version of a rule: what the present one says."""
    said = {name: getattr(version, name) for name in ChangeForm.base_fields if name not in ("reason", "steps")}
    lines = [f"{s['points']} {s['measure']} {s['days'] or ''}".strip() for s in version.steps]
    return said | {"steps": "\n".join(lines), "effective_from": begins, "effective_until": None}
