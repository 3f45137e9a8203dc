"""A court's order is about links of a complaint, whether or not anybody answered for them."""

import django.db.models.deletion
from django.db import migrations, models

OUTCOMES = [
    ("pending", "not decided yet"),
    ("upheld", "upheld"),
    ("dismissed", "dismissed"),
    ("withdrawn", "withdrawn"),
    ("reinstated", "put up again"),
]


def of_their_complaints(apps, schema_editor):
    """Until now every order was recorded at a counter-notice: it is about the links that were answered there."""
    for order in apps.get_model("complaints", "CourtOrder").objects.select_related("counter_notice"):
        order.complaint_id = order.counter_notice.complaint_id
        order.save(update_fields=["complaint"])
        order.targets.set(order.links.values_list("complaint_target", flat=True))


class Migration(migrations.Migration):
    # What is filled in and what then must be filled in stand in transactions of their own: PostgreSQL asks for it.
    atomic = False

    dependencies = [("complaints", "0012_self_service")]

    operations = [
        migrations.AddField(
            model_name="courtorder",
            name="complaint",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="orders", to="complaints.complaint"
            ),
        ),
        migrations.AddField(
            model_name="courtorder",
            name="targets",
            field=models.ManyToManyField(related_name="orders", to="complaints.complainttarget"),
        ),
        migrations.RunPython(of_their_complaints, migrations.RunPython.noop, atomic=True),
        migrations.AlterField(
            model_name="courtorder",
            name="complaint",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="orders", to="complaints.complaint"
            ),
        ),
        migrations.RemoveField(model_name="courtorder", name="counter_notice"),
        migrations.AlterField(
            model_name="complainttarget",
            name="outcome",
            field=models.CharField(choices=OUTCOMES, default="pending", max_length=16, verbose_name="outcome"),
        ),
        migrations.AlterField(
            model_name="finding",
            name="outcome",
            field=models.CharField(choices=OUTCOMES, max_length=16, verbose_name="outcome"),
        ),
    ]
