"""Pages of rights holders: what is watched for them, and what they are asked about; and findings, to merchants."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.roles import MAY_FILE_RIGHTS, acts_for_rights
from accounts.signed_in import SignedInRequest
from core.errors import DomainError, Invalid, NotYours
from patrol import looks, official, profiles, selectors, services
from patrol.forms import AnswerForm, FilingForm, PictureForm, ProfileForm, ShopsForm
from patrol.models import Candidate, WatchProfile

PAGE = 25
#: the steps that a page offers, by the name in its address
STEPS = {
    "start": profiles.start,
    "pause": profiles.pause,
    "end": profiles.end,
    "begin-again": profiles.begin_again,
}


def mark(form: Any, wrong: DomainError) -> None:
    """Put a service's errors beside the fields they belong to."""
    errors = getattr(wrong, "errors", {}) or {wrong.field: [wrong.message]}
    for field, sentences in errors.items():
        for sentence in sentences:
            form.add_error(field if field in form.fields else None, str(sentence))


# --- profiles --------------------------------------------------------------------------------------------------


@login_required
@require_GET
def profile_list(request: SignedInRequest) -> HttpResponse:
    """The organisation's watch profiles, newest first."""
    page = Paginator(selectors.profiles_of(request.user), PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "may_watch": acts_for_rights(request.user, MAY_FILE_RIGHTS)}
    return render(request, "patrol/profiles.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def new(request: SignedInRequest) -> HttpResponse:
    """The right comes first; the profile begins with it."""
    profiles.require_to_watch(request.user)
    form = FilingForm(request.POST or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            made = profiles.create(filing=form.rights[form.cleaned_data["filing"]], by=request.user)
        except Invalid as wrong:
            mark(form, wrong)
        else:
            return redirect("patrol:profile-edit", made.public_id)
    return render(request, "patrol/new.html", {"form": form}, status=422 if form.errors else 200)


@login_required
@require_GET
def profile(request: SignedInRequest, public_id: str) -> HttpResponse:
    """One profile: what it looks for, who may sell, its pictures, and what is next."""
    return _profile_page(request, selectors.profile_of(request.user, public_id))


def _profile_page(request: SignedInRequest, shown: WatchProfile, status: int = 200, **forms: Any) -> HttpResponse:
    may, images = profiles.may_change(shown, request.user), list(shown.images.select_related("file"))
    refused = official.refusals(images)
    context = {
        "profile": shown,
        "terms": selectors.terms_of(shown),
        "shops": shown.shops.select_related("shop__marketplace"),
        "genuine": selectors.sellers_of_filing(shown),
        "contradictions": profiles.contradictions(shown),
        "images": images,
        "refusals": [(n, why) for n, image in enumerate(images, 1) if (why := refused.get(image.public_id))],
        "steps": {step.name for step in selectors.steps_of_profile(shown, request.user)},
        "turn": selectors.turn_of_profile(shown),
        "may_change": may,
        "is_yours": may and not request.user.is_staff and shown.state != WatchProfile.State.WATCHING,
        "shops_form": forms.get("shops_form") or ShopsForm(),
        "picture_form": forms.get("picture_form") or PictureForm(),
    }
    return render(request, "patrol/profile.html", context, status=status)


@login_required
@require_http_methods(["GET", "POST"])
def edit(request: SignedInRequest, public_id: str) -> HttpResponse:
    """Everything that a profile looks for, on one page."""
    changed = selectors.profile_of(request.user, public_id)
    if not profiles.may_change(changed, request.user):
        raise NotYours()
    if request.method == "GET":
        return render(request, "patrol/edit.html", {"profile": changed, "form": ProfileForm(profile=changed)})
    form = ProfileForm(request.POST, profile=changed)
    if form.is_valid():
        try:
            profiles.change(profile=changed, by=request.user, version=form.cleaned_data["version"], **form.said)
        except Invalid as wrong:
            mark(form, wrong)
    if form.errors:
        return render(request, "patrol/edit.html", {"profile": changed, "form": form}, status=422)
    messages.success(request, _("Kept. What is on sale is looked at with it from now on."))
    return redirect("patrol:profile", changed.public_id)


@login_required
@require_http_methods(["POST"])
def shops(request: SignedInRequest, public_id: str) -> HttpResponse:
    """Say of shops that they may sell or may not, or take it back."""
    changed = selectors.profile_of(request.user, public_id)
    if shop := request.POST.get("remove"):
        profiles.forget_shop(profile=changed, by=request.user, shop=shop)
        return redirect("patrol:profile", changed.public_id)
    form = ShopsForm(request.POST)
    if form.is_valid():
        said = form.cleaned_data
        try:
            profiles.say_of_shops(
                profile=changed, by=request.user, links=said["shops"].splitlines(),
                is_authorised=said["is_authorised"], note=said["note"],
            )  # fmt: skip
        except Invalid as wrong:
            mark(form, wrong)
    if form.errors:
        return _profile_page(request, changed, status=422, shops_form=form)
    return redirect("patrol:profile", changed.public_id)


@login_required
@require_http_methods(["POST"])
def pictures(request: SignedInRequest, public_id: str) -> HttpResponse:
    """Add an official picture, or take one off."""
    changed = selectors.profile_of(request.user, public_id)
    if image := request.POST.get("remove"):
        profiles.remove_image(profile=changed, by=request.user, image=image)
        return redirect("patrol:profile", changed.public_id)
    form = PictureForm(request.POST, request.FILES)
    if form.is_valid():
        said = form.cleaned_data
        try:
            profiles.add_image(profile=changed, by=request.user, upload=said["picture"], is_cover=said["is_cover"])
        except DomainError as wrong:
            if wrong.status not in (413, 422):
                raise
            form.add_error("picture", str(wrong.message))
    if form.errors:
        return _profile_page(request, changed, status=422, picture_form=form)
    return redirect("patrol:profile", changed.public_id)


@login_required
@require_http_methods(["POST"])
def step(request: SignedInRequest, public_id: str, step: str) -> HttpResponse:
    """Start, pause, end or begin again."""
    changed = selectors.profile_of(request.user, public_id)
    if step not in STEPS:
        raise NotYours()
    STEPS[step](profile=changed, by=request.user)
    return redirect("patrol:profile", changed.public_id)


# --- what a brand is asked about ---------------------------------------------------------------------------------


@login_required
@require_GET
def candidate_list(request: SignedInRequest) -> HttpResponse:
    """What the organisation was asked about or handed, what waits for it first."""
    page = Paginator(selectors.candidates_of(request.user), PAGE).get_page(request.GET.get("page"))
    return render(request, "patrol/candidates.html", {"page": page})


@login_required
@require_http_methods(["GET", "POST"])
def candidate(request: SignedInRequest, public_id: str) -> HttpResponse:
    """One offer, and the brand's answer to whether it is genuine."""
    asked = selectors.candidate_of(request.user, public_id)
    form = AnswerForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        services.answer(candidate=asked, by=request.user, verdict=said["verdict"], note=said["note"])
        messages.success(request, _("Thank you. The platform decides with your answer."))
        return redirect("patrol:candidate", asked.public_id)
    context = {
        "candidate": asked,
        "form": form,
        "may_answer": "answer" in {t.name for t in selectors.steps_of_candidate(asked, request.user)},
        "answers": asked.answers.select_related("by"),
        "findings": asked.decisions.filter(outcome="upheld").values_list("public_id", flat=True),
        "was_handed_over": asked.state == Candidate.State.HANDED_OVER,
    }
    return render(request, "patrol/candidate.html", context, status=422 if form.errors else 200)


# --- re-checks ------------------------------------------------------------------------------------------------------


@login_required
@require_GET
def looks_of_case(request: SignedInRequest, case: str) -> HttpResponse:
    """What was seen when a case's takedowns were looked at again; for htmx the part that stands on the case's page."""
    part = request.headers.get("HX-Request")
    context = {"looks": looks.of_case(request.user, case)}
    return render(request, "patrol/looks/_looks.html" if part else "patrol/looks/page.html", context)


# --- findings ------------------------------------------------------------------------------------------------------


@login_required
@require_GET
def finding_list(request: SignedInRequest) -> HttpResponse:
    """Findings of the platform's own initiative against the organisation's shops, newest first."""
    page = Paginator(selectors.findings_of(request.user), PAGE).get_page(request.GET.get("page"))
    return render(request, "patrol/findings.html", {"page": page})


@login_required
@require_GET
def finding(request: SignedInRequest, public_id: str) -> HttpResponse:
    """One finding: the statement of reasons to the shop, and how it stands."""
    shown = selectors.finding_of(request.user, public_id)
    standing = selectors.standing_of(shown)
    context = {
        "finding": shown,
        "standing": standing,
        "filing": shown.candidate.profile.filing,
        "ground": selectors.ground_of(shown),
        "means": selectors.means_of(shown),
        "next": selectors.next_for_merchant(shown, standing),
    }
    return render(request, "patrol/finding.html", context)
