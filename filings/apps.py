"""The filings room."""

from django.apps import AppConfig


class FilingsConfig(AppConfig):
    name = "filings"
