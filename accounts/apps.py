"""The accounts room."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        from accounts.rotation import rotate_second_factors
        from core import rotation

        rotation.also(rotate_second_factors)
