"""`manage.py import_catalogue`: mirror everything on a connected marketplace."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from marketplace.catalogue import EmptyCatalogue, Figures, import_catalogue
from marketplace.connectors.base import ConnectorError
from marketplace.models import Marketplace


class Command(BaseCommand):
    help = (
        "Read the whole catalogue of a marketplace into the mirror, and mark what is no longer there as gone. "
        "It may be stopped and run again: what was taken in is recognised, and nothing is marked as gone before "
        "a run has come to the end."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--marketplace", required=True, metavar="SLUG", help="short name of the marketplace")
        parser.add_argument(
            "--allow-empty",
            action="store_true",
            help="believe an empty catalogue, and mark everything as gone",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        marketplace = Marketplace.objects.filter(slug=options["marketplace"]).first()
        if marketplace is None:
            known = ", ".join(Marketplace.objects.order_by("slug").values_list("slug", flat=True)) or "none"
            raise CommandError(f"There is no marketplace {options['marketplace']!r}. Connected are: {known}.")
        try:
            figures = import_catalogue(marketplace=marketplace, allow_empty=options["allow_empty"], report=self._report)
        except ConnectorError as failure:
            raise CommandError(f"The import stopped: {failure}. Run it again to go on.") from failure
        except EmptyCatalogue as empty:
            raise CommandError(
                "The catalogue is empty. If that is right, run again with --allow-empty to mark everything as gone."
            ) from empty
        for result in figures.rejected:
            self.stderr.write(f"rejected {result.id}: {result.detail}")
        words = ", ".join(f"{count} {status}" for status, count in sorted(figures.statuses.items()))
        self.stdout.write(self.style.SUCCESS(f"Read {figures.read}; {figures.gone} are gone; {words or 'no change'}."))

    def _report(self, figures: Figures) -> None:
        self.stdout.write(f"{figures.read} read, {figures.gone} gone …")
