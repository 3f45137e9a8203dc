"""Pages about oneself and one's organisation: profile, verification, papers, colleagues, invitations."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import roles, selectors, services
from accounts.administering import own_administered
from accounts.errors import InvitationClosed, InvitationUnknown, LastAdministrator
from accounts.forms import (
    ContactForm,
    DocumentForm,
    IdentityForm,
    InvitationForm,
    OrganisationForm,
    PersonForm,
    RoleForm,
    RoomForm,
)
from accounts.models import Organisation
from accounts.requirements import CONTACT, IDENTITY
from accounts.roles import OrgRole
from core.errors import DomainError, Invalid

WRONG = 422


# --- oneself -------------------------------------------------------------------------------------------


@login_required
@require_http_methods(["GET", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    """Name, telephone, language; where one belongs."""
    user: Any = request.user
    form = PersonForm(request.POST or None, initial={"name": user.name, "phone": user.phone, "language": user.language})
    if request.method == "POST" and form.is_valid():
        services.update_person(user=user, **form.cleaned_data)
        with override(user.language):
            messages.success(request, _("Your profile was saved."))
        answer = redirect("accounts:profile")
        # The language of the account counts again, whatever this browser had chosen before.
        answer.delete_cookie(settings.LANGUAGE_COOKIE_NAME)
        return answer
    memberships = user.memberships.select_related("organisation").order_by("pk")
    context = {"form": form, "memberships": memberships, "acts_for": user.organisation}
    return render(request, "accounts/profile.html", context, status=WRONG if form.errors else 200)


@login_required
@require_POST
def switch(request: HttpRequest) -> HttpResponse:
    user: Any = request.user
    organisation = services.switch_organisation(user=user, public_id=request.POST.get("organisation", ""))
    messages.success(request, _("You act for %(name)s now.") % {"name": organisation.name})
    return redirect("home")


# --- the organisation ------------------------------------------------------------------------------------


@login_required
@require_GET
def organisation(request: HttpRequest) -> HttpResponse:
    """Where the organisation stands and whose turn it is; papers, colleagues, invitations."""
    if request.user.organisation is None:  # type: ignore[union-attr]
        return render(request, "accounts/no_organisation.html")
    return _organisation_page(request)


def _organisation_page(request: HttpRequest, *, form: RoomForm | None = None, status: int = 200) -> HttpResponse:
    user: Any = request.user
    own = selectors.own_organisation(user)
    administers = selectors.is_administrator_of(user, own)
    context = {
        "organisation": own,
        "next": selectors.next_step(own, user),
        "wanted": selectors.still_wanted(own).values(),
        "open_for_papers": own.state in selectors.OPEN_FOR_PAPERS,
        "administers": administers,
        "papers": [(p, selectors.may_be_taken_back(p)) for p in selectors.papers(own)] if administers else [],
        "document_form": form or DocumentForm(),
        "colleagues": selectors.colleagues(own),
        "invitations": selectors.invitations(own) if administers else [],
        "roles": OrgRole.choices,
        "table": roles.table(),
    }
    return render(request, "accounts/organisation.html", context, status=status)


@login_required
@require_http_methods(["GET", "POST"])
def organisation_new(request: HttpRequest) -> HttpResponse:
    form = OrganisationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = services.create_organisation(by=request.user, **form.cleaned_data)  # type: ignore[arg-type]
        except Invalid as failure:
            form.refuse(failure)
        else:
            messages.success(request, _("%(name)s was created. Now show who it is.") % {"name": made.name})
            return redirect("accounts:organisation")
    return render(request, "accounts/organisation_new.html", {"form": form}, status=WRONG if form.errors else 200)


@login_required
@require_http_methods(["GET", "POST"])
def organisation_identity(request: HttpRequest) -> HttpResponse:
    """Name, country and numbers: what the papers prove."""
    return _edit(request, IdentityForm, IDENTITY, "accounts/organisation_identity.html")


@login_required
@require_http_methods(["GET", "POST"])
def organisation_contact(request: HttpRequest) -> HttpResponse:
    """Address and contact; they need no new verification."""
    return _edit(request, ContactForm, CONTACT, "accounts/organisation_contact.html")


def _edit(request: HttpRequest, form_class: type[RoomForm], fields: tuple[str, ...], template: str) -> HttpResponse:
    user: Any = request.user
    own = own_administered(user)
    form = form_class(request.POST or None, initial={name: getattr(own, name) for name in fields})
    status = 200
    if request.method == "POST":
        status = WRONG
        if form.is_valid():
            try:
                after = services.update_profile(organisation=own, by=request.user, values=form.cleaned_data)  # type: ignore[arg-type]
            except DomainError as failure:
                form.refuse(failure)
                status = failure.status
            else:
                _say_saved(request, own, after)
                return redirect("accounts:organisation")
    return render(request, template, {"form": form, "organisation": own}, status=status)


def _say_saved(request: HttpRequest, before: Organisation, after: Organisation) -> None:
    if before.is_verified and not after.is_verified:
        messages.warning(request, _("Saved. Send the papers that show the change, so that they can be verified again."))
    else:
        messages.success(request, _("Saved."))


@login_required
@require_POST
def document_new(request: HttpRequest) -> HttpResponse:
    user: Any = request.user
    own = own_administered(user)
    form = DocumentForm(request.POST, request.FILES)
    if not form.is_valid():
        return _organisation_page(request, form=form, status=WRONG)
    try:
        services.hand_in_document(
            organisation=own,
            upload=form.cleaned_data["file"],
            purpose=form.cleaned_data["purpose"],
            by=request.user,  # type: ignore[arg-type]
        )
    except DomainError as failure:
        form.refuse(failure)
        return _organisation_page(request, form=form, status=failure.status)
    messages.success(request, _("The paper was added."))
    return redirect("accounts:organisation")


@login_required
@require_POST
def document_back(request: HttpRequest, public_id: str) -> HttpResponse:
    user: Any = request.user
    services.take_back_document(document=selectors.paper(user, public_id), by=user)
    messages.success(request, _("The paper was taken back."))
    return redirect("accounts:organisation")


@login_required
@require_POST
def organisation_submit(request: HttpRequest) -> HttpResponse:
    user: Any = request.user
    try:
        services.submit_for_verification(organisation=selectors.own_organisation(user), by=user)
    except Invalid as failure:
        messages.error(request, failure.message)
        return _organisation_page(request, status=failure.status)
    messages.success(request, _("Sent. A reviewer looks at the papers; you get a letter with the result."))
    return redirect("accounts:organisation")


# --- colleagues ------------------------------------------------------------------------------------------


@login_required
@require_POST
def member_role(request: HttpRequest, public_id: str) -> HttpResponse:
    user: Any = request.user
    membership = selectors.colleague(user, public_id)
    form = RoleForm(request.POST)
    if not form.is_valid():
        raise Invalid(_("Choose one of the roles offered."))
    try:
        services.change_role(membership=membership, role=form.cleaned_data["role"], by=user)
    except LastAdministrator as failure:
        messages.error(request, failure.message)
        return _organisation_page(request, status=failure.status)
    messages.success(request, _("The role of %(who)s was changed.") % {"who": membership.user.email})
    return redirect("accounts:organisation")


@login_required
@require_POST
def member_remove(request: HttpRequest, public_id: str) -> HttpResponse:
    user: Any = request.user
    membership = selectors.colleague(user, public_id)
    to = request.POST.get("handed_to", "")
    try:
        services.remove_member(membership=membership, by=user, handed_to=selectors.colleague(user, to) if to else None)
    except (Invalid, LastAdministrator) as failure:
        messages.error(request, failure.message)
        return _organisation_page(request, status=failure.status)
    if membership.user_id == user.pk:
        messages.success(request, _("You have left %(name)s.") % {"name": membership.organisation.name})
    else:
        messages.success(request, _("%(who)s no longer belongs to the organisation.") % {"who": membership.user.email})
    return redirect("accounts:organisation")


# --- invitations -----------------------------------------------------------------------------------------


@login_required
@require_http_methods(["GET", "POST"])
def invite(request: HttpRequest) -> HttpResponse:
    user: Any = request.user
    own = own_administered(user)
    form = InvitationForm(request.POST or None, initial={"language": get_language()})
    if request.method == "POST" and form.is_valid():
        try:
            services.invite(organisation=own, by=request.user, **form.cleaned_data)  # type: ignore[arg-type]
        except Invalid as failure:
            form.refuse(failure)
        else:
            messages.success(request, _("The invitation is on its way."))
            return redirect("accounts:organisation")
    context = {"form": form, "organisation": own}
    return render(request, "accounts/invite.html", context, status=WRONG if form.errors else 200)


@login_required
@require_POST
def invitation_resend(request: HttpRequest, public_id: str) -> HttpResponse:
    user: Any = request.user
    services.resend_invitation(invitation=selectors.invitation(user, public_id), by=user)
    messages.success(request, _("A new letter is on its way; the link in the old one no longer works."))
    return redirect("accounts:organisation")


@login_required
@require_POST
def invitation_revoke(request: HttpRequest, public_id: str) -> HttpResponse:
    user: Any = request.user
    services.revoke_invitation(invitation=selectors.invitation(user, public_id), by=user)
    messages.success(request, _("The invitation was taken back."))
    return redirect("accounts:organisation")


@never_cache
@require_http_methods(["GET", "POST"])
def invitation_accept(request: HttpRequest, token: str) -> HttpResponse:
    """What the link in an invitation opens: who invites, as what; sign in, create an account, or accept."""
    user: Any = request.user
    try:
        invitation = services.invitation_behind(token)
    except (InvitationUnknown, InvitationClosed) as failure:
        return render(request, "accounts/invitation_closed.html", {"error": failure}, status=failure.status)
    if request.method == "POST" and user.is_authenticated:
        joined = services.accept_invitation(token=token, by=user)
        messages.success(request, _("Welcome to %(name)s.") % {"name": joined.name})
        return redirect("accounts:organisation")
    is_meant = user.is_authenticated and services.is_meant_for(invitation, user)
    if not user.is_authenticated:
        # The letter reached this address, so its owner need not prove that a second time at sign-up.
        request.session["account_verified_email"] = invitation.email
    context = {"invitation": invitation, "is_meant": is_meant, "here": request.path}
    # The house's Referrer-Policy keeps the token from other sites; a stricter one would have browsers hide the origin
    # of the acceptance, which is then refused as forged.
    return render(request, "accounts/invitation.html", context)
