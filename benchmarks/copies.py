"""Fill a database with learners who are exact copies of one whom the module itself has served.

One learner's messages are really told and really settled; whatever rows that left are the mould.  A copy has ids, names,
event ids, digests, seals, evidence and chain hashes of its own, all made as the module makes them; nothing else differs,
so that what a copy looks like follows the module by itself.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Engine

from benchmarks.house import SENDER, tell
from benchmarks.rows import Model, Row, loading, read, unchecked, write
from creditbank_hooks import CourseCompleted
from creditbank_plugin.rules import ledger
from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.services.settling.keep import Letter, letter, message_key, partition_of
from creditbank_plugin.services.settling.settle import settle
from creditbank_plugin.storage import tables
from creditbank_plugin.storage.base import new_id
from creditbank_plugin.storage.queries.order import commit_order
from creditbank_plugin.storage.session import reading

#: What a learner's messages leave behind, in the order in which it can be written.
LEFT: tuple[Model, ...] = (
    *(tables.Person, tables.Account, tables.Identifier, tables.Identity, tables.Enrolment, tables.Inbox),
    *(tables.Record, tables.Decision, tables.Entry, tables.News, tables.Waiting),
)
#: The number of the learner who is the mould: no other text holds it.
FIRST = 777_777_777
AT_ONCE = 2000
Story = Callable[[int], Sequence[CourseCompleted]]


class Mould:
    """The rows that one learner left, with holes where a copy differs."""

    def __init__(self, runtime: Runtime, story: Story) -> None:
        """Tell and settle the ``story`` of one learner (given a number, what that learner completed), and keep the rows."""
        self.runtime, self.story = runtime, story
        told = story(FIRST)
        tell(runtime, told, len(told))
        settle(runtime)
        with reading(runtime.engine) as connection:
            rows = left_by(connection, told[0].learner.id)
        self._ids = sorted({str(UUID(row["id"])) for found in rows.values() for row in found if "id" in row})
        names = {each: f"id{place}" for place, each in enumerate(self._ids)}
        names |= {each.replace("-", ""): f"hex{place}" for place, each in enumerate(self._ids)}
        names |= {told[0].learner.id: "learner"}
        names |= {str(each.event_id): f"event{place}" for place, each in enumerate(told)}
        self._shapes = {model: [_Shape(row, names) for row in found] for model, found in rows.items()}
        self._personal = [
            runtime.keyring.unseal(bytes(row["sealed"]), str(UUID(row["id"]))) for row in rows[tables.Inbox]
        ]

    def copy(self, number: int) -> dict[Model, list[Row]]:
        """Return the rows of one more learner, all but their place in the order of changes."""
        told = self.story(number)
        letters = {str(each.event_id): letter(each) for each in told}
        values = {"learner": told[0].learner.id}
        values |= {f"event{place}": event for place, event in enumerate(letters)}
        for place in range(len(self._ids)):
            new = new_id()
            values[f"id{place}"], values[f"hex{place}"] = new, new.replace("-", "")
        made = {model: [shape.cast(values) for shape in shapes] for model, shapes in self._shapes.items()}
        for row, personal in zip(made[tables.Inbox], self._personal, strict=True):
            self._message(row, letters[row["message_id"]], personal)
        for row in made[tables.Identity]:
            row["sealed"] = self.runtime.keyring.seal(self._personal[0], str(UUID(row["account_id"])))
        _chain(made[tables.Entry], made[tables.Decision], made[tables.Inbox])
        return made

    def _message(self, row: Row, told: Letter, personal: dict[str, Any]) -> None:
        row["digest"], row["message_key"] = told.digest, message_key(told, SENDER)
        row["partition"] = partition_of(told.issuer, told.learner)
        row["sealed"] = self.runtime.keyring.seal(personal, str(UUID(row["id"])))


class _Shape:
    """One row of the mould: what stays, and the texts with holes."""

    def __init__(self, row: Row, names: Mapping[str, str]) -> None:
        some = re.compile("|".join(sorted(map(re.escape, names), key=len, reverse=True)))
        self._stays = row
        self._holes = [
            (column, some.sub(lambda found: f"%({names[found[0]]})s", value.replace("%", "%%")))
            for column, value in row.items()
            if isinstance(value, str) and some.search(value)
        ]

    def cast(self, values: Mapping[str, str]) -> Row:
        """Return the row with the holes filled."""
        return {**self._stays, **{column: text % values for column, text in self._holes}}


def left_by(connection: Connection, learner_id: str) -> dict[Model, list[Row]]:
    """Return every row that one learner's messages left, in the order of their keys, by table."""
    found: dict[Model, list[Row]] = {tables.Identifier: read(connection, tables.Identifier, "value", [learner_id])}
    accounts = [row["account_id"] for row in found[tables.Identifier]]
    found[tables.Account] = read(connection, tables.Account, "id", accounts)
    found[tables.Person] = read(connection, tables.Person, "id", [row["person_id"] for row in found[tables.Account]])
    for model in (tables.Identity, tables.Enrolment, tables.Record, tables.Entry, tables.News):
        found[model] = read(connection, model, "account_id", accounts)
    found[tables.Inbox] = read(connection, tables.Inbox, "learner", [learner_id])
    messages = [row["id"] for row in found[tables.Inbox]]
    for other in (tables.Decision, tables.Waiting):
        found[other] = read(connection, other, "inbox_id", messages)
    return {model: sorted(found[model], key=_place) for model in LEFT}


def _place(row: Row) -> tuple[str, int, str]:
    first = row.get("id") or row.get("inbox_id") or row["account_id"]
    return (first, row.get("seq", 0), row.get("wait_key", ""))


def _chain(entries: Iterable[Row], decisions: Iterable[Row], messages: Iterable[Row]) -> None:
    """Give entries, in order, the evidence and hashes that they have in a copy."""
    facts = {row["id"]: row["facts"] for row in messages}
    rests_on = {row["id"]: row for row in decisions}
    before = ledger.GENESIS
    for row in entries:
        decision = rests_on[row["decision_id"]]
        row["evidence"] = ledger.evidence(ledger.basis_text(decision, facts[decision["inbox_id"]]))
        values = {name: row[name] for name in ledger.HASHED}
        made = ledger.Line(**{**values, "amounts": json.loads(row["amounts"])})
        row["prev_hash"], row["hash"] = before, ledger.chain_hash(before, made)
        before = row["hash"]


def fill(mould: Mould, numbers: range) -> None:
    """Write copies under these numbers; the mould itself is there as well, under `FIRST`."""
    engine = unchecked(mould.runtime.engine.url.render_as_string(hide_password=False), roomy=True)
    each = max(1, AT_ONCE // len(mould.story(FIRST)))
    with ThreadPoolExecutor(1) as writer:  # the database writes some while we make the next
        writing: Future[None] | None = None
        for start in range(numbers.start, numbers.stop, each):
            copies = [mould.copy(number) for number in range(start, min(start + each, numbers.stop))]
            if writing is not None:
                writing.result()
            writing = writer.submit(_store, engine, copies)
        if writing is not None:
            writing.result()
    engine.dispose()


def _store(engine: Engine, copies: Sequence[Mapping[Model, list[Row]]]) -> None:
    with loading(engine) as connection:
        order = commit_order(connection)
        for model in LEFT:
            write(connection, model, _ordered([row for made in copies for row in made[model]], order))


def _ordered(rows: list[Row], order: int) -> list[Row]:
    """Put rows at one place in the order of changes, as those of one transaction are."""
    for number, row in enumerate(rows):
        if "commit_order" in row:
            row["commit_order"] = order
            if "number" in row:
                row["number"] = number
    return rows
