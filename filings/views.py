"""Pages of rights holders: their rights on file, a draft that keeps itself, renewal, genuine sellers."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.roles import MAY_FILE_RIGHTS, require_for_rights
from accounts.signed_in import SignedInRequest
from core.errors import DomainError, Invalid
from core.models import FilePurpose
from core.spreadsheet import download
from filings import selectors, services
from filings.agents import agency_behind, holders_to_file_for
from filings.forms import DraftForm, FilingFilter, KindForm, RenewalForm, SellersForm
from filings.lifecycle import LIFECYCLE, holder, in_force_during_renewal
from filings.models import Filing
from filings.requirements import KINDS, missing_from

PAGE = 25


# --- the list ------------------------------------------------------------------------------------------


@login_required
@require_GET
def filing_list(request: SignedInRequest) -> HttpResponse:
    """The organisation's rights on file, newest first."""
    chosen = FilingFilter(request.GET, queryset=selectors.filings_of(request.user))
    page = Paginator(chosen.qs, PAGE).get_page(request.GET.get("page"))
    context = {
        "filter": chosen,
        "page": page,
        "is_filtered": any(request.GET.get(name) for name in chosen.form.fields),
        "may_file": selectors.may_file(request.user),
    }
    return render(request, "filings/list.html", context)


@login_required
@require_GET
def export(request: SignedInRequest, kind: str) -> StreamingHttpResponse:
    """The list as it is filtered, as a sheet."""
    chosen = FilingFilter(request.GET, queryset=selectors.filings_of(request.user))
    return download(selectors.exported(chosen.qs), name="rights", kind=kind)


# --- a draft -------------------------------------------------------------------------------------------


@login_required
@require_http_methods(["GET", "POST"])
def new(request: SignedInRequest) -> HttpResponse:
    """The kind comes first; the draft begins with it."""
    require_for_rights(request.user, MAY_FILE_RIGHTS)
    form = KindForm(request.POST or None, holders=holders_to_file_for(request.user.membership.organisation))  # type: ignore[union-attr]
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            filing = services.create_draft(kind=said["kind"], by=request.user, holder=said.get("holder", ""))
            return redirect("filings:edit", filing.public_id)
        except Invalid as wrong:
            _mark(form, wrong)
    return render(request, "filings/new.html", {"form": form}, status=422 if form.errors else 200)


@login_required
@require_http_methods(["GET", "POST"])
def edit(request: SignedInRequest, public_id: str) -> HttpResponse:
    """A draft, or what was returned: kept, supplemented, submitted. Every button keeps what was typed."""
    filing = selectors.filing_of(request.user, public_id)
    if request.method == "GET" and filing.state not in services.EDITABLE:
        return redirect("filings:detail", filing.public_id)
    LIFECYCLE.check(filing, "submit", request.user)
    if request.method == "GET":
        return _edit_page(request, filing, DraftForm(filing=filing))
    form = DraftForm(request.POST, request.FILES, filing=filing)
    if request.headers.get("X-Autosave"):
        return _autosaved(request, filing, form)
    if not form.is_valid():
        return _edit_page(request, filing, form, status=422)
    version = form.cleaned_data["version"]
    try:
        filing = services.update_draft(filing=filing, by=request.user, version=version, **form.said)
        _take_in(request, filing, form)
        filing.refresh_from_db()
        if request.POST.get("action") == "submit" and form.is_valid():
            services.submit_filing(filing=filing, by=request.user, version=filing.version)
    except Invalid as wrong:
        _mark(form, wrong)
    if form.errors:
        return _edit_page(request, filing, _based_on(filing, request, form), status=422)
    if request.POST.get("action") == "submit":
        messages.success(
            request, _("%(number)s was submitted. You get a letter once it is reviewed.") % {"number": filing.number}
        )
        return redirect("filings:detail", filing.public_id)
    if not request.POST.get("remove"):
        messages.success(request, _("Kept as a draft. Go on whenever you like."))
    return redirect("filings:edit", filing.public_id)


def _autosaved(request: SignedInRequest, filing: Filing, form: DraftForm) -> HttpResponse:
    """Keep what can be read of a page that is being filled in; its next save is based on the version told here."""
    form.is_valid()
    version, said = form.cleaned_data.get("version") or 0, form.said
    try:
        filing = services.update_draft(filing=filing, by=request.user, version=version, **said)
    except Invalid as wrong:
        fits = {name: value for name, value in said.items() if name not in wrong.errors}
        filing = services.update_draft(filing=filing, by=request.user, version=version, **fits)
    answer = JsonResponse({"version": filing.version})
    answer["X-Version"] = str(filing.version)
    return answer


def _take_in(request: SignedInRequest, filing: Filing, form: DraftForm) -> None:
    """Files and sellers that came with the page; what cannot be taken is marked, the rest is kept."""
    by = request.user
    for field, purpose in (("certificate", FilePurpose.CERTIFICATE), ("pictures", FilePurpose.PICTURE)):
        for upload in form.cleaned_data[field]:
            _try(
                form,
                field,
                partial(services.add_file, filing=filing, by=by, upload=upload, purpose=purpose),
                upload.name,
            )
    if links := form.cleaned_data["sellers"].splitlines():
        _try(form, "sellers", lambda: services.add_genuine_sellers(filing=filing, by=by, links=links))
    if remove := request.POST.get("remove", ""):
        kind, _colon, public_id = remove.partition(":")
        if kind == "file":
            services.remove_file(filing=filing, by=by, file=public_id)
        else:
            services.remove_genuine_seller(filing=filing, by=by, shop=public_id)


def _try(form: DraftForm | RenewalForm, field: str, act: Callable[[], Any], name: str = "") -> None:
    try:
        act()
    except DomainError as wrong:
        if wrong.status not in (413, 422):
            raise
        told: Iterable[Any] = getattr(wrong, "errors", {}).get(field) or _sentences(wrong)
        for sentence in told:
            form.add_error(field, f"{name}: {sentence}" if name else str(sentence))


def _sentences(wrong: DomainError) -> list[Any]:
    errors = getattr(wrong, "errors", {})
    return [sentence for sentences in errors.values() for sentence in sentences] or [wrong.message]


def _mark(form: Any, wrong: Invalid) -> None:
    """Put a service's errors beside the fields they belong to."""
    for field, sentences in wrong.errors.items():
        for sentence in sentences:
            form.add_error(field if field in form.fields else None, str(sentence))
    if not wrong.errors:
        form.add_error(None, str(wrong.message))


def _based_on(filing: Filing, request: SignedInRequest, form: DraftForm) -> DraftForm:
    """The page as it was sent, with its errors, based on what was kept of it."""
    data = request.POST.copy()
    data["version"] = str(filing.version)
    if "sellers" not in form.errors:
        data["sellers"] = ""
    shown = DraftForm(data, filing=filing)
    shown._errors = form.errors  # type: ignore[attr-defined]
    return shown


def _filled(filing: Filing) -> DraftForm:
    """The page of a draft as if it had just been sent, so that errors can be marked on it."""
    blank = DraftForm(filing=filing)
    form = DraftForm({name: blank[name].value() for name in (*blank.kind.fields, "version")}, filing=filing)
    form.is_valid()
    return form


def _edit_page(request: SignedInRequest, filing: Filing, form: DraftForm, status: int = 200) -> HttpResponse:
    context = {
        "filing": filing,
        "kind": KINDS[filing.kind],
        "form": form,
        "papers": selectors.papers_of(filing),
        "sellers": selectors.sellers_of(filing),
        "missing": [s for sentences in missing_from(filing).values() for s in sentences],
        "next": selectors.next_for(filing, request.user),
    }
    return render(request, "filings/edit.html", context, status=status)


# --- one filing ------------------------------------------------------------------------------------------


@login_required
@require_GET
def detail(request: SignedInRequest, public_id: str) -> HttpResponse:
    """A right on file: what is next, its data, papers, genuine sellers and history."""
    filing = selectors.filing_of(request.user, public_id)
    return _detail_page(request, filing, SellersForm())


def _detail_page(request: SignedInRequest, filing: Filing, form: SellersForm, status: int = 200) -> HttpResponse:
    is_holder = holder(filing, request.user)
    own = request.user.organisation.pk if request.user.organisation else None
    context = {
        "filing": filing,
        "kind": KINDS[filing.kind],
        "next": selectors.next_for(filing, request.user),
        "actions": {t.name for t in selectors.actions_for(filing, request.user)},
        "papers": selectors.papers_of(filing),
        "sellers": selectors.sellers_of(filing),
        "form": form,
        "may_change_sellers": is_holder and filing.state not in services.OVER,
        "in_force": filing.is_in_force(),
        "in_conflict": selectors.is_in_conflict(filing),
        # Another agency of the holder sees the right as well; what was decided burdens it not.
        "is_on_its_side": own is not None and own in (filing.organisation_id, agency_behind(filing)),
        "timeline": selectors.timeline(filing, request.user),
    }
    return render(request, "filings/detail.html", context, status=status)


@login_required
@require_http_methods(["GET", "POST"])
def submit(request: SignedInRequest, public_id: str) -> HttpResponse:
    """Submit as it stands; what is missing is marked on the page of the draft."""
    filing = selectors.filing_of(request.user, public_id)
    if request.method == "POST":
        try:
            services.submit_filing(filing=filing, by=request.user, version=_version(request))
        except Invalid as wrong:
            form = _filled(filing)
            _mark(form, wrong)
            return _edit_page(request, filing, form, status=422)
        messages.success(
            request, _("%(number)s was submitted. You get a letter once it is reviewed.") % {"number": filing.number}
        )
    return redirect("filings:detail", filing.public_id)


@login_required
@require_http_methods(["GET", "POST"])
def withdraw(request: SignedInRequest, public_id: str) -> HttpResponse:
    filing = selectors.filing_of(request.user, public_id)
    if request.method == "POST":
        services.withdraw(filing=filing, by=request.user, version=_version(request))
        messages.success(request, _("%(number)s was withdrawn.") % {"number": filing.number})
    return redirect("filings:detail", filing.public_id)


@login_required
@require_http_methods(["GET", "POST"])
def drop_renewal(request: SignedInRequest, public_id: str) -> HttpResponse:
    filing = selectors.filing_of(request.user, public_id)
    if request.method == "POST":
        services.drop_renewal(filing=filing, by=request.user, version=_version(request))
        messages.success(request, _("The renewal was taken back. The validity that was approved stays as it was."))
    return redirect("filings:detail", filing.public_id)


@login_required
@require_http_methods(["GET", "POST"])
def renew(request: SignedInRequest, public_id: str) -> HttpResponse:
    """The new validity of a right that was approved, with its certificate."""
    filing = selectors.filing_of(request.user, public_id)
    LIFECYCLE.check(filing, "renew", request.user)
    form = RenewalForm(request.POST or None, request.FILES or None, filing=filing)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data

        def hand_in() -> None:
            services.renew(
                filing=filing, by=request.user, valid_until_on=said["valid_until_on"],
                certificates=said["certificate"], version=said["version"],
            )  # fmt: skip

        _try(form, "certificate", hand_in)
        if not form.errors:
            messages.success(request, _("The renewal was submitted. You get a letter once it is reviewed."))
            return redirect("filings:detail", filing.public_id)
    context = {
        "filing": filing,
        "form": form,
        "papers": selectors.papers_of(filing),
        "stays_until": filing.in_force_until_on or in_force_during_renewal(filing),
    }
    return render(request, "filings/renew.html", context, status=422 if form.errors else 200)


@login_required
@require_http_methods(["GET", "POST"])
def sellers(request: SignedInRequest, public_id: str) -> HttpResponse:
    """Name a shop that sells the genuine goods, or take one off."""
    filing = selectors.filing_of(request.user, public_id)
    if request.method == "POST":
        if shop := request.POST.get("remove"):
            services.remove_genuine_seller(filing=filing, by=request.user, shop=shop)
            return redirect("filings:detail", filing.public_id)
        form = SellersForm(request.POST)
        if form.is_valid():
            try:
                links = form.cleaned_data["sellers"].splitlines()
                services.add_genuine_sellers(filing=filing, by=request.user, links=links)
            except Invalid as wrong:
                _mark(form, wrong)
        if form.errors:
            return _detail_page(request, filing, form, status=422)
    return redirect("filings:detail", filing.public_id)


def _version(request: SignedInRequest) -> int | None:
    """The version on which a button's page was based."""
    said = request.POST.get("version", "")
    return int(said) if said.isascii() and said.isdigit() and len(said) < 10 else None
