"""The table of the cache: rate limits and lock-outs must not depend on the broker being there."""

from typing import Any

from django.core.management import call_command
from django.db import migrations


def create(apps: Any, schema_editor: Any) -> None:
    call_command("createcachetable", "core_cache", database=schema_editor.connection.alias, verbosity=0)


class Migration(migrations.Migration):
    dependencies = [("core", "0002_ledger_only_grows")]

    operations = [
        migrations.RunPython(create, migrations.RunPython.noop),
    ]
