"""Rule L1 says when a ban may be proposed before the points of a shop reach it, from now on, as a new version.

Whatever shipped rule an installation still has in an earlier wording gets its latest; one that it changed itself stays.
"""

from django.db import migrations

from core import clock
from rulebook.catalogue import revise


def revise_rules(apps, schema_editor):
    rule, version = apps.get_model("rulebook", "Rule"), apps.get_model("rulebook", "RuleVersion")
    revise(rule.objects, version.objects, at=clock.now())


class Migration(migrations.Migration):
    dependencies = [("rulebook", "0004_what_holders_take_down")]

    operations = [migrations.RunPython(revise_rules, migrations.RunPython.noop)]
