"""The staff's lists over HTTP on PostgreSQL: 100,000 complaints, a million targets; p50, p95, p99 and number of queries.

python -m benchmarks.staff [--sizes 1000,10000,100000] [--rounds 100]

A page is asked through Django's test client by a signed-in reviewer, cookies, middleware and templates included. Of each
size every page is asked in turn, each time with another word or number. A quarter of all complaints waits for staff.
Rows are copies of a first one that the house itself made, written by the database itself.
"""

import argparse
import os
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

from benchmarks.setting import ROOT, begin, installation, tell
from tests.postgres import NoPostgres

SIZES, ROUNDS = (1_000, 10_000, 100_000), 100
LINKS, TARGETS, HOLDERS, SHOPS = 3, 10, 50, 100
TARGET_MS, LEFT_OUT = 300, 8
QUEUE, TARGET_LIST, CANDIDATES = (
    "/admin/complaints/complaint/",
    "/admin/marketplace/target/",
    "/admin/patrol/candidate/",
)
#: of twenty complaints; the rest is closed
STATES = ("submitted", "submitted", "accepted", "accepted", "accepted", "returned", "notified", "notified")


def here(sizes: list[int], rounds: int) -> int:
    begin()
    from django.test import Client

    from ippro import wsgi  # noqa: F401  # what a web process does when it starts
    from tests import factories

    reviewer = factories.staff("senior_reviewer", email="bench@example.com")
    factories.second_factor(reviewer)
    client = Client()
    client.force_login(reviewer, backend="django.contrib.auth.backends.ModelBackend")
    market = Market()
    failed = 0
    counted: dict[str, int] = {}
    for size in sizes:
        began = time.perf_counter()
        market.grow_to(size)
        tell(__spec__.name, complaints=size, targets=size * TARGETS, filled_seconds=round(time.perf_counter() - began))
        for name, ask in pages(market, random.Random(7)).items():
            row = measure(client, ask, rounds if size == max(sizes) else max(rounds // 5, 10))
            # A search leaves out what it has nothing to ask for, such as the cases of no holder.
            more = row["queries"] - counted.setdefault(name, row["queries"])
            row["passed"] = row["p99_ms"] <= TARGET_MS and (abs(more) <= LEFT_OUT if ": " in name else not more)
            failed = max(failed, tell(__spec__.name, complaints=size, page=name, target_ms=TARGET_MS, **row))
    return failed


def measure(client: Any, ask: Callable[[], str], rounds: int) -> dict[str, Any]:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    warm = client.get(ask())
    assert warm.status_code == 200, f"{ask()}: {warm.status_code} {warm.headers.get('Location', '')}"
    captures = []
    # Of two, the one in which no figures that are kept for seconds became due.
    for _twice in range(2):
        with CaptureQueriesContext(connection) as captured:
            client.get(ask())
            # The next request forgets them.
            captures.append(list(captured.captured_queries))
    asked = min(captures, key=len)
    taken, began = [], time.process_time()
    for _round in range(rounds):
        address = ask()
        started = time.perf_counter()
        answer = client.get(address)
        taken.append((time.perf_counter() - started) * 1000)
        assert answer.status_code == 200, f"{address}: {answer.status_code}"
    spent = (time.process_time() - began) * 1000 / rounds
    taken.sort()
    p50, p95, p99 = (taken[min(rounds - 1, round(share * rounds))] for share in (0.50, 0.95, 0.99))
    return {
        "queries": len(asked), "p50_ms": round(p50), "p95_ms": round(p95), "p99_ms": round(p99),
        "mean_ms": round(statistics.mean(taken)), "processor_ms": round(spent),
        "slowest_query_ms": round(1000 * max(float(q["time"]) for q in asked)),
    }  # fmt: skip


def pages(market: "Market", rng: random.Random) -> dict[str, Callable[[], str]]:
    """Every page that is asked, by its name; each call is another address."""
    from django.core.cache import caches

    def nth() -> int:
        return rng.randrange(1, market.complaints)

    def last_page() -> int:
        return min(market.complaints // 25, 400)

    def anew() -> str:
        """The queue as somebody sees it whose page counts what the pages of the next seconds are shown."""
        caches["figures"].clear()
        return QUEUE

    return {
        "queue": lambda: QUEUE,
        "queue, figures counted anew": anew,
        "queue, next page": lambda: f"{QUEUE}?p={rng.randint(2, 4)}",
        "queue, far page": lambda: f"{QUEUE}?desk=all&p={last_page()}",
        "queue, door": lambda: f"{QUEUE}?desk=door",
        "queue, overdue": lambda: f"{QUEUE}?desk=overdue",
        "queue, mine": lambda: f"{QUEUE}?desk=mine",
        "all cases": lambda: f"{QUEUE}?desk=all",
        "decided": lambda: f"{QUEUE}?desk=decided",
        "filter: infringement": lambda: f"{QUEUE}?desk=all&infringement=copied_image",
        "filter: right": lambda: f"{QUEUE}?desk=all&right=trademark",
        "filter: lane": lambda: f"{QUEUE}?desk=all&lane=slow",
        "filter: regime": lambda: f"{QUEUE}?desk=all&regime=eu",
        "filter: scene": lambda: f"{QUEUE}?desk=all&scene=video",
        "filter: marketplace": lambda: f"{QUEUE}?desk=all&marketplace={market.rare}",
        "filter: marketplace and scene, to do": lambda: f"{QUEUE}?marketplace={market.rare}&scene=video",
        "filter: complainant": lambda: f"{QUEUE}?desk=all&complainant=Holder+{rng.randrange(HOLDERS)}",
        "search: number": lambda: f"{QUEUE}?q=C-2020-{nth():07d}",
        "search: link": lambda: f"{QUEUE}?q={market.storefront}/product/L{nth()}",
        "search: shop": lambda: f"{QUEUE}?q=Store+{rng.randrange(1, SHOPS)}+of+goods",
        "search: title": lambda: f"{QUEUE}?q=Blue+shoe+{nth()}",
        "search: organisation": lambda: f"{QUEUE}?q=Holder+{rng.randrange(HOLDERS)}",
        "search: nothing": lambda: f"{QUEUE}?q=unheard+of+{nth()}",
        "one case": lambda: f"{QUEUE}{market.case(nth())}/review/",
        "targets": lambda: TARGET_LIST,
        "targets, far page": lambda: f"{TARGET_LIST}?p={min(market.complaints * TARGETS // 25, 400)}",
        "targets: marketplace": lambda: f"{TARGET_LIST}?marketplace__id__exact={market.rare_id}",
        "targets: taken down": lambda: f"{TARGET_LIST}?observed__exact=down",
        "targets: title": lambda: f"{TARGET_LIST}?q=Blue+shoe+{nth()}",
        "targets: id": lambda: f"{TARGET_LIST}?q=L{nth()}",
        "candidates": lambda: CANDIDATES,
        "candidates: open": lambda: f"{CANDIDATES}?state__exact=open",
        "candidates: title": lambda: f"{CANDIDATES}?q=Blue+shoe+{nth()}",
        "first page of staff": lambda: "/admin/",
    }  # fmt: skip


class Market:
    """What is measured; `grow_to` adds what is missing. Its first rows are made as the house makes them."""

    def __init__(self) -> None:
        from tests import factories

        self.complaints = 0
        mall, rare = factories.MarketplaceFactory(slug="mall"), factories.MarketplaceFactory(slug="rare")
        self.storefront, self.rare, self.rare_id = mall.storefront_url, rare.slug, rare.pk
        holders = [factories.member(factories.OrganisationFactory(name=f"Holder {n} of marks")) for n in range(HOLDERS)]
        self.rights = [factories.FilingFactory(organisation=h.organisation, created_by=h) for h in holders]
        self.holders = holders
        self.shops = [
            factories.ShopFactory(marketplace=mall if n % 20 else rare, title=f"Store {n} of goods")
            for n in range(SHOPS)
        ]
        self.listing = factories.ListingFactory(shop=self.shops[1], external_id="first", title="The first")
        self.first = factories.complaint(self.listing, by=holders[0], filing=self.rights[0])
        self.link = self.first.targets.get()
        self.candidate = self._a_candidate()

    def _a_candidate(self) -> Any:
        from patrol.models import Candidate
        from tests import factories

        profile = factories.a_profile(self.holders[1], "Acme", filing=self.rights[1])
        return Candidate.objects.create(
            number="K-2020-0", target=self.listing, profile=profile, target_version=1, score=0.5, evidence_hash="0" * 64
        )

    def case(self, n: int) -> str:
        return f"cmp_{n:026d}"

    def grow_to(self, size: int) -> None:
        """Up to `size` complaints with three links each, ten targets each, and a candidate for each."""
        from django.db import connection

        from complaints.models import Complaint, ComplaintTarget
        from marketplace.models import Target
        from patrol.models import Candidate

        old, self.complaints = self.complaints, size
        shops = array([shop.pk for shop in self.shops])
        malls = array([shop.marketplace_id for shop in self.shops])
        holders, people, rights = (
            array([getattr(right, name) for right in self.rights])
            for name in ("organisation_id", "created_by_id", "pk")
        )
        listings = multiply(
            Target, self.listing.pk, old * TARGETS, size * TARGETS, public_id="'tgt_' || lpad(n::text, 26, '0')",
            external_id="'L' || n", title="'Blue shoe ' || n", shop_id=f"{shops}[n % {SHOPS} + 1]",
            marketplace_id=f"{malls}[n % {SHOPS} + 1]", url=f"'{self.storefront}/product/L' || n",
            observed="CASE n % 40 WHEN 0 THEN 'down' ELSE 'up' END",
        )  # fmt: skip
        states, age = array(STATES), "(n * 7919 % 20)"
        state = f"CASE WHEN {age} < {len(STATES)} THEN {states}[{age} + 1] ELSE 'closed' END"
        cases = multiply(
            Complaint, self.first.pk, old, size, public_id="'cmp_' || lpad(n::text, 26, '0')",
            number="'C-2020-' || lpad(n::text, 7, '0')", state=state,
            # Half of them were filed by the first holder.
            organisation_id=f"{holders}[CASE n % 2 WHEN 0 THEN 1 ELSE n % {HOLDERS} + 1 END]",
            filed_by_id=f"{people}[CASE n % 2 WHEN 0 THEN 1 ELSE n % {HOLDERS} + 1 END]",
            filing_id=f"{rights}[CASE n % 2 WHEN 0 THEN 1 ELSE n % {HOLDERS} + 1 END]",
            risk="(n * 31 % 100)", lane="CASE n % 10 WHEN 0 THEN 'slow' WHEN 1 THEN 'fast' ELSE 'normal' END",
            regime="CASE n % 30 WHEN 0 THEN 'eu' ELSE 'cn' END",
            infringement="CASE n % 15 WHEN 0 THEN 'copied_image' ELSE 'counterfeit' END",
            deadline_at=f"CASE WHEN {age} < {len(STATES)} THEN now() + (n % 240 - 24) * interval '1 hour' END",
            created_at="now() - (n % 8760) * interval '1 hour'", state_since_at="now() - (n % 8000) * interval '1 hour'",
        )  # fmt: skip
        multiply(
            ComplaintTarget, self.link.pk, old * LINKS, size * LINKS, public_id="'ctg_' || lpad(n::text, 26, '0')",
            complaint_id=f"{cases} + (n - 1) / {LINKS} - {old}",
            target_id=f"{listings} + (n - {old * LINKS} - 1)",
            marketplace_id=f"{malls}[(n + {old * (TARGETS - LINKS)}) % {SHOPS} + 1]", link=f"'{self.storefront}/product/L' || n",
            scene="CASE n % 50 WHEN 0 THEN 'video' ELSE 'product_page' END",
            outcome=f"CASE WHEN ((n - 1) / {LINKS} + 1) * 7919 % 20 < 6 THEN 'pending' WHEN n % 3 = 0 THEN 'dismissed' ELSE 'upheld' END",
        )  # fmt: skip
        multiply(
            Candidate, self.candidate.pk, old, size, public_id="'can_' || lpad(n::text, 26, '0')",
            number="'K-2020-' || n", target_id=f"{listings} + (n - {old} - 1)", score="(n * 31 % 1000) / 1000.0",
            state="CASE n % 4 WHEN 0 THEN 'open' WHEN 1 THEN 'upheld' ELSE 'dismissed' END",
        )  # fmt: skip
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")


def array(values: Any) -> str:
    """Some values as an array of SQL."""
    return "(ARRAY[" + ", ".join(f"'{v}'" if isinstance(v, str) else str(v) for v in values) + "])"


def multiply(model: Any, template: int, old: int, new: int, **columns: str) -> int:
    """Copies of one row, numbered by `n` from `old + 1` to `new`, with these columns of SQL; the id of the first."""
    from django.db import connection

    table = model._meta.db_table
    names = [field.column for field in model._meta.concrete_fields if not field.primary_key]
    with connection.cursor() as cursor:
        cursor.execute(
            f'INSERT INTO "{table}" (' + ", ".join(f'"{name}"' for name in names) + ") SELECT "
            + ", ".join(columns.get(name, f't."{name}"') for name in names)
            + f' FROM generate_series({old + 1}, {new}) AS n, "{table}" t WHERE t.id = {template} ORDER BY n'
        )  # fmt: skip
        cursor.execute(f'SELECT max(id) FROM "{table}"')
        return int(cursor.fetchone()[0]) - (new - old) + 1


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--sizes", default=",".join(map(str, SIZES)))
    parser.add_argument("--rounds", type=int, default=int(os.environ.get("ROUNDS", ROUNDS)))
    parser.add_argument("--here", action="store_true")
    asked = parser.parse_args()
    if asked.here:
        return here([int(size) for size in asked.sizes.split(",")], asked.rounds)
    try:
        with installation("postgresql") as env:
            return subprocess.call([sys.executable, "-m", __spec__.name, "--here", *sys.argv[1:]], cwd=ROOT, env=env)
    except NoPostgres as missing:
        return tell(__spec__.name, database="postgresql", left_out=str(missing))


if __name__ == "__main__":
    sys.exit(main())
