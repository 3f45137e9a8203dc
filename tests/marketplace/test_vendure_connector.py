"""What the Vendure connector makes of Vendure's answers; the answers are those of Vendure 3.7.3, word for word."""

import json

import httpx
import pytest

from marketplace.connectors.base import Connection, Order, PermanentError, Ref, TransientError
from marketplace.connectors.vendure import connector as module
from marketplace.connectors.vendure.connector import VendureConnector

NOT_FOUND = {"message": 'No Product with the id "9" could be found', "extensions": {"code": "ENTITY_NOT_FOUND"}}
FORBIDDEN = {
    "message": "You are not currently authorized to perform this action",
    "extensions": {"code": "FORBIDDEN"},
}


class Vendure:
    """Answers as Vendure would: `known` products, `valid` session tokens, `errors` to give first."""

    def __init__(self, *known):
        self.enabled = dict.fromkeys(known, True)
        self.valid, self.logins, self.updates, self.seen = set(), 0, [], []
        self.errors, self.refuses_login = [], False

    def __call__(self, request):
        body = json.loads(request.content)
        query, variables = body["query"], body["variables"]
        self.seen.append(request)
        if "login(" in query:
            return self.login()
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if request.url.path == "/shop-api":
            return _data({k: {"id": i} if self.enabled.get(i) else None for k, i in variables.items()})
        if token not in self.valid and request.headers.get("vendure-api-key") != "key":
            return _errors(FORBIDDEN)
        if "updateProducts" not in query:
            return _data({"products": {"items": [{"id": i} for i in variables["ids"] if i in self.enabled]}})
        self.updates.append([row["id"] for row in variables["input"]])
        if self.errors:
            return _errors(self.errors.pop(0))
        if any(row["id"] not in self.enabled for row in variables["input"]):
            return _errors(NOT_FOUND)
        self.enabled |= {row["id"]: row["enabled"] for row in variables["input"]}
        return _data({"updateProducts": variables["input"]})

    def login(self):
        self.logins += 1
        if self.refuses_login:
            return _data({"login": {"__typename": "InvalidCredentialsError", "errorCode": "INVALID_CREDENTIALS_ERROR"}})
        self.valid.add(f"token{self.logins}")
        return _data({"login": {"__typename": "CurrentUser", "id": "1"}}, {"vendure-auth-token": f"token{self.logins}"})


def _data(data, headers=None):
    return httpx.Response(200, json={"data": data}, headers=headers)


def _errors(*errors):
    return httpx.Response(200, json={"errors": list(errors), "data": None})


@pytest.fixture(autouse=True)
def no_sessions():
    module._sessions.clear()


def connect(vendure, **secrets):
    connector = VendureConnector(
        Connection(
            "v",
            config={"url": "https://shop.example", "channel_token": "cn"},
            secrets=secrets or {"username": "ippro", "password": "a password"},
        )
    )
    connector.client = httpx.Client(transport=httpx.MockTransport(vendure), headers=connector.client.headers)
    return connector


def down(*ids):
    return [Order(Ref("listing", i), "down", f"key-{i}") for i in ids]


def errors(connector, *ids):
    return {ref.external_id: outcome.error for ref, outcome in connector.apply(down(*ids)).items()}


def test_a_batch_is_one_call():
    vendure = Vendure("1", "2", "3")
    assert errors(connect(vendure), "1", "2", "3") == {"1": None, "2": None, "3": None}
    assert vendure.updates == [["1", "2", "3"]]
    assert vendure.enabled == {"1": False, "2": False, "3": False}


def test_an_unknown_product_costs_one_more_call_and_nobody_else():
    vendure = Vendure("1", "2")
    said = errors(connect(vendure), "1", "9", "2")
    assert said["1"] is said["2"] is None
    assert isinstance(said["9"], PermanentError)
    assert vendure.updates == [["1", "9", "2"], ["1", "2"]]


def test_when_the_bad_one_cannot_be_told_each_goes_alone():
    vendure = Vendure("1", "2")
    vendure.errors = [NOT_FOUND]
    assert errors(connect(vendure), "1", "2") == {"1": None, "2": None}
    assert vendure.updates == [["1", "2"], ["1"], ["2"]]


def test_going_one_by_one_ends_at_the_first_that_may_come_right_later():
    vendure = Vendure("1", "2", "3")
    vendure.errors = [NOT_FOUND, {"message": "database is locked", "extensions": {"code": "INTERNAL_SERVER_ERROR"}}]
    said = errors(connect(vendure), "1", "2", "3")
    assert said["1"].outcome_unknown
    assert [type(said[i]) for i in ("2", "3")] == [TransientError, TransientError]
    assert not said["2"].outcome_unknown
    assert vendure.updates == [["1", "2", "3"], ["1"]]


def test_a_session_serves_many_batches():
    vendure = Vendure("1")
    for _batch in range(3):
        assert errors(connect(vendure), "1") == {"1": None}
    assert vendure.logins == 1


def test_a_session_that_ran_out_is_renewed_once_and_the_order_goes_through():
    vendure = Vendure("1")
    errors(connect(vendure), "1")
    vendure.valid.clear()
    assert errors(connect(vendure), "1") == {"1": None}
    assert vendure.logins == 2


def test_a_role_without_the_permission_is_a_permanent_error_after_one_renewal():
    vendure = Vendure("1")
    connector = connect(vendure)
    connector.observe([Ref("listing", "1")])
    vendure.errors = [FORBIDDEN, FORBIDDEN, FORBIDDEN]
    with pytest.raises(PermanentError, match="FORBIDDEN"):
        connector.apply(down("1"))
    assert vendure.logins == 2
    assert len(vendure.updates) == 2


def test_wrong_credentials_are_a_permanent_error_that_does_not_show_them():
    vendure = Vendure("1")
    vendure.refuses_login = True
    with pytest.raises(PermanentError, match="INVALID_CREDENTIALS_ERROR") as raised:
        connect(vendure).apply(down("1"))
    assert "a password" not in str(raised.value)


def test_an_api_key_needs_no_login():
    vendure = Vendure("1")
    assert errors(connect(vendure, api_key="key"), "1") == {"1": None}
    assert vendure.logins == 0


def test_a_wrong_api_key_is_a_permanent_error():
    with pytest.raises(PermanentError, match="FORBIDDEN"):
        connect(Vendure("1"), api_key="another").apply(down("1"))


def test_every_call_names_the_channel():
    vendure = Vendure("1")
    errors(connect(vendure), "1")
    assert {request.headers["vendure-token"] for request in vendure.seen} == {"cn"}


@pytest.mark.parametrize(
    ("code", "kind"),
    [("INTERNAL_SERVER_ERROR", TransientError), ("THROTTLED", TransientError), ("USER_INPUT_ERROR", PermanentError),
     ("CHANNEL_NOT_FOUND", PermanentError), ("GRAPHQL_VALIDATION_FAILED", PermanentError), ("", TransientError)],
)  # fmt: skip
def test_an_error_is_permanent_unless_it_may_go_away_by_itself(code, kind):
    vendure = Vendure("1")
    vendure.errors = [{"message": "no", "extensions": {"code": code}}]
    with pytest.raises(kind) as raised:
        connect(vendure).apply(down("1"))
    assert getattr(raised.value, "outcome_unknown", False) is (kind is TransientError)


def test_a_product_that_comes_back_unchanged_is_not_confirmed():
    def stubborn(request):
        body = json.loads(request.content)
        if "login(" in body["query"]:
            return Vendure().login()
        return _data({"updateProducts": [{"id": "1", "enabled": True}]})

    assert errors(connect(stubborn), "1")["1"].outcome_unknown


def test_what_only_administrators_see_is_down():
    vendure = Vendure("1", "2")
    vendure.enabled["2"] = False
    refs = [Ref("listing", "1"), Ref("listing", "2"), Ref("listing", "9"), Ref("shop", "1")]
    assert list(connect(vendure).observe(refs).values()) == ["up", "down", "missing", "missing"]
