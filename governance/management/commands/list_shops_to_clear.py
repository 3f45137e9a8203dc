"""`manage.py list_shops_to_clear`: shops that seem to live from infringement, and why. It proposes nothing."""

from typing import Any

from django.core.management.base import BaseCommand

from governance.penalties import clearance


class Command(BaseCommand):
    help = "Lists the shops that a rule of shop clearance fits, with the reasons; staff propose a ban on their page."

    def handle(self, *args: Any, **options: Any) -> None:
        for found in clearance.shops_to_clear():
            proposed = f" ({found.penalty.number} is proposed)" if found.penalty else ""
            self.stdout.write(f"{found.shop.public_id} {found.shop}: {found.reason}{proposed}")
