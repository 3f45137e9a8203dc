"""The staff's workplace for misuse: findings to confirm or dismiss, warnings and suspensions.

Each step is a dialog with the words that the complainant reads; services check who may and write.
"""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminTextareaWidget

from accounts import roles
from accounts.signed_in import SignedInRequest
from complaints import misuse, selfservice
from complaints.abuse import findings, looking, suspension
from complaints.abuse.findings import Told
from complaints.abuse.patterns import PATTERNS
from complaints.models import AbuseFinding, Complaint, ComplaintTarget, ConductMonth, Privilege, Removal, Suspension
from core.admin import StaffAdmin
from core.errors import DomainError, Invalid
from core.text import clean_text
from rulebook.models import RuleVersion

LONGEST = 4000
_FINDING_TONES = {
    AbuseFinding.State.OPEN: "warning",
    AbuseFinding.State.CONFIRMED: "danger",
    AbuseFinding.State.DISMISSED: "default",
}
_SUSPENSION_TONES = {Suspension.State.WARNED: "warning", Suspension.State.SUSPENDED: "danger"}


class WordsForm(BaseDialogForm):
    """What the complainant reads of a step."""

    words = forms.CharField(
        label=_("In words that the complainant reads"),
        max_length=LONGEST,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 5}),
    )

    def clean_words(self) -> str:
        return clean_text(self.cleaned_data["words"], multiline=True, max_length=LONGEST)


def _cited(rule: RuleVersion | None) -> SafeString | str:
    """A rule in the version of the time, with its permanent address."""
    if rule is None:
        return ""
    return format_html(
        '<a href="{}">{}: {}</a>', reverse("rule-version", args=[rule.code, rule.number]), rule, rule.title
    )


def _dialog(title: Any, description: Any, submit: Any, form: type[BaseDialogForm] | None = WordsForm) -> dict[str, Any]:
    """What unfold shows before a step; without a `form` it asks for nothing but the click."""
    return {"title": title, "description": description, "form_class": form, "form_submit_text": submit}


class StepAdmin(StaffAdmin):
    """Rows on which staff take steps, each with words."""

    def has_reviewer_permission(self, request: SignedInRequest, obj: Any = None) -> bool:
        return roles.is_reviewer(request.user)

    def has_senior_permission(self, request: SignedInRequest, obj: Any = None) -> bool:
        return roles.is_senior(request.user)

    def _step(self, request: HttpRequest, object_id: str, act: Callable[[Any], Any], said: Any) -> HttpResponse:
        """Take a step on one row, and say what came of it."""
        row = self.get_object(request, object_id)
        if row is None:
            raise Http404
        try:
            act(row)
            self.message_user(request, said, messages.SUCCESS)
        except Invalid as failure:
            for words in failure.errors.values() or [[failure.message]]:
                self.message_user(request, str(words[0]), messages.ERROR)
        except DomainError as failure:
            self.message_user(request, str(failure), messages.ERROR)
        return self.back_to(request, object_id)


@admin.register(AbuseFinding)
class AbuseFindingAdmin(StepAdmin):
    """What the machine saw in what complainants did; nothing happens on it until staff decide."""

    list_display = ("title", "complainant", "words", "found_at", "stands")
    list_select_related = ("organisation",)
    search_fields = ("=public_id", "organisation__name", "=organisation__number", "=cases__case")
    search_help_text = _("Complainant, or public id of a finding or a case")
    ordering = ("-pk",)
    fields = readonly_fields = (
        "public_id", "title", "complainant", "words", "rule", "told", "source", "broken", "cases_shown", "found_at",
        "state", "decided_by", "decided_at", "reason",
    )  # fmt: skip
    actions_detail = ("confirm", "dismiss", "warn", "look_again")
    list_filter = ("state", "pattern")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("organisation", "decided_by")

    @display(description=_("pattern"), ordering="pattern")
    def title(self, finding: AbuseFinding) -> Any:
        return PATTERNS[finding.pattern].title

    @display(description=_("complainant"), ordering="organisation__name")
    def complainant(self, finding: AbuseFinding) -> str:
        return finding.organisation.name

    @display(description=_("what was seen"))
    def words(self, finding: AbuseFinding) -> str:
        return Told(finding).to_staff

    @display(description=_("what is looked for"))
    def rule(self, finding: AbuseFinding) -> Any:
        return PATTERNS[finding.pattern].rule

    @display(description=_("what the complainant is told"))
    def told(self, finding: AbuseFinding) -> str:
        return Told(finding).to_complainant

    @display(description=_("source"))
    def source(self, finding: AbuseFinding) -> Any:
        return PATTERNS[finding.pattern].source

    @display(description=_("rule that it breaks"))
    def broken(self, finding: AbuseFinding) -> SafeString | str:
        return _cited(misuse.rules_of([finding]).get(finding.pk))

    @display(description=_("state"), ordering="state", label=_FINDING_TONES)
    def stands(self, finding: AbuseFinding) -> tuple[str, Any]:
        return finding.state, finding.get_state_display()

    @display(description=_("cases that show it"))
    def cases_shown(self, finding: AbuseFinding) -> SafeString:
        ids = [case.case for case in finding.cases.all()]
        numbers = dict(Complaint.objects.filter(public_id__in=ids).values_list("public_id", "number"))
        return format_html_join(
            " ", "{}",
            (
                (format_html('<a href="{}">{}</a>', reverse("admin:complaints_complaint_review", args=[i]), numbers[i]),)
                if i in numbers
                else (i,)
                for i in ids
            ),
        )  # fmt: skip

    @action(
        description=_("Confirm"), url_path="confirm", icon="gavel", permissions=["reviewer"],
        dialog=_dialog(
            _("It is abuse"),
            _("A confirmed finding keeps out of the fast lane for a year, and stands on the complainant's page."),
            _("Confirm"),
        ),
    )  # fmt: skip
    def confirm(self, request: SignedInRequest, form: Any, object_id: str) -> HttpResponse:
        return self._step(
            request, object_id,
            lambda row: findings.confirm(finding=row, by=request.user, reason=form.cleaned_data["words"]),
            _("The finding is confirmed."),
        )  # fmt: skip

    @action(
        description=_("Dismiss"), url_path="dismiss", icon="close", permissions=["reviewer"],
        dialog=_dialog(_("It is no abuse"), _("The same occasion is not found again."), _("Dismiss")),
    )  # fmt: skip
    def dismiss(self, request: SignedInRequest, form: Any, object_id: str) -> HttpResponse:
        return self._step(
            request, object_id,
            lambda row: findings.dismiss(finding=row, by=request.user, reason=form.cleaned_data["words"]),
            _("The finding is dismissed."),
        )  # fmt: skip

    @action(
        description=_("Warn the complainant"), url_path="warn", icon="warning", permissions=["senior"],
        dialog=_dialog(
            _("Warn the complainant"),
            _("Say what happened how often, how grave it is, and what it was meant for. Complaints go into the slow lane until the warning lapses."),
            _("Warn"),
        ),
    )  # fmt: skip
    def warn(self, request: SignedInRequest, form: Any, object_id: str) -> HttpResponse:
        return self._step(
            request, object_id,
            lambda row: suspension.warn(
                organisation=row.organisation, by=request.user, findings=[row], facts=form.cleaned_data["words"]
            ),
            _("The complainant is warned."),
        )  # fmt: skip

    @action(
        description=_("Look again"), url_path="look-again", icon="search", permissions=["reviewer"],
        dialog=_dialog(
            _("Look at the complainant again"),
            _("Every pattern is looked for now, in all that the complainant did, without waiting for its turn."),
            _("Look again"), None,
        ),
    )  # fmt: skip
    def look_again(self, request: SignedInRequest, form: Any, object_id: str) -> HttpResponse:
        return self._step(
            request, object_id,
            lambda row: looking.look_now(organisation=row.organisation, by=request.user),
            _("What the complainant did was looked at again. New findings stand in the list."),
        )  # fmt: skip


@admin.register(Suspension)
class SuspensionAdmin(StepAdmin):
    """Warnings and suspensions; the second step needs another senior reviewer than the first."""

    list_display = ("number", "complainant", "stands", "state_since_at", "deadline_at")
    list_filter = ("state",)
    search_fields = ("=number", "=public_id", "organisation__name", "=organisation__number")
    ordering = ("-pk",)
    fields = readonly_fields = (
        "public_id", "number", "complainant", "state", "state_since_at", "deadline_at", "facts", "warned_by",
        "suspended_facts", "suspended_by", "suspended_at", "ended_reason", "notified_at", "found",
        "followed",
    )  # fmt: skip
    actions_detail = ("suspend", "lift", "reverse")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("organisation", "warned_by", "suspended_by")

    @display(description=_("complainant"), ordering="organisation__name")
    def complainant(self, row: Suspension) -> str:
        return row.organisation.name

    @display(description=_("state"), ordering="state", label=_SUSPENSION_TONES)
    def stands(self, row: Suspension) -> tuple[str, Any]:
        return row.state, row.get_state_display()

    @display(description=_("rule that it follows"))
    def followed(self, row: Suspension) -> SafeString | str:
        return _cited(misuse.rules_of_suspensions([row]).get(row.pk))

    @display(description=_("findings"))
    def found(self, row: Suspension) -> SafeString:
        return format_html_join(
            "", '<p><a href="{}">{}</a></p>',
            (
                (reverse("admin:complaints_abusefinding_change", args=[f.pk]), Told(f).to_staff)
                for f in row.findings.order_by("pk")
            ),
        )  # fmt: skip

    @action(
        description=_("Suspend"), url_path="suspend", icon="block", permissions=["senior"],
        dialog=_dialog(
            _("Suspend the complainant"),
            _("It went on after the warning: everything that was found since and confirmed is held against it."),
            _("Suspend"),
        ),
    )  # fmt: skip
    def suspend(self, request: SignedInRequest, form: Any, object_id: str) -> HttpResponse:
        return self._step(
            request, object_id,
            lambda row: suspension.suspend(
                suspension=row, by=request.user, findings=suspension.found_since(row), facts=form.cleaned_data["words"]
            ),
            _("The complainant is suspended."),
        )  # fmt: skip

    @action(
        description=_("Lift"), url_path="lift", icon="lock_open", permissions=["senior"],
        dialog=_dialog(_("Lift from now on"), _("It was right and is no longer needed."), _("Lift")),
    )  # fmt: skip
    def lift(self, request: SignedInRequest, form: Any, object_id: str) -> HttpResponse:
        return self._lift(request, form, object_id, was_wrong=False)

    @action(
        description=_("Reverse"), url_path="reverse", icon="undo", permissions=["senior"],
        dialog=_dialog(_("Reverse"), _("It should never have been, and does not count."), _("Reverse")),
    )  # fmt: skip
    def reverse(self, request: SignedInRequest, form: Any, object_id: str) -> HttpResponse:
        return self._lift(request, form, object_id, was_wrong=True)

    def _lift(self, request: SignedInRequest, form: Any, object_id: str, *, was_wrong: bool) -> HttpResponse:
        return self._step(
            request, object_id,
            lambda row: suspension.lift_suspension(
                suspension=row, by=request.user, reason=form.cleaned_data["words"], was_wrong=was_wrong
            ),
            _("The complainant can complain again."),
        )  # fmt: skip


class StandsForm(BaseDialogForm):
    """Which links that the holder took back infringe all the same."""

    right = forms.CharField(
        label=_("Ids of links that the holder took back and that infringe all the same, one per line; the others count as not confirmed"),
        required=False, max_length=LONGEST * 10, widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
    )  # fmt: skip


class ReviewForm(StandsForm, WordsForm):
    """Which links of a removal do not infringe, and why."""

    links = forms.CharField(
        label=_("Ids of the links that do not infringe, one per line; empty: all that are still down"),
        required=False, max_length=LONGEST * 10, widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
    )  # fmt: skip


class ReviewFilter(admin.SimpleListFilter):
    """What was drawn and waits for a review comes first."""

    title = _("review")
    parameter_name = "review"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("waits", _("to be reviewed")), ("reviewed", _("reviewed"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() == "waits":
            return queryset.to_review()  # type: ignore[attr-defined]
        return queryset.filter(reviewed_at__isnull=False) if self.value() == "reviewed" else queryset


@admin.register(Removal)
class RemovalAdmin(StepAdmin):
    """What holders took down by themselves; a share of it is drawn for review."""

    list_display = ("number", "holder", "at", "is_sampled", "reviewed_at", "confirmed_links", "reversed_links")
    list_filter = (ReviewFilter,)
    list_select_related = ("complaint__organisation",)
    search_fields = ("=complaint__number", "=complaint__public_id", "complaint__organisation__name")
    ordering = ("-pk",)
    fields = readonly_fields = (
        "case", "holder", "at", "is_sampled", "link_ids", "reviewed_by", "reviewed_at", "confirmed_links",
        "reversed_links", "taken_back_links", "reason",
    )  # fmt: skip
    actions_detail = ("stands", "is_wrong")

    @display(description=_("number"))
    def number(self, removal: Removal) -> str:
        return removal.complaint.number

    @display(description=_("case"))
    def case(self, removal: Removal) -> SafeString:
        complaint = removal.complaint
        address = reverse("admin:complaints_complaint_review", args=[complaint.public_id])
        return format_html('<a href="{}">{}</a>', address, complaint.number)

    @display(description=_("holder"))
    def holder(self, removal: Removal) -> str:
        return removal.complaint.organisation.name

    @display(description=_("links"))
    def link_ids(self, removal: Removal) -> SafeString:
        rows = removal.complaint.targets.select_related("target").order_by("pk")
        shown = ((row.target, row.public_id, row.get_outcome_display()) for row in rows)
        return format_html_join("", "<p>{} <code>{}</code> {}</p>", shown)

    @action(
        description=_("It stands"), url_path="stands", icon="check", permissions=["reviewer"],
        dialog=_dialog(_("Every link infringes"), _("The removal is confirmed."), _("Confirm"), StandsForm),
    )  # fmt: skip
    def stands(self, request: SignedInRequest, form: Any, object_id: str) -> HttpResponse:
        def act(row: Removal) -> None:
            right = _named(row, form.cleaned_data["right"])
            selfservice.review(removal=row, by=request.user, wrong=[], reason="", right=right)

        return self._step(request, object_id, act, _("The removal is confirmed."))

    @action(
        description=_("It was wrong"), url_path="wrong", icon="undo", permissions=["reviewer"],
        dialog=_dialog(_("Put links up again"), _("Both sides are told why."), _("Reverse"), ReviewForm),
    )  # fmt: skip
    def is_wrong(self, request: SignedInRequest, form: Any, object_id: str) -> HttpResponse:
        def act(row: Removal) -> None:
            held = row.complaint.targets.filter(outcome=ComplaintTarget.Outcome.UPHELD)
            wrong = _named(row, form.cleaned_data["links"]) or list(held)
            right = _named(row, form.cleaned_data["right"])
            if not wrong:
                raise Invalid(errors={"links": [_("Nothing of this removal is down any more. It can only stand.")]})
            reason = form.cleaned_data["words"]
            selfservice.review(removal=row, by=request.user, wrong=wrong, reason=reason, right=right)

        return self._step(request, object_id, act, _("The links go up again."))


def _named(removal: Removal, ids: str) -> list[ComplaintTarget]:
    """The links of a removal that somebody named, each once. Raises Invalid for what is none of them."""
    rows = {row.public_id: row for row in removal.complaint.targets.all()}
    named = dict.fromkeys(ids.split())
    if unknown := set(named) - set(rows):
        raise Invalid(errors={"links": [_("%(id)s is no link of this case.") % {"id": min(unknown)[:40]}]})
    return [rows[key] for key in named]


@admin.register(Privilege)
class PrivilegeAdmin(StepAdmin):
    """Who takes down by itself, and how much of it staff confirmed."""

    list_display = ("number", "holder", "stands_in_words", "state_since_at", "confirmed")
    list_filter = ("state",)
    list_select_related = ("organisation",)
    search_fields = ("=number", "organisation__name")
    ordering = ("-pk",)
    fields = readonly_fields = (
        "public_id", "number", "holder", "state", "state_since_at", "ended_why", "reason", "notified_at", "confirmed",
    )  # fmt: skip
    actions_detail = ("take_away", "restore")

    @display(description=_("holder"))
    def holder(self, privilege: Privilege) -> str:
        return privilege.organisation.name

    @display(description=_("state"), label={"active": "success", "training": "info", "ended": "danger"})
    def stands_in_words(self, privilege: Privilege) -> tuple[str, str]:
        return privilege.state, privilege.get_state_display()

    @display(description=_("confirmed of reviewed links"))
    def confirmed(self, privilege: Privilege) -> str:
        accuracy = selfservice.accuracy_of(privilege)
        return f"{accuracy.confirmed}/{accuracy.reviewed}"

    @action(
        description=_("Take away"), url_path="take-away", icon="block", permissions=["senior"],
        dialog=_dialog(_("Take the privilege away"), _("The holder is told why and can appeal."), _("Take away")),
    )  # fmt: skip
    def take_away(self, request: SignedInRequest, form: Any, object_id: str) -> HttpResponse:
        return self._step(
            request, object_id,
            lambda row: selfservice.take_away(privilege=row, by=request.user, reason=form.cleaned_data["words"]),
            _("The privilege was taken away."),
        )  # fmt: skip

    @action(
        description=_("Restore"), url_path="restore", icon="undo", permissions=["senior"],
        dialog=_dialog(_("Restore the privilege"), _("What was reviewed before counts no longer."), _("Restore")),
    )  # fmt: skip
    def restore(self, request: SignedInRequest, form: Any, object_id: str) -> HttpResponse:
        return self._step(
            request, object_id,
            lambda row: selfservice.restore_privilege(
                privilege=row, by=request.user, reason=form.cleaned_data["words"]
            ),
            _("The privilege is restored."),
        )  # fmt: skip


@admin.register(ConductMonth)
class ConductMonthAdmin(StaffAdmin):
    """What became of complainants' links by the month: what scores are made of."""

    list_display = ("organisation", "month_on", "upheld", "dismissed", "withdrawn", "reversed")
    list_select_related = ("organisation",)
    search_fields = ("organisation__name", "=organisation__number")
    ordering = ("-month_on", "-pk")
    fields = readonly_fields = ("organisation", "month_on", "upheld", "dismissed", "withdrawn", "reversed")
