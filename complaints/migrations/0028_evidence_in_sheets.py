import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("complaints", "0027_marketplace_of_earlier_links"),
        ("core", "0013_ledger_by_time"),
    ]

    operations = [
        migrations.CreateModel(
            name="ImportFile",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "batch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="evidence",
                        to="complaints.importbatch",
                    ),
                ),
                (
                    "file",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="core.privatefile"
                    ),
                ),
            ],
            options={
                "verbose_name": "file of a sheet",
                "verbose_name_plural": "files of sheets",
                "ordering": ["pk"],
            },
        ),
    ]
