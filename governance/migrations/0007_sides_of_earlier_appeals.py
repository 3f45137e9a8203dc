"""Appeals that agencies filed before now are their rights holders' as well."""

from django.db import migrations
from django.db.models import OuterRef, Subquery


def name_the_holders(apps, schema_editor):
    Appeal = apps.get_model("governance", "Appeal")
    Complaint, Decision = apps.get_model("complaints", "Complaint"), apps.get_model("complaints", "Decision")
    rejected = Complaint.objects.filter(public_id=OuterRef("subject")).values("holder")
    dismissed = Decision.objects.filter(public_id=OuterRef("subject")).values("complaint__holder")
    Appeal.objects.filter(kind="rejected_complaint").update(beside=Subquery(rejected))
    Appeal.objects.filter(kind="dismissal").update(beside=Subquery(dismissed))


class Migration(migrations.Migration):
    dependencies = [("governance", "0006_appeals_of_a_side"), ("complaints", "0018_made_by_agencies")]

    operations = [migrations.RunPython(name_the_holders, migrations.RunPython.noop)]
