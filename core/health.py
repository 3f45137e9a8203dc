"""Is this process up, and is everything it needs there: for load balancers and for `make demo`.

Neither answer carries a secret: of a failure only its kind is told, the rest is in the log.
"""

import logging
import threading
import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from kombu import Connection

from core import append_only
from core.ids import new_id

log = logging.getLogger("ippro.health")

#: anybody may ask; what it costs to answer is spent once in this time by each process
REMEMBERED_SECONDS = 2.0
BROKER_SECONDS = 2.0
STORAGE_SECONDS = 60.0
#: without these requests are served all the same: what is due stands in the database until they are back
DISPENSABLE = frozenset({"broker"})


class NotReady(Exception):
    """A part is there but not as it should be; its words may be told to anybody."""


def _database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _migrations() -> None:
    executor = MigrationExecutor(connection)
    if waiting := executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise NotReady(f"{len(waiting)} not applied")


def _ledger() -> None:
    if append_only.unprotected(connection):
        raise NotReady("can be changed")


def _broker() -> None:
    options = {**settings.CELERY_BROKER_TRANSPORT_OPTIONS, "socket_connect_timeout": BROKER_SECONDS}
    with Connection(settings.CELERY_BROKER_URL, connect_timeout=BROKER_SECONDS, transport_options=options) as broker:
        broker.ensure_connection(max_retries=1, interval_start=0, timeout=BROKER_SECONDS)


def _cache() -> None:
    cache.set("ready", 1, 10)
    if cache.get("ready") != 1:
        raise NotReady("forgets")


def _storage() -> None:
    """Writing costs money and time, so it is tried once in a minute by each process, and at once after a failure."""
    global _stored_at
    if _stored_at is not None and time.monotonic() - _stored_at < STORAGE_SECONDS:
        return
    _stored_at = None
    key = default_storage.save(f"ready/{new_id('rdy')}", ContentFile(b"ready"))
    default_storage.delete(key)
    _stored_at = time.monotonic()


PARTS: dict[str, Callable[[], None]] = {
    "database": _database,
    "migrations": _migrations,
    "ledger": _ledger,
    "broker": _broker,
    "cache": _cache,
    "storage": _storage,
}
_lock = threading.Lock()
_remembered: tuple[float, dict[str, Any]] | None = None
_stored_at: float | None = None


def look() -> dict[str, Any]:
    """Each part with whether it is there and how long it took to say so."""
    parts: dict[str, Any] = {}
    for name, part in PARTS.items():
        started = time.perf_counter()
        said: dict[str, Any] = {"ready": True}
        try:
            part()
        except NotReady as wrong:
            said = {"ready": False, "reason": str(wrong)}
        except Exception as failure:
            log.warning("%s is not ready", name, exc_info=True)
            said = {"ready": False, "reason": type(failure).__name__}
        parts[name] = said | {"milliseconds": round((time.perf_counter() - started) * 1000, 1)}
    away = {name for name, said in parts.items() if not said["ready"]}
    return {"ready": away <= DISPENSABLE, "degraded": sorted(away & DISPENSABLE), "parts": parts}


def _lately() -> dict[str, Any]:
    global _remembered
    with _lock:
        if _remembered is None or time.monotonic() - _remembered[0] > REMEMBERED_SECONDS:
            _remembered = (time.monotonic(), look())
        return _remembered[1]


def forget() -> None:
    """Look anew at the next question."""
    global _remembered, _stored_at
    _remembered = _stored_at = None


@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """This process answers; nothing else is asked."""
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
@never_cache
def readyz(request: HttpRequest) -> HttpResponse:
    """200 if requests can be served, 503 with what is missing if not; a broker that is away is `degraded`."""
    said = _lately()
    return JsonResponse(said, status=200 if said["ready"] else 503)
