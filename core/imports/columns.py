"""What the columns of a sheet are: guessed from their headers in English and Chinese, or remembered from the last one."""

import hashlib
from collections.abc import Mapping, Sequence


def fingerprint(header: Sequence[str]) -> str:
    """By which a header is known again, however it is spaced and written."""
    return hashlib.sha256("\x1f".join("".join(cell.casefold().split()) for cell in header).encode()).hexdigest()


def guessed(header: Sequence[str], words: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """The column of each role, as far as its header says so; none is two things.

    `words` are, by role, those that say so: the first column that has one of them is it.
    """
    found: dict[str, int] = {}
    lowered = [cell.casefold() for cell in header]
    for role, said in words.items():
        for word in said:
            place = next((i for i, cell in enumerate(lowered) if word in cell and i not in found.values()), None)
            if place is not None:
                found[role] = place
                break
    return found


def letter(position: int) -> str:
    """How a spreadsheet names a column: A for 0, AA for 26."""
    name, rest = "", position + 1
    while rest:
        rest, digit = divmod(rest - 1, 26)
        name = chr(65 + digit) + name
    return name


def position(name: str) -> int | None:
    """The column that a spreadsheet calls so, from 0; None if it is no name of a column."""
    if not (name.isascii() and name.isalpha() and len(name) <= 3):
        return None
    place = 0
    for sign in name.upper():
        place = place * 26 + ord(sign) - 64
    return place - 1
