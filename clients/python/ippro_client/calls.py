"""How a call is made: the key, what is tried again, pages, and refusals as exceptions. Written by hand."""

import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

import httpx

#: a file to send: its name, its bytes, its media type
Upload = tuple[str, bytes, str]

TRIES = 4
#: answers after which the same may be asked again
PASSING = frozenset({502, 503, 504})
TOO_MANY_REQUESTS = 429


class Problem(Exception):
    """What was refused (RFC 9457): `code` is stable and for programs, `title` is for people, `errors` names fields."""

    def __init__(self, said: Mapping[str, Any], status: int) -> None:
        self.status = status
        self.code = str(said.get("code", "error"))
        self.title = str(said.get("title", ""))
        self.errors: dict[str, list[str]] = dict(said.get("errors") or {})
        super().__init__(f"{status} {self.code}: {self.title} {self.errors or ''}".rstrip())


class NotAuthenticated(Problem):
    """401: the key is unknown, over or revoked."""


class Forbidden(Problem):
    """403: the key has no scope for it, or its maker may not do it."""


class NotFound(Problem):
    """404: there is no such thing, or it is not yours."""


class Conflict(Problem):
    """409, 412: it stands elsewhere by now; fetch it again."""


class Invalid(Problem):
    """400, 422, 428: mend the fields under `errors`, or say what the change is based on."""


class TooOften(Problem):
    """429, and the wait is longer than this client waits."""


_BY_STATUS: dict[int, type[Problem]] = {
    400: Invalid, 401: NotAuthenticated, 403: Forbidden, 404: NotFound, 409: Conflict, 412: Conflict, 422: Invalid,
    428: Invalid, 429: TooOften,
}  # fmt: skip


class Calls:
    """One connection to ippro with one API key, or the signature of a marketplace (`auth`). `last` is the newest answer, with its `ETag` and rate limits."""

    def __init__(
        self,
        base_url: str,
        key: str = "",
        *,
        language: str = "en",
        auth: httpx.Auth | None = None,
        timeout: float = 30.0,
        longest_wait_seconds: float = 90.0,
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        headers = {"Accept-Language": language} | ({"Authorization": f"Bearer {key}"} if key else {})
        self._http = httpx.Client(base_url=base_url, headers=headers, timeout=timeout, transport=transport, auth=auth)
        self._longest_wait, self._sleep = longest_wait_seconds, sleep
        self.last: httpx.Response | None = None

    def close(self) -> None:
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    @property
    def etag(self) -> str | None:
        """The tag of what was answered last, for `if_match`."""
        return self.last.headers.get("ETag") if self.last is not None else None

    @staticmethod
    def _quoted(part: object) -> str:
        return quote(str(part), safe="")

    def _call(self, method: str, path: str, **said: Any) -> Any:
        answer = self._answer(method, path, **said)
        return answer.json() if answer.content else None

    def _content(self, method: str, path: str, **said: Any) -> bytes:
        return self._answer(method, path, **said).content

    def _pages(self, method: str, path: str, **said: Any) -> Iterator[Any]:
        """Everything of a list, page by page, by the addresses that the pages name."""
        page = self._call(method, path, **said)
        while True:
            yield from page["results"]
            if not page.get("next"):
                return
            page = self._call(method, page["next"])

    def _answer(
        self,
        method: str,
        path: str,
        *,
        body: Any = None,
        query: Mapping[str, Any] | None = None,
        files: Mapping[str, Upload | list[Upload]] | None = None,
        data: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        idempotency_key: str | None = None,
        is_repeatable: bool = False,
        if_match: str | None = None,
    ) -> httpx.Response:
        """One call, tried again where that changes nothing twice. Raises Problem, httpx.TransportError."""
        sent = dict(headers or {})
        if is_repeatable:
            # Sent again after a time-out, it still counts once.
            sent["Idempotency-Key"] = idempotency_key or str(uuid.uuid4())
        if if_match is not None:
            sent["If-Match"] = if_match
        attached = [
            (name, one) for name, some in (files or {}).items() for one in (some if isinstance(some, list) else [some])
        ]
        may_repeat = is_repeatable or method in ("GET", "HEAD", "DELETE")
        waited = 0.0
        for attempt in range(1, TRIES + 1):
            try:
                answer = self._http.request(
                    method, path, json=body, data=data, files=attached or None, headers=sent,
                    params=_given(query) if query else None,
                )  # fmt: skip
            except httpx.TransportError:
                if attempt == TRIES or not may_repeat:
                    raise
                self._sleep(2.0 ** (attempt - 1))
                continue
            self.last = answer
            wait = _wait(answer, attempt)
            is_passing = answer.status_code == TOO_MANY_REQUESTS or (may_repeat and answer.status_code in PASSING)
            if not is_passing or attempt == TRIES or waited + wait > self._longest_wait:
                break
            waited += wait
            self._sleep(wait)
        if answer.is_error:
            raise _problem(answer)
        return answer


def _given(query: Mapping[str, Any]) -> dict[str, Any]:
    """What was said of a query; truths as the API writes them."""
    return {
        name: str(value).lower() if isinstance(value, bool) else value
        for name, value in query.items()
        if value is not None
    }


def _wait(answer: httpx.Response, attempt: int) -> float:
    said: str = answer.headers.get("Retry-After", "")
    return float(said) if said.isdigit() else 2.0 ** (attempt - 1)


def _problem(answer: httpx.Response) -> Problem:
    try:
        said = answer.json()
    except ValueError:
        said = {}
    said = said if isinstance(said, dict) else {}
    return _BY_STATUS.get(answer.status_code, Problem)(said, answer.status_code)
