"""`manage.py ledger_export`: the whole sealed ledger as lines of JSON, for `verify_ledger.py` and for auditors."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core import ledger_export, sealing


class Command(BaseCommand):
    help = (
        "Writes every sealed entry of the ledger, payloads included, and every signed tree head, as lines of JSON. "
        "Check the file with verify_ledger.py."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="where to write; must not exist yet")

    def handle(self, *args: Any, **options: Any) -> None:
        size = sealing.sealed_size()
        try:
            with options["file"].open("x", encoding="utf-8") as file:
                file.writelines(ledger_export.lines(size=size))
        except OSError as failure:
            raise CommandError(f"{options['file']} cannot be written: {failure.strerror}.") from failure
        self.stdout.write(f"{size} entries written.")
