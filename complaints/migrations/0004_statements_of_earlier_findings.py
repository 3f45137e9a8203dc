from django.db import migrations
from django.db.models import OuterRef, Q, Subquery


def find_statements(apps, schema_editor):
    """Findings that upheld belong to the statement to the shop that sells the link now."""
    findings = apps.get_model("complaints", "Finding").objects.filter(outcome="upheld", statement=None)
    link = OuterRef("complaint_target_id")
    told = apps.get_model("complaints", "StatementOfReasons").objects.filter(
        Q(shop__complained_of=link) | Q(shop__items__complained_of=link), decision=OuterRef("decision_id")
    )
    findings.update(statement=Subquery(told.order_by("pk").values("pk")[:1]))


class Migration(migrations.Migration):
    dependencies = [("complaints", "0003_statement_of_a_finding")]

    operations = [migrations.RunPython(find_statements, migrations.RunPython.noop, elidable=True)]
