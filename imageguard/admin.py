"""The staff's workplace for original images: originals, conflicts about who was first, matches to look at, and what was
given up. The pages of single cases stand in `admin_review.py`, what they read in `desk.py`.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display
from unfold.views import ChangeList

from accounts import roles
from accounts.signed_in import SignedInRequest
from core.admin import STANDING, ObligationAdmin, StaffAdmin, StandingFilter, standing
from imageguard import desk, explanations, intake, official, watching
from imageguard.admin_review import ConflictPages, MatchPages, OriginalPages, is_late
from imageguard.explanations import edits_in_words
from imageguard.models import Conflict, Explanation, IntakeItem, Match, OfficialPicture, Original, SeenImage

_ORIGINAL_TONES = {
    Original.State.RECEIVED: "info",
    Original.State.CHECKED: "info",
    Original.State.CERTIFIED: "success",
    Original.State.IN_CONFLICT: "warning",
    Original.State.REFUSED: "danger",
    Original.State.REVOKED: "danger",
}
_MATCH_TONES = {
    Match.State.IN_REVIEW: "warning",
    Match.State.CONFIRMED: "info",
    Match.State.COMPLAINED: "success",
    Match.State.DISMISSED: "danger",
}


class _Desk(admin.SimpleListFilter):
    """What waits, unless something else is asked for; a search without a desk looks everywhere."""

    title = gettext_lazy("desk")
    parameter_name = "desk"
    waiting_label: Any = gettext_lazy("waiting")
    desks: tuple[tuple[str, Any, Q], ...] = ()
    waiting: Q = Q()

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, Any]]:
        return [*((name, label) for name, label, _which in self.desks), ("all", gettext_lazy("everything"))]

    def choices(self, changelist: Any) -> Iterator[Any]:
        first, *others = super().choices(changelist)
        yield {**first, "display": self.waiting_label}
        yield from others

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        for name, _label, which in self.desks:
            if self.value() == name:
                return queryset.filter(which)
        if self.value() == "all" or request.GET.get("q", "").strip():
            return queryset
        return queryset.filter(self.waiting)


class _Cases(StaffAdmin):
    """Base of the lists of cases: each line leads to its page."""

    list_per_page = 50
    page: str

    class Media:
        css = {"all": ("filings/review.css", "imageguard/review.css")}
        js = ("imageguard/review.js",)

    def get_changelist(self, request: SignedInRequest, **kwargs: Any) -> type[ChangeList]:
        page = self.page

        class Lines(ChangeList):
            def url_for_result(self, result: Any) -> str:
                return reverse(f"admin:{page}", args=[result.public_id])

        return Lines


def _two_lines(first: Any, second: Any) -> str:
    words = '<span class="ig-two"><bdi>{}</bdi><span class="fr-sub"><bdi>{}</bdi></span></span>'
    return format_html(words, first, second)


def _day(case: Any, is_waiting: bool) -> Any:
    """The deadline of a case as a label, if somebody has to keep it."""
    if not is_waiting or case.deadline_at is None:
        return None
    day = timezone.localtime(case.deadline_at).strftime("%Y-%m-%d %H:%M")
    return ("late", _("%(day)s, late") % {"day": day}) if is_late(case) else ("due", day)


# --- originals ---------------------------------------------------------------------------------------


class StateDesk(_Desk):
    waiting_label = gettext_lazy("everything")
    desks = tuple((state.value, state.label, Q(state=state)) for state in Original.State)

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, Any]]:
        return [(name, label) for name, label, _which in self.desks]


@admin.register(Original)
class OriginalAdmin(OriginalPages, _Cases):
    """Every original, newest first; those whose check was given up are found by their standing."""

    page = "imageguard_original_detail"
    list_display = ("it", "holder", "stands", "certified_at", "progress")
    list_filter = (StateDesk, StandingFilter, ("certified_at", admin.DateFieldListFilter))
    search_fields = ("=number", "=public_id", "=sha256", "title", "organisation__name")
    search_help_text = gettext_lazy("Number, title, holder, id or SHA-256")
    ordering = ("-pk",)
    list_select_related = ("organisation",)

    @display(description=gettext_lazy("original"), ordering="pk")
    def it(self, original: Original) -> str:
        return _two_lines(original.title, original.number)

    @display(description=gettext_lazy("holder"), ordering="organisation__name")
    def holder(self, original: Original) -> str:
        return format_html("<bdi>{}</bdi>", original.organisation.name)

    @display(description=gettext_lazy("state"), ordering="state", label=_ORIGINAL_TONES)
    def stands(self, original: Original) -> tuple[str, Any]:
        return original.state, original.get_state_display()

    @display(description=gettext_lazy("check"), label={"dead": "danger", "waiting": "warning", "due": "info"})
    def progress(self, original: Original) -> Any:
        name = standing(original)
        return None if name == "settled" else (name, STANDING[name][0])


# --- conflicts ---------------------------------------------------------------------------------------


class ConflictDesk(_Desk):
    waiting_label = gettext_lazy("open")
    waiting = Q(settled_at__isnull=True)
    desks = (("settled", gettext_lazy("settled"), Q(settled_at__isnull=False)),)


@admin.register(Conflict)
class ConflictAdmin(ConflictPages, _Cases):
    """The queue of conflicts about who published a picture first: what is late on top."""

    page = "imageguard_conflict_settle"
    list_display = ("later", "earlier", "due", "proof", "likeness", "stands")
    list_filter = (ConflictDesk,)
    search_fields = (
        "=public_id", "=original__number", "=rival__number", "original__organisation__name", "rival__organisation__name",
        "rival_target__title",
    )  # fmt: skip
    search_help_text = gettext_lazy("Number of an original, organisation or title of a listing")

    def get_queryset(self, request: SignedInRequest) -> QuerySet:
        return desk.conflicts()

    def get_ordering(self, request: SignedInRequest) -> Any:
        # The order of the queue stands in `desk.conflicts`.
        return ()

    @display(description=gettext_lazy("registered now"))
    def later(self, conflict: Conflict) -> str:
        return _two_lines(
            conflict.original.title, f"{conflict.original.number} · {conflict.original.organisation.name}"
        )

    @display(description=gettext_lazy("was there earlier"))
    def earlier(self, conflict: Conflict) -> str:
        if conflict.rival is not None:
            return _two_lines(conflict.rival.title, f"{conflict.rival.number} · {conflict.rival.organisation.name}")
        target = conflict.rival_target
        return _two_lines(target, _("shown by %(shop)s") % {"shop": target.seller if target else ""})

    @display(description=gettext_lazy("deadline"), label={"late": "danger", "due": "default"})
    def due(self, conflict: Conflict) -> Any:
        return _day(conflict.original, conflict.settled_at is None)

    @display(description=gettext_lazy("camera original"), label={"there": "success"})
    def proof(self, conflict: Any) -> Any:
        return ("there", _("there")) if conflict.has_proof else None

    @display(description=gettext_lazy("score"), ordering="score")
    def likeness(self, conflict: Conflict) -> str:
        return f"{100 * conflict.score:.0f}"

    @display(description=gettext_lazy("state"), label={"open": "warning", "stands": "success", "falls": "danger"})
    def stands(self, conflict: Conflict) -> tuple[str, Any]:
        if conflict.settled_at is None:
            return "open", _("open")
        if conflict.is_upheld is None:
            return "over", _("withdrawn")
        if conflict.is_upheld and conflict.is_rival_upheld:
            return "stands", _("both stand")
        return ("stands", _("the original stands")) if conflict.is_upheld else ("falls", _("somebody else was first"))


# --- matches -----------------------------------------------------------------------------------------


class MatchDesk(_Desk):
    waiting_label = gettext_lazy("to be looked at")
    waiting = Q(state=Match.State.IN_REVIEW)
    desks = (
        ("sure", gettext_lazy("found by itself, with the holder"), Q(tier="automatic", state="confirmed")),
        ("decided", gettext_lazy("decided by a reviewer"), Q(decided_at__isnull=False)),
    )


@admin.register(Match)
class MatchAdmin(MatchPages, _Cases):
    """The queue of matches of which the engine is not sure, with how often it was right lately."""

    page = "imageguard_match_review"
    list_display = ("find", "copied", "likeness", "kinds", "due", "stands", "decider")
    list_filter = (MatchDesk, "tier", "state")
    search_fields = (
        "=number", "=public_id", "=original__number", "=target__external_id", "original__title", "target__title",
    )  # fmt: skip
    search_help_text = gettext_lazy("Number of a match or an original, title or id of a listing")
    list_before_template = "admin/imageguard/match/precision.html"

    def get_queryset(self, request: SignedInRequest) -> QuerySet:
        return desk.matches()

    def get_ordering(self, request: SignedInRequest) -> tuple[str, ...]:
        if request.GET.get("desk") or request.GET.get("q", "").strip():
            return ("-pk",)
        return desk.REVIEW_ORDER

    def changelist_view(self, request: SignedInRequest, extra_context: Any = None) -> HttpResponse:
        context = {
            "precision": desk.precision(),
            "may_decide": roles.is_reviewer(request.user),
            "is_something_waiting": desk.to_review().exists(),
        }
        return super().changelist_view(request, {**context, **(extra_context or {})})

    @display(description=gettext_lazy("found"), ordering="pk")
    def find(self, match: Match) -> str:
        return _two_lines(match.target, f"{match.number} · {match.target.seller}")

    @display(description=gettext_lazy("original"))
    def copied(self, match: Match) -> str:
        return _two_lines(match.original.title, f"{match.original.number} · {match.original.organisation.name}")

    @display(description=gettext_lazy("score"), ordering="score")
    def likeness(self, match: Match) -> str:
        return f"{100 * match.score:.0f}"

    @display(description=gettext_lazy("what was done"))
    def kinds(self, match: Match) -> str:
        return _(", ").join(edits_in_words(match.edits[:3]))

    @display(description=gettext_lazy("deadline"), ordering="deadline_at", label={"late": "danger", "due": "default"})
    def due(self, match: Match) -> Any:
        return _day(match, match.state == Match.State.IN_REVIEW)

    @display(description=gettext_lazy("state"), ordering="state", label=_MATCH_TONES)
    def stands(self, match: Match) -> tuple[str, Any]:
        return match.state, match.get_state_display()

    @display(description=gettext_lazy("decided by"))
    def decider(self, match: Match) -> str:
        return (match.decided_by.name or match.decided_by.email) if match.decided_by else "–"


# --- what is owed ------------------------------------------------------------------------------------


class _ReviewersRetry(ObligationAdmin):
    """Reviewers try these again themselves: a picture that was given up is a copy that nobody finds."""

    def has_administrator_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return roles.is_reviewer(request.user)


@admin.register(SeenImage)
class SeenImageAdmin(_ReviewersRetry):
    """Images on marketplaces: looked at, due, or given up with the reason."""

    list_display = ("url_cut", "marketplace", "stands", "looked_at", "attempts", "error")
    list_filter = (*ObligationAdmin.list_filter, "marketplace")
    list_select_related = ("marketplace",)
    search_fields = ("=public_id", "=sha256", "=url")
    search_help_text = gettext_lazy("Public id, SHA-256 or the whole address")
    ordering = ("-pk",)
    readonly_fields = ("state", "shown_in")

    class Media:
        css = {"all": ("imageguard/review.css",)}

    fields = (
        "public_id", "marketplace", "url", "sha256", "state", "shown_in", "first_seen_at", "looked_at", "due_at",
        "attempts", "leased_until", "dead_at", "last_error",
    )  # fmt: skip

    @display(description=gettext_lazy("address"))
    def url_cut(self, image: SeenImage) -> str:
        cut = image.url if len(image.url) <= 70 else f"{image.url[:40]}…{image.url[-28:]}"
        return format_html('<span class="ig-two ig-mono">{}</span>', cut)

    @display(description=gettext_lazy("shown in"))
    def shown_in(self, image: SeenImage) -> str:
        shown = image.appearances.current().select_related("target")[:10]
        return ", ".join(f"{appearance.target} ({appearance.target.external_id})" for appearance in shown) or "–"

    def carry_on(self, row: SeenImage, by: Any) -> None:
        watching.retry_look(image=row, by=by)


@admin.register(Explanation)
class ExplanationAdmin(_ReviewersRetry):
    """Pictures of explanations: drawn, due, or given up with the reason."""

    list_display = ("public_id", "stands", "due_at", "attempts", "error")
    search_fields = ("=public_id", "=subject")
    search_help_text = gettext_lazy("Public id of the explanation or of the earlier image")
    ordering = ("-pk",)
    readonly_fields = ("state",)
    fields = (
        "public_id", "subject", "state", "due_at", "attempts", "leased_until", "dead_at", "last_error",
    )  # fmt: skip

    def carry_on(self, row: Explanation, by: Any) -> None:
        explanations.retry_drawing(row=row, by=by)


@admin.register(OfficialPicture)
class OfficialPictureAdmin(_ReviewersRetry):
    """Official pictures that brands gave: looked for, refused with the reason, due, or given up."""

    list_display = ("subject", "stands", "refusal", "market_searched_at", "attempts", "error")
    list_filter = (*ObligationAdmin.list_filter, "refusal")
    search_fields = ("=subject",)
    search_help_text = gettext_lazy("Public id of the official picture")
    ordering = ("-pk",)
    readonly_fields = ("state",)
    fields = (
        "subject", "refusal", "state", "fingerprinted_at", "market_searched_at", "taken_away_at", "due_at", "attempts",
        "leased_until", "dead_at", "last_error",
    )  # fmt: skip

    def carry_on(self, row: OfficialPicture, by: Any) -> None:
        official.retry(row=row, by=by)


@admin.register(IntakeItem)
class IntakeItemAdmin(_ReviewersRetry):
    """Images that merchants handed in: taken, refused with the reason, waiting or given up."""

    list_display = ("name", "holder", "came_to", "stands", "due_at", "attempts", "error")
    list_filter = (*ObligationAdmin.list_filter, "state")
    list_select_related = ("intake__organisation",)
    search_fields = ("=intake__public_id", "name", "intake__organisation__name")
    search_help_text = gettext_lazy("Public id of the intake, name of the file or of the organisation")
    ordering = ("-pk",)
    readonly_fields = ("why_refused", "stands")
    fields = (
        "intake", "name", "url", "target", "state", "why_refused", "original", "stands", "due_at", "attempts", "leased_until",
        "dead_at", "last_error",
    )  # fmt: skip

    @display(description=gettext_lazy("organisation"))
    def holder(self, item: IntakeItem) -> str:
        return item.intake.organisation.name

    @display(description=gettext_lazy("outcome"), label={"taken": "success", "refused": "danger", "waiting": "info"})
    def came_to(self, item: IntakeItem) -> tuple[str, Any]:
        return item.state, item.get_state_display()

    @display(description=gettext_lazy("why refused"))
    def why_refused(self, item: IntakeItem) -> str:
        return item.why

    def carry_on(self, row: IntakeItem, by: Any) -> None:
        intake.retry_item(item=row, by=by)
