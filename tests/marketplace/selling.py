"""Things on sale that came as events, as search finds them."""

from datetime import UTC, datetime
from itertools import count

from marketplace.ingest import ingest
from marketplace.models import Target

_NUMBERS = count(1)


def sell(mall, title, *, kind="listing", at=None, **data):
    """Put something on sale on a marketplace; the target."""
    number = next(_NUMBERS)
    data = {"external_id": f"x{number}", "title": title, "state": "up", **data}
    moment = at or datetime(2026, 3, 2, 12, tzinfo=UTC)
    said = {"id": f"sale-{number}", "type": f"{kind}.upserted", "occurred_at": moment.isoformat(), "version": number}
    (result,) = ingest(marketplace=mall, events=[{**said, "data": data}])
    assert result.status == "applied", result.detail
    return Target.objects.get(marketplace=mall, kind=kind, external_id=data["external_id"])


def a_shop(mall, name, external_id):
    return sell(mall, "", kind="shop", name=name, external_id=external_id)


def seen(mall, target, state, *, at):
    """The marketplace says that it is up, down or gone."""
    data = {"kind": target.kind, "external_id": target.external_id}
    how = {"type": "target.removed"} if state == "missing" else {"type": "target.state_changed"}
    said = {"id": f"seen-{next(_NUMBERS)}", "occurred_at": at.isoformat(), **how}
    ingest(marketplace=mall, events=[{**said, "data": data if state == "missing" else {**data, "state": state}}])
