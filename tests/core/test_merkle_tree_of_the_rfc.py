"""The tree is that of RFC 9162: the vectors that all logs share, the RFC's own definitions, and any flipped bit."""

from hashlib import sha256

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from core import merkle, verify_ledger

#: the leaves and roots of the reference implementation of RFC 6962, whose tree RFC 9162 keeps
LEAVES = [
    bytes.fromhex(text)
    for text in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
A, B, C = (
    "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
    "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
)
D, E, F = (
    "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
    "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
)
INCLUSION = {
    (0, 1): [],
    (0, 8): [A, B, C],
    (5, 8): [D, E, ROOTS[3]],
    (2, 3): [ROOTS[1]],
    (1, 5): [ROOTS[0], B, D],
}
CONSISTENCY = {(1, 1): [], (1, 8): [A, B, C], (6, 8): [F, E, ROOTS[3]], (2, 5): [B, D]}
SIZES = st.integers(1, 130)


def grown(leaves: list[bytes]) -> tuple[merkle.GrowingTree, dict[int, bytes]]:
    """A tree and every hash that is stored of it."""
    tree, known = merkle.GrowingTree(), {}
    for index, leaf in enumerate(leaves):
        known[2 * index] = leaf
        known |= dict(tree.append(leaf))
    return tree, known


def leaves_of(size: int) -> list[bytes]:
    return [merkle.leaf_hash(b"%d" % n) for n in range(size)]


def by_definition(leaves: list[bytes]) -> bytes:
    """MTH of section 2.1.1, word for word."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return sha256(b"\x01" + by_definition(leaves[:k]) + by_definition(leaves[k:])).digest()


def inclusion_by_definition(m: int, leaves: list[bytes]) -> list[bytes]:
    """PATH of section 2.1.3.1."""
    if len(leaves) == 1:
        return []
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    if m < k:
        return [*inclusion_by_definition(m, leaves[:k]), by_definition(leaves[k:])]
    return [*inclusion_by_definition(m - k, leaves[k:]), by_definition(leaves[:k])]


def consistency_by_definition(m: int, leaves: list[bytes], whole: bool = True) -> list[bytes]:
    """SUBPROOF of section 2.1.4.1."""
    if m == len(leaves):
        return [] if whole else [by_definition(leaves)]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    if m <= k:
        return [*consistency_by_definition(m, leaves[:k], whole), by_definition(leaves[k:])]
    return [*consistency_by_definition(m - k, leaves[k:], False), by_definition(leaves[:k])]


def inclusion(index: int, size: int, known: dict[int, bytes]) -> list[bytes]:
    return merkle.roots(merkle.inclusion_spans(index, size), known)


def consistency(first: int, second: int, known: dict[int, bytes]) -> list[bytes]:
    return merkle.roots(merkle.consistency_spans(first, second), known)


def flipped(data: bytes, bit: int) -> bytes:
    bit %= len(data) * 8
    return data[: bit // 8] + bytes([data[bit // 8] ^ (1 << bit % 8)]) + data[bit // 8 + 1 :]


@pytest.mark.parametrize("size", range(1, 9))
def test_roots_of_the_shared_vectors(size):
    hashed = [merkle.leaf_hash(data) for data in LEAVES[:size]]
    assert grown(hashed)[0].root().hex() == ROOTS[size - 1]
    own = verify_ledger.Tree()
    for leaf in hashed:
        own.append(leaf)
    assert own.root().hex() == ROOTS[size - 1]


def test_the_root_of_nothing():
    assert merkle.GrowingTree().root() == merkle.EMPTY_ROOT == verify_ledger.Tree().root() == sha256(b"").digest()


@pytest.mark.parametrize(("of", "path"), INCLUSION.items())
def test_inclusion_proofs_of_the_shared_vectors(of, path):
    index, size = of
    hashed = [merkle.leaf_hash(data) for data in LEAVES]
    found = inclusion(index, size, grown(hashed)[1])
    assert [h.hex() for h in found] == path
    root = bytes.fromhex(ROOTS[size - 1])
    assert merkle.proves_inclusion(leaf=hashed[index], index=index, size=size, path=found, root=root)
    assert verify_ledger.root_by_path(hashed[index], index, size, found) == root


@pytest.mark.parametrize(("of", "path"), CONSISTENCY.items())
def test_consistency_proofs_of_the_shared_vectors(of, path):
    first, second = of
    found = consistency(first, second, grown([merkle.leaf_hash(data) for data in LEAVES])[1])
    assert [h.hex() for h in found] == path
    roots = [bytes.fromhex(ROOTS[size - 1]) for size in of]
    assert merkle.proves_consistency(first=first, second=second, first_root=roots[0], second_root=roots[1], path=found)


def test_every_proof_of_every_small_tree_is_that_of_the_definition():
    leaves = leaves_of(35)
    known = grown(leaves)[1]
    for size in range(1, 36):
        assert grown(leaves[:size])[0].root() == by_definition(leaves[:size])
        for index in range(size):
            assert inclusion(index, size, known) == inclusion_by_definition(index, leaves[:size])
            assert consistency(index + 1, size, known) == consistency_by_definition(index + 1, leaves[:size])


@given(size=SIZES, index=st.integers(0, 129), bit=st.integers(0, 10_000))
@example(size=1, index=0, bit=0)
def test_an_inclusion_proof_holds_and_no_bit_of_it_can_be_flipped(size, index, bit):
    assume(index < size)
    leaves = leaves_of(size)
    tree, known = grown(leaves)
    path, root = inclusion(index, size, known), tree.root()

    def holds(leaf=leaves[index], index=index, size=size, path=path, root=root):
        by_rfc = merkle.proves_inclusion(leaf=leaf, index=index, size=size, path=path, root=root)
        assert by_rfc == (index < size and verify_ledger.root_by_path(leaf, index, size, path) == root)
        return by_rfc

    assert holds()
    assert not holds(leaf=flipped(leaves[index], bit))
    assert not holds(root=flipped(root, bit))
    assert not holds(path=[*path, root])
    for nth, sibling in enumerate(path):
        assert not holds(path=[*path[:nth], flipped(sibling, bit), *path[nth + 1 :]])
        assert not holds(path=path[:nth] + path[nth + 1 :])
    for other in {0, size - 1, (index + 1) % size, bit % size} - {index}:
        assert not holds(index=other)


@given(first=SIZES, second=SIZES, bit=st.integers(0, 10_000))
def test_a_consistency_proof_holds_and_no_bit_of_it_can_be_flipped(first, second, bit):
    first, second = sorted((first, second))
    leaves = leaves_of(second)
    tree, known = grown(leaves)
    path = consistency(first, second, known)
    roots = {"first_root": grown(leaves[:first])[0].root(), "second_root": tree.root()}

    def holds(path=path, **changed):
        return merkle.proves_consistency(first=first, second=second, path=path, **roots | changed)

    assert holds()
    for name, root in roots.items():
        assert not holds(**{name: flipped(root, bit)})
    assert not holds(path=[*path, roots["first_root"]])
    for nth, hashed in enumerate(path):
        assert not holds(path=[*path[:nth], flipped(hashed, bit), *path[nth + 1 :]])
    if first < second:
        changed = [*leaves[: first - 1], merkle.leaf_hash(b"another"), *leaves[first:]]
        assert not holds(second_root=by_definition(changed))


@given(parted=st.integers(0, 130), size=st.integers(0, 130))
def test_a_tree_goes_on_from_its_edge(parted, size):
    assume(parted <= size)
    leaves = leaves_of(size)
    _first, known = grown(leaves[:parted])
    later = merkle.GrowingTree(parted, [known[place] for place in merkle.subtrees(0, parted)])
    for leaf in leaves[parted:]:
        later.append(leaf)
    assert (later.size, later.root()) == (size, grown(leaves)[0].root())


def test_a_proof_reads_few_hashes_however_large_the_tree():
    size = 10**12 + 12345
    for index in (0, 1, size // 3, size - 1):
        spans = merkle.inclusion_spans(index, size) + merkle.consistency_spans(index + 1, size)
        assert sum(len(list(merkle.subtrees(*span))) for span in spans) < 160


@pytest.mark.parametrize(("index", "size"), [(-1, 1), (1, 1), (0, 0)])
def test_there_is_no_proof_of_what_is_not_there(index, size):
    with pytest.raises(ValueError, match="no such leaf"):
        merkle.inclusion_spans(index, size)
    assert not merkle.proves_inclusion(leaf=b"", index=index, size=size, path=[], root=b"")
    with pytest.raises(ValueError, match="first size"):
        merkle.consistency_spans(size + 1, size)
