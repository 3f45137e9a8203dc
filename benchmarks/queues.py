"""What the pages and sweeps of an old installation ask of PostgreSQL: 100,000 complaints, 300,000 targets.

python -m benchmarks.queues
"""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

from benchmarks.setting import ROOT, begin, installation, tell
from tests.postgres import NoPostgres

COMPLAINTS = int(os.environ.get("COMPLAINTS", 100_000))
LINKS, ITEMS_OF_A_SHOP, ORGANISATIONS, BATCH = 3, 100, 50, 5_000
#: in a thousand complaints, so many are in this state; the rest is closed
STATES = {"submitted": 15, "accepted": 15, "returned": 5, "notified": 100, "upheld": 5}
#: the slowest that a page may wait for one of these
TARGET_MS = 100


def here() -> int:
    begin()
    from complaints.models import Complaint
    from core.ids import new_id
    from tests import factories

    reviewer = factories.staff(email=f"{new_id('reviewer')}@example.com")
    if not Complaint.objects.exists():
        fill()
    holder = Complaint.objects.order_by("pk").first().filed_by
    return max(tell(__spec__.name, database="postgresql", **row) for row in measure(reviewer, holder))


def measure(reviewer: Any, holder: Any) -> Iterator[dict[str, Any]]:
    from django.core.paginator import Paginator

    from accounts.models import User
    from complaints import queue, review, selectors
    from complaints.models import Complaint
    from complaints.services import pass_deadlines
    from core import clock
    from core.models import Letter
    from marketplace.models import Enforcement, Marketplace

    case = Complaint.objects.filter(organisation=holder.membership.organisation, state="accepted").first()
    asked: dict[str, Callable[[], Any]] = {
        "counts of the desks": lambda: queue.desk_counts(User.objects.get(pk=reviewer.pk)),
        "next free case": lambda: queue.free_for(reviewer).first(),
        "first page of the queue": lambda: list(
            queue.in_order(Complaint.objects.awaiting_staff()).order_by(*queue.QUEUE_ORDER)[:50]
        ),
        "a holder's list": lambda: list(Paginator(selectors.complaints_of(holder).order_by("-pk"), 25).get_page(1)),
        "a complainant's record": lambda: review.record_of(case, reviewer),
        "deadlines that nobody passed": pass_deadlines,
        "orders given up": lambda: Enforcement.objects.dead().count(),
        "letters given up": lambda: Letter.objects.dead().count(),
        "claim of orders while all are paused": lambda: Enforcement.objects.claim(400),
    }
    Marketplace.objects.update(breaker_open_until=clock.now() + timedelta(hours=1))
    for name, ask in asked.items():
        yield timed(name, ask)


def timed(name: str, ask: Callable[[], Any]) -> dict[str, Any]:
    ask()
    taken = []
    for _round in range(5):
        started = time.perf_counter()
        ask()
        taken.append((time.perf_counter() - started) * 1000)
    middle = statistics.median(taken)
    return {"asked": name, "ms": round(middle, 1), "target_ms": TARGET_MS, "passed": middle <= TARGET_MS}


def fill() -> None:
    """Write straight into the tables: as many cases as come together in years."""
    from django.db import connection

    from complaints.models import Complaint, ComplaintTarget
    from core import clock
    from marketplace.models import Enforcement, Target
    from tests import factories

    mall, now = factories.MarketplaceFactory(), clock.now()
    holders = [factories.member() for _n in range(ORGANISATIONS)]
    rights = [factories.FilingFactory(organisation=h.organisation, created_by=h) for h in holders]
    n_targets = COMPLAINTS * LINKS
    bulk(
        Target,
        (
            Target(marketplace=mall, kind="shop", external_id=f"S{n}", title=f"Shop {n}")
            for n in range(n_targets // ITEMS_OF_A_SHOP)
        ),
    )
    shops = list(Target.objects.filter(external_id__startswith="S").values_list("pk", flat=True))
    bulk(
        Target,
        (
            Target(
                marketplace=mall, kind="listing", shop_id=shops[n % len(shops)], external_id=f"L{n}", title=f"Shoe {n}"
            )
            for n in range(n_targets)
        ),
    )
    listings = list(Target.objects.filter(kind="listing").order_by("pk").values_list("pk", flat=True))
    states = [state for state, n in STATES.items() for _n in range(n)]
    states += ["closed"] * (1000 - len(states))

    def complaint(n: int) -> Complaint:
        # The first organisation complains as much as all others together.
        of, state = (0 if n % 2 else n // 2 % ORGANISATIONS), states[n * 7 % 1000]
        due = None if state == "closed" else now + timedelta(hours=1 + n % 200)
        return Complaint(
            number=f"C-2020-{n:07d}", organisation=holders[of].organisation, filed_by=holders[of], filing=rights[of],
            infringement="counterfeit", description="The seams differ from ours.", signature="", good_faith_at=now,
            state=state, deadline_at=due, risk=n % 100, created_at=now, state_since_at=now,
        )  # fmt: skip

    bulk(Complaint, map(complaint, range(COMPLAINTS)))
    rows = Complaint.objects.order_by("pk").values_list("pk", "state")
    outcome = {"closed": "upheld", "notified": "dismissed", "upheld": "upheld"}
    bulk(
        ComplaintTarget,
        (
            ComplaintTarget(
                complaint_id=pk, target_id=listings[n * LINKS + link], scene="product_page", link="https://mall.example/1",
                snapshot={"title": "Shoe", "images": []}, snapshot_hash="0" * 64, captured_at=now,
                outcome=outcome.get(state, "pending"),
            )
            for n, (pk, state) in enumerate(rows)
            for link in range(LINKS)
        ),
    )  # fmt: skip
    bulk(
        Enforcement,
        (
            Enforcement(
                target_id=pk, desired="down", version=1, due_at=now if n % 6 == 0 else None,
                dead_at=now if n % 1000 == 1 else None,
            )
            for n, pk in enumerate(listings)
        ),
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


def bulk(model: Any, rows: Any) -> None:
    model.objects.bulk_create(rows, batch_size=BATCH)


def main() -> int:
    try:
        with installation("postgresql") as env:
            return subprocess.call([sys.executable, "-m", __spec__.name, "--here"], cwd=ROOT, env=env)
    except NoPostgres as missing:
        return tell(__spec__.name, database="postgresql", left_out=str(missing))


if __name__ == "__main__":
    sys.exit(here() if "--here" in sys.argv else main())
