"""What the engine computes of a picture, computed once: tests show the same few pictures to it thousands of times.

Only functions whose result follows from their arguments alone are remembered, and each runs for real the first time.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

import numpy as np
import pytest

from imageguard.engine import features, fingerprints
from imageguard.engine.tables import Tables

#: results kept of each function; one takes a megabyte at most
MOST = 64


@contextmanager
def pictures_seen_before() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for owner, name in (
            (features, "extract"), (fingerprints, "examine"), (Tables, "project"), (Tables, "nearest_words"),
        ):  # fmt: skip
            patch.setattr(owner, name, _remembered(getattr(owner, name)))
        yield


def _remembered(function: Callable[..., Any]) -> Callable[..., Any]:
    known: OrderedDict[Any, Any] = OrderedDict()

    @wraps(function)
    def asked(*args: Any, **kwargs: Any) -> Any:
        key = (*map(_key, args), *sorted(kwargs.items()))
        if key not in known:
            known[key] = function(*args, **kwargs)
        result = known[key]
        while len(known) > MOST:
            known.popitem(last=False)
        return result

    return asked


def _key(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return value.shape, value.dtype.str, hashlib.sha1(value.tobytes()).digest()
    return id(value) if isinstance(value, Tables) else value
