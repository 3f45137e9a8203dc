"""Pages of complaints from a sheet: hand it in, choose its columns, see what each row becomes, confirm, and follow it."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.signed_in import SignedInRequest
from complaints import lanes
from complaints.bulk import columns, judging, selectors, services
from complaints.bulk.forms import ColumnsForm, ConfirmForm, SheetForm
from complaints.models import Import, Infringement
from core.errors import DomainError, Forbidden, Invalid, NotYours, WrongState
from core.preconditions import tag_of
from core.spreadsheet import as_csv
from filings.standing import require_to_complain

PAGE = 50
#: rows that are shown beside the columns, so that one sees which is which
SAMPLE = 4


@login_required
@require_http_methods(["GET", "POST"])
def begin(request: SignedInRequest) -> HttpResponse:
    """Hand in a sheet; below stand those that were handed in lately."""
    organisation = require_to_complain(request.user).organisation
    form = SheetForm(request.POST, request.FILES) if request.method == "POST" else SheetForm()
    if form.is_bound and form.is_valid():
        try:
            made = services.begin_import(by=request.user, upload=form.cleaned_data["file"])
            return redirect("complaints:import-sheet", made.public_id)
        except DomainError as refused:
            if refused.status not in (413, 422, 429, 503):
                raise
            form.add_error("file", str(refused))
    context = {
        "form": form,
        "sheets": list(selectors.imports_of(request.user)[:10]),
        "is_verified": organisation.is_verified,
        "kinds": Infringement.choices,
    }
    return render(request, "complaints/import.html", context, status=422 if form.errors else 200)


@login_required
@require_http_methods(["GET", "POST"])
def sheet(request: SignedInRequest, public_id: str) -> HttpResponse:
    """The columns of a sheet; once it is confirmed, what becomes of it."""
    found = selectors.import_of(request.user, public_id)
    if found.confirmed_at is not None:
        return render(request, "complaints/import_progress.html", _progress(request, found))
    require_to_complain(request.user)
    header, rows = services.cells_of(found)
    width = max([len(header), *(len(row.cells) for row in rows)])
    sent = request.POST if request.method == "POST" else None
    form = ColumnsForm(sent, sheet=found, header=header, width=width, user=request.user)
    if form.is_bound and form.is_valid() and _chosen(request, found, form):
        return redirect("complaints:import-preview", found.public_id)
    context = {
        "sheet": found,
        "form": form,
        "names": [columns.letter(i) for i in range(width)],
        "header": header,
        "sample": rows[:SAMPLE],
    }
    return render(request, "complaints/import_columns.html", context, status=422 if form.errors else 200)


def _chosen(request: SignedInRequest, found: Import, form: ColumnsForm) -> bool:
    said = form.cleaned_data
    try:
        services.choose(
            sheet=found, by=request.user, chosen=form.chosen, filing=said["filing_for_all"],
            infringement=said["infringement_for_all"], description=said["description_for_all"],
        )  # fmt: skip
    except Invalid as refused:
        form.add_errors(refused.errors)
        return False
    return True


@login_required
@require_http_methods(["GET", "POST"])
def preview(request: SignedInRequest, public_id: str) -> HttpResponse:
    """What each row becomes, every bad cell with its reason; nothing is written before this is signed."""
    found = selectors.import_of(request.user, public_id)
    organisation = require_to_complain(request.user).organisation
    if found.confirmed_at is not None or columns.LINK not in found.columns:
        return redirect("complaints:import-sheet", found.public_id)
    judged = services.previewed(sheet=found, by=request.user)
    groups = judging.groups_of(judged)
    laws = {group.law for group in groups}
    sent = request.POST if request.method == "POST" else None
    form = ConfirmForm(sent, laws=laws, initial={"signature": request.user.name})
    if form.is_bound and form.is_valid() and _confirmed(request, found, form):
        return redirect("complaints:import-sheet", found.public_id)
    most_links = lanes.placed(organisation).terms.links
    bad = [row for row in judged if row.faults]
    context = {
        "sheet": found,
        "form": form,
        "good": len(judged) - len(bad),
        "bad": len(bad),
        "faults": Paginator(bad, PAGE).get_page(request.GET.get("page")),
        "groups": groups[:PAGE],
        "more_groups": max(0, len(groups) - PAGE),
        "complaints": sum(-(-len(group.rows) // most_links) for group in groups),
        "is_verified": organisation.is_verified,
        "seen": tag_of(found),
    }
    return render(request, "complaints/import_preview.html", context, status=422 if form.errors else 200)


def _confirmed(request: SignedInRequest, found: Import, form: ConfirmForm) -> bool:
    try:
        seen = request.POST.get("seen", "")
        services.confirm_import(sheet=found, by=request.user, seen=seen, **form.cleaned_data)
    except Invalid as refused:
        form.add_errors(refused.errors)
        return False
    except (Forbidden, WrongState) as refused_now:
        form.add_error(None, str(refused_now))
        return False
    messages.success(request, _("The complaints of this sheet are being sent. You can leave this page."))
    return True


@login_required
@require_POST
def discard(request: SignedInRequest, public_id: str) -> HttpResponse:
    services.discard_import(sheet=selectors.import_of(request.user, public_id), by=request.user)
    messages.info(request, _("The sheet was thrown away."))
    return redirect("complaints:import")


@login_required
@require_POST
def stop(request: SignedInRequest, public_id: str) -> HttpResponse:
    """Leave out what is not sent yet."""
    services.stop_import(sheet=_confirmed_sheet(request, public_id), by=request.user)
    messages.info(request, _("The sheet was stopped: what was not sent yet is left out."))
    return redirect("complaints:import-sheet", public_id)


@login_required
@require_GET
def progress(request: SignedInRequest, public_id: str) -> HttpResponse:
    """For htmx: how far it is; asks again by itself until all is done."""
    found = _confirmed_sheet(request, public_id)
    return render(request, "complaints/_import_progress.html", _progress(request, found))


def _confirmed_sheet(request: SignedInRequest, public_id: str) -> Import:
    found = selectors.import_of(request.user, public_id)
    if found.confirmed_at is None:
        raise NotYours()
    return found


def _progress(request: SignedInRequest, found: Import) -> dict[str, Any]:
    return {
        "sheet": found,
        "progress": selectors.progress_of(found),
        "batches": Paginator(selectors.batches_of(found), PAGE).get_page(request.GET.get("complaints")),
        "left_out": Paginator(selectors.left_out_of(found), PAGE).get_page(request.GET.get("page")),
    }


@login_required
@require_GET
def result(request: SignedInRequest, public_id: str) -> StreamingHttpResponse:
    """The result sheet: a line per row, with where its link stands at this moment."""
    found = _confirmed_sheet(request, public_id)
    answer = StreamingHttpResponse(as_csv(selectors.result(found)), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{found.public_id}.csv"'
    answer["Cache-Control"] = "private, no-store"
    return answer
