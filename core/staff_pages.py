"""Rows of the staff's workplace that are decided on a page of their own, instead of the admin's generated form."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods
from unfold.views import ChangeList

from core.admin import StaffAdmin
from core.errors import DomainError


class Queue(ChangeList):
    """The list; each line leads to the page on which it is decided."""

    def url_for_result(self, result: Any) -> str:
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_review", args=[result.public_id])


class DecidedOnAPage(StaffAdmin):
    """Rows that are decided on a page of their own, by steps that carry a note."""

    class Media:
        css = {"all": ("rulebook/staff.css",)}

    steps: dict[str, Callable[..., Any]]
    template: str

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return Queue

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(require_http_methods(["GET", "POST"])(self.review))
        name = f"{self.opts.app_label}_{self.opts.model_name}_review"
        return [path("<slug:public_id>/review/", page, name=name), *super().get_urls()]

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        """The page of the decision takes the place of the generated one."""
        found: Any = self.get_object(request, object_id)
        if found is None or not self.has_view_permission(request, found):
            raise Http404
        return redirect(f"admin:{self.opts.app_label}_{self.opts.model_name}_review", found.public_id)

    def review(self, request: Any, public_id: str) -> HttpResponse:
        row = self.get_queryset(request).filter(public_id=public_id).first()
        if row is None or not self.has_view_permission(request, row):
            raise Http404
        failure: DomainError | None = None
        note = request.POST.get("note", "")[:5000]
        if request.method == "POST":
            if request.POST.get("step", "") not in self.steps:
                raise Http404
            try:
                self.take(request, row, request.POST["step"], note)
                messages.success(request, _("Done."))
                return redirect(request.path)
            except DomainError as wrong:
                failure = wrong
                row = self.get_queryset(request).get(public_id=public_id)
        context = self.frame(request, str(row)) | {"failure": failure, "note": note, **self.shown(request, row)}
        return TemplateResponse(request, self.template, context, status=failure.status if failure else 200)

    def take(self, request: Any, row: Any, step: str, note: str) -> None:
        """One step, as the form on the page says it. Raises DomainError."""
        self.steps[step](row, request.user, note)

    def form_page(self, request: Any, template: str, form: Any, title: str) -> HttpResponse:
        """A form from which a row is made; refused, it is shown again with what is to be mended."""
        context = self.frame(request, title) | {"form": form}
        return TemplateResponse(request, template, context, status=422 if form.errors else 200)

    def shown(self, request: Any, row: Any) -> dict[str, Any]:
        raise NotImplementedError
