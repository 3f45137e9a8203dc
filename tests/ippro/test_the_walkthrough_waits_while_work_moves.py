"""The walkthrough waits as long as programs get on with what is due, and not where nobody is at it."""

from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from django.apps import apps
from django.utils import translation

from core import clock
from core.models import OutboxMessage
from ippro import patience
from ippro.patience import END_SECONDS, LISTS, Patience, due_behind
from ippro.visitor import Page, Unexpected
from tests.factories import staff


@dataclass
class Machine:
    """Its clock goes while somebody sleeps."""

    at: float = 0.0
    looks: int = 0

    def sleep(self, seconds: float) -> None:
        self.at += seconds


@pytest.fixture
def machine(monkeypatch):
    made = Machine()
    monkeypatch.setattr(patience.time, "monotonic", lambda: made.at)
    monkeypatch.setattr(patience.time, "sleep", made.sleep)
    return made


def waited(machine, *, until, due, seconds=60.0):
    """How long it waited; `until` is the moment from which it is true, `due` how much is due at a moment."""

    def looked() -> Any:
        machine.looks += 1
        left = int(due(machine.at))
        return {"images on marketplaces": (left, frozenset())} if left else {}

    assert Patience(seconds, looked).wait(lambda: machine.at >= until, "the copy is found")
    return machine.at


def test_what_is_there_at_once_is_not_waited_for(machine):
    assert waited(machine, until=0, due=lambda at: 5) == 0
    assert waited(machine, until=3, due=lambda at: 5) < 3.5
    assert machine.looks == 0


def test_a_queue_that_gets_shorter_is_waited_for_beyond_a_minute(machine):
    assert waited(machine, until=400, due=lambda at: max(0, 100 - at // 4)) < 401


def test_one_picture_may_take_longer_than_a_minute(machine):
    assert waited(machine, until=170, due=lambda at: 1) < 171


def test_after_the_last_of_it_there_is_a_minute_for_what_comes_of_it(machine):
    assert waited(machine, until=220, due=lambda at: 1 if at < 165 else 0) < 221


def test_where_nothing_is_due_it_gives_up_after_a_minute(machine):
    with pytest.raises(
        Unexpected, match=r"not true that the copy is found: nothing has moved.*behind the pages: nothing"
    ):
        waited(machine, until=1000, due=lambda at: 0)
    assert machine.at < 62


def test_where_nobody_is_at_it_it_gives_up_and_says_what_is_due(machine):
    with pytest.raises(Unexpected, match=r"nothing has moved.*7 images on marketplaces"):
        waited(machine, until=1000, due=lambda at: 7)
    assert 180 < machine.at < 195


def test_there_is_an_end_though_work_still_moves(machine):
    with pytest.raises(Unexpected, match="work still moves"):
        waited(machine, until=10_000, due=lambda at: at + 1)
    assert END_SECONDS < machine.at < END_SECONDS + 10


def test_it_says_meanwhile_what_it_waits_for(machine):
    said: list[str] = []
    due = {"outbox": (3, frozenset({"a"}))}
    Patience(60.0, lambda: due, said.append).wait(lambda: machine.at > 50, "the copy is found")
    assert said
    assert all("waiting until the copy is found; due behind the pages: 3 outbox" in words for words in said)


@pytest.mark.django_db
def test_what_is_due_stands_on_the_lists_of_staff(sign_in):
    browser = sign_in(staff())

    class Reviewer:
        def get(self, path: str, expect: int | None = 200) -> Page:
            answer = browser.get(path, headers={"Accept-Language": "en"})
            assert answer.status_code == 200, path
            request = httpx.Request("GET", f"http://testserver{path}")
            return Page(
                httpx.Response(200, content=answer.content, headers={"content-type": "text/html"}, request=request)
            )

    assert due_behind(Reviewer()) == {}
    at = clock.now()
    OutboxMessage.objects.bulk_create(
        OutboxMessage(
            event="target.changed", subject=f"tgt_{n}", consumer="x.y", queue="images", due_at=at, created_at=at
        )
        for n in range(130)
    )
    ((name, (count, rows)),) = due_behind(Reviewer()).items()
    assert (name, count) == ("outbox", 130)
    assert 0 < len(rows) <= count
    with translation.override("en"):
        for path, called in LISTS.items():
            assert str(apps.get_model(path.replace("/", "."))._meta.verbose_name_plural) == called
