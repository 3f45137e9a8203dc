"""`manage.py describe_rules`: the reference of rules and points, written from the catalogue that ippro ships."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import override

from governance.penalties.offences import COUNTS, OFFENCES, RELISTING
from rulebook.catalogue import as_shipped
from rulebook.models import Effect, Measure

PAGE = settings.BASE_DIR / "docs" / "reference" / "rules-and-points.md"
INTRODUCTION = f"""# Rules and points

Every decision cites one of these rules, in the version that was in force at the time of the act. An installation begins
with this catalogue and changes it with two people; what is in force there stands at `/rules/`, each version under its
own address. Written by `manage.py describe_rules`; edit `rulebook/catalogue.py` instead.

Points count for {COUNTS.days} days. The same rule broken again in that time counts double. A decision counts once for
each shop, however many links it is about. What is reversed takes its points back, and the penalties that rest on them.
A shop that the same operator opens later inherits the points, begins on the step that they reach, and repeats what the
earlier one did. A senior reviewer counts M7 and M9 by hand where a shop forged a
paper or did not cooperate in a case, with reasons that the shop reads (staff: *Strikes → Count points*).
What patrol upholds on the platform's own initiative counts like a decision on a complaint: what one person upholds
together, or the automatic rule takes down in one sweep, counts once for each shop and rule, as the links of one complaint
do, and as long as any of it stands. What is decided one by one counts one by one. What a re-check upholds by itself because the seller put it up again counts as M8. These points go with the finding, which can be appealed against.
Points that no decision is about (M7 by hand, M8 to M10) are taken back by a senior reviewer with reasons, and by rule
when everything that held the thing down, or the ban behind it, was reversed.
A shop is heard before anything is confirmed, for as long as the law page of its regime says; a ban needs two people.
Why these numbers:
[ADR 14](../adr/0014-rules-and-penalties-are-two-rooms.md)."""


class Command(BaseCommand):
    help = "Write docs/reference/rules-and-points.md from the catalogue; --check only says whether it is current."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="write nothing; fail if the page is out of date")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["check"]:
            PAGE.write_text(describe(), encoding="utf-8")
            self.stdout.write(f"{PAGE.relative_to(settings.BASE_DIR)} is written.")
        elif not PAGE.exists() or PAGE.read_text(encoding="utf-8") != describe():
            raise CommandError("docs/reference/rules-and-points.md is out of date: run manage.py describe_rules")


def describe() -> str:
    """The whole page, in English with the Chinese titles."""
    with override("en"):
        parts = [INTRODUCTION]
        for effect in Effect:
            rules = [entry for entry in as_shipped() if entry.effect == effect]
            lines = ["| rule | 规则 | | source | points |", "| --- | --- | --- | --- | --- |"]
            lines += [
                f"| `{r.code}` | {r.title[0]} | {r.title[1]}: {r.text[1]} | {r.source[1]} | {r.points or '–'} |"
                for r in rules
            ]
            parts.append(f"## What {effect.label!s}\n\n" + "\n".join(lines))
        for ladder in (entry for entry in as_shipped() if entry.steps):
            lines = ["| from points | measure | days |", "| --- | --- | --- |"]
            lines += [f"| {at} | {Measure(measure).label} | {days or '–'} |" for at, measure, days in ladder.steps]
            parts.append(f"## {ladder.code}: {ladder.title[1]} ({ladder.title[0]})\n\n" + "\n".join(lines))
        lines = ["| what was upheld | rule |", "| --- | --- |"]
        lines += [f"| {kind} | `{code}` |" for kind, code in OFFENCES.items()]
        lines.append(f"| put up again while held down | `{RELISTING}` |")
        parts.append("## Which rule brings the points\n\n" + "\n".join(lines))
        return "\n\n".join(parts) + "\n"
