"""Pages about counter-notices: the merchant's answer and its status, the complainant's proof or concession."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.signed_in import SignedInRequest
from complaints import counter_notices, counter_selectors, selectors
from complaints.counter_forms import AnswerForm, CounterSupplementForm, LinksForm, ProofForm, WithdrawForm
from complaints.counter_notices import Proof
from complaints.lifecycle import regime_of
from complaints.models import CounterNotice, StatementOfReasons
from core import files
from core.errors import DomainError, Forbidden, Invalid
from core.models import FilePurpose, PrivateFile
from core.spreadsheet import download

PAGE = 25


@login_required
@require_GET
def counter_notice_list(request: SignedInRequest) -> HttpResponse:
    """Counter-notices of this person's organisation, sent or received."""
    page = Paginator(counter_selectors.counter_notices_of(request.user), PAGE).get_page(request.GET.get("page"))
    return render(request, "complaints/counter_notices.html", {"page": page})


@login_required
@require_GET
def export(request: SignedInRequest, kind: str) -> StreamingHttpResponse:
    """All of them as a sheet with a line for each link."""
    answers = counter_selectors.counter_notices_of(request.user)
    return download(counter_selectors.exported(answers), name="counter-notices", kind=kind)


@login_required
@require_GET
def counter_notice_detail(request: SignedInRequest, public_id: str) -> HttpResponse:
    """One counter-notice: what is next, each link, what was said. Read by the complainant, it is delivered."""
    answer = counter_selectors.counter_notice_of(request.user, public_id)
    counter_notices.open_as_complainant(counter_notice=answer, by=request.user)
    answer = counter_selectors.counter_notice_of(request.user, public_id)
    user = request.user
    context = {
        "answer": answer,
        "side": counter_selectors.side_of(answer, user),
        "next": counter_selectors.next_step(answer, user),
        "actions": {t.name for t in counter_selectors.available_actions(answer, user)},
        "rows": counter_selectors.rows_of(answer, viewer=user),
        "said": counter_selectors.what_was_said(answer, user),
        "facts": counter_selectors.facts_of(answer, user),
        "evidence": counter_selectors.evidence_of(answer, user),
        "proceedings": counter_selectors.proceedings_of(answer, user),
        "counted": counter_selectors.counted(answer),
        "timeline": counter_selectors.timeline(answer, viewer=user),
        "ground": selectors.ground_of(answer.complaint),
        "proof_asked": regime_of(answer.complaint).proof_asked,
    }
    return render(request, "complaints/counter_notice.html", context)


# --- the merchant -----------------------------------------------------------------------------------------


@login_required
@require_http_methods(["GET", "POST"])
def answer_notice(request: SignedInRequest, public_id: str) -> HttpResponse:
    """Answer a statement of reasons: the form, a look at what the complainant will see, and sending it."""
    statement = selectors.notice_of(request.user, public_id)
    can = counter_selectors.answerable(statement, request.user)
    if request.method != "POST":
        initial = {"signature": request.user.name, **_on_file(request)}
        return _answer_page(request, statement, can, AnswerForm(statement=statement, rows=can.rows, initial=initial))
    form = AnswerForm(request.POST, request.FILES, statement=statement, rows=can.rows)
    kept, refused = _kept(request)
    for words in refused:
        form.add_error("evidence", words)
    if not form.is_valid():
        return _answer_page(request, statement, can, form, kept=kept, status=422)
    if request.POST.get("action") == "preview":
        said, private = form.said(), form.cleaned_data["evidence_is_private"]
        sees = counter_selectors.who_sees(statement, said, files=len(kept), are_private=private)
        return _answer_page(request, statement, can, form, kept=kept, sees=sees)
    try:
        made = counter_notices.submit_counter_notice(statement=statement, answer=form.answer(kept), by=request.user)
    except Invalid as failure:
        form.add_errors(failure.errors or {"__all__": failure.message})
        return _answer_page(request, statement, can, form, kept=kept, status=422)
    messages.success(request, _("Your counter-notice was sent. Here you see what is next, and until when."))
    return redirect("complaints:counter-notice", made.public_id)


def _on_file(request: SignedInRequest) -> dict[str, str]:
    organisation = request.user.organisation
    if organisation is None:
        return {}
    return {"name": organisation.name, "address": organisation.address, "phone": organisation.contact_phone}


def _answer_page(
    request: SignedInRequest,
    statement: StatementOfReasons,
    can: counter_selectors.Answerable,
    form: AnswerForm,
    *,
    kept: list[PrivateFile] | None = None,
    sees: counter_selectors.WhoSees | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "statement": statement,
        "complaint": statement.decision.complaint,
        "can": can,
        "form": form,
        "kept": kept or [],
        "sees": sees,
        "elements": counter_selectors.elements_of(statement),
        "ground": selectors.ground_of(statement.decision.complaint),
    }
    return render(request, "complaints/answer.html", context, status=status)


def _kept(request: SignedInRequest, field: str = "evidence") -> tuple[list[PrivateFile], list[str]]:
    """The files uploaded now, after those that an earlier look at the page uploaded; and the words of what was refused."""
    organisation = request.user.organisation
    before = PrivateFile.objects.filter(
        public_id__in=request.POST.getlist("kept"), organisation=organisation, purpose=FilePurpose.EVIDENCE
    ).exclude(public_id__in=request.POST.getlist("remove_file"))
    taken, refused = list(before.order_by("pk")), []
    for upload in request.FILES.getlist(field):
        try:
            taken.append(
                files.keep(upload=upload, purpose=FilePurpose.EVIDENCE, by=request.user, organisation=organisation)
            )
        except DomainError as failure:
            refused.append(f"{upload.name}: {failure}")
    return taken, refused


@login_required
@require_http_methods(["GET", "POST"])
def supplement(request: SignedInRequest, public_id: str) -> HttpResponse:
    """Add what a returned counter-notice is missing."""
    answer = _mine(request, public_id, "supplement")
    form = CounterSupplementForm(request.POST or None, request.FILES or None, counter_notice=answer)
    if request.method == "POST" and form.is_valid():
        taken, refused = _kept(request)
        for words in refused:
            form.add_error("evidence", words)
        if not refused:
            counter_notices.supplement(
                counter_notice=answer, by=request.user, text=form.cleaned_data["text"], evidence=taken,
                evidence_is_private=form.cleaned_data["evidence_is_private"], **form.corrected(),
            )  # fmt: skip
            messages.success(request, _("Your supplement was sent; the counter-notice is checked again."))
            return redirect("complaints:counter-notice", answer.public_id)
    return _step_page(request, "complaints/counter_supplement.html", answer, form)


@login_required
@require_http_methods(["GET", "POST"])
def withdraw(request: SignedInRequest, public_id: str) -> HttpResponse:
    """Withdraw a counter-notice, or some links of it."""
    answer = _mine(request, public_id, "withdraw")
    form = WithdrawForm(request.POST if request.method == "POST" else None, counter_notice=answer)
    if request.method == "POST" and form.is_valid():
        counter_notices.withdraw(counter_notice=answer, by=request.user, links=form.cleaned_data["links"])
        messages.success(request, _("Withdrawn. What you took back stays down."))
        return redirect("complaints:counter-notice", answer.public_id)
    return _step_page(request, "complaints/counter_withdraw.html", answer, form)


# --- the complainant -----------------------------------------------------------------------------------------


@login_required
@require_http_methods(["GET", "POST"])
def prove(request: SignedInRequest, public_id: str) -> HttpResponse:
    """Prove that an authority or court has been turned to. Proof that comes too late is kept, and refused."""
    answer = _received(request, public_id)
    form = ProofForm(
        request.POST if request.method == "POST" else None,
        request.FILES if request.method == "POST" else None,
        counter_notice=answer,
    )
    if request.method == "POST" and form.is_valid():
        taken, refused = _kept(request, "file")
        for words in refused:
            form.add_error("file", words)
        if not refused:
            data = form.cleaned_data
            proof = Proof(data["kind"], data["forum"], data["case_number"], data["filed_on"], taken[0])
            try:
                counter_notices.prove(counter_notice=answer, by=request.user, proof=proof, links=data["links"])
            except Invalid as failure:
                form.add_errors(failure.errors)
            else:
                messages.success(request, _("Your proof was recorded in time: these links stay down."))
                return redirect("complaints:counter-notice", answer.public_id)
    return _step_page(request, "complaints/counter_proof.html", answer, form)


@login_required
@require_http_methods(["GET", "POST"])
def concede(request: SignedInRequest, public_id: str) -> HttpResponse:
    """Accept a counter-notice, or some links of it: they go up again at once."""
    answer = _received(request, public_id)
    form = LinksForm(request.POST if request.method == "POST" else None, counter_notice=answer)
    if request.method == "POST" and form.is_valid():
        counter_notices.concede(counter_notice=answer, by=request.user, links=form.cleaned_data["links"])
        messages.success(request, _("Accepted. What nothing else holds down goes up again."))
        return redirect("complaints:counter-notice", answer.public_id)
    return _step_page(request, "complaints/counter_concede.html", answer, form)


def _mine(request: SignedInRequest, public_id: str, step: str) -> CounterNotice:
    answer = counter_selectors.counter_notice_of(request.user, public_id)
    counter_notices.LIFECYCLE.check(answer, step, request.user)
    return answer


def _received(request: SignedInRequest, public_id: str) -> CounterNotice:
    """One that was forwarded to this person's organisation. Raises Forbidden for whoever may not act on it."""
    answer = counter_selectors.counter_notice_of(request.user, public_id)
    if not counter_notices.LIFECYCLE["concede"].who(answer, request.user):
        raise Forbidden()
    return answer


def _step_page(request: SignedInRequest, template: str, answer: CounterNotice, form: Any) -> HttpResponse:
    context = {
        "answer": answer,
        "form": form,
        "next": counter_selectors.next_step(answer, request.user),
        "ground": selectors.ground_of(answer.complaint),
    }
    return render(request, template, context, status=422 if form.is_bound and form.errors else 200)
