"""The staff's workplace for the marketplace room: connections, the mirror, and what must be down on them."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline
from unfold.decorators import action, display

from core import clock
from core.admin import ObligationAdmin, ReadOnlyInline, StaffAdmin, masked
from core.errors import DomainError
from marketplace import pictures, restrictions, services, thumbnails, titles
from marketplace.connections import save_marketplace, try_connection
from marketplace.connectors.base import ConnectorError
from marketplace.forms import LinkTemplateForm, MarketplaceForm
from marketplace.models import (
    Enforcement,
    EnforcementAttempt,
    Hold,
    LinkTemplate,
    Marketplace,
    Picture,
    Restriction,
    Target,
    TargetVersion,
)
from marketplace.sheets.admin import MarketSheetPartAdmin as MarketSheetPartAdmin

_OBSERVED = {"up": "success", "down": "danger", "missing": "warning"}


# --- connections -----------------------------------------------------------------------------------------


class LinkTemplateInline(TabularInline):
    model = LinkTemplate
    form = LinkTemplateForm
    extra = 0
    tab = True

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.staff_roles)  # type: ignore[union-attr]  # the admin lets nobody in unknown

    def _may(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_staff_role("administrator")  # type: ignore[union-attr]

    has_add_permission = has_change_permission = has_delete_permission = _may


@admin.register(Marketplace)
class MarketplaceAdmin(StaffAdmin):
    """Connected marketplaces; administrators connect them, everybody sees whether they answer."""

    form = MarketplaceForm
    inlines = (LinkTemplateInline,)
    list_display = ("name", "slug", "connector", "breaker", "target_count", "is_enabled")
    search_fields = ("name", "slug")
    actions_detail = ("test_connection", "resume")
    readonly_fields = ("calls", "breaker_failures", "breaker_open_until", "breaker_reason", "created_at")
    fieldsets = (
        (None, {"fields": ("name", "slug", "is_enabled", "storefront_url", "regime")}),
        (_("Connector"), {"fields": ("connector", "config", "new_secrets", "new_inbound_secret")}),
        (
            _("Circuit breaker"),
            {"fields": ("calls", "breaker_failures", "breaker_open_until", "breaker_reason", "created_at")},
        ),
    )

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.is_administrator(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.is_administrator(request)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        if self.has_change_permission(request, obj):
            return super().get_fieldsets(request, obj)
        # Who may only look is not shown empty boxes for secrets.
        hidden = ("new_secrets", "new_inbound_secret")
        return [
            (title, {**options, "fields": tuple(f for f in options["fields"] if f not in hidden)})
            for title, options in self.fieldsets
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).annotate(target_count=Count("targets"))

    def save_model(self, request: HttpRequest, obj: Marketplace, form: Any, change: bool) -> None:
        save_marketplace(marketplace=obj, by=request.user, changed=form.changed_data)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        if any(formset.has_changed() for formset in formsets):
            save_marketplace(marketplace=form.instance, by=request.user, changed=["link_templates"])

    @display(description=_("targets"), ordering="target_count")
    def target_count(self, marketplace: Any) -> int:
        return marketplace.target_count

    @display(description=_("calls"), label={"closed": "success", "failing": "warning", "open": "danger"})
    def breaker(self, marketplace: Marketplace) -> tuple[str, Any]:
        if marketplace.breaker_open_until and marketplace.breaker_open_until > clock.now():
            return "open", _("paused")
        if marketplace.breaker_failures:
            return "failing", _("failing")
        return "closed", _("running")

    @display(description=_("calls"))
    def calls(self, marketplace: Marketplace) -> Any:
        return self.breaker(marketplace)[1]

    @action(
        description=_("Test the connection"),
        url_path="test-connection",
        icon="wifi_tethering",
        permissions=["administrator"],
        dialog={
            "title": _("Test the connection"),
            "description": _("The connector looks at one thing on the marketplace and changes nothing."),
            "form_submit_text": _("Test"),
        },
    )
    def test_connection(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        marketplace = self.get_object(request, object_id)
        try:
            seen = try_connection(marketplace=marketplace)
            self.message_user(request, _("The marketplace answers (%(seen)s).") % {"seen": seen})
        except ConnectorError as failure:
            said = _("The marketplace does not answer as it should: %(failure)s") % {"failure": failure}
            self.message_user(request, said, messages.ERROR)
        return self.back_to(request, object_id)

    @action(
        description=_("Resume calls"),
        url_path="resume",
        icon="play_arrow",
        permissions=["administrator"],
        dialog={
            "title": _("Resume calls"),
            "description": _("The circuit breaker is reset, and what is due goes out now."),
            "form_submit_text": _("Resume"),
        },
    )
    def resume(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        services.reset_breaker(marketplace=self.get_object(request, object_id), by=request.user)
        self.message_user(request, _("The marketplace is called again."))
        return self.back_to(request, object_id)


# --- the mirror --------------------------------------------------------------------------------------------


class HoldInline(ReadOnlyInline):
    model = Hold
    fields = ("public_id", "cause", "reason", "placed_at", "released_at", "release_reason")
    readonly_fields = fields
    ordering = ("-pk",)


class EnforcementInline(ReadOnlyInline):
    model = Enforcement
    fields = ("desired", "confirmed", "confirmed_at", "due_at", "attempts", "dead_at", "last_error")
    readonly_fields = fields
    show_change_link = True


class VersionInline(ReadOnlyInline):
    model = TargetVersion
    fields = ("version", "at", "content")
    readonly_fields = fields
    ordering = ("-version",)
    tab = True
    per_page = 10


@admin.register(Target)
class TargetAdmin(StaffAdmin):
    """The mirror: what is on the marketplaces, as last told."""

    list_display = ("shown_title", "kind", "marketplace", "shop", "price", "seen_as", "held", "last_seen_at")
    list_filter = ("marketplace", "kind", "observed")
    list_select_related = ("marketplace", "shop")
    search_fields = ("title", "=external_id", "=public_id", "=share_token", "=operator_uscc")
    search_help_text = _("Title, id on the marketplace, public id, share token or credit code")
    inlines = (HoldInline, EnforcementInline, VersionInline)
    list_per_page = 25
    ordering = ("-pk",)
    readonly_fields = ("held", "contact", "shown_images")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    "public_id",
                    "marketplace",
                    "kind",
                    "external_id",
                    "shop",
                    "url",
                    "observed",
                    "held",
                )
            },
        ),
        (
            _("Content"),
            {
                "fields": (
                    "title",
                    "description",
                    "category",
                    "price",
                    "currency",
                    "shown_images",
                    "images",
                    "attributes",
                )
            },
        ),
        (
            _("Shop"),
            {
                "fields": (
                    "share_token",
                    "operator_name",
                    "operator_uscc",
                    "operator",
                    "contact",
                    "contact_language",
                )
            },
        ),
        (
            _("Mirror"),
            {
                "fields": (
                    "observed_at",
                    "version",
                    "source_version",
                    "first_seen_at",
                    "last_seen_at",
                    "content_hash",
                )
            },
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).with_is_held()

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        """What an id names, or else what has the words in its title: no pattern is compared with all titles."""
        words = search_term.replace("\x00", "").strip()
        return (queryset.filter(pk__in=titles.named(words) or titles.with_words(words)) if words else queryset), False

    @display(description=_("title"), ordering="title")
    def shown_title(self, target: Target) -> str:
        return str(target)[:80]

    @display(description=_("seen as"), ordering="observed", label=_OBSERVED)
    def seen_as(self, target: Target) -> tuple[str, str]:
        return target.observed, target.get_observed_display()

    @display(description=_("held"), boolean=True)
    def held(self, target: Any) -> bool:
        return target.held

    @display(description=_("as shown now"))
    def shown_images(self, target: Target) -> Any:
        found = [(thumbnails.href(target, n),) for n in range(len(pictures.keepable(target.images)))]
        images = format_html_join("", '<img src="{}" alt="" width="96" loading="lazy">', found)
        return format_html('<div class="flex flex-wrap gap-2">{}</div>', images) if found else "–"

    @display(description=_("contact"))
    def contact(self, target: Target) -> str:
        return masked(target.contact_email) if target.contact_email else "–"


@admin.register(Hold)
class HoldAdmin(StaffAdmin):
    """Why things are down. Holds are placed and released by the cases that cause them."""

    list_display = ("public_id", "target", "cause", "placed_at", "released_at")
    list_filter = (("released_at", admin.EmptyFieldListFilter),)
    list_select_related = ("target",)
    search_fields = ("=public_id", "=cause", "=target__public_id", "=target__external_id")
    ordering = ("-pk",)
    fields = ("public_id", "target", "cause", "reason", "placed_at", "released_at", "release_reason")


# --- what must be shown ----------------------------------------------------------------------------------


class AttemptInline(ReadOnlyInline):
    model = EnforcementAttempt
    fields = ("at", "version", "desired", "outcome", "error")
    readonly_fields = fields
    ordering = ("-pk",)
    per_page = 20


@admin.register(Enforcement)
class EnforcementAdmin(ObligationAdmin):
    """Orders to the marketplaces: what is due, waits, was given up with its reason, or is settled."""

    list_display = ("target", "marketplace", "desired", "confirmed", "stands", "due_at", "attempts", "error")
    list_filter = (*ObligationAdmin.list_filter, "desired", "target__marketplace", "target__kind")
    list_select_related = ("target__marketplace",)
    search_fields = ("=target__external_id", "=target__public_id", "target__title")
    inlines = (AttemptInline,)
    ordering = ("-decided_at",)
    readonly_fields = ("state", "marketplace")
    fields = (
        "target", "marketplace", "state", "desired", "confirmed", "confirmed_at", "version", "decided_at",
        "due_at", "attempts", "leased_until", "dead_at", "last_error",
    )  # fmt: skip

    def carry_on(self, row: Enforcement, by: Any) -> None:
        services.retry_enforcement(enforcement=row, by=by)

    @display(description=_("marketplace"))
    def marketplace(self, enforcement: Enforcement) -> str:
        return enforcement.target.marketplace.name


@admin.register(Restriction)
class RestrictionAdmin(ObligationAdmin):
    """What marketplaces must do with shops short of taking them down; some of it people carry out by hand."""

    list_display = ("shop", "must_be", "confirmed_as", "is_by_hand", "stands", "due_at", "attempts", "error")
    list_filter = (*ObligationAdmin.list_filter, "is_by_hand", "shop__marketplace")
    list_select_related = ("shop__marketplace",)
    search_fields = ("=shop__external_id", "=shop__public_id", "shop__title")
    ordering = ("-pk",)
    readonly_fields = ("state",)
    actions = (*ObligationAdmin.actions, "by_hand")
    fields = (
        "shop", "state", "desired", "confirmed", "confirmed_at", "is_by_hand", "version", "due_at", "attempts",
        "leased_until", "dead_at", "last_error",
    )  # fmt: skip

    @display(description=_("must be"))
    def must_be(self, row: Restriction) -> str:
        return ", ".join(row.desired) or "–"

    @display(description=_("confirmed as"))
    def confirmed_as(self, row: Restriction) -> str:
        return ", ".join(row.confirmed) or "–"

    @admin.action(description=_("Carried out by hand"), permissions=["administrator"])
    def by_hand(self, request: HttpRequest, queryset: QuerySet) -> None:
        for row in queryset:
            try:
                restrictions.done_by_hand(restriction=row, by=request.user)
                self.message_user(request, _("%(shop)s: noted as carried out.") % {"shop": row.shop})
            except DomainError as failure:
                self.message_user(request, f"{row.shop}: {failure}", messages.WARNING)


# --- pictures kept as evidence -----------------------------------------------------------------------------


@admin.register(Picture)
class PictureAdmin(ObligationAdmin):
    """Pictures that cases keep of what they are about: due, captured, or given up with the reason."""

    list_display = ("public_id", "cause", "stands", "captured_at", "due_at", "attempts", "error")
    list_filter = (*ObligationAdmin.list_filter, "marketplace")
    search_fields = ("=public_id", "=cause", "=sha256")
    search_help_text = _("Public id of the picture or of its case, or the picture's SHA-256")
    ordering = ("-pk",)
    readonly_fields = ("state", "our_copy")
    fields = (
        "public_id", "marketplace", "cause", "url", "our_copy", "sha256", "state", "wanted_at", "captured_at",
        "due_at", "attempts", "leased_until", "dead_at", "last_error",
    )  # fmt: skip

    def get_object(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        found = super().get_object(request, *args, **kwargs)
        if found is not None:
            found.viewer = request.user
        return found

    @display(description=_("our copy"))
    def our_copy(self, picture: Any) -> Any:
        key = (picture.marketplace_id, picture.url)
        copy = pictures.copies(cause=picture.cause, viewer=picture.viewer, wanted=[key])[key]
        return format_html('<img src="{}" alt="" width="320">', copy.href) if copy.href else copy.words

    def carry_on(self, row: Picture, by: Any) -> None:
        pictures.retry_picture(picture=row, by=by)
