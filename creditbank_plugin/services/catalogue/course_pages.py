"""Lists of courses a page at a time: in the order of their codes, or best first for words that are looked for."""

import json
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import date

from creditbank_plugin.formats import strict_json
from creditbank_plugin.rules import thai
from creditbank_plugin.rules.whole import whole
from creditbank_plugin.services.catalogue import course_search
from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.services.views import Page
from creditbank_plugin.storage.base import Stored
from creditbank_plugin.storage.queries import course_list
from creditbank_plugin.storage.session import reading

#: How many of the best are looked at: whoever has not found it by then asks more precisely.
DEEPEST = 1000
#: So many courses are weighed one by one.
_FEW = 1000


@dataclass(frozen=True)
class Filter:
    """What a list is limited to.

    ``wanted``: values of ``owner, province, level_group, sector, occupational_group, agency, delivery``.  ``counts``:
    those with a comparison in force today, or those without.  ``bank``: those that this bank has adopted.
    """

    wanted: Mapping[str, str] = field(default_factory=dict)
    counts: bool | None = None
    bank: str | None = None

    @property
    def by_authority(self) -> bool:
        """Tell whether comparisons and orders are asked about, and not only the course itself."""
        return self.counts is not None or self.bank is not None


def page(
    runtime: Runtime, asked: Filter, words: str | None = None, *, after: str | None = None, limit: int = 50
) -> Page[Stored]:
    """Return a page of the catalogue, rows with their owner's name; ``after`` is `Page.next` of the page before.

    Without ``words`` in the order of code, version and owner, so that nothing is missed or told twice while others
    enter courses; with them the best first, at most `DEEPEST` in all.  Nothing for an ``after`` of another list.
    """
    words = thai.normalise(words or "")
    today = runtime.today()
    if words:
        return _best(runtime, asked, words, today, after, limit)
    key = _key(after) if after is not None else None
    if after is not None and key is None:
        return Page((), None)
    with reading(runtime.engine) as connection:
        rows = course_list.page(
            connection, asked.wanted, day=today, counts=asked.counts, bank=asked.bank, after=key, limit=limit + 1
        )
    last = rows[limit - 1] if len(rows) > limit else None
    place = json.dumps([last.owner_code, last.code, last.version]) if last is not None else None
    return Page(rows[:limit], place)


@dataclass(frozen=True)
class Marks:
    """Of the courses of a page: those that have a comparison in force today, and those that a bank has adopted."""

    counting: Set[str]
    at_bank: Set[str]


def marks(runtime: Runtime, ids: Sequence[str], bank: str | None) -> Marks:
    """Return which of the courses count today, and of them which at ``bank``."""
    today = runtime.today()
    with reading(runtime.engine) as connection:
        counting = course_list.limited(connection, ids, day=today, counts=True)
        at_bank = course_list.limited(connection, counting, day=today, bank=bank) if bank is not None else set()
    return Marks(counting, at_bank)


def choices(runtime: Runtime, name: str) -> list[str]:
    """Return the values that courses have of a filter, for a form to offer."""
    with reading(runtime.engine) as connection:
        return course_list.choices(connection, name)


def _best(runtime: Runtime, asked: Filter, words: str, today: date, after: str | None, limit: int) -> Page[Stored]:
    start = whole(after, 5) if after is not None else 0
    if start is None:
        return Page((), None)
    end = min(start + limit + 1, DEEPEST)
    few = _few(runtime, asked, today)
    if few is not None or not asked.by_authority:
        found = course_search.ids(runtime, words, asked.wanted, end, few) if few != [] else []
    else:
        found = _fitting(runtime, asked, words, today, end)
    with reading(runtime.engine) as connection:
        rows = course_list.named(connection, found[start : start + limit])
    items = [rows[each] for each in found[start : start + limit] if each in rows]
    return Page(items, str(start + limit) if len(found) > start + limit else None)


def _few(runtime: Runtime, asked: Filter, today: date) -> list[str] | None:
    """Return the courses that comparisons and orders leave to choose from, where they are few; else None."""
    if not asked.counts and asked.bank is None:
        return None
    with reading(runtime.engine) as connection:
        found = course_list.counting(connection, day=today, bank=asked.bank, limit=_FEW + 1)
    return found if len(found) <= _FEW else None


def _fitting(runtime: Runtime, asked: Filter, words: str, today: date, wanted: int) -> list[str]:
    """Return the best courses that comparisons and orders leave, where those are many: of the best, then of more."""
    fitting: list[str] = []
    for depth in (4 * wanted, DEEPEST):
        found = course_search.ids(runtime, words, asked.wanted, min(depth, DEEPEST))
        with reading(runtime.engine) as connection:
            fits = course_list.limited(connection, found, day=today, counts=asked.counts, bank=asked.bank)
        fitting = [each for each in found if each in fits]
        if len(fitting) >= wanted or len(found) < depth:
            break
    return fitting


def _key(after: str) -> tuple[str, str, str] | None:
    try:
        told = strict_json.loads(after.encode())
    except ValueError:
        return None
    if not isinstance(told, list) or len(told) != 3 or not all(isinstance(part, str) for part in told):
        return None
    owner, code, version = told
    return owner, code, version
