"""The database as migrations leave it: made once, and a copy of it wherever a test needs one that is as new.

The worker that needs it first migrates, which takes seconds, and the others wait for its copy. On SQLite the copy
is a file that stays for later runs, on PostgreSQL a database on the same server.
"""

import fcntl
import hashlib
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import pytest
from django.db import connection, connections
from django.db.migrations.state import ProjectState


class Migrated(Protocol):
    """Where the migrated database is kept."""

    def is_there(self) -> bool: ...

    def begin_with_it(self) -> None:
        """The test database that is made next is a copy of it."""

    def keep(self) -> None:
        """It is what this worker's test database is now."""

    def put_back(self) -> None:
        """This worker's test database is as it again."""


@cache
def _version() -> str:
    """A digest of these migrations and of what they load."""
    root = Path(__file__).resolve().parent.parent
    known = hashlib.sha256()
    for path in sorted([*root.glob("*/migrations/*.py"), *root.glob("rulebook/**/*"), *root.glob("requirements.txt")]):
        if path.is_file() and path.suffix != ".pyc":
            known.update(path.read_bytes())
    return known.hexdigest()[:24]


class OnSqlite:
    def __init__(self) -> None:
        self.path = Path(tempfile.gettempdir()) / f"ippro-migrated-{_version()}.sqlite3"

    def is_there(self) -> bool:
        return self.path.exists()

    def begin_with_it(self) -> None:
        shutil.copy(self.path, connection.creation._get_test_db_name())

    def keep(self) -> None:
        with tempfile.TemporaryDirectory(dir=self.path.parent) as folder:
            copy = Path(folder) / "migrated.sqlite3"
            keep_as(copy)
            copy.replace(self.path)

    def put_back(self) -> None:
        put_back(self.path)


def keep_as(path: Path) -> None:
    """Write what is in the SQLite database of the tests into a file."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM INTO %s", [str(path)])


def put_back(path: Path) -> None:
    """Make the SQLite database of the tests what is in this file."""
    connection.ensure_connection()
    source = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    source.backup(connection.connection)
    source.close()


class OnPostgres:
    def __init__(self) -> None:
        self.name = f"ippro_migrated_{_version()}"

    def is_there(self) -> bool:
        return self._run("SELECT 1 FROM pg_database WHERE datname = %s", [self.name]) is not None

    def begin_with_it(self) -> None:
        connection.settings_dict["TEST"]["TEMPLATE"] = self.name

    def keep(self) -> None:
        mine = connection.settings_dict["NAME"]
        connections.close_all()
        self._run(f'CREATE DATABASE "{self.name}" TEMPLATE "{mine}"')

    def put_back(self) -> None:
        mine = connection.settings_dict["NAME"]
        connections.close_all()
        self._run(f'DROP DATABASE "{mine}" WITH (FORCE)')
        self._run(f'CREATE DATABASE "{mine}" TEMPLATE "{self.name}"')

    def _run(self, sql: str, values: Any = None) -> Any:
        with connection.creation._nodb_cursor() as cursor:
            cursor.execute(sql, values)
            return cursor.fetchone() if cursor.description else None


@contextmanager
def steps_make_their_own_models_anew() -> Iterator[None]:
    """Each step of a migration makes the models anew that it changes, not everything that is related to them too.

    All models of the house are, by way of who did what: so a few hundred steps made 22,000 models, in four fifths of the
    time. Steps that run code still see all of them as they are then. That the tables come out the same as without this
    is shown where a demo is started (`tests/e2e`), which migrates as everybody's database does.
    """

    def reload_model(state: ProjectState, app_label: str, model_name: str, delay: bool = False) -> None:
        if "apps" in state.__dict__:
            # So whatever asks for all models gets them anew.
            state.is_delayed = True
            state._reload({(app_label, model_name.lower())})

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ProjectState, "reload_model", reload_model)
        yield


@contextmanager
def by_one_alone(name: str) -> Iterator[None]:
    """One worker at a time."""
    with (Path(tempfile.gettempdir()) / f"ippro-{name}-{_version()}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
