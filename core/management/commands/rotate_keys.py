"""`manage.py rotate_keys`: everything encrypted is written anew under the first of IPPRO_SECRET_KEYS."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core import rotation


class Command(BaseCommand):
    help = (
        "Writes every encrypted text and file anew under the first of IPPRO_SECRET_KEYS. Put the new key in front, "
        "restart every process, run this, then take the old key away. May be stopped and run again at any time; "
        "exits with 1 if something is opened by none of the keys."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--batch", type=int, default=rotation.BATCH, help="rows in one transaction")
        parser.add_argument("--only", choices=["texts", "files"], help="rotate one of the two")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["batch"] < 1:
            raise CommandError("--batch is at least 1.")
        total = rotation.Rotated()
        if options["only"] != "files":
            total += rotation.rotate_texts(say=self.stdout.write, batch=options["batch"])
        if options["only"] != "texts":
            total += rotation.rotate_files(say=self.stdout.write, batch=options["batch"])
        self.stdout.write(f"{total.renewed} of {total.seen} written anew.")
        if total.failed:
            raise CommandError(f"{total.failed} are opened by no key. Keep the old keys until this is mended.")
