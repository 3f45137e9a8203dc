"""The demo, as a person starts and stops it."""

import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.stack import ROOT, Stack, environment, processes_of

pytestmark = pytest.mark.crash


@pytest.fixture
def folder(pictures: Path) -> Iterator[Path]:
    # Longer than the path of a socket may be.
    outer = Path(tempfile.mkdtemp(prefix="ippro-e2e-", dir="/tmp"))
    data = outer / ("a-folder-with-a-long-name-" * 4) / "data"
    data.mkdir(parents=True)
    (data / "pictures").symlink_to(pictures)
    yield data
    shutil.rmtree(outer, ignore_errors=True)


@pytest.fixture
def stack(folder: Path) -> Iterator[Stack]:
    stack = Stack(folder)
    yield stack
    if stack.process.poll() is None:
        stack.stop(signal.SIGKILL)


def nothing_is_left(data: Path, seconds: float = 20) -> bool:
    deadline = time.monotonic() + seconds
    while processes_of(data) and time.monotonic() < deadline:
        time.sleep(0.2)
    return not processes_of(data)


def test_a_demo_in_a_deep_folder_runs_and_ends_with_its_supervisor_even_if_that_is_killed(stack: Stack) -> None:
    folder = stack.data
    stack.wait_until_ready()
    again = subprocess.run(
        [sys.executable, "manage.py", "demo", "--port", "1"], cwd=ROOT, env=stack.env, capture_output=True, text=True
    )
    assert again.returncode == 1
    assert "A demo is running in" in again.stderr
    assert len(processes_of(folder)) > 5
    stack.stop(signal.SIGKILL)
    assert nothing_is_left(folder)


def test_a_demo_that_is_told_to_stop_while_it_starts_leaves_nothing(stack: Stack) -> None:
    folder = stack.data
    while "broker" not in [p.stem for p in folder.glob("logs/*.pid")]:
        time.sleep(0.1)
    assert stack.stop(signal.SIGTERM) == 0
    assert nothing_is_left(folder)


def test_a_taken_port_is_said_with_another_one_to_take(folder: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        said = subprocess.run(
            [sys.executable, "manage.py", "demo"],
            cwd=ROOT,
            env=environment(folder, port),
            capture_output=True,
            text=True,
        )
    assert said.returncode == 1
    assert f"Port {port} is taken. Choose another one: make demo PORT={port + 10}" in said.stderr
