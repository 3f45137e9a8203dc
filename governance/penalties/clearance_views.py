"""The staff's page of shops to clear: the list with its reasons, and one button that proposes."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts import roles
from core.errors import DomainError, NotYours
from governance.penalties import clearance
from marketplace.models import Target

PAGE = 25


@require_http_methods(["GET", "POST"])
def shops_to_clear(request: Any) -> HttpResponse:
    """Which shops, why, and what is under way against them."""
    if not getattr(request.user, "staff_roles", None):
        raise PermissionDenied
    failure: DomainError | None = None
    if request.method == "POST":
        try:
            shop = Target.objects.filter(public_id=request.POST.get("shop", "")[:31], kind=Target.Kind.SHOP).first()
            if shop is None:
                raise NotYours()
            made = clearance.propose_ban(shop=shop, by=request.user)
            messages.success(request, _("The ban is proposed. The shop is heard before anything is decided."))
            return redirect("admin:governance_penalty_review", made.public_id)
        except DomainError as wrong:
            failure = wrong
    page = Paginator(clearance.shops_to_clear(), PAGE).get_page(request.GET.get("page"))
    context = {
        **admin.site.each_context(request), "title": _("Shops to clear"), "page": page, "proposals": page.object_list,
        "may_propose": roles.is_reviewer(request.user), "failure": failure,
    }  # fmt: skip
    status = failure.status if failure else 200
    return TemplateResponse(request, "admin/governance/clearance.html", context, status=status)
