"""Null bytes, halves of characters, numbers without end, wrong types, odd headers, tampered cursors: refused as described.

In the suite each caller sends a share of them; `ODD=1` sends every one, for minutes.
"""

import os
import sys
import traceback

import pytest
from django.db import transaction
from django.test import Client

from tests.api.callers import CALLERS, SIGN
from tests.api.fuzzing import signed_now
from tests.api.hostile import calls
from tests.api.test_no_caller_finds_a_fault import holder, in_bodies, quiet, schema, things  # noqa: F401  fixtures
from tests.test_keys_open_what_their_scopes_say import NAMES

pytestmark = [pytest.mark.django_db, pytest.mark.once]
#: one in so many is sent, and by who is not let in
SHARE = int(os.environ.get("ODD", "0")) or 211
FEW = 50
CALLED_BY = list(CALLERS) if SHARE < FEW else ["rights holder", "administrator", "marketplace"]
JSON, PROBLEM = "application/json", "application/problem+json"


@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("who", CALLED_BY)
def test_odd_values_find_no_fault(who, things, schema, quiet, capsys, settings):  # noqa: F811
    caller, known = CALLERS[who](things), in_bodies(things)
    client = Client(headers={"Authorization": f"Bearer {caller.key}"} if caller.key else {})
    if caller.session:
        client.cookies[settings.SESSION_COOKIE_NAME] = caller.session
    sent, faults = 0, {}
    for number, (path, method, operation) in enumerate(
        (path, method, operation) for path, methods in schema["paths"].items() for method, operation in methods.items()
    ):
        if caller.only and "/marketplace/" not in path:
            continue
        odd = calls(path, method, operation, _base(operation, known), _ids(path, things))
        # Whoever is not let in sends few: what they say is not read.
        share = SHARE if SHARE > FEW or _is_let_in(client, next(iter(odd))(), caller) else FEW
        for call in (make() for n, make in enumerate(odd) if (n + number * 31) % share == 0):
            sent += 1
            wrong = _wrong(client, call, _headers(call, caller), operation)
            if wrong and SHARE < FEW and (operation["operationId"], wrong) not in faults:
                with capsys.disabled():
                    sys.stdout.write(f"\n{operation['operationId']}: {wrong} ({call.why})\n")
                    sys.stdout.flush()
            if wrong:
                faults.setdefault((operation["operationId"], wrong), []).append(call.why)
    if SHARE < FEW:
        with capsys.disabled():
            sys.stdout.write(f"\n{who}: {sent} odd calls, {len(faults)} faults\n")
    assert not faults, "\n".join(f"{name}: {wrong} ({'; '.join(why[:4])})" for (name, wrong), why in faults.items())


def _headers(call, caller):
    signed = {}
    if caller.only:
        signed = signed_now(call.body) | {"Ippro-Marketplace": caller.headers["webhook-signature"].removeprefix(SIGN)}
    return signed | {name: value.encode().decode("latin-1") for name, value in call.headers.items()}


def _is_let_in(client, call, caller):
    with transaction.atomic():
        answer = client.generic(call.method, call.path, call.body, call.kind, headers=_headers(call, caller))
        transaction.set_rollback(True)
    return answer.status_code not in (401, 403, 404)


def _wrong(client, call, headers, operation):
    """What an answer has that it should not have; empty if it is as described. Nothing of the call stays."""
    try:
        with transaction.atomic():
            answer = client.generic(call.method, call.path, call.body, call.kind, headers=headers)
            content = b"".join(answer.streaming_content) if answer.streaming else answer.content
            transaction.set_rollback(True)
    except Exception as failure:
        return f"{type(failure).__name__}: {failure}"[:300] + _where(failure)
    status = str(answer.status_code)
    if status >= "500" and status != "503":
        return f"answered {status}"
    if status not in operation["responses"]:
        return f"answered {status}, which is not described: {content[:200]!r}"
    if status >= "400" and answer["Content-Type"] != PROBLEM:
        return f"answered {status} as {answer['Content-Type']}"
    return ""


def _where(failure):
    ours = [f for f in traceback.extract_tb(failure.__traceback__) if "site-packages" not in f.filename]
    return f" at {os.path.relpath(ours[-1].filename)}:{ours[-1].lineno}" if ours else ""


def _base(operation, known):
    """A body that would do: the example of the description, naming what there is."""
    content = operation.get("requestBody", {}).get("content", {}).get(JSON)
    if content is None:
        return None
    shown = [one["value"] for one in content.get("examples", {}).values()] or [content.get("example")]
    body = dict(shown[0] or {})
    for name, value in body.items():
        ids = known.get(f"{operation['operationId']}.{name}") or known.get(f"body.{name}")
        if ids:
            body[name] = [ids[0]] if isinstance(value, list) else ids[0]
    return body


def _ids(path, things):  # noqa: F811
    parts = path.split("/")[3:]
    named = {**NAMES, "marketplace/sheets": "market_sheet"}
    kind = named.get("/".join(parts[:2])) or named.get(parts[0])
    return {"public_id": things[kind]} if kind else {}
