"""What the database keeps of `SearchEntry.words`: an inverted index, which needs no extension and no superuser.

`IndexWords()` stands in a migration, for both databases: FTS5 of SQLite over the table itself, kept by triggers, and a
GIN index of PostgreSQL. SQLite drops triggers when a migration rebuilds the table: such a migration ends with
`IndexWords` again.
"""

from typing import Any

from django.db.migrations.operations.base import Operation

# The words are split already: every sign but a blank is part of a word.
_SQLITE = (
    "CREATE VIRTUAL TABLE IF NOT EXISTS marketplace_searchindex USING fts5("
    "words, content='marketplace_searchentry', content_rowid='id', "
    "detail=none, columnsize=0, tokenize=\"ascii tokenchars '=^'\")",
    "CREATE TRIGGER IF NOT EXISTS marketplace_searchindex_takes_in AFTER INSERT ON marketplace_searchentry "
    "BEGIN INSERT INTO marketplace_searchindex(rowid, words) VALUES (new.id, new.words); END",
    "CREATE TRIGGER IF NOT EXISTS marketplace_searchindex_lets_go AFTER DELETE ON marketplace_searchentry "
    "BEGIN INSERT INTO marketplace_searchindex(marketplace_searchindex, rowid, words) "
    "VALUES ('delete', old.id, old.words); END",
)
_POSTGRESQL = (
    # What is new is looked through one by one until it is put into the index: so much of it at most, in kB.
    "CREATE INDEX IF NOT EXISTS marketplace_searchindex ON marketplace_searchentry "
    "USING gin (array_to_tsvector(string_to_array(words, ' '))) WITH (gin_pending_list_limit = 512)",
)
_AWAY = {
    "sqlite": (
        "DROP TRIGGER IF EXISTS marketplace_searchindex_takes_in",
        "DROP TRIGGER IF EXISTS marketplace_searchindex_lets_go",
        "DROP TABLE IF EXISTS marketplace_searchindex",
    ),
    "postgresql": ("DROP INDEX IF EXISTS marketplace_searchindex",),
}


class IndexWords(Operation):
    """Migration operation: from now on the words of the entries are in an index."""

    reversible = True
    reduces_to_sql = False

    def state_forwards(self, app_label: str, state: Any) -> None:
        pass

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        _carry_out(schema_editor.connection, {"sqlite": _SQLITE, "postgresql": _POSTGRESQL})

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        _carry_out(schema_editor.connection, _AWAY)

    def describe(self) -> str:
        return "Index the words of the search"

    @property
    def migration_name_fragment(self) -> str:
        return "index_words"


def _carry_out(connection: Any, statements: dict[str, tuple[str, ...]]) -> None:
    with connection.cursor() as cursor:
        for statement in statements[connection.vendor]:
            cursor.execute(statement)
