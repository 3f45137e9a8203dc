"""The demo, as a person starts and stops it. What one does that has started: test_nothing_is_lost_by_a_crash.py."""

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.stack import ROOT, Stack, deep_folder, environment, nothing_is_left

pytestmark = pytest.mark.crash


@pytest.fixture
def folder() -> Iterator[Path]:
    with deep_folder() as data:
        yield data


@pytest.fixture
def stack(folder: Path) -> Iterator[Stack]:
    stack = Stack(folder)
    yield stack
    if stack.process.poll() is None:
        stack.stop(signal.SIGKILL)


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
