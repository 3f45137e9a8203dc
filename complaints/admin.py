"""The staff's workplace for complaints: the queue by deadline and risk. The review of a case stands in
`admin_review.py`, what they read in `queue.py` and `review.py`.
"""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin, messages
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.contrib.filters.admin import DropdownFilter, TextFilter
from unfold.decorators import display
from unfold.views import ChangeList

from accounts import roles
from accounts.signed_in import SignedInRequest
from complaints import assigning, desk, queue, review, services
from complaints.admin_conduct import AbuseFindingAdmin as AbuseFindingAdmin
from complaints.admin_counter import CounterNoticeAdmin as CounterNoticeAdmin
from complaints.admin_macros import ReasonMacroAdmin as ReasonMacroAdmin
from complaints.admin_review import ReviewPages
from complaints.admin_reviewers import ReviewerProfileAdmin as ReviewerProfileAdmin
from complaints.admin_templates import MessageTemplateAdmin as MessageTemplateAdmin
from complaints.agencies.admin import PowerAdmin as PowerAdmin
from complaints.answers.admin import AnswerAdmin as AnswerAdmin
from complaints.bulk.admin import ImportBatchAdmin as ImportBatchAdmin
from complaints.models import Complaint, ComplaintTarget, Infringement, Lane, ReviewerProfile
from complaints.regimes import REGIMES
from complaints.selectors import link_count
from core.admin import StaffAdmin
from core.errors import DomainError
from core.kept import kept
from core.moments import ago
from filings.models import RightKind
from marketplace.models import Marketplace, Scene

State = Complaint.State
TONES = {
    State.SUBMITTED: "info",
    State.ACCEPTED: "info",
    State.RETURNED: "warning",
    State.UPHELD: "success",
    State.DISMISSED: "danger",
    State.REJECTED: "danger",
}

_LANE_TONES = {"fast": "success", "slow": "warning"}
_DUE = {queue.Urgency.OVERDUE: "overdue", queue.Urgency.TODAY: "today"}


def _badge(tone: str, words: Any) -> str:
    """A word in its colour. By hand: the theme renders a template for each, which is a third of the time of a list."""
    return format_html('<span class="rv-badge rv-badge--{}">{}</span>', tone, words)


class DeskFilter(admin.SimpleListFilter):
    """The tab of the queue; it is shown above the list, not among the filters."""

    title = _("desk")
    parameter_name = "desk"
    template = "admin/complaints/complaint/no_filter.html"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, Any]]:
        return [(d.name, d.label) for d in queue.DESKS if d.name]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        reviewer: Any = request.user
        return queryset.filter(desk_of(request).which(reviewer))


class _Choice(DropdownFilter):
    """A filter by one value out of a few, without joining what it looks at."""

    choices_: Any = ()

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, Any]]:
        return self.choices_

    def which(self, value: str) -> Q:
        raise NotImplementedError

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        known = {str(value) for value, _label in self.lookup_choices}
        return queryset.filter(self.which(self.value())) if self.value() in known else queryset


class InfringementFilter(_Choice):
    title = _("kind of infringement")
    parameter_name = "infringement"
    choices_ = Infringement.choices

    def which(self, value: str) -> Q:
        return Q(infringement=value)


class LaneFilter(_Choice):
    title = _("lane")
    parameter_name = "lane"
    choices_ = Lane.choices

    def which(self, value: str) -> Q:
        return Q(lane=value)


class RegimeFilter(_Choice):
    title = _("legal regime")
    parameter_name = "regime"
    choices_ = tuple((code, regime.name) for code, regime in REGIMES.items())

    def which(self, value: str) -> Q:
        return Q(regime=value)


class ComplainantFilter(TextFilter):
    """By a part of the complainant's name."""

    title = _("complainant")
    parameter_name = "complainant"

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        name = (self.value() or "").replace("\x00", "").strip()
        return queryset.filter(organisation__name__icontains=name) if name else queryset


class RightKindFilter(_Choice):
    title = _("kind of right")
    parameter_name = "right"
    choices_ = RightKind.choices

    def which(self, value: str) -> Q:
        return Q(filing__kind=value)


class AssigneeFilter(_Choice):
    """By who has it, among those who decide cases."""

    title = _("assigned to")
    parameter_name = "assignee"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, Any]]:
        return [("nobody", _("nobody")), *kept("reviewers", self._reviewers)]

    def _reviewers(self) -> list[tuple[str, str]]:
        people = assigning.reviewers().distinct().order_by("pk")[:200]
        return [(person.public_id, review.staff_name(person)) for person in people]

    def which(self, value: str) -> Q:
        return Q(assigned_to=None) if value == "nobody" else Q(assigned_to__public_id=value)


class LanguageFilter(_Choice):
    title = _("language")
    parameter_name = "language"
    choices_ = ReviewerProfile.Language.choices

    def which(self, value: str) -> Q:
        return assigning.in_languages([value])


def _has_target(**conditions: Any) -> Q:
    return Q(Exists(ComplaintTarget.objects.filter(complaint=OuterRef("pk"), **conditions)))


class ChannelFilter(_Choice):
    title = _("came by")
    parameter_name = "channel"
    choices_ = Complaint.Channel.choices

    def which(self, value: str) -> Q:
        return Q(channel=value)


class SceneFilter(_Choice):
    title = _("scene")
    parameter_name = "scene"
    choices_ = Scene.choices

    def which(self, value: str) -> Q:
        return _has_target(scene=value)


class MarketplaceFilter(_Choice):
    title = _("marketplace")
    parameter_name = "marketplace"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, Any]]:
        return [(slug, name) for slug, name, _pk in self._known()]

    def which(self, value: str) -> Q:
        # By its key: the database knows how rare this one is, and not how rare one is that it has to look up.
        return _has_target(marketplace__in=[pk for slug, _name, pk in self._known() if slug == value])

    def _known(self) -> list[tuple[str, str, int]]:
        rows = Marketplace.objects.order_by("name").values_list("slug", "name", "pk")
        return kept("marketplaces", lambda: list(rows))


def desk_of(request: HttpRequest) -> queue.Desk:
    """The tab that was asked for; a search without one looks everywhere."""
    if request.GET.get("q", "").strip() and "desk" not in request.GET:
        return queue.DESK["all"]
    return queue.DESK.get(request.GET.get("desk", ""), queue.DESK[""])


class Queue(ChangeList):
    """The list of cases; each line leads to the review."""

    def url_for_result(self, result: Complaint) -> str:
        return reverse("admin:complaints_complaint_review", args=[result.public_id])


@admin.register(Complaint)
class ComplaintAdmin(ReviewPages, StaffAdmin):
    """The queue: what is overdue on top, then what is due next; and from each line into the review."""

    list_display = (
        "case",
        "stands",
        "deadline",
        "in_lane",
        "danger",
        "right",
        "complainant",
        "target_count",
        "assignee",
    )
    list_display_links = None
    list_filter = (
        DeskFilter,
        InfringementFilter,
        RightKindFilter,
        LaneFilter,
        AssigneeFilter,
        LanguageFilter,
        RegimeFilter,
        ChannelFilter,
        SceneFilter,
        MarketplaceFilter,
        ComplainantFilter,
    )
    show_facets = admin.ShowFacets.NEVER
    list_filter_submit = True
    list_filter_sheet = True
    list_per_page = 25
    list_before_template = "admin/complaints/complaint/desks.html"
    search_fields = ("number",)
    search_help_text = _("Number, link, title, id, right")
    actions = ("assign_to_me", "give_back")

    class Media:
        css = {"all": ("complaints/review.css",)}
        js = ("complaints/review.js",)

    def has_reviewer_permission(self, request: SignedInRequest, obj: Any = None) -> bool:
        """For `permissions=["reviewer"]` of an action."""
        return roles.is_reviewer(request.user)

    # --- the list --------------------------------------------------------------------------------

    def get_changelist(self, request: SignedInRequest, **kwargs: Any) -> type[ChangeList]:
        return Queue

    def get_queryset(self, request: SignedInRequest) -> QuerySet:
        found = Complaint.objects.visible_to(request.user).select_related("filing", "organisation", "assigned_to")
        return queue.in_order(found).annotate(link_count=link_count()).defer("description", "signature")

    def get_ordering(self, request: SignedInRequest) -> tuple[str, ...]:
        return desk_of(request).order

    def get_search_results(
        self, request: SignedInRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        return queue.search(queryset, search_term), False

    def changelist_view(self, request: SignedInRequest, extra_context: Any = None) -> HttpResponse:
        counts = queue.desk_counts(request.user)
        now = desk_of(request)
        kept = request.GET.copy()
        for name in ("desk", "p", "o"):
            kept.pop(name, None)
        tabs = []
        for d in queue.DESKS:
            asked = kept.copy()
            asked["desk"] = d.name
            tabs.append({"desk": d, "url": f"?{asked.urlencode()}", "n": counts.get(d.name), "is_current": d is now})
        reviewer = roles.is_reviewer(request.user)
        context = {
            "desks": tabs,
            "may_take": reviewer,
            "next_free": assigning.free_for(request.user) if reviewer else None,
        }
        return super().changelist_view(request, {**context, **(extra_context or {})})

    @display(description=_("number"), ordering="number")
    def case(self, complaint: Complaint) -> str:
        return format_html(
            '<a class="rv-case" href="{}">{}</a><span class="rv-sub">{}</span>',
            reverse("admin:complaints_complaint_review", args=[complaint.public_id]),
            complaint.number,
            complaint.get_infringement_display(),
        )

    @display(description=_("state"), ordering="state")
    def stands(self, complaint: Complaint) -> str:
        return _badge(TONES.get(State(complaint.state), "neutral"), complaint.get_state_display())

    @display(description=_("deadline"), ordering="deadline_at")
    def deadline(self, complaint: Complaint) -> str:
        at = complaint.deadline_at
        if at is None:
            return format_html('<span class="rv-muted">{}</span>', "–")
        urgency = getattr(complaint, "urgency", queue.Urgency.LATER)
        words = ago(at) if urgency != queue.Urgency.OVERDUE else f"{_('overdue')} · {ago(at)}"
        title = f"{timezone.localtime(at):%Y-%m-%d %H:%M}"
        return format_html(
            '<span class="rv-due rv-due--{}" title="{}">{}</span>', _DUE.get(urgency, "later"), title, words
        )

    @display(description=_("lane"), ordering="lane")
    def in_lane(self, complaint: Complaint) -> str:
        return _badge(_LANE_TONES.get(complaint.lane, "neutral"), complaint.get_lane_display())

    @display(description=_("risk"), ordering="risk")
    def danger(self, complaint: Complaint) -> str:
        return _badge(
            "danger" if complaint.risk >= 60 else "warning" if complaint.risk >= 40 else "neutral", complaint.risk
        )

    @display(description=_("right"))
    def right(self, complaint: Complaint) -> str:
        filing = complaint.filing
        return format_html(
            '<bdi class="rv-clip">{}</bdi><span class="rv-sub">{}</span>', filing.title, filing.get_kind_display()
        )

    @display(description=_("complainant"), ordering="organisation__name")
    def complainant(self, complaint: Complaint) -> str:
        name = format_html('<bdi class="rv-clip">{}</bdi>', complaint.organisation.name)
        if complaint.channel == Complaint.Channel.ACCOUNT:
            return name
        return format_html('{}<span class="rv-sub">{}</span>', name, complaint.get_channel_display())

    @display(description=_("links"))
    def target_count(self, complaint: Any) -> int:
        return complaint.link_count

    @display(description=_("assigned to"))
    def assignee(self, complaint: Complaint) -> str:
        return review.staff_name(complaint.assigned_to) or "–"

    # --- from the list -----------------------------------------------------------------------------

    @admin.action(description=_("Assign to me"), permissions=["reviewer"])
    def assign_to_me(self, request: SignedInRequest, queryset: QuerySet) -> None:
        self._assign_all(request, queryset, to=request.user)

    @admin.action(description=_("Give back"), permissions=["reviewer"])
    def give_back(self, request: SignedInRequest, queryset: QuerySet) -> None:
        self._assign_all(request, queryset, to=None)

    def _assign_all(self, request: SignedInRequest, queryset: QuerySet, *, to: Any) -> None:
        done, refused = 0, 0
        for complaint in queryset:
            standing = review.Standing(complaint, request.user)
            if (to is None and not standing.may_give_back) or (
                to is not None and not (standing.may_take or standing.is_mine)
            ):
                refused += 1
                continue
            try:
                if not (to is not None and standing.is_mine):
                    services.assign(complaint=complaint, by=request.user, to=to)
                done += 1
            except DomainError:
                refused += 1
        if to is not None:
            said = ngettext("%(n)d case is yours.", "%(n)d cases are yours.", done)
        else:
            said = ngettext("%(n)d case was given back.", "%(n)d cases were given back.", done)
        if done:
            self.message_user(request, said % {"n": done}, messages.SUCCESS)
        if refused:
            said = ngettext(
                "%(n)d case was left as it is: it waits for nobody here, or is not yours to take or give.",
                "%(n)d cases were left as they are: they wait for nobody here, or are not yours to take or give.",
                refused,
            )
            self.message_user(request, said % {"n": refused}, messages.WARNING)

    def take_next(self, request: SignedInRequest) -> HttpResponse:
        """The button above the list: the most urgent case is mine, and open before me."""
        offered = Complaint.objects.filter(public_id=request.POST.get("offered", "")[:40]).first()
        taken = desk.take_next(by=request.user, offered=offered)
        if taken is None:
            self.message_user(request, _("Nothing waits that nobody has. Well done."), messages.SUCCESS)
            return redirect("admin:complaints_complaint_changelist")
        return redirect("admin:complaints_complaint_review", taken.public_id)

    def change_view(self, request: SignedInRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        """The review takes the place of the generated page."""
        if not self.has_view_permission(request):
            return super().change_view(request, object_id, *args, **kwargs)
        by = Q(pk=int(object_id)) if object_id.isdecimal() and len(object_id) < 19 else Q(public_id=object_id)
        found = Complaint.objects.filter(by).first()
        if found is None:
            raise Http404
        return redirect("admin:complaints_complaint_review", found.public_id)
