"""How long it takes to score a complainant with 50,000 complaints and to find its lane, on each database.

python -m benchmarks.goodfaith
"""

import os
import statistics
import sys
import time
from datetime import date

from benchmarks.setting import begin, on_each_database, tell

COMPLAINTS = int(os.environ.get("COMPLAINTS", 50_000))
ROUNDS, BATCH, TARGET_MS = 25, 5_000, 50
#: of a hundred links so many were upheld; the rest was dismissed
UPHELD = 83


def here(database: str) -> int:
    begin()
    from django.db import transaction

    from complaints import goodfaith, lanes
    from complaints.models import Complaint, ComplaintTarget
    from core import clock
    from tests import factories

    holder = factories.member()
    right = factories.FilingFactory(organisation=holder.organisation, created_by=holder)
    listing, now = factories.ListingFactory(), clock.now()
    states = ("closed",) * 97 + ("submitted", "accepted", "returned")
    Complaint.objects.bulk_create(
        (
            Complaint(
                number=f"C-2020-{n:07d}", organisation=holder.organisation, filed_by=holder, filing=right,
                infringement="counterfeit", description="The seams differ.", signature="", good_faith_at=now,
                state=states[n % 100], created_at=now, state_since_at=now,
            )
            for n in range(COMPLAINTS)
        ),
        batch_size=BATCH,
    )  # fmt: skip
    ComplaintTarget.objects.bulk_create(
        (
            ComplaintTarget(
                complaint_id=pk, target=listing, scene="product_page", link="https://mall.example/1", snapshot={},
                snapshot_hash="0" * 64, captured_at=now, outcome="upheld" if n % 100 < UPHELD else "dismissed",
            )
            for n, pk in enumerate(Complaint.objects.order_by("pk").values_list("pk", flat=True))
        ),
        batch_size=BATCH,
    )  # fmt: skip
    upheld = COMPLAINTS * UPHELD // 100
    with transaction.atomic():
        goodfaith.count(holder.organisation.pk, upheld=upheld, dismissed=COMPLAINTS - upheld)
    for month in range(1, 12):
        goodfaith.ConductMonth.objects.create(
            organisation=holder.organisation, month_on=_months_ago(clock.today(), month), upheld=upheld // 12
        )
    failed = 0
    for name, ask in (
        ("score", lambda: goodfaith.score_of(holder.organisation.pk).value),
        ("lane and open complaints", lambda: lanes.placed(holder.organisation)),
    ):  # fmt: skip
        taken = []
        for _round in range(ROUNDS):
            started = time.perf_counter()
            ask()
            taken.append((time.perf_counter() - started) * 1000)
        middle = statistics.median(taken)
        failed |= tell(
            __spec__.name, database=database, asked=name, complaints=COMPLAINTS, ms=round(middle, 2),
            slowest_ms=round(max(taken), 2), target_ms=TARGET_MS, passed=middle <= TARGET_MS,
        )  # fmt: skip
    return failed


def _months_ago(day: date, months: int) -> date:
    years, index = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(years, index + 1, 1)


if __name__ == "__main__":
    sys.exit(here(sys.argv[2]) if "--here" in sys.argv else on_each_database(__spec__.name))
