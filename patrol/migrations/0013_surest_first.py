from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("patrol", "0012_looks_by_case")]

    operations = [
        migrations.AddIndex(
            model_name="candidate",
            index=models.Index(fields=["-score", "id"], name="candidate_surest_first"),
        ),
    ]
