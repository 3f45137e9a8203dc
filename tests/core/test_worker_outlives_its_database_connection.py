"""A worker keeps its connection from task to task; one that broke is dropped before the next."""

import psycopg
import pytest
from celery.signals import task_prerun
from django.db import OperationalError, connection

from core.tasks import drain_outbox


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_the_task_after_a_restart_of_the_database_is_carried_out():
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (backend,) = cursor.fetchone()
    with psycopg.connect(**connection.get_connection_params() | {"cursor_factory": psycopg.Cursor}) as other:
        other.execute("SELECT pg_terminate_backend(%s)", [backend])
    with pytest.raises(OperationalError):
        drain_outbox()
    task_prerun.send(sender=drain_outbox)
    assert drain_outbox() == 0
