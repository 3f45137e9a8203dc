"""Of searches that found more than 2,000 things when they were saved not all that was there is known."""

from django.db import migrations
from django.db.models import Count, F, Q


def say_so(apps, schema_editor):
    SavedSearch = apps.get_model("complaints", "SavedSearch")
    before = Count("hits", filter=Q(hits__found_at__lt=F("created_at")))
    crowded = SavedSearch.objects.annotate(before=before).filter(before__gte=2_000).values_list("pk", flat=True)
    SavedSearch.objects.filter(pk__in=list(crowded)).update(knows_all=False)


class Migration(migrations.Migration):
    dependencies = [("complaints", "0024_searches_that_found_too_much")]

    operations = [migrations.RunPython(say_so, migrations.RunPython.noop)]
