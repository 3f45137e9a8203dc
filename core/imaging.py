"""Decoding pictures that strangers hand in, in a worker with limited memory and time.

A picture can be a bomb: 13,000 × 13,000 pixels in 492 kB take 1.3 GB in Pillow, which only warns. So the
web process never decodes one itself. It sends the bytes to `imaging_worker.py` and gets back the size and
a re-encoded preview, or a sentence that says what is wrong with the picture.
"""

import atexit
import itertools
import json
import logging
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import PIL
from django.conf import settings
from django.utils.translation import gettext_lazy
from django.utils.translation import gettext_noop as _

from core.errors import DomainError, Invalid
from core.text import Sentence

log = logging.getLogger("ippro.imaging")

PREVIEW_PX = 1600
#: of the processor, and on the clock while others work too
CPU_SECONDS, SECONDS = 10, 30
#: pictures that one process has decoded at the same time: more would only slow each other down
AT_ONCE = max(2, os.cpu_count() or 1)
#: 40 megapixels with an alpha channel are 160 MB, and WebP holds three copies of them for a moment
MEMORY_BYTES = 1024**3
#: of a camera original: a telephone's raw file has 48 or 50 million
MAX_CAMERA_PIXELS = 64_000_000
_places = threading.BoundedSemaphore(AT_ONCE)
_ANSWER_BYTES = 32 * 1024 * 1024


@dataclass(frozen=True)
class Decoded:
    """A picture that can be shown: its size as seen, and a copy without anything but its pixels."""

    width_px: int
    height_px: int
    preview: bytes
    preview_type: str
    #: what a camera original says about itself (`imaging_worker.metadata`); empty for all others
    metadata: dict[str, Any] = field(default_factory=dict)


class Busy(DomainError):
    """So many pictures are being handed in that this one found no place."""

    code = "busy"
    status = 503
    message = gettext_lazy("Many pictures are being sent at the moment. Wait a minute, then send this one again.")


def decode(data: bytes, *, preview_px: int = PREVIEW_PX) -> Decoded:
    """Decode a picture in the limited worker; its preview is at most `preview_px` wide and high.

    Raises Invalid with the sentence that says how to mend it, and Busy.
    """
    return _decoded([data], preview_px=preview_px, max_pixels=settings.MAX_IMAGE_PIXELS)


def read_camera_original(stream: Any, kind: str, *, preview_px: int = PREVIEW_PX) -> Decoded:
    """Decode a file straight from a camera (`media.CAMERA`) in the limited worker, and read what it says of itself.

    Neither the place nor any number of the device leaves the worker. Raises Invalid and Busy.
    """
    stream.seek(0)
    parts: Iterator[bytes] = iter(lambda: stream.read(1 << 20), b"")
    return _decoded(parts, preview_px=preview_px, max_pixels=MAX_CAMERA_PIXELS, kind=kind)


def _decoded(parts: Iterable[bytes], **asked: Any) -> Decoded:
    started = time.perf_counter()
    head, preview = _ask(parts, asked)
    refused = head.get("refused")
    if refused:
        log.info("picture refused: %s %s after %.2f s", refused, head.get("failure", ""), time.perf_counter() - started)
    if refused == "pixels":
        said = _("The picture is %(width)d × %(height)d pixels. At most %(most)d million are taken: make it smaller.")
        most = asked["max_pixels"] // 1_000_000
        raise Invalid(Sentence(said, width=head["width"], height=head["height"], most=most), field="file")
    if refused == "memory":
        said = _("The picture takes too much memory or time to open. Make it smaller, or save it anew as JPEG.")
        raise Invalid(Sentence(said), field="file")
    if refused:
        said = _("The picture is damaged and cannot be opened. Open it on your device, save it anew and try again.")
        raise Invalid(Sentence(said), field="file")
    return Decoded(head["width"], head["height"], preview, head["preview"], head.get("metadata", {}))


def _ask(parts: Iterable[bytes], asked: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    limits = asked | {
        "cpu_seconds": CPU_SECONDS,
        "seconds": SECONDS,
        "memory_bytes": MEMORY_BYTES,
    }
    if not _places.acquire(timeout=SECONDS):
        raise Busy()
    try:
        answer = _worker.ask(itertools.chain([json.dumps(limits).encode() + b"\n"], parts))
    finally:
        _places.release()
    head, _newline, preview = answer.partition(b"\n")
    return (json.loads(head) if head else {"refused": "memory"}), preview


class _Worker:
    """The process that forks a limited child for each picture: started when first needed, and after its death."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requests: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def ask(self, question: Iterable[bytes]) -> bytes:
        """What a child of its own answers; nothing if it died, of its limits or of the picture, or was too slow."""
        answer = bytearray()
        deadline = time.monotonic() + SECONDS + 5
        with self.connect() as line:
            try:
                line.settimeout(SECONDS + 5)
                for part in question:
                    line.sendall(part)
                line.shutdown(socket.SHUT_WR)
                while len(answer) <= _ANSWER_BYTES and time.monotonic() < deadline and (part := line.recv(1 << 18)):
                    answer += part
            except OSError:
                return b""
        return bytes(answer)

    def connect(self) -> socket.socket:
        """Our end of a line to a child that waits for one picture."""
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                self._hand_over(theirs)
            except OSError:
                self._hand_over(theirs, anew=True)
        return ours

    def _hand_over(self, line: socket.socket, *, anew: bool = False) -> None:
        with self._lock:
            if anew:
                self._stop()
            socket.send_fds(self._requests or self._start(), [b"."], [line.fileno()])

    def _start(self) -> socket.socket:
        here, there = socket.socketpair()
        script = Path(__file__).with_name("imaging_worker.py")
        with there:
            self._process = subprocess.Popen(  # noqa: S603 our own script
                [sys.executable, "-I", "-S", str(script), str(Path(PIL.__file__).parent.parent)],
                stdin=there.fileno(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )  # fmt: skip
        self._requests = here
        return here

    def _stop(self) -> None:
        requests, process = self._requests, self._process
        self._requests = self._process = None
        if requests is not None:
            requests.close()
        if process is not None:
            try:
                process.wait(timeout=2)
            except subprocess.TimeoutExpired:  # Another process forked from ours still holds the line.
                process.returncode = 0


_worker = _Worker()
atexit.register(_worker._stop)
