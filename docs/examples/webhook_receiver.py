"""The smallest shop system that keeps the contract of ippro's webhook connector (docs/reference/webhook-connector.md).

    python webhook_receiver.py --port 8090 --secret whsec_…

It keeps its goods in memory; put your own database behind `Shop`. Needs `pip install standardwebhooks`.
"""

import argparse
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks import Webhook, WebhookVerificationError

PAGE = 100


class Shop:
    """Your shop system: what it sells, whether it is on show, and which orders it took."""

    def __init__(self) -> None:
        self.on_show: dict[tuple[str, str], bool] = {}
        self.orders: dict[str, tuple[tuple[str, str], str]] = {}
        self.latest: dict[tuple[str, str], str] = {}
        self.lock = threading.Lock()

    def carry_out(self, order: dict[str, str]) -> str:
        """`done`, `unknown` or `refused`. In a real shop: one transaction."""
        thing, key, desired = (order["kind"], order["external_id"]), order["idempotency_key"], order["desired"]
        with self.lock:
            if thing not in self.on_show:
                return "unknown"
            seen = self.orders.get(key)
            if seen is not None and seen != (thing, desired):
                return "refused"
            if seen is None or self.latest[thing] == key:
                # The latest order holds, however often it comes; an older one was overtaken and changes nothing.
                self.on_show[thing] = desired == "up"
                self.orders[key], self.latest[thing] = (thing, desired), key
            return "done"

    def state(self, kind: str, external_id: str) -> str:
        shown = self.on_show.get((kind, external_id))
        return "missing" if shown is None else "up" if shown else "down"

    def catalogue(self, after: str | None) -> dict[str, Any]:
        """Shops first, a page at a time; `next` is null on the last page."""
        things = sorted(self.on_show, key=lambda thing: (thing[0] != "shop", thing))
        start = int(after or 0)
        events = [
            {"type": f"{kind}.upserted", "data": {"external_id": external_id, "state": self.state(kind, external_id)}}
            for kind, external_id in things[start : start + PAGE]
        ]
        return {"events": events, "next": str(start + PAGE) if start + PAGE < len(things) else None}


def make_server(shop: Shop, secret: str, port: int = 0) -> ThreadingHTTPServer:
    webhook = Webhook(secret)

    class Receiver(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            try:
                body = webhook.verify(content, dict(self.headers))
            except (WebhookVerificationError, ValueError):
                return self.answer(401, {"detail": "not signed"})
            match self.path:
                case "/orders":
                    results = [
                        {"kind": o["kind"], "external_id": o["external_id"], "status": shop.carry_out(o)}
                        for o in body["orders"]
                    ]
                    return self.answer(200, {"results": results})
                case "/states":
                    states = [{**ref, "state": shop.state(ref["kind"], ref["external_id"])} for ref in body["refs"]]
                    return self.answer(200, {"states": states})
                case "/catalogue":
                    return self.answer(200, shop.catalogue(body.get("after")))
            return self.answer(404, {"detail": "no such call"})

        def do_GET(self) -> None:
            """The public page of a thing: /listing/10086."""
            _empty, kind, external_id = ([*self.path.split("/"), "", ""])[:3]
            is_up = shop.state(kind, external_id) == "up"
            self.answer(200 if is_up else 404, {"on_show": is_up})

        def answer(self, status: int, body: dict[str, Any]) -> None:
            content = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *args: object) -> None:
            pass

    return ThreadingHTTPServer(("127.0.0.1", port), Receiver)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8090)
    parser.add_argument("--secret", required=True)
    options = parser.parse_args()
    goods = Shop()
    goods.on_show[("listing", "1")] = True
    make_server(goods, options.secret, options.port).serve_forever()
