"""The conformance kit: whether a connector keeps what `base.py` promises. Run it against yours:

    pytest -p marketplace.connectors.conformance --connector your.module:YourHarness

You write a `Harness`: how to start a marketplace to try it on, put one thing up, and look at it as a
visitor does. The kit puts a disturbed line between your connector and that marketplace (it swallows
answers, throttles, refuses, babbles) and looks at what comes out. See docs/how-to/write-a-connector.md.
"""

import contextlib
import http.client
import importlib
import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import urlsplit

import pytest

from marketplace.connectors.base import (
    Connection,
    Connector,
    ConnectorError,
    Kind,
    Order,
    Outcome,
    PermanentError,
    Ref,
    TransientError,
)

PATIENCE_SECONDS = 4.0
UNKNOWN_ID = "99999999"


class Harness:
    """What the author of a connector provides: a marketplace to try it on. Made once for a run."""

    #: the class under test
    connector: ClassVar[Callable[[Connection], Connector]]
    #: an order that a newer one superseded has no effect when it comes again
    remembers_keys: ClassVar[bool] = False
    #: how long the public side may lag behind
    settles_within_seconds: ClassVar[float] = 5.0

    def start(self) -> str:
        """Start the marketplace (or reach one that is there for tests); its address, http://host:port."""
        raise NotImplementedError

    def stop(self) -> None:
        """Stop what `start` started."""

    def connection(self, url: str) -> Connection:
        """The connection to the marketplace at `url`, which is its own address or that of the disturbed line.

        The kit adds `timeout_seconds` to its `config`.
        """
        raise NotImplementedError

    def put_up(self, kind: Kind) -> str:
        """Put one new thing of this kind on the marketplace; its external id."""
        raise NotImplementedError

    def is_public(self, ref: Ref) -> bool:
        """Whether a visitor sees it now. Do not ask the connector."""
        raise NotImplementedError


# --- pytest ----------------------------------------------------------------------------------------------


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--connector", metavar="MODULE:CLASS", help="run the conformance kit with this harness of a connector"
    )


def pytest_configure(config: pytest.Config) -> None:
    """`--connector` without any test named means this kit."""
    if config.getoption("--connector", None) and config.args_source is not config.ArgsSource.ARGS:
        config.args = [__file__]


@pytest.fixture(scope="class")
def line(request: pytest.FixtureRequest) -> Iterator["Line"]:
    harness_class = getattr(request.cls, "harness_class", None) or _named(request.config.getoption("--connector"))
    harness = harness_class()
    try:
        with Line(harness.start(), harness) as disturbed:
            yield disturbed
    finally:
        harness.stop()


@pytest.fixture
def calm(line: "Line") -> Iterator["Line"]:
    """The line at the start of each test: nothing is disturbed, the connector is new."""
    line.disturb(None)
    yield line
    line.disturb(None)
    line.hang_up()


def _named(name: str | None) -> type[Harness]:
    if not name or ":" not in name:
        pytest.skip("name a harness: --connector module:Class")
    module, _, attribute = name.partition(":")
    return getattr(importlib.import_module(module), attribute)


# --- the disturbed line -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Disturbance:
    """What happens to calls instead of an answer. `after` lets the marketplace carry them out first."""

    status: int = 0
    body: bytes = b"{}"
    headers: Mapping[str, str] | None = None
    after: bool = False
    silent: bool = False
    cut: bool = False


class Line:
    """A proxy between connector and marketplace, and the connector at this end of it."""

    def __init__(self, upstream: str, harness: Harness) -> None:
        self.upstream, self.harness = urlsplit(upstream), harness
        self.disturbance: Disturbance | None = None
        self._released = threading.Event()
        self._connector: Connector | None = None
        self._keys = 0
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.server.daemon_threads = True
        # Threads that are still held are let go by `disturb(None)`; nobody waits for them.
        self.server.block_on_close = False

    def __enter__(self) -> "Line":
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.hang_up()
        self._released.set()
        self.server.shutdown()
        self.server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"

    @property
    def connector(self) -> Connector:
        """One connector for the length of a test, so that it may keep a session."""
        if self._connector is None:
            self._connector = self.open(self.url)
        return self._connector

    def open(self, url: str) -> Connector:
        connection = self.harness.connection(url)
        patient = {**connection.config, "timeout_seconds": PATIENCE_SECONDS}
        return type(self.harness).connector(replace(connection, config=patient))

    def hang_up(self) -> None:
        if self._connector is not None:
            self._connector.close()
            self._connector = None

    def disturb(self, disturbance: Disturbance | None) -> None:
        """From now on, until the next word; None lets calls through again."""
        self._released.set()
        self._released = threading.Event()
        self.disturbance = disturbance

    @property
    def kinds(self) -> list[Kind]:
        return sorted(type(self.connector).kinds)

    # what tests do

    def new(self, kind: Kind | None = None) -> Ref:
        """A thing that is up and that a visitor sees."""
        kind = kind or self.kinds[0]
        ref = Ref(kind, self.harness.put_up(kind))
        self.shows(ref)
        return ref

    def order(self, ref: Ref, desired: str) -> Order:
        self._keys += 1
        return Order(ref, desired, f"conformance:{id(self)}:{ref.kind}:{ref.external_id}:{self._keys}")  # type: ignore[arg-type]

    def send(self, *orders: Order) -> Mapping[Ref, Outcome]:
        """Carry out orders; a raised connector error counts for each of them, anything else is a broken promise."""
        try:
            outcomes = self.connector.apply(orders)
        except ConnectorError as failure:
            outcomes = {order.ref: Outcome(error=failure) for order in orders}
        assert {o.ref for o in orders} <= set(outcomes), "apply() must answer for every order"
        for outcome in outcomes.values():
            assert outcome.error is None or isinstance(outcome.error, TransientError | PermanentError)
        return outcomes

    def shows(self, ref: Ref) -> None:
        assert self._comes(lambda: self.harness.is_public(ref)), f"{ref} is not public"

    def hides(self, ref: Ref) -> None:
        assert self._comes(lambda: not self.harness.is_public(ref)), f"{ref} is still public"

    def _comes(self, holds: Callable[[], bool]) -> bool:
        until = time.monotonic() + self.harness.settles_within_seconds
        while not holds():
            if time.monotonic() > until:
                return False
            time.sleep(0.02)
        return True

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        line = self

        class Handler(BaseHTTPRequestHandler):
            def handle_any(self) -> None:
                disturbance = line.disturbance
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                answer = None if disturbance and not disturbance.after else line.forward(self, body)
                if disturbance and disturbance.silent:
                    line._released.wait(20)
                if disturbance and (disturbance.silent or disturbance.cut):
                    self.close_connection = True
                    return
                if disturbance and disturbance.status:
                    answer = (disturbance.status, list((disturbance.headers or {}).items()), disturbance.body)
                status, headers, content = answer or (502, [], b"{}")
                self.send_response(status)
                for name, value in headers:
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any

            def handle(self) -> None:
                with contextlib.suppress(ConnectionError):
                    super().handle()

            def log_message(self, *args: object) -> None:
                pass

        return Handler

    def forward(self, request: BaseHTTPRequestHandler, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
        connection = http.client.HTTPConnection(self.upstream.hostname or "", self.upstream.port or 80, timeout=30)
        left_out = {"host", "connection", "content-length", "transfer-encoding", "accept-encoding"}
        headers = {k: v for k, v in request.headers.items() if k.lower() not in left_out}
        try:
            connection.request(request.command, self.upstream.path + request.path, body, headers)
            answer = connection.getresponse()
            kept = [(k, v) for k, v in answer.getheaders() if k.lower() not in left_out]
            return answer.status, kept, answer.read()
        finally:
            connection.close()


# --- the promises ---------------------------------------------------------------------------------------------


class Conformance:
    """Every promise of `marketplace/connectors/base.py`; `harness_class` may be set instead of `--connector`."""

    harness_class: ClassVar[type[Harness] | None] = None

    def test_it_says_what_it_can_take_down_and_how_much_at_once(self, calm: Line) -> None:
        connector = type(calm.connector)
        assert connector.kinds
        assert connector.kinds <= {"listing", "video", "livestream", "shop"}
        assert 1 <= connector.max_batch <= 1_000

    def test_what_is_taken_down_vanishes_and_comes_back_when_reinstated(self, calm: Line) -> None:
        for kind in calm.kinds:
            ref = calm.new(kind)
            assert calm.send(calm.order(ref, "down"))[ref].error is None
            calm.hides(ref)
            assert calm.send(calm.order(ref, "up"))[ref].error is None
            calm.shows(ref)

    def test_the_same_order_twice_is_harmless(self, calm: Line) -> None:
        ref = calm.new()
        order = calm.order(ref, "down")
        for _time in range(2):
            assert calm.send(order)[ref].error is None
            calm.hides(ref)

    def test_the_last_order_counts(self, calm: Line) -> None:
        ref = calm.new()
        first = calm.order(ref, "down")
        for order in (first, calm.order(ref, "up"), calm.order(ref, "down"), calm.order(ref, "up")):
            assert calm.send(order)[ref].error is None
        calm.shows(ref)
        if calm.harness.remembers_keys:
            calm.send(first)
            calm.shows(ref)

    def test_taking_down_what_is_down_and_putting_up_what_is_up_are_confirmed(self, calm: Line) -> None:
        ref = calm.new()
        assert calm.send(calm.order(ref, "up"))[ref].error is None
        calm.shows(ref)
        for _time in range(2):
            assert calm.send(calm.order(ref, "down"))[ref].error is None
        calm.hides(ref)

    def test_a_whole_batch_is_carried_out_in_both_directions(self, calm: Line) -> None:
        kind = calm.kinds[0]
        up, down = [calm.new(kind) for _ in range(3)], [calm.new(kind) for _ in range(3)]
        calm.send(*[calm.order(ref, "down") for ref in up])
        mixed = calm.send(*[calm.order(ref, "up") for ref in up], *[calm.order(ref, "down") for ref in down])
        assert [outcome.error for outcome in mixed.values()] == [None] * 6
        for ref in up:
            calm.shows(ref)
        for ref in down:
            calm.hides(ref)

    def test_an_unknown_id_is_refused_for_good(self, calm: Line) -> None:
        ref = Ref(calm.kinds[0], UNKNOWN_ID)
        assert isinstance(calm.send(calm.order(ref, "down"))[ref].error, PermanentError)

    def test_one_bad_id_costs_nobody_else_of_its_batch(self, calm: Line) -> None:
        good = [calm.new() for _ in range(3)]
        odd = Ref(good[0].kind, "no such <id> \"';-- 无")
        bad = Ref(good[0].kind, UNKNOWN_ID)
        outcomes = calm.send(*[calm.order(ref, "down") for ref in (good[0], bad, good[1], odd, good[2])])
        assert [outcomes[ref].error for ref in good] == [None] * 3
        for ref in good:
            calm.hides(ref)
        for ref in (bad, odd):
            assert isinstance(outcomes[ref].error, PermanentError)

    def test_a_kind_that_it_cannot_take_down_is_refused_for_good(self, calm: Line) -> None:
        for kind in {"listing", "video", "livestream", "shop"} - type(calm.connector).kinds:
            ref = Ref(kind, "1")  # type: ignore[arg-type]
            assert isinstance(calm.send(calm.order(ref, "down"))[ref].error, PermanentError)

    def test_it_sees_what_is_up_down_and_missing(self, calm: Line) -> None:
        up, down = calm.new(), calm.new()
        missing = Ref(up.kind, UNKNOWN_ID)
        calm.send(calm.order(down, "down"))
        calm.hides(down)
        assert dict(calm.connector.observe([up, down, missing])) == {up: "up", down: "down", missing: "missing"}

    def test_it_sees_more_at_once_than_one_batch(self, calm: Line) -> None:
        up = calm.new()
        missing = [Ref(up.kind, f"{UNKNOWN_ID}{n}") for n in range(type(calm.connector).max_batch)]
        states = calm.connector.observe([*missing, up])
        assert states[up] == "up"
        assert {states[ref] for ref in missing} == {"missing"}

    def test_nothing_to_do_is_no_trouble(self, calm: Line) -> None:
        assert dict(calm.connector.apply([])) == {}
        assert dict(calm.connector.observe([])) == {}

    def test_its_catalogue_speaks_in_events_and_has_what_is_up(self, calm: Line) -> None:
        ref = calm.new()
        said: dict[str, list[Any]] = {}
        for event in calm.connector.catalogue():
            json.dumps(dict(event))
            said.setdefault(str(event["type"]), []).append(str(event["data"]["external_id"]))
        assert set(said) <= {f"{kind}.upserted" for kind in ("shop", "listing", "video", "livestream")}
        assert ref.external_id in said[f"{ref.kind}.upserted"]
        assert next(iter(said)) == "shop.upserted" or "shop.upserted" not in said

    # what goes wrong

    def failing(self, calm: Line, disturbance: Disturbance, *, act: str = "apply") -> ConnectorError:
        """What comes of a call on a line that was good until now, and then was not."""
        ref = calm.new()
        calm.connector.observe([ref])
        calm.disturb(disturbance)
        if act == "apply":
            error = calm.send(calm.order(ref, "down"))[ref].error
        else:
            with pytest.raises((TransientError, PermanentError)) as raised:
                calm.connector.observe([ref])
            error = raised.value
        assert error is not None, "the call did not succeed, and the connector says that it did"
        self.ref = ref
        return error

    def test_a_lost_answer_leaves_the_outcome_unknown(self, calm: Line) -> None:
        error = self.failing(calm, Disturbance(after=True, cut=True))
        assert isinstance(error, TransientError)
        assert error.outcome_unknown, "the order may have been carried out"
        calm.disturb(None)
        calm.send(calm.order(self.ref, "down"))
        calm.hides(self.ref)

    def test_a_time_out_leaves_the_outcome_unknown(self, calm: Line) -> None:
        error = self.failing(calm, Disturbance(after=True, silent=True))
        assert isinstance(error, TransientError)
        assert error.outcome_unknown

    def test_nobody_at_home_is_transient_and_known_to_be_without_effect(self, calm: Line) -> None:
        ref = calm.new()
        calm.hang_up()
        calm._connector = calm.open("http://127.0.0.1:9")
        error = calm.send(calm.order(ref, "down"))[ref].error
        assert isinstance(error, TransientError)
        assert not error.outcome_unknown
        calm.shows(ref)

    def test_throttling_is_transient_and_says_how_long_to_wait(self, calm: Line) -> None:
        error = self.failing(calm, Disturbance(status=429, headers={"Retry-After": "7"}))
        assert isinstance(error, TransientError)
        assert error.retry_after_seconds == 7
        assert not error.outcome_unknown

    @pytest.mark.parametrize("status", [401, 403])
    def test_being_refused_is_permanent(self, calm: Line, status: int) -> None:
        assert isinstance(self.failing(calm, Disturbance(status=status)), PermanentError)

    @pytest.mark.parametrize("status", [500, 502, 503, 504])
    def test_a_server_error_is_transient_with_unknown_outcome(self, calm: Line, status: int) -> None:
        error = self.failing(calm, Disturbance(status=status, after=True))
        assert isinstance(error, TransientError)
        assert error.outcome_unknown

    @pytest.mark.parametrize(
        "body",
        [b"", b"<html>Welcome</html>", b"[]", b"null", b"{}", b'{"data": null, "results": null, "states": 7}',
         b'{"data": {"updateProducts": [7]}, "results": [7], "states": [7]}', b"\xff\xfe\x00", b"[" * 100_000],
        ids=["empty", "page", "list", "null", "nothing", "nulls", "numbers", "bytes", "nested"],
    )  # fmt: skip
    def test_an_answer_that_says_nothing_confirms_nothing(self, calm: Line, body: bytes) -> None:
        headers = {"Content-Type": "application/json"}
        error = self.failing(calm, Disturbance(status=200, body=body, headers=headers, after=True))
        assert isinstance(error, TransientError)
        assert error.outcome_unknown

    @pytest.mark.parametrize(
        "disturbance",
        [Disturbance(cut=True), Disturbance(silent=True), Disturbance(status=503), Disturbance(status=429),
         Disturbance(status=403), Disturbance(status=200, body=b"<html>"), Disturbance(status=200)],
        ids=["cut", "silent", "503", "429", "403", "page", "nothing"],
    )  # fmt: skip
    def test_looking_fails_with_a_connector_error_too(self, calm: Line, disturbance: Disturbance) -> None:
        self.failing(calm, disturbance, act="observe")

    def test_it_recovers_when_the_marketplace_does(self, calm: Line) -> None:
        self.failing(calm, Disturbance(status=503))
        calm.disturb(None)
        assert calm.send(calm.order(self.ref, "down"))[self.ref].error is None
        calm.hides(self.ref)

    def test_errors_tell_no_secrets(self, calm: Line) -> None:
        secrets = [s for s in calm.harness.connection(calm.url).secrets.values() if len(s) > 3]
        for disturbance in (Disturbance(status=401), Disturbance(status=500), Disturbance(cut=True)):
            error = self.failing(calm, disturbance)
            assert not [s for s in secrets if s in str(error)]
            calm.disturb(None)

    def test_a_misconfigured_connection_is_a_permanent_error(self, calm: Line) -> None:
        for connection in (Connection("x"), Connection("x", config={"url": "nonsense"}, secrets={"token": "x"})):
            with pytest.raises((PermanentError, TransientError)):
                type(calm.harness).connector(connection).observe([Ref("listing", "1")])

    def test_it_may_be_closed_twice(self, calm: Line) -> None:
        calm.connector.close()
        calm.connector.close()


class TestConnector(Conformance):
    """The kit as it is run from the command line."""
