"""Pages of search: inside the wizard by htmx, as a page of its own, and the searches that are kept."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from accounts.signed_in import SignedInRequest
from complaints import selectors, services
from complaints.searches import selectors as searches
from complaints.searches import services as saving
from complaints.searches.selectors import seen_by
from core.errors import DomainError, Invalid
from core.ids import new_id
from filings.standing import require_to_complain
from marketplace.search.access import begin_search, require_to_search
from marketplace.search.engine import PAGE, Found, search
from marketplace.search.forms import NAMES, SearchForm

#: links that are put into one draft at once; a page of hits has fewer
MOST_TICKED = 500


@login_required
@require_GET
def search_page(request: SignedInRequest) -> HttpResponse:
    """Search, tick, complain: a page of its own; for htmx the hits alone, inside the wizard."""
    in_wizard = bool(request.headers.get("HX-Request"))
    membership = require_to_search(request.user)
    asked = {name: request.GET.getlist(name) for name in NAMES if any(request.GET.getlist(name))}
    form = SearchForm(request.GET if asked or in_wizard else None)
    context: dict[str, Any] = {"form": form, "draft_id": request.GET.get("draft", ""), "in_wizard": in_wizard}
    if form.is_bound and form.is_valid():
        try:
            begin_search(request.user)
            found = search(form.query, cursor=request.GET.get("cursor", ""))
            context |= {
                "hits": seen_by(found.hits, membership.organisation),
                "is_searched": True,
                "more": _more(request, found),
                "kept": form.kept,
                "kept_fields": [(n, v) for n, said in form.kept.items() for v in (said if n == "kind" else [said])],
            }
        except Invalid as wrong:
            context["problem"] = " ".join(str(m) for said in wrong.errors.values() for m in said) or str(wrong)
        except DomainError as failure:
            context["problem"] = str(failure)
    template = "complaints/searches/_hits.html" if in_wizard else "complaints/searches/search.html"
    # htmx shows nothing of an answer that is no success.
    is_wrong = not in_wizard and (context.get("problem") or (form.is_bound and form.errors))
    return render(request, template, context, status=422 if is_wrong else 200)


def _more(request: SignedInRequest, found: Found) -> str:
    """The address of the next page."""
    if not found.cursor:
        return ""
    asked = request.GET.copy()
    asked["cursor"] = found.cursor
    return f"{reverse('complaints:search')}?{asked.urlencode()}"


@login_required
@require_POST
def add_found(request: SignedInRequest) -> HttpResponse:
    """Put what was ticked into a draft, a new one or the one that the search was begun from, and go on there."""
    require_to_complain(request.user)
    ticked = [line for text in request.POST.getlist("found")[:MOST_TICKED] if (line := text.strip())]
    if not ticked:
        messages.error(request, _("Tick what infringes first."))
        return redirect(_back(request))
    draft_id = request.POST.get("draft", "")
    data = selectors.draft_of(request.user, draft_id).data if draft_id else {}
    lines = [line.strip() for line in str(data.get("links", "")).splitlines() if line.strip()]
    data = {**data, "links": "\n".join(dict.fromkeys([*lines, *ticked]))}
    kept = services.keep_draft(public_id=draft_id or new_id("drf"), by=request.user, data=data)
    if kept.complaint is not None:
        return redirect("complaints:detail", kept.complaint.public_id)
    messages.success(request, _("The ticked links are in the complaint. Choose the right and say what infringes."))
    return redirect("complaints:draft", kept.public_id)


def _back(request: SignedInRequest) -> str:
    """The page of hits from which this was sent."""
    if saved := request.POST.get("saved", ""):
        return reverse("complaints:saved-search", args=[saved])
    asked = request.POST.get("asked", "")
    return f"{reverse('complaints:search')}{'?' + asked if asked else ''}"


# --- searches that are kept -------------------------------------------------------------------------------


@login_required
@require_GET
def saved_searches(request: SignedInRequest) -> HttpResponse:
    """The searches that the organisation keeps."""
    require_to_search(request.user)
    context = {
        "searches": list(searches.searches_of(request.user)[: saving.MOST_OF_AN_ORGANISATION]),
        "most": saving.MOST_OF_AN_ORGANISATION,
    }
    return render(request, "complaints/searches/saved.html", context)


@login_required
@require_POST
def save(request: SignedInRequest) -> HttpResponse:
    """Keep the search whose hits are shown."""
    asked = {name: request.POST.getlist(name) for name in NAMES if name in request.POST}
    try:
        made = saving.save_search(by=request.user, name=request.POST.get("name", ""), asked=_one_of_each(asked))
    except Invalid as wrong:
        for said in wrong.errors.values():
            for words in said:
                messages.error(request, str(words))
        return redirect(_back(request))
    messages.success(request, _("The search is kept. New hits are told by email, once a day at most."))
    return redirect("complaints:saved-search", made.public_id)


def _one_of_each(asked: dict[str, list[str]]) -> dict[str, Any]:
    return {name: values if name == "kind" else values[-1] for name, values in asked.items()}


@login_required
@require_GET
def saved_search(request: SignedInRequest, public_id: str) -> HttpResponse:
    """What one search found, to be ticked and complained of."""
    membership = require_to_search(request.user)
    search = searches.search_of(request.user, public_id)
    page = Paginator(searches.found_by(search), PAGE).get_page(request.GET.get("page"))
    form = saving.form_of(search)
    context = {
        "search": search,
        "page": page,
        "hits": seen_by(searches.hits_of(list(page)), membership.organisation),
        "said": form.in_words if form else [],
        "most_before": saving.MOST_BEFORE,
        "again": f"{reverse('complaints:search')}?{urlencode(search.asked, doseq=True)}",
    }
    return render(request, "complaints/searches/saved_search.html", context)


@login_required
@require_POST
def pause(request: SignedInRequest, public_id: str) -> HttpResponse:
    saving.pause_search(search=searches.search_of(request.user, public_id), by=request.user)
    return redirect("complaints:saved-search", public_id)


@login_required
@require_POST
def resume(request: SignedInRequest, public_id: str) -> HttpResponse:
    saving.resume_search(search=searches.search_of(request.user, public_id), by=request.user)
    return redirect("complaints:saved-search", public_id)


@login_required
@require_POST
def run(request: SignedInRequest, public_id: str) -> HttpResponse:
    """Look now."""
    found = saving.run_search(search=searches.search_of(request.user, public_id), by=request.user)
    said = ngettext("%(n)d new thing was found.", "%(n)d new things were found.", found) % {"n": found}
    messages.success(request, said if found else _("Nothing new was found."))
    return redirect("complaints:saved-search", public_id)


@login_required
@require_POST
def delete(request: SignedInRequest, public_id: str) -> HttpResponse:
    saving.delete_search(search=searches.search_of(request.user, public_id), by=request.user)
    messages.info(request, _("The search was deleted."))
    return redirect("complaints:saved-searches")
