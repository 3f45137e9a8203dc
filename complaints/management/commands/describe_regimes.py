"""`manage.py describe_regimes`: one page per legal regime, for lawyers, written from the tables that cases run on."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path

from django.conf import settings

from complaints.deadlines import length_of, window
from complaints.regimes import REGIMES, Document, Element, Event, Party, Passing, Period, Regime, Unit
from core.reference import WritesReference

FOLDER = settings.BASE_DIR / "docs" / "reference"
#: by regime: what happened, when, and what the example shows
EXAMPLES: dict[str, tuple[tuple[Event, str, str], ...]] = {
    "cn": (
        (Event.COUNTER_NOTICE_DELIVERED, "2026-07-06T16:00:00Z", "An ordinary count: midnight in Shanghai decides the day."),
        (Event.COUNTER_NOTICE_DELIVERED, "2026-02-01T10:00:00+08:00", "The last day falls into the Spring Festival."),
        (Event.COUNTER_NOTICE_DELIVERED, "2026-09-25T10:00:00+08:00", "The last day is a Saturday that is worked."),
        (Event.COUNTER_NOTICE_DELIVERED, "2090-12-20T10:00:00+08:00", "A year that nobody has announced: provisional."),
        (Event.DECISION_NOTIFIED, "2026-09-04T10:00:00+08:00", "An appeal over the National Day."),
    ),
    "us": (
        (Event.COUNTER_NOTICE_RECEIVED, "2026-11-20T15:00:00-05:00", "Thanksgiving lies between."),
        (Event.COUNTER_NOTICE_RECEIVED, "2026-06-19T12:00:00-04:00", "Independence Day is a Saturday, observed on Friday."),
        (Event.COUNTER_NOTICE_RECEIVED, "2027-12-17T12:00:00-05:00", "New Year’s Day is a Saturday, observed in December."),
    ),
    "eu": (
        (Event.DECISION_NOTIFIED, "2026-02-10T12:00:00+01:00", "An ordinary count through a change of clocks."),
        (Event.DECISION_NOTIFIED, "2025-08-31T12:00:00+02:00", "February has no 31st, and its last day is a Saturday."),
        (Event.DECISION_NOTIFIED, "2026-11-06T12:00:00+01:00", "The last day is Ascension Day in Belgium."),
        (Event.COUNTER_NOTICE_RECEIVED, "2026-03-30T12:00:00+02:00", "An internal complaint before Easter."),
    ),
}  # fmt: skip
#: how a field is called where it belongs to no element
OTHER_FIELDS = {
    "infringement": "Kind of infringement",
    "evidence": "Evidence",
    "statement": "What the merchant explains",
}
SENDERS = {Document.NOTICE: Party.COMPLAINANT, Document.COUNTER_NOTICE: Party.MERCHANT}


class Command(WritesReference):
    help = "Write docs/reference/regime-*.md from complaints/regimes; --check only says whether they are current."

    def pages(self) -> dict[Path, str]:
        return {FOLDER / f"regime-{regime.code}.md": describe(regime) for regime in REGIMES.values()}


def describe(regime: Regime) -> str:
    """The page of one regime."""
    parts = [
        f"# {regime.name}",
        "For lawyers: what ippro asks, tells, waits for and does in a case under this law, and by which provision."
        " Written by `manage.py describe_regimes` from the tables that cases run on; edit those in"
        f" `complaints/regimes/{regime.code}.py` instead.",
        f"Law: {regime.source}. Periods marked *own* are set by the platform where the law is silent or says “in time”;"
        " they can be changed in the table and shorten nothing that the law gives.",
        "## What a notice must have",
        _elements(regime.notice),
        f"Who signs states: “{regime.assurance}”",
        "## What a counter-notice must have",
        _elements(regime.counter_notice),
        f"Who signs states: “{regime.counter_assurance}”" if _is_signed(regime.counter_notice) else "",
        "## Who is told what",
        "Each passing of personal data is an entry of the ledger, with digests in place of the data.",
        *(_passing(regime, passing) for passing in regime.passes),
        "## What keeps a link down that was answered for",
        f"{regime.proof_asked} Kinds of proceedings that count: {', '.join(sorted(regime.proofs)) or 'none'}. Source:"
        f" {regime.proof_source}.",
        "## Periods",
        _periods(regime.periods),
        "## How time is counted",
        _counting(regime),
        "## What was chosen where the law leaves room",
        "\n".join(f"- {choice}" for choice in regime.choices),
        "## Worked examples",
        *(_example(regime, *example) for example in EXAMPLES[regime.code]),
        "## Misuse, and repeated infringement",
        _table(
            ("who", "what", "suspension", "source"),
            ((m.who, m.what, f"{m.suspension_days} days, *own*" if m.suspension_days else "–", m.source) for m in regime.misuse),
        ),
        "## Redress",
        f"A shop reads, below each statement of reasons: “{str(regime.redress) % {'contact': 'the platform’s address'}}”",
        f"Outside the courts: {regime.out_of_court}",
    ]  # fmt: skip
    return "\n\n".join(part for part in parts if part) + "\n"


def _table(head: Sequence[object], rows: Iterable[Iterable[object]]) -> str:

    lines: list[Iterable[object]] = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(str(cell) for cell in line)} |" for line in lines)


def _elements(elements: Iterable[Element]) -> str:
    return _table(
        ("element", "field", "what is said when it is missing", "source"),
        ((e.label, f"`{e.field}`", e.missing, e.source) for e in elements),
    )


def _is_signed(elements: Iterable[Element]) -> bool:
    return any(e.field == "good_faith" for e in elements)


def _passing(regime: Regime, passing: Passing) -> str:
    elements = regime.notice if passing.document == Document.NOTICE else regime.counter_notice
    labels = {e.field: str(e.label) for e in reversed(elements)}
    shown = [labels.get(field) or OTHER_FIELDS[field] for field in passing.fields]
    kept = [label for field, label in reversed(labels.items()) if field not in passing.fields]
    return "\n".join(
        [
            f"**{passing.document.capitalize()}, from the {SENDERS[passing.document]} to the {passing.to}.** {passing.why}\n",
            f"- passed on: {'; '.join(shown) or 'nothing'}",
            f"- stays with the platform: {'; '.join(kept) or 'nothing'}",
            f"- source: {passing.source}",
        ]
    )


def _periods(periods: Iterable[Period]) -> str:
    return _table(
        ("runs from", "who", "what", "how long", "and then", "source"),
        (
            (f"`{p.event}`", p.whose, p.what, _length(p) + (", *own*" if p.is_own else ""), p.consequence, p.source)
            for p in periods
        ),
    )


def _length(period: Period) -> str:
    if period.unit is Unit.TIME:
        return length_of(period.length)  # type: ignore[arg-type]
    least = f"{period.length}" if period.at_most is None else f"{period.length} to {period.at_most}"
    return f"{least} {period.unit}"


def _counting(regime: Regime) -> str:
    said = [
        f"Days begin and end in {regime.timezone}, wherever the parties and the servers are.",
        "The day of the event is not counted; a period of days or months ends with its last day, at 24:00.",
        "A last day that is no working day moves to the next one."
        if any(p.moves for p in regime.periods)
        else "",
        f"Calendar: {regime.calendar.name} ({regime.calendar.source}).",
        "A date for which a day was looked at that no authority has announced yet is marked provisional and counted"
        " anew before anything follows from it.",
        "`manage.py deadline --regime … --from … --event …` counts any other case.",
    ]  # fmt: skip
    return "\n".join(f"- {sentence}" for sentence in said if sentence)


def _example(regime: Regime, event: Event, at: str, about: str) -> str:
    found = window(regime, event, datetime.fromisoformat(at))
    said = [f"$ manage.py deadline --regime {regime.code} --from {at} --event {event}"]
    said += [f"{found}{' (provisional)' if found.is_provisional else ''}", *(f"  {step}" for step in found.steps)]
    return "\n".join([f"{about}\n", "```text", *said, "```"])
