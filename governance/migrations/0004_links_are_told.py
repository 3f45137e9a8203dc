from django.db import migrations


def tell(apps, schema_editor):
    """What is certain or confirmed of shops of one operator is known where goods are looked at, too."""
    links = apps.get_model("governance", "ShopLink").objects.filter(state__in=("certain", "confirmed"))
    linked = apps.get_model("patrol", "LinkedShop")
    pairs = links.values_list("earlier", "later").distinct()
    rows = (linked(earlier_id=earlier, later_id=later) for earlier, later in pairs.iterator())
    linked.objects.bulk_create(rows, batch_size=1000, ignore_conflicts=True)


class Migration(migrations.Migration):
    dependencies = [("governance", "0003_strikes_by_hand"), ("patrol", "0009_linked_shops")]

    operations = [migrations.RunPython(tell, migrations.RunPython.noop, elidable=True)]
