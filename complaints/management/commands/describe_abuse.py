"""`manage.py describe_abuse`: the table of the patterns of abuse, written from the registry that is looked through."""

from pathlib import Path

from django.conf import settings

from complaints.abuse.patterns import PATTERNS
from complaints.abuse.patterns.series import FESTIVALS, SPRING_FESTIVALS
from complaints.abuse.patterns.words import FORGED, MONEY, THREATS
from core.reference import WritesReference

PAGE = settings.BASE_DIR / "docs" / "reference" / "abuse-patterns.md"


class Command(WritesReference):
    help = "Write docs/reference/abuse-patterns.md from complaints/abuse/patterns; --check only says whether it is current."

    def pages(self) -> dict[Path, str]:
        return {PAGE: describe()}


def describe() -> str:
    """The whole page."""
    rows = ["| pattern | what is looked for | what the complainant is told | source |", "| --- | --- | --- | --- |"]
    rows += [f"| {p.title} (`{p.code}`) | {p.rule} | {p.to_complainant} | {p.source} |" for p in PATTERNS.values()]
    words = [
        f"- `{name}`: {', '.join(listed)}"
        for name, listed in (("THREATS", THREATS), ("MONEY", MONEY), ("FORGED", FORGED))
    ]
    fixed = ", ".join(f"{month:02d}-{day:02d} ({name})" for name, (month, day) in FESTIVALS.items())
    spring = ", ".join(f"{day:%Y-%m-%d}" for day in SPRING_FESTIVALS)
    parts = [
        "# Patterns of abuse",
        "What is looked for in what complainants do, soon after each act and once a day. Written by `manage.py"
        " describe_abuse`; edit `complaints/abuse/patterns/` instead. On a finding alone nothing happens to anybody:"
        " staff confirm or dismiss it, with reasons (see [good faith](../explanation/good-faith.md)).",
        "\n".join(rows),
        "## Words",
        "Each is looked for without case, width, spaces and punctuation. A word is evidence, never a verdict.",
        "\n".join(words),
        "## Festivals",
        f"On fixed days: {fixed}. Spring Festival: {spring}.",
        "## Devices",
        "At sign-in a digest is kept, keyed with a secret of the installation, over the kind of browser and the small"
        " network of the address (/24, /48); neither itself is kept, and a digest that was not seen for 180 days is"
        " forgotten (`accounts/traces.py`).",
    ]
    return "\n\n".join(parts) + "\n"
