"""Reading one event of a marketplace: what it says, or the sentence why it cannot be taken in.

Identifiers, addresses and prices must be right; words that a seller typed are cleaned and cut to length
instead, so that nobody keeps a listing out of the mirror by giving it an odd title.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from core import clock
from marketplace.models import Target

#: how far the marketplace's clock may be ahead of ours before an event is refused
AHEAD = timedelta(hours=1)
MAX_DESCRIPTION = 20_000
MAX_IMAGES = 50
MAX_IMAGE_URL = 2_000
#: key frames of one video or livestream, and how far into it they may lie: thirty days
MAX_FRAMES = 100
MAX_FRAME_SECONDS = 30 * 24 * 3600
MAX_ATTRIBUTES_BYTES = 20_000
MAX_DEPTH = 6
WITH_FRAMES = (Target.Kind.VIDEO, Target.Kind.LIVESTREAM)
UPSERTS = {f"{kind}.upserted": kind for kind in Target.Kind.values}
STATES = (Target.Observed.UP, Target.Observed.DOWN)


class Rejected(Exception):
    """An event that cannot be taken in; `str()` tells the marketplace's engineers why."""


@dataclass(frozen=True, slots=True)
class Event:
    """What one event says: the whole content of a target, its state, or both."""

    id: str
    kind: str
    external_id: str
    occurred_at: datetime
    source_version: int
    content: dict[str, Any] | None = None
    state: str | None = None

    @property
    def shop_external_id(self) -> str:
        return self.content.get("shop_external_id", "") if self.content else ""


def read(raw: Any, *, now: datetime) -> Event:
    """The event in `raw`, at its moment by our clock; `now` is that of other machines. Raises Rejected."""
    if not isinstance(raw, Mapping):
        raise Rejected(_("An event is an object."))
    event_id = _identifier(raw, "id")
    by_their_clock = _moment(raw, "occurred_at", now)
    version = raw.get("version")
    if version is None:
        version = int((by_their_clock - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(microseconds=1))
    elif isinstance(version, bool) or not isinstance(version, int) or not 0 <= version < 2**63:
        raise Rejected(_("version: a whole number that is not negative."))
    kind_of_event, data = raw.get("type"), raw.get("data")
    if not isinstance(data, Mapping):
        raise Rejected(_("data: an object."))
    said: dict[str, Any] = {}
    if isinstance(kind_of_event, str) and kind_of_event in UPSERTS:
        kind = UPSERTS[kind_of_event]
        said = {"content": _content(data, kind), "state": _state(data) if data.get("state") else None}
    elif kind_of_event == "target.state_changed":
        kind, said = _kind(data), {"state": _state(data)}
    elif kind_of_event == "target.removed":
        kind, said = _kind(data), {"state": Target.Observed.MISSING.value}
    else:
        raise Rejected(_("type: not an event that is known here."))
    return Event(
        id=event_id, kind=kind, external_id=_identifier(data, "external_id"),
        occurred_at=clock.ours(by_their_clock), source_version=version, **said,
    )  # fmt: skip


def content_of(data: Any, *, kind: str) -> dict[str, Any]:
    """What an upsert of this kind would say with this `data`, before there is an event. Raises Rejected."""
    if not isinstance(data, Mapping):
        raise Rejected(_("data: an object."))
    external_id = "" if data.get("external_id") in (None, "") else _identifier(data, "external_id")
    return {"external_id": external_id, **_content(data, kind)}


def id_of(raw: Any) -> str | None:
    """The id of an event that may be broken, for the answer."""
    value = raw.get("id") if isinstance(raw, Mapping) else None
    return value[:128] if isinstance(value, str) else None


def _content(data: Mapping[str, Any], kind: str) -> dict[str, Any]:
    """Everything an upsert says; what it leaves out is empty."""
    content: dict[str, Any] = {
        "url": _url(data, "url", 500),
        "title": _words(data, "title", 500),
        "description": _words(data, "description", MAX_DESCRIPTION),
        "category": _words(data, "category", 100),
        "price": _price(data),
        "currency": _words(data, "currency", 3).upper(),
        "images": _images(data),
        "attributes": _attributes(data),
    }
    if kind in WITH_FRAMES and (frames := _frames(data)):
        # Left out where there are none: what was said before there were frames keeps its hash.
        content["frames"] = frames
    if kind != Target.Kind.SHOP:
        shop = "" if data.get("shop_external_id") in (None, "") else _identifier(data, "shop_external_id")
        return content | {"shop_external_id": shop}
    uscc = _words(data, "operator_uscc", 64).strip().upper()
    if len(uscc) > 18:
        raise Rejected(_("operator_uscc: a unified social credit code has 18 characters."))
    return content | {
        "title": _words(data, "name", 500) or content["title"],
        "share_token": _words(data, "share_token", 66).strip("# "),
        "operator_name": _words(data, "operator_name", 200),
        "operator_uscc": uscc,
        "contact_email": _email(data),
        "contact_language": _words(data, "contact_language", 16).lower(),
    }


def _identifier(data: Mapping[str, Any], name: str) -> str:
    value = data.get(name)
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**63:
        value = str(value)
    if not isinstance(value, str) or not value.strip() or len(value) > 128 or not value.isprintable():
        raise Rejected(_("%(field)s: 1 to 128 printable characters.") % {"field": name})
    return value.strip()


def _moment(data: Mapping[str, Any], name: str, now: datetime) -> datetime:
    value = data.get(name)
    try:
        moment = parse_datetime(value) if isinstance(value, str) and len(value) <= 40 else None
        if moment is None or moment.tzinfo is None:
            raise ValueError
        moment = moment.astimezone(UTC)
    except (ValueError, OverflowError) as wrong:
        raise Rejected(_("%(field)s: a time with its zone, such as 2026-01-31T08:00:00Z.") % {"field": name}) from wrong
    if moment > now + AHEAD:
        raise Rejected(_("%(field)s: lies in the future.") % {"field": name})
    if moment.year < 1970:
        raise Rejected(_("%(field)s: lies before 1970.") % {"field": name})
    return moment


def _kind(data: Mapping[str, Any]) -> str:
    kind = data.get("kind")
    if kind not in Target.Kind.values:
        raise Rejected(_("kind: listing, video, livestream or shop."))
    return str(kind)


def _state(data: Mapping[str, Any]) -> str:
    state = data.get("state")
    if state not in STATES:
        raise Rejected(_("state: up or down."))
    return str(state)


def _words(data: Mapping[str, Any], name: str, limit: int) -> str:
    value = data.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Rejected(_("%(field)s: text.") % {"field": name})
    return _storable(value[: limit + 100]).strip()[:limit]


def _storable(text: str) -> str:
    """Text that every database takes: NUL and lone surrogates are replaced."""
    return text.replace("\x00", "\ufffd").encode("utf-8", "replace").decode()


def _url(data: Mapping[str, Any], name: str, limit: int) -> str:
    value = data.get(name)
    if value in (None, ""):
        return ""
    return _web_address(value, name, limit)


def _web_address(value: Any, name: str, limit: int) -> str:
    try:
        if not isinstance(value, str) or len(value) > limit or not value.isprintable():
            raise ValueError
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError
    except ValueError as wrong:
        raise Rejected(
            _("%(field)s: an address that starts with http:// or https://, at most %(limit)d characters.")
            % {"field": name, "limit": limit}
        ) from wrong
    return value


def _images(data: Mapping[str, Any]) -> list[str]:
    value = data.get("images")
    if value is None:
        return []
    if not isinstance(value, list) or len(value) > MAX_IMAGES:
        raise Rejected(_("images: a list of at most %(limit)d addresses.") % {"limit": MAX_IMAGES})
    return [_web_address(image, "images", MAX_IMAGE_URL) for image in value]


def _frames(data: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Key frames with the second at which they are shown, in the order of time; one address stands once."""
    value = data.get("frames")
    if value is None:
        return []
    if not isinstance(value, list) or len(value) > MAX_FRAMES:
        raise Rejected(_("frames: a list of at most %(limit)d frames.") % {"limit": MAX_FRAMES})
    frames: dict[str, int] = {}
    for frame in value:
        if not isinstance(frame, Mapping):
            raise Rejected(_('frames: each is an object such as {"url": "https://…", "seconds": 12}.'))
        url, seconds = _web_address(frame.get("url"), "frames.url", MAX_IMAGE_URL), frame.get("seconds")
        if isinstance(seconds, bool) or not isinstance(seconds, int) or not 0 <= seconds <= MAX_FRAME_SECONDS:
            raise Rejected(
                _("frames.seconds: a whole number from 0 to %(limit)d, counted from the beginning.")
                % {"limit": MAX_FRAME_SECONDS}
            )
        frames[url] = min(seconds, frames.get(url, seconds))
    return [{"url": url, "seconds": seconds} for url, seconds in sorted(frames.items(), key=lambda f: (f[1], f[0]))]


def _price(data: Mapping[str, Any]) -> str | None:
    value = data.get("price")
    if value in (None, ""):
        return None
    try:
        if isinstance(value, bool) or not isinstance(value, str | int | float) or len(str(value)) > 32:
            raise ValueError
        price = Decimal(str(value))
        if not price.is_finite() or not 0 <= price < 10**12:
            raise ValueError
        return str(price.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP))
    except (InvalidOperation, ValueError) as wrong:
        raise Rejected(_('price: a decimal number as text, such as "129.00".')) from wrong


def _attributes(data: Mapping[str, Any]) -> dict[str, Any]:
    value = data.get("attributes")
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise Rejected(_("attributes: an object."))
    cleaned = _clean(value, MAX_DEPTH)
    if len(json.dumps(cleaned, ensure_ascii=False).encode()) > MAX_ATTRIBUTES_BYTES:
        raise Rejected(_("attributes: at most %(limit)d bytes.") % {"limit": MAX_ATTRIBUTES_BYTES})
    return cleaned


def _clean(value: Any, depth: int) -> Any:
    if depth == 0:
        raise Rejected(_("attributes: nested too deeply."))
    if isinstance(value, dict):
        return {_storable(str(k)): _clean(v, depth - 1) for k, v in value.items()}
    if isinstance(value, list):
        return [_clean(v, depth - 1) for v in value]
    if isinstance(value, str):
        return _storable(value)
    if value is None or isinstance(value, bool | int):
        return value
    # A database may write a float differently from how it came; as text it stays what was said.
    return str(value)


def _email(data: Mapping[str, Any]) -> str:
    email = _words(data, "contact_email", 254)
    if email:
        try:
            validate_email(email)
        except ValidationError as wrong:
            raise Rejected(_("contact_email: not an email address.")) from wrong
    return email
