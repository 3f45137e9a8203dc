"""`manage.py scan_market`: look at everything that is on sale, now."""

import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core.errors import DomainError
from marketplace.models import Marketplace
from patrol import scanning
from patrol.models import Scan, WatchProfile
from patrol.progress import Progress, progress_of

#: between two words about the progress
SECONDS = 2.0


class Command(BaseCommand):
    help = (
        "Start a scan of everything that is on sale. With --wait this process looks at it too, beside the workers of "
        "the queue patrol, tells how far it is, and fails where something was given up or the scan was cancelled."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--marketplace", metavar="SLUG", help="only this marketplace; default: all")
        parser.add_argument("--profile", metavar="ID", help="only for this profile; default: for all that watch")
        parser.add_argument("--rate", type=int, metavar="N", help="at most N listings a minute on each marketplace")
        parser.add_argument("--wait", action="store_true", help="work on it until it is finished")

    def handle(self, *args: Any, **options: Any) -> None:
        marketplace = self._one(Marketplace, "slug", options["marketplace"])
        profile = self._one(WatchProfile, "public_id", options["profile"])
        try:
            scan = scanning.start(
                by=None, marketplace=marketplace, profile=profile, listings_a_minute=options["rate"]
            )  # fmt: skip
        except DomainError as refused:
            raise CommandError(str(refused)) from refused
        self.stdout.write(f"{scan.number} is under way.")
        if options["wait"]:
            self._wait(scan)

    def _one(self, model: Any, name: str, value: str | None) -> Any:
        if value is None:
            return None
        found = model.objects.filter(**{name: value}).first()
        if found is None:
            raise CommandError(f"There is no {model._meta.verbose_name} {value!r}.")
        return found

    def _wait(self, scan: Scan) -> None:
        said_at = 0.0
        while True:
            tried = scanning.scan_due()
            scan.refresh_from_db()
            progress = progress_of(scan)
            if not progress.is_under_way:
                break
            if time.monotonic() - said_at > SECONDS:
                said_at = time.monotonic()
                self._say(progress)
            if not tried:
                time.sleep(SECONDS / 4)
        self._say(progress)
        if progress.given_up:
            raise CommandError(
                f"{progress.given_up} batches were given up. See why under Staff → Scans, and try them again there."
            )
        if scan.state != Scan.State.FINISHED:
            raise CommandError(f"{scan.number} was cancelled.")
        self.stdout.write(self.style.SUCCESS(f"{scan.number} is finished."))

    def _say(self, progress: Progress) -> None:
        left = f", about {progress.minutes_left} min left" if progress.minutes_left and progress.left else ""
        self.stdout.write(f"{progress.done} of {progress.listings} listings, {progress.found} found{left}")
