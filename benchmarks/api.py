"""The API under load: a list and a complaint at 20 and 50 requests a second, with ever more complaints in the database.

    python -m benchmarks.api [--sizes 1000 10000 100000] [--seconds 15] [--only sqlite] [--picture FILE.svg]

The server is gunicorn as docs/how-to/run-in-production.md starts it. Requests arrive when they are due, whether or not
those before them were answered, and what is measured is the time from when a request was due: a server that cannot keep
up is seen. Four organisations ask for their lists, each with a key of its own; the first has half of all complaints. Others
complain: no lane takes a thousand complaints of one organisation before some were decided.
"""

import argparse
import http.client
import json
import os
import random
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.setting import DATABASES, ROOT, begin, installation, tell
from tests.postgres import NoPostgres

SIZES, RATES, SECONDS = (1_000, 10_000, 100_000), (20, 50), 15
#: the slowest answer in a hundred
TARGET_MS = {"list": 300, "complaint": 500}
CALLERS, WORKERS, THREADS = 4, 4, 8
#: complaints of one organisation in one run, below what a lane takes
OF_ONE = 800
#: requests that may wait for an answer at the same time
AT_ONCE = 64
WARM_UP = 40

Asked = tuple[str, str, dict[str, str], bytes | None]


def here(database: str, size: int, seconds: int) -> int:
    begin()
    os.environ["IPPRO_API_CALLS_A_MINUTE"] = "100000"  # every call is counted, and none refused
    things = _world(size, WARM_UP + sum(RATES) * seconds)
    failed = 0
    with _server() as server:
        for kind in TARGET_MS:
            _measure(server, (_asked(kind, things, n) for n in range(WARM_UP)), 20)
        taken = WARM_UP
        for kind, target in TARGET_MS.items():
            for rate in RATES:
                count, began = rate * seconds, server.cpu_seconds()
                found = _measure(server, (_asked(kind, things, taken + n) for n in range(count)), rate)
                taken += count if kind == "complaint" else 0
                p99 = _percentile(found, 99)
                failed |= tell(
                    __spec__.name, database=database, complaints=size, asked=kind, a_second=rate, seconds=seconds,
                    p50_ms=round(statistics.median(found)), p95_ms=round(_percentile(found, 95)), p99_ms=round(p99),
                    cpu_ms_each=round((server.cpu_seconds() - began) * 1000 / count, 1),
                    load=round(os.getloadavg()[0], 1), target_ms=target, passed=p99 <= target,
                )  # fmt: skip
    return failed


def _percentile(found: list[float], share: int) -> float:
    return sorted(found)[min(len(found) - 1, len(found) * share // 100)]


# --- what is asked ---------------------------------------------------------------------------------------------


def _world(size: int, listings: int) -> dict[str, Any]:
    """So many complaints of fifty organisations, keys for four of them, others that complain, and of what."""
    from accounts.api_keys.services import make_key
    from benchmarks import queues
    from complaints.models import Complaint
    from filings.models import Filing
    from tests import factories

    queues.COMPLAINTS = size
    queues.fill()
    first = Complaint.objects.order_by("pk").values_list("organisation_id", flat=True)[1]
    others = Filing.objects.exclude(organisation_id=first).order_by("pk")[: CALLERS - 1]
    rights = [Filing.objects.filter(organisation_id=first).get(), *others]
    holders = [factories.member() for _n in range(max(CALLERS, -(-listings // OF_ONE)))]
    complaining = [factories.FilingFactory(organisation=one.organisation, created_by=one) for one in holders]

    def key_of(right: Filing) -> tuple[str, str]:
        scopes = ["complaints:write", "filings:read"]
        _row, key = make_key(organisation=right.organisation, by=right.created_by, name="load", scopes=scopes, days=30)
        return key, right.public_id

    shop = factories.ShopFactory()
    callers = {"list": list(map(key_of, rights)), "complaint": list(map(key_of, complaining))}
    return {"callers": callers, "urls": [factories.ListingFactory(shop=shop).url for _n in range(listings)]}


def _asked(kind: str, things: dict[str, Any], n: int) -> Asked:
    callers = things["callers"][kind]
    key, right = callers[n % len(callers)]
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    if kind == "list":
        return "GET", "/api/v1/complaints?state=accepted" if n % 2 else "/api/v1/complaints", headers, None
    said = {
        "right": right, "infringement": "counterfeit", "links": [things["urls"][n]], "good_faith": True,
        "description": "The seams differ from ours and the label has no number.", "signature": "Person One",
    }  # fmt: skip
    return "POST", "/api/v1/complaints", headers | {"Idempotency-Key": f"load-{n}"}, json.dumps(said).encode()


# --- the server, and what arrives there ------------------------------------------------------------------------


class Server:
    def __init__(self, process: subprocess.Popen[bytes], port: int) -> None:
        self.process, self.port = process, port

    def cpu_seconds(self) -> float:
        """What its processes have computed until now; on Linux."""
        total = 0
        for pid in (self.process.pid, *_children(self.process.pid)):
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            total += int(fields[11]) + int(fields[12])
        return total / os.sysconf("SC_CLK_TCK")


def _children(pid: int) -> list[int]:
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@contextmanager
def _server() -> Iterator[Server]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    process = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "ippro.wsgi", "--worker-class", "gthread", "--workers", str(WORKERS),
         "--threads", str(THREADS), "--bind", f"127.0.0.1:{port}", "--no-control-socket", "--log-level", "warning",
         "--keep-alive", "60"],
        cwd=ROOT, env=os.environ,
    )  # fmt: skip
    try:
        deadline = time.monotonic() + 90
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)
        yield Server(process, port)
    finally:
        process.terminate()
        process.wait()


def _measure(server: Server, asked: Iterator[Asked], rate: int) -> list[float]:
    """Milliseconds from when each request was due until it was answered."""
    local, found, lock = threading.local(), list[float](), threading.Lock()
    whole = list(asked)
    wait = random.Random(7)

    def ask(due: float, one: Asked) -> None:
        connection = getattr(local, "connection", None)
        if connection is None:
            connection = local.connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=120)
        method, path, headers, body = one
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        content = answer.read()
        if answer.status not in (200, 201):
            raise SystemExit(f"{path} answered {answer.status}: {content[:500]!r}")
        with lock:
            found.append((time.perf_counter() - due) * 1000)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        due, waiting = time.perf_counter() + 0.5, []
        for one in whole:
            time.sleep(max(0.0, due - time.perf_counter()))
            waiting.append(pool.submit(ask, due, one))
            due += wait.expovariate(rate)
        for each in waiting:
            each.result()
    return found


# --- growth ----------------------------------------------------------------------------------------------------


def svg(measured: list[dict[str, Any]]) -> str:
    """How the slowest answer in a hundred, and the computing for each, grow with the complaints in the database."""
    colours = {("list", "sqlite"): "#93c5fd", ("list", "postgresql"): "#2563eb",
               ("complaint", "sqlite"): "#fdba74", ("complaint", "postgresql"): "#c2410c"}  # fmt: skip
    rows = [row for row in measured if row["a_second"] == max(RATES)]
    sizes = sorted({row["complaints"] for row in rows})
    parts = ['<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 760 270" font-family="sans-serif" font-size="13">']
    for n, (key, title) in enumerate((("p99_ms", "p99, ms, 50 a second"), ("cpu_ms_each", "computing, ms each"))):
        left, width, base, height = 50 + n * 370, 290, 210, 160
        top = max(1.0, *(row[key] for row in rows)) * 1.15
        parts.append(f'<text x="{left}" y="24" font-weight="bold">{title}</text>')
        parts.append(f'<path d="M{left} 40V{base}H{left + width}" fill="none" stroke="#888"/>')
        for size in sizes:
            at = left + width * (sizes.index(size) + 0.5) / len(sizes)
            parts.append(f'<text x="{at:.0f}" y="{base + 18}" text-anchor="middle" fill="#555">{size:,}</text>')
        for (kind, database), colour in colours.items():
            line = sorted(
                (row["complaints"], row[key]) for row in rows if (row["asked"], row["database"]) == (kind, database)
            )
            at = [(left + width * (sizes.index(s) + 0.5) / len(sizes), base - height * v / top) for s, v in line]
            points = " ".join(f"{x:.1f},{y:.1f}" for x, y in at)
            parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>')
            for (x, y), (_size, value) in zip(at, line, strict=True):
                parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{colour}"/>')
                parts.append(f'<text x="{x:.1f}" y="{y - 8:.1f}" text-anchor="middle" fill="{colour}">{value}</text>')
    drawn = {(row["asked"], row["database"]) for row in rows}
    for n, ((kind, database), colour) in enumerate((key, c) for key, c in colours.items() if key in drawn):
        parts.append(f'<rect x="{50 + n * 175}" y="240" width="12" height="12" fill="{colour}"/>')
        parts.append(f'<text x="{67 + n * 175}" y="251">{kind}, {database}</text>')
    return "\n".join([*parts, "</svg>", ""])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", nargs="+", type=int, default=SIZES)
    parser.add_argument("--seconds", type=int, default=SECONDS)
    parser.add_argument("--only", choices=DATABASES)
    parser.add_argument("--picture", type=Path, help="write the growth into this file")
    parser.add_argument("--here", nargs=2, help=argparse.SUPPRESS)
    said = parser.parse_args()
    if said.here:
        return here(said.here[0], int(said.here[1]), said.seconds)
    failed, measured = 0, list[dict[str, Any]]()
    for database in DATABASES if said.only is None else (said.only,):
        for size in said.sizes:
            try:
                with installation(database) as env:
                    done = subprocess.run(
                        [sys.executable, "-m", __spec__.name, "--here", database, str(size), "--seconds", str(said.seconds)],
                        cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True,
                    )  # fmt: skip
            except NoPostgres as missing:
                tell(__spec__.name, database=database, left_out=str(missing))
                break
            print(done.stdout, end="", flush=True)
            failed |= done.returncode
            measured += [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    if said.picture and measured:
        said.picture.write_text(svg(measured))
    return failed


if __name__ == "__main__":
    sys.exit(main())
