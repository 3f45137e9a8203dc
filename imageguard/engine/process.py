"""What the engine asks of the process it runs in: threads where they help, and memory that is kept."""

import ctypes
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import cv2
from threadpoolctl import threadpool_limits

#: one search spreads over so many cores; where the system says on which this process may run, those count
CORES = min(2, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3  # of mallopt(3)
#: blocks up to this come from the heap, which is the most that glibc allows; and so much of it is kept when it is free, bytes
FROM_THE_HEAP, KEPT = 32 * 2**20, 128 * 2**20


def settle() -> None:
    """One thread for each product and each small picture, and no memory given back between pictures.

    Searches spread over the cores by themselves, and what NumPy and OpenCV do here is small: with threads of their own
    they wait for each other. On two cores NumPy's made a query take 377 ms of computing in place of 141, OpenCV's let
    120 in place of 230 near-identical pictures be answered in a second of one core.

    Points of one picture take some 90 MB for a tenth of a second. Given back to the system each time, every page of it is
    mapped and cleared anew: an eighth of the time of a query. Without glibc that stays so, and so it does in part in threads
    other than the first.
    """
    threadpool_limits(1, user_api="blas")
    if cv2.getNumThreads() != 1:
        cv2.setNumThreads(1)
    with suppress(OSError, AttributeError, TypeError):
        glibc = ctypes.CDLL(None)
        glibc.mallopt(_MMAP_THRESHOLD, FROM_THE_HEAP)
        glibc.mallopt(_TRIM_THRESHOLD, KEPT)


@contextmanager
def all_cores() -> Iterator[None]:
    """OpenCV may use them, for the one thing that is large: the points of a suspect, for which somebody waits.

    Only while no other thread is there: OpenCV cannot change how many it uses while another uses them. A server with
    threads has other requests for its cores.
    """
    if threading.active_count() > 1:
        yield
        return
    cv2.setNumThreads(CORES)
    try:
        yield
    finally:
        cv2.setNumThreads(1)
