"""The staff's workplace for powers of attorney: the queue by deadline, and the paper beside what is said of it."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from accounts.models import PowerOfAttorney
from accounts.powers import selectors, services
from accounts.powers.lifecycle import LIFECYCLE, can_confirm
from accounts.signed_in import SignedInRequest
from complaints.agencies.scope import scope_in_words
from core.lifecycle import lock
from core.preconditions import still_as_seen, tag_of
from core.staff_pages import DecidedOnAPage

State = PowerOfAttorney.State
TONES = {
    State.SUBMITTED: "info", State.RETURNED: "warning", State.APPROVED: "success", State.REVOKED: "danger",
    State.EXPIRED: "danger",
}  # fmt: skip
#: what staff may do with a power, by the transition that stands behind the button
STEPS: dict[str, Callable[..., Any]] = {
    "approve": lambda power, by, note: services.approve_power(power=power, by=by),
    "return": lambda power, by, note: services.return_power(power=power, by=by, missing=note),
    "revoke": lambda power, by, note: services.revoke_power(power=power, by=by, reason=note),
}


@admin.register(PowerOfAttorney)
class PowerAdmin(DecidedOnAPage):
    """Every power, and the page on which one is reviewed."""

    class Media:
        css = {"all": ("rulebook/staff.css", "filings/review.css")}

    list_display = ("number", "agency", "holder", "stands", "valid_from_on", "valid_until_on", "deadline_at")
    list_filter = ("state",)
    list_select_related = ("agency", "holder")
    search_fields = ("=number", "=public_id", "agency__name", "holder__name")
    ordering = ("-pk",)
    steps, template = STEPS, "admin/accounts/powerofattorney/review.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("agency", "holder", "submitted_by", "reviewed_by")

    @display(description=gettext_lazy("state"), ordering="state", label=TONES)
    def stands(self, power: PowerOfAttorney) -> tuple[str, Any]:
        return power.state, power.get_state_display()

    def take(self, request: Any, row: Any, step: str, note: str) -> None:
        """Of a power that was sent again since the page was opened nothing is decided."""
        with transaction.atomic():
            still_as_seen(lock(row), request.POST.get("seen", ""))
            super().take(request, row, step, note)

    def shown(self, request: SignedInRequest, row: Any) -> dict[str, Any]:
        return {
            "power": row, "seen": tag_of(row), "turn": LIFECYCLE.turns[row.state], "scope": scope_in_words(row),
            "papers": selectors.documents_of(row), "in_force": row.is_in_force(),
            "timeline": selectors.timeline(row, request.user), "holder_has_account": can_confirm(row),
            "hindrance": self._hindrance(row),
            "steps": [t for t in LIFECYCLE.available(row, request.user) if t.name in STEPS],
        }  # fmt: skip

    @staticmethod
    def _hindrance(power: PowerOfAttorney) -> Any:
        """Why it cannot be approved although it is under review; None if it can."""
        if power.state != State.SUBMITTED:
            return None
        return next((words for need in LIFECYCLE["approve"].needs if (words := need(power))), None)
