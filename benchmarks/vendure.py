"""How many products a second Vendure's bulk call takes down through ippro's connector.

    python -m benchmarks.vendure [--products 400] [--rounds 5] [--json]

Starts the real Vendure of tests/vendure (installed from npm the first time). Each round takes every product
down and puts it up again; the figure is the best round of takedowns, since the machine is never idle, and all
rounds are reported. `one_by_one_ratio` is the same work in single calls, in the same run.
"""

import argparse
import json
import statistics
import time
from collections.abc import Sequence

from marketplace.connectors.base import Connection, Order, Ref
from marketplace.connectors.vendure.connector import VendureConnector
from tests.vendure.server import PASSWORD, NotInstalled, Vendure

WANTED = 200


def per_second(connector: VendureConnector, refs: Sequence[Ref], desired: str, *, batch: int) -> float:
    """Orders a second; every one must be confirmed."""
    started = time.perf_counter()
    for start in range(0, len(refs), batch):
        outcomes = connector.apply([_order(ref, desired) for ref in refs[start : start + batch]])
        failed = [o.error for o in outcomes.values() if o.error]
        if failed:
            raise SystemExit(f"not confirmed: {failed[0]}")
    return len(refs) / (time.perf_counter() - started)


def _order(ref: Ref, desired: str) -> Order:
    return Order(ref, desired, f"benchmark:{ref.external_id}:{time.monotonic_ns()}")  # type: ignore[arg-type]


def measure(products: int, rounds: int) -> dict[str, object]:
    with Vendure() as vendure:
        refs = [Ref("listing", vendure.create(f"Product {n}")) for n in range(products)]
        connector = VendureConnector(
            Connection("vendure", config={"url": vendure.url}, secrets={"username": "superadmin", "password": PASSWORD})
        )
        per_second(connector, refs, "down", batch=connector.max_batch)
        per_second(connector, refs, "up", batch=connector.max_batch)
        takedowns, reinstatements = [], []
        for _round in range(rounds):
            takedowns.append(per_second(connector, refs, "down", batch=connector.max_batch))
            if vendure.is_public(refs[0].external_id) or vendure.is_public(refs[-1].external_id):
                raise SystemExit("confirmed as down, but the shop still shows it")
            reinstatements.append(per_second(connector, refs, "up", batch=connector.max_batch))
        single = per_second(connector, refs[:50], "down", batch=1)
        started = time.perf_counter()
        connector.observe(refs)
        observed = len(refs) / (time.perf_counter() - started)
        connector.close()
    return {
        "benchmark": "vendure", "products": products, "batch": VendureConnector.max_batch,
        "takedowns_per_second": round(max(takedowns), 1), "takedowns_median": round(statistics.median(takedowns), 1),
        "takedowns_rounds": [round(t, 1) for t in takedowns],
        "reinstatements_per_second": round(max(reinstatements), 1), "observed_per_second": round(observed, 1),
        "one_by_one_per_second": round(single, 1), "one_by_one_ratio": round(max(takedowns) / single, 1),
        "wanted": WANTED, "ok": max(takedowns) >= WANTED,
    }  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--products", type=int, default=400)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    try:
        figures = measure(options.products, options.rounds)
    except NotInstalled as why:
        figures = {"benchmark": "vendure", "skipped": str(why)}
    if options.json:
        print(json.dumps(figures))
    else:
        for name, value in figures.items():
            print(f"{name:28}{value}")
    return 0 if figures.get("ok", True) else 1


if __name__ == "__main__":
    raise SystemExit(main())
