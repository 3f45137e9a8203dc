"""The staff's pages of second looks: the links and papers of a case without how it was decided, then both side by side."""

from typing import Any

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from accounts import roles
from accounts.signed_in import SignedInRequest
from complaints import review
from complaints.models import Finding
from complaints.rules import fitting, rules_at
from core import files
from core.staff_pages import DecidedOnAPage
from governance.models import SecondLook
from governance.quality import services

TONES = {"open": "info", "agrees": "success", "differs": "danger", "discussed": "success", "not_made": "warning"}
STEPS = ("look", "waive", "conclude")


@admin.register(SecondLook)
class SecondLookAdmin(DecidedOnAPage):
    """What was drawn. While one is open nothing on its page says how it was decided at first, nor by whom."""

    list_display = ("about", "right", "stands", "drawn_at", "second")
    list_filter = ("state",)
    list_select_related = ("decision__complaint__filing", "looked_by")
    search_fields = ("=public_id", "=decision__complaint__number")
    search_help_text = _("Number of the complaint")
    ordering = ("pk",)
    list_per_page = 25
    steps = dict.fromkeys(STEPS)  # type: ignore[assignment]
    template = "admin/governance/secondlook.html"

    @display(description=_("complaint"))
    def about(self, look: SecondLook) -> str:
        return look.decision.complaint.number

    @display(description=_("right"))
    def right(self, look: SecondLook) -> str:
        return look.decision.complaint.filing.title

    @display(description=_("state"), ordering="state", label=TONES)
    def stands(self, look: SecondLook) -> tuple[str, Any]:
        return look.state, look.get_state_display()

    @display(description=_("looked at by"))
    def second(self, look: SecondLook) -> str:
        return review.staff_name(look.looked_by) or "–"

    def take(self, request: SignedInRequest, row: Any, step: str, note: str) -> None:
        said = request.POST
        if step == "look":
            rules = {name.removeprefix("rule-"): str(code) for name, code in said.items() if name.startswith("rule-")}
            services.look_again(look=row, by=request.user, rules=rules, reasons=said.get("reasons", ""))
        elif step == "waive":
            services.waive(look=row, by=request.user)
        else:
            services.conclude(look=row, by=request.user, conclusion=said.get("conclusion", ""), note=note)

    def shown(self, request: SignedInRequest, row: Any) -> dict[str, Any]:
        complaint, is_open, is_made = (
            row.decision.complaint,
            row.state == SecondLook.State.OPEN,
            row.looked_by_id is not None,
        )
        first = {f.complaint_target_id: f for f in Finding.objects.filter(decision=row.decision)}
        links = list(review.rows_of(complaint).filter(pk__in=first)[: review.PANELS * 25])
        known = rules_at(complaint)
        made = review.panels(complaint, links, viewer=request.user)
        return {
            "look": row, "complaint": complaint, "is_open": is_open, "is_made": is_made,
            "may_look": is_open and services.may_look(row, request.user),
            "may_conclude": row.state == SecondLook.State.DIFFERS and roles.is_senior(request.user)
            and request.user.pk not in (row.decision.decided_by_id, row.looked_by_id),
            "links": [
                {
                    "panel": panel, "chosen": request.POST.get(f"rule-{panel.key}", ""),
                    "rules": fitting(known, right=complaint.filing.kind, kinds=[panel.target.kind]),
                    "first": first[panel.row.pk] if is_made else None, "second": row.findings.get(panel.key),
                    "differs": is_made
                    and (row.findings.get(panel.key) or [None])[0] != (first[panel.row.pk].outcome == "upheld"),
                }
                for panel in made
            ],
            "papers": [
                {"file": e.file, "url": files.url(e.file, user=request.user)} for e in review.evidence_of(complaint)
            ],
            "certificates": [
                {"file": file, "url": files.url(file, user=request.user)}
                for file in review.right_of(complaint).certificates
            ],
            "conclusions": SecondLook.Conclusion.choices, "said": request.POST,
            "names": {"first": review.staff_name(row.decision.decided_by), "second": review.staff_name(row.looked_by)},
        }  # fmt: skip
