"""Tables that only grow: the database itself refuses to change or delete a row, whoever asks.

`Protect("core_ledgerentry")` stands in a migration. Who owns the tables can still take the triggers away, so
`manage.py check --database default` and `/readyz` say when they are missing. SQLite drops them when a
migration rebuilds the table: such a migration ends with `Protect` again.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.operations.base import Operation

#: every protected table
TABLES = (
    "core_ledgerentry", "core_ledgerleaf", "core_ledgernode", "core_treehead", "rulebook_rule", "rulebook_ruleversion",
)  # fmt: skip
_SENTENCE = "This table only grows: its rows are never changed or deleted."
_FUNCTION = f"""
CREATE OR REPLACE FUNCTION ippro_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% %', TG_TABLE_NAME, '{_SENTENCE}' USING ERRCODE = 'restrict_violation';
END $$
"""


def protect(connection: BaseDatabaseWrapper, table: str) -> None:
    """Let the database refuse UPDATE, DELETE and, where it exists, TRUNCATE. Safe to repeat."""
    quoted = connection.ops.quote_name(table)
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            for change in ("UPDATE", "DELETE"):
                cursor.execute(
                    f"CREATE TRIGGER IF NOT EXISTS {_name(table, change)} BEFORE {change} ON {quoted} "
                    f"BEGIN SELECT RAISE(ABORT, '{_SENTENCE}'); END"
                )
        elif connection.vendor == "postgresql":
            cursor.execute(_FUNCTION)
            cursor.execute(
                f"CREATE OR REPLACE TRIGGER {_name(table)} BEFORE UPDATE OR DELETE OR TRUNCATE ON {quoted} "
                "FOR EACH STATEMENT EXECUTE FUNCTION ippro_refuse_change()"
            )
        else:
            raise NotImplementedError(f"no triggers for {connection.vendor}")


def release(connection: BaseDatabaseWrapper, table: str) -> None:
    """Take the protection away."""
    quoted = connection.ops.quote_name(table)
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            for change in ("UPDATE", "DELETE"):
                cursor.execute(f"DROP TRIGGER IF EXISTS {_name(table, change)}")
        else:
            cursor.execute(f"DROP TRIGGER IF EXISTS {_name(table)} ON {quoted}")


def unprotected(connection: BaseDatabaseWrapper) -> list[str]:
    """The tables that should only grow but that somebody could change."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
            there = {row[0] for row in cursor.fetchall()}
            return [t for t in TABLES if not {_name(t, "UPDATE"), _name(t, "DELETE")} <= there]
        cursor.execute("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'")
        there = {row[0] for row in cursor.fetchall()}
        return [t for t in TABLES if _name(t) not in there]


@contextmanager
def lifted(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """Without protection inside the block: only for emptying a test database."""
    for table in TABLES:
        release(connection, table)
    try:
        yield
    finally:
        for table in TABLES:
            protect(connection, table)


def _name(table: str, change: str = "change") -> str:
    return f"{table}_refuses_{change.lower()}"


class Protect(Operation):
    """Migration operation: from now on this table only grows."""

    reversible = True
    reduces_to_sql = False

    def __init__(self, table: str) -> None:
        self.table = table

    def state_forwards(self, app_label: str, state: Any) -> None:
        pass

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        protect(schema_editor.connection, self.table)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        release(schema_editor.connection, self.table)

    def describe(self) -> str:
        return f"Let {self.table} only grow"

    @property
    def migration_name_fragment(self) -> str:
        return f"protect_{self.table}"
