"""HTTP as connectors need it: every way in which a call can fail becomes one of the two connector errors.

It knows no marketplace. A call that may have had an effect says so (`outcome_unknown`), because the
caller then looks at the present state before it sends the order again.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

from marketplace.connectors.base import Connection, PermanentError, TransientError

#: an answer that is larger than this is no answer to our question
MAX_ANSWER_BYTES = 32 * 1024 * 1024


def open_client(connection: Connection, headers: Mapping[str, str] | None = None) -> httpx.Client:
    """A client with explicit time-outs, no redirects, and no proxy or password file from the environment.

    `config["timeout_seconds"]` (default 20) is how long one answer may take.
    """
    seconds = setting(connection, "timeout_seconds", 20.0)
    try:
        timeout = httpx.Timeout(float(seconds), connect=min(float(seconds), 5.0))
    except (TypeError, ValueError) as wrong:
        raise PermanentError("timeout_seconds must be a number") from wrong
    return httpx.Client(
        timeout=timeout, headers=dict(headers or {}), follow_redirects=False, trust_env=False,
    )  # fmt: skip


def setting(connection: Connection, name: str, default: Any = None) -> Any:
    """One value of the configuration; PermanentError if it is missing and has no default."""
    value = connection.config.get(name, default)
    if value in (None, ""):
        raise PermanentError(f"the configuration lacks {name!r}")
    return value


def secret(connection: Connection, name: str) -> str:
    """One value of the secrets; PermanentError if it is missing."""
    value = connection.secrets.get(name)
    if not value:
        raise PermanentError(f"the secrets lack {name!r}")
    return value


@dataclass(frozen=True, slots=True)
class Answer:
    """A 2xx answer: its headers, and its body as a JSON object."""

    headers: httpx.Headers
    body: dict[str, Any]


def call(client: httpx.Client, method: str, url: str, *, effect: bool, **rest: Any) -> Answer:
    """Send one request; `effect` says whether it changes something. Raises TransientError or PermanentError.

    An answer that is no JSON object says nothing about what was done, so it is transient.
    """
    content = bytearray()
    try:
        with client.stream(method, url, **rest) as response:
            raise_for_status(response, effect=effect)
            for chunk in response.iter_bytes():
                content += chunk
                if len(content) > MAX_ANSWER_BYTES:
                    raise TransientError("the answer is too large", outcome_unknown=effect)
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as failure:
        raise TransientError(f"no connection: {type(failure).__name__}") from failure
    except (httpx.UnsupportedProtocol, httpx.InvalidURL) as failure:
        raise PermanentError("the address is not usable") from failure
    except httpx.HTTPError as failure:
        raise TransientError(f"no answer: {type(failure).__name__}", outcome_unknown=effect) from failure
    try:
        body = json.loads(content)
    except (ValueError, RecursionError) as wrong:
        raise TransientError("the answer is not JSON", outcome_unknown=effect) from wrong
    if not isinstance(body, dict):
        raise TransientError("the answer is not a JSON object", outcome_unknown=effect)
    return Answer(headers=response.headers, body=body)


def raise_for_status(response: httpx.Response, *, effect: bool) -> None:
    """Turn an answer that is not 2xx into the error that it means."""
    status = response.status_code
    if 200 <= status < 300:
        return
    if status >= 500 or status in (408, 429):
        # Throttled is refused at the door; a 5xx may come from a proxy behind which the work went on.
        raise TransientError(
            f"answered {status}",
            retry_after_seconds=retry_after(response),
            outcome_unknown=effect and status != 429,
        )
    if status < 400:
        raise PermanentError(f"answered {status}: redirects are not followed")
    raise PermanentError(f"answered {status}")


def retry_after(response: httpx.Response) -> float | None:
    """Seconds of a Retry-After header, which is a number or an HTTP date (RFC 9110, 10.2.3); None if unreadable."""
    value = response.headers.get("Retry-After", "").strip()
    if value.isascii() and value.isdigit():
        return float(value[:9])
    at, now = _http_date(value), _http_date(response.headers.get("Date", ""))
    # The date is by the marketplace's clock, so it is measured against the marketplace's own Date.
    return None if at is None else max(0.0, (at - (now or datetime.now(UTC))).total_seconds())


def _http_date(value: str) -> datetime | None:
    try:
        at = parsedate_to_datetime(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)
