"""The full import: everything that a connector's catalogue has, through the same door as events.

It can be stopped and run again at any time: what was taken in is recognised, and nothing is marked as gone
before a run has seen the whole catalogue.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any

from core import clock
from marketplace.ingest import Result, Status, ingest
from marketplace.models import Marketplace, Target
from marketplace.services import open_connector

BATCH = 500
Key = tuple[str, str]


@dataclass(slots=True)
class Figures:
    """How far an import has come, and what was wrong on the way."""

    read: int = 0
    gone: int = 0
    statuses: Counter[str] = field(default_factory=Counter)
    rejected: list[Result] = field(default_factory=list)


class EmptyCatalogue(Exception):
    """The connector returned nothing at all: more likely a fault than a marketplace that was cleared."""


def import_catalogue(
    *, marketplace: Marketplace, allow_empty: bool = False, report: Callable[[Figures], None] = lambda _: None
) -> Figures:
    """Mirror everything on a marketplace, then mark as gone what is no longer there.

    `report` is called after each batch. Raises TransientError or PermanentError from the connector, and
    EmptyCatalogue; what was read until then stays, and nothing is marked as gone.
    """
    figures = Figures()
    started_at = clock.now()
    seen: set[Key] = set()
    connector = open_connector(marketplace)
    try:
        for batch in _batches(connector.catalogue()):
            events = [_as_event(said) for said in batch]
            seen.update(_key(event) for event in events)
            _take_in(marketplace, events, figures)
            figures.read += len(events)
            report(figures)
    finally:
        connector.close()
    if not figures.read and not allow_empty:
        raise EmptyCatalogue()
    for batch in _batches(_gone(marketplace, seen, started_at)):
        _take_in(marketplace, batch, figures)
        figures.gone += len(batch)
        report(figures)
    return figures


def _take_in(marketplace: Marketplace, events: list[dict[str, Any]], figures: Figures) -> None:
    results = ingest(marketplace=marketplace, events=events, remember=False)
    figures.statuses.update(result.status for result in results)
    figures.rejected += [r for r in results if r.status == Status.REJECTED][: 20 - len(figures.rejected)]


def _batches(items: Iterable[Any]) -> Iterator[list[Any]]:
    iterator = iter(items)
    while batch := list(islice(iterator, BATCH)):
        yield batch


def _as_event(said: Mapping[str, Any]) -> dict[str, Any]:
    """What a connector reads is true now, unless it says another time; its id only matters in reports."""
    kind, external_id = _key(said)
    return {"id": f"{kind}:{external_id}"[:128], "occurred_at": clock.unmoved().isoformat(), **said}


def _key(said: Mapping[str, Any]) -> Key:
    data = said.get("data")
    external_id = data.get("external_id", "") if isinstance(data, Mapping) else ""
    return str(said.get("type", "")).removesuffix(".upserted"), str(external_id).strip()


def _gone(marketplace: Marketplace, seen: set[Key], started_at: datetime) -> Iterator[dict[str, Any]]:
    """What the mirror has and the catalogue has not, unless an event spoke of it while we were reading."""
    known = Target.objects.filter(marketplace=marketplace, last_seen_at__lt=started_at).exclude(
        observed=Target.Observed.MISSING
    )
    for kind, external_id in list(known.order_by("pk").values_list("kind", "external_id")):
        if (kind, external_id) not in seen:
            yield {
                "id": f"{kind}:{external_id}"[:128],
                "type": "target.removed",
                "occurred_at": clock.theirs(started_at).isoformat(),
                "data": {"kind": kind, "external_id": external_id},
            }
