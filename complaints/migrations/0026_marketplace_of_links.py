import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("complaints", "0025_earlier_searches_that_found_too_much"),
        ("marketplace", "0011_targets_not_up"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="complaint",
            index=models.Index(
                fields=["state", "deadline_at", "-risk", "assigned_to", "lane", "language", "id"],
                condition=models.Q(("state__in", ["submitted", "accepted"])),
                name="complaint_waiting",
            ),
        ),
        migrations.AddField(
            model_name="complainttarget",
            name="marketplace",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="marketplace.marketplace",
            ),
        ),
        migrations.AddIndex(
            model_name="complainttarget",
            index=models.Index(fields=["marketplace", "complaint"], name="link_by_marketplace"),
        ),
        migrations.AddIndex(
            model_name="complainttarget",
            index=models.Index(fields=["scene", "complaint"], name="link_by_scene"),
        ),
    ]
