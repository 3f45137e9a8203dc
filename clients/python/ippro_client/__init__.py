"""A client of ippro's API: `Client(base_url, key)` has one method for each operation.

    with Client("https://ippro.example", "ippro_…") as ippro:
        for filing in ippro.filings_list():
            print(filing["number"])

What is refused is raised as `Problem`. A POST can be sent again after a time-out and counts once; what was asked too
often waits as long as it is told to.
"""

from ippro_client.calls import (
    Conflict,
    Forbidden,
    Invalid,
    NotAuthenticated,
    NotFound,
    Problem,
    TooOften,
    Upload,
)
from ippro_client.operations import Operations


class Client(Operations):
    """Every operation of the API, with one key."""


__all__ = (
    "Client", "Conflict", "Forbidden", "Invalid", "NotAuthenticated", "NotFound", "Problem", "TooOften", "Upload",
)  # fmt: skip
