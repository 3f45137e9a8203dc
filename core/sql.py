"""For the few statements that are written by hand."""

from collections.abc import Collection
from typing import Any


def marks(values: Collection[Any]) -> str:
    """A place for each value, as between the brackets of `IN (…)`."""
    return ", ".join(["%s"] * len(values))
