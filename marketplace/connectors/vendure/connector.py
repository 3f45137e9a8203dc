"""Connector to Vendure 3.7: products are taken down by `enabled: false` over the GraphQL admin API.

Vendure answers errors with HTTP 200 and `errors[].extensions.code`; one unknown id fails a whole
`updateProducts`, which runs in one transaction. It keeps no idempotency keys, and needs none: setting
`enabled` twice is setting it once.
"""

import hashlib
import threading
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, ClassVar
from urllib.parse import urlsplit

from django.utils.html import strip_tags

from marketplace.connectors.base import (
    Connection,
    ConnectorError,
    Kind,
    Order,
    Outcome,
    PermanentError,
    Ref,
    State,
    TransientError,
)
from marketplace.connectors.http import Answer, call, open_client, secret, setting
from marketplace.connectors.vendure import queries

PAGE = 100
#: what may go away by itself; every other code says that this call will not succeed
TRANSIENT_CODES = frozenset({"INTERNAL_SERVER_ERROR", "TOO_MANY_REQUESTS", "THROTTLED", "RATE_LIMITED"})
REFUSED_CODES = frozenset({"FORBIDDEN", "UNAUTHORIZED", "UNAUTHENTICATED"})

#: sessions of this process, so that a batch does not begin with a login; forgotten when one is refused
_sessions: dict[str, str] = {}
_lock = threading.Lock()


class _NotFound(PermanentError):
    """ENTITY_NOT_FOUND: at least one id of the call is unknown, and nothing of it was done."""


class _Refused(PermanentError):
    """FORBIDDEN: the session ran out, or the role lacks a permission; the two look alike."""


class VendureConnector:
    """`config` is `{"url": address of the server}`; `secrets` is `{"username", "password"}` or `{"api_key"}`."""

    kinds: ClassVar[frozenset[Kind]] = frozenset({"listing"})
    max_batch: ClassVar[int] = 100

    def __init__(self, connection: Connection) -> None:
        url = str(setting(connection, "url")).rstrip("/")
        if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname:
            raise PermanentError("url must be the address of the Vendure server")
        self.admin_api = url + str(connection.config.get("admin_api_path") or "/admin-api")
        self.shop_api = url + str(connection.config.get("shop_api_path") or "/shop-api")
        self.connection = connection
        self.api_key = connection.secrets.get("api_key", "")
        if not self.api_key:
            self.login = {"username": secret(connection, "username"), "password": secret(connection, "password")}
            who = "\n".join([self.admin_api, *self.login.values()])
            self.session = hashlib.sha256(who.encode()).hexdigest()
        channel = connection.config.get("channel_token")
        self.client = open_client(connection, {"vendure-token": str(channel)} if channel else None)

    # --- the interface -----------------------------------------------------------------------------------

    def apply(self, orders: Sequence[Order]) -> Mapping[Ref, Outcome]:
        unsupported = Outcome(error=PermanentError("Vendure has products only; hold its listings one by one"))
        outcomes = {o.ref: unsupported for o in orders if o.ref.kind not in self.kinds}
        return outcomes | self._carry_out([o for o in orders if o.ref.kind in self.kinds])

    def observe(self, refs: Sequence[Ref]) -> Mapping[Ref, State]:
        """`up` when the shop API shows it, `down` when only the administrators see it, else `missing`."""
        states: dict[Ref, State] = dict.fromkeys(refs, "missing")
        listings = [ref for ref in refs if ref.kind in self.kinds]
        for start in range(0, len(listings), PAGE):
            part = listings[start : start + PAGE]
            ids = self._known(part)
            known = [ref for ref in part if ref.external_id in ids]
            states |= dict.fromkeys(known, "down")
            for ref in self._visible(known):
                states[ref] = "up"
        return states

    def catalogue(self) -> Iterator[Mapping[str, Any]]:
        shop = self.connection.config.get("shop") or {"external_id": self.connection.slug, "name": self.connection.slug}
        yield {"type": "shop.upserted", "data": {"url": self.connection.storefront_url, **shop}}
        skip = 0
        while True:
            found = self._ask(queries.CATALOGUE, {"take": PAGE, "skip": skip}).get("products")
            items = _objects(found, "items", effect=False)
            yield from (self._listing(item, shop) for item in items)
            skip += len(items)
            if len(items) < PAGE:
                return

    def close(self) -> None:
        self.client.close()

    # --- orders ------------------------------------------------------------------------------------------

    def _carry_out(self, orders: Sequence[Order]) -> dict[Ref, Outcome]:
        """All in one call; if one id is unknown, the known ones in a second, and at worst one by one."""
        if not orders:
            return {}
        try:
            return self._update(orders)
        except _NotFound as missing:
            if len(orders) == 1:
                return {orders[0].ref: Outcome(error=missing)}
        ids = self._known([o.ref for o in orders])
        known = [o for o in orders if o.ref.external_id in ids]
        gone = Outcome(error=PermanentError("there is no such product"))
        outcomes = {o.ref: gone for o in orders if o not in known}
        if len(known) < len(orders):
            try:
                return outcomes | self._update(known) if known else outcomes
            except _NotFound:
                pass
            except ConnectorError as failure:
                return outcomes | {o.ref: Outcome(error=failure) for o in known}
        return outcomes | self._one_by_one(known)

    def _one_by_one(self, orders: Sequence[Order]) -> dict[Ref, Outcome]:
        outcomes: dict[Ref, Outcome] = {}
        for order in orders:
            try:
                outcomes |= self._update([order])
            except TransientError as failure:
                outcomes[order.ref] = Outcome(error=failure)
                not_sent = Outcome(
                    error=TransientError(f"not sent: {failure}", retry_after_seconds=failure.retry_after_seconds)
                )
                return {o.ref: not_sent for o in orders} | outcomes
            except PermanentError as failure:
                outcomes[order.ref] = Outcome(error=failure)
        return outcomes

    def _update(self, orders: Sequence[Order]) -> dict[Ref, Outcome]:
        wanted = [{"id": o.ref.external_id, "enabled": o.desired == "up"} for o in orders]
        rows = _objects(self._ask(queries.UPDATE, {"input": wanted}, effect=True), "updateProducts", effect=True)
        said = {str(row.get("id")): row.get("enabled") for row in rows}
        silent = Outcome(error=TransientError("Vendure did not confirm this product", outcome_unknown=True))
        return {o.ref: Outcome() if said.get(o.ref.external_id) is (o.desired == "up") else silent for o in orders}

    # --- questions ---------------------------------------------------------------------------------------

    def _known(self, refs: Sequence[Ref]) -> set[str]:
        found = self._ask(queries.KNOWN, {"ids": [r.external_id for r in refs], "take": max(len(refs), 1)})
        return {str(item.get("id")) for item in _objects(found.get("products"), "items", effect=False)}

    def _visible(self, refs: Sequence[Ref]) -> list[Ref]:
        if not refs:
            return []
        variables = {f"p{i}": ref.external_id for i, ref in enumerate(refs)}
        shown = _data(self._post(self.shop_api, queries.visible(len(refs)), variables, {}), effect=False)
        return [ref for i, ref in enumerate(refs) if shown.get(f"p{i}") is not None]

    def _listing(self, item: Mapping[str, Any], shop: Mapping[str, Any]) -> dict[str, Any]:
        assets = [item.get("featuredAsset"), *(item.get("assets") or ())]
        images = dict.fromkeys(a["preview"] for a in assets if isinstance(a, dict) and a.get("preview"))
        variant = next(iter((item.get("variantList") or {}).get("items") or ()), None)
        price = {"price": str(Decimal(variant["price"]) / 100), "currency": variant["currencyCode"]} if variant else {}
        template = str(self.connection.config.get("product_url") or "")
        return {
            "type": "listing.upserted",
            "data": {
                "external_id": str(item.get("id")), "shop_external_id": shop["external_id"], "title": item.get("name"),
                "description": strip_tags(item.get("description") or ""), "images": list(images)[:50],
                "url": template.replace("{id}", str(item.get("id"))).replace("{slug}", str(item.get("slug"))),
                "state": "up" if item.get("enabled") else "down", **price,
            },
        }  # fmt: skip

    # --- calls and sessions --------------------------------------------------------------------------------

    def _ask(self, query: str, variables: Mapping[str, Any], *, effect: bool = False) -> dict[str, Any]:
        """The data of one call to the admin API; a session that was refused is renewed once."""
        if self.api_key:
            answer = self._post(self.admin_api, query, variables, {"vendure-api-key": self.api_key}, effect=effect)
            return _data(answer, effect=effect)
        token, is_fresh = self._token()
        try:
            return _data(self._post(self.admin_api, query, variables, _bearer(token), effect=effect), effect=effect)
        except _Refused:
            with _lock:
                if _sessions.get(self.session) == token:
                    del _sessions[self.session]
            if is_fresh:
                raise
        token, _is_fresh = self._token()
        return _data(self._post(self.admin_api, query, variables, _bearer(token), effect=effect), effect=effect)

    def _token(self) -> tuple[str, bool]:
        """A session's token, and whether it was made just now."""
        with _lock:
            if token := _sessions.get(self.session):
                return token, False
        answer = self._post(self.admin_api, queries.LOGIN, self.login, {})
        result = _data(answer, effect=False).get("login")
        token = answer.headers.get("vendure-auth-token", "")
        if not isinstance(result, dict) or result.get("__typename") != "CurrentUser":
            code = result.get("errorCode") if isinstance(result, dict) else None
            raise PermanentError(f"Vendure refused the login: {code or 'no reason given'}")
        if not token:
            raise PermanentError("Vendure gave no token: add 'bearer' to its authOptions.tokenMethod")
        with _lock:
            _sessions[self.session] = token
        return token, True

    def _post(
        self, url: str, query: str, variables: Mapping[str, Any], headers: Mapping[str, str], *, effect: bool = False
    ) -> Answer:
        body = {"query": query, "variables": variables}
        return call(self.client, "POST", url, effect=effect, json=body, headers=dict(headers))


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def _data(answer: Answer, *, effect: bool) -> dict[str, Any]:
    """`data` of a GraphQL answer. Raises what its errors mean."""
    errors, data = answer.body.get("errors"), answer.body.get("data")
    if errors:
        raise _meaning(errors, effect=effect)
    if not isinstance(data, dict):
        raise TransientError("the answer has no data", outcome_unknown=effect)
    return data


def _meaning(errors: Any, *, effect: bool) -> ConnectorError:
    first = errors[0] if isinstance(errors, list) and errors and isinstance(errors[0], dict) else {}
    extensions = first.get("extensions")
    code = str(extensions.get("code") or "") if isinstance(extensions, dict) else ""
    message = f"Vendure: {str(first.get('message') or 'an error without words')[:200]} ({code or 'no code'})"
    if code == "ENTITY_NOT_FOUND":
        return _NotFound("there is no such product")
    if code in REFUSED_CODES:
        return _Refused(message)
    if not code or code in TRANSIENT_CODES:
        return TransientError(message, outcome_unknown=effect)
    return PermanentError(message)


def _objects(holder: Any, name: str, *, effect: bool) -> list[dict[str, Any]]:
    rows = holder.get(name) if isinstance(holder, dict) else None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise TransientError(f"the answer has no list of {name}", outcome_unknown=effect)
    return rows
