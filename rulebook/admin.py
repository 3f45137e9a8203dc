"""The staff's workplace for rules: read every version, propose the next one, decide on what somebody else proposed."""

from datetime import timedelta
from typing import Any

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods
from unfold.decorators import display
from unfold.views import ChangeList

from accounts import roles
from accounts.signed_in import SignedInRequest
from core import clock
from core.admin import StaffAdmin
from core.errors import DomainError, Invalid
from rulebook import services
from rulebook.forms import ChangeForm, initial_of
from rulebook.lifecycle import LIFECYCLE
from rulebook.models import PERIOD, WORDING, RuleChange, RuleVersion

#: a rule changes a week ahead unless another day is chosen, so that those who are bound by it can read it first
NOTICE = timedelta(days=7)
TONES = {"proposed": "info", "approved": "success", "declined": "danger", "withdrawn": "warning"}
DONE = {
    "approve": gettext_lazy("The new version is published."),
    "decline": gettext_lazy("The change was declined."),
    "withdraw": gettext_lazy("The change was taken back."),
}


@admin.register(RuleVersion)
class RuleVersionAdmin(StaffAdmin):
    """Every version; nobody edits one, the database refuses it."""

    list_display = ("rule_code", "number", "name", "effect", "points", "effective_from", "effective_until", "next_one")
    list_display_links = ("number",)
    list_filter = ("effect", "ladder")
    list_select_related = ("rule",)
    search_fields = ("=rule__code", "title_zh", "title_en")
    ordering = ("rule__pk", "-number")
    fields = ("rule", "number", *WORDING, *PERIOD, "content_hash", "published_at")

    @display(description=gettext_lazy("rule"), ordering="rule__pk")
    def rule_code(self, version: RuleVersion) -> str:
        return format_html(
            '<a href="{}">{}</a>', reverse("rule-version", args=[version.code, version.number]), version.code
        )

    @display(description=gettext_lazy("title"))
    def name(self, version: RuleVersion) -> str:
        return version.title

    @display(description=gettext_lazy("next version"))
    def next_one(self, version: RuleVersion) -> str:
        address = f"{reverse('admin:rulebook_rulechange_propose')}?code={version.code}"
        return format_html('<a href="{}">{}</a>', address, _("Propose the next version"))


class Queue(ChangeList):
    """The list; each line leads to the page on which it is decided."""

    def url_for_result(self, result: RuleChange) -> str:
        return reverse("admin:rulebook_rulechange_review", args=[result.public_id])


@admin.register(RuleChange)
class RuleChangeAdmin(StaffAdmin):
    """What was proposed, and what became of it."""

    list_display = ("number", "code", "name", "stands", "effective_from", "proposed_by", "decided_by")
    list_filter = ("state",)
    list_select_related = ("proposed_by", "decided_by")
    search_fields = ("=number", "=code", "=public_id")
    ordering = ("-pk",)

    class Media:
        css = {"all": ("rulebook/staff.css",)}

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return Queue

    @display(description=gettext_lazy("title"))
    def name(self, change: RuleChange) -> str:
        return change.title

    @display(description=gettext_lazy("state"), ordering="state", label=TONES)
    def stands(self, change: RuleChange) -> tuple[str, Any]:
        return change.state, change.get_state_display()

    def get_urls(self) -> list[URLPattern]:
        def page(view: Any) -> Any:
            return self.admin_site.admin_view(require_http_methods(["GET", "POST"])(view))

        return [
            path("propose/", page(self.propose), name="rulebook_rulechange_propose"),
            path("<slug:public_id>/review/", page(self.review), name="rulebook_rulechange_review"),
            *super().get_urls(),
        ]

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        """The page of the decision takes the place of the generated one."""
        found = self.get_object(request, object_id)
        if not isinstance(found, RuleChange) or not self.has_view_permission(request, found):
            raise Http404
        return redirect("admin:rulebook_rulechange_review", found.public_id)

    def propose(self, request: SignedInRequest) -> HttpResponse:
        """The form for the next version of a rule, or for a new rule."""
        if not roles.is_senior(request.user):
            raise Http404
        before = _latest(request.GET.get("code", ""))
        initial = initial_of(before, clock.now() + NOTICE) if before else None
        form = ChangeForm(request.POST or None, initial=initial)
        if request.method == "POST" and form.is_valid():
            said = dict(form.cleaned_data)
            code, reason = said.pop("code"), said.pop("reason")
            try:
                made = services.propose_change(code=code, wording=said, reason=reason, by=request.user)
                return redirect("admin:rulebook_rulechange_review", made.public_id)
            except Invalid as wrong:
                for name, sentences in wrong.errors.items():
                    form.add_error(name, [str(s) for s in sentences])
            except DomainError as wrong:
                form.add_error(None, str(wrong))
        context = self.frame(request, _("Propose a change of the rules")) | {"form": form, "before": before}
        status = 422 if form.errors else 200
        return TemplateResponse(request, "admin/rulebook/propose.html", context, status=status)

    def review(self, request: SignedInRequest, public_id: str) -> HttpResponse:
        """What would change, side by side, and the steps that this person may take."""
        change = RuleChange.objects.select_related("proposed_by", "decided_by").filter(public_id=public_id).first()
        if change is None or not self.has_view_permission(request, change):
            raise Http404
        failure: DomainError | None = None
        note = request.POST.get("note", "")[:5000]
        if request.method == "POST":
            step = request.POST.get("step", "")
            try:
                if step == "approve":
                    services.approve_change(change=change, by=request.user, note=note)
                elif step == "decline":
                    services.decline_change(change=change, by=request.user, note=note)
                elif step == "withdraw":
                    services.withdraw_change(change=change, by=request.user)
                else:
                    raise Http404
                messages.success(request, DONE[step])
                return redirect("admin:rulebook_rulechange_review", public_id)
            except DomainError as wrong:
                failure = wrong
        before = change.version or _latest(change.code)
        if change.version_id and before is not None:
            before = before.rule.versions.filter(number=before.number - 1).first()
        context = self.frame(request, change.number) | {
            "change": change, "before": before, "lines": _lines(change, before), "failure": failure, "note": note,
            "steps": LIFECYCLE.available(change, request.user), "turn": LIFECYCLE.turns[change.state],
        }  # fmt: skip
        return TemplateResponse(
            request, "admin/rulebook/review.html", context, status=failure.status if failure else 200
        )


def _latest(code: str) -> RuleVersion | None:
    return RuleVersion.objects.select_related("rule").filter(rule__code=code).order_by("-number").first()


def _lines(change: RuleChange, before: RuleVersion | None) -> list[dict[str, Any]]:
    """Each thing that a version says, as it is and as it would be."""
    lines = []
    for name in (*WORDING, *PERIOD):
        was, becomes = (getattr(before, name) if before else ""), getattr(change, name)
        lines.append(
            {
                "label": RuleChange._meta.get_field(name).verbose_name,  # type: ignore[union-attr]
                "was": _shown(was),
                "becomes": _shown(becomes),
                "is_new": was != becomes,
            }
        )
    return lines


def _shown(value: Any) -> Any:
    if isinstance(value, list):
        return "; ".join(" ".join(str(p) for p in v.values() if p) if isinstance(v, dict) else str(v) for v in value)
    return "" if value is None else value
