"""`manage.py index_search`: make the search know everything that the mirror has."""

from typing import Any

from django.core.management.base import BaseCommand

from marketplace.search.index import index_missing


class Command(BaseCommand):
    help = (
        "Walk over the mirror and give what is on sale its entry of the search where it has none, take out what is on "
        "sale no longer, and make anew what an earlier version of the search made. Of use after an upgrade; a task does "
        "the same once a day. It may be stopped and run again at any time."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        seen = mended = 0
        for seen, mended in index_missing():
            self.stdout.write(f"{seen} seen, {mended} mended …")
        self.stdout.write(self.style.SUCCESS(f"{seen} targets, {mended} entries were made right."))
