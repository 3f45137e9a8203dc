"""The walk of a webhook: a small system of the holder's own is told what happens, checks who says so, and takes it once.

The system runs in this process, at the one address of this computer that a demo sends to beside the internet.
"""

import json
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

import httpx
from standardwebhooks import Webhook, WebhookVerificationError

from ippro.visitor import Unexpected, Visitor

PAGE = "/organisation/webhooks/"
EVENTS = ["complaint.submitted", "complaint.decided"]
LARGEST = 64 * 1024


@dataclass(frozen=True)
class Message:
    """What came, as it came."""

    message_id: str
    body: bytes
    headers: Mapping[str, str]

    @property
    def said(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.body)
        return found


@dataclass
class Receiver:
    """The holder's system: 401 for what its secret did not sign lately, 409 for what it took in before."""

    url: str
    secret: str = ""
    taken: dict[str, Message] = field(default_factory=dict)

    def take(self, body: bytes, headers: Mapping[str, str]) -> int:
        try:
            Webhook(self.secret).verify(body, dict(headers))
        except (WebhookVerificationError, ValueError, RuntimeError):
            return httpx.codes.UNAUTHORIZED
        message_id = headers["webhook-id"]
        if message_id in self.taken:
            return httpx.codes.CONFLICT
        self.taken[message_id] = Message(message_id, body, headers)
        return httpx.codes.NO_CONTENT

    def heard_of(self, case: str) -> list[Message]:
        """What came about one case, so far."""
        return [m for m in list(self.taken.values()) if m.said["data"]["id"] == case]


def address(holder: Visitor) -> str:
    """The address of this computer that this demo sends to, as the page says it. Raises Unexpected."""
    page = holder.get(f"{PAGE}new/")
    found = re.search(r"http://127\.0\.0\.1:\d+", page.text)
    if not found:
        raise Unexpected(f"{page.url} does not say to which address of this computer the demo sends")
    return f"{found[0]}/ippro"


@contextmanager
def listening(url: str, *, patience_seconds: float) -> Iterator[Receiver]:
    """A receiver at this address. Another walk may be at it: it is waited for. Raises Unexpected."""
    receiver = Receiver(url)
    server = _bound(urlsplit(url).port or 80, _handler(receiver.take), time.monotonic() + patience_seconds)
    serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    serving.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        serving.join()
        server.server_close()


def _bound(port: int, handler: type[BaseHTTPRequestHandler], deadline: float) -> ThreadingHTTPServer:
    while True:
        try:
            return ThreadingHTTPServer(("127.0.0.1", port), handler)
        except OSError as taken:
            if time.monotonic() > deadline:
                raise Unexpected(f"port {port}, to which the demo sends, is taken: {taken}") from taken
            time.sleep(0.3)


def _handler(take: Callable[[bytes, Mapping[str, str]], int]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(min(int(self.headers.get("Content-Length") or 0), LARGEST))
            self.send_response(take(body, {name.lower(): value for name, value in self.headers.items()}))
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args: Any) -> None:
            pass

    return Handler


def register(holder: Visitor, url: str) -> tuple[str, str]:
    """Have events sent there; the page of the address, and the secret that is shown once."""
    leave(holder, url)  # what a walk that was cut short left behind
    form = holder.get(f"{PAGE}new/").form(has="events")
    page = holder.send(form, url=url, events=EVENTS)
    secret = re.search(r"whsec_[A-Za-z0-9+/=]+", page.text)
    if not secret:
        raise Unexpected(f"{page.url} shows no secret: {page.errors or page.text[:300]}")
    return page.link(f"{PAGE}whk_"), secret[0]


def leave(holder: Visitor, url: str) -> None:
    """Nothing is sent there any more. What was not registered is left alone."""
    for link in {link for link in holder.get(PAGE).links if f"{PAGE}whk_" in link}:
        page = holder.get(link)
        if url in page.text:
            holder.send(page.form(action="/remove/"))


def refuses_replays(url: str, message: Message) -> None:
    """What was caught on its way is not taken a second time, nor with other words, nor later. Raises Unexpected."""
    old = {**message.headers, "webhook-timestamp": str(int(time.time()) - 3600)}
    for body, headers, status in (
        (message.body, message.headers, httpx.codes.CONFLICT),
        (message.body.replace(b"complaint", b"penalty"), message.headers, httpx.codes.UNAUTHORIZED),
        (message.body, old, httpx.codes.UNAUTHORIZED),
    ):
        sent = {name: value for name, value in headers.items() if name.startswith(("webhook-", "content-type"))}
        answered = httpx.post(url, content=body, headers=sent, timeout=10, trust_env=False).status_code
        if answered != status:
            raise Unexpected(f"the holder's system answered {answered} to a replay, not {status}")


def is_in_the_log(holder: Visitor, page: str, message: Message) -> bool:
    """Whether the log says that this message was taken in."""
    listed = holder.get(page)
    link = next((link for link in listed.links if f"/messages/{message.message_id}/" in link), None)
    return link is not None and "taken in" in holder.get(link).text
