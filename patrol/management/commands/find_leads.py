"""`manage.py find_leads`: clusters of linked shops of this week, as the weekly task finds them."""

from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from patrol import leads


class Command(BaseCommand):
    help = "Finds this week's clusters of linked shops; what was found earlier in the same week is written anew."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--day", help="a day of the week to write, such as 2026-11-26; default: today")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            day = date.fromisoformat(options["day"]) if options["day"] else None
        except ValueError as wrong:
            raise CommandError("--day: a day such as 2026-11-26.") from wrong
        for lead in leads.find_leads(day=day):
            self.stdout.write(f"{lead}: {len(lead.figures)} shops, {lead.upheld} upheld goods")
