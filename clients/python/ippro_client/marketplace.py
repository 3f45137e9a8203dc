"""How a marketplace signs its calls: `Client(url, auth=Signed("mall", "whsec_…"))`."""

import uuid
from base64 import b64decode, b64encode
from collections.abc import Callable, Generator
from hmac import digest
from time import time

import httpx

PREFIX = "whsec_"


class Signed(httpx.Auth):
    """Signs method, address, time and body of every call with the secret of a marketplace (`v2`)."""

    requires_request_body = True

    def __init__(self, slug: str, secret: str, *, now: Callable[[], float] = time) -> None:
        self._slug, self._key, self._now = slug, b64decode(secret.removeprefix(PREFIX)), now

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response]:
        message, at = f"msg_{uuid.uuid4().hex}", int(self._now())
        said = f"{message}.{at}.{request.method} {request.url.raw_path.decode()}.".encode() + request.content
        signature = f"v2,{b64encode(digest(self._key, said, 'sha256')).decode()}"
        request.headers.update(
            {
                "Ippro-Marketplace": self._slug, "webhook-id": message, "webhook-timestamp": str(at),
                "webhook-signature": signature,
            }
        )  # fmt: skip
        yield request
