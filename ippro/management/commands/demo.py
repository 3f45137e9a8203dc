"""`manage.py demo`: the whole of ippro on one computer, with a demo world and a marketplace to see it work on."""

import os
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from ippro.demo import DemoError, run_demo


class Command(BaseCommand):
    help = "Run broker, web, worker, beat and the demo marketplace with the demo world; Ctrl-C stops everything."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=int(os.environ.get("PORT") or 8000))
        parser.add_argument("--once", action="store_true", help="run the walkthrough and exit with its status")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            status = run_demo(port=options["port"], data=Path(settings.DATA_DIR), once=options["once"], say=self._say)
        except DemoError as failure:
            raise CommandError(str(failure)) from failure
        raise SystemExit(status)

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()
