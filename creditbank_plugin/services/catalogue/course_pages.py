"""Lists of courses a page at a time: in the order of their codes, or best first for words that are looked for."""

import json
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import date

from creditbank_plugin.errors import Refused
from creditbank_plugin.formats import strict_json
from creditbank_plugin.rules import thai
from creditbank_plugin.rules.course import LEVEL_GROUPS, SECTORS
from creditbank_plugin.services.catalogue import course_search
from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.storage.base import Stored
from creditbank_plugin.storage.queries import course_list
from creditbank_plugin.storage.session import reading

#: How many of the best are looked at: whoever has not found it by then asks more precisely.
DEEPEST = 1000
#: So many courses are weighed one by one.
_FEW = 1000
_CLOSED = {"level_group": LEVEL_GROUPS, "sector": SECTORS}


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


@dataclass(frozen=True)
class CoursePage:
    """Rows of the catalogue with their owner's name, and the place of the following page, None at the end."""

    items: Sequence[Stored]
    next: str | None


def page(
    runtime: Runtime, asked: Filter, words: str | None = None, *, after: str | None = None, limit: int = 50
) -> CoursePage:
    """Return a page of the catalogue; ``after`` is `CoursePage.next` of the page before.

    Without ``words`` in the order of code, version and owner, so that nothing is missed or told twice while others
    enter courses; with them the best first, at most `DEEPEST` in all.  ``Refused`` names a filter that can fit nothing
    (``parameter_invalid``, 400) or an ``after`` of another list.
    """
    for name, closed in _CLOSED.items():
        if asked.wanted.get(name, closed[0]) not in closed:
            raise _bad(name, f"ต้องเป็นค่าใดค่าหนึ่งใน: {', '.join(closed)}", f"must be one of: {', '.join(closed)}")
    words = thai.normalise(words or "")
    today = runtime.today()
    if words:
        return _best(runtime, asked, words, today, after, limit)
    key = _key(after)
    with reading(runtime.engine) as connection:
        rows = course_list.page(
            connection, asked.wanted, day=today, counts=asked.counts, bank=asked.bank, after=key, limit=limit + 1
        )
    last = rows[limit - 1] if len(rows) > limit else None
    place = json.dumps([last.owner_code, last.code, last.version]) if last is not None else None
    return CoursePage(rows[:limit], place)


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


def _best(runtime: Runtime, asked: Filter, words: str, today: date, after: str | None, limit: int) -> CoursePage:
    start = _number(after)
    end = min(start + limit + 1, DEEPEST)
    few = _few(runtime, asked, today)
    if few is not None or not asked.by_authority:
        found = course_search.ids(runtime, words, asked.wanted, end, few) if few != [] else []
    else:
        found = _fitting(runtime, asked, words, today, end)
    with reading(runtime.engine) as connection:
        rows = course_list.named(connection, found[start : start + limit])
    items = [rows[each] for each in found[start : start + limit] if each in rows]
    return CoursePage(items, str(start + limit) if len(found) > start + limit else None)


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


def _key(after: str | None) -> tuple[str, str, str] | None:
    if after is None:
        return None
    try:
        told = strict_json.loads(after.encode())
    except ValueError:  # whoever can read this file can make such a place, of anything at all
        raise _bad_place() from None
    if not isinstance(told, list) or len(told) != 3 or not all(isinstance(part, str) for part in told):
        raise _bad_place()
    owner, code, version = told
    return owner, code, version


def _number(after: str | None) -> int:
    if after is None:
        return 0
    if not (after.isascii() and after.isdigit() and len(after) < 6):
        raise _bad_place()
    return int(after)


def _bad_place() -> Refused:
    return _bad("cursor", "ต้องเป็นค่า next ที่ได้จากรายการเดียวกัน", "must be the value of next from the same list")


def _bad(name: str, th: str, en: str) -> Refused:
    return Refused("parameter_invalid", th, en, field=name, status=400)
