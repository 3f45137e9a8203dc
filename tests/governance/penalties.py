"""What tests of points and penalties do again and again."""

from typing import Any

from accounts.roles import StaffRole
from complaints import services as complaints
from complaints.models import Complaint
from core import clock
from governance.models import Penalty
from governance.penalties import services
from marketplace.models import Target
from rulebook.models import RuleVersion
from tests.complaints.helpers import found
from tests.factories import FilingFactory, ListingFactory, a_file, complaint, member, staff

#: a kind of infringement with the right that it fits and the rule that carries it
KINDS = {
    "counterfeit": ("trademark", "U1"),
    "copied_image": ("copyright_work", "U3"),
    "design_copy": ("patent_design", "U5"),
}


def senior() -> Any:
    return staff(StaffRole.SENIOR_REVIEWER)


def decided(shop: Target, work_off: Any, *, infringement: str = "counterfeit", links: int = 1) -> Complaint:
    """A complaint against fresh listings of a shop that was upheld, and what follows from it."""
    kind, rule = KINDS[infringement]
    by, reviewer = member(), staff()
    right = FilingFactory(organisation=by.organisation, created_by=by, kind=kind)
    evidence = [a_file(by)] if infringement != "counterfeit" else []
    case = complaint(
        *ListingFactory.create_batch(links, shop=shop),
        by=by,
        filing=right,
        infringement=infringement,
        evidence=evidence,
    )
    complaints.accept(complaint=case, by=reviewer)
    complaints.decide(
        complaint=case, by=reviewer, findings=[type(f)(f.target, f.upheld, rule, f.facts) for f in found(case)]
    )
    work_off()
    case.refresh_from_db()
    return case


def in_hearing(penalty: Penalty) -> Penalty:
    return services.open_hearing(penalty=penalty, by=staff())


def in_force(penalty: Penalty, stopped: Any) -> Penalty:
    """Heard without a statement, confirmed, and of a ban agreed to by a second person."""
    stopped.set(in_hearing(penalty).deadline_at)
    made = services.confirm(penalty=penalty, by=senior(), reason="The points stand.")
    return services.put_ban_in_force(penalty=made, by=senior()) if made.is_ban else made


def a_suspension(shop: Target) -> Penalty:
    """A suspension of a shop as it is proposed."""
    ladder = RuleVersion.objects.filter(rule__code="LADDER").first() or RuleVersion.objects.exclude(ladder="").first()
    at = clock.now()
    return Penalty.objects.create(
        number="P-2026-900001", shop=shop, measure="suspension", days=7, step_points=24, points=24, ladder=ladder,
        state_since_at=at, created_at=at,
    )  # fmt: skip
