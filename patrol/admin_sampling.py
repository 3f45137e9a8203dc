"""The staff's workplace for sampling: announce, draw, buy, have judged, report."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import action, display

from accounts import roles
from core.errors import DomainError, Invalid
from core.staff_pages import DecidedOnAPage
from patrol import sampling, sampling_views, test_buys
from patrol.models import Sample, TestBuy
from patrol.sampling_forms import AnnounceForm
from patrol.sampling_lifecycle import SAMPLES, TEST_BUYS
from patrol.test_buy_steps import STEPS as BUYING
from patrol.test_buy_steps import form_of, take

SAMPLING: dict[str, Callable[..., Any]] = {
    "draw": lambda sample, by, note: sampling.draw(sample=sample, by=by),
    "report": lambda sample, by, note: sampling.report(sample=sample, by=by),
    "cancel": lambda sample, by, note: sampling.cancel(sample=sample, by=by, reason=note),
}
DOWNLOADS = {"frame": sampling_views.frame_file, "draw": sampling_views.draw_file}


@admin.register(Sample)
class SampleAdmin(DecidedOnAPage):
    """Every draw, and the page of one."""

    class Media:
        css = {"all": ("patrol/pictures.css",)}
        js = ("patrol/suggest.js",)

    list_display = ("number", "title", "marketplace", "size", "frame_size", "stands", "created_at")
    list_filter = ("state", "marketplace")
    list_select_related = ("marketplace",)
    search_fields = ("=number", "=public_id", "title")
    ordering = ("-pk",)
    steps, template = SAMPLING, "admin/patrol/sample.html"
    actions_list = ("announce",)

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("marketplace", "profile", "frame", "announced_by")

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(self.download)
        return [path("<slug:public_id>/file/<slug:what>/", page, name="patrol_sample_download"), *super().get_urls()]

    @display(
        description=gettext_lazy("state"), ordering="state",
        label={"announced": "info", "drawn": "warning", "reported": "success", "cancelled": "danger"},
    )  # fmt: skip
    def stands(self, sample: Sample) -> tuple[str, Any]:
        return sample.state, sample.get_state_display()

    def shown(self, request: Any, row: Any) -> dict[str, Any]:
        drawn = row.listings.select_related("target", "test_buy").order_by("pk")
        return {
            "sample": row, "entry": sampling.announcement_of(row), "estimate": sampling.estimate_of(row), "drawn": drawn,
            "turn": SAMPLES.turns[row.state], "steps": SAMPLES.available(row, request.user),
        }  # fmt: skip

    def download(self, request: HttpRequest, public_id: str, what: str) -> Any:
        """Frame and draw for staff, from the announcement on."""
        row = self.get_queryset(request).filter(public_id=public_id).first()
        if row is None or what not in DOWNLOADS or not self.has_view_permission(request, row):
            raise Http404
        return DOWNLOADS[what](row)

    def has_reviewer_permission(self, request: Any, obj: Any = None) -> bool:
        return roles.is_reviewer(request.user)

    @action(description=gettext_lazy("Announce a sample"), url_path="announce", icon="casino", permissions=["reviewer"])
    def announce(self, request: Any) -> HttpResponse:
        """The form: its seed is in the ledger when it is sent."""
        form = AnnounceForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                made = sampling.announce(by=request.user, **form.cleaned_data)
                messages.success(request, _("The seed is in the ledger. Now the listings can be drawn."))
                return redirect("admin:patrol_sample_review", made.public_id)
            except Invalid as wrong:
                for name, sentences in wrong.errors.items():
                    form.add_error(name, [str(s) for s in sentences])
            except DomainError as wrong:
                form.add_error(None, str(wrong))
        return self.form_page(request, "admin/patrol/announce.html", form, _("Announce a sample"))


@admin.register(TestBuy)
class TestBuyAdmin(DecidedOnAPage):
    """What is bought of the drawn listings, each with its papers and through whose hands it went."""

    class Media:
        js = ("patrol/suggest.js",)

    list_display = ("number", "listing_title", "sample", "stands", "verdict", "state_since_at")
    list_filter = ("state", "verdict")
    list_select_related = ("listing__target", "listing__sample")
    search_fields = ("=number", "=public_id", "=listing__sample__number", "listing__target__title")
    search_help_text = gettext_lazy("Number, number of the sample, or title of the listing")
    ordering = ("-pk",)
    steps, template = dict.fromkeys(BUYING, None), "admin/patrol/test_buy.html"  # type: ignore[assignment]

    def get_queryset(self, request: HttpRequest) -> Any:
        found = super().get_queryset(request)
        return found.select_related("listing__target__shop", "listing__sample", "profile__filing", "judged_by")

    @display(description=gettext_lazy("listing"))
    def listing_title(self, row: TestBuy) -> str:
        return str(row.listing.target)

    @display(description=gettext_lazy("sample"))
    def sample(self, row: TestBuy) -> str:
        return row.listing.sample.number

    @display(
        description=gettext_lazy("state"), ordering="state",
        label={"to_buy": "info", "ordered": "info", "received": "warning", "with_brand": "warning", "judged": "success"},
    )  # fmt: skip
    def stands(self, row: TestBuy) -> tuple[str, Any]:
        return row.state, row.get_state_display()

    def take(self, request: Any, row: Any, step: str, note: str) -> None:
        form = form_of(step, request.POST, request.FILES)
        if not take(test_buy=row, step=step, by=request.user, form=form):
            request.unmended = {step: form}
            raise Invalid(_("Something is to be mended: it stands beside its field."))

    def shown(self, request: Any, row: Any) -> dict[str, Any]:
        unmended = getattr(request, "unmended", {})
        steps = [(t, unmended.get(t.name) or form_of(t.name)) for t in TEST_BUYS.available(row, request.user)]
        for t, form in steps:
            if t.name == "hand_over" and row.profile is not None:
                del form.fields["profile"]
        return {
            "buy": row, "turn": TEST_BUYS.turns[row.state], "steps": steps, "timeline": test_buys.timeline(row),
            "papers": row.files.select_related("file", "added_by"),
        }  # fmt: skip
