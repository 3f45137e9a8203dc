from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("marketplace", "0010_search_entries_have_versions")]

    operations = [
        migrations.AddIndex(
            model_name="target",
            index=models.Index(
                fields=["observed", "-id"], condition=models.Q(("observed", "up"), _negated=True), name="target_not_up"
            ),
        ),
    ]
