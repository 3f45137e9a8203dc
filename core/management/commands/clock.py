"""`manage.py clock`: what time it is here; in a demo also moves it forwards."""

import json
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from core import clock, demo_clock
from core.errors import DomainError


class Command(BaseCommand):
    help = (
        "Says what time it is in this installation and which deadline comes next. In a demo (IPPRO_DEMO=1) the clock "
        "can be moved forwards, never backwards; what became due is worked off at once."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        how_far = parser.add_mutually_exclusive_group()
        how_far.add_argument("--advance", metavar="LENGTH", help="move it forwards, such as 15d, 36h or 1d12h")
        how_far.add_argument(
            "--to-next-deadline", action="store_true", help="move it to one second after the nearest deadline"
        )
        parser.add_argument("--json", action="store_true", help="for programs")

    def handle(self, *args: Any, **options: Any) -> None:
        demo_clock.forget()
        try:
            if options["to_next_deadline"]:
                demo_clock.move(by=demo_clock.until_next_deadline())
            elif options["advance"] is not None:
                demo_clock.move(by=demo_clock.length_of(options["advance"]))
        except DomainError as refused:
            errors = getattr(refused, "errors", None) or {"": [refused]}
            raise CommandError(" ".join(str(said) for field in errors.values() for said in field)) from refused
        said = _said()
        if options["json"]:
            self.stdout.write(json.dumps(said, ensure_ascii=False, indent=2))
            return
        local = timezone.localtime(clock.now())
        self.stdout.write(f"{local:%a %Y-%m-%d %H:%M:%S %Z}, {clock.moved_by()} ahead of the machine's clock.")
        if coming := said["next_deadline"]:
            self.stdout.write(f"The next deadline is that of {coming['number']} ({coming['kind']}): {coming['at']}.")
        if not said["can_move"]:
            self.stdout.write("It cannot be moved: this is no demo.")


def _said() -> dict[str, Any]:
    coming = demo_clock.deadlines_ahead(1)
    return {
        "now": clock.now().isoformat(),
        "machine": clock.unmoved().isoformat(),
        "ahead_seconds": int(clock.moved_by().total_seconds()),
        "can_move": settings.CLOCK_CAN_MOVE,
        "next_deadline": {
            "at": coming[0].at.isoformat(), "number": coming[0].number, "kind": coming[0].kind, "state": coming[0].state,
        } if coming else None,
    }  # fmt: skip
