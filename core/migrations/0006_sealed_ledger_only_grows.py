from django.db import migrations

from core.append_only import Protect


class Migration(migrations.Migration):
    dependencies = [("core", "0005_sealed_ledger")]
    operations = [Protect("core_ledgerleaf"), Protect("core_ledgernode"), Protect("core_treehead")]
