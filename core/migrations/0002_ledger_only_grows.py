from django.db import migrations

from core.append_only import Protect


class Migration(migrations.Migration):
    dependencies = [("core", "0001_initial")]
    operations = [Protect("core_ledgerentry")]
