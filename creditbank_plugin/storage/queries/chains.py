"""Every chain of the ledger, read as the text that was hashed: the database writes it from its own columns."""

from collections.abc import Iterator
from functools import cache

from sqlalchemy import JSON, Boolean, Connection, LargeBinary, Table, Uuid

from creditbank_plugin.rules.ledger import EVIDENCE, HASHED, Step
from creditbank_plugin.storage.base import Instant
from creditbank_plugin.storage.queries.streaming import streamed
from creditbank_plugin.storage.queries.writes import table_of
from creditbank_plugin.storage.tables import Decision, Entry, Inbox, Record

_AT_ONCE = 2000


def chains(connection: Connection) -> Iterator[Step]:
    """Walk every entry of every account, in order, with what it rests on; one query, in bounded memory."""
    return map(Step._make, streamed(connection, _statement(connection.dialect.name), _AT_ONCE))


@cache
def _statement(dialect: str) -> str:
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
    return (
        f"select {', '.join(columns)} from {entry.name} e "  # noqa: S608 - names of ours
        f"left join {decision.name} d on d.id = e.decision_id left join {inbox.name} i on i.id = d.inbox_id "
        f"left join {record.name} r on r.id = e.record_id order by e.account_id, e.seq"
    )


def _text(dialect: str, table: Table, alias: str, name: str) -> str:
    """Return a column in SQL as the text of `rules.ledger.text_of`, ids without hyphens."""
    kind, column = table.c[name].type, f"{alias}.{name}"
    if dialect != "postgresql":
        return f"lower(hex({column}))" if isinstance(kind, LargeBinary) else column
    if isinstance(kind, Uuid):
        return f"replace({column}::text, '-', '')"
    if isinstance(kind, Instant):
        return f"to_char({column} at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')"
    if isinstance(kind, Boolean):
        return f"{column}::int::text"
    if isinstance(kind, LargeBinary):
        return f"encode({column}, 'hex')"
    return f"{column}::text" if isinstance(kind, JSON) or not hasattr(kind, "length") else column
