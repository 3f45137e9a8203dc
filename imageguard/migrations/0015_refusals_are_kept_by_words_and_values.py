from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("imageguard", "0014_screened_at"),
    ]

    operations = [
        migrations.AddField(
            model_name="intakeitem",
            name="values",
            field=models.JSONField(db_default={}, default=dict),
        ),
        migrations.AlterField(
            model_name="intakeitem",
            name="message",
            field=models.TextField(blank=True),
        ),
    ]
