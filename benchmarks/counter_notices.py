"""Seconds in which one worker releases 10,000 cases whose waiting period ends in the same minute.

    python -m benchmarks.counter_notices

Each case holds down one listing, and its counter-notice waits with no proceeding proved. Measured is the sweep that beat
sends, again and again until nothing is due: every end counted anew, holds released, orders for the marketplace written,
both cases moved, ledger entries and events. `told_seconds` is what the letters to both sides took afterwards.
"""

import sys
import time
from datetime import timedelta

from benchmarks.setting import begin, on_each_database, tell

CASES, TARGET_SECONDS = 10_000, 60.0
LETTERS_OF = 500


def here(database: str) -> int:
    begin()
    from complaints.models import CounterNotice
    from complaints.tasks import pass_counter_deadlines
    from core import clock
    from core.models import Letter
    from core.tasks import drain_outbox
    from marketplace.models import Enforcement, Hold

    ends_at = _ten_thousand_wait()
    with clock.frozen(ends_at):
        started = time.perf_counter()
        sweeps = 0
        while pass_counter_deadlines():
            sweeps += 1
        took = time.perf_counter() - started
    left = CounterNotice.objects.filter(state="waiting").count() + Hold.objects.active().count()
    up = Enforcement.objects.filter(desired="up", due_at__isnull=False).count()
    started = time.perf_counter()
    written = 0
    with clock.frozen(ends_at):
        while written < LETTERS_OF and drain_outbox():
            written = Letter.objects.count()
    told = (time.perf_counter() - started) / max(written, 1) * CASES * 2
    return tell(
        __spec__.name, database=database, cases=CASES, seconds=round(took, 1), sweeps=sweeps, left=left,
        told_seconds=round(told), target=TARGET_SECONDS, passed=took <= TARGET_SECONDS and not left and up == CASES,
    )  # fmt: skip


def _ten_thousand_wait():  # type: ignore[no-untyped-def]
    """The rows of cases that wait, written at once: the way there is measured by other benchmarks. When they end."""
    from complaints.counter_lifecycle import until_put_back
    from complaints.models import (
        Complaint,
        ComplaintTarget,
        CounterNotice,
        CounterNoticeTarget,
        Decision,
        Finding,
        StatementOfReasons,
    )
    from core import clock
    from marketplace.models import Enforcement, Hold, Target
    from rulebook.models import RuleVersion
    from tests import factories

    holder, reviewer = factories.member(), factories.staff()
    right = factories.FilingFactory(organisation=holder.organisation, created_by=holder)
    shop = factories.ShopFactory()
    merchant = factories.merchant_of(shop)
    at = clock.now() - timedelta(days=20)
    listings = Target.objects.bulk_create(
        [
            Target(marketplace=shop.marketplace, shop=shop, kind="listing", external_id=f"b{n}", title=f"Listing {n}", url=f"https://mall.example/product/b{n}")
            for n in range(CASES)
        ],
        batch_size=500,
    )  # fmt: skip
    Enforcement.objects.bulk_create(
        [Enforcement(target=t, desired="down", confirmed="down", confirmed_at=at, decided_at=at) for t in listings], batch_size=500
    )  # fmt: skip
    complaints = Complaint.objects.bulk_create(
        [
            Complaint(
                number=f"C-2020-{n:06d}", organisation=holder.organisation, filed_by=holder, filing=right, regime="cn",
                infringement="counterfeit", description="The seams differ from ours.", signature="", good_faith_at=at,
                state="countered", state_since_at=at, created_at=at, upheld_before=True,
            )
            for n in range(CASES)
        ],
        batch_size=500,
    )  # fmt: skip
    Hold.objects.bulk_create(
        [Hold(target=t, cause=c.public_id, reason=c.number, placed_at=at) for t, c in zip(listings, complaints, strict=True)],
        batch_size=500,
    )  # fmt: skip
    rows = ComplaintTarget.objects.bulk_create(
        [
            ComplaintTarget(
                complaint=c, target=t, scene="product_page", link=t.url, snapshot={}, snapshot_hash="0" * 64,
                captured_at=at, outcome="upheld",
            )
            for t, c in zip(listings, complaints, strict=True)
        ],
        batch_size=500,
    )  # fmt: skip
    decisions = Decision.objects.bulk_create(
        [Decision(complaint=c, decided_by=reviewer, decided_at=at) for c in complaints], batch_size=500
    )
    statements = StatementOfReasons.objects.bulk_create(
        [
            StatementOfReasons(decision=d, shop=shop, number=f"S-2020-{n:06d}", created_at=at)
            for n, d in enumerate(decisions)
        ],
        batch_size=500,
    )
    version = RuleVersion.objects.order_by("pk").first()
    Finding.objects.bulk_create(
        [
            Finding(decision=d, complaint_target=r, statement=s, outcome="upheld", rule="U1", rule_version=version, facts="A copy.")
            for d, r, s in zip(decisions, rows, statements, strict=True)
        ],
        batch_size=500,
    )  # fmt: skip
    answers = [
        CounterNotice(
            number=f"N-2020-{n:06d}", complaint=c, statement=s, organisation=merchant.organisation, filed_by=merchant,
            state="waiting", state_since_at=at, created_at=at, received_at=at, forwarded_at=at, delivered_at=at,
            delivered_by="letter", description="We bought them from the holder's own distributor.",
        )
        for n, (c, s) in enumerate(zip(complaints, statements, strict=True))
    ]  # fmt: skip
    ends_at = until_put_back(answers[0])
    for answer in answers:
        answer.deadline_at = ends_at
    CounterNotice.objects.bulk_create(answers, batch_size=500)
    CounterNoticeTarget.objects.bulk_create(
        [CounterNoticeTarget(counter_notice=a, complaint_target=r) for a, r in zip(answers, rows, strict=True)],
        batch_size=500,
    )
    return ends_at


if __name__ == "__main__":
    sys.exit(here(sys.argv[2]) if "--here" in sys.argv else on_each_database(__spec__.name))
