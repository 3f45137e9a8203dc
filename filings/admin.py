"""The staff's workplace for filings: the queue by deadline, the review beside the certificate, and conflicts.

Each step is a plain form that carries the version that was seen: sent from a page that is no longer true, it
changes nothing and answers 409.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods
from unfold.decorators import display
from unfold.views import ChangeList

from accounts.roles import is_reviewer
from accounts.signed_in import SignedInRequest
from core.admin import StaffAdmin
from core.errors import DomainError, Invalid
from filings import selectors, services
from filings.lifecycle import LIFECYCLE, turn_of
from filings.models import Filing, FilingConflict
from filings.requirements import KINDS, missing_from
from filings.sheets.admin import FilingSheetPartAdmin as FilingSheetPartAdmin
from rulebook import macros

State = Filing.State
TONES = {
    State.SUBMITTED: "info",
    State.RETURNED: "warning",
    State.EXPIRING: "warning",
    State.APPROVED: "success",
    State.REJECTED: "danger",
    State.REVOKED: "danger",
    State.EXPIRED: "danger",
}
#: what a reviewer may do with a filing, by the transition that stands behind the button
STEPS: dict[str, Callable[..., Any]] = {
    "approve": lambda filing, by, note, version: services.approve(filing=filing, by=by, version=version),
    "return": lambda filing, by, note, version: services.return_for_supplement(
        filing=filing, by=by, missing=note, version=version
    ),
    "reject": lambda filing, by, note, version: services.reject(filing=filing, by=by, reason=note, version=version),
    "decline_renewal": lambda filing, by, note, version: services.decline_renewal(
        filing=filing, by=by, reason=note, version=version
    ),
    "revoke": lambda filing, by, note, version: services.revoke(filing=filing, by=by, reason=note, version=version),
}
DONE = {
    "approve": gettext_lazy("%(number)s was approved."),
    "return": gettext_lazy("%(number)s was returned for supplement."),
    "reject": gettext_lazy("%(number)s was rejected."),
    "decline_renewal": gettext_lazy("The renewal of %(number)s was declined."),
    "revoke": gettext_lazy("%(number)s was revoked."),
}


class DeskFilter(admin.SimpleListFilter):
    """What waits for a reviewer, unless something else is asked for."""

    title = gettext_lazy("desk")
    parameter_name = "desk"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, Any]]:
        return [
            ("conflict", gettext_lazy("in conflict")),
            ("force", gettext_lazy("in force")),
            ("ending", gettext_lazy("ending soon")),
            ("all", gettext_lazy("everything")),
        ]

    def choices(self, changelist: Any) -> Iterator[Any]:
        first, *others = super().choices(changelist)
        yield {**first, "display": gettext_lazy("waiting for review")}
        yield from others

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        match self.value():
            case "conflict":
                return queryset.filter(has_conflict=True)
            case "force":
                return queryset.in_force()  # type: ignore[attr-defined]
            case "ending":
                return queryset.filter(state=State.EXPIRING)
            case "all":
                return queryset
        # A search without a desk looks everywhere.
        return queryset if request.GET.get("q", "").strip() else queryset.filter(state=State.SUBMITTED)


class Queue(ChangeList):
    """The list; each line leads to the review."""

    def url_for_result(self, result: Filing) -> str:
        return reverse("admin:filings_filing_review", args=[result.public_id])


@admin.register(Filing)
class FilingAdmin(StaffAdmin):
    """The queue of filings and the review of one."""

    list_display = ("right", "kind_name", "holder", "stands", "due", "conflict")
    list_filter = (DeskFilter, "kind", "state")
    list_per_page = 50
    search_fields = ("=number", "registration_number", "title", "=public_id", "organisation__name")
    search_help_text = gettext_lazy("Number, registration number, name, id or organisation")
    ordering = ("deadline_at", "pk")

    class Media:
        css = {"all": ("filings/review.css",)}

    # --- the list --------------------------------------------------------------------------------

    def get_changelist(self, request: SignedInRequest, **kwargs: Any) -> type[ChangeList]:
        return Queue

    def get_queryset(self, request: SignedInRequest) -> QuerySet:
        return selectors.with_conflicts(Filing.objects.visible_to(request.user)).select_related("organisation")

    @display(description=gettext_lazy("right"), ordering="title")
    def right(self, filing: Filing) -> str:
        return format_html(
            '{}<span class="fr-sub">{} · {}</span>', filing.title, filing.number, filing.registration_number
        )

    @display(description=gettext_lazy("kind"), ordering="kind")
    def kind_name(self, filing: Filing) -> str:
        return filing.get_kind_display()

    @display(description=gettext_lazy("holder"), ordering="organisation__name")
    def holder(self, filing: Filing) -> str:
        return filing.organisation.name

    @display(description=gettext_lazy("state"), ordering="state", label=TONES)
    def stands(self, filing: Filing) -> tuple[str, Any]:
        return filing.state, filing.get_state_display()

    @display(description=gettext_lazy("deadline"), ordering="deadline_at", label={"late": "danger", "due": "default"})
    def due(self, filing: Filing) -> Any:
        if filing.state not in (State.SUBMITTED, State.RETURNED, State.EXPIRING) or filing.deadline_at is None:
            return None
        day = timezone.localtime(filing.deadline_at).strftime("%Y-%m-%d")
        if not selectors.is_late(filing):
            return "due", day
        return "late", _("%(day)s, late") % {"day": day}

    @display(description=gettext_lazy("conflict"), label={"open": "danger"})
    def conflict(self, filing: Any) -> Any:
        return ("open", _("open")) if filing.has_conflict else None

    # --- the review ------------------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(require_http_methods(["GET", "POST"])(self.review))
        return [path("<slug:public_id>/review/", page, name="filings_filing_review"), *super().get_urls()]

    def change_view(self, request: SignedInRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        """The review takes the place of the generated page."""
        if not self.has_view_permission(request):
            return super().change_view(request, object_id, *args, **kwargs)
        return redirect("admin:filings_filing_review", _shown(request, object_id).public_id)

    def review(self, request: SignedInRequest, public_id: str) -> HttpResponse:
        """One filing beside its papers, with the steps that this reviewer may take."""
        if not self.has_view_permission(request):
            return super().change_view(request, public_id)
        filing = _shown(request, public_id)
        if request.method != "POST":
            return self._page(request, filing)
        step, note = request.POST.get("step", ""), request.POST.get("note", "")
        if step not in STEPS:
            raise Http404
        try:
            STEPS[step](filing, request.user, note, _number(request.POST.get("version", "")))
        except DomainError as failure:
            return self._page(request, _shown(request, public_id), failure=failure, note=note)
        self.message_user(request, DONE[step] % {"number": filing.number}, messages.SUCCESS)
        return redirect("admin:filings_filing_changelist")

    def _page(
        self, request: SignedInRequest, filing: Filing, *, failure: DomainError | None = None, note: str = ""
    ) -> HttpResponse:
        turn = turn_of(filing)
        context = {
            **self.frame(request, filing.number),
            "original": filing.number,
            "side": _side(filing),
            "filing": filing,
            "turn": turn,
            "is_late": selectors.is_late(filing),
            "steps": [t for t in LIFECYCLE.available(filing, request.user) if t.name in STEPS],
            "is_own": request.user.memberships.filter(organisation_id=filing.organisation_id).exists(),
            "conflicts": FilingConflict.objects.open().touching(filing).select_related("filing", "other"),
            "missing": _missing(filing),
            "macros": _macros(filing),
            "timeline": selectors.timeline(filing, request.user),
            "failure": failure,
            "note": note,
            "waiting": selectors.queue().exclude(pk=filing.pk).first(),
        }
        return TemplateResponse(
            request, "admin/filings/filing/review.html", context, status=failure.status if failure else 200
        )


@admin.register(FilingConflict)
class ConflictAdmin(StaffAdmin):
    """Numbers that two organisations filed, side by side, until staff have said who holds them."""

    list_display = ("number", "later", "earlier", "opened_at", "stands")
    list_filter = (("settled_at", admin.EmptyFieldListFilter),)
    search_fields = (
        "=public_id",
        "filing__registration_number",
        "filing__organisation__name",
        "other__organisation__name",
    )

    class Media:
        css = {"all": ("filings/review.css",)}

    def get_queryset(self, request: SignedInRequest) -> QuerySet:
        return selectors.conflicts()

    def get_ordering(self, request: SignedInRequest) -> tuple[str, ...]:
        return ("settled_at", "-opened_at")

    @display(description=gettext_lazy("registration number"))
    def number(self, conflict: FilingConflict) -> str:
        return conflict.filing.registration_number

    @display(description=gettext_lazy("later filing"))
    def later(self, conflict: FilingConflict) -> str:
        return format_html(
            '{}<span class="fr-sub">{}</span>', conflict.filing.organisation.name, conflict.filing.number
        )

    @display(description=gettext_lazy("earlier filing"))
    def earlier(self, conflict: FilingConflict) -> str:
        return format_html('{}<span class="fr-sub">{}</span>', conflict.other.organisation.name, conflict.other.number)

    @display(description=gettext_lazy("state"), label={"open": "danger", "settled": "success"})
    def stands(self, conflict: FilingConflict) -> tuple[str, Any]:
        return ("open", _("open")) if conflict.settled_at is None else ("settled", _("settled"))

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(require_http_methods(["GET", "POST"])(self.settle))
        return [path("<slug:public_id>/settle/", page, name="filings_filingconflict_settle"), *super().get_urls()]

    def change_view(self, request: SignedInRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        """The two filings side by side take the place of the generated page."""
        if not self.has_view_permission(request):
            return super().change_view(request, object_id, *args, **kwargs)
        found = self.get_queryset(request).filter(_by_id(object_id)).first()
        if found is None:
            raise Http404
        return redirect("admin:filings_filingconflict_settle", found.public_id)

    def settle(self, request: SignedInRequest, public_id: str) -> HttpResponse:
        """Both filings side by side, and the words that settle who holds the number."""
        if not self.has_view_permission(request):
            return super().change_view(request, public_id)
        conflict = self.get_queryset(request).filter(public_id=public_id).first()
        if conflict is None:
            raise Http404
        if request.method != "POST":
            return self._page(request, conflict)
        chosen, note = request.POST.get("in_favour_of", ""), request.POST.get("note", "")
        choices = {conflict.filing.public_id: conflict.filing, conflict.other.public_id: conflict.other, "both": None}
        try:
            if chosen not in choices:
                raise Invalid(_("Choose one of the two filings, or both."), field="in_favour_of")
            services.settle_conflict(conflict=conflict, by=request.user, note=note, in_favour_of=choices[chosen])
        except DomainError as failure:
            again = self.get_queryset(request).get(pk=conflict.pk)
            return self._page(request, again, failure=failure, note=note, chosen=chosen)
        self.message_user(
            request, _("The conflict was settled, and both parties' filings brought in line."), messages.SUCCESS
        )
        return redirect("admin:filings_filingconflict_settle", conflict.public_id)

    def _page(
        self,
        request: SignedInRequest,
        conflict: FilingConflict,
        *,
        failure: DomainError | None = None,
        note: str = "",
        chosen: str = "",
    ) -> HttpResponse:
        context = {
            **self.frame(request, conflict.filing.registration_number),
            "original": conflict.filing.registration_number,
            "conflict": conflict,
            "sides": [_side(conflict.other), _side(conflict.filing)],
            "may_settle": conflict.settled_at is None and is_reviewer(request.user),
            "failure": failure,
            "note": note,
            "chosen": chosen,
        }
        return TemplateResponse(
            request, "admin/filings/filingconflict/settle.html", context, status=failure.status if failure else 200
        )


# --- what both pages show --------------------------------------------------------------------------------


def _macros(filing: Filing) -> dict[str, list[macros.Choice]]:
    """The prepared reasons for what the holder reads."""
    due = filing.deadline_at
    return macros.offered(
        macros.ReasonMacro.Place.FILING, language=filing.created_by.language,
        values={
            "number": filing.number, "mark": filing.title, "registration": filing.registration_number,
            "holder": filing.organisation.name, "until": f"{timezone.localtime(due):%Y-%m-%d}" if due else "–",
        },
    )  # fmt: skip


def _side(filing: Filing) -> dict[str, Any]:
    """One filing with what stands on its certificate, and the papers to compare it with."""
    return {
        "filing": filing,
        "kind": KINDS[filing.kind],
        "papers": selectors.papers_of(filing),
        "sellers": selectors.sellers_of(filing),
        "in_force": filing.is_in_force(),
    }


def _missing(filing: Filing) -> list[Any]:
    """What has become wrong since it was submitted, such as a validity that ended."""
    if filing.state != State.SUBMITTED or filing.is_renewing:
        return []
    return [sentence for sentences in missing_from(filing).values() for sentence in sentences]


def _shown(request: SignedInRequest, object_id: str) -> Filing:
    found = (
        Filing.objects.visible_to(request.user)
        .select_related("organisation", "agency", "power")
        .filter(_by_id(object_id))
        .first()
    )
    if found is None:
        raise Http404
    return found


def _by_id(object_id: str) -> Q:
    is_pk = object_id.isascii() and object_id.isdecimal() and len(object_id) < 19
    return Q(pk=int(object_id)) if is_pk else Q(public_id=object_id)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0
