"""Every operation of the API, walked: which scope opens it, and what every other caller is answered.

The operations are read from the description of the API, so that a new one is covered as soon as it exists.
"""

import re
from functools import cache

import pytest
from django.test import Client
from drf_spectacular.generators import SchemaGenerator

from accounts.api_keys import services
from accounts.api_keys.scopes import SCOPES, Area
from tests.factories import member
from tests.test_foreign_ids_look_unknown import holder, things  # noqa: F401  fixtures

pytestmark = pytest.mark.django_db
#: no key opens these: staff alone
NOT_FOR_KEYS = {"ledger_export"}
#: what the addresses below these parts of the API name
NAMES = {
    "appeals": "appeal", "candidates": "candidate", "complaints": "complaint", "complaints/sheets": "sheet", "complaints/answers": "answers", "counter-notices": "answer",
    "filings": "filing", "filings/sheets": "filing_sheet", "findings": "finding", "intakes": "intake", "matches": "match", "notices": "notice",
    "originals": "original", "penalties": "penalty", "powers-of-attorney": "power", "saved-searches": "search", "shop-standings": "shop", "watch-profiles": "profile",
    "webhooks": "webhook",
}  # fmt: skip
NOWHERE = "00000000000000000000000000"


@cache
def operations():
    """Method, path and description of each operation that asks who calls."""
    described = SchemaGenerator().get_schema(request=None, public=True)
    return [
        (method, path, said)
        for path, methods in described["paths"].items()
        for method, said in methods.items()
        if said.get("security")
    ]


def ids():
    return [said["operationId"] for _method, _path, said in operations()]


def keyed(*scopes, by=None):
    by = by or member()
    return services.make_key(organisation=by.organisation, by=by, name="x", scopes=scopes, days=30)


def ask(method, path, key, public_id=NOWHERE):
    headers = {"Authorization": f"Bearer {key}", **({"If-Match": "*"} if method == "patch" else {})}
    to = re.sub(r"\{\w+\}", public_id, path.replace("{view}", "side-by-side"))
    sent = {"data": "{}", "content_type": "application/json"} if method in ("post", "patch", "put") else {}
    return getattr(Client(), method)(to, headers=headers, **sent)


def scopes_of(said):
    return [scope for way in said["security"] for scope in way.get("apiKey", ())]


def test_every_operation_says_which_scope_opens_it():
    without = {said["operationId"] for _method, _path, said in operations() if not scopes_of(said)}
    assert without == NOT_FOR_KEYS
    assert {scope for _method, _path, said in operations() for scope in scopes_of(said)} <= set(SCOPES)
    assert {s.split(":")[0] for _m, _p, said in operations() for s in scopes_of(said)} == set(Area.values)


def test_only_with_its_scope_a_key_gets_past_the_door():
    by = member()
    others = {said["operationId"]: tuple(s for s in SCOPES if not _opens(s, said)) for _m, _p, said in operations()}
    keys = {scopes: keyed(*scopes, by=by)[1] for scopes in {*others.values(), *((s,) for s in SCOPES)}}
    for method, path, said in operations():
        name = said["operationId"]
        refused = ask(method, path, keys[others[name]])
        assert (refused.status_code, refused.json()["code"]) == (403, "out_of_scope"), name
        for scope in scopes_of(said):
            answer = ask(method, path, keys[(scope,)])
            assert b"out_of_scope" not in answer.content, (name, scope)
            assert answer.status_code not in (401, 500), name


def _opens(scope, said):
    wanted = scopes_of(said)
    return scope in wanted or scope.replace(":write", ":read") in wanted


def test_what_is_no_key_or_no_longer_one_opens_nothing(stopped):
    by = member()
    (revoked_row, revoked), (_row, over) = keyed(*SCOPES, by=by), keyed(*SCOPES, by=by)
    services.revoke_key(key=revoked_row, by=by)
    stopped.advance(days=30)
    for method, path, said in operations():
        for key in (revoked, over, "ippro_" + "g" * 43, "garbage"):
            answer = ask(method, path, key)
            assert (answer.status_code, answer.json()["code"]) == (401, "bad_key"), said["operationId"]
            assert answer["Content-Type"] == "application/problem+json"


def test_a_foreign_thing_looks_unknown_to_a_key(things):  # noqa: F811
    _row, key = keyed(*SCOPES)
    for method, path, said in operations():
        if "{" in path:
            part = path.split("/{")[0].removeprefix("/api/v1/")
            foreign = things[NAMES[part if part in NAMES else part.split("/")[0]]]
            unknown = f"{foreign.split('_')[0]}_{NOWHERE}"
            answers = [ask(method, path, key, i) for i in (foreign, unknown)]
            first, second = (
                (a.status_code, a.content.decode().replace(i, ""))
                for a, i in zip(answers, (foreign, unknown), strict=True)
            )
            assert first == second, said["operationId"]
            assert first[0] in (403, 404, 415, 422), said["operationId"]
