"""The staff's workplace for penalties: what is proposed with its evidence, the second person of a ban, links of shops."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import action, display

from accounts import roles
from accounts.signed_in import SignedInRequest
from core.errors import DomainError, Invalid
from core.staff_pages import DecidedOnAPage
from governance.models import Penalty, ShopLink, Strike
from governance.penalties import points, selectors, services, shops
from governance.penalties.forms import CountForm
from governance.penalty_lifecycle import PENALTY

State = Penalty.State
TONES = {
    State.PROPOSED: "info", State.HEARING: "warning", State.CONFIRMED: "warning", State.IN_FORCE: "danger",
    State.ENDED: "success", State.LIFTED: "success",
}  # fmt: skip
#: what staff may do with a penalty, by the transition that stands behind the button
STEPS: dict[str, Callable[..., Any]] = {
    "hear": lambda penalty, by, note: services.open_hearing(penalty=penalty, by=by, reason=note),
    "confirm": lambda penalty, by, note: services.confirm(penalty=penalty, by=by, reason=note or penalty.reason),
    "begin": lambda penalty, by, note: services.put_ban_in_force(penalty=penalty, by=by),
    "drop": lambda penalty, by, note: services.drop(penalty=penalty, by=by, reason=note),
    "lift": lambda penalty, by, note: services.lift(penalty=penalty, by=by, reason=note),
}
LINK_STEPS: dict[str, Callable[..., Any]] = {
    "confirm": lambda link, by, note: shops.confirm_link(link=link, by=by, note=note),
    "dismiss": lambda link, by, note: shops.dismiss_link(link=link, by=by, note=note),
    "evasion": lambda link, by, note: shops.count_evasion(link=link, by=by),
}
STRIKE_STEPS: dict[str, Callable[..., Any]] = {
    "take_back": lambda strike, by, note: points.take_back_by_hand(strike=strike, by=by, reason=note),
}


@admin.register(Penalty)
class PenaltyAdmin(DecidedOnAPage):
    """The queue of penalties and the page of one."""

    list_display = ("number", "shop", "measure", "points", "stands", "deadline_at", "ends_at", "early_end_asked_at")
    list_filter = ("state", "measure", ("early_end_asked_at", admin.EmptyFieldListFilter))
    list_select_related = ("shop",)
    search_fields = ("=number", "=public_id", "shop__title", "=shop__operator_uscc")
    ordering = ("-pk",)
    steps, template = STEPS, "admin/governance/penalty.html"

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("shop__marketplace", "ladder__rule", "link__earlier")

    @display(description=gettext_lazy("state"), ordering="state", label=TONES)
    def stands(self, penalty: Penalty) -> tuple[str, Any]:
        return penalty.state, penalty.get_state_display()

    def shown(self, request: SignedInRequest, row: Any) -> dict[str, Any]:
        return {
            "penalty": row, "turn": PENALTY.turns[row.state], "strikes": selectors.strikes_of(row),
            "timeline": selectors.timeline(row), "standing": selectors.standings([row.shop], request.user)[0],
            "steps": [t for t in PENALTY.available(row, request.user) if t.name in STEPS],
        }  # fmt: skip


@admin.register(ShopLink)
class ShopLinkAdmin(DecidedOnAPage):
    """Shops that seem to be of one operator."""

    list_display = ("later", "earlier", "same", "stands", "found_at")
    list_filter = ("state",)
    list_select_related = ("earlier", "later")
    search_fields = ("=public_id", "earlier__title", "later__title", "=later__operator_uscc")
    ordering = ("-pk",)
    steps, template = LINK_STEPS, "admin/governance/shoplink.html"

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("earlier__marketplace", "later__marketplace", "decided_by")

    @display(description=gettext_lazy("what is the same"))
    def same(self, link: ShopLink) -> str:
        return ", ".join(link.grounds)

    @display(
        description=gettext_lazy("state"), ordering="state",
        label={"candidate": "info", "certain": "warning", "confirmed": "danger", "dismissed": "success"},
    )  # fmt: skip
    def stands(self, link: ShopLink) -> tuple[str, Any]:
        return link.state, link.get_state_display()

    def shown(self, request: SignedInRequest, row: Any) -> dict[str, Any]:
        earlier, later = selectors.standings([row.earlier, row.later], request.user)
        return {"link": row, "sides": [(_("Earlier shop"), earlier), (_("Later shop"), later)]}


@admin.register(Strike)
class StrikeAdmin(DecidedOnAPage):
    """Every strike; points change by decisions and their reversal, or because a senior counts them or takes them back."""

    list_display = ("code", "shop", "number", "points", "is_doubled", "counted_at", "expires_at", "taken_back_at")
    list_filter = ("code", ("taken_back_at", admin.EmptyFieldListFilter))
    list_select_related = ("shop",)
    search_fields = ("=public_id", "=number", "shop__title")
    ordering = ("-pk",)
    steps, template = STRIKE_STEPS, "admin/governance/strike.html"
    actions_list = ("count",)

    def get_queryset(self, request: HttpRequest) -> Any:
        return (
            super()
            .get_queryset(request)
            .select_related("shop__marketplace", "rule_version__rule", "statement__decision__complaint")
        )

    def shown(self, request: SignedInRequest, row: Any) -> dict[str, Any]:
        may = roles.is_senior(request.user) and not row.follows_decision and row.taken_back_at is None
        standing = selectors.standings([row.shop], request.user)[0]
        notice = row.statement or selectors.notice_behind(row)
        return {
            "strike": row, "may_take_back": may, "standing": standing, "link": selectors.link_behind(row),
            "notice": notice, "may_count": notice is not None and roles.is_senior(request.user),
        }  # fmt: skip

    def has_senior_permission(self, request: SignedInRequest, obj: Any = None) -> bool:
        return roles.is_senior(request.user)

    @action(description=gettext_lazy("Count points"), url_path="count", icon="add", permissions=["senior"])
    def count(self, request: SignedInRequest) -> HttpResponse:
        """The form for points that no decision brings: forged papers, refused cooperation."""
        form = CountForm(request.POST or None, initial={"about": request.GET.get("about", "")[:20]})
        if request.method == "POST" and form.is_valid():
            said = form.cleaned_data
            try:
                made = points.count_by_hand(
                    statement=said["about"], code=said["rule"], reason=said["reason"], by=request.user
                )
                messages.success(request, _("The points count, and the shop is told why."))
                return redirect("admin:governance_strike_review", made.public_id)
            except Invalid as wrong:
                for name, sentences in wrong.errors.items():
                    form.add_error(name, [str(s) for s in sentences])
            except DomainError as wrong:
                form.add_error(None, str(wrong))
        return self.form_page(request, "admin/governance/count.html", form, _("Count points against a shop"))
