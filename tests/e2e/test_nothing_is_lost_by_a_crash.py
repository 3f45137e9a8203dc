"""Worker, beat and broker are killed while a complaint goes through the real demo: nothing is lost by it.

The demo runs in a deep folder and is the only one that is started here: its world takes a minute to build.
"""

import json
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing

import httpx
import pytest

from tests.e2e.stack import ROOT, Stack, deep_folder, nothing_is_left, processes_of
from tests.migrated import OnSqlite

pytestmark = pytest.mark.crash

#: a minute on a machine at rest; here other tests run beside it
PATIENCE_SECONDS = 180.0
#: what is killed while which step has just been done, and which parts of the walk follow the case; "*" is one step in
#: three from the filing on, by lot, and only that walk goes through everything
MOMENTS = {
    "a worker that dies between decision and takedown": (["appeal"], [("upholds", "worker"), ("withdraws", "worker")]),
    "a broker that dies and forgets its connections": (["appeal"], [("upholds", "broker"), ("withdraws", "broker")]),
    "a beat that dies": (["appeal"], [("complains", "beat"), ("upholds", "beat"), ("withdraws", "beat")]),
    "a worker of images that dies while it looks": (
        ["image"],
        [("registers an image", "images"), ("puts an edited copy", "images")],
    ),
    "everything at once, at any moment": (
        [],
        [("*", "worker"), ("*", "images"), ("*", "patrol"), ("*", "beat"), ("*", "broker")],
    ),
}


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    with deep_folder() as data:
        stack = Stack(data)
        try:
            stack.wait_until_ready()
            yield stack
        finally:
            if stack.process.poll() is None:
                stack.stop()
            left = processes_of(data)
            assert not left, left


def test_its_database_is_made_as_that_of_the_tests(stack: Stack, django_db_setup: None, migrated: OnSqlite) -> None:
    """The tests migrate in a short way (`tests/migrated.py`), the demo as everybody does."""
    tables = "SELECT type, name, sql FROM sqlite_master ORDER BY type, name"
    permissions = (
        "SELECT app_label, model, codename FROM auth_permission p JOIN django_content_type c ON c.id = p.content_type_id"
        " ORDER BY app_label, model, codename"
    )
    with closing(sqlite3.connect(f"file:{migrated.path}?mode=ro", uri=True)) as tests:
        for sql in (tables, permissions):
            assert stack.rows(sql) == tests.execute(sql).fetchall()


@pytest.mark.parametrize(("parts", "moments"), MOMENTS.values(), ids=MOMENTS)
def test_walkthrough_ends_well_though_programs_are_killed(
    stack: Stack, parts: list[str], moments: list[tuple[str, str]]
) -> None:
    chance = random.Random(f"{moments}")
    said, filed = [], False
    with stack.walkthrough(*parts, patience=PATIENCE_SECONDS) as walk:
        assert walk.stdout is not None
        for line in walk.stdout:
            said.append(line)
            filed = filed or "files a trademark" in line
            is_drawn = filed and '"step"' in line and chance.random() < 1 / 3
            for words, name in moments:
                if words in line or (words == "*" and is_drawn):
                    time.sleep(chance.uniform(0, 0.4))
                    stack.kill(name)
    assert walk.returncode == 0, "".join(said)
    assert json.loads(said[-1])["ok"]
    everything_is_carried_out(stack)
    holds_and_storefront_agree(stack)
    nobody_got_two_letters(stack)


def test_a_demo_ends_with_its_supervisor_even_if_that_is_killed_and_starts_again(stack: Stack) -> None:
    again = subprocess.run(
        [sys.executable, "manage.py", "demo", "--port", "1"], cwd=ROOT, env=stack.env, capture_output=True, text=True
    )
    assert again.returncode == 1
    assert "A demo is running in" in again.stderr
    assert len(processes_of(stack.data)) > 5
    stack.stop(signal.SIGKILL)
    assert nothing_is_left(stack.data)
    stack.start()
    stack.wait_until_ready()


def everything_is_carried_out(stack: Stack) -> None:
    """Nothing stays due, and nothing was given up."""
    tables = ("core_outboxmessage", "core_letter", "marketplace_enforcement")
    deadline = time.monotonic() + PATIENCE_SECONDS
    # What waits for another try counts too: it is owed all the same.
    while due := [t for t in tables if stack.rows(f"SELECT 1 FROM {t} WHERE due_at IS NOT NULL")]:
        assert time.monotonic() < deadline, due
        time.sleep(0.3)
    for table in tables:
        assert not stack.rows(f"SELECT last_error FROM {table} WHERE dead_at IS NOT NULL"), table


def holds_and_storefront_agree(stack: Stack) -> None:
    """A thing is down on the storefront exactly when a hold on it is active; a whole shop the storefront closes itself."""
    rows = stack.rows(
        "SELECT t.kind, t.external_id, e.confirmed, EXISTS (SELECT 1 FROM marketplace_hold h "
        "WHERE h.target_id = t.id AND h.released_at IS NULL) "
        "FROM marketplace_enforcement e JOIN marketplace_target t ON t.id = e.target_id"
    )
    refs = [{"kind": kind, "external_id": external_id} for kind, external_id, *_rest in rows]
    answer = httpx.post(
        f"{stack.storefront_url}/ops/states", json={"refs": refs},
        headers={"Authorization": f"Bearer {stack.ops_token}"}, trust_env=False,
    ).raise_for_status()  # fmt: skip
    shown = {(s["kind"], s["external_id"]): s["state"] for s in answer.json()["states"]}
    assert len(rows) > 5
    for kind, external_id, confirmed, is_held in rows:
        wanted = "down" if is_held else "up"
        assert (confirmed, shown[kind, external_id]) == (wanted, wanted), (kind, external_id)


def nobody_got_two_letters(stack: Stack) -> None:
    """One letter for one thing to one person; a letter that was handed over twice bears the same Message-ID."""
    # One template tells the other side of each state that an appeal comes to, one of each message, and one of each key
    # of an organisation; three gather the news of its images, a letter every ten minutes at most.
    doubled = stack.rows(
        "SELECT about, template, user_id FROM core_letter WHERE user_id IS NOT NULL "
        "AND template NOT IN ('appeal_of_other_side', 'appeal_moved', 'message_written', 'api_key_made', "
        "'matches_found', 'matches_dismissed', 'originals_told') "
        "GROUP BY about, template, user_id HAVING count(*) > 1"
    )
    assert not doubled
    written = {f"<{public_id}@localhost>" for (public_id,) in stack.rows("SELECT public_id FROM core_letter")}
    handed_over = {
        line.partition(":")[2].strip()
        for file in (stack.data / "mail").glob("*.log")
        for line in file.read_text(errors="replace").splitlines()
        if line.startswith("Message-ID:")
    }
    assert handed_over == written
