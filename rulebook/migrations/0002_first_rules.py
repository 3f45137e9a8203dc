"""The rules that ippro ships, before other rooms' decisions refer to them; from now on the tables only grow."""

from django.db import migrations

from core.append_only import Protect
from rulebook.catalogue import load


def load_rules(apps, schema_editor):
    load(apps.get_model("rulebook", "Rule").objects, apps.get_model("rulebook", "RuleVersion").objects)


class Migration(migrations.Migration):
    dependencies = [("rulebook", "0001_rules")]

    operations = [
        migrations.RunPython(load_rules, migrations.RunPython.noop),
        Protect("rulebook_rule"),
        Protect("rulebook_ruleversion"),
    ]
