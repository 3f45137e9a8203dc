"""The worker of benchmarks.celery_reuse: the app of the house with one task that asks the database one question."""

import os
import time

from ippro.celery import app

app.set_default()
app.conf.CELERY_DB_REUSE_MAX = int(os.environ.get("BENCHMARK_DB_REUSE_MAX", "10000"))
_broker = None


@app.task(name="benchmarks.ask")
def ask() -> None:
    """One query, and a note of when it was answered."""
    global _broker
    import redis
    from django.conf import settings
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    if _broker is None:
        _broker = redis.Redis(unix_socket_path=settings.BROKER_SOCKET, db=2)
    _broker.rpush("done", time.time())
