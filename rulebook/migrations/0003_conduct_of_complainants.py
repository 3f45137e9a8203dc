"""What complainants must not do brings no points: an installation that began with points says so from now on."""

from django.db import migrations, models

from core import clock
from rulebook.catalogue import revise

EFFECTS = [
    ("upholds", "carries a takedown"),
    ("dismisses", "carries a dismissal"),
    ("points", "brings points"),
    ("ladder", "says what points lead to"),
    ("conduct", "says how complainants are to behave, and what follows"),
]


def revise_rules(apps, schema_editor):
    rule, version = apps.get_model("rulebook", "Rule"), apps.get_model("rulebook", "RuleVersion")
    revise(rule.objects, version.objects, at=clock.now())


class Migration(migrations.Migration):
    dependencies = [("rulebook", "0002_first_rules")]

    operations = [
        migrations.AlterField(
            model_name="rulechange",
            name="effect",
            field=models.CharField(choices=EFFECTS, max_length=16, verbose_name="effect"),
        ),
        migrations.AlterField(
            model_name="ruleversion",
            name="effect",
            field=models.CharField(choices=EFFECTS, max_length=16, verbose_name="effect"),
        ),
        migrations.RunPython(revise_rules, migrations.RunPython.noop),
    ]
