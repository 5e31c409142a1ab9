"""The feed of changes: complete, in one order, and nothing twice, however many write while somebody reads.

It is read from the outbox, where each piece of news stands from the very transaction that made it true.  What is given out
ends before the first transaction that is still open (see ``storage/queries/order.py``), so that none can appear behind a
reader who has read on.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from creditbank_plugin.errors import Refused
from creditbank_plugin.rules.changes import TYPES, ids_of
from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.services.sight import EVERYBODY, Sight
from creditbank_plugin.storage.base import Stored
from creditbank_plugin.storage.queries import outbox, people
from creditbank_plugin.storage.queries.audience import audiences
from creditbank_plugin.storage.queries.outbox import Place
from creditbank_plugin.storage.session import reading

#: How many pieces of news one call looks at, most of them perhaps others': a call ends in time, and says that there is more.
LOOKED_AT, AT_ONCE = 5000, 1000
_PLACE = re.compile(r"(\d{1,19})\.(\d{1,9})", re.ASCII)


@dataclass(frozen=True)
class Change:
    """A change by ids: ``id`` is that of the webhook that tells of it, ``person_id`` the learner's present number."""

    id: str
    type: str
    at: datetime
    person_id: str | None
    account_id: str | None
    record_id: str | None
    event_id: str | None
    statement_id: str | None


@dataclass(frozen=True)
class Changes:
    """A page; ``next`` is the place to read on from, now or later, and ``more`` tells whether to read on at once."""

    items: Sequence[Change]
    next: str
    more: bool


def page(runtime: Runtime, *, sight: Sight = EVERYBODY, after: str | None = None, limit: int = 50) -> Changes:
    """Return the changes in ``sight`` after a place, the oldest first; from the very first where none is given.

    ``Refused`` (400, ``bad_cursor``) for what is no place.
    """
    place = _place(after)
    with reading(runtime.engine) as connection:
        seen: list[Stored] = []
        more = False
        for row, is_seen, is_last in _look(connection, place, sight):
            place, more = Place(row.commit_order, row.number), not is_last
            if is_seen:
                seen.append(row)
            if len(seen) == limit:
                break
        return Changes(_changes(connection, seen), f"{place.commit_order}.{place.number}", more)


def now(runtime: Runtime) -> str:
    """Return the place behind everything that can be read now."""
    with reading(runtime.engine) as connection:
        place = outbox.now_place(connection)
    return f"{place.commit_order}.{place.number}"


def _place(after: str | None) -> Place:
    if after is None:
        return Place(0, 0)
    found = _PLACE.fullmatch(after)
    if found is None or int(found[1]) >= 1 << 63 or int(found[2]) >= 1 << 31:
        raise Refused("bad_cursor", "ตัวชี้หน้าไม่ถูกต้อง", "The cursor is not one of ours.", field="after", status=400)
    return Place(int(found[1]), int(found[2]))


def _look(connection: Connection, place: Place, sight: Sight) -> Iterator[tuple[Stored, bool, bool]]:
    """Give the news after a place, `LOOKED_AT` of them at most: each, whether it is in sight, whether it is the last."""
    accounts = _accounts(connection, sight)
    for _ in range(LOOKED_AT // AT_ONCE):
        rows = outbox.after(connection, place, AT_ONCE + 1, accounts)
        looked, ends = rows[:AT_ONCE], len(rows) <= AT_ONCE
        if sight.organisations is None:
            seen = [True] * len(looked)
        else:
            seen = [not told.isdisjoint(sight.organisations) for told in audiences(connection, looked)]
        for number, row in enumerate(looked, 1):
            yield row, seen[number - 1], ends and number == len(looked)
        if ends:
            return
        place = Place(looked[-1].commit_order, looked[-1].number)


def _accounts(connection: Connection, sight: Sight) -> list[str] | None:
    if sight.person_id is None:
        return None
    present = people.present_person(connection, sight.person_id)
    return [row.id for row in people.accounts_of_person(connection, present)]


def _changes(connection: Connection, rows: Sequence[Stored]) -> list[Change]:
    persons = people.persons_of(connection, {row.account_id for row in rows if row.account_id is not None})
    return [
        Change(
            id=row.id,
            type=TYPES[row.hook],
            at=datetime.fromisoformat(row.value["at"]),
            person_id=persons.get(row.account_id),
            **ids_of(row.value),
        )
        for row in rows
    ]
