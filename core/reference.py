"""Pages of `docs/reference` that are written from the tables the house runs on, and checked against them."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import override


class WritesReference(BaseCommand):
    """A command that writes its pages, in English; with --check it only says whether they are current."""

    def pages(self) -> dict[Path, str]:
        """What each page says, by where it lies."""
        raise NotImplementedError

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="write nothing; fail if a page is out of date")

    def handle(self, *args: Any, **options: Any) -> None:
        with override("en"):
            pages = self.pages()
        for path, text in pages.items():
            name = path.relative_to(settings.BASE_DIR)
            if not options["check"]:
                path.write_text(text, encoding="utf-8")
                self.stdout.write(f"{name} is written.")
            elif not path.exists() or path.read_text(encoding="utf-8") != text:
                command = type(self).__module__.rpartition(".")[2]
                raise CommandError(f"{name} is out of date: run manage.py {command}")
