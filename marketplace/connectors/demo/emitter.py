"""Tells ippro what happened on the storefront: signed events, kept until they are taken, in order; asks before it publishes."""

import json
import logging
import threading
import uuid
from collections.abc import Mapping
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx
from standardwebhooks import Webhook

from marketplace.connectors.demo.store import Store, utc_now

log = logging.getLogger("demo_storefront")
BATCH = 500
LONGEST_PAUSE = 30.0


class Emitter(threading.Thread):
    """Sends what is in the outbox, as soon as `wake` is called, and again later what was not taken."""

    def __init__(self, store: Store, *, url: str, slug: str, secret: str) -> None:
        super().__init__(name="emitter", daemon=True)
        self.store, self.url, self.slug = store, url, slug
        self.webhook = Webhook(secret)
        self._news = threading.Event()

    def wake(self) -> None:
        self._news.set()

    def run(self) -> None:
        pause = 1.0
        while True:
            try:
                while self.send_batch():
                    pause = 1.0
            except httpx.HTTPError as failure:
                log.warning("events wait: %s", type(failure).__name__)
                pause = min(pause * 2, LONGEST_PAUSE)
            except Exception:
                log.exception("events wait")
                pause = LONGEST_PAUSE
            self._news.wait(pause)
            self._news.clear()

    def send_batch(self) -> int:
        """Send the oldest events and forget them once they are taken; returns how many. Raises httpx.HTTPError."""
        waiting = self.store.outgoing(BATCH)
        if not waiting:
            return 0
        self._call(self.url, {"events": [event for _id, event in waiting]}).raise_for_status()
        self.store.told([row for row, _event in waiting])
        return len(waiting)

    def ask(self, listing: Mapping[str, Any], *, language: str) -> dict[str, Any]:
        """What ippro says of a listing before it is published: `answer` and `reasons`. Raises httpx.HTTPError."""
        answer = self._call(urljoin(self.url, "precheck"), listing, language=language)
        answer.raise_for_status()
        said: dict[str, Any] = answer.json()
        return said

    def _call(self, url: str, body: Mapping[str, Any], *, language: str = "en") -> httpx.Response:
        content, at, call_id = json.dumps(body), utc_now(), uuid.uuid4().hex
        # The second version: the library signs `id.timestamp.` and what follows, here the call and its body.
        signed = self.webhook.sign(call_id, at, f"POST {urlsplit(url).path}.{content}").replace("v1,", "v2,", 1)
        headers = {
            "Content-Type": "application/json", "Ippro-Marketplace": self.slug, "webhook-id": call_id,
            "webhook-timestamp": str(int(at.timestamp())), "Accept-Language": language,
            "webhook-signature": signed,
        }  # fmt: skip
        return httpx.post(url, content=content, headers=headers, timeout=20, trust_env=False)
