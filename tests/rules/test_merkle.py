"""Merkle trees as RFC 6962 builds them: the known vectors, and proofs that hold for their leaf alone."""

import hashlib
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from creditbank_plugin.rules.merkle import EMPTY, Path, Tree, leaf_hash, node_hash, root_of

#: Leaves, roots over the first n of them, and audit paths: the vectors of Certificate Transparency's own tests.
LEAVES = [
    bytes.fromhex(each)
    for each in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
PATHS = [
    (0, 1, []),
    (
        *(0, 8),
        [
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ],
    ),
    (
        *(5, 8),
        [
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ],
    ),
    (2, 3, ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"]),
    (
        *(1, 5),
        [
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        ],
    ),
]


def tree_of(leaves: list[bytes], follow: int | None = None) -> Tree:
    made = Tree()
    for place, leaf in enumerate(leaves):
        made.add(leaf, follow=place == follow)
    return made


def as_the_rfc_says(leaves: list[bytes]) -> bytes:
    """Section 2.1, word by word."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaf_hash(leaves[0])
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return node_hash(as_the_rfc_says(leaves[:k]), as_the_rfc_says(leaves[k:]))


@pytest.mark.parametrize("size", range(len(ROOTS)))
def test_the_known_roots(size: int) -> None:
    assert tree_of(LEAVES[:size]).root().hex() == ROOTS[size]


@pytest.mark.parametrize(("index", "size", "hashes"), PATHS)
def test_the_known_paths(index: int, size: int, hashes: list[str]) -> None:
    path = tree_of(LEAVES[:size], follow=index).path()
    assert path == Path(index, tuple(bytes.fromhex(each) for each in hashes))
    assert root_of(LEAVES[index], path, size).hex() == ROOTS[size]


def test_a_leaf_is_no_node_and_nothing_is_a_root_of_its_own() -> None:
    assert tree_of([]).root() == EMPTY
    assert tree_of([b"a", b"b"]).root() != tree_of([leaf_hash(b"a") + leaf_hash(b"b")]).root()
    assert tree_of(LEAVES).path() is None


@given(st.lists(st.binary(max_size=4), max_size=70))
def test_streaming_gives_the_root_of_the_rfc(leaves: list[bytes]) -> None:
    grown = Tree()
    for size, leaf in enumerate(leaves, start=1):
        grown.add(leaf)
        if size % 7 == 0:
            assert grown.root() == as_the_rfc_says(leaves[:size]), "asking does not disturb it"
    assert grown.root() == as_the_rfc_says(leaves)
    assert grown.size == len(leaves)


@given(st.data(), st.integers(1, 70))
def test_a_proof_holds_for_its_leaf_and_no_other(data: st.DataObject, size: int) -> None:
    leaves = [b"%d" % place for place in range(size)]
    index = data.draw(st.integers(0, size - 1))
    tree = tree_of(leaves, follow=index)
    path, root = tree.path(), tree.root()
    assert path is not None
    assert root_of(leaves[index], path, size) == root
    for place, other in enumerate(leaves):
        assert place == index or root_of(other, path, size) != root
        assert place == index or root_of(leaves[index], replace(path, index=place), size) != root
    changed = data.draw(st.binary(min_size=1, max_size=8))
    assert changed == leaves[index] or root_of(changed, path, size) != root
    for place, each in enumerate(path.hashes):
        bent = (*path.hashes[:place], bytes([each[0] ^ 1]) + each[1:], *path.hashes[place + 1 :])
        assert root_of(leaves[index], replace(path, hashes=bent), size) != root


@given(st.integers(1, 70), st.integers(-3, 80), st.integers(0, 9))
def test_a_path_of_the_wrong_length_or_place_leads_nowhere(size: int, index: int, length: int) -> None:
    right = tree_of([b"x"] * size, follow=index).path()
    if right is None or len(right.hashes) != length:
        assert root_of(b"x", Path(index, (bytes(32),) * length), size) is None


@given(st.lists(st.binary(max_size=4), max_size=20), st.lists(st.binary(max_size=4), max_size=20))
def test_a_copy_grows_on_by_itself(first: list[bytes], more: list[bytes]) -> None:
    tree = tree_of(first)
    copy = tree.copy()
    for leaf in more:
        copy.add(leaf)
    assert tree.root() == as_the_rfc_says(first)
    assert copy.root() == as_the_rfc_says(first + more)
