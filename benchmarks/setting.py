"""Where benchmarks run: an installation of their own in a temporary folder, on SQLite or on a PostgreSQL of their own."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.postgres import NoPostgres, throw_away_cluster

ROOT = Path(__file__).resolve().parent.parent
DATABASES = ("sqlite", "postgresql")


@contextmanager
def installation(database: str) -> Iterator[dict[str, str]]:
    """The environment of a fresh installation, migrated. Raises NoPostgres."""
    with tempfile.TemporaryDirectory(prefix="ippro-bench-", dir="/tmp") as folder:
        ours = ("IPPRO_", "CACHE_URL", "DATABASE_URL", "CELERY_", "DJANGO_")
        env = {k: v for k, v in os.environ.items() if not k.startswith(ours)}
        env |= {
            "IPPRO_DATA_DIR": folder,
            "CACHE_URL": "locmemcache://",
            "DJANGO_SETTINGS_MODULE": "benchmarks.settings",
        }
        if database == "sqlite":
            yield _migrated(env)
        else:
            with throw_away_cluster(durable=True) as url:
                yield _migrated(env | {"DATABASE_URL": url})


def _migrated(env: dict[str, str]) -> dict[str, str]:
    subprocess.run([sys.executable, "manage.py", "migrate", "--verbosity", "0"], cwd=ROOT, env=env, check=True)
    return env


def on_each_database(module: str) -> int:
    """Run `python -m <module> --here` in an installation on each database; fails if one of them does."""
    failed = 0
    for database in DATABASES:
        try:
            with installation(database) as env:
                failed |= subprocess.call([sys.executable, "-m", module, "--here", database], cwd=ROOT, env=env)
        except NoPostgres as missing:
            tell(module, database=database, left_out=str(missing))
    return failed


def begin() -> None:
    """Make Django ready in this process."""
    import django

    django.setup()


def tell(benchmark: str, *, passed: bool | None = None, **figures: object) -> int:
    """Print one line of figures; the exit status that belongs to it."""
    said = {"benchmark": benchmark.removeprefix("benchmarks."), **figures}
    if passed is not None:
        said["passed"] = passed
    print(json.dumps(said, ensure_ascii=False), flush=True)
    return 0 if passed in (True, None) else 1
