"""The staff's workplace of candidates: a ranked list, one candidate with its evidence, a whole shop or copy at once."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.contrib import admin, messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods
from unfold.decorators import action, display

from accounts import roles
from accounts.models import User
from accounts.signed_in import SignedInRequest
from core.errors import DomainError, Invalid
from core.staff_pages import DecidedOnAPage
from patrol import desk, services
from patrol.lifecycle import CANDIDATES
from patrol.models import Candidate, CandidateDecision
from patrol.reasons import Dismissal, infringements_for, rules_that_fit

TONES = {
    "open": "info", "asked": "warning", "upheld": "danger", "dismissed": "success", "handed_over": "success",
}  # fmt: skip


def take(candidate: Candidate, step: str, by: User, said: Any) -> None:
    """One step at the desk, as the form says it. Raises DomainError, Invalid for a step that there is not."""
    shown = said.get("shown", "")
    match step:
        case "uphold":
            services.uphold(
                candidate=candidate, by=by, rule=said.get("rule", ""), facts=said.get("facts", "")[:5000],
                infringement=said.get("infringement", ""), shown=shown,
            )  # fmt: skip
        case "dismiss":
            services.dismiss(
                candidate=candidate, by=by, why=said.get("why", ""), note=said.get("note", "")[:5000], shown=shown
            )  # fmt: skip
        case "ask_brand":
            services.ask_brand(candidate=candidate, by=by, shown=shown)
        case "hand_over":
            services.hand_over(candidate=candidate, by=by, shown=shown)
        case "reverse":
            services.reverse(candidate=candidate, by=by, reason=said.get("note", "")[:5000])
        case _:
            raise Invalid(_("Choose what is to be done."))


@admin.register(Candidate)
class CandidateAdmin(DecidedOnAPage):
    """What patrol found, the surest first."""

    list_display = ("rank_shown", "number", "title", "shop", "watched", "price", "stands", "source", "found_at")
    list_display_links = ("number", "title")
    list_filter = ("state", "source", "profile__kind", "target__marketplace")
    search_fields = ("=number",)
    search_help_text = gettext_lazy("Number, title, shop, or number or name of the profile")
    ordering = ("-score", "pk")
    list_per_page = 25
    steps = dict.fromkeys(("uphold", "dismiss", "ask_brand", "hand_over", "reverse"))  # type: ignore[assignment]
    template = "admin/patrol/candidate/review.html"
    actions_list = ("by_shop", "by_copy")

    class Media:
        css = {"all": ("rulebook/staff.css", "patrol/desk.css")}
        js = ("imageguard/review.js",)

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related(*desk.RELATED)

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        return desk.search(queryset, search_term.replace("\x00", "").strip()), False

    @display(description=gettext_lazy("score"), ordering="score")
    def rank_shown(self, row: Candidate) -> int:
        return row.rank

    @display(description=gettext_lazy("listing"))
    def title(self, row: Candidate) -> str:
        return str(row.target)[:80]

    @display(description=gettext_lazy("shop"))
    def shop(self, row: Candidate) -> str:
        return str(row.target.seller)[:40]

    @display(description=gettext_lazy("profile"), ordering="profile__name")
    def watched(self, row: Candidate) -> str:
        return str(row.profile)

    @display(description=gettext_lazy("price"))
    def price(self, row: Candidate) -> str:
        return "–" if row.target.price is None else f"{row.target.price} {row.target.currency}"

    @display(description=gettext_lazy("state"), ordering="state", label=TONES)
    def stands(self, row: Candidate) -> tuple[str, Any]:
        return row.state, row.get_state_display()

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(require_http_methods(["GET", "HEAD", "POST"])(self.group))
        return [path("group/", page, name="patrol_candidate_group"), *super().get_urls()]

    # --- one ----------------------------------------------------------------------------------------------

    def take(self, request: Any, row: Candidate, step: str, note: str) -> None:
        take(row, step, request.user, request.POST)

    def shown(self, request: Any, row: Candidate) -> dict[str, Any]:
        profile, seen = row.profile, desk.what_was_seen(row)
        steps = {t.name for t in CANDIDATES.available(row, request.user)} & self.steps.keys()
        return {
            "candidate": row, "seen": seen, "pictures": desk.pictures_of(row),
            "official": profile.images.select_related("file"), "link": desk.link_of(row), "beside": desk.beside(row),
            "steps": steps, "can_uphold": "uphold" in steps, "can_dismiss": "dismiss" in steps,
            "facts": desk.facts_of(seen),
            "turn": CANDIDATES.turns.get(row.state), "answers": row.answers.select_related("by"),
            "decisions": row.decisions.select_related("decided_by", "rule_version__rule"), "said": request.POST,
            "rules": rules_that_fit(row), "infringements": infringements_for(row), "dismissals": Dismissal.choices,
        }  # fmt: skip

    # --- several ------------------------------------------------------------------------------------------

    @action(description=gettext_lazy("By shop"), url_path="by-shop", icon="storefront")
    def by_shop(self, request: Any) -> HttpResponse:
        """Shops with several candidates."""
        return self._groups(request, "shop")

    @action(description=gettext_lazy("By copy"), url_path="by-copy", icon="content_copy")
    def by_copy(self, request: Any) -> HttpResponse:
        """Listings that show the same."""
        return self._groups(request, "copy")

    def _groups(self, request: Any, by: str) -> HttpResponse:
        title = _("Shops with several candidates") if by == "shop" else _("Listings that show the same")
        page = Paginator(desk.groups(by), desk.GROUPS_ON_A_PAGE).get_page(request.GET.get("page"))
        surest = desk.surest_of_each(by, [row["of"] for row in page])
        rows = [(row["of"], row["n"], surest.get(row["of"])) for row in page]
        context = self.frame(request, title) | {"groups": rows, "page": page, "by": by}
        return TemplateResponse(request, "admin/patrol/candidate/groups.html", context)

    def group(self, request: SignedInRequest) -> HttpResponse:
        """The open candidates of one shop or copy: looked at together, ticked, decided at once."""
        by, of = request.GET.get("by", ""), request.GET.get("of", "")
        if by not in desk.GROUPS or not of or not self.has_view_permission(request):
            raise Http404
        failure: DomainError | None = None
        stopped_at = ""
        if request.method == "POST":
            failure, stopped_at = self._take_all(desk.group_of(by, of), request)
            if failure is None:
                return redirect(request.get_full_path())
        rows = list(desk.group_of(by, of)[: desk.MOST_AT_ONCE])
        seen = [(row, desk.what_was_seen(row)) for row in rows]
        said = request.POST
        context = self.frame(request, _("Decide together")) | {
            "rows": [
                (row, things, said.get(f"facts-{row.public_id}") or desk.facts_of(things)) for row, things in seen
            ],
            "sorts": [
                (sort, said.get(f"rule-{sort.name}", ""), said.get(f"infringement-{sort.name}", ""))
                for sort in desk.sorts_of(rows)
            ],
            "by": by, "failure": failure, "stopped_at": stopped_at, "said": said, "dismissals": Dismissal.choices, "most": desk.MOST_AT_ONCE,
            "waiting": desk.group_of(by, of).count(), "may_decide": roles.is_reviewer(request.user),
            "ticked": said.getlist("candidate") or [row.public_id for row in rows],
        }  # fmt: skip
        status = failure.status if failure else 200
        return TemplateResponse(request, "admin/patrol/candidate/group.html", context, status=status)

    def _take_all(self, group: QuerySet[Candidate], request: SignedInRequest) -> tuple[DomainError | None, str]:
        """What is ticked; returns why it could not go on and at which, after saying how far it went.

        By name, not by place: what is surer may have been found since the page was shown.
        """
        said, done = request.POST, 0
        chosen = set(said.getlist("candidate"))
        ticked = list(group.filter(public_id__in=chosen)[: desk.MOST_AT_ONCE])
        if over := Candidate.objects.filter(public_id__in=chosen).exclude(state=Candidate.State.OPEN).count():
            text = ngettext(
                "%(n)d was decided meanwhile, or is gone.", "%(n)d were decided meanwhile, or are gone.", over
            )
            messages.warning(request, text % {"n": over})
        try:
            if not ticked:
                raise Invalid(_("Tick what is to be decided."))
            for n in _take_ticked(ticked, said.get("step", ""), request.user, said):
                done += n
        except DomainError as wrong:
            is_one_by_one = said.get("step") in ("uphold", "dismiss") and done < len(ticked)
            return wrong, ticked[done].number if is_one_by_one else ""
        finally:
            if done:
                messages.success(request, ngettext("%(n)d decided.", "%(n)d decided.", done) % {"n": done})
        return None, ""


def _take_ticked(rows: Sequence[Candidate], step: str, by: User, said: Any) -> Iterator[int]:
    """Decide these, saying each time how many were: one after the other, but all or none where they are handed over.

    What is upheld here is one act: it counts once against each shop. Raises DomainError.
    """
    shown = {row.pk: said.get(f"shown-{row.public_id}", "") for row in rows}
    if step == "hand_over":
        services.hand_over_all(candidates=rows, by=by, shown=shown)
        yield len(rows)
        return
    first: dict[int, CandidateDecision] = {}
    for row in rows:
        if step == "uphold":
            sort = desk.sort_of(row)
            finding = services.uphold(
                candidate=row, by=by, rule=said.get(f"rule-{sort}", ""), shown=shown[row.pk],
                infringement=said.get(f"infringement-{sort}", ""), facts=said.get(f"facts-{row.public_id}", "")[:5000],
                decided_with=first.get(row.target.seller.pk),
            )  # fmt: skip
            first.setdefault(finding.shop_id, finding)
        elif step == "dismiss":
            services.dismiss(
                candidate=row, by=by, why=said.get("why", ""), note=said.get("note", "")[:5000], shown=shown[row.pk]
            )  # fmt: skip
        else:
            raise Invalid(_("Choose what is to be done."))
        yield 1
