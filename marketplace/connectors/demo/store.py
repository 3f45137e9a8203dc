"""What the demo storefront knows: its things, which of them were taken down, the orders it took, its outgoing news.

One SQLite file of its own (WAL, every commit on disk before it is answered), so that a killed process loses
nothing that it has confirmed. It knows nothing of ippro.
"""

import json
import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

KINDS = ("shop", "listing", "video", "livestream")
PAGE = 24
#: how the ids of listings begin that visitors put on sale, and how many of those there may be
OF_VISITORS, MOST_OF_VISITORS = "new-", 1000
CATALOGUE_PAGE = 500

SCHEMA = """
CREATE TABLE IF NOT EXISTS things (
  kind TEXT NOT NULL, external_id TEXT NOT NULL, shop_id TEXT NOT NULL DEFAULT '', title TEXT NOT NULL DEFAULT '',
  words TEXT NOT NULL DEFAULT '', category TEXT NOT NULL DEFAULT '', scenes TEXT NOT NULL DEFAULT '',
  version INTEGER NOT NULL DEFAULT 0, data TEXT NOT NULL, place INTEGER NOT NULL,
  is_removed INTEGER NOT NULL DEFAULT 0, last_key TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (kind, external_id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS things_of_a_shop ON things (shop_id, kind);
CREATE TABLE IF NOT EXISTS orders (
  key TEXT PRIMARY KEY, kind TEXT NOT NULL, external_id TEXT NOT NULL, desired TEXT NOT NULL,
  reason TEXT NOT NULL, taken_at TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS restrictions (shop_id TEXT PRIMARY KEY, measures TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS outbox (id INTEGER PRIMARY KEY AUTOINCREMENT, event TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
"""
#: a thing is on show when neither it nor its shop was taken down
ON_SHOW = """NOT t.is_removed AND NOT EXISTS (
  SELECT 1 FROM things s WHERE s.kind = 'shop' AND s.external_id = t.shop_id AND s.is_removed)"""
#: what a demoted shop sells comes after everything else
DEMOTED = """EXISTS (SELECT 1 FROM restrictions r WHERE r.shop_id IN (t.shop_id, t.external_id)
  AND r.measures LIKE '%,demotion,%')"""
MEASURES = ("limits", "demotion", "deposit")


@dataclass(frozen=True, slots=True)
class Thing:
    """A shop, listing, short video or livestream, as its seller described it."""

    kind: str
    external_id: str
    title: str
    category: str
    is_on_show: bool
    data: Mapping[str, Any]

    @property
    def attributes(self) -> Mapping[str, Any]:
        return self.data.get("attributes") or {}

    @property
    def title_en(self) -> str:
        return str(self.attributes.get("title_en") or "")

    @property
    def scenes(self) -> Sequence[str]:
        return self.attributes.get("scenes") or ()

    @property
    def picture(self) -> str:
        return next(iter(self.pictures), "")

    @property
    def pictures(self) -> list[str]:
        """Addresses on this storefront, whatever name it was reached by."""
        return [f"/pictures/{str(url).rsplit('/', 1)[-1]}" for url in self.data.get("images") or ()]

    @property
    def path(self) -> str:
        """The page of the thing in the scene where it is mostly sold."""
        if self.kind == "listing":
            mine = [s for s in self.scenes if s in ("mall", "supermarket")]
            return f"/{mine[0]}/item/{self.external_id}" if mine else f"/product/{self.external_id}"
        return f"/{'live' if self.kind == 'livestream' else self.kind}/{self.external_id}"

    @property
    def seconds(self) -> int:
        value = self.attributes.get("seconds")
        return value if isinstance(value, int) and value > 0 else 0

    @property
    def length(self) -> str:
        return clock_time(self.seconds) if self.seconds else ""


def clock_time(seconds: int) -> str:
    """`83` as `1:23`, `6846` as `1:54:06`."""
    minutes, rest = divmod(max(seconds, 0), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


class Store:
    """The storefront's database; safe to use from several threads and processes."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._mine = threading.local()
        self._db.executescript(SCHEMA)

    @property
    def _db(self) -> sqlite3.Connection:
        db = getattr(self._mine, "db", None)
        if db is None:
            db = sqlite3.connect(self.path, isolation_level=None, timeout=15)
            db.row_factory = sqlite3.Row
            db.execute("PRAGMA journal_mode = WAL")
            db.execute("PRAGMA synchronous = FULL")
            self._mine.db = db
        return db

    def close(self) -> None:
        """Close this thread's connection."""
        if db := getattr(self._mine, "db", None):
            db.close()
            del self._mine.db

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        db = self._db
        db.execute("BEGIN IMMEDIATE")
        try:
            yield db
        except BaseException:
            db.execute("ROLLBACK")
            raise
        db.execute("COMMIT")

    # --- what operators do ---------------------------------------------------------------------------

    def load(self, events: Sequence[Mapping[str, Any]], *, pictures: str, reset: bool = False) -> int:
        """Make the world what these upserts say; returns how many things there are.

        What was taken down stays down, so that loading again resurrects nothing; `reset` forgets all orders.
        """
        rows = [_row(event, place) for place, event in enumerate(events)]
        with self._writing() as db:
            if reset:
                db.execute("DELETE FROM things")
                db.execute("DELETE FROM orders")
                db.execute("DELETE FROM restrictions")
                db.execute("DELETE FROM outbox")
            db.execute(
                "CREATE TEMP TABLE IF NOT EXISTS said (kind TEXT, external_id TEXT, PRIMARY KEY (kind, external_id))"
            )
            db.execute("DELETE FROM said")
            db.executemany("INSERT OR IGNORE INTO said VALUES (:kind, :external_id)", rows)
            db.executemany(
                """INSERT INTO things (kind, external_id, shop_id, title, words, category, scenes, version, data, place)
                VALUES (:kind, :external_id, :shop_id, :title, :words, :category, :scenes, :version, :data, :place)
                ON CONFLICT (kind, external_id) DO UPDATE SET shop_id = excluded.shop_id, title = excluded.title,
                words = excluded.words, category = excluded.category, scenes = excluded.scenes,
                version = excluded.version, data = excluded.data, place = excluded.place""",
                rows,
            )
            # What visitors put on sale here is theirs, and stays.
            db.execute(
                "DELETE FROM things WHERE (kind, external_id) NOT IN (SELECT kind, external_id FROM said) "
                "AND external_id NOT LIKE ?",
                (f"{OF_VISITORS}%",),
            )
            db.execute("INSERT OR REPLACE INTO settings VALUES ('pictures', ?)", (pictures,))
        return len(rows)

    def carry_out(self, orders: Sequence[Mapping[str, Any]], at: datetime) -> list[dict[str, Any]]:
        """Take things down or put them up again, all in one transaction; the result of each order.

        A key that was superseded by a newer order of the same thing has no effect any more; the key of the
        latest order makes its state true again, should a seller have changed it meanwhile.
        """
        with self._writing() as db:
            return [_carry_out(db, order, at.isoformat()) for order in orders]

    def restrict(self, shop: str, measures: Sequence[str]) -> dict[str, Any]:
        """Restrict a shop to exactly these measures; the result of the order. Said twice it has one effect."""
        unknown = [m for m in measures if m not in MEASURES]
        if unknown:
            return {"status": "refused", "detail": f"no such measure: {unknown[0]}"}
        if self.find("shop", shop) is None:
            return {"status": "unknown", "detail": f"there is no shop {shop}"}
        with self._writing() as db:
            db.execute("INSERT OR REPLACE INTO restrictions VALUES (?, ?)", (shop, f",{','.join(measures)},"))
        return {"status": "done"}

    def restrictions(self, shop: str) -> list[str]:
        """The measures in force against a shop."""
        row = self._db.execute("SELECT measures FROM restrictions WHERE shop_id = ?", (shop,)).fetchone()
        return [m for m in row[0].split(",") if m] if row else []

    def states(self, refs: Sequence[tuple[str, str]]) -> list[str]:
        """`up`, `down` or `missing` for each; of the thing itself, not of the shop it is in."""
        found = [
            self._db.execute("SELECT is_removed FROM things WHERE kind = ? AND external_id = ?", ref).fetchone()
            for ref in refs
        ]
        return ["missing" if row is None else "down" if row[0] else "up" for row in found]

    def publish(self, *, shop: str, title: str, price: str, image: str, category: str, at: datetime) -> str:
        """A seller puts a new listing on sale, and the marketplace tells of it; its id. Raises ValueError, LookupError."""
        seller = self.find("shop", shop)
        if seller is None or not seller.is_on_show or "limits" in self.restrictions(shop):
            raise LookupError(shop)
        with self._writing() as db:
            count = db.execute("SELECT COUNT(*) FROM things WHERE external_id LIKE ?", (f"{OF_VISITORS}%",)).fetchone()[
                0
            ]
            if count >= MOST_OF_VISITORS:
                raise ValueError("full")
            external_id = f"{OF_VISITORS}{at:%y%m%d%H%M%S}-{count + 1}"
            event = {
                "id": f"published:{external_id}", "type": "listing.upserted", "occurred_at": at.isoformat(), "version": 1,
                "data": {
                    "external_id": external_id, "shop_external_id": shop, "title": title, "price": price,
                    "currency": "CNY", "category": category, "images": [image],
                    "attributes": {"scenes": ["product_page", "search"]},
                },
            }  # fmt: skip
            first = db.execute("SELECT COALESCE(MIN(place), 0) FROM things").fetchone()[0]
            db.execute(
                """INSERT INTO things (kind, external_id, shop_id, title, words, category, scenes, version, data, place)
                VALUES (:kind, :external_id, :shop_id, :title, :words, :category, :scenes, :version, :data, :place)""",
                _row(event, first - 1),
            )
            db.execute("INSERT INTO outbox (event) VALUES (?)", (json.dumps(event, ensure_ascii=False),))
        return external_id

    def relist(self, kind: str, external_id: str, at: datetime) -> bool:
        """A seller puts a thing up again by itself, and the marketplace tells of it; False if there is none."""
        event = {
            "id": f"relist:{kind}:{external_id}:{at.isoformat()}", "type": "target.state_changed",
            "occurred_at": at.isoformat(), "data": {"kind": kind, "external_id": external_id, "state": "up"},
        }  # fmt: skip
        with self._writing() as db:
            changed = db.execute(
                "UPDATE things SET is_removed = 0 WHERE kind = ? AND external_id = ?", (kind, external_id)
            ).rowcount
            if changed:
                db.execute("INSERT INTO outbox (event) VALUES (?)", (json.dumps(event),))
        return bool(changed)

    def catalogue(self, after: str) -> tuple[list[dict[str, Any]], str | None]:
        """One page of everything, shops first, as events; and the cursor of the next page."""
        rank, _, external_id = after.partition(":")
        place = (int(rank), external_id) if rank.isdigit() else (-1, "")
        rank_of = "CASE kind WHEN 'shop' THEN 0 WHEN 'listing' THEN 1 WHEN 'video' THEN 2 ELSE 3 END"
        rows = self._db.execute(
            f"SELECT *, {rank_of} AS rank FROM things WHERE ({rank_of}, external_id) > (?, ?) "  # noqa: S608 (constant)
            "ORDER BY rank, external_id LIMIT ?",
            (*place, CATALOGUE_PAGE),
        ).fetchall()
        said = [
            {
                "type": f"{row['kind']}.upserted", "version": row["version"],
                "data": json.loads(row["data"]) | {"state": "down" if row["is_removed"] else "up"},
            }
            for row in rows
        ]  # fmt: skip
        more = len(rows) == CATALOGUE_PAGE
        return said, f"{rows[-1]['rank']}:{rows[-1]['external_id']}" if more else None

    def outgoing(self, limit: int) -> list[tuple[int, dict[str, Any]]]:
        """News that ippro has not yet taken, oldest first."""
        rows = self._db.execute("SELECT id, event FROM outbox ORDER BY id LIMIT ?", (limit,)).fetchall()
        return [(row["id"], json.loads(row["event"])) for row in rows]

    def told(self, ids: Sequence[int]) -> None:
        with self._writing() as db:
            db.executemany("DELETE FROM outbox WHERE id = ?", [(i,) for i in ids])

    # --- what visitors see -----------------------------------------------------------------------------

    @property
    def is_open(self) -> bool:
        """Whether there is a world at all; before the first load nobody can say what is missing."""
        return self._db.execute("SELECT EXISTS (SELECT 1 FROM settings WHERE name = 'pictures')").fetchone()[0] == 1

    def pictures(self) -> str:
        row = self._db.execute("SELECT value FROM settings WHERE name = 'pictures'").fetchone()
        return row[0] if row else ""

    def find(self, kind: str, external_id: str) -> Thing | None:
        """A thing by its id, whether it is on show or not."""
        row = self._db.execute(
            f"SELECT t.*, ({ON_SHOW}) AS on_show FROM things t WHERE kind = ? AND external_id = ?",  # noqa: S608
            (kind, external_id),
        ).fetchone()
        return _thing(row) if row else None

    def on_show(
        self,
        kind: str,
        *,
        scene: str = "",
        category: str = "",
        shop: str = "",
        query: str = "",
        page: int = 1,
        size: int = PAGE,
    ) -> tuple[list[Thing], int]:
        """One page of what visitors may see, and how many there are in all."""
        where, values = [f"t.kind = ? AND {ON_SHOW}"], [kind]
        for condition, value in (
            ("t.scenes LIKE ?", f"%,{scene},%" if scene else ""), ("t.category = ?", category), ("t.shop_id = ?", shop),
            *(("t.words LIKE ? ESCAPE '\\'", f"%{_literally(word)}%") for word in query.lower().split()[:8]),
        ):  # fmt: skip
            if value:
                where.append(condition)
                values.append(value)
        clause = " AND ".join(where)
        total = self._db.execute(f"SELECT COUNT(*) FROM things t WHERE {clause}", values).fetchone()[0]  # noqa: S608
        rows = self._db.execute(
            f"SELECT t.*, 1 AS on_show FROM things t WHERE {clause} ORDER BY {DEMOTED}, t.place LIMIT ? OFFSET ?",  # noqa: S608
            (*values, size, (page - 1) * size),
        ).fetchall()
        return [_thing(row) for row in rows], total

    def categories(self) -> list[str]:
        rows = self._db.execute(
            "SELECT category FROM things WHERE kind = 'listing' AND category != '' GROUP BY category ORDER BY COUNT(*) DESC"
        )
        return [row[0] for row in rows]


def _row(event: Mapping[str, Any], place: int) -> dict[str, Any]:
    """A row of `things` from an upsert. Raises ValueError."""
    kind, data = str(event.get("type", "")).removesuffix(".upserted"), event.get("data")
    if kind not in KINDS or not isinstance(data, Mapping) or not data.get("external_id"):
        raise ValueError(f"event {place} is no upsert of a shop, listing, video or livestream")
    attributes = data.get("attributes") or {}
    title = str(data.get("title") or data.get("name") or "")
    return {
        "kind": kind, "external_id": str(data["external_id"]), "shop_id": str(data.get("shop_external_id") or ""),
        "title": title, "words": f"{title} {attributes.get('title_en') or ''}".lower(),
        "category": str(data.get("category") or ""), "scenes": f",{','.join(attributes.get('scenes') or ())},",
        "version": int(event.get("version") or 0), "data": json.dumps(dict(data), ensure_ascii=False), "place": place,
    }  # fmt: skip


def _carry_out(db: sqlite3.Connection, order: Mapping[str, Any], at: str) -> dict[str, Any]:
    key, kind, external_id = (str(order.get(n) or "") for n in ("idempotency_key", "kind", "external_id"))
    desired = order.get("desired")
    answer = {"kind": kind, "external_id": external_id}
    if not key or kind not in KINDS or desired not in ("up", "down"):
        return answer | {"status": "refused", "detail": "an order needs idempotency_key, kind, external_id, desired"}
    thing = db.execute("SELECT last_key FROM things WHERE kind = ? AND external_id = ?", (kind, external_id)).fetchone()
    if thing is None:
        return answer | {"status": "unknown", "detail": f"there is no {kind} {external_id}"}
    before = db.execute("SELECT kind, external_id, desired FROM orders WHERE key = ?", (key,)).fetchone()
    if before is not None and tuple(before) != (kind, external_id, desired):
        return answer | {"status": "refused", "detail": "this key was used for another order"}
    if before is not None and thing["last_key"] != key:
        return answer | {"status": "done", "detail": "superseded"}
    db.execute(
        "UPDATE things SET is_removed = ?, last_key = ? WHERE kind = ? AND external_id = ?",
        (desired == "down", key, kind, external_id),
    )
    db.execute(
        "INSERT OR IGNORE INTO orders VALUES (?, ?, ?, ?, ?, ?)",
        (key, kind, external_id, desired, str(order.get("reason") or "")[:300], at),
    )
    return answer | {"status": "done"}


def _thing(row: sqlite3.Row) -> Thing:
    return Thing(
        kind=row["kind"], external_id=row["external_id"], title=row["title"], category=row["category"],
        is_on_show=bool(row["on_show"]), data=json.loads(row["data"]),
    )  # fmt: skip


def _literally(word: str) -> str:
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def utc_now() -> datetime:
    """The marketplace's own clock, which is not ippro's."""
    return datetime.now(UTC)
