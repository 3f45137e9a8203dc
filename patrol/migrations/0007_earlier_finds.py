from django.db import migrations
from django.db.models import F


def found_when_made(apps, schema_editor):
    """When what is known already was found first: that it was found again since stands nowhere but in the ledger."""
    apps.get_model("patrol", "Candidate").objects.update(first_found_at=F("created_at"))


class Migration(migrations.Migration):
    dependencies = [("patrol", "0006_decided_together")]

    operations = [migrations.RunPython(found_when_made, migrations.RunPython.noop, elidable=True)]
