"""The imageguard room."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ImageguardConfig(AppConfig):
    name = "imageguard"
    verbose_name = _("Original images")
