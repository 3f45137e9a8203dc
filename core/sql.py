"""For the few statements that are written by hand."""

from collections.abc import Collection
from typing import Any


def marks(values: Collection[Any]) -> str:
    """A place for each value, as between the brackets of `IN (…)`; for no value NULL, which nothing equals.

    PostgreSQL refuses empty brackets, SQLite does not.
    """
    return ", ".join(["%s"] * len(values)) or "NULL"
