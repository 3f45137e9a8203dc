"""The staff's pages of leads: this week's clusters of linked shops, each with its picture, and what to take away."""

import json
from typing import Any

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from core.spreadsheet import as_csv
from core.staff_pages import DecidedOnAPage
from patrol import graph
from patrol.leads import WORDS
from patrol.models import Lead

#: links on the page, the strongest; the files have all
MOST_LINKS = 200


@admin.register(Lead)
class LeadAdmin(DecidedOnAPage):
    """Leads by week, the one with most upheld goods first; nothing is decided here."""

    class Media:
        css = {"all": ("patrol/pictures.css",)}

    list_display = ("week_on", "name", "size", "upheld", "found_at")
    list_filter = ("week_on",)
    search_fields = ("=public_id", "shops__title", "=shops__operator_uscc", "=shops__public_id")
    ordering = ("-week_on", "-upheld", "pk")
    steps, template = {}, "admin/patrol/lead.html"

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(self.download)
        return [path("<slug:public_id>/file/<slug:what>/", page, name="patrol_lead_download"), *super().get_urls()]

    @display(description=gettext_lazy("cluster"), ordering="key")
    def name(self, lead: Lead) -> str:
        return lead.key[:8]

    @display(description=gettext_lazy("shops"))
    def size(self, lead: Lead) -> int:
        return len(lead.figures)

    def shown(self, request: Any, row: Any) -> dict[str, Any]:
        shops = list(row.shops.select_related("marketplace").order_by("public_id"))
        letters = graph.letters(shop.public_id for shop in shops)
        before = Lead.objects.filter(shops__in=shops, week_on__lt=row.week_on).distinct().order_by("-week_on")[:8]
        return {
            "lead": row, "picture": graph.draw(row, {shop.public_id: shop.title for shop in shops}), "before": before,
            "shops": [(letters[shop.public_id], shop, row.figures.get(shop.public_id, {})) for shop in shops],
            "edges": [
                (letters[e["a"]], letters[e["b"]], e["weight"], [(WORDS[g], n) for g, n in e["grounds"].items()])
                for e in row.edges[:MOST_LINKS]
            ],
            "drawn": min(len(shops), graph.MOST), "links": len(row.edges),
        }  # fmt: skip

    def download(self, request: HttpRequest, public_id: str, what: str) -> Any:
        """The cluster for another desk: its links as a table, or all of it as JSON."""
        lead = self.get_queryset(request).filter(public_id=public_id).first()
        if lead is None or not self.has_view_permission(request, lead):
            raise Http404
        titles = dict(lead.shops.values_list("public_id", "title"))
        answer: Any
        if what == "csv":
            rows = [
                (e["a"], titles.get(e["a"]), e["b"], titles.get(e["b"]), e["weight"], ground, n)
                for e in lead.edges
                for ground, n in e["grounds"].items()
            ]
            heading = ("shop", "name", "other_shop", "other_name", "weight", "ground", "shared")
            answer = StreamingHttpResponse(as_csv([heading, *rows]), content_type="text/csv; charset=utf-8")
        elif what == "json":
            said = {
                "lead": lead.public_id, "week_on": lead.week_on.isoformat(), "cluster": lead.key,
                "shops": [{"id": one, "name": titles.get(one), **figures} for one, figures in lead.figures.items()],
                "links": lead.edges,
            }  # fmt: skip
            answer = HttpResponse(json.dumps(said, ensure_ascii=False, indent=1), content_type="application/json")
        else:
            raise Http404
        answer["Content-Disposition"] = f'attachment; filename="lead-{lead.week_on}-{lead.key[:8]}.{what}"'
        answer["X-Content-Type-Options"] = "nosniff"
        return answer
