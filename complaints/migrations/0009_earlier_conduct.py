from django.db import migrations
from django.db.models import Count
from django.db.models.functions import TruncMonth


def count_earlier_decisions(apps, schema_editor):
    """What was decided before there were counters, by the month in which it was."""
    findings = apps.get_model("complaints", "Finding").objects.annotate(month=TruncMonth("decision__decided_at"))
    by_month = findings.order_by().values("decision__complaint__organisation_id", "month", "outcome")
    months = {}
    ConductMonth = apps.get_model("complaints", "ConductMonth")
    for row in by_month.annotate(n=Count("pk")):
        of = (row["decision__complaint__organisation_id"], row["month"].date())
        month = months.setdefault(of, ConductMonth(organisation_id=of[0], month_on=of[1]))
        setattr(month, row["outcome"], row["n"])
    ConductMonth.objects.bulk_create(months.values(), batch_size=500)


class Migration(migrations.Migration):
    dependencies = [("complaints", "0008_conduct")]

    operations = [migrations.RunPython(count_earlier_decisions, migrations.RunPython.noop, elidable=True)]
