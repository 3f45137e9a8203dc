"""Every earlier link says on which marketplace its target is: in batches, each a transaction of its own."""

from typing import Any

from django.db import migrations
from django.db.models import Max, OuterRef, Subquery

BATCH = 10_000


def say_where(apps: Any, schema_editor: Any) -> None:
    links = apps.get_model("complaints", "ComplaintTarget").objects.using(schema_editor.connection.alias)
    targets = apps.get_model("marketplace", "Target").objects.filter(pk=OuterRef("target"))
    last = links.aggregate(last=Max("pk"))["last"] or 0
    for first in range(0, last, BATCH):
        some = links.filter(pk__gt=first, pk__lte=first + BATCH, marketplace=None)
        some.update(marketplace_id=Subquery(targets.values("marketplace")))


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("complaints", "0026_marketplace_of_links")]

    operations = [migrations.RunPython(say_where, migrations.RunPython.noop, elidable=True)]
