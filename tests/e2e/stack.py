"""The real demo, started as a person starts it, on ports and in a folder of its own."""

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
READY = "Ctrl-C stops everything"
#: two minutes on a machine at rest; here other tests run beside it
START_SECONDS = 600.0


class Stack:
    """A running demo; `stop()` ends it as Ctrl-C does."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.port = free_port()
        self.out = data / "demo.out"
        self.env = environment(data, self.port)
        self.url = f"http://localhost:{self.port}"
        self.start()

    def start(self) -> None:
        """Start the demo, also once more in the folder where it ran before."""
        with self.out.open("wb") as out:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "demo"], cwd=ROOT, env=self.env, stdin=subprocess.DEVNULL,
                stdout=out, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip

    def wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while READY not in self.said:
            assert self.process.poll() is None, self.said
            assert time.monotonic() < deadline, self.said
            time.sleep(0.2)

    @property
    def said(self) -> str:
        return self.out.read_text(errors="replace")

    @property
    def storefront_url(self) -> str:
        return next(line.split()[-1] for line in self.said.splitlines() if line.startswith("its marketplace is at"))

    @property
    def ops_token(self) -> str:
        token: str = json.loads((self.data / "demo.json").read_text())["ops_token"]
        return token

    def pid(self, name: str) -> int:
        return int((self.data / "logs" / f"{name}.pid").read_text())

    def kill(self, name: str) -> None:
        """What a power cut does to one program: no goodbye. One that is just being started again is waited for."""
        deadline = time.monotonic() + 20
        while True:
            try:
                return os.kill(self.pid(name), signal.SIGKILL)
            except ProcessLookupError:
                assert time.monotonic() < deadline, f"{name} is not started again"
                time.sleep(0.1)

    def rows(self, sql: str, *values: object) -> list[tuple]:
        with sqlite3.connect(f"file:{self.data / 'ippro.sqlite3'}?mode=ro", uri=True, timeout=30) as db:
            return db.execute(sql, values).fetchall()

    def walkthrough(self, *parts: str, patience: float) -> subprocess.Popen[str]:
        """The walkthrough, running, for one of several walks; one JSON object a line. Without `parts` all of it."""
        return subprocess.Popen(
            [sys.executable, "manage.py", "walkthrough", "--json", "--keep-clock", "--patience", str(patience),
             "--base-url", self.url, "--storefront-url", self.storefront_url, *[f"--part={part}" for part in parts]],
            cwd=ROOT, env=self.env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip

    def stop(self, number: int = signal.SIGINT) -> int:
        self.process.send_signal(number)
        return self.process.wait(60)


@contextmanager
def deep_folder() -> Iterator[Path]:
    """A data folder whose path is longer than that of a socket may be."""
    with tempfile.TemporaryDirectory(prefix="ippro-e2e-", dir="/tmp", ignore_cleanup_errors=True) as outer:
        data = Path(outer) / ("a-folder-with-a-long-name-" * 4) / "data"
        data.mkdir(parents=True)
        yield data


def environment(data: Path, port: int) -> dict[str, str]:
    """What a person's shell has: nothing of the tests'."""
    ours = ("IPPRO_", "CACHE_URL", "DATABASE_URL", "DJANGO_")
    kept = {k: v for k, v in os.environ.items() if not k.startswith(ours)}
    return {**kept, "IPPRO_DATA_DIR": str(data), "PORT": str(port)}


def free_port() -> int:
    """A port that is free, and the one after it too."""
    while True:
        with socket.socket() as one, socket.socket() as two:
            one.bind(("127.0.0.1", 0))
            port = one.getsockname()[1]
            try:
                two.bind(("127.0.0.1", port + 1))
            except (OSError, OverflowError):
                continue
            return int(port)


def processes_of(data: Path) -> list[str]:
    """Command lines of processes that still work in this folder, by their environment."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            environ = (folder / "environ").read_bytes()
            state = (folder / "stat").read_text().rsplit(")", 1)[1].split()[0]
        except OSError:
            continue
        if f"IPPRO_DATA_DIR={data}".encode() in environ.split(b"\0") and state != "Z":
            found.append((folder / "cmdline").read_bytes().replace(b"\0", b" ").decode())
    return found


def nothing_is_left(data: Path, seconds: float = 20) -> bool:
    """Whether every process that worked in this folder has ended, by itself."""
    deadline = time.monotonic() + seconds
    while processes_of(data) and time.monotonic() < deadline:
        time.sleep(0.2)
    return not processes_of(data)
