"""The rulebook room."""

from typing import Any

from django.apps import AppConfig
from django.apps import apps as installed
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


def load_catalogue(sender: Any, apps: Any = installed, **kwargs: Any) -> None:
    """Rules that came with a new release, or that an emptied database lost, are there after `migrate`."""
    try:
        rule, version = apps.get_model("rulebook", "Rule"), apps.get_model("rulebook", "RuleVersion")
    except LookupError:  # this room is not migrated (yet)
        return
    from rulebook.catalogue import load

    load(rule.objects, version.objects)


class RulebookConfig(AppConfig):
    name = "rulebook"
    verbose_name = _("Rulebook")

    def ready(self) -> None:
        # As Django's own permissions: not business, but what every database has after it was made.
        post_migrate.connect(load_catalogue, sender=self)
