"""Targets a second that the service upholds, each with its finding, hold, order and ledger entries.

python -m benchmarks.decisions
"""

import sys
import time

from benchmarks.setting import begin, on_each_database, tell

TARGET_PER_SECOND = 400
ROUNDS, LINKS = 4, 500


def here(database: str) -> int:
    begin()
    from complaints import services
    from tests import factories
    from tests.complaints.helpers import found

    reviewer, holder = factories.staff(), factories.member()
    rates = []
    for _round in range(ROUNDS):
        shop = factories.ShopFactory()
        listings = [factories.ListingFactory(shop=shop) for _n in range(LINKS)]
        complaint = services.accept(complaint=factories.complaint(*listings, by=holder), by=reviewer)
        findings = found(complaint)
        started = time.perf_counter()
        services.decide(complaint=complaint, by=reviewer, findings=findings)
        rates.append(LINKS / (time.perf_counter() - started))
    best = max(rates)
    return tell(
        __spec__.name, database=database, targets_per_second=round(best), rounds=[round(r) for r in rates],
        target=TARGET_PER_SECOND, passed=best >= TARGET_PER_SECOND,
    )  # fmt: skip


if __name__ == "__main__":
    sys.exit(here(sys.argv[2]) if "--here" in sys.argv else on_each_database(__spec__.name))
