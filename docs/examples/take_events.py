"""Takes ippro's webhooks in: checks who signed them, takes each message once, and answers at once.

    python take_events.py --port 8090 --secret whsec_…

Needs `pip install standardwebhooks`. While one secret replaces another give both: `--secret new --secret old`.
"""

import argparse
import json
from collections.abc import Callable, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks import Webhook, WebhookVerificationError

LARGEST = 64 * 1024


def verified(secrets: Sequence[str], body: bytes, headers: dict[str, str]) -> dict[str, Any] | None:
    """What a message says, if one of our secrets signed it within the last five minutes."""
    for secret in secrets:
        try:
            Webhook(secret).verify(body, headers)
        except WebhookVerificationError:
            continue
        said: dict[str, Any] = json.loads(body)
        return said
    return None


def make_server(secrets: Sequence[str], take: Callable[[dict[str, Any]], None], port: int = 0) -> ThreadingHTTPServer:
    #: in a real system a table with a unique id, written in one transaction with what a message changes
    seen: set[str] = set()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(min(int(self.headers.get("Content-Length") or 0), LARGEST))
            message = verified(secrets, body, {name.lower(): value for name, value in self.headers.items()})
            if message is None:
                self.answer(401)
                return
            # The same message may come twice: it has the same id then.
            if (message_id := self.headers["webhook-id"]) not in seen:
                take(message)
                seen.add(message_id)
            self.answer(204)

        def answer(self, status: int) -> None:
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args: Any) -> None:
            pass

    return ThreadingHTTPServer(("127.0.0.1", port), Handler)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=8090)
    parser.add_argument("--secret", action="append", required=True)
    said = parser.parse_args()
    server = make_server(said.secret, lambda message: print(json.dumps(message)), said.port)
    print(f"listening on http://127.0.0.1:{server.server_address[1]}/")
    server.serve_forever()


if __name__ == "__main__":
    main()
