"""For the few statements that are written by hand, because nearly every request makes them.

Django's ORM takes several times as long to compose a statement and to take its answer apart as a database takes to
carry it out. Here rows are read and written by their models' own fields, and what can be composed once is. Only where
that was measured to matter (docs/reference/benchmarks.md): everywhere else a queryset says it better.
"""

from collections.abc import Callable, Collection, Sequence
from functools import cache, cached_property
from hashlib import blake2b
from threading import local
from types import NoneType
from typing import Any

from django.db import models, transaction
from django.db.models.base import ModelState

from core.ids import PublicIdField

#: so many rows at most in one statement
CHUNK = 200
#: values of these types a database takes as they are; every other one is for its field to prepare
PLAIN: dict[Any, tuple[type, ...]] = {
    models.CharField: (str,),
    models.TextField: (str,),
    PublicIdField: (str,),
    models.BooleanField: (bool,),
    models.ForeignKey: (int, NoneType),
    models.PositiveIntegerField: (int, NoneType),
    models.PositiveSmallIntegerField: (int, NoneType),
    models.DateTimeField: (NoneType,),
}


def marks(values: Collection[Any]) -> str:
    """A place for each value, as between the brackets of `IN (…)`; for no value NULL, which nothing equals.

    PostgreSQL refuses empty brackets, SQLite does not.
    """
    return ", ".join(["%s"] * len(values)) or "NULL"


def for_update() -> str:
    """The end of a statement that locks what it reads; nothing on SQLite, whose writers take turns anyway."""
    connection = transaction.get_connection()
    return f" {connection.ops.for_update_sql()}" if connection.features.has_select_for_update else ""


def take_turns(what: str) -> None:
    """Until this transaction ends nobody else does `what`; whoever comes meanwhile waits. For what has no row to lock.

    On SQLite writers take turns anyway.
    """
    connection = transaction.get_connection()
    if not connection.in_atomic_block:
        raise RuntimeError("turns are taken in a transaction")
    if connection.vendor == "postgresql":
        number = int.from_bytes(blake2b(what.encode(), digest_size=8).digest(), signed=True)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [number])


class Columns:
    """The columns of a model in a statement: as text, what stands after SELECT; with values, a row of the model.

    Those that are named in `without` are left out, and read when somebody asks the row for them.
    """

    def __init__(self, model: type[models.Model], alias: str, *, without: Collection[str] = ()) -> None:
        self.model, self.alias, self.without = model, alias, without
        # Converters belong to a connection, and a connection to a thread.
        self._here = local()

    @cached_property
    def names(self) -> list[str]:
        return [field.attname for field in self._fields]

    @cached_property
    def _fields(self) -> list[Any]:
        return [field for field in self.model._meta.concrete_fields if field.name not in self.without]

    @cached_property
    def _key(self) -> int:
        return self.names.index(self.model._meta.pk.attname)

    @cached_property
    def _text(self) -> str:
        return ", ".join(f'{self.alias}."{field.column}"' for field in self._fields)

    def __str__(self) -> str:
        return self._text

    def row(self, values: Sequence[Any], connection: Any = None) -> Any:
        """A row of the model; None where an outer join found none."""
        if values[self._key] is None:
            return None
        connection = connection or transaction.get_connection()
        values = list(values)
        for place, convert, column in self._converters(connection):
            values[place] = convert(values[place], column, connection)
        # What `from_db` makes. It asks every field where its value goes; fields keep what was read under their names.
        row = self.model.__new__(self.model)
        row._state = ModelState()
        row._state.adding, row._state.db = False, connection.alias
        row.__dict__.update(zip(self.names, values, strict=True))
        return row

    def _converters(self, connection: Any) -> list[tuple[int, Callable[..., Any], Any]]:
        if not hasattr(self._here, "converters"):
            columns = [(place, field, field.get_col(self.alias)) for place, field in enumerate(self._fields)]
            self._here.converters = [
                (place, convert, column)
                for place, field, column in columns
                for convert in (*connection.ops.get_db_converters(column), *field.get_db_converters(connection))
            ]
        found: list[tuple[int, Callable[..., Any], Any]] = self._here.converters
        return found


def read(statement: str, values: Sequence[Any], *parts: Columns) -> list[tuple[Any, ...]]:
    """The lines of an answer: in each, a row for every one of the `parts` that are selected first, then what follows."""
    connection = transaction.get_connection()
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        lines = cursor.fetchall()
    found = []
    for line in lines:
        rows, start = [], 0
        for part in parts:
            end = start + len(part.names)
            rows.append(part.row(line[start:end], connection))
            start = end
        found.append((*rows, *line[start:]))
    return found


def write(rows: Sequence[models.Model]) -> None:
    """Write new rows of one model in this transaction, as `bulk_create` does; they get their keys."""
    if not rows:
        return
    connection = transaction.get_connection()
    fields, beginning, end = _insert(type(rows[0]))
    with connection.cursor() as cursor:
        for start in range(0, len(rows), CHUNK):
            some = rows[start : start + CHUNK]
            places = ", ".join([f"({marks(fields)})"] * len(some))
            values = [_value(field, plain, row, connection) for row in some for field, plain in fields]
            cursor.execute(f"{beginning} VALUES {places} {end}", values)
            for row, (key,) in zip(some, cursor.fetchall(), strict=True):
                row.pk, row._state.adding, row._state.db = key, False, connection.alias


def _value(field: Any, plain: tuple[type, ...], row: models.Model, connection: Any) -> Any:
    """What of a row a database keeps in a column; most is what it is, without Django's many questions about it."""
    if type(value := row.__dict__[field.attname]) in plain:
        return value
    return field.get_db_prep_save(field.pre_save(row, add=True), connection)


@cache
def _insert(model: type[models.Model]) -> tuple[list[tuple[Any, tuple[type, ...]]], str, str]:
    """The fields that are written, each with its plain types; what stands before and after their values."""
    meta = model._meta
    fields = [field for field in meta.concrete_fields if not field.primary_key]
    columns = ", ".join(f'"{field.column}"' for field in fields)
    known = [(field, PLAIN.get(type(field), ())) for field in fields]
    return known, f'INSERT INTO "{meta.db_table}" ({columns})', f'RETURNING "{meta.pk.column}"'
