"""The entries of a day are found by where they lie: on PostgreSQL by an index of blocks, which costs nothing to write.

Entries are only added, in the order of time, so that a day is a few neighbouring blocks. Elsewhere the table is small.
"""

from typing import Any

from django.db import migrations

NAME = "ledger_by_time"


def create(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(
            f"CREATE INDEX {NAME} ON core_ledgerentry USING brin (at) WITH (pages_per_range = 32, autosummarize = on)"
        )


def drop(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"DROP INDEX {NAME}")


class Migration(migrations.Migration):
    dependencies = [("core", "0012_saved_filters")]

    operations = [migrations.RunPython(create, drop, elidable=False)]
