"""The staff's page of the risk model: its versions, what each was measured at, and which stands."""

from functools import partial
from typing import Any

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import action, display

from accounts import roles
from accounts.signed_in import SignedInRequest
from core.admin import StaffAdmin
from patrol import risk, training
from patrol.models import RiskModel
from patrol.signals import words


@admin.register(RiskModel)
class RiskModelAdmin(StaffAdmin):
    """Versions that were learned from decisions; without one, the documented weights stand."""

    list_display = ("__str__", "in_use", "precision", "recall", "trained_on", "measured_on", "trained_at")
    ordering = ("-version",)
    fields = readonly_fields = (
        "public_id", "version", "in_use", "trained_at", "trained_by", "trained_on", "measured_on", "precision", "recall",
        "threshold", "weights_shown",
    )  # fmt: skip
    actions_detail = ("use", "use_documented")

    def has_senior_permission(self, request: SignedInRequest, obj: Any = None) -> bool:
        return roles.is_senior(request.user)

    @display(description=gettext_lazy("in use"), label={True: "success"})
    def in_use(self, row: RiskModel) -> tuple[bool, Any]:
        return row.is_in_use, _("in use") if row.is_in_use else ""

    @display(description=gettext_lazy("precision"), ordering="precision_ratio")
    def precision(self, row: RiskModel) -> str:
        return f"{row.precision_ratio:.1%}"

    @display(description=gettext_lazy("recall"), ordering="recall_ratio")
    def recall(self, row: RiskModel) -> str:
        return f"{row.recall_ratio:.1%}"

    @display(description=gettext_lazy("weights, and the documented ones"))
    def weights_shown(self, row: RiskModel) -> SafeString:
        return format_html(
            "<table>{}</table>",
            format_html_join(
                "",
                "<tr><td>{}</td><td>{}</td><td>{}</td></tr>",
                (
                    (words.name(signal), f"{row.weights.get(signal, 0.0):+.2f}", f"{weight:+.2f}")
                    for signal, weight in sorted(risk.WEIGHTS.items(), key=lambda w: -row.weights.get(w[0], 0.0))
                ),
            ),
        )

    @action(
        description=gettext_lazy("Put in use"), url_path="use", icon="check", permissions=["senior"],
        dialog={
            "title": gettext_lazy("Put in use"),
            "description": gettext_lazy("What is looked at from now on is scored with these weights."),
            "form_submit_text": gettext_lazy("Put in use"),
        },
    )  # fmt: skip
    def use(self, request: SignedInRequest, form: Any, object_id: str) -> HttpResponse:
        return self._put(request, object_id, self._row(request, object_id))

    @action(
        description=gettext_lazy("Use the documented weights"), url_path="documented", icon="undo", permissions=["senior"],
        dialog={
            "title": gettext_lazy("Use the documented weights"),
            "description": gettext_lazy("No learned version stands until one is put in use again."),
            "form_submit_text": gettext_lazy("Use the documented weights"),
        },
    )  # fmt: skip
    def use_documented(self, request: SignedInRequest, form: Any, object_id: str) -> HttpResponse:
        self._row(request, object_id)
        return self._put(request, object_id, None)

    def _row(self, request: HttpRequest, object_id: str) -> RiskModel:
        row = self.get_object(request, object_id)
        if not isinstance(row, RiskModel):
            raise Http404
        return row

    def _put(self, request: SignedInRequest, object_id: str, row: RiskModel | None) -> HttpResponse:
        put = partial(training.put_in_use, row=row, by=request.user)
        return self.carry_out(request, object_id, put, _("Scores follow it from now on."))
