"""Seconds from a decision until the demo marketplace has confirmed every takedown, with one worker.

    python -m benchmarks.enforcement

Runs in the real demo: broker, worker, beat and storefront of their own. Decisions come one after the other, as
reviewers make them, five targets each; the time is taken from the rows that the worker writes.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.setting import ROOT, begin, tell
from tests.e2e.stack import Stack

TARGET_P95_SECONDS = 5.0
DECISIONS, LINKS, PAUSE_SECONDS = 40, 5, 0.25
PATIENCE_SECONDS = 90.0


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="ippro-bench-", dir="/tmp") as folder:
        stack = Stack(Path(folder))
        try:
            stack.wait_until_ready()
            env = stack.env | {
                "DJANGO_SETTINGS_MODULE": "ippro.settings", "IPPRO_DEMO": "1", "IPPRO_BASE_URL": stack.url,
            }  # fmt: skip
            return subprocess.call([sys.executable, "-m", __spec__.name, "--here"], cwd=ROOT, env=env)
        finally:
            stack.stop()


def here() -> int:
    begin()
    from accounts.models import User
    from complaints import services
    from filings.models import Filing
    from marketplace.models import Enforcement, Target
    from seeds.world import DOMAIN
    from tests.complaints.helpers import found
    from tests.factories import a_notice

    holder = User.objects.get(email=f"holder@{DOMAIN}")
    reviewer = User.objects.get(email=f"reviewer@{DOMAIN}")
    right = Filing.objects.in_force().filter(organisation=holder.organisation, kind="trademark").first()
    genuine = right.genuine_sellers.values_list("shop_id", flat=True)
    listings = list(
        Target.objects.filter(kind="listing", enforcement__isnull=True, observed="up", complained_of__isnull=True)
        .exclude(shop__in=genuine)
        .order_by("pk")[: DECISIONS * LINKS]
    )
    mine = []
    for start in range(0, len(listings), LINKS):
        targets = listings[start : start + LINKS]
        notice = a_notice(*targets, by=holder, filing=right)
        complaint = services.submit_complaint(notice=notice, by=holder)
        complaint = services.accept(complaint=complaint, by=reviewer)
        services.decide(complaint=complaint, by=reviewer, findings=found(complaint))
        mine += [target.pk for target in targets]
        time.sleep(PAUSE_SECONDS)
    orders = Enforcement.objects.filter(target__in=mine, desired="down")
    deadline = time.monotonic() + PATIENCE_SECONDS
    while orders.exclude(confirmed="down").exists() and time.monotonic() < deadline:
        time.sleep(0.2)
    unconfirmed = orders.exclude(confirmed="down").count()
    took = sorted(
        (row.confirmed_at - row.decided_at).total_seconds() for row in orders.filter(confirmed="down").iterator()
    )
    p95 = took[int(len(took) * 0.95)]
    return tell(
        __spec__.name, targets=len(mine), median_seconds=round(took[len(took) // 2], 2), p95_seconds=round(p95, 2),
        slowest_seconds=round(took[-1], 2), unconfirmed=unconfirmed, target=TARGET_P95_SECONDS,
        passed=p95 <= TARGET_P95_SECONDS and not unconfirmed and len(took) >= 100,
    )  # fmt: skip


if __name__ == "__main__":
    os.chdir(ROOT)
    sys.exit(here() if "--here" in sys.argv else main())
