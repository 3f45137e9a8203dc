"""Anybody reads heads, proofs and keys, and checks them; the whole ledger is for auditors."""

import pytest

from accounts.roles import StaffRole
from core import merkle, sealing, verify_ledger
from core.api import PublicThrottle
from core.models import LedgerEntry, LedgerLeaf, TreeHead
from tests.core.ledger_book import sealed_lines
from tests.factories import member, staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def lines():
    return sealed_lines()


def get(client, path, **query):
    answer = client.get(f"/api/v1/ledger/{path}", query)
    return answer, answer.json()


def assert_problem(answer, status, code):
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
    assert answer.json()["code"] == code


def test_a_stranger_checks_an_entry_by_what_is_published(client, lines):
    _answer, head = get(client, "heads/latest")
    _answer, keys = get(client, "keys")
    _answer, proof = get(client, "leaves/6/proof", size=head["size"])
    read = verify_ledger.Head.read(head["note"], [verify_ledger.Key.read(key) for key in keys["keys"]])
    assert (read.size, read.root.hex(), read.key.id) == (13, head["root_hash"], head["key"])
    path = [bytes.fromhex(h) for h in proof["path"]]
    assert verify_ledger.root_by_path(bytes.fromhex(proof["leaf_hash"]), 6, 13, path) == read.root
    assert head["time_stamp"] == {"state": "none"}
    assert set(proof) == {"index", "size", "leaf_hash", "path"}


def test_without_a_size_the_proof_is_for_the_latest(client, lines):
    assert get(client, "leaves/6/proof")[1] == get(client, "leaves/6/proof", size=13)[1]


def test_a_stranger_sees_that_nothing_was_changed_since_an_older_head(client, lines):
    first, second = get(client, "heads/5")[1], get(client, "heads/13")[1]
    answer, proof = get(client, "consistency", first=5, second=13)
    assert merkle.proves_consistency(
        first=5,
        second=13,
        first_root=bytes.fromhex(first["root_hash"]),
        second_root=bytes.fromhex(second["root_hash"]),
        path=[bytes.fromhex(h) for h in proof["path"]],
    )
    assert "immutable" in answer["Cache-Control"]


def test_what_may_still_change_is_kept_for_a_moment(client, lines):
    for path in ("heads/latest", "heads/13", "keys", "leaves/0/proof"):
        assert get(client, path)[0]["Cache-Control"] == "public, max-age=5"
    assert "immutable" in get(client, "leaves/0/proof", size=5)[0]["Cache-Control"]


@pytest.mark.parametrize(
    "path", ["heads/4", "heads/0", "heads/99", f"heads/{'9' * 40}", f"heads/{'9' * 5000}", "leaves/-1/proof"]
)
def test_what_does_not_exist_is_not_found(client, lines, path):
    assert_problem(client.get(f"/api/v1/ledger/{path}"), 404, "not_found")


@pytest.mark.parametrize(
    ("path", "query", "field"),
    [
        ("leaves/13/proof", {}, "index"),
        (f"leaves/{'9' * 40}/proof", {}, "index"),
        ("leaves/0/proof", {"size": 14}, "size"),
        ("consistency", {"first": 6, "second": 14}, "second"),
        ("consistency", {"first": 6, "second": 5}, "first"),
    ],
)
def test_what_has_no_proof_is_refused_with_the_reason(client, lines, path, query, field):
    answer = client.get(f"/api/v1/ledger/{path}", query)
    assert_problem(answer, 422, "invalid")
    assert list(answer.json()["errors"]) == [field]


@pytest.mark.parametrize(
    ("path", "query"),
    [("leaves/0/proof", {"size": "x"}), ("consistency", {"first": 1}), ("consistency", {"first": 0, "second": 1})],
)
def test_what_is_no_number_is_refused(client, lines, path, query):
    assert_problem(client.get(f"/api/v1/ledger/{path}", query), 422, "invalid")


def test_an_empty_ledger_has_no_head_and_no_keys(client):
    assert_problem(client.get("/api/v1/ledger/heads/latest"), 404, "not_found")
    assert_problem(client.get("/api/v1/ledger/leaves/0/proof"), 404, "not_found")
    assert get(client, "keys")[1] == {"keys": []}


def test_one_address_asks_only_so_often(client, lines, monkeypatch):
    monkeypatch.setattr(PublicThrottle, "rate", "3/min")
    # Whatever it says of itself: no proxy of ours has written this.
    said = [
        client.get("/api/v1/ledger/keys", headers={"x-forwarded-for": f"203.0.113.{n}"}).status_code for n in range(4)
    ]
    assert said == [200, 200, 200, 429]
    answer = client.get("/api/v1/ledger/heads/latest")
    assert_problem(answer, 429, "throttled")
    assert int(answer["Retry-After"]) > 0


def test_nobody_writes(client, lines):
    assert client.post("/api/v1/ledger/keys").status_code == 405


@pytest.mark.parametrize("role", [StaffRole.AUDITOR, StaffRole.ADMINISTRATOR])
def test_an_auditor_exports_the_ledger_and_the_ledger_knows(sign_in, lines, role):
    who = staff(role)
    answer = sign_in(who).get("/api/v1/ledger/export")
    assert b"".join(answer.streaming_content).decode() == "".join(lines)
    assert answer["Content-Disposition"] == 'attachment; filename="ledger-13.jsonl"'
    assert answer["Cache-Control"] == "private, no-store"
    told = LedgerEntry.objects.get(kind="ledger.exported")
    assert (told.actor, told.payload) == (who.public_id, {"size": 13})


@pytest.mark.parametrize("who", [lambda: member(), lambda: staff(StaffRole.REVIEWER)])
def test_nobody_else_exports_it(sign_in, lines, who):
    assert_problem(sign_in(who()).get("/api/v1/ledger/export"), 403, "forbidden")
    assert not LedgerEntry.objects.filter(kind="ledger.exported").exists()


def test_a_stranger_exports_nothing(client, lines):
    assert client.get("/api/v1/ledger/export").status_code == 401


def test_an_export_reads_page_by_page(lines, monkeypatch, django_assert_max_num_queries):
    monkeypatch.setattr("core.ledger_export.PAGE", 4)
    from core import ledger_export

    with django_assert_max_num_queries(2 + 4 * 4):
        assert list(ledger_export.lines()) == lines


def test_the_verifier_is_downloaded(client):
    answer = client.get("/ledger/verify_ledger.py")
    assert answer.content.startswith(b"#!/usr/bin/env python3")
    assert answer["Content-Disposition"] == 'attachment; filename="verify_ledger.py"'


def test_staff_look_at_heads(sign_in, lines):
    shown = sign_in(staff(StaffRole.AUDITOR)).get("/admin/core/treehead/").content.decode()
    assert TreeHead.objects.get(size=13).root_hash in shown
    page = sign_in(staff(StaffRole.AUDITOR)).get("/admin/core/treehead/13/change/").content.decode()
    assert sealing.latest_head().key_id in page
    assert LedgerLeaf.objects.count() == 13
