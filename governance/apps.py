"""The governance room."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class GovernanceConfig(AppConfig):
    name = "governance"
    verbose_name = _("Governance")

    def ready(self) -> None:
        from complaints import review
        from governance.quality import services

        review.also_hidden_by(services.hides)
