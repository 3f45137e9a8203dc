"""The frame of the staff's workplace: where things stand in the sidebar, what waits on the first page, service levels."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import reverse, reverse_lazy
from django.utils.functional import Promise
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts import roles
from accounts.signed_in import SignedInRequest
from accounts.webhooks.models import WebhookDelivery
from complaints.deadlines import length_of
from complaints.models import Answer, ImportBatch
from complaints.queue import desk_counts
from core import clock
from core.kept import kept
from core.letter_texts import failing
from core.models import Letter, OutboxMessage, TimeStamp
from core.pages import MANY, count_all, many
from core.servicelevels import Queue, outlook, queues, standings
from filings.models import FilingSheetPart
from imageguard.models import Explanation, IntakeItem, OfficialPicture, Original, SeenImage
from marketplace.models import Enforcement, Marketplace, MarketSheetPart, Picture
from patrol.models import Inspection, Recheck, ScanBatch


def _list(label: str | Promise, icon: str, model: str, *waits: str) -> dict[str, Any]:
    """A list, and by which queues of the house, or which of `GIVEN_UP`, something waits in it."""
    return {"title": label, "icon": icon, "link": reverse_lazy(f"admin:{model}_changelist"), "waits": waits}


#: what was tried for the last time and failed: machinery that a person has to look at
GIVEN_UP = {
    "dead_originals": Original, "dead_images": SeenImage, "dead_items": IntakeItem, "dead_explanations": Explanation,
    "dead_sheets": ImportBatch, "dead_answers": Answer, "dead_filing_parts": FilingSheetPart, "dead_market_parts": MarketSheetPart,
    "dead_official": OfficialPicture,
    "dead_orders": Enforcement, "dead_pictures": Picture, "dead_letters": Letter, "dead_events": OutboxMessage,
    "dead_webhooks": WebhookDelivery, "dead_stamps": TimeStamp, "dead_inspections": Inspection, "dead_batches": ScanBatch, "dead_rechecks": Recheck,
}  # fmt: skip


NAVIGATION: list[dict[str, Any]] = [
    {
        "title": _("Work"),
        "items": [
            {"title": _("What waits"), "icon": "inbox", "link": reverse_lazy("admin:index")},
            _list(_("Complaints"), "flag", "complaints_complaint", "door", "decide"),
            _list(_("Counter-notices"), "undo", "complaints_counternotice", "answers", "anew"),
            _list(_("Filings"), "license", "filings_filing", "filings"),
            _list(
                _("Filing conflicts"),
                "compare_arrows",
                "filings_filingconflict",
                "filing_conflicts",
            ),
            _list(_("First publication"), "photo_prints", "imageguard_conflict", "rivals"),
            _list(_("Copies to look at"), "image_search", "imageguard_match", "matches"),
            {"title": _("A day"), "icon": "today", "link": reverse_lazy("day")},
            {
                "title": _("Service levels"),
                "icon": "speed",
                "link": reverse_lazy("service-levels"),
            },
            _list(
                _("Findings of abuse"),
                "gavel",
                "complaints_abusefinding",
                "abuse",
            ),
            _list(_("Warnings and suspensions"), "block", "complaints_suspension"),
            _list(_("Removals by holders"), "shield", "complaints_removal", "removals"),
            _list(_("Self-service"), "workspace_premium", "complaints_privilege"),
            _list(_("Complaints of sheets"), "table_rows", "complaints_importbatch", "dead_sheets"),
            _list(_("Answers of sheets"), "table_rows", "complaints_answer", "dead_answers"),
            _list(_("Rights of sheets"), "table_rows", "filings_filingsheetpart", "dead_filing_parts"),
            _list(_("Conduct by the month"), "calendar_month", "complaints_conductmonth"),
            _list(_("Templates of messages"), "chat", "complaints_messagetemplate"),
            _list(_("Second looks"), "visibility", "governance_secondlook", "second_looks"),
            {"title": _("Quality of decisions"), "icon": "fact_check", "link": reverse_lazy("quality")},
            _list(_("Reviewers"), "group", "complaints_reviewerprofile"),
            _list(_("Prepared reasons"), "edit_note", "rulebook_reasonmacro"),
            _list(_("Appeals"), "balance", "governance_appeal", "appeals"),
            _list(_("Organisations"), "domain", "accounts_organisation", "organisations"),
            _list(_("Powers of attorney"), "approval_delegation", "accounts_powerofattorney", "powers"),
        ],
    },
    {
        "title": _("Marketplaces"),
        "separator": True,
        "items": [
            _list(_("Marketplaces"), "storefront", "marketplace_marketplace"),
            _list(_("Targets"), "sell", "marketplace_target"),
            _list(_("Sheets of marketplaces"), "upload_file", "marketplace_marketsheetpart", "dead_market_parts"),
            {
                "title": _("Marketplace from a sheet"),
                "icon": "upload",
                "link": reverse_lazy("market-sheets"),
                "permission": lambda request: roles.is_administrator(request.user),
            },
            _list(_("Holds"), "front_hand", "marketplace_hold"),
            _list(_("Enforcement"), "sync", "marketplace_enforcement"),
            _list(_("Pictures"), "photo_library", "marketplace_picture"),
        ],
    },
    {
        "title": _("Images"),
        "separator": True,
        "items": [
            _list(_("Originals"), "verified", "imageguard_original", "dead_originals"),
            _list(_("Images seen"), "travel_explore", "imageguard_seenimage", "dead_images"),
            _list(_("Images handed in"), "upload", "imageguard_intakeitem", "dead_items"),
            _list(_("Official pictures"), "menu_book", "imageguard_officialpicture", "dead_official"),
            _list(_("Explanations"), "compare", "imageguard_explanation", "dead_explanations"),
        ],
    },
    {
        "title": _("Patrol"),
        "separator": True,
        "items": [
            _list(_("Candidates"), "policy", "patrol_candidate", "candidates"),
            _list(_("Watch profiles"), "visibility_lock", "patrol_watchprofile"),
            _list(_("Scans"), "radar", "patrol_scan"),
            _list(_("Batches of scans"), "view_list", "patrol_scanbatch", "dead_batches"),
            _list(_("Inspections"), "visibility", "patrol_inspection", "dead_inspections"),
            _list(_("Samples"), "casino", "patrol_sample"),
            _list(_("Test buys"), "shopping_bag", "patrol_testbuy"),
            _list(_("Leads"), "hub", "patrol_lead"),
            _list(_("Risk models"), "model_training", "patrol_riskmodel"),
            {"title": _("Figures"), "icon": "monitoring", "link": reverse_lazy("patrol-dashboard")},
            _list(_("Re-checks"), "event_repeat", "patrol_recheck", "dead_rechecks"),
            _list(_("Pre-checks"), "front_hand", "patrol_precheck"),
        ],
    },
    {
        "title": _("Rules and penalties"),
        "separator": True,
        "items": [
            _list(
                _("Penalties"),
                "report",
                "governance_penalty",
                "penalties_proposed",
                "penalties_heard",
                "penalties_confirmed",
            ),
            {"title": _("Shops to clear"), "icon": "store", "link": reverse_lazy("shops-to-clear")},
            _list(_("Links between shops"), "hub", "governance_shoplink", "shop_links"),
            _list(_("Strikes"), "counter_1", "governance_strike"),
            _list(_("Restrictions"), "block", "marketplace_restriction", "by_hand"),
            _list(_("Rules"), "gavel", "rulebook_ruleversion"),
            _list(_("Changes of rules"), "rule", "rulebook_rulechange", "rule_changes"),
        ],
    },
    {
        "title": _("People"),
        "separator": True,
        "items": [
            _list(_("People"), "person", "accounts_user"),
            _list(_("Memberships"), "groups", "accounts_membership"),
            _list(_("Invitations"), "forward_to_inbox", "accounts_invitation"),
            _list(_("Out-of-court bodies"), "gavel", "governance_outofcourtbody"),
        ],
    },
    {
        "title": _("Records"),
        "separator": True,
        "items": [
            _list(_("Ledger"), "menu_book", "core_ledgerentry"),
            _list(_("Tree heads"), "account_tree", "core_treehead"),
            _list(_("Time-stamps"), "schedule", "core_timestamp"),
            _list(_("Letters"), "mail", "core_letter"),
            _list(_("Texts of letters"), "edit_note", "core_lettertext", "failing_texts"),
            _list(_("Outbox"), "outbox", "core_outboxmessage"),
            _list(_("Webhook messages"), "webhook", "accounts_webhookdelivery", "dead_webhooks"),
        ],
    },
]


@dataclass(frozen=True)
class _Frame:
    """What the lists in the sidebar look like: in which language, where somebody is, what they may open, where work waits."""

    language: str
    #: places in `NAVIGATION`, counted through all its groups
    here: frozenset[int]
    not_allowed: frozenset[int]
    with_badge: frozenset[int]


def sidebar(request: HttpRequest) -> SafeString:
    """The lists of the staff, by what people do all day; a badge only where something waits."""
    items = [item for group in NAVIGATION for item in group["items"]]
    counted = waiting()
    badges = {
        nth: count for nth, item in enumerate(items) if (count := sum(counted[name] for name in item.get("waits", ())))
    }
    frame = _Frame(
        get_language() or settings.LANGUAGE_CODE,
        frozenset(nth for nth, link in enumerate(_links()) if _is_at(link, request.path)),
        frozenset(nth for nth, item in enumerate(items) if "permission" in item and not item["permission"](request)),
        frozenset(badges),
    )
    parts = _rendered(frame)
    return mark_safe("".join(str(many(badges[part])) if isinstance(part, int) else part for part in parts))


@cache
def _links() -> tuple[str, ...]:
    return tuple(str(item["link"]) for group in NAVIGATION for item in group["items"])


def _is_at(link: str, path: str) -> bool:
    return path == link if link == _links()[0] else link in path


@lru_cache(maxsize=512)
def _rendered(frame: _Frame) -> list[str | int]:
    """The theme's own list of links, rendered once for all who see the same; for each badge the place of its item."""
    shown, nth = [], 0
    for group in NAVIGATION:
        items = []
        for known in group["items"]:
            item = known | {"active": nth in frame.here, "has_permission": nth not in frame.not_allowed}
            items.append(item | ({"badge": f"{_BADGE}{nth}{_BADGE}"} if nth in frame.with_badge else {}))
            nth += 1
        shown.append(group | {"items": items})
    page = render_to_string("unfold/helpers/app_list.html", {"sidebar_navigation": shown})
    return [part if at % 2 == 0 else int(part) for at, part in enumerate(page.split(_BADGE))]


#: stands around the place of a badge in what is kept; no label has it
_BADGE = "\ufdd0"


def waiting() -> Mapping[str, int]:
    """How much waits in every queue, and how much was given up, by name, no further than `MANY`; in one query."""
    return kept("waiting", _waiting)


def _waiting() -> dict[str, int]:
    of: dict[str, QuerySet] = {queue.name: queue.cases() for queue in queues()}
    of["failing_texts"] = failing()
    return count_all(of | {name: model.objects.dead() for name, model in GIVEN_UP.items()}, most=MANY)  # type: ignore[attr-defined]


@require_safe
def service_levels(request: HttpRequest) -> HttpResponse:
    """Every queue of the house and what it promises: what waits, since when, what is due next, will be late, is late."""
    if not getattr(request.user, "staff_roles", None):
        raise PermissionDenied
    found = standings()
    context = {
        **admin.site.each_context(request),
        "title": _("Service levels"),
        "rows": [
            {
                "standing": standing,
                "url": _place_of(standing.queue, standing.level.lane),
                "within": length_of(standing.level.length),
                "is_first": standing.level is standing.queue.levels[0],
            }
            for standing in found
        ],
        "at_risk": sum(standing.at_risk for standing in found),
        "late": sum(standing.late for standing in found),
        "seconds": settings.FIGURES_KEPT_SECONDS,
    }
    return TemplateResponse(request, "admin/service_levels.html", context)


def _place_of(queue: Queue, lane: str = "") -> str:
    """Where what waits in a queue is listed."""
    asked = "&".join(part for part in (queue.query, f"lane={lane}" if lane else "") if part)
    return reverse(f"admin:{queue.place}_changelist") + (f"?{asked}" if asked else "")


# --- the first page ---------------------------------------------------------------------------------------

#: queues on the first page, with a hint; the others are in the sidebar and among the service levels
FIRST: dict[str, str | Promise] = {
    "door": _("Are all elements there?"), "decide": _("Link by link, with reasons"), "messages": "",
    "answers": _("Are all elements there?"), "anew": "", "removals": "", "filings": "", "filing_conflicts": "",
    "rivals": "", "matches": "", "appeals": "", "abuse": "", "organisations": "",
}  # fmt: skip


@dataclass(frozen=True)
class Tile:
    """Something that waits: how much of it, where it is, and whether it should worry."""

    label: str | Promise
    count: int
    url: str
    hint: str | Promise = ""
    worries: bool = False


def dashboard(request: SignedInRequest, context: dict[str, Any]) -> dict[str, Any]:
    """What waits for the platform, and what has been given up; for `admin/index.html`."""
    counted, desks = waiting(), desk_counts(request.user)
    by_name = {queue.name: queue for queue in queues()}
    late = Counter({told.queue.name: told.late for told in outlook()})
    queue = reverse("admin:complaints_complaint_changelist")

    def tile(label: str | Promise, count: int, model: str, query: str = "", worries: bool = False) -> Tile:
        return Tile(label, count, reverse(f"admin:{model}_changelist") + query, "", worries and count > 0)

    def dead(label: str | Promise, name: str, model: str) -> Tile:
        return tile(label, counted[name], model, "?standing=dead", worries=True)

    context["work"] = [
        *[
            Tile(by_name[name].label, counted[name], _place_of(by_name[name]), hint, late[name] > 0)
            for name, hint in FIRST.items()
        ],
        Tile(_("Assigned to you"), desks["mine"], f"{queue}?desk=mine"),
        Tile(_("Later than promised"), late.total(), reverse("service-levels"), worries=late.total() > 0),
    ]
    now = clock.now()
    machinery = count_all(
        {
            "on_their_way": Enforcement.objects.filter(due_at__isnull=False),
            "paused": Marketplace.objects.filter(breaker_open_until__gt=now),
        }
    )
    context["machinery"] = [
        tile(_("Orders on their way"), machinery["on_their_way"], "marketplace_enforcement", "?standing=due"),
        dead(_("Orders given up"), "dead_orders", "marketplace_enforcement"),
        tile(_("Marketplaces paused"), machinery["paused"], "marketplace_marketplace", worries=True),
        dead(_("Pictures given up"), "dead_pictures", "marketplace_picture"),
        dead(_("Original images given up"), "dead_originals", "imageguard_original"),
        dead(_("Looks at images given up"), "dead_images", "imageguard_seenimage"),
        dead(_("Images handed in given up"), "dead_items", "imageguard_intakeitem"),
        dead(_("Complaints of sheets given up"), "dead_sheets", "complaints_importbatch"),
        dead(_("Answers of sheets given up"), "dead_answers", "complaints_answer"),
        dead(_("Rights of sheets given up"), "dead_filing_parts", "filings_filingsheetpart"),
        dead(_("Sheets of marketplaces given up"), "dead_market_parts", "marketplace_marketsheetpart"),
        dead(_("Official pictures given up"), "dead_official", "imageguard_officialpicture"),
        dead(_("Explanations given up"), "dead_explanations", "imageguard_explanation"),
        dead(_("Inspections given up"), "dead_inspections", "patrol_inspection"),
        dead(_("Batches of scans given up"), "dead_batches", "patrol_scanbatch"),
        dead(_("Re-checks given up"), "dead_rechecks", "patrol_recheck"),
        dead(_("Letters given up"), "dead_letters", "core_letter"),
        tile(_("Texts of letters that could not be used"), counted["failing_texts"], "core_lettertext", worries=True),
        dead(_("Events given up"), "dead_events", "core_outboxmessage"),
        dead(_("Webhook messages given up"), "dead_webhooks", "accounts_webhookdelivery"),
        dead(_("Time-stamps given up"), "dead_stamps", "core_timestamp"),
    ]
    return context
