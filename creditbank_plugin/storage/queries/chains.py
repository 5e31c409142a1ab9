"""Every chain of the ledger, read as the text that was hashed: the database writes it from its own columns."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from sqlalchemy import (
    JSON,
    Boolean,
    Connection,
    LargeBinary,
    Table,
    TextClause,
    Uuid,
    bindparam,
    func,
    select,
    text,
)

from creditbank_plugin.rules.ledger import EVIDENCE, HASHED, Step
from creditbank_plugin.storage.base import Id, Instant
from creditbank_plugin.storage.queries.streaming import streamed
from creditbank_plugin.storage.queries.writes import table_of
from creditbank_plugin.storage.tables import Account, Decision, Entry, Inbox, Record

_AT_ONCE = 2000
_BOUNDS = {"first": "e.account_id >= :first", "end": "e.account_id < :end"}


@dataclass(frozen=True)
class Part:
    """Accounts from ``first`` on and before ``end``, by their ids as the database orders them; None is no bound."""

    first: str | None = None
    end: str | None = None


EVERYTHING = Part()


def parts(connection: Connection, number: int) -> list[Part]:
    """Divide all accounts there are, and all that could be, into up to ``number`` parts of about the same size."""
    accounts = connection.scalar(select(func.count()).select_from(Account)) or 0
    ids = select(Account.id).order_by(Account.id).limit(1)
    places = sorted({accounts * place // number for place in range(1, number)} - {0})
    bounds: list[str | None] = [None, *(connection.scalar(ids.offset(place)) for place in places), None]
    return [Part(first, end) for first, end in pairwise(bounds)]


def chains(connection: Connection, part: Part = EVERYTHING) -> Iterator[Step]:
    """Walk every entry of every account of ``part``, in order, with what it rests on; one query, in bounded memory."""
    bounds = {"first": part.first, "end": part.end}
    told = frozenset(name for name, value in bounds.items() if value is not None)
    given = {name: value for name, value in bounds.items() if name in told}
    return map(Step._make, streamed(connection, _statement(connection.dialect.name, told), _AT_ONCE, given))


@cache
def _statement(dialect: str, bounds: frozenset[str]) -> TextClause:
    entry, decision, record, inbox = (table_of(model) for model in (Entry, Decision, Record, Inbox))
    feed = "chr(10)" if dialect == "postgresql" else "char(10)"

    def told(name: str, table: Table, alias: str) -> str:
        return _text(dialect, table, alias, name)

    def lines(texts: list[str]) -> str:
        return f" || {feed} || ".join(f"coalesce({text}, '')" for text in texts)

    hashed = lines([told(name, entry, "e") for name in HASHED])
    basis = lines([*(told(name, decision, "d") for name in EVIDENCE), told("facts", inbox, "i")])
    columns = [
        told("account_id", entry, "e"),
        "e.seq",
        told("record_id", entry, "e"),
        *("e.amount", "e.from_state", "e.to_state"),
        told("amounts", entry, "e"),
        *("e.prev_hash", "e.hash"),
        hashed,
        told("decision_id", entry, "e"),
        "e.evidence",
        f"case when i.id is not null then {basis} end",
        told("account_id", decision, "d"),
        told("course_id", decision, "d"),
        told("account_id", record, "r"),
        told("course_id", record, "r"),
    ]
    within = [clause for name, clause in _BOUNDS.items() if name in bounds]
    statement = (
        f"select {', '.join(columns)} from {entry.name} e "  # noqa: S608 - names of ours
        f"left join {decision.name} d on d.id = e.decision_id left join {inbox.name} i on i.id = d.inbox_id "
        f"left join {record.name} r on r.id = e.record_id "
        f"{'where ' + ' and '.join(within) if within else ''} order by e.account_id, e.seq"
    )
    return text(statement).bindparams(*(bindparam(name, type_=Id) for name in bounds))


def _text(dialect: str, table: Table, alias: str, name: str) -> str:
    """Return a column in SQL as the text of `rules.ledger.text_of`, ids without hyphens."""
    kind, column = table.c[name].type, f"{alias}.{name}"
    if dialect != "postgresql":
        return f"lower(hex({column}))" if isinstance(kind, LargeBinary) else column
    if isinstance(kind, Uuid):
        return f"replace({column}::text, '-', '')"
    if isinstance(kind, Instant):
        return f"to_char({column} at time zone 'UTC', 'YYYY-MM-DD HH24\\:MI\\:SS.US')"
    if isinstance(kind, Boolean):
        return f"{column}::int::text"
    if isinstance(kind, LargeBinary):
        return f"encode({column}, 'hex')"
    return f"{column}::text" if isinstance(kind, JSON) or not hasattr(kind, "length") else column
