"""Pages of sheets of any kind: hand one in, choose its columns, see what each row becomes, confirm, and follow it.

A kind brings its words (`SheetPages`), and templates that extend those of `sheets/` where it has more to say.
"""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core.errors import DomainError, Forbidden, Invalid, NotYours, WrongState
from core.imports import columns, selectors, services
from core.imports.forms import AskedAgain, ColumnsForm, SheetForm
from core.imports.kinds import Kind
from core.preconditions import tag_of
from core.spreadsheet import CSV, XLSX, download

PAGE = 50
#: rows that are shown beside the columns, so that one sees which is which
SAMPLE = 4
#: steps of a sheet, as their addresses and the names of these end
STEPS = ("preview", "discard", "stop", "progress")


class SheetPages:
    """The pages of one kind. `name` is that of the first address, with its namespace: "complaints:import"."""

    kind: Kind
    name: str
    columns_form: type[ColumnsForm]
    #: where the templates of the kind stand; what is not there is taken from `sheets/`
    templates: str
    sheet_form: type[SheetForm] = SheetForm
    confirmed_words: Any
    #: what the first page stands below: words, and the name of an address
    above: tuple[Any, str] | None = None

    def confirm_form(self, request: HttpRequest, sheet: Any, judged: list[Any]) -> AskedAgain:
        """What is signed under the sheet: nothing, if the kind asks for nothing."""
        return AskedAgain(request.POST if request.method == "POST" else None)

    def about(self, request: HttpRequest) -> dict[str, Any]:
        """What the first page says beside the form. Raises Forbidden for who may hand in nothing."""
        self.kind.owner(request.user)
        return {}

    def judged(self, request: HttpRequest, sheet: Any, rows: list[Any]) -> dict[str, Any]:
        """What the preview says of the good rows."""
        return {}

    def progress(self, request: HttpRequest, sheet: Any) -> dict[str, Any]:
        """What the page of a confirmed sheet says beside its rows."""
        return {}

    def urls(self, at: str) -> list[URLPattern]:
        """The addresses under this one, such as "complaints/import/"."""
        short = self.name.rpartition(":")[2]
        one = f"{at}<str:public_id>/"
        signed_in = login_required
        pages: list[tuple[str, Callable[..., HttpResponse], str]] = [
            (at, require_http_methods(["GET", "POST"])(self.begin_page), short),
            (one, require_http_methods(["GET", "POST"])(self.sheet_page), f"{short}-sheet"),
            (f"{one}preview/", require_http_methods(["GET", "POST"])(self.preview_page), f"{short}-preview"),
            (f"{one}discard/", require_POST(self.discard_step), f"{short}-discard"),
            (f"{one}stop/", require_POST(self.stop_step), f"{short}-stop"),
            (f"{one}progress/", require_GET(self.progress_page), f"{short}-progress"),
        ]
        results = [
            path(
                f"{one}result.{kind}", signed_in(require_GET(self.result_file)), {"kind": kind}, name=f"{short}-result{end}"
            )
            for kind, end in ((CSV, ""), (XLSX, "-xlsx"))
        ]  # fmt: skip
        return [path(address, signed_in(page), name=name) for address, page, name in pages] + results

    def _to(self, step: str, sheet: Any) -> str:
        return reverse(f"{self.name}-{step}", args=[sheet.public_id])

    def _render(
        self, request: HttpRequest, page: str, context: dict[str, Any], *, sheet: Any = None, form: Any = None
    ) -> HttpResponse:
        to = {"begin": reverse(self.name)}
        if sheet is not None:
            to |= {step: self._to(step, sheet) for step in ("sheet", *STEPS, "result", "result-xlsx")}
            to = {name.replace("-", "_"): address for name, address in to.items()}
        above = self.above and (self.above[0], reverse(self.above[1]))
        context = {"sheet": sheet, "form": form, "to": to, "above": above, **context}
        status = 422 if form is not None and form.errors else 200
        return render(
            request,
            [f"{self.templates}{page}.html", f"sheets/{page.strip('_') or 'begin'}.html"],
            context,
            status=status,
        )

    # --- before it is confirmed ------------------------------------------------------------------------------------

    def begin_page(self, request: HttpRequest) -> HttpResponse:
        """Hand in a sheet; below stand those that were handed in lately."""
        about = self.about(request)
        form = self.sheet_form(request.POST, request.FILES) if request.method == "POST" else self.sheet_form()
        if form.is_bound and form.is_valid():
            where = {name: value for name, value in form.cleaned_data.items() if name != "file"}
            try:
                made = services.begin(self.kind, by=request.user, upload=form.cleaned_data["file"], **where)
                return redirect(self._to("sheet", made))
            except DomainError as refused:
                if refused.status not in (413, 422, 429, 503):
                    raise
                form.add_error("file", str(refused))
        shown = list(selectors.sheets_of(self.kind, request.user)[:10])
        lately = [(sheet, self._to("sheet", sheet)) for sheet in shown]
        return self._render(request, "", {"lately": lately, **about}, form=form)

    def sheet_page(self, request: HttpRequest, public_id: str) -> HttpResponse:
        """The columns of a sheet; once it is confirmed, what becomes of it."""
        found = selectors.sheet_of(self.kind, request.user, public_id)
        if found.confirmed_at is not None:
            return self._render(request, "_progress", self._progress(request, found), sheet=found)
        self._require_owner(request, found)
        header, rows = services.cells_of(self.kind, found)
        width = max([len(header), *(len(row.cells) for row in rows)])
        sent = request.POST if request.method == "POST" else None
        form = self.columns_form(sent, sheet=found, header=header, width=width, user=request.user)
        if form.is_bound and form.is_valid() and self._chosen(request, found, form):
            return redirect(self._to("preview", found))
        context = {"names": [columns.letter(i) for i in range(width)], "header": header, "sample": rows[:SAMPLE]}
        return self._render(request, "_columns", context, sheet=found, form=form)

    def _require_owner(self, request: HttpRequest, sheet: Any) -> None:
        if not self.kind.is_owner(sheet, request.user):
            raise NotYours()

    def _chosen(self, request: HttpRequest, found: Any, form: ColumnsForm) -> bool:
        try:
            services.choose(self.kind, sheet=found, by=request.user, chosen=form.chosen, for_all=form.for_all)
        except Invalid as refused:
            form.add_errors(refused.errors)
            return False
        return True

    def preview_page(self, request: HttpRequest, public_id: str) -> HttpResponse:
        """What each row becomes, every bad cell with its reason; nothing is written before this is confirmed."""
        found = selectors.sheet_of(self.kind, request.user, public_id)
        self._require_owner(request, found)
        if found.confirmed_at is not None or not services.is_chosen(self.kind, found):
            return redirect(self._to("sheet", found))
        judged = services.previewed(self.kind, sheet=found, by=request.user)
        form = self.confirm_form(request, found, judged)
        if form.is_bound and form.is_valid() and self._confirmed(request, found, form):
            return redirect(self._to("sheet", found))
        bad = [row for row in judged if row.faults]
        context = {
            "good": len(judged) - len(bad),
            "bad": len(bad),
            "faults": Paginator(bad, PAGE).get_page(request.GET.get("page")),
            "seen": tag_of(found),
            **self.judged(request, found, judged),
        }
        return self._render(request, "_preview", context, sheet=found, form=form)

    def _confirmed(self, request: HttpRequest, found: Any, form: AskedAgain) -> bool:
        try:
            seen = request.POST.get("seen", "")
            services.confirm(self.kind, sheet=found, by=request.user, seen=seen, **form.cleaned_data)
        except Invalid as refused:
            form.add_errors(refused.errors)
            return False
        except (Forbidden, WrongState) as refused_now:
            form.add_error(None, str(refused_now))
            return False
        messages.success(request, str(self.confirmed_words))
        return True

    def discard_step(self, request: HttpRequest, public_id: str) -> HttpResponse:
        found = selectors.sheet_of(self.kind, request.user, public_id)
        services.discard(self.kind, sheet=found, by=request.user)
        messages.info(request, _("The sheet was thrown away."))
        return redirect(self.name)

    # --- confirmed ---------------------------------------------------------------------------------------------------

    def stop_step(self, request: HttpRequest, public_id: str) -> HttpResponse:
        """Leave out what is not done yet."""
        found = self._confirmed_sheet(request, public_id)
        services.stop(self.kind, sheet=found, by=request.user)
        messages.info(request, _("The sheet was stopped: what was not sent yet is left out."))
        return redirect(self._to("sheet", found))

    def progress_page(self, request: HttpRequest, public_id: str) -> HttpResponse:
        """For htmx: how far it is; asks again by itself until all is done."""
        found = self._confirmed_sheet(request, public_id)
        return self._render(request, "_rows", self._progress(request, found), sheet=found)

    def _confirmed_sheet(self, request: HttpRequest, public_id: str) -> Any:
        found = selectors.sheet_of(self.kind, request.user, public_id)
        if found.confirmed_at is None:
            raise NotYours()
        return found

    def _progress(self, request: HttpRequest, found: Any) -> dict[str, Any]:
        left_out = selectors.left_out_of(self.kind, found)
        return {
            "progress": selectors.progress_of(self.kind, found),
            "left_out": Paginator(left_out, PAGE).get_page(request.GET.get("page")),
            "rows": [f"{self.templates}_rows.html", "sheets/rows.html"],
            **self.progress(request, found),
        }

    def result_file(self, request: HttpRequest, public_id: str, kind: str) -> HttpResponse:
        """The result sheet: a line per row, with where what came of it stands at this moment."""
        found = self._confirmed_sheet(request, public_id)
        return download(self.kind.result(found), name=found.public_id, kind=kind)  # type: ignore[return-value]
