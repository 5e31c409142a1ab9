"""What a new edition of a framework would change: pure, so that a preview says what loading it then does."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields, replace

from creditbank_plugin.rules.framework import CHILD, Framework, Item, Tie

#: What an item says; its place, when it was changed and whether it is retired stand beside that.
CONTENT = tuple(field.name for field in fields(Item) if field.name not in ("id", "position", "changed", "retired"))
#: What a framework says of itself.
ABOUT = tuple(field.name for field in fields(Framework) if field.name not in ("id", "changed", "items", "ties"))


@dataclass(frozen=True)
class Change:
    """An item that says something else than before: ``fields`` are the names of what differs."""

    before: Item
    after: Item
    fields: tuple[str, ...]


@dataclass(frozen=True)
class Edition:
    """The difference between what is stored and a file; nothing of it has happened yet.

    ``returned`` are items that were retired and stand in the file again, ``renamed`` retired ones that give up their code
    to another item of the file; ``moved`` have only another place.
    """

    framework: Framework
    before: Framework | None
    about: tuple[str, ...]
    new: tuple[Item, ...]
    changed: tuple[Change, ...]
    returned: tuple[Item, ...]
    moved: tuple[Item, ...]
    retired: tuple[Item, ...]
    renamed: Mapping[str, str]
    new_ties: tuple[Tie, ...]
    changed_ties: tuple[Tie, ...]
    lost_ties: tuple[str, ...]
    unchanged: int

    @property
    def says_nothing_new(self) -> bool:
        """Tell whether loading it would change no row."""
        differs = (self.new, self.changed, self.returned, self.moved, self.retired, self.new_ties, self.changed_ties)
        return self.before is not None and not (self.about or self.lost_ties or any(differs))


def edition(before: Framework | None, after: Framework, told: Collection[str] | None = None) -> Edition:
    """Compare a framework with what is stored.

    ``told`` names the fields of items that the file has at all: what it does not speak of stays as it is, and so do ties
    other than the hierarchy.  None: the file says everything.
    """
    if before is not None and told is not None:
        after = _completed(before, after, told)
    had = {item.id: item for item in before.items} if before is not None else {}
    has = {item.id: item for item in after.items}
    new, changed, returned, moved, unchanged = [], [], [], [], 0
    for item in after.items:
        old = had.get(item.id)
        if old is None:
            new.append(item)
            continue
        differs = tuple(name for name in CONTENT if getattr(old, name) != getattr(item, name))
        if differs:
            changed.append(Change(old, item, differs))
        elif old.retired is not None and item.retired is None:
            returned.append(item)
        else:
            unchanged += 1
            if old.position != item.position:
                moved.append(item)
    gone = [item for item in had.values() if item.id not in has]
    retired = tuple(item for item in gone if item.retired is None)
    new_ties, changed_ties, lost = _ties(before, after, {item.id for item in gone}, whole=told is None)
    return Edition(
        framework=after,
        before=before,
        about=tuple(name for name in ABOUT if before is None or getattr(before, name) != getattr(after, name)),
        new=tuple(new),
        changed=tuple(changed),
        returned=tuple(returned),
        moved=tuple(moved),
        retired=retired,
        renamed=_renamed(gone, {item.code for item in (*after.items, *had.values())}, has.values()),
        new_ties=new_ties,
        changed_ties=changed_ties,
        lost_ties=lost,
        unchanged=unchanged,
    )


def _completed(before: Framework, after: Framework, told: Collection[str]) -> Framework:
    had = {item.id: item for item in before.items}
    kept = [name for name in CONTENT if name not in told and name != "code"]
    items = tuple(
        replace(item, **{name: getattr(had[item.id], name) for name in kept}) if item.id in had else item
        for item in after.items
    )
    return replace(after, items=items)


def _ties(
    before: Framework | None, after: Framework, gone: set[str], *, whole: bool
) -> tuple[tuple[Tie, ...], tuple[Tie, ...], tuple[str, ...]]:
    had = {tie.id: tie for tie in before.ties} if before is not None else {}
    has = {tie.id for tie in after.ties}
    new = tuple(tie for tie in after.ties if tie.id not in had)
    changed = tuple(tie for tie in after.ties if tie.id in had and had[tie.id] != tie)
    lost = tuple(
        tie.id
        for tie in had.values()
        if tie.id not in has and tie.origin_id not in gone and (whole or tie.kind == CHILD)
    )
    return new, changed, lost


def _renamed(gone: list[Item], taken: set[str], has: Collection[Item]) -> dict[str, str]:
    """Return new codes for items that are gone and whose code an item of the file has: a code names one item."""
    codes = {item.code for item in has}
    found: dict[str, str] = {}
    for item in gone:
        if item.code in codes:
            number = 1
            while (code := f"{item.code[:88]} (เดิม {number})") in taken:
                number += 1
            taken.add(code)
            found[item.id] = code
    return found
