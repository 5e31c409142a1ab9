"""A framework as it is read from a file or written to one, whatever its format, and what must hold of it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import NAMESPACE_URL, uuid5

#: CASE's word for the tie of an item to its parent, or to the framework itself.
CHILD = "isChildOf"
#: How many faults of one file are told at most: a person mends some and tries again.
MOST_FAULTS = 100
LONGEST_CODE, LONGEST_TITLE, LONGEST_TEXT = 100, 1_000, 20_000


@dataclass(frozen=True)
class Fault:
    """What is wrong with one place of a file: ``item`` is how the file calls it, ``field`` the field that is to blame."""

    item: str
    field: str
    code: str
    th: str
    en: str


@dataclass(frozen=True, kw_only=True)
class Item:
    """One outcome; its texts are None where no source is attached.

    ``parent`` is the code of another item of the framework, ``position`` its place in the file.  ``more`` is what a CASE
    package says of it that has no field here, kept so that it is given out as it came; ``changed`` when its publisher
    changed it last, an ISO 8601 moment, where that is told.
    """

    id: str
    code: str
    text_th: str | None = None
    text_en: str | None = None
    description_th: str | None = None
    description_en: str | None = None
    level: int | None = None
    kind: str | None = None
    area: str | None = None
    grade: str | None = None
    parent: str | None = None
    note_th: str | None = None
    note_en: str | None = None
    source: str | None = None
    evidence: str | None = None
    uri: str | None = None
    position: int | None = None
    changed: str | None = None
    retired: str | None = None
    more: Mapping[str, Any] | None = None


@dataclass(frozen=True, kw_only=True)
class Tie:
    """A typed tie; an end of ours is an id (of an item, or of the framework itself), a foreign one an address."""

    id: str
    kind: str
    origin_id: str | None = None
    origin_uri: str | None = None
    origin_title: str | None = None
    target_id: str | None = None
    target_uri: str | None = None
    target_title: str | None = None
    position: int | None = None
    source: str | None = None
    more: Mapping[str, Any] | None = None


@dataclass(frozen=True, kw_only=True)
class Framework:
    """A published list of outcomes with their ties, hierarchy included."""

    id: str
    code: str
    title_th: str
    source: str
    evidence: str
    title_en: str | None = None
    version: str | None = None
    uri: str | None = None
    publisher: str | None = None
    language: str | None = None
    status: str | None = None
    changed: str | None = None
    more: Mapping[str, Any] | None = None
    items: tuple[Item, ...] = field(default=(), repr=False)
    ties: tuple[Tie, ...] = field(default=(), repr=False)


def tie_id(kind: str, origin: str, target: str) -> str:
    """Return the id of a tie of our own making: the same wherever the same is tied to the same."""
    return str(uuid5(NAMESPACE_URL, f"urn:creditbank:tie:{kind}:{origin}:{target}"))


def with_hierarchy(framework: Framework) -> Framework:
    """Return a framework whose items hang on their parents, and else on the framework itself, by ties of our own."""
    ids = {item.code: item.id for item in framework.items}
    hierarchy = []
    for item in framework.items:
        above = ids.get(item.parent, framework.id) if item.parent is not None else framework.id
        made = tie_id(CHILD, item.id, above)
        hierarchy.append(Tie(id=made, kind=CHILD, origin_id=item.id, target_id=above, position=item.position))
    return replace(framework, ties=(*hierarchy, *framework.ties))


def faults(framework: Framework, called: Mapping[str, str] | None = None) -> list[Fault]:
    """Return what is wrong with a framework as a whole: codes twice, parents that are missing, items below themselves.

    ``called`` is how the file calls an item, by its id; its code where it says nothing.
    """
    names = called or {}
    found: list[Fault] = []
    seen: dict[str, str] = {}
    for item in framework.items:
        name = names.get(item.id, item.code)
        if item.code in seen:
            found.append(Fault(name, "code", "duplicate", "รหัสนี้ซ้ำกับรายการก่อนหน้า", "An earlier item has this code."))
        seen.setdefault(item.code, item.id)
    for item in framework.items:
        name = names.get(item.id, item.code)
        if item.parent is not None and item.parent not in seen:
            found.append(
                Fault(
                    name,
                    "parent",
                    "parent_missing",
                    "ไม่มีรายการแม่รหัสนี้ในไฟล์",
                    "The file has no item with this code as its parent.",
                )
            )
    turning = in_cycles(_edges(framework))
    for here in (framework.id, *(item.id for item in framework.items)):
        if here in turning:
            th, en = "รายการนี้อยู่ใต้ตัวเอง (วนเป็นวง)", "This item stands below itself (a cycle)."
            found.append(Fault(names.get(here, here), "parent", "cycle", th, en))
    return found


def _edges(framework: Framework) -> Iterator[tuple[str, str]]:
    """Yield who hangs on whom: by the ties, and by parents where no tie says so."""
    for tie in framework.ties:
        if tie.kind == CHILD and tie.origin_id is not None and tie.target_id is not None:
            yield tie.origin_id, tie.target_id
    ids = {item.code: item.id for item in framework.items}
    for item in framework.items:
        if item.parent in ids:
            yield item.id, ids[item.parent]


def in_cycles(edges: Iterable[tuple[str, str]]) -> set[str]:
    """Return the nodes that reach themselves: what remains when leaves and roots are taken away again and again."""
    below: dict[str, set[str]] = {}
    for lower, upper in edges:
        below.setdefault(lower, set()).add(upper)
        below.setdefault(upper, set())
    for _ in range(2):  # once from the roots down, once from the leaves up
        below = _without_roots(below)
        turned: dict[str, set[str]] = {node: set() for node in below}
        for lower, uppers in below.items():
            for upper in uppers:
                turned[upper].add(lower)
        below = turned
    return set(below)


def _without_roots(above: Mapping[str, set[str]]) -> dict[str, set[str]]:
    left = {node: set(uppers) for node, uppers in above.items()}
    hangs_on: dict[str, list[str]] = {}
    for node, uppers in left.items():
        for upper in uppers:
            hangs_on.setdefault(upper, []).append(node)
    free = [node for node, uppers in left.items() if not uppers]
    while free:
        root = free.pop()
        del left[root]
        for node in hangs_on.get(root, ()):
            left[node].discard(root)
            if not left[node]:
                free.append(node)
    return left
