from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("governance", "0007_sides_of_earlier_appeals")]

    operations = [
        migrations.AddField(
            model_name="appeal",
            name="assigned_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="assigned at"),
        ),
    ]
