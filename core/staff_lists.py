"""What every list of the staff has in common: pages of bounded cost, and above it the views that people saved."""

from copy import copy
from hashlib import sha256
from typing import Any

from django.contrib import messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.utils import get_fields_from_path
from django.contrib.admin.views.main import SEARCH_VAR
from django.core.exceptions import PermissionDenied, SuspiciousOperation, ValidationError
from django.db import transaction
from django.db.models import IntegerField, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_POST, require_safe

from core import clock, ledger
from core.errors import DomainError
from core.kept import kept
from core.list_exports import lines
from core.looks import is_shown
from core.pages import BoundedPaginator, count_all
from core.saved_filters import SENIORS, SavedFilter, delete_filter, kept_of, offered_to, save_filter
from core.spreadsheet import MEDIA_TYPES, download

#: what a view holds is counted so far; more is more
COUNTED = 100
#: so many rows that a field names are found, the newest
HITS = 500


class StaffList:
    """Mixed into the admin of every list of the staff."""

    paginator = BoundedPaginator

    @property
    def place(self) -> str:
        """`room_model`, by which queues and saved views know the list."""
        opts = self.model._meta  # type: ignore[attr-defined]
        return f"{opts.app_label}_{opts.model_name}"

    def get_urls(self) -> list[URLPattern]:
        def of_staff(view: Any) -> Any:
            return self.admin_site.admin_view(csrf_protect(require_POST(view)))  # type: ignore[attr-defined]

        sheet = self.admin_site.admin_view(require_safe(self.as_sheet))  # type: ignore[attr-defined]
        return [
            path("sheet/<slug:kind>/", sheet, name=f"{self.place}_sheet"),
            path("views/", of_staff(self.keep_view), name=f"{self.place}_save_view"),
            path("views/<slug:public_id>/delete/", of_staff(self.forget_view), name=f"{self.place}_delete_view"),
            *super().get_urls(),  # type: ignore[misc]
        ]

    def list_address(self, query: str = "") -> str:
        address = reverse(f"admin:{self.place}_changelist")
        return f"{address}?{query}" if query else address

    def get_search_results(self, request: Any, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        """What is named exactly (fields that begin with `=`), each by its index; only what names nothing is looked for in words.

        The admin's own search compares every row in capitals with every field at once, and reads tables from end to end.
        """
        words = search_term.replace("\x00", "").strip()
        fields = self.get_search_fields(request)  # type: ignore[attr-defined]
        exact = [field[1:] for field in fields if field.startswith("=")]
        if not words or not exact:
            return super().get_search_results(request, queryset, words)  # type: ignore[misc,no-any-return]
        named = self._named(exact, words)
        if named or len(exact) == len(fields):
            return queryset.filter(pk__in=named), False
        others = copy(self)
        others.get_search_fields = lambda request: [f for f in fields if not f.startswith("=")]  # type: ignore[attr-defined]
        return super(StaffList, others).get_search_results(request, queryset, words)  # type: ignore[misc,no-any-return]

    def _named(self, fields: list[str], words: str) -> set[Any]:
        """Rows that one of these fields names: as it was typed, in capitals (numbers), or in small letters (kinds)."""
        found: set[Any] = set()
        rows = self.model._base_manager.order_by()  # type: ignore[attr-defined]
        for path_ in fields:
            field = get_fields_from_path(self.model, path_)[-1]  # type: ignore[attr-defined]
            try:
                meant = {field.to_python(spelling) for spelling in (words, words.upper(), words.lower())}
                if isinstance(field, IntegerField):
                    # Of a number that no column holds a database makes a fault.
                    for number in meant:
                        field.run_validators(number)
            except ValidationError:
                continue
            named = rows.filter(**{f"{path_}__in": meant}).order_by("-pk")
            found.update(named.values_list("pk", flat=True)[:HITS])
        return found

    def begins_elsewhere(self, request: HttpRequest) -> HttpResponse | None:
        """Somebody opens the list as such and has a view with which it opens."""
        if request.method != "GET" or request.GET or not self.has_view_permission(request):  # type: ignore[attr-defined]
            return None
        mine = [row for row in self._offered(request) if row.is_default and row.owner_id == request.user.pk]
        if not mine or not mine[0].query or self._shown_by(request, _without_search(mine[0].query)) is None:
            return None
        return redirect(self.list_address(mine[0].query))

    def _offered(self, request: HttpRequest) -> list[SavedFilter]:
        """The views above this list, asked once for each request."""
        known: list[SavedFilter] | None = getattr(request, "_saved_views", None)
        if known is None:
            known = offered_to(request.user, self.place)
            request._saved_views = known  # type: ignore[attr-defined]
        return known

    def views_for(self, request: HttpRequest) -> dict[str, Any]:
        """The saved views above the list, how much each holds, and what a new one would keep."""
        person: Any = request.user
        here = kept_of(request.GET.urlencode())
        offered = self._offered(request)
        held = self._held(request, offered, here)
        rows = [
            {
                "it": row, "address": self.list_address(row.query or "p=1"), "n": n, "is_known": is_known,
                "is_current": row.query == here, "is_mine": row.owner_id == person.pk,
                "may_delete": row.owner_id == person.pk or person.has_staff_role(*SENIORS),
                "delete": reverse(f"admin:{self.place}_delete_view", args=[row.public_id]),
            }
            for row, (is_known, n) in zip(offered, held, strict=True)
        ]  # fmt: skip
        save = reverse(f"admin:{self.place}_save_view")
        return {"rows": rows, "here": here, "save": save, "most": COUNTED, "whole": self.list_address("p=1")}

    def _held(self, request: HttpRequest, offered: list[SavedFilter], here: str) -> list[tuple[bool, int | None]]:
        """Whether the list still knows each view, and how many rows it shows to whoever asks, no further than `COUNTED`.

        All are counted in one query. A search costs as much as a page: it is counted where somebody opened it, elsewhere not.
        """
        asked = ",".join(row.query for row in offered) + f" {here}"
        name = f"views:{self.place}:{request.user.pk}:{sha256(asked.encode()).hexdigest()}"
        return kept(name, lambda: self._counted(request, [row.query for row in offered], here)) if offered else []

    def _counted(self, request: HttpRequest, queries: list[str], here: str) -> list[tuple[bool, int | None]]:
        shown = [self._shown_by(request, query if query == here else _without_search(query)) for query in queries]
        is_counted = [query == here or _without_search(query) == query for query in queries]
        counted = count_all(
            {str(nth): found for nth, found in enumerate(shown) if found is not None and is_counted[nth]}, most=COUNTED
        )
        return [(found is not None, counted.get(str(nth))) for nth, found in enumerate(shown)]

    def _shown_by(self, request: HttpRequest, query: str) -> Any:
        """The rows that a view shows to whoever asks, not read yet; None if the list knows it no longer."""
        asked = copy(request)
        asked.GET = QueryDict(query)  # type: ignore[assignment]  # as the list reads it, not to be changed
        admin: Any = self
        kind = type("Uncounted", (admin.get_changelist(asked),), {"get_results": lambda self, request: None})
        try:
            found = kind(
                asked, admin.model, admin.get_list_display(asked), None, admin.get_list_filter(asked),
                admin.date_hierarchy, admin.get_search_fields(asked), admin.get_list_select_related(asked),
                admin.list_per_page, admin.list_max_show_all, (), admin, (), "",
            )  # fmt: skip
        except (IncorrectLookupParameters, SuspiciousOperation, DomainError):
            return None
        return found.queryset

    def sheets_for(self, request: HttpRequest) -> list[tuple[str, str]]:
        """The kinds of sheet in which this list can be taken along as it stands, with their addresses."""
        asked = kept_of(request.GET.urlencode())
        tail = f"?{asked}" if asked else ""
        return [(kind, reverse(f"admin:{self.place}_sheet", args=[kind]) + tail) for kind in MEDIA_TYPES]

    def as_sheet(self, request: HttpRequest, kind: str) -> HttpResponseBase:
        """All that the list holds as it is narrowed down, as a sheet; each one that is taken is an entry in the ledger."""
        if not self.has_view_permission(request):  # type: ignore[attr-defined]
            raise PermissionDenied
        query = kept_of(request.GET.urlencode())
        found = self._shown_by(request, query) if kind in MEDIA_TYPES else None
        if found is None:
            raise Http404
        columns = [name for name in self.get_list_display(request) if name != "action_checkbox"]  # type: ignore[attr-defined]
        if is_shown(request):
            with transaction.atomic():
                ledger.record(
                    kind="list.taken_along", subject=request.user.public_id, actor=request.user,  # type: ignore[union-attr]
                    payload={"list": self.place, "kind": kind, "query_sha256": sha256(query.encode()).hexdigest()},
                )  # fmt: skip
        return download(lines(self, found, columns), name=f"{self.place}-{clock.today():%Y-%m-%d}", kind=kind)

    def keep_view(self, request: HttpRequest) -> HttpResponse:
        """Keep what the list shows now under a name."""
        if not self.has_view_permission(request):  # type: ignore[attr-defined]
            raise PermissionDenied
        query = kept_of(request.POST.get("query", "")[:5000])
        try:
            made = save_filter(
                place=self.place, name=request.POST.get("name", "")[:500], query=query, by=request.user,
                is_shared="is_shared" in request.POST, is_default="is_default" in request.POST,
            )  # fmt: skip
            messages.success(request, _("The view “%(name)s” stands above the list.") % {"name": made.name})
        except DomainError as refused:
            messages.error(request, str(refused))
        return redirect(self.list_address(query or "p=1"))

    def forget_view(self, request: HttpRequest, public_id: str) -> HttpResponse:
        """Forget a view; the list stays as it is."""
        if not self.has_view_permission(request):  # type: ignore[attr-defined]
            raise PermissionDenied
        gone = delete_filter(place=self.place, public_id=public_id, by=request.user)
        messages.success(request, _("The view “%(name)s” was deleted.") % {"name": gone.name})
        return redirect(self.list_address("p=1"))


def _without_search(query: str) -> str:
    """A view without its words: what the list itself narrows down."""
    asked = QueryDict(query, mutable=True)
    if not asked.pop(SEARCH_VAR, None):
        return query
    return asked.urlencode()
