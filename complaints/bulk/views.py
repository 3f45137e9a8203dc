"""Pages of complaints from a sheet."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from complaints import lanes
from complaints.bulk import judging, results
from complaints.bulk.forms import LinkColumnsForm, SignForm
from complaints.bulk.services import KIND
from complaints.models import Import, Infringement
from core.imports.views import PAGE, SheetPages


class LinkSheetPages(SheetPages):
    kind = KIND
    name = "complaints:import"
    columns_form = LinkColumnsForm
    templates = "complaints/import"
    above = (_("Complaints"), "complaints:list")
    confirmed_words = _("The complaints of this sheet are being sent. You can leave this page.")

    def about(self, request: HttpRequest) -> dict[str, Any]:
        by: Any = request.user
        organisation = self.kind.owner(by)["organisation"]
        return {"is_verified": organisation.is_verified, "kinds": Infringement.choices}

    def confirm_form(self, request: HttpRequest, sheet: Import, judged: list[Any]) -> SignForm:
        sent = request.POST if request.method == "POST" else None
        laws = {group.law for group in judging.groups_of(judged)}
        return SignForm(sent, laws=laws, initial={"signature": request.user.name})  # type: ignore[union-attr]

    def judged(self, request: HttpRequest, sheet: Import, rows: list[Any]) -> dict[str, Any]:
        groups = judging.groups_of(rows)
        most_links = lanes.placed(sheet.organisation).terms.links
        return {
            "groups": groups[:PAGE],
            "more_groups": max(0, len(groups) - PAGE),
            "complaints": sum(-(-len(group.rows) // most_links) for group in groups),
            "is_verified": sheet.organisation.is_verified,
            "confirm_title": _("Sign and send"),
        }

    def progress(self, request: HttpRequest, sheet: Import) -> dict[str, Any]:
        return {"batches": Paginator(results.batches_of(sheet), PAGE).get_page(request.GET.get("complaints"))}


pages = LinkSheetPages()
