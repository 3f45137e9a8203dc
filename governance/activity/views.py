"""The page of an organisation's log, for its administrators."""

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.administering import own_administered
from accounts.signed_in import SignedInRequest
from governance.activity import selectors

PAGE = 50


@login_required
@require_GET
def activity(request: SignedInRequest) -> HttpResponse:
    """Who of the organisation did what, and when."""
    organisation = own_administered(request.user)
    chosen = request.GET.get("by", "")
    page = Paginator(selectors.entries(organisation, by=chosen), PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": selectors.read(list(page.object_list), organisation),
        "people": selectors.people_of(organisation),
        "chosen": chosen,
    }
    return render(request, "governance/activity/list.html", context)
