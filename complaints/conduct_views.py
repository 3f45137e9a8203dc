"""Pages about how an organisation complains: where it stands and why, and self-service takedown with its test."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import roles
from accounts.signed_in import SignedInRequest
from complaints import conduct, misuse, selfservice
from complaints.forms import TrainingForm
from complaints.models import Privilege, Removal
from complaints.training import PASS_MARK, QUESTIONS
from core.errors import DomainError, Invalid, NotYours


@login_required
@require_GET
def standing(request: SignedInRequest) -> HttpResponse:
    """Score, lane, warnings: what each is made of, and what follows from it."""
    context = {"standing": conduct.own_standing(request.user)}
    return render(request, "complaints/standing.html", context)


@login_required
@require_GET
def self_service(request: SignedInRequest) -> HttpResponse:
    """What self-service takedown needs, whether it is there, and what was taken down with it."""
    organisation = conduct.own_standing(request.user).organisation
    privilege = selfservice.standing_privilege(organisation)
    removals = Removal.objects.visible_to(request.user).select_related("complaint")
    ended = None if privilege else Privilege.objects.filter(organisation=organisation).first()
    last = privilege or ended
    context = {
        "conditions": selfservice.conditions(organisation),
        "privilege": privilege,
        "ended": ended,
        "ended_rule": misuse.rule_of_end(ended) if ended else None,
        "accuracy": selfservice.accuracy_of(last) if last else None,
        "may_not_try": selfservice.may_try(privilege, request.user) if privilege else "",
        "may_remove": selfservice.may_remove(request.user),
        "may_administer": request.user.has_org_role(organisation.pk, roles.MAY_ADMINISTER),
        "may_complain": request.user.has_org_role(organisation.pk, roles.MAY_COMPLAIN),
        "page": Paginator(removals, 25).get_page(request.GET.get("page")),
    }
    return render(request, "complaints/self_service.html", context)


@login_required
@require_POST
def ask_self_service(request: SignedInRequest) -> HttpResponse:
    try:
        selfservice.ask(by=request.user)
        messages.success(request, _("Your record is good enough. Take the test, and self-service begins."))
    except DomainError as failure:
        messages.error(request, str(failure))
    return redirect("complaints:self-service")


@login_required
@require_POST
def give_up_self_service(request: SignedInRequest) -> HttpResponse:
    privilege = selfservice.standing_privilege(request.user.organisation)
    if privilege is None:
        raise NotYours()
    selfservice.give_up(privilege=privilege, by=request.user)
    messages.info(request, _("Self-service takedown was given up."))
    return redirect("complaints:self-service")


@login_required
@require_http_methods(["GET", "POST"])
def training(request: SignedInRequest) -> HttpResponse:
    """The test: all questions on one page."""
    privilege = selfservice.standing_privilege(request.user.organisation)
    if privilege is None:
        raise NotYours()
    form = TrainingForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            attempt = selfservice.take_test(by=request.user, answers=form.cleaned_data)
        except Invalid as failure:
            form.add_errors(failure.errors)
        except DomainError as failure:
            messages.error(request, str(failure))
            return redirect("complaints:self-service")
        else:
            if attempt.has_passed:
                messages.success(request, _("You passed the test and can take down by yourself."))
            else:
                said = _("%(correct)d of %(n)d answers were right, %(need)d are needed. Try again tomorrow.")
                messages.warning(
                    request, said % {"correct": attempt.correct, "n": attempt.questions, "need": PASS_MARK}
                )
            return redirect("complaints:self-service")
    context = {
        "form": form,
        "need": PASS_MARK,
        "n": len(QUESTIONS),
        "may_not_try": selfservice.may_try(privilege, request.user),
    }
    return render(request, "complaints/training.html", context, status=422 if form.is_bound else 200)
