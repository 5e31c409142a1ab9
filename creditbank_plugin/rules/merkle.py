"""Merkle trees as RFC 6962 (section 2.1) builds them: SHA-256, 0x00 before a leaf, 0x01 before a node.

The leaves are streamed: a tree keeps one hash a level, whatever its size.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

#: The root of a tree without leaves.
EMPTY = hashlib.sha256(b"").digest()


@dataclass(frozen=True)
class Path:
    """The audit path of one leaf: its place among the leaves (from 0), and the hashes beside its way up, lowest first."""

    index: int
    hashes: tuple[bytes, ...]


def leaf_hash(leaf: bytes) -> bytes:
    """Return the hash of a leaf."""
    return hashlib.sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of the node above two others."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Tree:
    """A tree that grows leaf by leaf; it can follow one of them upwards, to prove that it is there."""

    def __init__(self) -> None:
        self.size = 0
        # The whole subtrees so far, largest first: the hash of each, and whether the followed leaf is in it.
        self._whole: list[tuple[bytes, bool]] = []
        self._index: int | None = None
        self._path: list[bytes] = []

    def add(self, leaf: bytes, *, follow: bool = False) -> None:
        """Put a leaf behind the others; ``follow`` the one that `path` is to tell of."""
        if follow:
            self._index, self._path = self.size, []
        node, followed = leaf_hash(leaf), follow
        size = self.size
        while size & 1:
            node, followed = self._above(self._whole.pop(), (node, followed), self._path)
            size >>= 1
        self._whole.append((node, followed))
        self.size += 1

    def root(self) -> bytes:
        """Return the root over the leaves so far."""
        return self._fold([])

    def path(self) -> Path | None:
        """Return the audit path of the followed leaf in the tree so far; None where none is followed."""
        if self._index is None:
            return None
        path = list(self._path)
        self._fold(path)
        return Path(self._index, tuple(path))

    def copy(self) -> "Tree":
        """Return a tree of the same leaves that grows on by itself."""
        made = Tree()
        made.size, made._whole, made._index, made._path = self.size, list(self._whole), self._index, list(self._path)
        return made

    def _fold(self, path: list[bytes]) -> bytes:
        """Return the root; what stands beside the followed leaf on the way is added to ``path``."""
        if not self._whole:
            return EMPTY
        *left, right = self._whole
        for each in reversed(left):
            right = self._above(each, right, path)
        return right[0]

    @staticmethod
    def _above(left: tuple[bytes, bool], right: tuple[bytes, bool], path: list[bytes]) -> tuple[bytes, bool]:
        if right[1]:
            path.append(left[0])
        elif left[1]:
            path.append(right[0])
        return node_hash(left[0], right[0]), left[1] or right[1]


def root_of(leaf: bytes, path: Path, size: int) -> bytes | None:
    """Return the root that ``leaf`` and its path lead to in a tree of ``size`` leaves (RFC 9162, section 2.1.3.2).

    None when a path of this length cannot be of this place in such a tree.
    """
    return _climb(leaf_hash(leaf), path.index, size - 1, path.hashes)


def _climb(node: bytes, place: int, last: int, hashes: Sequence[bytes]) -> bytes | None:
    """Go up a level a hash; ``place`` is that of the node on its level, ``last`` that of the level's last."""
    if not 0 <= place <= last:
        return None
    for beside in hashes:
        if last == 0:
            return None
        if place & 1 or place == last:
            node = node_hash(beside, node)
            while place and not place & 1:  # alone at the end of its level: it goes up as it is
                place, last = place >> 1, last >> 1
        else:
            node = node_hash(node, beside)
        place, last = place >> 1, last >> 1
    return node if last == 0 else None
