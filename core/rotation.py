"""Writing everything that is encrypted anew under the first key, so that an old key can be thrown away.

Nothing has to be remembered between two runs: what the first key already opens is passed over. A value that
somebody changes meanwhile is left as they wrote it, which is under the first key.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from cryptography.fernet import InvalidToken
from django.apps import apps
from django.db import connection, models, transaction

from core import crypto, files
from core.models import PrivateFile

BATCH = 200
Say = Callable[[str], None]


@dataclass
class Rotated:
    """What a run did: values and files looked at, written anew, and impossible to read."""

    seen: int = 0
    renewed: int = 0
    failed: int = 0

    def __iadd__(self, other: "Rotated") -> "Rotated":
        self.seen, self.renewed, self.failed = (
            self.seen + other.seen, self.renewed + other.renewed, self.failed + other.failed
        )  # fmt: skip
        return self


Rotate = Callable[..., Rotated]
#: what rooms keep encrypted elsewhere than in an `EncryptedTextField` or a private file
_elsewhere: list[Rotate] = []


def also(rotate: Rotate) -> None:
    """Let `rotate(say=…, batch=…)` of a room run with the others."""
    if rotate not in _elsewhere:
        _elsewhere.append(rotate)


def encrypted_columns() -> Iterator[tuple[type[models.Model], list[str]]]:
    """Every table with encrypted columns, and which they are."""
    for model in apps.get_models(include_auto_created=True):
        columns = [str(f.column) for f in model._meta.local_concrete_fields if isinstance(f, crypto.EncryptedTextField)]
        if columns and model._meta.managed and not model._meta.proxy:
            yield model, columns


def rotate_texts(*, say: Say, batch: int = BATCH) -> Rotated:
    """Write the encrypted texts of every table anew."""
    total = Rotated()
    for model, columns in encrypted_columns():
        done = Rotated()
        last = 0
        while rows := _rows(model, columns, after=last, limit=batch):
            with transaction.atomic():
                for pk, *values in rows:
                    done += _rotate_row(model, columns, pk, values, say)
            last = rows[-1][0]
        say(f"{model._meta.label}: {done.renewed} of {done.seen} texts written anew, {done.failed} unreadable")
        total += done
    for rotate in _elsewhere:
        total += rotate(say=say, batch=batch)
    return total


def _rows(model: type[models.Model], columns: list[str], *, after: int, limit: int) -> list[tuple]:
    quote = connection.ops.quote_name
    table, key = quote(model._meta.db_table), quote(str(model._meta.pk.column))
    names = ", ".join(quote(c) for c in columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {key}, {names} FROM {table} WHERE {key} > %s ORDER BY {key} LIMIT %s",  # noqa: S608 our own names
            [after, limit],
        )
        return cursor.fetchall()


def _rotate_row(model: type[models.Model], columns: list[str], pk: int, values: list, say: Say) -> Rotated:
    quote = connection.ops.quote_name
    done = Rotated()
    for column, old in zip(columns, values, strict=True):
        if not old:
            continue
        done.seen += 1
        if crypto.is_current(old.encode()):
            continue
        try:
            new = crypto.encrypt(crypto.decrypt(old.encode())).decode()
        except InvalidToken:
            say(f"{model._meta.label} {pk}: {column} is opened by no key")
            done.failed += 1
            continue
        table, key, name = quote(model._meta.db_table), quote(str(model._meta.pk.column)), quote(column)
        with connection.cursor() as cursor:
            cursor.execute(
                f"UPDATE {table} SET {name} = %s WHERE {key} = %s AND {name} = %s",  # noqa: S608 our own names
                [new, pk, old],
            )
        done.renewed += 1
    return done


def rotate_files(*, say: Say, batch: int = BATCH) -> Rotated:
    """Write the bytes of every private file anew."""
    done = Rotated()
    last = 0
    while rows := list(PrivateFile.objects.filter(pk__gt=last).order_by("pk")[:batch]):
        for file in rows:
            done.seen += 1
            try:
                done.renewed += files.rotate(file)
            except (InvalidToken, OSError) as failure:
                say(f"{file.public_id}: {type(failure).__name__}")
                done.failed += 1
        last = rows[-1].pk
        say(f"{done.renewed} of {done.seen} files written anew, {done.failed} unreadable")
    return done
