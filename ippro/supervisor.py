"""Keeps a handful of programs running in the foreground, and leaves none behind.

Each program leads a process group of its own; one that dies is started again. Everything ends when the
supervisor is told to stop, and also when it is killed: a guardian process then ends the groups in its place.
This is for the demo and for tests; production has an init system.
"""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType, TracebackType
from typing import Self

#: a program that dies sooner than this after its start has failed to start
SETTLED_SECONDS = 5.0
LONGEST_PAUSE_SECONDS = 8.0
FAILED_STARTS = 5
GRACE_SECONDS = 10.0


class CannotStart(Exception):
    """A program does not stay up; the message says which, and how its log ends."""


class Stopped(Exception):
    """Somebody asked to stop."""


@dataclass
class Program:
    """One program to keep running; its output goes to `log`, the number of its process stands beside it."""

    name: str
    command: Sequence[str]
    log: Path
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    failed_starts: int = 0
    start_at: float = 0.0
    #: a command runs once, everything else is started again
    once: bool = False

    def tail(self, lines: int = 15) -> str:
        """How its log ends."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])


class Supervisor:
    """`with Supervisor(env=…) as s: s.start(…); s.wait_until(…)`; leaving the block stops every program."""

    def __init__(self, *, env: Mapping[str, str]) -> None:
        self.env = dict(env)
        self.programs: list[Program] = []
        self._stopping = False

    def __enter__(self) -> Self:
        sys.stdout.flush()
        read_end, self._lifeline = os.pipe()
        self._guardian = os.fork()
        if self._guardian == 0:
            os.close(self._lifeline)
            _guard(read_end)
        os.close(read_end)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._asked_to_stop)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        # The first program is what the others lean on: it ends when they have.
        for together in (self.programs[1:], self.programs[:1]):
            for program in together:
                if program.process and program.process.poll() is None:
                    program.process.terminate()
            deadline = time.monotonic() + GRACE_SECONDS
            for program in together:
                if program.process:
                    with contextlib.suppress(subprocess.TimeoutExpired):
                        program.process.wait(max(0.0, deadline - time.monotonic()))
                self._clear(program)
        os.close(self._lifeline)
        os.waitpid(self._guardian, 0)
        return kind is Stopped

    def start(self, name: str, command: Sequence[str], *, log: Path) -> Program:
        """Start a program and keep it running from now on."""
        program = Program(name, command, log)
        self.programs.append(program)
        self._launch(program)
        return program

    def wait_until(self, ready: Callable[[], bool] = lambda: False, *, seconds: float = float("inf")) -> None:
        """Keep everything running until `ready()`. Raises CannotStart, TimeoutError, Stopped."""
        deadline = time.monotonic() + seconds
        while not ready():
            self._look_after()
            if time.monotonic() > deadline:
                raise TimeoutError
            time.sleep(0.1)

    def run(self, command: Sequence[str]) -> int:
        """Run a command to its end while everything is kept running; its exit status."""
        process = subprocess.Popen(command, env=self.env, stdin=subprocess.DEVNULL, start_new_session=True)  # noqa: S603
        self._tell_guardian("+", process.pid)
        program = Program("command", command, Path(os.devnull), process, once=True)
        self.programs.append(program)
        self.wait_until(lambda: process.poll() is not None)
        self._clear(program)
        self.programs.remove(program)
        return process.returncode

    def _launch(self, program: Program) -> None:
        with program.log.open("ab") as log:
            program.process = subprocess.Popen(  # noqa: S603 the commands are our own
                program.command, env=self.env, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
        program.started_at = time.monotonic()
        unfinished = program.log.with_suffix(".pid.new")
        unfinished.write_text(str(program.process.pid))
        unfinished.replace(program.log.with_suffix(".pid"))
        self._tell_guardian("+", program.process.pid)

    def _look_after(self) -> None:
        if self._stopping:
            raise Stopped
        for program in self.programs:
            if program.once:
                continue
            if program.process is None:
                if time.monotonic() >= program.start_at:
                    self._launch(program)
            elif program.process.poll() is not None:
                lived = time.monotonic() - program.started_at
                # What somebody killed did not fail by itself.
                failed = lived < SETTLED_SECONDS and program.process.returncode != -signal.SIGKILL
                program.failed_starts = program.failed_starts + 1 if failed else 0
                if program.failed_starts >= FAILED_STARTS:
                    raise CannotStart(f"{program.name} does not start. Its log ({program.log}) ends:\n{program.tail()}")
                self._clear(program)
                pause = min(LONGEST_PAUSE_SECONDS, 0.25 * 2**program.failed_starts)
                program.process, program.start_at = None, time.monotonic() + pause

    def _clear(self, program: Program) -> None:
        """End whatever a program that is gone left in its group."""
        if program.process:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(program.process.pid, signal.SIGKILL)
            program.process.wait()
            self._tell_guardian("-", program.process.pid)

    def _tell_guardian(self, sign: str, group: int) -> None:
        with contextlib.suppress(BrokenPipeError):
            os.write(self._lifeline, f"{sign}{group}\n".encode())

    def _asked_to_stop(self, number: int, frame: FrameType | None) -> None:
        self._stopping = True


def _guard(read_end: int) -> None:
    """Be the guardian: remember the groups; when the supervisor is gone, end those that are left."""
    os.setsid()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    groups: set[int] = set()
    with os.fdopen(read_end) as lines:
        for line in lines:
            (groups.add if line[0] == "+" else groups.discard)(int(line[1:]))
    for group in groups:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(group, signal.SIGKILL)
    os._exit(0)
