"""The staff's view of what every room leans on: ledger and its seals, outbox, letters. All of it is read-only.

`StaffAdmin` and `ObligationAdmin` are the bases for the rooms above: roles decide who sees, services write.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods
from unfold.admin import ModelAdmin, TabularInline, checkbox
from unfold.decorators import action, display

from core import ledger, letter_texts, servicelevels
from core.errors import DomainError, Invalid, WrongState
from core.models import LedgerEntry, Letter, LetterText, OutboxMessage, TimeStamp, TreeHead
from core.obligations import Obligation
from core.retries import retry
from core.staff_lists import StaffList

ADMINISTRATOR = "administrator"
_OPEN = Q(due_at__isnull=False)
STANDING = {
    "due": (_("due"), _OPEN & Q(attempts=0)),
    "waiting": (_("waiting after a failure"), _OPEN & Q(attempts__gt=0)),
    "dead": (_("given up"), Q(dead_at__isnull=False)),
    "settled": (_("settled"), Q(due_at__isnull=True, dead_at__isnull=True)),
}
_COLOURS = {"due": "info", "waiting": "warning", "dead": "danger", "settled": "success"}


def standing(row: Obligation) -> str:
    """Where an obligation stands, by the names of `STANDING`."""
    if row.dead_at is not None:
        return "dead"
    if row.due_at is None:
        return "settled"
    return "waiting" if row.attempts else "due"


def masked(address: str) -> str:
    """An email address of which only the first letter and the host can be read."""
    name, at, host = address.rpartition("@")
    return f"{name[:1]}…{at}{host}" if at else "…"


class ReadOnly:
    """Whoever works for the platform may look; nobody adds, changes or deletes through the admin."""

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.staff_roles)  # type: ignore[union-attr]  # the admin lets nobody in unknown

    def has_module_permission(self, request: HttpRequest) -> bool:
        return bool(getattr(request.user, "staff_roles", None))

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ReadOnlyInline(ReadOnly, TabularInline):
    """Rows of a parent that staff look at."""

    extra = 0
    can_delete = False
    hide_title = True


@lru_cache(maxsize=8)
def _box(language: str | None) -> tuple[SafeString, SafeString]:
    """The theme's box, before and after its value."""
    before, after = checkbox.render(ACTION_CHECKBOX_NAME, "\ufdd0").split("\ufdd0")
    return mark_safe(before), mark_safe(after)


class StaffAdmin(StaffList, ReadOnly, ModelAdmin):
    """Base of the staff's pages: read-only, full width, an action answers with a message."""

    list_fullwidth = True
    compressed_fields = True
    show_full_result_count = False
    list_before_template = "admin/_above_list.html"

    def changelist_view(self, request: Any, extra_context: Any = None) -> HttpResponse:
        """Above a list stands what in its queues will be late, before it is, and the views that people saved."""
        if elsewhere := self.begins_elsewhere(request):
            return elsewhere
        context = {"late_soon": servicelevels.warnings_at(self.place), **(extra_context or {})}
        if request.method == "GET" and self.has_view_permission(request):
            context["saved_views"] = self.views_for(request)
            context["sheets"] = self.sheets_for(request)
        return super().changelist_view(request, context)  # type: ignore[no-any-return]

    @display(description=ModelAdmin.action_checkbox.short_description)
    def action_checkbox(self, obj: Any) -> SafeString:
        """The theme's box in front of a line, of which only the value changes: it renders a template for each."""
        before, after = _box(get_language())
        return format_html("{}{}{}", before, obj.pk, after)

    def is_administrator(self, request: HttpRequest) -> bool:
        return request.user.has_staff_role(ADMINISTRATOR)  # type: ignore[union-attr]

    def has_administrator_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """For `permissions=["administrator"]` of an action."""
        return self.is_administrator(request)

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """What happened to it stands in the ledger; the admin keeps no log of its own."""
        found = self.get_object(request, object_id)
        if found is None or not self.has_view_permission(request, found):
            raise Http404
        subject = getattr(found, "public_id", "")
        return redirect(f"{reverse('admin:core_ledgerentry_changelist')}?q={subject}")

    def frame(self, request: HttpRequest, title: str) -> dict[str, Any]:
        """What every page of its own needs of the admin around it."""
        return {
            **self.admin_site.each_context(request), "opts": self.opts, "media": self.media, "title": title,
            "is_nav_sidebar_enabled": False,
        }  # fmt: skip

    def carry_out(self, request: HttpRequest, object_id: Any, service: Callable[[], Any], done: Any) -> HttpResponse:
        """Do what a dialog asks for and say so, or say why not; then back to the page."""
        try:
            service()
            self.message_user(request, done, messages.SUCCESS)
        except DomainError as failure:
            self.message_user(request, str(failure), messages.ERROR)
        return self.back_to(request, object_id)

    def back_to(self, request: HttpRequest, object_id: Any) -> HttpResponse:
        """Back to the object's page, from a dialog or a plain form."""
        opts = self.model._meta
        url = reverse(f"admin:{opts.app_label}_{opts.model_name}_change", args=[object_id])
        if request.headers.get("HX-Request"):
            return HttpResponse(headers={"HX-Redirect": url})
        return redirect(url)


class StandingFilter(admin.SimpleListFilter):
    """Obligations by where they stand."""

    title = _("state")
    parameter_name = "standing"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, Any]]:
        return [(name, label) for name, (label, _condition) in STANDING.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        chosen = self.value()
        return queryset.filter(STANDING[chosen][1]) if chosen in STANDING else queryset


class ObligationAdmin(StaffAdmin):
    """Rows that are owed to the outside world, with what was given up and a way to try it again."""

    list_filter: tuple[Any, ...] = (StandingFilter,)
    actions: tuple[str, ...] = ("try_again",)
    actions_detail = ("try_this_again",)

    def carry_on(self, row: Any, by: Any) -> None:
        """The service that retries one row; a room above names its own."""
        retry(row=row, by=by)

    @display(description=_("state"), label=_COLOURS)
    def stands(self, row: Obligation) -> tuple[str, Any]:
        name = standing(row)
        return name, STANDING[name][0]

    @display(description=_("state"))
    def state(self, row: Obligation) -> Any:
        return STANDING[standing(row)][0]

    @display(description=_("last error"))
    def error(self, row: Obligation) -> str:
        return row.last_error[:120]

    @admin.action(description=_("Try again what was given up"), permissions=["administrator"])
    def try_again(self, request: HttpRequest, queryset: QuerySet) -> None:
        tried, left = 0, 0
        for row in queryset:
            try:
                self.carry_on(row, request.user)
                tried += 1
            except DomainError:
                left += 1
        self.message_user(request, ngettext("%d is tried again.", "%d are tried again.", tried) % tried)
        if left:
            said = ngettext("%d was not given up and is left as it is.", "%d were not given up and are left.", left)
            self.message_user(request, said % left, messages.WARNING)

    @action(
        description=_("Try again"),
        url_path="try-again",
        icon="refresh",
        permissions=["administrator"],
        dialog={
            "title": _("Try again"),
            "description": _("It becomes due now, with a fresh count of attempts."),
            "form_submit_text": _("Try again"),
        },
    )
    def try_this_again(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        row = self.get_object(request, object_id)
        try:
            self.carry_on(row, request.user)
            self.message_user(request, _("It is tried again now."))
        except DomainError as failure:
            self.message_user(request, str(failure), messages.WARNING)
        return self.back_to(request, object_id)


@admin.register(LedgerEntry)
class LedgerAdmin(StaffAdmin):
    """The ledger, as it is; the database refuses to change it."""

    list_display = ("id", "at", "kind", "subject", "actor")
    search_fields = ("=subject", "=actor", "=kind")
    search_help_text = _("Public id of a case or a person, or the kind of entry")
    list_filter = ("at",)
    ordering = ("-pk",)
    fields = ("at", "kind", "subject", "actor", "payload", "payload_hash")


@admin.register(TreeHead)
class TreeHeadAdmin(StaffAdmin):
    """The signed heads of the ledger, and whether an authority has stamped them."""

    list_display = ("size", "at", "key_id", "root_hash", "stamp")
    list_select_related = ("time_stamp",)
    ordering = ("-size",)
    fields = ("size", "at", "key_id", "root_hash", "note", "stamp")
    readonly_fields = ("stamp",)

    @display(description=_("time-stamp"))
    def stamp(self, head: TreeHead) -> Any:
        stamp = getattr(head, "time_stamp", None)
        return "" if stamp is None else STANDING[standing(stamp)][0]


@admin.register(TimeStamp)
class TimeStampAdmin(ObligationAdmin):
    """Time-stamps that tree heads are owed."""

    list_display = ("head", "stands", "stamped_at", "due_at", "attempts", "error")
    list_select_related = ("head",)
    search_fields = ("=head__size",)
    ordering = ("-pk",)
    fields = (
        "head", "stamped_at", "state", "due_at", "attempts", "leased_until", "done_at", "dead_at", "last_error",
    )  # fmt: skip
    readonly_fields = ("state",)

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).defer("token")


@admin.register(OutboxMessage)
class OutboxAdmin(ObligationAdmin):
    """Events on their way from one room to another."""

    list_display = ("id", "event", "subject", "consumer", "stands", "due_at", "attempts", "error")
    search_fields = ("=subject", "=event")
    ordering = ("-pk",)
    fields = (
        "event", "subject", "consumer", "queue", "created_at", "state", "due_at", "attempts", "leased_until",
        "done_at", "dead_at", "last_error",
    )  # fmt: skip
    readonly_fields = ("state",)


@admin.register(LetterText)
class LetterTextAdmin(StaffAdmin):
    """The words of every letter: in each language, sentence by sentence, with a preview."""

    def get_urls(self) -> list[Any]:
        page = self.admin_site.admin_view(require_http_methods(["GET", "POST"])(self.edit))
        edit = path("<slug:letter>/<slug:language>/", page, name="core_lettertext_edit")
        return [edit, *super().get_urls()]

    def changelist_view(self, request: Any, extra_context: Any = None) -> HttpResponse:
        """The letters that there are, and which of them staff have worded."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        kept = {(row.template, row.language): row for row in letter_texts.newest().select_related("written_by")}
        rows = [
            (letter, [(code, label, kept.get((letter, code))) for code, label in settings.LANGUAGES])
            for letter in letter_texts.letters()
        ]
        context = {**self.admin_site.each_context(request), "title": _("Texts of letters"), "rows": rows}
        return TemplateResponse(request, "admin/core/lettertext/list.html", context)

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        """A version is looked at where the letter is."""
        row = self.get_object(request, object_id)
        if row is None or not self.has_view_permission(request, row):
            raise Http404
        return redirect("admin:core_lettertext_edit", row.template, row.language)

    def edit(self, request: Any, letter: str, language: str) -> HttpResponse:
        """One letter in one language: its parts in their order, a preview, and how it was worded before."""
        if not self.has_view_permission(request) or language not in dict(settings.LANGUAGES):
            raise PermissionDenied
        sentences = letter_texts.sentences_of(letter, language)
        given = {part.sentence.key: list(part.texts) for part in sentences if part.sentence}
        errors: dict[str, list[str]] = {}
        conflict: WrongState | None = None
        version = letter_texts.version_of(letter, language)
        if request.method == "POST":
            given = _given(request.POST, sentences)
            began = request.POST.get("version", "")
            # What does not say from where it began may undo anything.
            version = int(began) if began.isascii() and began.isdigit() and len(began) < 10 else -1
            try:
                if "save" in request.POST or "back" in request.POST:
                    texts = {} if "back" in request.POST else given
                    letter_texts.save_texts(
                        letter=letter, language=language, texts=texts, by=request.user, version=version
                    )
                    self.message_user(request, _("The letter is worded so from now on."), messages.SUCCESS)
                    return redirect("admin:core_lettertext_edit", letter, language)
                letter_texts.cleaned(letter, language, given)
            except Invalid as refused:
                errors = refused.errors
            except WrongState as meanwhile:
                conflict, version = meanwhile, letter_texts.version_of(letter, language)
        # Faulty words are shown as they are typed; in the preview too, where their places stay empty.
        subject, body = letter_texts.preview(letter, language, given)
        versions = LetterText.objects.filter(template=letter, language=language).select_related("written_by")[:20]
        context = {
            **self.admin_site.each_context(request), "title": letter.replace("_", " "), "letter": letter, "language": language,
            "parts": _shown(letter_texts.parts_of(letter, language, given), sentences, errors),
            "may_edit": letter_texts.may_edit(request.user), "errors": errors, "subject": subject, "body": body,
            "versions": versions, "places": _places(sentences), "version": version, "conflict": conflict,
        }  # fmt: skip
        status = conflict.status if conflict else 400 if errors else 200
        return TemplateResponse(request, "admin/core/lettertext/edit.html", context, status=status)


def _given(posted: Any, sentences: Sequence[letter_texts.Part]) -> dict[str, list[str]]:
    """What somebody typed, by sentence; what was not sent stays as the house has it."""
    return {
        part.sentence.key: [
            posted.get(f"s{nth}-{form}", house).replace("\r\n", "\n") for form, house in enumerate(part.house)
        ]
        for nth, part in enumerate(sentences)
        if part.sentence is not None
    }


def _shown(
    parts: Sequence[letter_texts.Part], sentences: Sequence[letter_texts.Part], errors: Mapping[str, Sequence[str]]
) -> list[dict[str, Any]]:
    """The parts of a letter for its page; a sentence that stands in it twice is edited where it stands first."""
    numbers = {part.sentence.key: nth for nth, part in enumerate(sentences) if part.sentence is not None}
    shown: list[dict[str, Any]] = []
    for part in parts:
        nth = numbers.pop(part.sentence.key, None) if part.is_editable and part.sentence is not None else None
        if nth is None:
            # What stays is one text as far as it goes.
            if shown and shown[-1].get("law") == part.law:
                shown[-1]["fixed"] += part.sample
            else:
                shown.append({"fixed": part.sample, "law": part.law})
            continue
        forms = [
            {"name": f"s{nth}-{form}", "text": text, "house": house}
            for form, (text, house) in enumerate(zip(part.texts, part.house, strict=False))
        ]
        shown.append({"forms": forms, "part": part, "errors": errors.get(f"s{nth}", ())})
    return [one | {"fixed": one.get("fixed", "").strip()} for one in shown if "forms" in one or one["fixed"].strip()]


def _places(sentences: Sequence[letter_texts.Part]) -> list[tuple[str, Any]]:
    """What can be filled in somewhere in a letter, and what it means."""
    named = {place for part in sentences if part.sentence is not None for place in part.sentence.places}
    return [(place, letter_texts.PLACES.get(place, (place,))[0]) for place in sorted(named)]


@admin.register(Letter)
class LetterAdmin(ObligationAdmin):
    """Letters that are owed to people. Only administrators read them, and each look is in the ledger."""

    list_display = ("public_id", "template", "language", "about", "stands", "due_at", "attempts", "error")
    list_filter = (StandingFilter, "template", "language")
    search_fields = ("=public_id", "=about")
    search_help_text = _("Public id of the letter or of the case it is about")
    readonly_fields = ("state", "addressee", "subject_line", "text")

    def get_fields(self, request: HttpRequest, obj: Letter | None = None) -> list[str]:
        whole = ["subject_line", "text"] if self.is_administrator(request) else []
        return [
            "public_id", "template", "language", "about", "addressee", *whole, "created_at", "state", "due_at",
            "attempts", "leased_until", "done_at", "dead_at", "last_error",
        ]  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        # What the list does not show is not decrypted for it either.
        return super().get_queryset(request).defer("to", "subject", "body")

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method == "GET" and self.is_administrator(request):
            letter = self.get_object(request, object_id)
            if letter is not None:
                with transaction.atomic():
                    ledger.record(kind="letter.read", subject=letter.public_id, actor=request.user)
        return super().change_view(request, object_id, *args, **kwargs)

    @display(description=_("to"))
    def addressee(self, letter: Letter) -> str:
        return masked(letter.to)

    @display(description=_("subject"))
    def subject_line(self, letter: Letter) -> str:
        return letter.subject

    @display(description=_("text"))
    def text(self, letter: Letter) -> str:
        return letter.body
