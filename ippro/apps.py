"""The frame around the rooms."""

from django.apps import AppConfig


class IpproConfig(AppConfig):
    name = "ippro"

    def ready(self) -> None:
        from ippro import theme

        theme.remember()
