"""Which tests the second run of the suite tries again: as few seconds of them as send every statement."""

import pytest
from django.db import DatabaseError, connection

from accounts.models import User
from tests import statements
from tests.statements import Recording, Sent, enough

RECORDED = {
    "long": Sent(frozenset({"insert", "select", "update"}), 9.0),
    "insert": Sent(frozenset({"insert"}), 0.5),
    "insert and select": Sent(frozenset({"insert", "select"}), 0.5),
    "select": Sent(frozenset({"select"}), 0.5),
    "nothing": Sent(frozenset(), 0.1),
}


@pytest.mark.parametrize("times", [1, 2, 3])
def test_every_statement_is_sent_as_often_as_wanted_or_as_there_are_tests(monkeypatch, times):
    monkeypatch.setattr(statements, "TIMES", times)
    taken = enough(RECORDED, set())
    for statement, most in {"insert": 3, "select": 3, "update": 1}.items():
        assert sum(statement in RECORDED[test].statements for test in taken) >= min(times, most)
    assert "nothing" not in taken


def test_what_a_longer_one_sends_too_is_left_out():
    assert enough(RECORDED, set()) == {"long"}


def test_what_is_tried_anyway_counts():
    assert enough(RECORDED, {"long"}) == set()


def test_of_two_that_send_the_same_the_longer_is_left_out():
    assert enough({"x": Sent(frozenset({"a"}), 2.0), "y": Sent(frozenset({"a"}), 1.0)}, set()) == {"y"}


@pytest.mark.django_db
def test_a_statement_is_the_same_whatever_its_values_and_another_one_when_it_is_refused():
    recording = Recording()
    recording.pytest_sessionstart()
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 WHERE 1 IN (%s, %s)", [1, 2])
            cursor.execute("SELECT 1 WHERE 1 IN (%s, %s, %s)", [1, 2, 3])
            assert len(recording.sent) == 1
            with pytest.raises(DatabaseError):
                cursor.execute("SELECT 1 FROM nowhere WHERE 1 IN (%s)", [1])
    finally:
        recording.pytest_sessionfinish()
    assert len(recording.sent) == 2


@pytest.mark.django_db
def test_what_is_read_with_a_lock_is_another_statement_where_the_database_has_no_word_for_it():
    recording, one = Recording(), User.objects.filter(pk=0)
    recording.pytest_sessionstart()
    try:
        one.first()
        without = set(recording.sent)
        one.select_for_update(no_key=True).first()
        locked = set(recording.sent)
        one.select_for_update(no_key=True, skip_locked=True).first()
    finally:
        recording.pytest_sessionfinish()
    assert without < locked < recording.sent
