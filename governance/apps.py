"""The governance room."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class GovernanceConfig(AppConfig):
    name = "governance"
    verbose_name = _("Governance")

    def ready(self) -> None:
        from complaints.hidden import Hides, also_hidden_by
        from governance.quality import services

        also_hidden_by(Hides(services.hidden_by_looks, services.look_instead))
