"""The frameworks that comparisons point into, and their items."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from creditbank_plugin.errors import not_found
from creditbank_plugin.reference import frameworks as shipped
from creditbank_plugin.rules import thai
from creditbank_plugin.rules.catalogue import reading_order
from creditbank_plugin.rules.framework import Framework, Item, Tie, tie_id, with_hierarchy
from creditbank_plugin.rules.framework_edition import edition
from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.services.views import Page, page_of
from creditbank_plugin.storage.base import Stored, is_uuid
from creditbank_plugin.storage.queries import framework_writes, frameworks, generations
from creditbank_plugin.storage.session import reading, writing

#: Who loads what is shipped.  A framework that somebody else has loaded an edition of since is left alone.
SHIPPED = "system:shipped"


def load_frameworks(runtime: Runtime, carried: Iterable[shipped.Framework] | None = None) -> int:
    """Bring the shipped frameworks into the database, also what they now say otherwise; return how many items are new.

    Ids are stable.  What a person has imported over a shipped framework stays.
    """
    new = 0
    for each in carried if carried is not None else shipped.frameworks():
        wanted = _as_value(each)
        with reading(runtime.engine) as connection:
            if _is_anothers(frameworks.by_id(connection, each.id)):
                continue
            if edition(frameworks.stored(connection, each.id), wanted).says_nothing_new:
                continue
        with writing(runtime.engine) as connection:
            generations.hold(connection, generations.ITEMS)
            change = edition(frameworks.stored(connection, each.id), wanted)
            if not change.says_nothing_new:
                generation = generations.raise_to_next(connection, generations.ITEMS)
                framework_writes.load(connection, change, generation=generation, now=runtime.clock(), by=SHIPPED)
            new += len(change.new)
    return new


def _is_anothers(row: Stored | None) -> bool:
    return row is not None and row.changed_by not in (None, SHIPPED)


def _as_value(each: shipped.Framework) -> Framework:
    names = ("id", "code", "text_th", "text_en", "level", "kind", "area", "grade", "parent", "source", "evidence")
    notes = ("note_th", "note_en", "description_th")
    items = tuple(
        Item(**{name: getattr(item, name) for name in (*names, *notes)}, position=place)
        for place, item in enumerate(each.items, start=1)
    )
    about = ("id", "code", "title_th", "title_en", "version", "source", "evidence", "publisher")
    made = Framework(**{name: getattr(each, name) for name in about}, language="th", items=items)
    return with_hierarchy(Framework(**{**vars(made), "ties": tuple(map(_tie, shipped.ties(each.code)))}))


def _tie(told: shipped.Tie) -> Tie:
    """Return a shipped tie as it is kept: what a person should know of it is said in CASE's own notes."""
    origin, target = (shipped.stable_id(*end) for end in (told.origin, told.target))
    notes: dict[str, Any] = {}
    if told.note_th is not None:
        notes = {
            "notes": f"{told.note_th} / {told.note_en}",
            "extensions": {"creditbank": {"note_th": told.note_th, "note_en": told.note_en}},
        }
    return Tie(
        id=tie_id(told.kind, origin, target),
        kind=told.kind,
        origin_id=origin,
        target_id=target,
        source=told.source,
        more=notes or None,
    )


def items(
    runtime: Runtime,
    search: str | None = None,
    framework: str | None = None,
    limit: int = 50,
    ids: Iterable[str] | None = None,
) -> Sequence[Stored]:
    """Return outcomes whose code or text holds ``search``, with their framework, in the order of their codes."""
    with reading(runtime.engine) as connection:
        rows = frameworks.items(connection, words=spelled(search), framework=framework, ids=ids, limit=limit)
    return sorted(rows, key=lambda row: (row.framework_code, reading_order(row.code)))


def spelled(search: str | None) -> str | None:
    """Return what somebody looks for in the spelling that is stored; None for nothing."""
    return thai.normalise(thai.digits(search)) or None if search else None


def all_frameworks(runtime: Runtime) -> Sequence[Stored]:
    """Return every framework."""
    with reading(runtime.engine) as connection:
        return frameworks.frameworks(connection)


@dataclass(frozen=True)
class Counted:
    """A framework with the number of its standing items, of those among them without a sourced text, and of retired ones."""

    framework: Stored
    items: int
    without_text: int
    retired: int


def counted(runtime: Runtime) -> list[Counted]:
    """Return every framework with its numbers."""
    with reading(runtime.engine) as connection:
        numbers = frameworks.counts(connection)
        return [_counted(row, numbers) for row in frameworks.frameworks(connection)]


def page(runtime: Runtime, *, after: str | None = None, limit: int = 50) -> Page[Counted]:
    """Return frameworks with their numbers in the order of their codes, those after the code ``after``."""
    with reading(runtime.engine) as connection:
        found = frameworks.frameworks(connection, after=after, limit=limit + 1)
        numbers = frameworks.counts(connection)
    return Page(
        [_counted(row, numbers) for row in found[:limit]], found[limit - 1].code if len(found) > limit else None
    )


def _counted(row: Stored, numbers: dict[str, Stored]) -> Counted:
    found = numbers.get(row.id)
    if found is None:
        return Counted(row, 0, 0, 0)
    return Counted(row, int(found.items), int(found.without_text), int(found.retired))


def one(runtime: Runtime, code_or_id: str) -> Counted:
    """Return one framework by its code or id; ``Refused`` (404)."""
    with reading(runtime.engine) as connection:
        row = frameworks.find(connection, code_or_id)
        if row is None:
            raise not_found()
        return _counted(row, frameworks.counts(connection))


def page_of_items(
    runtime: Runtime, code_or_id: str, *, limit: int, search: str | None = None, **filters: Any
) -> Page[Stored]:
    """Return items of a framework in the order of their ids; ``filters`` as `queries.frameworks.page_of_items` has them."""
    with reading(runtime.engine) as connection:
        row = frameworks.find(connection, code_or_id)
        if row is None:
            raise not_found()
        found = frameworks.page_of_items(connection, row.id, words=spelled(search), limit=limit + 1, **filters)
    return page_of(found, limit)


def whole(runtime: Runtime, code_or_id: str) -> Framework:
    """Return a framework with all its items and ties; ``Refused`` (404)."""
    with reading(runtime.engine) as connection:
        row = frameworks.find(connection, code_or_id)
        found = frameworks.stored(connection, row.id) if row is not None else None
    if found is None:
        raise not_found()
    return found


@dataclass(frozen=True)
class Link:
    """A tie as its item's page shows it: ``other`` is the row of the item at the other end, None for a foreign one."""

    kind: str
    outward: bool
    other: Stored | None
    title: str | None
    uri: str | None
    source: str | None
    note_th: str | None
    note_en: str | None


@dataclass(frozen=True)
class Found:
    """An item with its framework, its ties but for the hierarchy, what stands above and below it, and who yields it."""

    item: Stored
    framework: Stored
    above: Sequence[Stored]
    below: Sequence[Stored]
    links: Sequence[Link]
    comparisons: Sequence[Stored]


def item(runtime: Runtime, item_id: str) -> Found:
    """Return an item with everything that a person looks for beside it; ``Refused`` (404)."""
    if not is_uuid(item_id):
        raise not_found()
    with reading(runtime.engine) as connection:
        row = frameworks.items_by_id(connection, [item_id]).get(item_id.lower())
        framework = frameworks.by_id(connection, row.framework_id) if row is not None else None
        if row is None or framework is None:
            raise not_found()
        ties = frameworks.ties_of_item(connection, row.id)
        others = frameworks.held(connection, _other_ends(ties, row.id))
        return Found(
            item=row,
            framework=framework,
            above=_ends(ties, others, row.id, above=True),
            below=sorted(_ends(ties, others, row.id, above=False), key=lambda each: reading_order(each.code)),
            links=[_link(tie, others, row.id) for tie in ties if tie.kind != "isChildOf"],
            comparisons=frameworks.comparisons_of(connection, row.id),
        )


def _other_ends(ties: Sequence[Stored], item_id: str) -> set[str]:
    return {end for tie in ties for end in (tie.origin_id, tie.target_id) if end is not None} - {item_id}


def _ends(ties: Sequence[Stored], others: dict[str, Stored], item_id: str, *, above: bool) -> list[Stored]:
    near, far = ("origin_id", "target_id") if above else ("target_id", "origin_id")
    found = [others.get(getattr(tie, far)) for tie in ties if tie.kind == "isChildOf" and getattr(tie, near) == item_id]
    return [each for each in found if each is not None]


def _link(tie: Stored, others: dict[str, Stored], item_id: str) -> Link:
    outward = bool(tie.origin_id == item_id)
    end = "target" if outward else "origin"
    ours = ((tie.case_more or {}).get("extensions") or {}).get("creditbank") or {}
    notes = (tie.case_more or {}).get("notes")
    return Link(
        kind=tie.kind,
        outward=outward,
        other=others.get(getattr(tie, f"{end}_id")),
        title=getattr(tie, f"{end}_title"),
        uri=getattr(tie, f"{end}_uri"),
        source=tie.source,
        note_th=ours.get("note_th") or notes,
        note_en=ours.get("note_en"),
    )
