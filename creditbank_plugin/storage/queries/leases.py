"""Which worker settles which partitions."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Connection, select, text, update

from creditbank_plugin.storage.base import Stored
from creditbank_plugin.storage.queries.queue import GATE
from creditbank_plugin.storage.queries.writes import insert_new
from creditbank_plugin.storage.tables import Lease

#: The key, beside the gate itself (0), of the one who shares the partitions out.
_SHARING = 1


def all_leases(connection: Connection, partitions: Sequence[int]) -> Sequence[Stored]:
    """Return every lease, made where it is missing; nobody else shares them out until this transaction is over."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("select pg_advisory_xact_lock(:gate, :sharing)"), {"gate": GATE, "sharing": _SHARING})
    query = select(Lease.__table__).order_by(Lease.partition)
    found = connection.execute(query).all()
    if len(found) < len(partitions):
        insert_new(connection, Lease, [{"partition": each, "suspect": False} for each in partitions], ["partition"])
        found = connection.execute(query).all()
    return found


def take(
    connection: Connection, partitions: Collection[int], *, worker: int, holder: str, since: datetime, suspect: bool
) -> None:
    """Give partitions to a worker; ``suspect`` when their last holder died with them."""
    if partitions:
        values = {"worker": worker, "holder": holder[:80], "since": since, **({"suspect": True} if suspect else {})}
        connection.execute(update(Lease).where(Lease.partition.in_(list(partitions))).values(values))


def give_back(connection: Connection, worker: int, partitions: Collection[int] | None = None) -> None:
    """Give back partitions of a worker, or all it has; what is suspect about them stays."""
    query = update(Lease).where(Lease.worker == worker)
    if partitions is not None:
        query = query.where(Lease.partition.in_(list(partitions)))
    connection.execute(query.values(worker=None, holder=None, since=None))


def clear(connection: Connection, worker: int, partitions: Collection[int]) -> None:
    """Say that partitions of a worker are no longer suspect."""
    query = update(Lease).where(Lease.worker == worker, Lease.partition.in_(list(partitions)))
    connection.execute(query.values(suspect=False))
