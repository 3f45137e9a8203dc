from django.db import migrations
from django.db.models import F
from django.db.models.functions import Coalesce


def they_stand(apps, schema_editor):
    """What was taken down before counted against its shops at once."""
    removals = apps.get_model("complaints", "Removal").objects.filter(stands_at__isnull=True)
    removals.update(stands_at=Coalesce(F("reviewed_at"), F("at")))


class Migration(migrations.Migration):
    dependencies = [("complaints", "0014_removals_stand")]

    operations = [migrations.RunPython(they_stand, migrations.RunPython.noop, elidable=True)]
