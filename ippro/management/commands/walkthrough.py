"""`manage.py walkthrough`: one complaint, from the filing of its right to the listing's return, over HTTP."""

import json
import time
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from ippro.visitor import PATIENCE_SECONDS, Unexpected
from ippro.walkthrough import PARTS, Step, Walkthrough


class Command(BaseCommand):
    help = "Walk one complaint through a running demo, as its people would; fails at the first thing that is not right."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--base-url", default=settings.BASE_URL, help="where the demo runs")
        parser.add_argument(
            "--storefront-url", default="", help="where its marketplace runs; default: one port further"
        )
        parser.add_argument(
            "--keep-clock", action="store_true", help="leave out the last steps, which move the clock of the demo"
        )
        parser.add_argument(
            "--patience",
            type=float,
            default=PATIENCE_SECONDS,
            help="seconds to wait for what is done behind the pages, once nothing moves there",
        )
        parser.add_argument(
            "--part", action="append", choices=PARTS, help="walk this part after the case and no other; repeatable"
        )
        parser.add_argument("--json", action="store_true", help="print one JSON object a line")

    def handle(self, *args: Any, **options: Any) -> None:
        base, as_json = options["base_url"], options["json"]
        started = time.monotonic()

        def told(step: Step) -> None:
            if as_json:
                self.stdout.write(json.dumps({"step": step.words, "seconds": round(step.seconds, 2)}))
            else:
                self.stdout.write(f"  {step.seconds:6.2f} s  {step.words}")
            self.stdout.flush()

        def waits(words: str) -> None:
            # Programs read one line for each step.
            if not as_json:
                self.stdout.write(f"            {words}")
                self.stdout.flush()

        walk = Walkthrough(
            base, options["storefront_url"] or _next_port(base), told, moves_clock=not options["keep_clock"],
            parts=options["part"] or PARTS, patience_seconds=options["patience"], waits=waits,
        )  # fmt: skip
        try:
            walk.run()
        except Unexpected as failure:
            if as_json:
                self.stdout.write(json.dumps({"ok": False, "error": str(failure)}))
            raise CommandError(str(failure)) from failure
        seconds = time.monotonic() - started
        if as_json:
            self.stdout.write(json.dumps({"ok": True, "seconds": round(seconds, 2)}))
        else:
            self.stdout.write(self.style.SUCCESS(f"Walkthrough done: {len(walk.steps)} steps in {seconds:.1f} s."))


def _next_port(base_url: str) -> str:
    said = urlsplit(base_url)
    return f"{said.scheme}://{said.hostname}:{(said.port or 80) + 1}"
