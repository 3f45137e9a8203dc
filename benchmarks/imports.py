"""Sheets of 10,000 rows, from the file to the last row done: links, rights on file, and what is on a marketplace.

    python -m benchmarks.imports [--small]

Each is handed in, judged for the preview, confirmed, judged again for good, and done part by part by one worker, in this
process, whose memory is told; the file is read by the limited worker in one of its own. A tenth of each sheet has a fault.
"""

import csv
import io
import resource
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from benchmarks.setting import begin as ready
from benchmarks.setting import on_each_database, tell

TARGET_SECONDS = 60
ROWS, SMALL = 10_000, 1_000
#: of so many rows one has a fault
FAULTY = 10
WORDS = "The seams differ from ours and the label has no number."


def here(database: str) -> int:
    ready()
    from complaints.bulk.services import KIND as LINKS
    from filings.sheets.services import SHEETS as RIGHTS
    from marketplace.sheets.services import SHEETS as MARKET

    rows = SMALL if "--small" in sys.argv else ROWS
    shop, admin, holder, right = _world()
    kinds: tuple[tuple[str, Any, Any, list[list[str]], dict[str, Any], dict[str, Any], dict[str, Any]], ...] = (
        # First what is on the marketplace, so that its links name something.
        ("marketplace data", MARKET, admin, _market(rows, shop), {"marketplace": shop.marketplace}, {}, {}),
        ("filings", RIGHTS, holder, _rights(rows), {}, {}, {}),
        (
            "complaints", LINKS, holder, _links(rows, shop), {},
            {"filing": right, "infringement": "counterfeit", "description": WORDS},
            {"signature": "Ada Holder", "good_faith": True},
        ),
    )  # fmt: skip
    missed = 0
    for name, kind, by, sheet, where, for_all, said in kinds:
        missed |= _measured(name, database, kind, by, sheet, where, for_all, said)
    return missed


def _measured(
    name: str, database: str, kind: Any, by: Any, rows: list[list[str]], where: Any, for_all: Any, said: Any
) -> int:  # fmt: skip
    from django.core.files.uploadedfile import SimpleUploadedFile

    from core.imports import selectors, services

    took: dict[str, float] = {}
    upload = SimpleUploadedFile("rows.csv", _as_csv(rows))
    began, computed = time.perf_counter(), time.process_time()
    with _timed(took, "read"):
        sheet = services.begin(kind, by=by, upload=upload, **where)
    if for_all:
        sheet = services.choose(kind, sheet=sheet, by=by, chosen=sheet.columns, for_all=for_all)
    with _timed(took, "preview"):
        services.previewed(kind, sheet=sheet, by=by)
    with _timed(took, "confirm"):
        sheet = services.confirm(kind, sheet=sheet, by=by, **said)
    with _timed(took, "do"):
        while services.carry_out_due(kind):
            pass
    seconds, of_cpu = time.perf_counter() - began, time.process_time() - computed
    progress = selectors.progress_of(kind, sheet)
    done = len(rows) - 1
    if (progress.waiting, progress.did) != (0, done - done // FAULTY):
        raise SystemExit(f"{name}: {progress}")
    allowed = TARGET_SECONDS * done / ROWS
    return tell(
        __spec__.name, of=name, database=database, rows=done, seconds=round(seconds, 1), cpu_seconds=round(of_cpu, 1),
        rows_per_second=round(done / seconds), peak_mb=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024, **{f"{stage}_seconds": round(s, 1) for stage, s in took.items()},
        target_seconds=allowed, passed=seconds <= allowed,
    )  # fmt: skip


@contextmanager
def _timed(took: dict[str, float], stage: str) -> Iterator[None]:
    began = time.perf_counter()
    yield
    took[stage] = time.perf_counter() - began


def _world() -> tuple[Any, Any, Any, Any]:
    from accounts.roles import StaffRole
    from tests import factories

    holder = factories.member()
    right = factories.FilingFactory(organisation=holder.organisation, created_by=holder)
    return factories.ShopFactory(), factories.staff(StaffRole.ADMINISTRATOR), holder, right


def _rows(count: int, row: Callable[[int, bool], list[str]]) -> list[list[str]]:
    return [row(n, n % FAULTY == 0) for n in range(count)]


def _market(count: int, shop: Any) -> list[list[str]]:
    def row(n: int, faulty: bool) -> list[str]:
        price = "cheap" if faulty else f"{n % 300}.00"
        images = f"https://img.example/{n}-1.jpg https://img.example/{n}-2.jpg"
        return [str(900_000 + n), "listing", shop.external_id, f"Running shoe {n}", price, "CNY", images, "up"]

    return [["id", "kind", "shop id", "title", "price", "currency", "images", "state"], *_rows(count, row)]


def _rights(count: int) -> list[list[str]]:
    def row(n: int, faulty: bool) -> list[str]:
        return ["trademark", f"BIRD {n}", "none" if faulty else str(10_000_000 + n), "word", "18, 25", "2039-03-13"]

    return [["kind", "title", "number", "mark type", "class", "valid until"], *_rows(count, row)]


def _links(count: int, shop: Any) -> list[list[str]]:
    from marketplace.models import LinkTemplate

    template = LinkTemplate.objects.get(marketplace=shop.marketplace, kind="listing", scene="product_page").template
    # A tenth of the listings had a fault and are not there.
    return [["link"], *([template.replace("{id}", str(900_000 + n))] for n in range(count))]


def _as_csv(rows: list[list[str]]) -> bytes:
    made = io.StringIO()
    csv.writer(made).writerows(rows)
    return made.getvalue().encode()


if __name__ == "__main__":
    sys.exit(here(sys.argv[sys.argv.index("--here") + 1]) if "--here" in sys.argv else on_each_database(__spec__.name))
