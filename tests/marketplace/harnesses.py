"""Harnesses of the three connectors that ship with ippro: `pytest --connector tests.marketplace.harnesses:Demo`."""

import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from marketplace.connectors.base import Connection, Kind, Ref
from marketplace.connectors.conformance import Harness
from marketplace.connectors.demo.connector import DemoConnector
from marketplace.connectors.vendure.connector import VendureConnector
from marketplace.connectors.webhook.connector import WebhookConnector
from tests.vendure.server import PASSWORD, NotInstalled, Vendure, free_port, install

ROOT = Path(__file__).resolve().parents[2]
SECRET = "whsec_c2VjcmV0IG9mIHRoZSBtYWxsIGZvciB0ZXN0cw=="
TOKEN = "token-of-the-operators"
PATHS = {"listing": "product", "video": "video", "livestream": "live", "shop": "shop"}


class Mall:
    """The demo storefront as a process of its own."""

    def __init__(self, *options: str) -> None:
        self.folder, self.port, self.options = tempfile.mkdtemp(prefix="ippro-mall-"), free_port(), options
        self.url = f"http://127.0.0.1:{self.port}"
        self.client = httpx.Client(
            base_url=self.url, headers={"Authorization": f"Bearer {TOKEN}"}, trust_env=False, timeout=30
        )
        self.events: list[dict[str, Any]] = []
        self.open()

    def open(self) -> None:
        """Start it, also after it was killed; returns when it answers."""
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "demo_storefront", "--port", str(self.port), "--data-dir", self.folder,
             "--token", TOKEN, *self.options],
            cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        until = time.monotonic() + 30
        while True:
            try:
                self.client.get("/healthz").raise_for_status()
                return
            except httpx.HTTPError:
                if self.process.poll() is not None or time.monotonic() > until:
                    raise
                time.sleep(0.05)

    def kill(self) -> None:
        """SIGKILL to every process of it."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def close(self) -> None:
        self.client.close()
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(timeout=15)
        shutil.rmtree(self.folder)

    def stock(self, *things: tuple[str, str], **data: Any) -> None:
        """Put things up, beside what is there."""
        self.events += [
            {"type": f"{kind}.upserted", "version": 1, "data": {"external_id": i, "title": f"{kind} {i}", **data}}
            for kind, i in things
        ]
        self.operate("load", {"events": self.events, "pictures": self.folder})

    def operate(self, call: str, body: dict[str, Any]) -> dict[str, Any]:
        answer = self.client.post(f"/ops/{call}", json=body)
        return dict(answer.raise_for_status().json())

    def order(self, key: str, kind: str, external_id: str, desired: str) -> str:
        order = {"idempotency_key": key, "kind": kind, "external_id": external_id, "desired": desired}
        return str(self.operate("orders", {"orders": [order]})["results"][0]["status"])

    def status(self, path: str) -> int:
        return self.client.get(path).status_code


class Demo(Harness):
    connector = DemoConnector
    remembers_keys = True

    def start(self) -> str:
        self.mall = Mall()
        self.made = 0
        return self.mall.url

    def stop(self) -> None:
        self.mall.close()

    def connection(self, url: str) -> Connection:
        return Connection("demo-mall", config={"url": url}, secrets={"token": TOKEN})

    def put_up(self, kind: Kind) -> str:
        self.made += 1
        self.mall.stock((kind, f"new{self.made}"))
        return f"new{self.made}"

    def is_public(self, ref: Ref) -> bool:
        return self.mall.status(f"/{PATHS[ref.kind]}/{ref.external_id}") == 200


class Webhook(Harness):
    connector = WebhookConnector
    remembers_keys = True

    def start(self) -> str:
        spec = importlib.util.spec_from_file_location("webhook_receiver", ROOT / "docs/examples/webhook_receiver.py")
        assert spec
        assert spec.loader
        example = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(example)
        self.shop = example.Shop()
        self.server = example.make_server(self.shop, SECRET)
        self.server.daemon_threads = True
        self.server.block_on_close = False
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()
        return f"http://127.0.0.1:{self.server.server_port}"

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def connection(self, url: str) -> Connection:
        return Connection("shop", config={"url": url}, secrets={"signing_secret": SECRET})

    def put_up(self, kind: Kind) -> str:
        external_id = f"new{len(self.shop.on_show)}"
        self.shop.on_show[(kind, external_id)] = True
        return external_id

    def is_public(self, ref: Ref) -> bool:
        return httpx.get(f"http://127.0.0.1:{self.server.server_port}/{ref.kind}/{ref.external_id}").status_code == 200


class RealVendure(Harness):
    connector = VendureConnector

    def start(self) -> str:
        try:
            install()
        except NotInstalled as why:
            pytest.skip(str(why))
        self.vendure = Vendure()
        self.vendure.__enter__()
        return self.vendure.url

    def stop(self) -> None:
        if hasattr(self, "vendure"):
            self.vendure.__exit__()

    def connection(self, url: str) -> Connection:
        secrets = {"username": "superadmin", "password": PASSWORD}
        return Connection("vendure", config={"url": url}, secrets=secrets)

    def put_up(self, kind: Kind) -> str:
        return self.vendure.create("Thing")

    def is_public(self, ref: Ref) -> bool:
        return self.vendure.is_public(ref.external_id)
