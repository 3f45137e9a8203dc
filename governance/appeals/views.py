"""Pages of the appellant: what can be appealed against, the form, the case, the supplement, a body outside."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.signed_in import SignedInRequest
from core import files
from core.errors import DomainError, Invalid
from core.models import FilePurpose, PrivateFile
from governance.appealable import title_of
from governance.appeals import selectors, services
from governance.appeals.forms import AppealForm, ReferForm, SupplementForm, add_errors

PAGE = 25


@login_required
@require_GET
def appeal_list(request: SignedInRequest) -> HttpResponse:
    """The organisation's appeals, newest first."""
    page = Paginator(selectors.appeals_of(request.user), PAGE).get_page(request.GET.get("page"))
    return render(request, "governance/appeals/list.html", {"page": page, "rows": [_titled(a) for a in page]})


def _titled(appeal: Any) -> dict[str, Any]:
    return {"appeal": appeal, "title": title_of(appeal)}


@login_required
@require_GET
def offer(request: SignedInRequest, subject: str) -> HttpResponse:
    """From the page of a decision: leads to its appeal, or to the form; for htmx the line that says which."""
    found = selectors.offer_to(request.user, subject)
    if request.headers.get("HX-Request"):
        return render(request, "governance/appeals/_offer.html", {"offer": found})
    if found.appeal:
        return redirect("appeals:detail", found.appeal.public_id)
    return redirect("appeals:new", subject)


@login_required
@require_http_methods(["GET", "POST"])
def new(request: SignedInRequest, subject: str) -> HttpResponse:
    """The form of an appeal, with what was decided and why beside it."""
    found = selectors.offer_to(request.user, subject)
    if found.appeal:
        return redirect("appeals:detail", found.appeal.public_id)
    sent = request.method == "POST" and found.is_open
    form = AppealForm(
        request.POST if sent else None, request.FILES if sent else None, findings=found.findings
    )  # fmt: skip
    if sent and form.is_valid():
        evidence = _take_in(request, form)
        if evidence is not None:
            try:
                appeal = services.submit_appeal(
                    subject=subject, by=request.user, grounds=form.cleaned_data["grounds"],
                    links=form.cleaned_data.get("links"), evidence=evidence, language=get_language() or "",
                )  # fmt: skip
            except Invalid as failure:
                add_errors(form, failure.errors, failure.message)
            else:
                messages.success(request, _("Your appeal %(number)s was sent.") % {"number": appeal.number})
                return redirect("appeals:detail", appeal.public_id)
    context = {
        "offer": found,
        "contested": found.contested,
        "form": form,
        "back": selectors.address_of(found.contested),
    }
    status = 422 if sent else 409 if request.method == "POST" else 200
    return render(request, "governance/appeals/new.html", context, status=status)


def _take_in(request: SignedInRequest, form: Any) -> list[PrivateFile] | None:
    """The uploaded evidence as private files; None if one could not be taken, said beside the field."""
    taken = []
    for upload in request.FILES.getlist("evidence"):
        try:
            taken.append(
                files.keep(
                    upload=upload, purpose=FilePurpose.EVIDENCE, by=request.user, organisation=request.user.organisation
                )
            )
        except DomainError as failure:
            form.add_error("evidence", f"{upload.name}: {failure}")
    return None if form.errors else taken


@login_required
@require_GET
def detail(request: SignedInRequest, public_id: str) -> HttpResponse:
    """An appeal: what is next, what was decided on it and why, link by link, and the whole timeline."""
    appeal = selectors.appeal_of(request.user, public_id)
    contested = selectors.contested_in(appeal)
    context = {
        **_titled(appeal),
        "contested": contested,
        "back": selectors.address_of(contested),
        "next": selectors.next_step(appeal, request.user),
        "actions": selectors.actions_of(appeal, request.user),
        "links": selectors.links_of(appeal),
        "decisions": list(appeal.decisions.all()),
        "evidence": [row.file for row in appeal.evidence.select_related("file")],
        "referral": getattr(appeal, "referral", None),
        "timeline": selectors.timeline(appeal, viewer=request.user),
    }
    return render(request, "governance/appeals/detail.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def supplement(request: SignedInRequest, public_id: str) -> HttpResponse:
    """Add what a reviewer asked for."""
    appeal = selectors.appeal_of(request.user, public_id)
    services.LIFECYCLE.check(appeal, "supplement", request.user)
    sent = request.method == "POST"
    form = SupplementForm(request.POST if sent else None, request.FILES if sent else None)
    if sent and form.is_valid():
        evidence = _take_in(request, form)
        if evidence is not None:
            services.supplement(appeal=appeal, by=request.user, text=form.cleaned_data["text"], evidence=evidence)
            messages.success(request, _("Your supplement was sent; the appeal goes on."))
            return redirect("appeals:detail", appeal.public_id)
    return _form(request, appeal, form, _("Supplement"), appeal.supplement_request)


@login_required
@require_http_methods(["GET", "POST"])
def withdraw(request: SignedInRequest, public_id: str) -> HttpResponse:
    """Take an appeal back, after saying what that means."""
    appeal = selectors.appeal_of(request.user, public_id)
    services.LIFECYCLE.check(appeal, "withdraw", request.user)
    if request.method == "POST":
        services.withdraw(appeal=appeal, by=request.user)
        messages.info(request, _("The appeal was withdrawn."))
        return redirect("appeals:detail", appeal.public_id)
    return _form(
        request, appeal, None, _("Withdraw"), _("The decision stands as it was. While the time runs, you can appeal anew.")
    )  # fmt: skip


@login_required
@require_http_methods(["GET", "POST"])
def refer(request: SignedInRequest, public_id: str) -> HttpResponse:
    """Tell us that a certified body outside looks at the case."""
    appeal = selectors.appeal_of(request.user, public_id)
    services.LIFECYCLE.check(appeal, "refer", request.user)
    form = ReferForm(request.POST if request.method == "POST" else None, appeal=appeal)
    if form.is_bound and form.is_valid():
        try:
            services.refer(appeal=appeal, by=request.user, **form.cleaned_data)
        except Invalid as failure:
            add_errors(form, failure.errors, failure.message)
        else:
            messages.success(request, _("Noted. Tell us what the body finds, or it tells us itself."))
            return redirect("appeals:detail", appeal.public_id)
    return _form(request, appeal, form, _("Out-of-court body"), "")


def _form(request: SignedInRequest, appeal: Any, form: Any, heading: str, words: str) -> HttpResponse:
    context = {**_titled(appeal), "form": form, "heading": heading, "words": words}
    is_wrong = form is not None and form.is_bound
    return render(request, "governance/appeals/form.html", context, status=422 if is_wrong else 200)
