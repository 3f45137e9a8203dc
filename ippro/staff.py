"""The frame of the staff's workplace: where things stand in the sidebar, and what waits on the first page."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse, reverse_lazy
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from accounts.signed_in import SignedInRequest
from complaints.counter_desk import desk_counts as answers_waiting
from complaints.models import AbuseFinding
from complaints.queue import desk_counts
from core import clock
from core.models import Letter, OutboxMessage, TimeStamp
from filings import selectors as filings
from filings.models import FilingConflict
from governance.appeals.selectors import waiting_for as appeals_waiting
from governance.models import ShopLink
from governance.penalties import selectors as penalties
from imageguard.desk import waiting_for
from marketplace.models import Enforcement, Marketplace, Picture, Restriction
from rulebook.models import RuleChange


def _list(label: str | Promise, icon: str, model: str, waits: Callable[[Any], int] | None = None) -> dict[str, Any]:
    return {"title": label, "icon": icon, "link": reverse_lazy(f"admin:{model}_changelist"), "waits": waits}


NAVIGATION: list[dict[str, Any]] = [
    {
        "title": _("Work"),
        "items": [
            {"title": _("What waits"), "icon": "inbox", "link": reverse_lazy("admin:index")},
            _list(_("Complaints"), "flag", "complaints_complaint", lambda user: desk_counts(user)[""]),
            _list(_("Counter-notices"), "undo", "complaints_counternotice", lambda user: answers_waiting(user)[""]),
            _list(_("Filings"), "license", "filings_filing", lambda user: filings.queue().count()),
            _list(
                _("Filing conflicts"),
                "compare_arrows",
                "filings_filingconflict",
                lambda user: FilingConflict.objects.open().count(),
            ),
            _list(
                _("First publication"), "photo_prints", "imageguard_conflict", lambda user: waiting_for(user).conflicts
            ),
            _list(_("Copies to look at"), "image_search", "imageguard_match", lambda user: waiting_for(user).matches),
            {
                "title": _("Service levels"),
                "icon": "speed",
                "link": reverse_lazy("admin:complaints_complaint_service_levels"),
            },
            _list(
                _("Findings of abuse"),
                "gavel",
                "complaints_abusefinding",
                lambda user: AbuseFinding.objects.filter(state=AbuseFinding.State.OPEN).count(),
            ),
            _list(_("Warnings and suspensions"), "block", "complaints_suspension"),
            _list(_("Removals by holders"), "shield", "complaints_removal"),
            _list(_("Self-service"), "workspace_premium", "complaints_privilege"),
            _list(_("Templates of messages"), "chat", "complaints_messagetemplate"),
            _list(_("Appeals"), "balance", "governance_appeal", lambda user: appeals_waiting(user).all),
            _list(_("Organisations"), "domain", "accounts_organisation", lambda user: _to_verify()),
        ],
    },
    {
        "title": _("Marketplaces"),
        "separator": True,
        "items": [
            _list(_("Marketplaces"), "storefront", "marketplace_marketplace"),
            _list(_("Targets"), "sell", "marketplace_target"),
            _list(_("Holds"), "front_hand", "marketplace_hold"),
            _list(_("Enforcement"), "sync", "marketplace_enforcement"),
            _list(_("Pictures"), "photo_library", "marketplace_picture"),
        ],
    },
    {
        "title": _("Images"),
        "separator": True,
        "items": [
            _list(_("Originals"), "verified", "imageguard_original", lambda user: waiting_for(user).dead_originals),
            _list(
                _("Images seen"), "travel_explore", "imageguard_seenimage", lambda user: waiting_for(user).dead_images
            ),
            _list(_("Images handed in"), "upload", "imageguard_intakeitem", lambda user: waiting_for(user).dead_items),
            _list(
                _("Explanations"), "compare", "imageguard_explanation", lambda user: waiting_for(user).dead_explanations
            ),
        ],
    },
    {
        "title": _("Rules and penalties"),
        "separator": True,
        "items": [
            _list(_("Penalties"), "report", "governance_penalty", lambda user: penalties.waiting_for_staff()),
            _list(_("Links between shops"), "hub", "governance_shoplink", lambda user: _links_to_look_at()),
            _list(_("Strikes"), "counter_1", "governance_strike"),
            _list(_("Restrictions"), "block", "marketplace_restriction", lambda user: _by_hand()),
            _list(_("Rules"), "gavel", "rulebook_ruleversion"),
            _list(_("Changes of rules"), "rule", "rulebook_rulechange", lambda user: _open_changes()),
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
            _list(_("Outbox"), "outbox", "core_outboxmessage"),
        ],
    },
]


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """The sidebar, by what people do all day; a badge only where something waits."""
    made = []
    for group in NAVIGATION:
        items = []
        for known in group["items"]:
            item = {name: value for name, value in known.items() if name != "waits"}
            waits = known.get("waits")
            if waits is not None and (count := waits(request.user)):
                item["badge"] = count
            items.append(item)
        made.append(group | {"items": items})
    return made


def _to_verify() -> int:
    return Organisation.objects.filter(state=Organisation.State.SUBMITTED).count()


def _links_to_look_at() -> int:
    return ShopLink.objects.filter(state=ShopLink.State.CANDIDATE).count()


def _by_hand() -> int:
    return Restriction.objects.filter(is_by_hand=True).count()


def _open_changes() -> int:
    return RuleChange.objects.filter(state=RuleChange.State.PROPOSED).count()


# --- the first page ---------------------------------------------------------------------------------------


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
    desks, answers = desk_counts(request.user), answers_waiting(request.user)
    queue = reverse("admin:complaints_complaint_changelist")

    def tile(
        label: str | Promise, count: int, model: str, query: str = "", hint: Any = "", worries: bool = False
    ) -> Tile:
        return Tile(label, count, reverse(f"admin:{model}_changelist") + query, hint, worries and count > 0)

    def dead(label: str | Promise, count: int, model: str) -> Tile:
        return tile(label, count, model, "?standing=dead", worries=True)

    def given_up(label: str | Promise, rows: Any, model: str) -> Tile:
        return dead(label, rows.dead().count(), model)

    def desk(name: str) -> str:
        return f"{queue}?desk={name}"

    late = filings.queue().filter(deadline_at__lte=clock.now()).count()
    images = waiting_for(request.user)
    appeals = appeals_waiting(request.user)
    context["work"] = [
        Tile(_("Complaints at the door"), desks["door"], desk("door"), _("Are all elements there?")),
        Tile(_("Complaints to decide"), desks["decide"], desk("decide"), _("Link by link, with reasons")),
        Tile(_("Assigned to you"), desks["mine"], desk("mine")),
        Tile(_("Later than promised"), desks["overdue"], desk("overdue"), worries=desks["overdue"] > 0),
        tile(
            _("Counter-notices to check"),
            answers["check"],
            "complaints_counternotice",
            "?desk=check",
            _("Are all elements there?"),
            worries=answers["overdue"] > 0,
        ),
        tile(_("Filings to review"), filings.queue().count(), "filings_filing", worries=late > 0),
        tile(_("Filing conflicts"), FilingConflict.objects.open().count(), "filings_filingconflict"),
        tile(
            _("First-publication conflicts"), images.conflicts, "imageguard_conflict", worries=images.late_conflicts > 0
        ),
        tile(_("Copies to look at"), images.matches, "imageguard_match", worries=images.late_matches > 0),
        tile(_("Appeals to look at"), appeals.all, "governance_appeal", worries=appeals.late > 0),
        tile(_("Organisations to verify"), _to_verify(), "accounts_organisation"),
    ]
    now = clock.now()
    paused = Marketplace.objects.filter(breaker_open_until__gt=now).count()
    waiting = Enforcement.objects.filter(due_at__isnull=False).count()
    context["machinery"] = [
        tile(_("Orders on their way"), waiting, "marketplace_enforcement", "?standing=due"),
        given_up(_("Orders given up"), Enforcement.objects, "marketplace_enforcement"),
        tile(_("Marketplaces paused"), paused, "marketplace_marketplace", worries=True),
        given_up(_("Pictures given up"), Picture.objects, "marketplace_picture"),
        dead(_("Original images given up"), images.dead_originals, "imageguard_original"),
        dead(_("Looks at images given up"), images.dead_images, "imageguard_seenimage"),
        dead(_("Images handed in given up"), images.dead_items, "imageguard_intakeitem"),
        dead(_("Explanations given up"), images.dead_explanations, "imageguard_explanation"),
        given_up(_("Letters given up"), Letter.objects, "core_letter"),
        given_up(_("Events given up"), OutboxMessage.objects, "core_outboxmessage"),
        given_up(_("Time-stamps given up"), TimeStamp.objects, "core_timestamp"),
    ]
    return context
