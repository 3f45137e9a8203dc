from django.db import migrations
from django.db.models import F, Q


def note_what_was_told(apps, schema_editor):
    """Whatever was sure, and whatever is not among staff, its holder has been told of."""
    known = Q(tier="automatic") | ~Q(state__in=("in_review", "dismissed"))
    apps.get_model("imageguard", "Match").objects.filter(known, told_at=None).update(told_at=F("created_at"))


class Migration(migrations.Migration):
    dependencies = [("imageguard", "0008_match_told_at")]

    operations = [migrations.RunPython(note_what_was_told, migrations.RunPython.noop, elidable=True)]
