"""Some appeals in every state that a visitor can look at, told through the same services as everybody's."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from accounts.models import User
from complaints.models import Complaint, Decision, StatementOfReasons
from core import clock
from core.errors import DomainError
from filings.models import Filing
from governance.appealable import KINDS, Contested, decision_named
from governance.appeals import services
from governance.models import Appeal, OutOfCourtBody
from seeds.outbox import deliver_all

BODIES = (
    ("鹭汀电子商务纠纷调解中心", "cn", "鹭汀市市场监督管理局（演示）"),
    ("Demo Appeals Centre", "eu", "Coimisiún na Meán (demo)"),
    ("Forum für Plattformstreit (Demo)", "eu", "Bundesnetzagentur (demo)"),
)


@dataclass(frozen=True)
class Story:
    """An appeal against the next decision of one kind, and what became of it."""

    kind: str
    end: str
    words: str
    reasons: str = ""


STORIES = (
    Story("rejected_complaint", "under_review", "我司商标在图片中清楚可见，并非仅作用途说明，请重新审核。"),
    Story("dismissal", "referred", "The flap, the lock plate and the stitching copy our registered design; please compare again.",
          reasons="Compared once more, point by point: the flap is common to the trade, and the lock plate differs."),
    Story("dismissal", "submitted", "被诉图片只是裁剪并调色，构图与光线与我司作品一致，附逐项对比。"),
    # Nothing is reversed here: points and penalties of the demo rest on what was upheld. The walk reverses one.
    Story("takedown", "upheld", "我店所售为品牌方经销商供货，附进货发票与授权链路，请恢复链接。",
          reasons="发票日期晚于被诉链接上架时间，且与商品批次不符，维持原决定。"),
    Story("takedown", "returned", "我店已取得授权，请恢复被下架的商品。", reasons="请补充授权书原件照片及进货发票。"),
    Story("takedown", "withdrawn", "商品图片系供应商提供，我店并不知情，请重新考虑。"),
)  # fmt: skip


def tell(*, until: datetime) -> int:
    """Tell every story for which there is a decision; returns how many. Told once, it tells nothing more."""
    for name, regime, certified_by in BODIES:
        OutOfCourtBody.objects.get_or_create(name=name, defaults={"regime": regime, "certified_by": certified_by})
    if Appeal.objects.exists():
        return 0
    open_ones: dict[str, Iterator[Contested]] = {kind: _contested(kind) for kind in KINDS}
    return sum(_tell(story, open_ones[story.kind], until) for story in STORIES)


def _contested(kind: str) -> Iterator[Contested]:
    """Decisions of one kind of which the party was told, oldest first."""
    subjects: dict[str, Callable[[], Any]] = {
        "takedown": lambda: StatementOfReasons.objects.filter(shop__operator__isnull=False),
        "dismissal": lambda: Decision.objects.filter(findings__outcome="dismissed").distinct(),
        "rejected_complaint": lambda: Complaint.objects.filter(state=Complaint.State.REJECTED),
        "rejected_filing": lambda: Filing.objects.filter(state=Filing.State.REJECTED),
    }
    rows = subjects[kind]().order_by("pk").values_list("public_id", flat=True) if kind in subjects else ()
    for public_id in rows:
        try:
            found = decision_named(public_id)
        except DomainError:
            continue
        if found.stands and found.notified_at is not None:
            yield found


def _tell(story: Story, decisions: Iterator[Contested], until: datetime) -> bool:
    for contested in decisions:
        by = User.objects.filter(
            is_active=True, memberships__organisation=contested.organisation_id,
            memberships__role__in=contested.kind.who,
        ).order_by("pk").first()  # fmt: skip
        at = max(contested.notified_at or until, getattr(contested.case, "state_since_at", until)) + timedelta(hours=5)
        if by is None or at > until:
            continue
        with clock.frozen(at) as time:
            try:
                appeal = services.submit_appeal(subject=contested.subject, by=by, grounds=story.words)
            except DomainError:
                continue
            deliver_all()
            _go_on(
                story, appeal, by, contested, lambda hours: time.set(min(clock.now() + timedelta(hours=hours), until))
            )
            deliver_all()
        return True
    return False


def _go_on(story: Story, appeal: Appeal, by: User, contested: Contested, later: Callable[[float], Any]) -> None:
    if story.end == "submitted":
        return
    later(6)
    if story.end == "withdrawn":
        services.withdraw(appeal=appeal, by=by)
        return
    staff = User.objects.filter(is_staff=True, groups__name__in=["reviewer", "senior_reviewer"])
    reviewer = staff.exclude(pk__in=contested.deciders).order_by("pk").first()
    assert reviewer is not None
    appeal = services.take(appeal=appeal, by=reviewer)
    later(20)
    if story.end == "returned":
        services.return_for_supplement(appeal=appeal, by=reviewer, missing=story.reasons)
    elif story.end in ("upheld", "referred"):
        services.decide(appeal=appeal, by=reviewer, is_reversed=False, reasons=story.reasons)
    if story.end == "referred":
        later(30)
        body = OutOfCourtBody.objects.filter(regime=appeal.regime).order_by("pk").first()
        if body is not None:
            appeal.refresh_from_db()
            services.refer(appeal=appeal, by=by, body=body, reference="DEMO-0077", referred_on=clock.today())
