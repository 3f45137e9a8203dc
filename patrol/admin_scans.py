"""The staff's pages of scans and pre-checks: what was looked at, with its progress; what of it was given up; what was asked."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Count, OuterRef, Q, Subquery
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods
from unfold.decorators import display
from unfold.views import ChangeList

from accounts import roles
from accounts.signed_in import SignedInRequest
from complaints.models import Complaint
from core.admin import ObligationAdmin, StaffAdmin
from core.errors import DomainError
from marketplace.models import Marketplace
from patrol import prechecks, rechecks, scanning
from patrol.lifecycle import SCANS
from patrol.models import CandidateDecision, Inspection, Precheck, Recheck, Scan, ScanBatch, WatchProfile
from patrol.profile_choice import ProfileField
from patrol.progress import progress_of

TONES = {"running": "info", "paused": "warning", "finished": "success", "cancelled": "danger"}
STEPS = {
    "pause": scanning.pause, "resume": scanning.resume, "cancel": scanning.cancel, "reopen": scanning.retry_scan,
}  # fmt: skip
#: of what was given up, so many batches are named on the page of their scan
NAMED = 5


class StartForm(forms.Form):
    """What is scanned, and at what pace."""

    marketplace = forms.ModelChoiceField(
        Marketplace.objects.filter(is_enabled=True).order_by("name"), required=False, label=gettext_lazy("marketplace"),
        empty_label=gettext_lazy("all marketplaces"), to_field_name="public_id",
    )  # fmt: skip
    profile = ProfileField(
        among=WatchProfile.objects.watching, required=False, label=gettext_lazy("profile"),
        help_text=gettext_lazy("Its number, or a part of its name. Empty: all profiles that watch."),
    )  # fmt: skip
    listings_a_minute = forms.IntegerField(
        required=False, min_value=1, max_value=10**8 - 1, label=gettext_lazy("listings a minute"),
        help_text=gettext_lazy("on each marketplace; empty: as fast as this machine can"),
    )  # fmt: skip


class Scans(ChangeList):
    """The list; each line leads to the scan's progress."""

    def url_for_result(self, result: Scan) -> str:
        return reverse("admin:patrol_scan_progress", args=[result.public_id])


@admin.register(Scan)
class ScanAdmin(StaffAdmin):
    """Every scan, newest first; a new one is started above the list."""

    list_display = (
        "number", "where", "what", "stands", "listings", "gave_up", "pace", "created_at", "finished_at", "starter",
    )  # fmt: skip
    list_filter = ("state", "marketplace")
    list_select_related = ("marketplace", "profile", "started_by")
    search_fields = ("=number", "=public_id", "profile__name")
    ordering = ("-pk",)
    list_before_template = "admin/patrol/scan/start_link.html"

    class Media:
        css = {"all": ("rulebook/staff.css", "patrol/scans.css")}
        js = ("patrol/suggest.js",)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return Scans

    def get_queryset(self, request: HttpRequest) -> Any:
        is_dead = Q(batches__dead_at__isnull=False)
        return super().get_queryset(request).annotate(given_up=Count("batches", filter=is_dead))

    @display(description=gettext_lazy("batches given up"), ordering="given_up", label={True: "danger"})
    def gave_up(self, scan: Any) -> tuple[bool, int] | None:
        return (True, scan.given_up) if scan.given_up else None

    def changelist_view(self, request: SignedInRequest, extra_context: Any = None) -> HttpResponse:
        context = {"may_scan": roles.is_reviewer(request.user), **(extra_context or {})}
        return super().changelist_view(request, context)

    @display(description=gettext_lazy("marketplace"))
    def where(self, scan: Scan) -> str:
        return scan.marketplace.name if scan.marketplace else _("all marketplaces")

    @display(description=gettext_lazy("profile"))
    def what(self, scan: Scan) -> str:
        return scan.profile.name if scan.profile else _("all profiles")

    @display(description=gettext_lazy("state"), ordering="state", label=TONES)
    def stands(self, scan: Scan) -> tuple[str, Any]:
        return scan.state, scan.get_state_display()

    @display(description=gettext_lazy("pace"))
    def pace(self, scan: Scan) -> str:
        return _("%(n)d a minute") % {"n": scan.listings_a_minute} if scan.listings_a_minute else "–"

    @display(description=gettext_lazy("started by"))
    def starter(self, scan: Scan) -> str:
        return (scan.started_by.name or scan.started_by.email) if scan.started_by else _("by itself")

    def get_urls(self) -> list[URLPattern]:
        def page(view: Any, *methods: str) -> Any:
            return self.admin_site.admin_view(require_http_methods(methods)(view))

        return [
            path("start/", page(self.start, "GET", "HEAD", "POST"), name="patrol_scan_start"),
            path("<slug:public_id>/progress/", page(self.progress, "GET", "HEAD", "POST"), name="patrol_scan_progress"),
            *super().get_urls(),
        ]

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        """The page of its progress takes the place of the generated one."""
        found = self.get_object(request, object_id)
        if not isinstance(found, Scan) or not self.has_view_permission(request, found):
            raise Http404
        return redirect("admin:patrol_scan_progress", found.public_id)

    def start(self, request: SignedInRequest) -> HttpResponse:
        """The form for a new scan."""
        if not roles.is_reviewer(request.user):
            raise Http404
        form = StartForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                scan = scanning.start(by=request.user, **form.cleaned_data)
                return redirect("admin:patrol_scan_progress", scan.public_id)
            except DomainError as refused:
                form.add_error(refused.field, str(refused))
        context = self.frame(request, _("Start a scan")) | {"form": form}
        return TemplateResponse(request, "admin/patrol/scan/start.html", context, status=422 if form.errors else 200)

    def progress(self, request: SignedInRequest, public_id: str) -> HttpResponse:
        """How far a scan is; asked by htmx every few seconds, only the part that moves."""
        scan = Scan.objects.select_related("marketplace", "profile", "started_by").filter(public_id=public_id).first()
        if scan is None or not self.has_view_permission(request, scan):
            raise Http404
        failure: DomainError | None = None
        if request.method == "POST":
            step = STEPS.get(request.POST.get("step", ""))
            if step is None:
                raise Http404
            try:
                step(scan=scan, by=request.user)
                messages.success(request, _("Done."))
                return redirect("admin:patrol_scan_progress", public_id)
            except DomainError as refused:
                failure = refused
                scan.refresh_from_db()
        progress, steps = progress_of(scan), SCANS.available(scan, request.user)
        if progress.given_up and progress.is_under_way and roles.is_reviewer(request.user):
            steps.append(SCANS["reopen"])  # what of it was given up need not wait for its end
        context = {
            "scan": scan, "progress": progress, "failure": failure, "turn": SCANS.turns.get(scan.state), "steps": steps,
            "given_up": scan.batches.dead().select_related("marketplace").order_by("pk")[:NAMED] if progress.given_up else (),
        }  # fmt: skip
        if request.headers.get("HX-Request"):
            return TemplateResponse(request, "admin/patrol/scan/_progress.html", context)
        context = self.frame(request, scan.number) | context
        status = failure.status if failure else 200
        return TemplateResponse(request, "admin/patrol/scan/progress.html", context, status=status)


class _ReviewersRetry(ObligationAdmin):
    """Reviewers try these again themselves: what was given up is a listing at which nobody looked."""

    def has_administrator_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return roles.is_reviewer(request.user)


@admin.register(Inspection)
class InspectionAdmin(_ReviewersRetry):
    """What is owed a look, what was looked at, and what was given up with the reason."""

    list_display = ("target", "marketplace", "stands", "inspected_version", "inspected_at", "attempts", "error")
    list_filter = (*ObligationAdmin.list_filter, "marketplace")
    list_select_related = ("target", "marketplace")
    search_fields = ("=target__public_id", "=target__external_id")
    search_help_text = gettext_lazy("Public id of the target or its id on the marketplace")
    ordering = ("-pk",)
    readonly_fields = ("state",)
    fields = (
        "target", "marketplace", "inspected_version", "inspected_at", "state", "due_at", "attempts", "leased_until",
        "done_at", "dead_at", "last_error",
    )  # fmt: skip

    def carry_on(self, row: Inspection, by: Any) -> None:
        scanning.retry_inspection(row=row, by=by)


@admin.register(ScanBatch)
class ScanBatchAdmin(_ReviewersRetry):
    """The batches of scans."""

    list_display = ("scan", "marketplace", "listings", "scanned", "found", "stands", "due_at", "attempts", "error")
    list_filter = (*ObligationAdmin.list_filter, "marketplace")
    list_select_related = ("scan", "marketplace")
    search_fields = ("=scan__number", "=scan__public_id")
    search_help_text = gettext_lazy("Number of the scan")
    ordering = ("-pk",)
    readonly_fields = ("state",)
    fields = (
        "scan", "marketplace", "first", "last", "listings", "scanned", "found", "state", "due_at", "attempts",
        "leased_until", "done_at", "dead_at", "last_error",
    )  # fmt: skip

    def carry_on(self, row: ScanBatch, by: Any) -> None:
        scanning.retry_batch(row=row, by=by)


_OUTCOMES = {
    "down": "success", "up": "danger", "relisted_by_seller": "danger", "relisted_by_other": "warning",
    "released": "default", "unknown": "warning",
}  # fmt: skip


@admin.register(Recheck)
class RecheckAdmin(_ReviewersRetry):
    """Looks at what was taken down: what was seen, when the next one is due."""

    list_display = (
        "target", "case", "after_days", "came_to", "contradicts", "looked_at", "stands", "due_at", "error",
    )  # fmt: skip
    list_filter = (
        "outcome", "is_contradictory", *ObligationAdmin.list_filter, "after_days", "target__marketplace",
    )  # fmt: skip
    list_select_related = ("target",)
    list_display_links = ("target",)
    search_fields = ("=public_id", "cause__startswith", "=target__external_id", "=target__public_id")
    search_help_text = gettext_lazy("Public id of the case or the target, or its id on the marketplace")
    ordering = ("-pk",)
    readonly_fields = ("state", "case", "relisted", "what_was_seen")
    fields = (
        "public_id", "target", "case", "taken_down_at", "after_days", "outcome", "what_was_seen", "is_contradictory", "relisted",
        "looked_at", "state", "due_at", "attempts", "leased_until", "dead_at", "last_error",
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> Any:
        complaint = Complaint.objects.filter(public_id=OuterRef("case_id"))
        finding = CandidateDecision.objects.filter(public_id=OuterRef("case_id"))
        return (
            super()
            .get_queryset(request)
            .annotate(case_id=rechecks.CASE)
            .annotate(
                complaint_number=Subquery(complaint.values("number")[:1]),
                finding_number=Subquery(finding.values("number")[:1]),
                candidate_id=Subquery(finding.values("candidate__public_id")[:1]),
            )
        )

    @display(description=gettext_lazy("case"))
    def case(self, row: Any) -> str:
        """Its number, which leads to the page on which staff decide on it."""
        if row.complaint_number:
            url = reverse("admin:complaints_complaint_review", args=[row.case_id])
            return format_html('<a href="{}">{}</a>', url, row.complaint_number)
        if row.candidate_id:
            url = reverse("admin:patrol_candidate_review", args=[row.candidate_id])
            return format_html('<a href="{}">{}</a>', url, row.finding_number)
        return rechecks.case_of(row)

    @display(description=gettext_lazy("page and marketplace"), label={True: "danger"})
    def contradicts(self, row: Recheck) -> tuple[bool, str] | None:
        return (True, _("contradict each other")) if row.is_contradictory else None

    @display(description=gettext_lazy("what was seen"))
    def what_was_seen(self, row: Recheck) -> str:
        return rechecks.words_of(row) or "–"

    @display(description=gettext_lazy("outcome"), ordering="outcome", label=_OUTCOMES)
    def came_to(self, row: Recheck) -> Any:
        return (row.outcome, row.get_outcome_display()) if row.outcome else None

    @display(description=gettext_lazy("put up again"))
    def relisted(self, row: Recheck) -> str:
        lines = [
            (
                reverse("admin:patrol_candidate_review", args=[candidate.public_id]),
                candidate.number,
                str(candidate.target),
            )
            for candidate in row.relistings.select_related("target").order_by("pk")
        ]
        return format_html_join(", ", '<a href="{}">{}</a> {}', lines) or "–"

    def carry_on(self, row: Recheck, by: Any) -> None:
        rechecks.retry_recheck(row=row, by=by)


_ANSWERS = {"pass": "success", "review": "warning", "block": "danger"}


@admin.register(Precheck)
class PrecheckAdmin(StaffAdmin):
    """What marketplaces asked before they published it, and the answer."""

    list_display = ("at", "marketplace", "shop_external_id", "external_id", "answered", "percent", "rule", "profile")
    list_filter = ("answer", "marketplace", "rule")
    list_select_related = ("marketplace", "profile")
    search_fields = ("=public_id", "=external_id", "=shop_external_id", "profile__name")
    search_help_text = gettext_lazy("Public id, id of the listing or of the shop, or name of the profile")
    ordering = ("-pk",)
    fields = (
        "public_id", "marketplace", "shop_external_id", "external_id", "answer", "why", "rule", "score", "profile", "at",
    )  # fmt: skip
    readonly_fields = ("why",)

    @display(description=gettext_lazy("answer"), ordering="answer", label=_ANSWERS)
    def answered(self, row: Precheck) -> tuple[str, Any]:
        return row.answer, row.get_answer_display()

    @display(description=gettext_lazy("score"), ordering="score")
    def percent(self, row: Precheck) -> str:
        return f"{100 * row.score:.0f}"

    @display(description=gettext_lazy("reasons"))
    def why(self, row: Precheck) -> str:
        return " ".join(prechecks.reasons(row)) or "–"
