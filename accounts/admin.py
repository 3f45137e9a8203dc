"""The staff's workplace for accounts: organisations and their papers, people and their rights, invitations.

Everything that changes goes through services. The admins that Django and allauth bring for groups, addresses and
second factors are taken away: they would change what no service has checked.
"""

from collections.abc import Callable, Iterable
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import Group
from django.db.models import Exists, OuterRef, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from accounts import people, review, roles, selectors
from accounts.lifecycle import LIFECYCLE
from accounts.models import Invitation, Membership, Organisation, User
from accounts.roles import StaffRole
from accounts.webhooks import admin as webhooks  # noqa: F401  registers its own
from core import clock
from core.admin import ReadOnlyInline, StaffAdmin, masked
from core.errors import DomainError, Invalid, WrongState

for foreign in (Group, EmailAddress, Authenticator):
    if admin.site.is_registered(foreign):
        admin.site.unregister(foreign)

State = Organisation.State
_TONES = {
    State.SUBMITTED: "info",
    State.RETURNED: "warning",
    State.VERIFIED: "success",
    State.REJECTED: "danger",
    State.UNVERIFIED: "default",
}


def address(email: str, request: HttpRequest) -> str:
    """An email address: whole for administrators, masked for everybody else."""
    return email if roles.is_administrator(request.user) else masked(email)


class MembershipInline(ReadOnlyInline):
    """Who belongs to an organisation, or where somebody belongs."""

    model = Membership
    ordering = ("joined_at",)


class ColleagueInline(MembershipInline):
    fields = ("person", "role", "joined_at")
    readonly_fields = fields

    @display(description=_("person"))
    def person(self, membership: Membership) -> str:
        return masked(membership.user.email)


class BelongsInline(MembershipInline):
    fields = ("organisation", "role", "joined_at")
    readonly_fields = fields


# --- organisations ---------------------------------------------------------------------------------------


@admin.register(Organisation)
class OrganisationAdmin(StaffAdmin):
    """Organisations, those under review first; each page shows the papers beside what they have to prove."""

    list_display = ("name", "number", "shown_kind", "country", "stands", "since", "until")
    list_filter = ("state", "kind", "country")
    search_fields = ("name", "=number", "=uscc", "=registration_number", "=public_id")
    search_help_text = _("Name, number, credit code or company number")
    list_per_page = 50
    inlines = (ColleagueInline,)
    fields = ("public_id", "created_at")
    change_form_outer_before_template = "admin/accounts/organisation/review.html"

    class Media:
        css = {"all": ("accounts/review.css",)}

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return selectors.review_queue()

    @display(description=_("kind"), ordering="kind")
    def shown_kind(self, organisation: Organisation) -> str:
        return organisation.get_kind_display()

    @display(description=_("state"), ordering="state", label=_TONES)
    def stands(self, organisation: Organisation) -> tuple[str, str]:
        return organisation.state, organisation.get_state_display()

    @display(description=_("since"), ordering="state_since_at")
    def since(self, organisation: Organisation) -> Any:
        return organisation.state_since_at

    @display(description=_("deadline"), ordering="deadline_at", label={"late": "danger", "": "default"})
    def until(self, organisation: Organisation) -> Any:
        if organisation.deadline_at is None:
            return None
        late = organisation.deadline_at < clock.now()
        return "late" if late else "", f"{timezone.localtime(organisation.deadline_at):%Y-%m-%d}"

    def get_urls(self) -> list[URLPattern]:
        steps: dict[str, Callable[..., Any]] = {
            "verify": lambda organisation, by, note: review.verify(organisation=organisation, by=by),
            "return": review.return_for_supplement,
            "reject": review.reject,
        }
        return [
            *[
                path(
                    f"<path:object_id>/{name}/",
                    self.admin_site.admin_view(self._step(act)),
                    name=f"accounts_organisation_{name}",
                )
                for name, act in steps.items()
            ],
            *super().get_urls(),
        ]

    def _step(self, act: Callable[..., Any]) -> Callable[..., HttpResponse]:
        """A view that carries out one step of the review; a page that is no longer true changes nothing."""

        def step(request: HttpRequest, object_id: str) -> HttpResponse:
            organisation = self.get_object(request, object_id)
            if organisation is None or not self.has_view_permission(request):
                raise Http404
            if request.method != "POST":
                return self.back_to(request, organisation.pk)
            if request.POST.get("since") != organisation.state_since_at.isoformat():
                raise WrongState()
            try:
                done = act(organisation=organisation, by=request.user, note=request.POST.get("note", ""))
            except Invalid as failure:
                said = next(iter(failure.errors.values()), [failure.message])[0]
                self.message_user(request, said, messages.ERROR)
                return self.back_to(request, organisation.pk)
            said = _("%(name)s: %(state)s.") % {"name": done.name, "state": done.get_state_display()}
            self.message_user(request, said, messages.SUCCESS)
            following = selectors.review_queue().filter(state=State.SUBMITTED).first()
            return (
                self.back_to(request, following.pk) if following else redirect("admin:accounts_organisation_changelist")
            )

        return step

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        organisation = self.get_object(request, object_id)
        context: dict[str, Any] = {}
        if organisation is not None:
            is_reviewer = roles.is_reviewer(request.user)
            turn = LIFECYCLE.turns[State(organisation.state)]
            context = {
                "organisation": organisation,
                "since": organisation.state_since_at.isoformat(),
                "papers": selectors.papers(organisation),
                "is_reviewer": is_reviewer,
                "under_review": organisation.state == State.SUBMITTED and is_reviewer,
                "actions": {t.name for t in LIFECYCLE.available(organisation, request.user)},
                "hindrance": self._hindrance(organisation),
                "lookalikes": selectors.lookalikes(organisation),
                "history": selectors.history(organisation),
                "turn": turn,
                "contact_email": address(organisation.contact_email, request),
            }
        return super().change_view(request, object_id, form_url, {**context, **(extra_context or {})})

    def _hindrance(self, organisation: Organisation) -> Any:
        """Why it cannot be verified although it is under review; None if it can."""
        if organisation.state != State.SUBMITTED:
            return None
        return next((words for need in LIFECYCLE["verify"].needs if (words := need(organisation))), None)


# --- people ------------------------------------------------------------------------------------------------


class RolesForm(BaseDialogForm):
    """Which platform roles somebody has, and no others."""

    roles = forms.MultipleChoiceField(
        label=_("roles"),
        choices=StaffRole.choices,
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text=_("With none, this person no longer works for the platform."),
    )

    def __init__(self, request: HttpRequest, object_id: Any = None, *args: Any, **kwargs: Any) -> None:
        super().__init__(request, object_id, *args, **kwargs)
        person = User.objects.filter(pk=object_id).first() if str(object_id).isdecimal() else None
        self.fields["roles"].initial = sorted(person.staff_roles) if person else []


class WorksHere(admin.SimpleListFilter):
    """People by platform role."""

    title = _("role")
    parameter_name = "role"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, Any]]:
        return [("none", _("no staff")), *StaffRole.choices]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        chosen = self.value()
        if chosen == "none":
            return queryset.filter(is_staff=False)
        return queryset.filter(groups__name=chosen) if chosen in StaffRole.values else queryset


@admin.register(User)
class UserAdmin(StaffAdmin):
    """People. Administrators of the platform see addresses, give roles, and lock accounts."""

    list_display = ("shown_address", "shown_roles", "second_factor", "is_active", "date_joined")
    list_filter = (WorksHere, "is_active")
    inlines = (BelongsInline,)
    ordering = ("-pk",)
    list_per_page = 50
    actions_detail = ("change_roles", "lock_account", "unlock_account")
    fields = readonly_fields = (
        "public_id", "shown_address", "shown_roles", "second_factor", "is_active", "language", "date_joined", "last_login",
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        # What the pages do not show is not decrypted for them either.
        factor = Authenticator.objects.filter(user=OuterRef("pk"), type=Authenticator.Type.TOTP)
        people_ = super().get_queryset(request).defer("name", "phone").prefetch_related("groups")
        return people_.annotate(has_factor=Exists(factor))

    def has_lock_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self.is_administrator(request) and self._is_active(object_id) is True

    def has_unlock_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self.is_administrator(request) and self._is_active(object_id) is False

    @staticmethod
    def _is_active(object_id: Any) -> bool | None:
        """Whether the account of this address works; None for an address that names nobody."""
        if not str(object_id).isdecimal():
            return None
        return User.objects.filter(pk=object_id).values_list("is_active", flat=True).first()

    def get_list_display(self, request: HttpRequest) -> tuple[str, ...]:
        return ("email", *self.list_display[1:]) if self.is_administrator(request) else self.list_display

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        seen = "email" if self.is_administrator(request) else "shown_address"
        return tuple(seen if name == "shown_address" else name for name in self.fields)

    def get_search_fields(self, request: HttpRequest) -> tuple[str, ...]:
        return ("=public_id", "email") if self.is_administrator(request) else ("=public_id", "=email")

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        person = self.get_object(request, object_id)
        shown = address(person.email, request) if person else ""
        return super().change_view(
            request, object_id, form_url,
            {"original": shown, "subtitle": shown, "ledger_subject": person and person.public_id, **(extra_context or {})},
        )  # fmt: skip

    @display(description=_("email"))
    def shown_address(self, person: User) -> str:
        return masked(person.email)

    @display(description=_("roles"))
    def shown_roles(self, person: User) -> str:
        names = {g.name for g in person.groups.all()} | ({StaffRole.ADMINISTRATOR} if person.is_superuser else set())
        return ", ".join(str(StaffRole(name).label) for name in sorted(names) if name in StaffRole.values) or "–"

    @display(description=_("second factor"), boolean=True)
    def second_factor(self, person: Any) -> bool:
        return person.has_factor

    @action(
        description=_("Roles"),
        url_path="roles",
        icon="badge",
        permissions=["administrator"],
        dialog={
            "title": _("Roles on the platform"),
            "description": _("The change is in the ledger. Staff set up a second factor before they reach anything."),
            "form_class": RolesForm,
            "form_submit_text": _("Save"),
        },
    )
    def change_roles(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        return self._carry_out(
            request, object_id, people.set_staff_roles, _("The roles were changed."), granted=form.cleaned_data["roles"]
        )

    @action(
        description=_("Lock"),
        url_path="lock",
        icon="lock",
        permissions=["lock"],
        dialog={
            "title": _("Lock this account"),
            "description": _("Open sessions end at once, and nobody signs in with it until it is unlocked."),
            "form_class": None,
            "form_submit_text": _("Lock"),
        },
    )
    def lock_account(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        return self._carry_out(request, object_id, people.lock_person, _("The account is locked."))

    @action(
        description=_("Unlock"),
        url_path="unlock",
        icon="lock_open",
        permissions=["unlock"],
        dialog={
            "title": _("Unlock this account"),
            "description": _("This person can sign in again."),
            "form_class": None,
            "form_submit_text": _("Unlock"),
        },
    )
    def unlock_account(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        return self._carry_out(request, object_id, people.unlock_person, _("The account is unlocked."))

    def _carry_out(
        self, request: HttpRequest, object_id: str, act: Callable[..., Any], said: Any, **values: Any
    ) -> HttpResponse:
        person = self.get_object(request, object_id)
        if person is None:
            raise Http404
        try:
            act(user=person, by=request.user, **values)
            self.message_user(request, said)
        except DomainError as failure:
            self.message_user(request, str(failure), messages.ERROR)
        return self.back_to(request, object_id)


# --- memberships and invitations ------------------------------------------------------------------------------


@admin.register(Membership)
class MembershipAdmin(StaffAdmin):
    """Who belongs where. Organisations change this themselves."""

    list_display = ("person", "organisation", "role", "joined_at")
    list_filter = ("role",)
    list_select_related = ("user", "organisation")
    search_fields = ("organisation__name", "=organisation__number", "=user__public_id")
    ordering = ("-pk",)
    fields = readonly_fields = ("person", "organisation", "role", "joined_at")

    @display(description=_("person"))
    def person(self, membership: Membership) -> str:
        return masked(membership.user.email)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        membership = self.get_object(request, object_id)
        shown = f"{masked(membership.user.email)} – {membership.organisation}" if membership else ""
        return super().change_view(
            request, object_id, form_url, {"original": shown, "subtitle": shown, **(extra_context or {})}
        )


@admin.register(Invitation)
class InvitationAdmin(StaffAdmin):
    """Invitations, without their tokens."""

    list_display = ("public_id", "organisation", "addressee", "role", "stands", "expires_at")
    list_select_related = ("organisation",)
    search_fields = ("=public_id", "organisation__name", "=organisation__number")
    ordering = ("-pk",)
    fields = readonly_fields = (
        "public_id", "organisation", "addressee", "role", "language", "stands_in_words", "created_at", "expires_at",
        "accepted_at", "revoked_at",
    )  # fmt: skip

    @display(description=_("to"))
    def addressee(self, invitation: Invitation) -> str:
        return masked(invitation.email)

    @display(
        description=_("state"),
        label={"accepted": "success", "revoked": "default", "open": "info", "expired": "warning"},
    )
    def stands(self, invitation: Invitation) -> tuple[str, Any]:
        if invitation.accepted_at:
            return "accepted", _("accepted")
        if invitation.revoked_at:
            return "revoked", _("revoked")
        return ("open", _("open")) if invitation.is_open else ("expired", _("expired"))

    @display(description=_("state"))
    def stands_in_words(self, invitation: Invitation) -> Any:
        return self.stands(invitation)[1]
