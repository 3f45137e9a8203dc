"""Rules L1 and L4 say when removals by holders count and how self-service ends, from now on, as new versions.

Whatever shipped rule an installation still has in an earlier wording gets its latest; one that it changed itself stays.
"""

from django.db import migrations

from core import clock
from rulebook.catalogue import revise


def revise_rules(apps, schema_editor):
    rule, version = apps.get_model("rulebook", "Rule"), apps.get_model("rulebook", "RuleVersion")
    revise(rule.objects, version.objects, at=clock.now())


class Migration(migrations.Migration):
    dependencies = [("rulebook", "0003_conduct_of_complainants")]

    operations = [migrations.RunPython(revise_rules, migrations.RunPython.noop)]
