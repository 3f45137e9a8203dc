"""One run of schemathesis over the whole API as one caller: all phases, all checks, in this process, in one transaction.

Schemathesis reads the description of the API and sends what fits it and what does not; what is answered is held against
the description. Ids of things that there are come among the ids that it makes up, so that it gets past the door.
"""

import io
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from unittest.mock import patch

import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, connections
from drf_spectacular.generators import SchemaGenerator
from schemathesis.config import ConfigError
from schemathesis.engine import events, from_schema
from schemathesis.transport.wsgi import WSGI_TRANSPORT
from standardwebhooks import Webhook

from tests.api.callers import MALL_SECRET, SIGN, Caller

NETWORK = frozenset({"max_redirects", "verify", "cert", "proxies"})
#: how often an id is one of something that there is
KNOWN = 0.8
#: what the schema cannot say and the rules of the house do: a body of the right shape is refused by them all the same
ALSO_REFUSED = ["2xx", "401", "403", "404", "409", "412", "413", "422", "428", "429", "503"]
#: how what the schema forbids is refused: whether it is based on what there is now is asked before the body is read
REFUSED = ["400", "401", "403", "404", "405", "406", "409", "412", "413", "415", "422", "428", "429", "503"]


@dataclass(frozen=True)
class Depth:
    """How much is tried of each operation."""

    examples: int
    steps: int = 6
    seconds: int | None = None
    #: of so many operations one is tried at all, and one has the phase that goes through all values of each field;
    #: which one, the number of the caller says, so that all callers together leave none out
    tried: int = 1
    covered: int = 1
    number: int = 0
    #: of what is made up; without one it is the same each time
    seed: int | None = None


@dataclass(frozen=True)
class Fault:
    """Something that an operation did and should not have done, and how to see it again."""

    operation: str
    title: str
    said: str
    curl: str

    def __str__(self) -> str:
        return f"{self.operation}: {self.title}\n{self.said}\n{self.curl}"


@contextmanager
def _probes_reach_the_application() -> Iterator[None]:
    """Probes bring options of the network along (schemathesis 4.32), which an application has no use for."""
    send = WSGI_TRANSPORT.send

    def sent(case: Any, **said: Any) -> Any:
        return send(case, **{name: value for name, value in said.items() if name not in NETWORK})

    with patch.object(WSGI_TRANSPORT, "send", sent):
        yield


class App(WSGIHandler):
    """ippro as schemathesis calls it: on the connection of the test, whichever thread calls."""

    #: so many answers until now, by the first digit of their status
    answers: Counter[int] = Counter()

    def __init__(self) -> None:
        super().__init__()
        App.answers.clear()
        self._connection = connections["default"]
        self._connection.inc_thread_sharing()
        for signal in (request_started, request_finished):
            signal.disconnect(close_old_connections)

    def get_response(self, request: Any) -> Any:
        # Forged requests have tests of their own; here everything is meant by who is signed in.
        request._dont_enforce_csrf_checks = True
        answer = super().get_response(request)
        App.answers[answer.status_code // 100] += 1
        return answer

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        connections["default"] = self._connection
        if environ.get("HTTP_WEBHOOK_SIGNATURE", "").startswith(SIGN):
            environ = _signed(environ)
        return super().__call__(environ, start_response)

    def close(self) -> None:
        for signal in (request_started, request_finished):
            signal.connect(close_old_connections)
        self._connection.dec_thread_sharing()


def _signed(environ: dict[str, Any]) -> dict[str, Any]:
    """The call as the marketplace signs it, whatever its body is."""
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    signed = signed_now(body, environ.get("HTTP_WEBHOOK_ID") or "msg_1")
    signed["ippro-marketplace"] = environ["HTTP_WEBHOOK_SIGNATURE"].removeprefix(SIGN)
    said = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in signed.items()}
    return environ | {"wsgi.input": io.BytesIO(body)} | said


def signed_now(body: bytes, message_id: str = "msg_1") -> dict[str, str]:
    """The headers of a call of the marketplace with this body."""
    at = datetime.now(UTC)
    # The library signs text alone; what is no text is not signed, and refused.
    text = body.decode(errors="replace")
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(MALL_SECRET).sign(message_id, at, text),
    }


def described() -> dict[str, Any]:
    """The description of the API, as `/api/schema/` answers it."""
    found: dict[str, Any] = json.loads(json.dumps(SchemaGenerator().get_schema(request=None, public=True), default=str))
    return found


def faults(
    schema: dict[str, Any], caller: Caller, known: Mapping[str, list[str]], depth: Depth
) -> Iterator[Fault | None]:
    """Everything that goes wrong as this caller; None after each operation that was tried.

    `known` are ids of things that there are: by the part of an address that they follow, such as "complaints", and by
    the field of a body that names them, such as "body.right", or of the body of one operation: "complaints_submit.links".
    """
    app = App()
    try:
        # It writes the links that it finds into what it is given.
        loaded = schemathesis.openapi.from_dict(deepcopy(schema), config=_config(schema, caller, known, depth))
        loaded.app = app
        if caller.only:
            loaded = loaded.include(path_regex=caller.only)
        with _probes_reach_the_application():
            for event in from_schema(loaded).execute():
                if isinstance(event, events.NonFatalError):
                    yield Fault(str(event.label), "error of the run", str(event.info.format()), "")
                elif isinstance(event, events.ScenarioFinished):
                    yield from _failed(event)
                    yield None
    finally:
        app.close()


def _failed(event: events.ScenarioFinished) -> Iterator[Fault]:
    for checks in event.recorder.checks.values():
        for check in checks:
            if check.failure_info is not None:
                failure = check.failure_info.failure
                label = failure.operation or event.label or ""
                yield Fault(label, f"{check.name}: {failure.title}", failure.message, check.failure_info.code_sample)


def _config(
    schema: dict[str, Any], caller: Caller, known: Mapping[str, list[str]], depth: Depth
) -> schemathesis.Config:
    said: dict[str, Any] = {
        "seed": depth.seed or 7,
        "continue-on-failure": True,
        "workers": 1,
        "warnings": False,
        "cache": {"enabled": False},
        "output": {"sanitization": {"enabled": False}},
        "headers": dict(caller.headers),
        "generation": {
            "max-examples": depth.examples, "deterministic": depth.seed is None, "no-shrink": True, "database": "none",
        },
        "checks": {
            "positive_data_acceptance": {"expected-statuses": ALSO_REFUSED},
            "negative_data_rejection": {"expected-statuses": REFUSED},
        },
        "phases": {"stateful": {"max-steps": depth.steps}},
    }  # fmt: skip
    if depth.seconds is not None:
        said["max-time"] = depth.seconds
    if caller.key:
        said["auth"] = {"openapi": {"apiKey": {"bearer": caller.key}}}
    if caller.session:
        said["auth"] = {"openapi": {"cookieAuth": {"api_key": caller.session}}}
    if known:
        said["dictionaries"] = {name: {"values": values} for name, values in known.items() if values}
    said["operations"] = list(_of_operations(schema, caller, known, depth))
    try:
        return schemathesis.Config.from_dict(said)
    except ConfigError as wrong:
        raise AssertionError(str(wrong)) from wrong


def _of_operations(
    schema: dict[str, Any], caller: Caller, known: Mapping[str, list[str]], depth: Depth
) -> Iterator[dict[str, Any]]:
    """What is said of single operations: whether they are tried, how deeply, and which ids there are."""
    for number, (path, operation) in enumerate(
        (path, operation) for path, methods in schema["paths"].items() for operation in methods.values()
    ):
        said: dict[str, Any] = {"parameters": dict(_known_in_body(schema, operation, known))}
        parts, names = path.split("/")[3:], re.findall(r"\{(\w+)\}", path)
        part = next((p for p in ("-".join(parts[:2]), *parts[:1]) if p in known), "")
        if names and known.get(part):
            said["parameters"][f"path.{names[0]}"] = {"dictionary": part, "probability": KNOWN}
        if any(p["name"] == "webhook-signature" for p in operation.get("parameters", ())) and not caller.headers:
            # Who signs nothing is told so before anything else.
            said["checks"] = {"unsupported_method": {"enabled": False}}
        if (number - depth.number) % depth.covered:
            off = ["coverage"]
            if (number - depth.number) % depth.tried and not caller.only:
                # Sequences of calls go through it all the same: they need what makes a thing and what asks for it.
                off += ["examples", "fuzzing"]
            said["phases"] = {phase: {"enabled": False} for phase in off}
        if any(said.values()):
            yield {"include-operation-id": operation["operationId"], **{name: of for name, of in said.items() if of}}


def _known_in_body(
    schema: dict[str, Any], operation: dict[str, Any], known: Mapping[str, list[str]]
) -> Iterator[tuple[str, dict[str, Any]]]:
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    fields = _resolved(schema, body).get("properties", {})
    for name in (name for name in fields if name.isidentifier()):
        found = next((n for n in (f"{operation['operationId']}.{name}", f"body.{name}") if known.get(n)), None)
        if found is not None:
            is_list = "items" in _resolved(schema, fields[name])
            yield f"body.{name}{'[*]' if is_list else ''}", {"dictionary": found, "probability": KNOWN}


def _resolved(schema: dict[str, Any], part: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in part:
        part = schema["components"]["schemas"][part["$ref"].rpartition("/")[2]]
    return part
