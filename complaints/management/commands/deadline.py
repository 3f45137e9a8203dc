"""`manage.py deadline`: from an event to the date, or the window, that a law makes of it, step by step."""

import json
from argparse import RawDescriptionHelpFormatter
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django.core.management.base import BaseCommand, CommandError, CommandParser

from complaints.deadlines import Window, regime_called, window
from complaints.regimes import REGIMES, Regime
from core.errors import Invalid


class Command(BaseCommand):
    help = "Says by when something has to happen under a legal regime, and how the date came about."

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        return super().create_parser(
            prog_name, subcommand, formatter_class=RawDescriptionHelpFormatter, epilog=_events(), **kwargs
        )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--regime", required=True, help=f"one of: {', '.join(REGIMES)}")
        parser.add_argument(
            "--from", required=True, dest="at", metavar="ISO-TIME",
            help="when it happened, such as 2026-11-20T15:00:00-05:00; a day alone begins at 00:00 in the regime's zone",
        )  # fmt: skip
        parser.add_argument("--event", required=True, help="what happened; see below")
        parser.add_argument("--json", action="store_true", help="for programs")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            regime = regime_called(options["regime"])
            at = _moment(options["at"], regime)
            found = window(regime, options["event"], at)
        except Invalid as wrong:
            raise CommandError(" ".join(str(said) for field in wrong.errors.values() for said in field)) from wrong
        if options["json"]:
            self.stdout.write(json.dumps(_as_json(regime, options["event"], at, found), ensure_ascii=False, indent=2))
            return
        self.stdout.write(f"{found}{' (provisional)' if found.is_provisional else ''}")
        for step in found.steps:
            self.stdout.write(f"  {step}")
        self.stdout.write(f"  Source: {found.source}.")


def _moment(said: str, regime: Regime) -> datetime:
    try:
        return datetime.combine(date.fromisoformat(said), time(0), ZoneInfo(regime.timezone))
    except ValueError:
        pass
    try:
        return datetime.fromisoformat(said)
    except ValueError as wrong:
        raise Invalid(
            f"“{said[:40]}” is no time in ISO 8601. Write it like 2026-11-20T15:00:00-05:00.", field="at"
        ) from wrong


def _as_json(regime: Regime, event: str, at: datetime, found: Window) -> dict[str, Any]:
    return {
        "regime": regime.code,
        "event": event,
        "from": at.isoformat(),
        "timezone": found.timezone,
        "opens_at": found.opens_at.astimezone(UTC).isoformat(),
        "closes_at": found.closes_at.astimezone(UTC).isoformat(),
        "opens_on": found.opens_on.isoformat(),
        "closes_on": found.closes_on.isoformat(),
        "is_window": not found.is_single,
        "is_provisional": found.is_provisional,
        "steps": list(found.steps),
        "source": found.source,
    }


def _events() -> str:
    lines = ["events, by regime:"]
    for regime in REGIMES.values():
        lines += ["", f"  {regime.code}  {regime.name}"]
        lines += [f"      {p.event:<26} {p.whose} {p.what}" for p in regime.periods]
    return "\n".join(lines)
