"""`manage.py describe_states`: the reference of all states, written from the tables that the house runs on."""

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from django.apps import apps
from django.conf import settings

from core.lifecycle import Lifecycle
from core.reference import WritesReference

PAGE = settings.BASE_DIR / "docs" / "reference" / "states.md"


class Command(WritesReference):
    help = "Write docs/reference/states.md from the lifecycles of all rooms; --check only says whether it is current."

    def pages(self) -> dict[Path, str]:
        return {PAGE: describe()}


def describe() -> str:
    """The whole page."""
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
