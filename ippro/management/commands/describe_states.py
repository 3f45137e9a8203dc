"""`manage.py describe_states`: the reference of all states, written from the tables that the house runs on."""

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import override

from core.lifecycle import Lifecycle

PAGE = settings.BASE_DIR / "docs" / "reference" / "states.md"


class Command(BaseCommand):
    help = "Write docs/reference/states.md from the lifecycles of all rooms; --check only says whether it is current."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="write nothing; fail if the page is out of date")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["check"]:
            PAGE.write_text(describe(), encoding="utf-8")
            self.stdout.write(f"{PAGE.relative_to(settings.BASE_DIR)} is written.")
        elif not PAGE.exists() or PAGE.read_text(encoding="utf-8") != describe():
            raise CommandError("docs/reference/states.md is out of date: run manage.py describe_states")


def describe() -> str:
    """The whole page, in English."""
    with override("en"):
        parts = [
            "# States",
            "Every case moves only along these arrows. Written by `manage.py describe_states`; edit the tables instead.",
            *(_describe(lifecycle) for lifecycle in lifecycles()),
        ]
        return "\n\n".join(parts) + "\n"


def lifecycles() -> Iterator[Lifecycle]:
    """Every lifecycle of every room, in the order of the rooms; they stand in modules whose names end so.

    A large room has them in its parts: `governance/appeals/lifecycle.py`.
    """
    for app in apps.get_app_configs():
        room = Path(app.path)
        if app.label == "core":
            continue
        files = sorted(room.glob("*lifecycle.py"), key=lambda f: len(f.name)) + sorted(room.glob("*/*lifecycle.py"))
        for file in files:
            module = import_module(".".join([app.name, *file.relative_to(room).with_suffix("").parts]))
            yield from (value for value in vars(module).values() if isinstance(value, Lifecycle))


def _describe(lifecycle: Lifecycle) -> str:
    steps = ["| step | from | to | what it is |", "| --- | --- | --- | --- |"]
    steps += [
        f"| `{t.name}` | {', '.join(sorted(t.source))} | {t.target or 'as it is'} | {t.label} |"
        for t in lifecycle.transitions
    ]
    turns = ["| state | whose turn | what is next | what happens otherwise |", "| --- | --- | --- | --- |"]
    turns += [f"| {state} | {turn.whose} | {turn.next} | {turn.otherwise} |" for state, turn in lifecycle.turns.items()]
    diagram = f"```mermaid\n{lifecycle.as_mermaid()}\n```"
    title = f"## {lifecycle.subject.replace('_', ' ').capitalize()}"
    return "\n\n".join([title, diagram, "\n".join(steps), *(["\n".join(turns)] if lifecycle.turns else [])])
