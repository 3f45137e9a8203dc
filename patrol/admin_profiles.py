"""The staff's pages of watch profiles: what is looked for, and the switch that lets sure finds go down without a person."""

import math
from typing import Any

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe
from unfold.decorators import action, display

from accounts.signed_in import SignedInRequest
from core.admin import StaffAdmin
from patrol import automatic, profile_choice, risk, selectors
from patrol.models import WatchProfile
from patrol.profiles import TERMS

TONES = {"draft": "info", "watching": "success", "paused": "warning", "ended": "danger"}


@admin.register(WatchProfile)
class WatchProfileAdmin(StaffAdmin):
    """Every profile, newest first. Holders change them on their own pages; here stands what staff decides on them."""

    list_display = ("number", "name", "holder", "kind", "stands", "by_itself", "changed_at")
    list_filter = ("state", "kind", "is_automatic")
    list_select_related = ("filing__organisation",)
    search_fields = ("=number", "=public_id", "name", "filing__organisation__name")
    search_help_text = gettext_lazy("Number, public id, name or holder")
    ordering = ("-pk",)
    fields = readonly_fields = (
        "public_id", "number", "filing", "holder", "kind", "name", "stands", "names", "code_words", "honest_words", "isbn",
        "list_price", "price_floor", "packaging_notes", "by_itself", "automatic_by", "automatic_since_at", "measured",
        "why_not", "version", "changed_at",
    )  # fmt: skip
    actions_detail = ("switch_on", "switch_off")

    def has_switch_on_permission(self, request: SignedInRequest, object_id: Any = None) -> bool:
        profile = self._asked_for(request, object_id)
        return profile is not None and not profile.is_automatic and automatic.may_switch_on(profile, request.user)

    def has_switch_off_permission(self, request: SignedInRequest, object_id: Any = None) -> bool:
        profile = self._asked_for(request, object_id)
        return profile is not None and profile.is_automatic and automatic.may_switch_off(profile, request.user)

    def _asked_for(self, request: SignedInRequest, object_id: Any) -> WatchProfile | None:
        """The profile of a page; None for a list, and for what names nothing."""
        return self.get_object(request, object_id) if object_id else None  # type: ignore[return-value]

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(require_safe(self.suggest))
        return [path("suggest.json", page, name="patrol_watchprofile_suggest"), *super().get_urls()]

    def suggest(self, request: HttpRequest) -> JsonResponse:
        """What a field for a profile offers while somebody types (`patrol/profile_choice.py`)."""
        if not self.has_view_permission(request):
            raise Http404
        return JsonResponse({"profiles": profile_choice.suggestions(request.GET.get("q", ""))})

    @display(description=gettext_lazy("holder"))
    def holder(self, profile: WatchProfile) -> str:
        return str(profile.organisation)

    @display(description=gettext_lazy("state"), ordering="state", label=TONES)
    def stands(self, profile: WatchProfile) -> tuple[str, Any]:
        return profile.state, profile.get_state_display()

    @display(description=gettext_lazy("takes down by itself"), ordering="is_automatic", label={True: "warning"})
    def by_itself(self, profile: WatchProfile) -> tuple[bool, Any]:
        return profile.is_automatic, _("by itself") if profile.is_automatic else _("people decide")

    @display(description=gettext_lazy("names"))
    def names(self, profile: WatchProfile) -> str:
        return self._words(profile, "names")

    @display(description=gettext_lazy("words that pirates use instead"))
    def code_words(self, profile: WatchProfile) -> str:
        return self._words(profile, "code_words")

    @display(description=gettext_lazy("words of honest offers"))
    def honest_words(self, profile: WatchProfile) -> str:
        return self._words(profile, "honest_words")

    def _words(self, profile: WatchProfile, name: str) -> str:
        return " · ".join(selectors.terms_of(profile)[TERMS[name]]) or "–"

    @display(description=gettext_lazy("sure finds that people decided on"))
    def measured(self, profile: WatchProfile) -> str:
        share, decided = risk.measured_precision(profile)
        if not decided:
            return _("none yet")
        bound = math.floor(100 * automatic.lower_bound(share, decided))
        return _("%(decided)d, upheld: %(share)d %%; precision is at least %(bound)d %%") % {
            "decided": decided, "share": math.floor(100 * share), "bound": bound,
        }  # fmt: skip

    @display(description=gettext_lazy("why it cannot take down by itself"))
    def why_not(self, profile: WatchProfile) -> str:
        return automatic.why_not(profile) or "–"

    @action(
        description=gettext_lazy("Take sure finds down by itself"), url_path="switch-on", icon="bolt",
        permissions=["switch_on"],
        dialog={
            "title": gettext_lazy("Take sure finds down by itself"),
            "description": gettext_lazy(
                "What is found with a sure score goes down without a person. The shop is told so and can appeal. It stops "
                "by itself when measured precision falls."
            ),
            "form_submit_text": gettext_lazy("Switch on"),
        },
    )  # fmt: skip
    def switch_on(self, request: SignedInRequest, form: Any, object_id: str) -> HttpResponse:
        return self._switch(request, object_id, automatic.switch_on, _("Sure finds go down by themselves from now on."))

    @action(
        description=gettext_lazy("Let people decide"), url_path="switch-off", icon="back_hand", permissions=["switch_off"],
        dialog={
            "title": gettext_lazy("Let people decide"),
            "description": gettext_lazy("Nothing of this profile goes down without a person any more."),
            "form_submit_text": gettext_lazy("Switch off"),
        },
    )  # fmt: skip
    def switch_off(self, request: SignedInRequest, form: Any, object_id: str) -> HttpResponse:
        return self._switch(request, object_id, automatic.switch_off, _("People decide from now on."))

    def _switch(self, request: SignedInRequest, object_id: str, service: Any, done: str) -> HttpResponse:
        profile = self._asked_for(request, object_id)
        if profile is None:
            raise Http404
        return self.carry_out(request, object_id, lambda: service(profile=profile, by=request.user), done)
