"""The staff's workplace for appeals: the queue by deadline, the review of one, and the list of bodies outside.

Each step is a plain form that carries the moment at which the appeal came into its state: sent from a page that is no
longer true, it changes nothing and answers 409.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Case, IntegerField, QuerySet, Value, When
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display
from unfold.views import ChangeList
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from accounts import roles
from accounts.models import User
from accounts.signed_in import SignedInRequest
from complaints.models import Complaint
from complaints.regimes import REGIMES
from complaints.review import reason_values
from core import files
from core.admin import StaffAdmin
from core.errors import Invalid
from governance.appealable import KINDS, contested_in, has_party, kinds, title_of
from governance.appeals import selectors, services
from governance.appeals.forms import ConcludeForm, DecideForm, ReferForm, ReturnForm, rules_to_reverse
from governance.appeals.lifecycle import LIFECYCLE
from governance.models import Appeal, OutOfCourtBody
from imageguard.admin_review import CasePage, still
from rulebook import macros

State = Appeal.State
TONES = {
    State.SUBMITTED: "info",
    State.UNDER_REVIEW: "primary",
    State.RETURNED: "warning",
    State.REFERRED: "warning",
    State.REVERSED: "success",
    State.PARTLY_REVERSED: "success",
    State.UPHELD: "danger",
}
DONE = {
    "take": gettext_lazy("%(number)s is yours."),
    "give_back": gettext_lazy("%(number)s is back in the queue."),
    "return": gettext_lazy("%(number)s was returned to the appellant."),
    "decide": gettext_lazy("%(number)s is decided."),
    "refer": gettext_lazy("It was noted that a body outside looks at %(number)s."),
    "conclude": gettext_lazy("What the body found on %(number)s was recorded."),
}


class DeskFilter(admin.SimpleListFilter):
    """What waits for a reviewer, unless something else is asked for."""

    title = gettext_lazy("desk")
    parameter_name = "desk"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, Any]]:
        return [
            ("mine", gettext_lazy("mine")),
            ("returned", gettext_lazy("returned")),
            ("outside", gettext_lazy("before a body outside")),
            ("all", gettext_lazy("everything")),
        ]

    def choices(self, changelist: Any) -> Iterator[Any]:
        first, *others = super().choices(changelist)
        yield {**first, "display": gettext_lazy("waiting for a decision")}
        yield from others

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        match self.value():
            case "mine":
                return queryset.filter(assigned_to=request.user, state__in=Appeal.RUNNING)
            case "returned":
                return queryset.filter(state=State.RETURNED)
            case "outside":
                return queryset.filter(state=State.REFERRED)
            case "all":
                return queryset
        # A search without a desk looks everywhere.
        return queryset if request.GET.get("q", "").strip() else queryset.filter(state__in=Appeal.WAITING)


class KindFilter(admin.SimpleListFilter):
    title = gettext_lazy("against")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, Any]]:
        return kinds()

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(kind=self.value()) if self.value() in KINDS else queryset


class Queue(ChangeList):
    """The list; each line leads to the review."""

    def url_for_result(self, result: Appeal) -> str:
        return reverse("admin:governance_appeal_review", args=[result.public_id])


@admin.register(Appeal)
class AppealAdmin(CasePage, StaffAdmin):
    """The queue of appeals and the review of one, with the first decision beside what is said against it."""

    templates = "admin/governance"
    list_display = ("case_number", "against", "appellant", "stands", "due", "assignee")
    list_filter = (DeskFilter, KindFilter, "regime")
    list_per_page = 50
    search_fields = ("=number", "=public_id", "=subject", "=subject_number", "organisation__name")
    search_help_text = gettext_lazy("Number or id of the appeal or the decision, or the appellant")

    class Media:
        css = {"all": ("filings/review.css",)}

    # --- the list --------------------------------------------------------------------------------

    def get_changelist(self, request: SignedInRequest, **kwargs: Any) -> type[ChangeList]:
        return Queue

    def get_queryset(self, request: SignedInRequest) -> QuerySet:
        waits = When(state__in=Appeal.WAITING, then=Value(0))
        found = Appeal.objects.visible_to(request.user).select_related("organisation", "assigned_to")
        return found.annotate(turn=Case(waits, default=Value(1), output_field=IntegerField())).defer("grounds")

    def get_ordering(self, request: SignedInRequest) -> tuple[str, ...]:
        return ("turn", "deadline_at", "-pk")

    @display(description=gettext_lazy("appeal"), ordering="number")
    def case_number(self, appeal: Appeal) -> str:
        return format_html('{}<span class="fr-sub">{}</span>', appeal.number, timezone.localdate(appeal.created_at))

    @display(description=gettext_lazy("against"))
    def against(self, appeal: Appeal) -> str:
        return title_of(appeal)

    @display(description=gettext_lazy("appellant"), ordering="organisation__name")
    def appellant(self, appeal: Appeal) -> str:
        return appeal.organisation.name

    @display(description=gettext_lazy("state"), ordering="state", label=TONES)
    def stands(self, appeal: Appeal) -> tuple[str, Any]:
        return appeal.state, appeal.get_state_display()

    @display(description=gettext_lazy("deadline"), ordering="deadline_at", label={"late": "danger", "due": "default"})
    def due(self, appeal: Appeal) -> Any:
        if appeal.deadline_at is None:
            return None
        day = timezone.localtime(appeal.deadline_at).strftime("%Y-%m-%d")
        return ("late", _("%(day)s, late") % {"day": day}) if selectors.is_late(appeal) else ("due", day)

    @display(description=gettext_lazy("assigned to"))
    def assignee(self, appeal: Appeal) -> str:
        return _name(appeal.assigned_to)

    # --- the review ------------------------------------------------------------------------------

    def found(self, public_id: str) -> Appeal:
        appeal = (
            Appeal.objects.select_related("organisation", "filed_by", "assigned_to").filter(public_id=public_id).first()
        )
        if appeal is None:
            raise Http404
        return appeal

    def take_step(self, request: SignedInRequest, case: Appeal) -> HttpResponse:
        step = request.POST.get("step", "")
        if step not in DONE:
            raise Http404
        still(case, request)
        getattr(self, f"_{step}")(request, case)
        self.message_user(request, DONE[step] % {"number": case.number}, messages.SUCCESS)
        if step in ("give_back", "return"):
            return redirect("admin:governance_appeal_changelist")
        return redirect(self.address_of(case))

    def _take(self, request: SignedInRequest, case: Appeal) -> None:
        services.take(appeal=case, by=request.user)

    def _give_back(self, request: SignedInRequest, case: Appeal) -> None:
        services.give_back(appeal=case, by=request.user)

    def _return(self, request: SignedInRequest, case: Appeal) -> None:
        said = _checked(ReturnForm(request.POST))
        services.return_for_supplement(appeal=case, by=request.user, missing=said["missing"])

    def _decide(self, request: SignedInRequest, case: Appeal) -> None:
        links = selectors.links_of(case)
        said = _checked(DecideForm(request.POST, appeal=case, links=links))
        services.decide(appeal=case, by=request.user, reasons=said["reasons"], **_turned(said, links))

    def _refer(self, request: SignedInRequest, case: Appeal) -> None:
        services.refer(appeal=case, by=request.user, **_checked(ReferForm(request.POST, appeal=case)))

    def _conclude(self, request: SignedInRequest, case: Appeal) -> None:
        links = _not_reversed(case)
        said = _checked(ConcludeForm(request.POST, appeal=case, links=links))
        turned = _turned(said, links)
        services.conclude(
            appeal=case, by=request.user, finding=said["finding"], found_on=said["found_on"], reasons=said["reasons"],
            is_followed=turned.pop("is_reversed"), **turned,
        )  # fmt: skip

    def page_of(self, request: SignedInRequest, case: Appeal, **extra: Any) -> HttpResponse:
        contested = contested_in(case)
        links = selectors.links_of(case)
        evidence = [row.file for row in case.evidence.select_related("file")]
        return self.render(
            request,
            "appeal/review.html",
            case.number,
            **{
                "case": case,
                "title_of_case": title_of(case),
                "contested": contested,
                "where": selectors.admin_address_of(case),
                "turn": LIFECYCLE.turns[case.state],
                "is_late": selectors.is_late(case),
                "since": case.state_since_at.isoformat(),
                "steps": {t.name for t in LIFECYCLE.available(case, request.user)},
                "is_mine": case.assigned_to_id == request.user.pk,
                "is_own": has_party(contested, request.user),
                "is_first": request.user.pk in contested.deciders,
                "assignee": _name(case.assigned_to),
                "links": links,
                "open_links": _not_reversed(case),
                "rules": rules_to_reverse(case, links),
                "evidence": [
                    {
                        "file": file,
                        "url": files.url(file, user=request.user),
                        "preview": files.url(file, user=request.user, preview=True) if file.is_image else "",
                    }
                    for file in evidence
                ],
                "decisions": list(case.decisions.select_related("decided_by")),
                "deciders": [_name(d) for d in _people(contested.deciders)],
                "referral": getattr(case, "referral", None),
                "bodies": list(selectors.bodies_for(case)),
                "findings": services.Referral.Finding.choices,
                "macros": _macros(case, contested.case),
                "timeline": selectors.timeline(case, viewer=request.user),
                "typed": request.POST,
                **extra,
            },
        )


def _macros(appeal: Appeal, case: Any) -> dict[str, list[macros.Choice]]:
    """The prepared reasons for each box of the page, filled in as far as the case has what they name."""
    place = macros.ReasonMacro.Place
    of_complaint = reason_values(case) if isinstance(case, Complaint) else {}
    return macros.offered(
        place.APPEAL,
        place.APPEAL_RETURN,
        language=appeal.language,
        infringement=getattr(case, "infringement", ""),
        values=of_complaint | {"number": appeal.number},
    )


def _people(ids: Any) -> Any:
    return User.objects.filter(pk__in=ids).order_by("pk")


def _name(person: Any) -> str:
    return "–" if person is None else (person.name or person.email)


def _not_reversed(appeal: Appeal) -> list[Any]:
    return [link for link in selectors.links_of(appeal) if not link.is_reversed]


def _checked(form: Any) -> dict[str, Any]:
    """What a form says. Raises Invalid with each fault by its field."""
    if not form.is_valid():
        raise Invalid(errors={name: [str(e) for e in errors] for name, errors in form.errors.items()})
    return dict(form.cleaned_data)


def _turned(said: dict[str, Any], links: list[Any]) -> dict[str, Any]:
    is_reversed = said["outcome"] == "reverse"
    if not links:
        return {"is_reversed": is_reversed}
    chosen = set(said["links"])
    return {
        "is_reversed": is_reversed,
        "links": [link for link in links if str(link.pk) in chosen],
        "rule": said["rule"],
    }


@admin.register(OutOfCourtBody)
class BodyAdmin(StaffAdmin):
    """Certified bodies outside that an appellant may choose (DSA art. 21); administrators keep the list."""

    list_display = ("name", "regime", "certified_by", "certified_until_on", "is_active")
    list_filter = ("regime", "is_active")
    search_fields = ("name", "certified_by")
    fields = ("name", "regime", "certified_by", "certified_until_on", "website", "languages", "is_active")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return roles.is_administrator(request.user)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return roles.is_administrator(request.user)

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        if db_field.name == "regime":
            regimes = [(code, regime.name) for code, regime in REGIMES.items()]
            return forms.ChoiceField(label=db_field.verbose_name, choices=regimes, widget=UnfoldAdminSelectWidget)
        if db_field.name == "certified_until_on":
            # The browser's own calendar: Django's has a link without a name.
            kwargs["widget"] = UnfoldAdminTextInputWidget(attrs={"type": "date"})
        if db_field.name == "website":
            kwargs["assume_scheme"] = "https"
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def save_model(self, request: Any, obj: OutOfCourtBody, form: Any, change: bool) -> None:
        services.keep_body(body=obj, by=request.user)
