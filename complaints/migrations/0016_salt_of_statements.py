"""Each statement of reasons has a salt for the ledger's digest of what it passes on to its shop."""

from secrets import token_hex

from django.db import migrations, models


class Migration(migrations.Migration):
    # What was passed on before stands in no entry, so that earlier statements may share one salt.
    dependencies = [("complaints", "0015_earlier_removals")]

    operations = [
        migrations.AddField(
            model_name="statementofreasons",
            name="salt",
            field=models.CharField(default=token_hex, editable=False, max_length=64),
        ),
    ]
