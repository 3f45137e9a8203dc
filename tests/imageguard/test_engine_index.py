"""The index follows its source, is shared by processes, and believes nothing half-written."""

from functools import cache
from pathlib import Path

import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from imageguard.engine import Engine, Fingerprint, MemorySource, fingerprint, index, library
from tests.imageguard import pictures
from tests.imageguard.pictures import goods

ARTICLES = [(f, g) for f in ("sneaker", "watch", "bricks") for g in ("marble", "sky")]


@cache
def stolen(family: str, ground: str) -> Fingerprint:
    """A cropped copy. Its fingerprint is looked up, which is quicker than the picture."""
    return fingerprint(pictures.cropped(goods(family, ground=ground)))


@cache
def jar() -> bytes:
    return fingerprint(goods("jar", ground="table")).to_bytes()


@pytest.fixture(scope="module")
def prints() -> dict[str, bytes]:
    return {f"{f} {g}": fingerprint(goods(f, ground=g)).to_bytes() for f, g in ARTICLES}


@pytest.fixture
def source(prints: dict[str, bytes]) -> MemorySource:
    full = MemorySource()
    for id, stored in prints.items():
        full.put(id, stored)
    return full


@pytest.fixture(autouse=True)
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library, "IN_MEMORY", 2)
    monkeypatch.setattr(library, "AT_ONCE", 2)


def answers(engine: Engine) -> list[tuple[str, float]]:
    asked = [stolen(*article) for article in ARTICLES[::3]]
    return [(hit.id, round(hit.score, 6)) for copy in asked for hit in engine.find(copy)]


def test_a_rebuilt_index_gives_the_same_answers(source: MemorySource, tmp_path: Path) -> None:
    engine = Engine(source, tmp_path)
    before = answers(engine)
    assert len(before) >= 2
    engine.rebuild()
    assert answers(engine) == before
    engine.compact()
    assert answers(engine) == before
    assert answers(Engine(source)) == before


def test_processes_share_a_folder(source: MemorySource, tmp_path: Path) -> None:
    one, other = Engine(source, tmp_path), Engine(source, tmp_path)
    one.refresh()
    before = answers(other)
    assert before == answers(one)
    source.put("new", jar())
    for engine in (one, other):
        assert [hit.id for hit in engine.find(stolen("jar", "table"))] == ["new"]


def test_what_is_registered_is_found_at_once(prints: dict[str, bytes], tmp_path: Path) -> None:
    source = MemorySource()
    engine = Engine(source, tmp_path)
    for article, stored in zip(ARTICLES, prints.values(), strict=True):
        source.put(" ".join(article), stored)
        assert " ".join(article) in {hit.id for hit in engine.find(stolen(*article))}
    assert len(engine.library) == len(ARTICLES)


@pytest.mark.parametrize("when", ["in memory", "written", "compacted"])
def test_what_was_removed_is_never_found(
    source: MemorySource, prints: dict[str, bytes], tmp_path: Path, when: str
) -> None:
    engine = Engine(source, tmp_path)
    if when != "in memory":
        engine.refresh()
    source.delete("watch sky")
    if when == "compacted":
        engine.compact()
        assert len(engine.library) == len(ARTICLES) - 1
    for asked in (engine, Engine(source, tmp_path)):
        for copy in (stolen("watch", "sky"), Fingerprint.from_bytes(prints["watch sky"])):
            assert "watch sky" not in {hit.id for hit in asked.find(copy)}


def test_what_was_removed_and_put_back_is_found(source: MemorySource, prints: dict[str, bytes], tmp_path: Path) -> None:
    engine = Engine(source, tmp_path)
    engine.refresh()
    source.delete("watch sky")
    engine.refresh()
    source.put("watch sky", prints["watch sky"])
    engine.compact()
    assert "watch sky" in {hit.id for hit in engine.find(stolen("watch", "sky"))}


def test_remove_takes_effect_in_this_process_at_once(source: MemorySource) -> None:
    engine = Engine(source)
    engine.remove("watch sky")
    assert "watch sky" not in {hit.id for hit in engine.find(stolen("watch", "sky"))}


@pytest.mark.parametrize("harm", ["cut", "gone", "manifest cut", "manifest nonsense", "wrong head"])
def test_a_half_written_file_is_ignored(source: MemorySource, tmp_path: Path, harm: str) -> None:
    before = answers(Engine(source, tmp_path))
    segment = max(tmp_path.glob("*.segment"), key=lambda f: f.stat().st_size)
    manifest = tmp_path / library.MANIFEST
    if harm == "cut":
        segment.write_bytes(segment.read_bytes()[:-1000])
    elif harm == "gone":
        segment.unlink()
    elif harm == "manifest cut":
        manifest.write_bytes(manifest.read_bytes()[:40])
    elif harm == "manifest nonsense":
        manifest.write_text('{"sequence": 99, "segments": [["nowhere", 1]]}')
    else:
        whole = segment.read_bytes()
        segment.write_bytes(b"x" * 16 + whole[16:])
    assert answers(Engine(source, tmp_path)) == before


def test_leftovers_of_a_process_that_died_are_cleared_away(source: MemorySource, tmp_path: Path) -> None:
    tmp_path.joinpath("dead.segment").write_bytes(b"half")
    tmp_path.joinpath("manifest.json.1.part").write_bytes(b"{")
    engine = Engine(source, tmp_path)
    engine.compact()
    assert sorted(f.suffix for f in tmp_path.iterdir()) == ["", ".json", ".segment"]


def test_a_row_that_cannot_be_read_does_not_stop_the_others(source: MemorySource, tmp_path: Path) -> None:
    source.put("broken", b"\x00\x01nonsense")
    source.put("new", jar())
    engine = Engine(source, tmp_path)
    assert [hit.id for hit in engine.find(stolen("jar", "table"))] == ["new"]


def test_an_engine_leaves_products_one_thread_each(source: MemorySource) -> None:
    threadpool_limits(2, user_api="blas")
    Engine(source)
    assert {pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"} == {1}


@pytest.mark.parametrize("most", [1, 50])
def test_a_copy_is_found_where_only_some_of_its_points_are_asked(
    source: MemorySource, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    monkeypatch.setattr(index, "MOST_COMPARED", most)
    assert Engine(source).find(stolen("sneaker", "marble"))[0].id == "sneaker marble"
