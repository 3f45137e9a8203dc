"""Pages of the parties: the complaint wizard, cases, supplement, withdrawal, and notices to merchants."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import Organisation
from accounts.signed_in import SignedInRequest
from complaints import conversations, counter_selectors, matched, passing, selectors, selfservice, services
from complaints.forms import ComplaintFilter, ComplaintForm, MessageForm, SupplementForm, WithdrawForm
from complaints.lanes import MOST_LINKS
from complaints.models import Complaint, Draft, StatementOfReasons
from complaints.reasons import REASON
from complaints.services import Notice
from core import files
from core.errors import DomainError, Forbidden, Invalid, NotYours
from core.ids import new_id
from core.models import FilePurpose, PrivateFile
from core.spreadsheet import download
from filings.standing import may_complain, require_to_complain
from imageguard import explanations, searching
from marketplace.search.access import may_search
from marketplace.search.forms import NAMES, SearchForm

PAGE = 25


# --- lists ---------------------------------------------------------------------------------------------


@login_required
@require_GET
def complaint_list(request: SignedInRequest) -> HttpResponse:
    """The organisation's complaints, newest first, with the drafts on top."""
    chosen = ComplaintFilter(request.GET, queryset=selectors.complaints_of(request.user).order_by("-pk"))
    page = Paginator(chosen.qs, PAGE).get_page(request.GET.get("page"))
    context = {
        "filter": chosen,
        "page": page,
        "drafts": list(selectors.drafts_of(request.user)[:10]),
        "is_filtered": any(request.GET.get(name) for name in chosen.form.fields),
        "may_complain": may_complain(request.user),
        "may_search": may_search(request.user),
        "is_merchant": _is_merchant(request.user),
    }
    return render(request, "complaints/list.html", context)


@login_required
@require_GET
def export(request: SignedInRequest, kind: str) -> StreamingHttpResponse:
    """The list as it is filtered, as a sheet with a line for each link."""
    chosen = ComplaintFilter(request.GET, queryset=selectors.complaints_of(request.user))
    return download(selectors.exported(chosen.qs), name="complaints", kind=kind)


def _is_merchant(user: Any) -> bool:
    organisation = user.organisation
    return organisation is not None and organisation.kind == organisation.Kind.MERCHANT


# --- the wizard -------------------------------------------------------------------------------------------


@login_required
@require_http_methods(["GET", "POST"])
def wizard(request: SignedInRequest) -> HttpResponse:
    """A new complaint. The hidden draft id makes a second click the same complaint."""
    require_to_complain(request.user)
    if request.method == "POST":
        return _wizard_sent(request)
    initial = {"signature": request.user.name, "filing": _usual_right(request)}
    form = ComplaintForm(user=request.user, initial=initial)
    return _wizard_page(request, form, draft_id=new_id("drf"))


def _usual_right(request: SignedInRequest) -> str:
    """The right a returning holder most probably means: the one asked for, the only one, or the last one used."""
    rights = selectors.rights_to_rest_on(request.user)
    if wanted := request.GET.get("filing"):
        return wanted
    if last := Complaint.objects.visible_to(request.user).filter(filing__in=rights).order_by("-pk").first():
        return last.filing.public_id
    only = list(rights[:2])
    return only[0].public_id if len(only) == 1 else ""


@login_required
@require_GET
def draft(request: SignedInRequest, public_id: str) -> HttpResponse:
    """Go on writing a draft; one that was sent leads to what it became."""
    found = selectors.draft_of(request.user, public_id)
    if found.complaint:
        return redirect("complaints:detail", found.complaint.public_id)
    form = ComplaintForm(user=request.user, initial={"signature": request.user.name, **found.data})
    return _wizard_page(request, form, draft_id=found.public_id, draft=found)


def _wizard_sent(request: SignedInRequest) -> HttpResponse:
    said = request.POST.copy()
    if request.POST.get("action") == "add":
        said["links"] = _with_found(request)
    form = ComplaintForm(said, request.FILES, user=request.user)
    draft_id = request.POST.get("draft", "")
    refused = _keep_files(request, form, draft_id)
    kept = services.keep_draft(public_id=draft_id, by=request.user, data=form.draft_data())
    if kept.complaint:
        return redirect("complaints:detail", kept.complaint.public_id)
    action = request.POST.get("action", "send")
    looked = _looked_at(form)
    form.fit_to(looked)
    if action == "save" and not refused:
        messages.success(request, _("Kept as a draft. Go on whenever you like."))
        return redirect("complaints:draft", kept.public_id)
    if action == "find" and not refused:
        # Without JavaScript: the complaint is kept, and found things are put into it from the page of the search.
        asked = [(name, value) for name in NAMES for value in request.POST.getlist(name) if value]
        return redirect(f"{reverse('complaints:search')}?{urlencode([('draft', kept.public_id), *asked])}")
    if action in ("send", "remove"):
        complaint = _send(request, form, kept, looked, refused)
        if complaint is not None:
            words = _("%(number)s: taken down.") if action == "remove" else _("Complaint %(number)s was sent.")
            messages.success(request, words % {"number": complaint.number})
            return redirect("complaints:detail", complaint.public_id)
        return _wizard_page(request, form, draft_id=kept.public_id, draft=kept, looked=looked, status=422)
    typed = {**said.dict(), "good_faith": "good_faith" in request.POST}
    if action == "clean":
        looked = [p for p in looked if p.is_usable]
        typed["links"] = "\n".join(p.seen.link for p in looked)
    shown = ComplaintForm(user=request.user, initial=typed)
    shown.fit_to(looked)
    search = _search(request) if action == "search" else None
    status = 422 if refused or (search and search["problem"]) else 200
    return _wizard_page(
        request,
        shown,
        draft_id=kept.public_id,
        draft=kept,
        looked=looked,
        refused=refused,
        search=search,
        status=status,
    )


def _with_found(request: SignedInRequest) -> str:
    """The links as typed, and below them those that were ticked among what shows a picture."""
    lines = [line.strip() for line in request.POST.get("links", "").splitlines() if line.strip()]
    return "\n".join(dict.fromkeys([*lines, *request.POST.getlist("found")]))


def _search(request: SignedInRequest) -> dict[str, Any]:
    """What shows the picture that was dropped, or the own original that was chosen; or what is wrong with it."""
    upload, chosen = request.FILES.get("picture"), request.POST.get("original", "")
    try:
        if upload is not None:
            picture = searching.picture_in(upload, by=request.user)
        elif chosen:
            picture = searching.picture_of_own(chosen, by=request.user)
        else:
            raise Invalid(_("Choose a picture first."), field="picture")
        found = searching.listings_that_show(picture)
        sure = sum(row.is_sure for row in found)
        return {"found": found, "sure": sure, "unsure": len(found) - sure, "problem": "", "is_searched": True}
    except DomainError as failure:
        return {"found": [], "problem": str(failure), "is_searched": True}


@login_required
@require_POST
def by_image(request: SignedInRequest) -> HttpResponse:
    """For htmx when a picture is dropped: what shows it."""
    require_to_complain(request.user)
    return render(request, "complaints/_found.html", {"search": _search(request)})


def _keep_files(request: SignedInRequest, form: ComplaintForm, draft_id: str) -> list[str]:
    """Keep what was uploaded with the draft; the words of what could not be taken."""
    taken, refused = _take_in(request)
    removed = request.POST.getlist("remove_file")
    if taken or removed:
        services.change_draft_files(public_id=draft_id, by=request.user, add=taken, remove=removed)
    return refused


def _sent(request: SignedInRequest) -> Any:
    """What a form is bound to; an empty POST binds it too."""
    return request.POST if request.method == "POST" else None


def _take_in(request: SignedInRequest, name: str = "evidence") -> tuple[list[PrivateFile], list[str]]:
    """The uploaded evidence as private files, and the words of what could not be taken."""
    taken, refused = [], []
    for upload in request.FILES.getlist(name):
        try:
            taken.append(
                files.keep(
                    upload=upload,
                    purpose=FilePurpose.EVIDENCE,
                    by=request.user,
                    organisation=request.user.organisation,
                )
            )
        except DomainError as failure:
            refused.append(f"{upload.name}: {failure}")
    return taken, refused


def _looked_at(form: ComplaintForm) -> list[selectors.PastedLink]:
    return selectors.look_at_pasted(lines=form.lines[: MOST_LINKS + 1], user=form.user, filing=form.chosen_right)


def _send(
    request: SignedInRequest,
    form: ComplaintForm,
    kept: Draft,
    looked: list[selectors.PastedLink],
    refused: list[str],
) -> Complaint | None:
    """The complaint that came of it; None if something is missing, said beside its field."""
    for words in refused:
        form.add_error("evidence", words)
    if not form.is_valid():
        return None
    data = form.cleaned_data
    notice = Notice(
        right=data["filing"].public_id if data["filing"] else "", infringement=data["infringement"], links=[p.seen.resolved for p in looked],
        description=data["description"], signature=data["signature"], good_faith=data["good_faith"],
        test_buy_order=data["test_buy_order"], language=get_language() or "zh-hans",
        evidence=list(kept.files.all()), evidence_is_private=data["evidence_is_private"],
    )  # fmt: skip
    act = selfservice.remove if request.POST.get("action") == "remove" else services.submit_complaint
    try:
        return act(notice=notice, by=request.user, draft=kept)
    except Invalid as failure:
        form.add_errors(failure.errors or {"__all__": failure.message})
        return None
    except Forbidden as refused_now:
        # What was written is kept: it can be sent later.
        form.add_error(None, str(refused_now))
        return None


def _wizard_page(
    request: SignedInRequest,
    form: ComplaintForm,
    *,
    draft_id: str,
    draft: Draft | None = None,
    looked: list[selectors.PastedLink] | None = None,
    refused: list[str] | None = None,
    search: dict[str, Any] | None = None,
    status: int = 200,
) -> HttpResponse:
    if looked is None:
        looked = _looked_at(form)
        form.fit_to(looked)
    context = {
        "form": form,
        "draft_id": draft_id,
        "draft": draft,
        "files": list(draft.files.order_by("pk")) if draft else [],
        "refused": refused or [],
        "search": search,
        "search_form": SearchForm() if may_search(request.user) else None,
        "own_originals": list(searching.own_originals(request.user)),
        **_preview(form, looked),
    }
    return render(request, "complaints/wizard.html", context, status=status)


def _preview(form: ComplaintForm, looked: list[selectors.PastedLink]) -> dict[str, Any]:
    right = form.chosen_right
    chosen: Any = form.fields["infringement"]
    return {
        "looked": looked,
        "usable": sum(p.is_usable for p in looked),
        "unusable": sum(not p.is_usable for p in looked),
        "too_many": len(form.lines) > form.most_links,
        "right": right,
        "reasons": [REASON[kind] for kind, _label in chosen.choices],
        "chosen_reason": form["infringement"].value() or "",
        "no_reason_fits": right is not None and not chosen.choices,
        "rights_exist": form.fields["filing"].queryset.exists(),  # type: ignore[attr-defined]
        "is_merchant": _is_merchant(form.user),
        "organisation_verified": form.user.organisation.is_verified,
        "may_remove": selfservice.may_remove(form.user),
    }


@login_required
@require_POST
def preview(request: SignedInRequest) -> HttpResponse:
    """For htmx while links are pasted: what each of them is, and which kinds of infringement fit."""
    require_to_complain(request.user)
    form = ComplaintForm(user=request.user, initial=request.POST.dict())
    looked = _looked_at(form)
    form.fit_to(looked)
    return render(request, "complaints/_preview.html", {"form": form, "oob": True, **_preview(form, looked)})


@login_required
@require_POST
def autosave(request: SignedInRequest) -> HttpResponse:
    """A draft keeps itself while it is written."""
    require_to_complain(request.user)
    form = ComplaintForm(request.POST, user=request.user)
    services.keep_draft(public_id=request.POST.get("draft", ""), by=request.user, data=form.draft_data())
    return JsonResponse({"saved": True})


# --- from copies of own images ------------------------------------------------------------------------------


@login_required
@require_http_methods(["GET", "POST"])
def from_matches(request: SignedInRequest) -> HttpResponse:
    """Copies of one image become a draft; several images, or nothing left to complain of, are shown to be chosen from."""
    require_to_complain(request.user)
    ids = (request.POST if request.method == "POST" else request.GET).getlist("match")
    groups = matched.chosen(ids=ids, user=request.user)
    if request.method == "POST" and len(groups) == 1 and groups[0].usable:
        draft = matched.draft_from(group=groups[0], by=request.user, public_id=request.POST.get("draft", ""))
        if draft.complaint:
            return redirect("complaints:detail", draft.complaint.public_id)
        messages.success(request, _("Everything is filled in. Read it, then sign and send."))
        return redirect("complaints:draft", draft.public_id)
    error = ""
    if request.method == "POST":
        error = _("Choose copies of one image.") if len(groups) != 1 else _("Of these nothing can be complained of.")
    context = {
        "error": error,
        "groups": [
            {
                "chosen": group,
                "draft_id": new_id("drf"),
                "copies": [(match, explanations.sentence(match)) for match in group.usable],
            }
            for group in groups
        ],
    }
    return render(request, "complaints/from_matches.html", context, status=422 if error else 200)


@login_required
@require_GET
def of_match(request: SignedInRequest, match_id: str) -> HttpResponse:
    """The complaint that was made of a match: its page, or for htmx the line that says where it stands."""
    link = matched.link_of_match(match_id=match_id, user=request.user)
    if request.headers.get("HX-Request"):
        return render(request, "complaints/_of_match.html", {"link": link})
    if link is None:
        raise NotYours()
    return redirect("complaints:detail", link.complaint.public_id)


@login_required
@require_GET
def match_outcomes(request: SignedInRequest) -> HttpResponse:
    """For htmx on dashboards: what became of the complaints about copies."""
    return render(request, "complaints/_match_outcomes.html", {"outcomes": matched.outcomes_for(request.user)})


@login_required
@require_POST
def discard_draft(request: SignedInRequest, public_id: str) -> HttpResponse:
    services.discard_draft(draft=selectors.draft_of(request.user, public_id), by=request.user)
    messages.info(request, _("The draft was thrown away."))
    return redirect("complaints:list")


# --- one case ------------------------------------------------------------------------------------------------


@login_required
@require_GET
def complaint_detail(request: SignedInRequest, public_id: str) -> HttpResponse:
    """A case: what is next, each link and why it is up or down, the notice as sent, the whole timeline."""
    complaint = selectors.complaint_of(request.user, public_id)
    return _case_page(request, complaint)


def _case_page(request: SignedInRequest, complaint: Complaint, message: MessageForm | None = None) -> HttpResponse:
    rows = selectors.link_rows(complaint, viewer=request.user)
    context = {
        "complaint": complaint,
        "next": selectors.next_step(complaint, request.user),
        "actions": {t.name for t in selectors.available_actions(complaint, request.user)},
        "page": Paginator(rows, 100).get_page(request.GET.get("page")),
        "link_count": len(rows),
        "timeline": selectors.timeline(complaint, viewer=request.user),
        "evidence": [e.file for e in complaint.evidence.select_related("file")],
        "has_decision": complaint.decisions.exists(),
        "answers": counter_selectors.answers_on(complaint, request.user),
        **_conversation(request, complaint, conversations.own_party(complaint, request.user), message),
        "appealable": selectors.decisions_against(complaint),
    }
    return render(request, "complaints/detail.html", context, status=422 if message else 200)


# --- messages inside a case --------------------------------------------------------------------------------------


def _conversation(
    request: SignedInRequest, complaint: Complaint, party: Organisation | None, form: MessageForm | None
) -> dict[str, Any]:
    """What a party and the platform wrote to each other, read by opening the page."""
    if party is None:
        return {}
    conversations.read(complaint=complaint, party=party, by=request.user)
    may_write = conversations.may_write(complaint, party, request.user) and not request.user.is_staff
    return {
        "conversation": list(conversations.conversation(complaint, party, user=request.user)),
        "message_form": (form or MessageForm()) if may_write else None,
    }


def _said(request: SignedInRequest, complaint: Complaint, party: Organisation) -> MessageForm | None:
    """Take in what a party wrote; the form with its errors if it could not be sent."""
    form = MessageForm(request.POST, request.FILES)
    if not form.is_valid():
        return form
    taken, refused = _take_in(request, "message-attachments")
    for words in refused:
        form.add_error("attachments", words)
    if refused:
        return form
    conversations.write(
        complaint=complaint, party=party, by=request.user, text=form.cleaned_data["text"], files=taken
    )  # fmt: skip
    messages.success(request, _("Your message is in the case. The platform answers here."))
    return None


@login_required
@require_POST
def write_as_complainant(request: SignedInRequest, public_id: str) -> HttpResponse:
    complaint = selectors.complaint_of(request.user, public_id)
    if wrong := _said(request, complaint, conversations.own_party(complaint, request.user)):
        return _case_page(request, complaint, wrong)
    return redirect(reverse("complaints:detail", args=[public_id]) + "#conversation")


@login_required
@require_POST
def write_as_merchant(request: SignedInRequest, public_id: str) -> HttpResponse:
    statement = selectors.notice_of(request.user, public_id)
    if statement.shop.operator is None:
        raise NotYours()
    if wrong := _said(request, statement.decision.complaint, statement.shop.operator):
        return _notice_page(request, statement, wrong)
    return redirect(reverse("complaints:notice", args=[public_id]) + "#conversation")


@login_required
@require_http_methods(["GET", "POST"])
def supplement(request: SignedInRequest, public_id: str) -> HttpResponse:
    """Add what a returned notice is missing."""
    complaint = selectors.complaint_of(request.user, public_id)
    services.LIFECYCLE.check(complaint, "supplement", request.user)
    # What was kept from the seller before is kept from it again, unless the complainant says otherwise.
    kept_back = complaint.evidence.filter(is_shown_to_merchant=False).exists()
    form = SupplementForm(
        _sent(request),
        request.FILES if request.method == "POST" else None,
        initial={"evidence_is_private": kept_back},
    )
    if request.method == "POST" and form.is_valid():
        taken, refused = _take_in(request)
        for words in refused:
            form.add_error("evidence", words)
        if not refused:
            services.supplement(
                complaint=complaint,
                by=request.user,
                text=form.cleaned_data["text"],
                test_buy_order=form.cleaned_data["test_buy_order"],
                evidence=taken,
                evidence_is_private=form.cleaned_data["evidence_is_private"],
            )
            messages.success(request, _("Your supplement was sent; the notice is checked again."))
            return redirect("complaints:detail", complaint.public_id)
    context = {"complaint": complaint, "form": form, "next": selectors.next_step(complaint, request.user)}
    return render(request, "complaints/supplement.html", context, status=422 if form.is_bound else 200)


@login_required
@require_http_methods(["GET", "POST"])
def withdraw(request: SignedInRequest, public_id: str) -> HttpResponse:
    """Withdraw a complaint, or some of its links, after seeing what that does."""
    complaint = selectors.complaint_of(request.user, public_id)
    services.LIFECYCLE.check(complaint, "withdraw", request.user)
    form = WithdrawForm(_sent(request), complaint=complaint)
    if request.method == "POST" and form.is_valid():
        chosen = list(form.cleaned_data["targets"])
        services.withdraw(complaint=complaint, by=request.user, targets=chosen, reason=form.cleaned_data["reason"])
        n = len(chosen)
        messages.success(request, ngettext("%(n)d link was withdrawn.", "%(n)d links were withdrawn.", n) % {"n": n})
        return redirect("complaints:detail", complaint.public_id)
    context = {"complaint": complaint, "form": form}
    return render(request, "complaints/withdraw.html", context, status=422 if form.is_bound else 200)


@login_required
@require_POST
def adopt(request: SignedInRequest, public_id: str) -> HttpResponse:
    """The rights holder stands by what its agency complained of."""
    complaint = selectors.complaint_of(request.user, public_id)
    services.adopt(complaint=complaint, by=request.user)
    messages.success(
        request,
        _("You stand by %(number)s now, whatever becomes of the power of attorney.") % {"number": complaint.number},
    )
    return redirect("complaints:detail", public_id)


@login_required
@require_GET
def decision_pdf(request: SignedInRequest, public_id: str) -> HttpResponse:
    """The decision as a document, in the language of the page."""
    complaint = selectors.complaint_of(request.user, public_id)
    from complaints import documents

    return _pdf(documents.decision(complaint), f"{complaint.number}.pdf")


def _pdf(content: bytes, name: str) -> HttpResponse:
    answer = HttpResponse(content, content_type="application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["Cache-Control"] = "private, no-store"
    return answer


# --- what a merchant sees ---------------------------------------------------------------------------------------


@login_required
@require_GET
def notice_list(request: SignedInRequest) -> HttpResponse:
    """Statements of reasons to the organisation's shops."""
    page = Paginator(selectors.notices_of(request.user), PAGE).get_page(request.GET.get("page"))
    return render(request, "complaints/notices.html", {"page": page})


@login_required
@require_GET
def export_notices(request: SignedInRequest, kind: str) -> StreamingHttpResponse:
    """All of them as a sheet with a line for each link."""
    return download(selectors.exported_notices(selectors.notices_of(request.user)), name="notices", kind=kind)


@login_required
@require_GET
def notice_detail(request: SignedInRequest, public_id: str) -> HttpResponse:
    """One statement of reasons; opening it the first time is kept as proof of delivery."""
    statement = selectors.notice_of(request.user, public_id)
    services.read_statement(statement=statement, by=request.user)
    return _notice_page(request, statement)


def _notice_page(
    request: SignedInRequest, statement: StatementOfReasons, message: MessageForm | None = None
) -> HttpResponse:
    complaint = statement.decision.complaint
    context = {
        "statement": statement,
        "complaint": complaint,
        "rows": selectors.links_of_notice(statement, viewer=request.user),
        "description": passing.description_for_merchant(complaint),
        "evidence": selectors.evidence_for_merchant(complaint),
        "next": selectors.next_for_merchant(statement),
        "can": counter_selectors.answerable(statement, request.user),
        "answers": counter_selectors.answers_to(statement),
        "ground": selectors.ground_of(complaint),
        "means": selectors.means_of(statement.decision),
        "withdrawn": complaint.state == Complaint.State.WITHDRAWN,
        **_conversation(request, complaint, statement.shop.operator, message),
    }
    return render(request, "complaints/notice.html", context, status=422 if message else 200)


@login_required
@require_GET
def statement_pdf(request: SignedInRequest, public_id: str) -> HttpResponse:
    statement = selectors.notice_of(request.user, public_id)
    from complaints import documents

    return _pdf(documents.statement(statement), f"{statement.number}.pdf")
