"""Processor time of the limited worker for each of some pictures: its fork, the decoding, its end.

    python -I -S benchmarks/decoding.py <folder of Pillow> <core/imaging_worker.py> <preview_px> <picture> ...

Runs as the worker does, without Django and with no more in memory than it has, and waits for each child, whose time the
worker itself does not hear of. So it says on a busy machine what an idle one would take. Prints milliseconds a picture.
"""

import json
import os
import runpy
import socket
import sys
import time
from pathlib import Path

ROUNDS = 3


def main(pillow: str, script: str, preview_px: str, *pictures: str) -> None:
    sys.path.append(pillow)
    worker = runpy.run_path(script, run_name="worker")
    worker["_prepare"]()
    limits = {
        "preview_px": int(preview_px), "max_pixels": 40_000_000, "cpu_seconds": 10, "seconds": 30,
        "memory_bytes": 1024**3,
    }  # fmt: skip
    asked = [json.dumps(limits).encode() + b"\n" + Path(picture).read_bytes() for picture in pictures]
    used, began = 0.0, time.process_time()
    for question in asked * ROUNDS:
        ours, theirs = socket.socketpair()
        child = os.fork()
        if child == 0:
            ours.close()
            worker["_answer"](theirs)
        theirs.close()
        ours.sendall(question)
        ours.shutdown(socket.SHUT_WR)
        with ours.makefile("rb") as line:
            answer = line.read()
        ours.close()
        assert b'"preview"' in answer, answer[:200]
        _pid, _status, usage = os.wait4(child, 0)
        used += usage.ru_utime + usage.ru_stime
    print((used + time.process_time() - began) * 1000 / (len(asked) * ROUNDS))


if __name__ == "__main__":
    main(*sys.argv[1:])
