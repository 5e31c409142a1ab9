"""What one can do to a ledger who owns its database: the guards dropped, history rewritten so that each chain is sound."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields

from sqlalchemy import Connection, delete, func, select, text, update

from creditbank_plugin.rules.ledger import GENESIS, Line, chain_hash
from creditbank_plugin.storage.queries.writes import table_of
from creditbank_plugin.storage.session import writing
from creditbank_plugin.storage.tables import APPEND_ONLY, CheckpointHead, Entry, Record, StoredCheckpoint
from tests.builders import House


@contextmanager
def behind_the_guards(house: House) -> Iterator[Connection]:
    """A transaction that no guard hinders; they are gone afterwards."""
    with writing(house.runtime.engine) as connection:
        for table in APPEND_ONLY:
            if connection.dialect.name == "postgresql":
                connection.execute(text(f"alter table {table} disable trigger user"))
            else:
                for each in ("update", "delete", "insert"):
                    connection.execute(text(f"drop trigger if exists {table}_guard_{each}"))
        yield connection


def accounts(house: House) -> list[str]:
    """The accounts with entries, the longest chain first."""
    query = select(Entry.account_id).group_by(Entry.account_id).order_by(func.count().desc(), Entry.account_id)
    with house.runtime.engine.connect() as connection:
        return list(connection.scalars(query))


def cut_tail(connection: Connection, account: str) -> None:
    """Take the last entry of a chain away."""
    last = select(func.max(Entry.seq)).where(Entry.account_id == account).scalar_subquery()
    connection.execute(delete(Entry).where(Entry.account_id == account, Entry.seq == last))


def take_out(connection: Connection, account: str) -> None:
    """Delete the whole chain of an account and its records."""
    for table in (Entry, Record):
        connection.execute(delete(table).where(table.account_id == account))


def hash_anew(connection: Connection, account: str) -> None:
    """Say another cause in the first entry, and make every hash of the chain fit."""
    entries = table_of(Entry)
    connection.execute(update(Entry).where(Entry.account_id == account, Entry.seq == 1).values(cause="forged"))
    previous = GENESIS
    query = select(entries).where(entries.c.account_id == account).order_by(entries.c.seq)
    for row in connection.execute(query).all():
        own = chain_hash(previous, Line(**{each.name: getattr(row, each.name) for each in fields(Line)}))
        place = (entries.c.account_id == account, entries.c.seq == row.seq)
        connection.execute(update(entries).where(*place).values(prev_hash=previous, hash=own))
        previous = own


def mend_heads(connection: Connection) -> None:
    """Make the stored heads say what the ledger says now; what is gone there is forgotten here."""
    for head in connection.execute(select(table_of(CheckpointHead))).all():
        place = (CheckpointHead.account_id == head.account_id, CheckpointHead.checkpoint == head.checkpoint)
        entries = select(Entry.seq, Entry.hash).where(Entry.account_id == head.account_id, Entry.seq <= head.seq)
        last = connection.execute(entries.order_by(Entry.seq.desc())).first()
        if last is None:
            connection.execute(delete(CheckpointHead).where(*place))
        else:
            connection.execute(update(CheckpointHead).where(*place).values(seq=last.seq, hash=last.hash))


def forget_checkpoints(connection: Connection) -> None:
    """Delete every checkpoint and every stored head."""
    for table in (StoredCheckpoint, CheckpointHead):
        connection.execute(delete(table))
