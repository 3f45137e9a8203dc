"""`manage.py rebuild_image_index`: make the index of images anew from the database."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from imageguard import index
from imageguard.models import Collection, Fingerprint


class Command(BaseCommand):
    help = (
        "Make the index of images anew from the fingerprints in the database. Searches go on meanwhile: another process "
        "finds the new index by itself, and catches up with what is missing. It may be stopped and run again."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--only", choices=Collection.values, help="one of the indexes; without it all are made anew"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        for collection in [options["only"]] if options["only"] else Collection.values:
            rows = Fingerprint.objects.filter(collection=collection).count()
            self.stdout.write(f"{collection}: {rows} fingerprints in the database …")

            def report(read: int, rows: int = rows, collection: str = collection) -> None:
                self.stdout.write(f"{collection}: {read} of {rows} read …")

            try:
                held = index.rebuild(collection, report=report)
            except index.IndexBusy as busy:
                raise CommandError(
                    f"{collection}: another process is writing this index. Run the command again."
                ) from busy
            self.stdout.write(self.style.SUCCESS(f"{collection}: the index is made anew and holds {held} pictures."))
