from datetime import timedelta

import pytest

from core import clock
from core.models import IdempotencyKey, LedgerEntry, OutboxMessage
from core.tasks import forget_old
from tests.factories import UserFactory, complaint

pytestmark = pytest.mark.django_db


def test_answers_and_delivered_events_are_forgotten_after_a_month_and_nothing_else(stopped, work_off):
    complaint()
    work_off()
    user = UserFactory()
    IdempotencyKey.objects.create(
        user=user, key="k", request_hash="h", status=200, body={}, created_at=clock.now() + timedelta(days=10)
    )
    waiting = OutboxMessage.objects.create(
        event="e", subject="s", consumer="c", created_at=clock.now(), due_at=clock.now() + timedelta(days=365)
    )
    entries = LedgerEntry.objects.count()
    stopped.advance(days=29)
    assert forget_old() == 0
    stopped.advance(days=2)
    delivered = OutboxMessage.objects.filter(done_at__isnull=False).count()
    assert forget_old() == delivered > 0
    assert list(OutboxMessage.objects.all()) == [waiting]
    assert IdempotencyKey.objects.exists()
    assert LedgerEntry.objects.count() == entries
    stopped.advance(days=10)
    assert forget_old() == 1


def test_sessions_that_have_ended_are_forgotten_each_day():
    from django.contrib.sessions.backends.db import SessionStore
    from django.contrib.sessions.models import Session

    from ippro.celery import app

    ended, running = SessionStore(), SessionStore()
    ended.set_expiry(-1)
    ended.save()
    running.save()
    (entry,) = [e for e in app.conf.beat_schedule.values() if e["task"] == "core.tasks.forget_sessions"]
    assert entry["schedule"] == 24 * 3600
    app.tasks[entry["task"]]()
    assert list(Session.objects.values_list("session_key", flat=True)) == [running.session_key]
