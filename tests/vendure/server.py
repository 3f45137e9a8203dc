"""Starts the real Vendure of this folder for tests and benchmarks; installs it from npm the first time.

The database is in memory, assets in a folder that is thrown away. Nothing is patched: what is tested is `@vendure/core`.
"""

import fcntl
import os
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any, Self

import httpx

HERE = Path(__file__).resolve().parent
PASSWORD = "superadmin-of-the-tests"
START_SECONDS = 120
INSTALL_SECONDS = 1200
CREATE = """mutation ($input: CreateProductInput!) { createProduct(input: $input) { id } }"""
DELETE = """mutation ($id: ID!) { deleteProduct(id: $id) { result } }"""
LOGIN = """mutation ($username: String!, $password: String!) {
  login(username: $username, password: $password) { __typename } }"""


class NotInstalled(Exception):
    """There is no Vendure here, and it cannot be installed; `str()` says why."""


def install() -> None:
    """Install what package-lock.json pins, unless it is there. Raises NotInstalled."""
    if not shutil.which("node") or not shutil.which("npm"):
        raise NotInstalled("node and npm are needed for a real Vendure")
    with (HERE / ".installing").open("w") as lock:
        # Tests run side by side, and two npm in one folder take each other's files away.
        fcntl.flock(lock, fcntl.LOCK_EX)
        # npm writes this file last, so that half an installation is not taken for a whole one.
        if not (HERE / "node_modules" / ".package-lock.json").is_file():
            _install()


def _install() -> None:
    try:
        subprocess.run(
            ["npm", "ci", "--no-audit", "--no-fund"], cwd=HERE, capture_output=True, text=True, check=True,
            timeout=INSTALL_SECONDS, env=os.environ | {"VENDURE_DISABLE_TELEMETRY": "true"},
        )  # fmt: skip
    except subprocess.TimeoutExpired as slow:
        raise NotInstalled(f"npm ci took longer than {INSTALL_SECONDS} s") from slow
    except subprocess.CalledProcessError as failure:
        raise NotInstalled(f"npm ci failed: {failure.stderr[-500:]}") from failure


class Vendure:
    """A running Vendure: `with Vendure() as vendure: vendure.create("Shoe")`."""

    def __init__(self, *, session: str = "1y", port: int = 0) -> None:
        self.session = session
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        install()
        self.folder = tempfile.mkdtemp(prefix="ippro-vendure-")
        self.log = open(Path(self.folder) / "vendure.log", "wb")
        self.process = subprocess.Popen(
            ["node", "index.js"], cwd=HERE, stdout=self.log, stderr=self.log,
            env=os.environ | {
                "VENDURE_DISABLE_TELEMETRY": "true", "VENDURE_DATA_DIR": self.folder, "VENDURE_PORT": str(self.port),
                "VENDURE_PASSWORD": PASSWORD, "VENDURE_SESSION": self.session,
            },
        )  # fmt: skip
        try:
            self._await()
            self.client = httpx.Client(timeout=60, trust_env=False)
            answer = self._post("admin-api", LOGIN, {"username": "superadmin", "password": PASSWORD})
            self.client.headers["Authorization"] = f"Bearer {answer.headers['vendure-auth-token']}"
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *exc: object) -> None:
        if hasattr(self, "client"):
            self.client.close()
        self.process.terminate()
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def create(self, name: str, *, enabled: bool = True) -> str:
        """A product on the shelves; its id."""
        slug = f"{name.lower().replace(' ', '-')}-{time.monotonic_ns()}"
        translations = [{"languageCode": "en", "name": name, "slug": slug, "description": f"<p>{name}</p>"}]
        answer = self.ask(CREATE, {"input": {"enabled": enabled, "translations": translations}})
        return str(answer["createProduct"]["id"])

    def delete(self, product_id: str) -> None:
        self.ask(DELETE, {"id": product_id})

    def is_public(self, product_id: str) -> bool:
        """What a visitor of the shop gets."""
        shop = httpx.post(
            f"{self.url}/shop-api",
            json={"query": "query ($id: ID!) { product(id: $id) { id } }", "variables": {"id": product_id}},
            trust_env=False,
            timeout=60,
        )
        return shop.json()["data"]["product"] is not None

    def ask(self, query: str, variables: dict[str, Any]) -> dict[str, Any]:
        body = self._post("admin-api", query, variables).json()
        if body.get("errors"):
            raise RuntimeError(body["errors"])
        return dict(body["data"])

    def _post(self, api: str, query: str, variables: dict[str, Any]) -> httpx.Response:
        answer = self.client.post(f"{self.url}/{api}", json={"query": query, "variables": variables})
        return answer.raise_for_status()

    def _await(self) -> None:
        until = time.monotonic() + START_SECONDS
        while True:
            try:
                if httpx.get(f"{self.url}/health", trust_env=False).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            if self.process.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"Vendure did not start: {Path(self.log.name).read_text()[-2000:]}")
            time.sleep(0.1)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
