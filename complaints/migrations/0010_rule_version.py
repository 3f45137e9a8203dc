"""A finding says which version of its rule it cites; earlier ones cite the first."""

import django.db.models.deletion
from django.db import migrations, models


def cite_the_first_version(apps, schema_editor):
    """Until now the code was the only version of a rule: what was cited is what the rulebook began with."""
    finding, version = apps.get_model("complaints", "Finding"), apps.get_model("rulebook", "RuleVersion")
    for first in version.objects.filter(number=1).select_related("rule"):
        finding.objects.filter(rule=first.rule.code).update(rule_version=first)


class Migration(migrations.Migration):
    # What is filled in and what then must be filled in stand in transactions of their own: PostgreSQL asks for it.
    atomic = False

    dependencies = [("complaints", "0009_earlier_conduct"), ("rulebook", "0002_first_rules")]

    operations = [
        migrations.AddField(
            model_name="finding",
            name="rule_version",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="rulebook.ruleversion"
            ),
        ),
        migrations.RunPython(cite_the_first_version, migrations.RunPython.noop, atomic=True),
        migrations.AlterField(
            model_name="finding",
            name="rule_version",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="rulebook.ruleversion"
            ),
        ),
    ]
