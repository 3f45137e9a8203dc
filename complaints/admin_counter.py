"""The staff's workplace for counter-notices: is it complete? What did a court say? Nobody here judges who is right,
except where the law has a person decide. Each step is a plain form that carries the moment at which the case came into its
state: sent from a page that is no longer true, it changes nothing and answers 409.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_GET, require_POST
from unfold.decorators import display
from unfold.views import ChangeList

from accounts import roles
from accounts.signed_in import SignedInRequest
from complaints import counter_desk, counter_notices, counter_selectors
from complaints.admin_forms import OrderForm
from complaints.counter_lifecycle import LIFECYCLE, regime_for
from complaints.counter_notices import Anew
from complaints.models import Complaint, CounterNotice, CounterNoticeTarget, Proceeding, StatementOfReasons
from complaints.queue import HITS
from complaints.review import reason_values
from core import files
from core.admin import StaffAdmin
from core.errors import DomainError, Invalid, WrongState
from core.forms import PlainForm
from core.lifecycle import lock
from rulebook import macros

State = CounterNotice.State
TEMPLATES = "admin/complaints/counternotice"
TONES = {
    State.SUBMITTED: "info",
    State.IN_REVIEW: "primary",
    State.RETURNED: "warning",
    State.FORWARDED: "info",
    State.WAITING: "warning",
    State.IN_PROCEEDINGS: "danger",
    State.CONCLUDED: "success",
}


class ReturnForm(PlainForm):
    """What a counter-notice lacks, in words that the merchant can act on."""

    missing = forms.CharField(
        label=gettext_lazy("What is missing"), max_length=4000, widget=forms.Textarea({"rows": 4})
    )


class EndForm(PlainForm):
    """How a proceeding ended."""

    result = forms.ChoiceField(
        label=gettext_lazy("Result"),
        choices=[c for c in Proceeding.Result.choices if c[0] != Proceeding.Result.PENDING],
    )
    ended_on = forms.DateField(label=gettext_lazy("Ended on"), widget=forms.DateInput({"type": "date"}))


class DeskFilter(admin.SimpleListFilter):
    """The tab of the list; it is shown above it, not among the filters."""

    title = gettext_lazy("desk")
    parameter_name = "desk"
    template = "admin/complaints/complaint/no_filter.html"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, Any]]:
        return [(d.name, d.label) for d in counter_desk.DESKS if d.name]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(_desk_of(request).which())


def _desk_of(request: HttpRequest) -> counter_desk.CounterDesk:
    """The tab that was asked for; a search without one looks everywhere."""
    if request.GET.get("q", "").strip() and "desk" not in request.GET:
        return counter_desk.DESK["all"]
    return counter_desk.DESK.get(request.GET.get("desk", ""), counter_desk.DESK[""])


class CounterList(ChangeList):
    """The list of counter-notices; each line leads to the review."""

    def url_for_result(self, result: CounterNotice) -> str:
        return reverse("admin:complaints_counternotice_review", args=[result.public_id])


@admin.register(CounterNotice)
class CounterNoticeAdmin(StaffAdmin):
    """What merchants answered: by deadline, with what the law asks for, and what courts said."""

    list_display = ("case", "stands", "deadline", "shop", "complainant", "link_count")
    list_display_links = None
    list_filter = (DeskFilter,)
    show_facets = admin.ShowFacets.NEVER
    list_per_page = 50
    list_before_template = "admin/complaints/complaint/desks.html"
    search_fields = ("number",)
    search_help_text = gettext_lazy("Number or id of the counter-notice, its complaint or statement; case number")

    class Media:
        css = {"all": ("complaints/review.css",)}
        js = ("complaints/review.js",)

    # --- the list ----------------------------------------------------------------------------------

    def get_changelist(self, request: SignedInRequest, **kwargs: Any) -> type[ChangeList]:
        return CounterList

    def get_queryset(self, request: SignedInRequest) -> QuerySet:
        return counter_selectors.counter_notices_of(request.user)

    def get_ordering(self, request: SignedInRequest) -> tuple[str, ...]:
        return ("-pk",) if _desk_of(request).name in ("over", "all") else ("deadline_at", "pk")

    def get_search_results(
        self, request: SignedInRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        words = search_term.strip()
        if not words:
            return queryset, False
        # Each kind of name by its index: joined by "or" everything would be read. Numbers of ours are in capitals.
        number, answers = words.upper(), CounterNotice.objects.order_by()
        ours = Q(number=number) | Q(public_id=words)
        complaints = Complaint.objects.filter(ours).values("pk")
        statements = StatementOfReasons.objects.filter(ours).values("pk")
        parts = (
            ours, Q(complaint__in=complaints), Q(statement__in=statements), Q(proceedings__case_number__iexact=words),
        )  # fmt: skip
        named = {pk for part in parts for pk in answers.filter(part).values_list("pk", flat=True)[:HITS]}
        return queryset.filter(pk__in=named), False

    def changelist_view(self, request: SignedInRequest, extra_context: Any = None) -> HttpResponse:
        counts, now = counter_desk.desk_counts(request.user), _desk_of(request)
        tabs = [
            {"desk": d, "url": f"?desk={d.name}", "n": counts.get(d.name), "is_current": d is now}
            for d in counter_desk.DESKS
        ]
        return super().changelist_view(request, {"desks": tabs, **(extra_context or {})})

    @display(description=gettext_lazy("number"), ordering="number")
    def case(self, answer: CounterNotice) -> str:
        return format_html(
            '<a class="rv-case" href="{}">{}</a><span class="rv-sub">{}</span>',
            reverse("admin:complaints_counternotice_review", args=[answer.public_id]),
            answer.number,
            answer.complaint.number,
        )

    @display(description=gettext_lazy("state"), ordering="state", label=TONES)
    def stands(self, answer: CounterNotice) -> tuple[str, Any]:
        return answer.state, answer.get_state_display()

    @display(description=gettext_lazy("deadline"), ordering="deadline_at")
    def deadline(self, answer: CounterNotice) -> Any:
        return answer.deadline_at

    @display(description=gettext_lazy("shop"))
    def shop(self, answer: CounterNotice) -> str:
        return format_html('<bdi class="rv-clip">{}</bdi>', answer.statement.shop.title)

    @display(description=gettext_lazy("complainant"))
    def complainant(self, answer: CounterNotice) -> str:
        return format_html('<bdi class="rv-clip">{}</bdi>', answer.complaint.organisation.name)

    @display(description=gettext_lazy("links"))
    def link_count(self, answer: Any) -> int:
        return answer.link_count

    def change_view(self, request: SignedInRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        """The review takes the place of the generated page."""
        if not self.has_view_permission(request):
            return super().change_view(request, object_id, *args, **kwargs)
        by = Q(pk=int(object_id)) if object_id.isdecimal() and len(object_id) < 19 else Q(public_id=object_id)
        found = CounterNotice.objects.visible_to(request.user).filter(by).first()
        if found is None:
            raise Http404
        return _back(found)

    # --- one case ------------------------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        name = "complaints_counternotice"
        steps: list[tuple[str, str, Callable[..., HttpResponse]]] = [
            ("review/", "review", require_GET(self.review)),
            ("review/forward/", "forward", require_POST(self.forward)),
            ("review/return/", "return", require_POST(self.send_back)),
            ("review/decide/", "decide", require_POST(self.decide)),
            ("review/order/", "order", require_POST(self.order)),
            ("review/end/", "end", require_POST(self.end)),
        ]
        return [
            *[path(f"<slug:public_id>/{a}", self._shown(view), name=f"{name}_{step}") for a, step, view in steps],
            *super().get_urls(),
        ]

    def _shown(self, view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        """For staff with a role alone; what goes wrong is said on the page of the case."""

        def guarded(request: SignedInRequest, public_id: str) -> HttpResponse:
            if not self.has_view_permission(request):
                raise PermissionDenied
            answer = CounterNotice.objects.visible_to(request.user).filter(public_id=public_id).first()
            if answer is None:
                raise Http404
            answer = counter_selectors.counter_notice_of(request.user, public_id)
            try:
                return view(request, answer)
            except DomainError as failure:
                said = [str(m) for ms in getattr(failure, "errors", {}).values() for m in ms] or [str(failure)]
                fresh = counter_selectors.counter_notice_of(request.user, public_id)
                return self._page(request, fresh, failures=said, status=failure.status)

        return self.admin_site.admin_view(csrf_protect(guarded))

    def review(self, request: SignedInRequest, answer: CounterNotice) -> HttpResponse:
        return self._page(request, answer)

    def _page(
        self, request: SignedInRequest, answer: CounterNotice, *, failures: Any = (), status: int = 200, **extra: Any
    ) -> HttpResponse:
        user = request.user
        may = roles.is_reviewer(user) and not answer.has_party(user)
        steps = {t.name for t in LIFECYCLE.available(answer, user)} if may else set()
        decided_first = counter_notices.has_decided(answer, user)
        context = {
            **self.frame(request, answer.number),
            "original": answer.number,
            "answer": answer,
            "complaint": answer.complaint,
            "failures": failures,
            "steps": steps,
            "may": may,
            "may_decide": "decide" in steps and not decided_first,
            "decided_first": "decide" in steps and decided_first,
            "turn": LIFECYCLE.turns[answer.state],
            "since": answer.state_since_at.isoformat(),
            "elements": _elements(answer),
            "rows": counter_selectors.rows_of(answer),
            "evidence": [_paper(e.file, user) for e in counter_selectors.evidence_of(answer, user)],
            "proceedings": [
                {"it": p, "paper": _paper(p.file, user), "form": EndForm() if p.result == p.Result.PENDING else None}
                for p in counter_selectors.proceedings_of(answer, user)
            ],
            "orders": answer.complaint.orders.filter(targets__answers__counter_notice=answer)
            .distinct()
            .order_by("-pk"),
            "macros": _macros(answer) if steps else {},
            "return_form": extra.pop("return_form", None) or ReturnForm(),
            "order_form": extra.pop("order_form", None) or _order_form(answer),
            "timeline": counter_selectors.timeline(answer, viewer=user),
            "counted": counter_selectors.counted(answer),
            "passes": [p for p in regime_for(answer).passes if p.document == "counter-notice"],
            **extra,
        }
        return TemplateResponse(request, f"{TEMPLATES}/review.html", context, status=status)

    def forward(self, request: SignedInRequest, answer: CounterNotice) -> HttpResponse:
        """It is complete: forward it, or where a person decides, take it up."""
        step = counter_notices.forward if regime_for(answer).waits_from else counter_notices.take_up
        with _acting(answer, request) as locked:
            step(counter_notice=locked, by=request.user)
        messages.success(request, _("%(number)s is complete and goes on.") % {"number": answer.number})
        return _back(answer)

    def send_back(self, request: SignedInRequest, answer: CounterNotice) -> HttpResponse:
        form = ReturnForm(request.POST)
        if not form.is_valid():
            return self._page(request, answer, status=422, return_form=form)
        with _acting(answer, request) as locked:
            counter_notices.return_for_supplement(
                counter_notice=locked, by=request.user, missing=form.cleaned_data["missing"]
            )
        messages.success(request, _("%(number)s was returned to the merchant.") % {"number": answer.number})
        return _back(answer)

    def decide(self, request: SignedInRequest, answer: CounterNotice) -> HttpResponse:
        """For each link: does the decision stand? With reasons."""
        open_ones = [link for link in _links(answer) if link.outcome == CounterNoticeTarget.Outcome.WAITING]
        findings = []
        for link in open_ones:
            key = link.complaint_target.public_id
            chosen = request.POST.get(f"stands-{key}", "")
            if chosen not in ("yes", "no"):
                raise Invalid(errors={"findings": [_("Choose for each link whether the decision stands.")]})
            findings.append(Anew(link, chosen == "yes", request.POST.get(f"reasons-{key}", "")[:4000]))
        with _acting(answer, request) as locked:
            counter_notices.decide_anew(counter_notice=locked, by=request.user, findings=findings)
        messages.success(request, _("%(number)s is decided.") % {"number": answer.number})
        return _back(answer)

    def order(self, request: SignedInRequest, answer: CounterNotice) -> HttpResponse:
        """What a court ordered is carried out at once."""
        form = _order_form(answer, request.POST)
        if not form.is_valid():
            return self._page(request, answer, status=422, order_form=form)
        chosen = [link for link in _links(answer) if link.complaint_target.public_id in form.cleaned_data["links"]]
        with _acting(answer, request) as locked:
            counter_notices.record_order(counter_notice=locked, by=request.user, order=form.ordered(), links=chosen)
        messages.success(request, _("The order was recorded and is being carried out."))
        return _back(answer)

    def end(self, request: SignedInRequest, answer: CounterNotice) -> HttpResponse:
        """How a proceeding ended."""
        proceeding = answer.proceedings.filter(public_id=request.POST.get("proceeding", "")[:40]).first()
        if proceeding is None:
            raise Http404
        form = EndForm(request.POST)
        if not form.is_valid():
            said = [f"{form.fields[name].label}: {m}" for name, ms in form.errors.items() for m in ms]
            return self._page(request, answer, failures=said, status=422)
        counter_notices.end_proceeding(proceeding=proceeding, by=request.user, **form.cleaned_data)
        messages.success(request, _("Recorded. The links follow at once."))
        return _back(answer)


@contextmanager
def _acting(answer: CounterNotice, request: SignedInRequest) -> Iterator[CounterNotice]:
    """One step on a case under its lock, from a page that is still true."""
    with transaction.atomic():
        complaint = lock(answer.complaint)
        locked = lock(answer)
        locked.complaint = complaint
        if request.POST.get("since") != locked.state_since_at.isoformat():
            raise WrongState(_("The case has changed since this page was opened."))
        yield locked


def _order_form(answer: CounterNotice, data: Any = None) -> OrderForm:
    return OrderForm(
        [(link.complaint_target.public_id, str(link.complaint_target.target)) for link in _links(answer)], data
    )


def _links(answer: CounterNotice) -> list[CounterNoticeTarget]:
    return list(answer.links.select_related("complaint_target__target").order_by("pk"))


def _elements(answer: CounterNotice) -> list[dict[str, Any]]:
    """What the law asks for, and whether it is there: all that staff check."""
    given = {
        "signature": answer.signature,
        "targets": True,
        "statement": answer.description.strip(),
        "evidence": answer.evidence.exists(),
        "good_faith": answer.good_faith_at,
        "name": answer.name,
        "address": answer.address,
        "phone": answer.phone,
        "jurisdiction": answer.jurisdiction_at,
    }
    return [{"it": e, "is_given": bool(given[e.field])} for e in regime_for(answer).counter_notice]


def _macros(answer: CounterNotice) -> dict[str, list[macros.Choice]]:
    """The prepared reasons for each box of the page."""
    complaint, place = answer.complaint, macros.ReasonMacro.Place
    values = reason_values(complaint) | {"number": answer.number}
    return macros.offered(
        place.ANSWER,
        place.ANSWER_RETURN,
        language=complaint.language,
        infringement=complaint.infringement,
        values=values,
    )


def _paper(file: Any, user: Any) -> dict[str, Any]:
    return {"file": file, "url": files.url(file, user=user), "preview": files.url(file, user=user, preview=True)}


def _back(answer: CounterNotice) -> HttpResponse:
    return redirect("admin:complaints_counternotice_review", answer.public_id)
