"""One framework as a tree that fits on a page: whole where it is small, else one area or level, or what is looked for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from creditbank_plugin.errors import not_found
from creditbank_plugin.rules.catalogue import reading_order
from creditbank_plugin.rules.whole import whole
from creditbank_plugin.services.catalogue.frameworks import spelled
from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.storage.base import Stored
from creditbank_plugin.storage.queries import frameworks
from creditbank_plugin.storage.session import reading

#: Frameworks of so many items are shown whole; no more than `MOST` are shown at once.
SMALL, MOST, FOUND = 120, 1000, 200
#: What stands deeper is shown on this level: others' packages nest as they like, and a page is drawn level in level.
DEEPEST = 12
AREA, LEVEL = "area", "level"


@dataclass
class Node:
    """An item with those below it."""

    item: Stored
    below: "list[Node]" = field(default_factory=list)


@dataclass(frozen=True)
class Group:
    """An area or level with how many items it holds; ``name`` is None for those without one."""

    name: Any
    number: int


@dataclass(frozen=True)
class Tree:
    """What is shown: ``grouping`` is `AREA` or `LEVEL`, ``group`` the chosen one where ``chosen``; ``more``: not all is."""

    grouping: str
    groups: Sequence[Group]
    chosen: bool
    group: Any
    roots: Sequence[Node]
    found: Sequence[Stored]
    more: bool


def tree(runtime: Runtime, framework_id: str, *, search: str | None = None, group: str | None = None) -> Tree:
    """Return a framework's items as its page shows them.

    ``group`` is the number of one of the groups, from 0; ``Refused`` (404) where there is none such.
    """
    words = spelled(search)
    with reading(runtime.engine) as connection:
        grouping, groups = _groups(frameworks.groups(connection, framework_id))
        if words:
            rows = frameworks.standing(connection, framework_id, FOUND + 1, words=words, grouping=None, group=None)
            return Tree(grouping, groups, False, None, (), _sorted(rows[:FOUND]), len(rows) > FOUND)
        chosen = _chosen(groups, group)
        small = sum(each.number for each in groups) <= SMALL or len(groups) < 2
        if chosen is None and not small:
            return Tree(grouping, groups, False, None, (), (), False)
        rows = frameworks.standing(
            connection,
            framework_id,
            MOST + 1,
            words=None,
            grouping=grouping if chosen is not None else None,
            group=chosen.name if chosen is not None else None,
        )
    name = chosen.name if chosen is not None else None
    return Tree(grouping, groups, chosen is not None, name, _nested(rows[:MOST]), (), len(rows) > MOST)


def _groups(rows: Sequence[Stored]) -> tuple[str, list[Group]]:
    grouping = AREA if any(row.area is not None for row in rows) else LEVEL
    numbers: dict[Any, int] = {}
    for row in rows:
        name = row.area if grouping == AREA else row.level
        numbers[name] = numbers.get(name, 0) + row.number
    order = sorted(numbers, key=lambda name: (name is None, reading_order(str(name))))
    return grouping, [Group(name, numbers[name]) for name in order]


def _chosen(groups: Sequence[Group], told: str | None) -> Group | None:
    if told is None:
        return None
    place = whole(told, 5)
    if place is None or place >= len(groups):
        raise not_found()
    return groups[place]


def _nested(rows: Sequence[Stored]) -> list[Node]:
    nodes = {row.code: Node(row) for row in rows}
    roots: list[Node] = []
    for row in _sorted(rows):
        above = _above(row, nodes)
        (above.below if above is not None else roots).append(nodes[row.code])
    return roots


def _above(row: Stored, nodes: Mapping[str, Node]) -> Node | None:
    """Return the node that a row is shown below: its parent, or where that stands too deep one further up."""
    line: list[Node] = []
    above = nodes.get(row.parent_code) if row.parent_code is not None else None
    while above is not None and len(line) < len(nodes):
        line.append(above)
        parent = above.item.parent_code
        above = nodes.get(parent) if parent is not None else None
    return line[max(0, len(line) - DEEPEST)] if line else None


def _sorted(rows: Sequence[Stored]) -> list[Stored]:
    return sorted(rows, key=lambda row: reading_order(row.code))
