"""Complaints submitted over HTTP, against a bare Django view that writes three rows: same server, same database.

    python -m benchmarks.submission

Four complainants send theirs at the same time, each under its own right: notices under one right take turns by design.
Both are asked in turns, so that what else happens on the machine happens to both.
"""

import http.client
import json
import os
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from queue import Empty, SimpleQueue
from typing import Any

from benchmarks.setting import ROOT, begin, on_each_database, tell

TARGET_RATIO = 0.5
ROUNDS, REQUESTS, CLIENTS = 5, 80, 4

Ask = Callable[[http.client.HTTPConnection, Any], None]


def here(database: str) -> int:
    begin()
    holders, listings = _world(ROUNDS * REQUESTS + CLIENTS)
    signed_in = [(right, _signed_in(holder)) for holder, right in holders]

    def complain(connection: http.client.HTTPConnection, listing: Any) -> None:
        right, headers = signed_in[listing.pk % CLIENTS]
        said = {
            "right": right.public_id, "infringement": "counterfeit", "links": [listing.url], "good_faith": True,
            "description": "The seams differ from ours and the label has no number.", "signature": "Person One",
        }  # fmt: skip
        _ask(connection, "/api/v1/complaints", said, headers)

    def bare(connection: http.client.HTTPConnection, listing: Any) -> None:
        _ask(connection, "/benchmark/three-rows", {}, signed_in[0][1])

    waiting = iter(listings)
    rates: dict[str, list[float]] = {"complaints": [], "bare": []}
    with _server() as port:
        _rate(port, complain, [next(waiting) for _n in range(CLIENTS)])
        _rate(port, bare, range(REQUESTS))
        for _round in range(ROUNDS):
            rates["bare"].append(_rate(port, bare, range(REQUESTS)))
            rates["complaints"].append(_rate(port, complain, [next(waiting) for _n in range(REQUESTS)]))
    complaints, bares = statistics.median(rates["complaints"]), statistics.median(rates["bare"])
    ratio = complaints / bares
    return tell(
        __spec__.name, database=database, complaints_per_second=round(complaints), bare_per_second=round(bares),
        ratio=round(ratio, 2), target=TARGET_RATIO, passed=ratio >= TARGET_RATIO,
    )  # fmt: skip


def _world(count: int) -> tuple[Any, list[Any]]:
    from tests import factories

    holders = [factories.member() for _n in range(CLIENTS)]
    rights = [factories.FilingFactory(organisation=holder.organisation, created_by=holder) for holder in holders]
    shop = factories.ShopFactory()
    return list(zip(holders, rights, strict=True)), [factories.ListingFactory(shop=shop) for _n in range(count)]


def _signed_in(user: Any) -> dict[str, str]:
    from django.conf import settings
    from django.test import Client

    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    token = "a" * 32
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    return {
        "Cookie": f"{settings.SESSION_COOKIE_NAME}={session}; {settings.CSRF_COOKIE_NAME}={token}",
        "X-CSRFToken": token, "Content-Type": "application/json",
    }  # fmt: skip


@contextmanager
def _server() -> Iterator[int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    server = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "ippro.wsgi", "--bind", f"127.0.0.1:{port}", "--worker-class", "gthread",
         "--threads", str(CLIENTS), "--no-control-socket", "--log-level", "warning", "--keep-alive", "60"],
        cwd=ROOT, env=os.environ,
    )  # fmt: skip
    try:
        deadline = time.monotonic() + 60
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)
        yield port
    finally:
        server.terminate()
        server.wait()


def _rate(port: int, ask: Ask, things: Any) -> float:
    """Requests a second when `CLIENTS` ask at the same time, each over one connection."""
    waiting: SimpleQueue[Any] = SimpleQueue()
    for thing in things:
        waiting.put(thing)
    failures: list[BaseException] = []

    def client() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        try:
            while True:
                ask(connection, waiting.get_nowait())
        except Empty:
            pass
        except BaseException as failure:
            failures.append(failure)
        finally:
            connection.close()

    threads = [threading.Thread(target=client) for _n in range(CLIENTS)]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return len(things) / (time.perf_counter() - started)


def _ask(connection: http.client.HTTPConnection, path: str, said: Any, headers: dict[str, str]) -> None:
    connection.request("POST", path, json.dumps(said), headers)
    answer = connection.getresponse()
    body = answer.read()
    if answer.status != 201:
        raise SystemExit(f"{path} answered {answer.status}: {body[:500]!r}")


if __name__ == "__main__":
    sys.exit(here(sys.argv[2]) if "--here" in sys.argv else on_each_database(__spec__.name))
