"""The order in which transactions may be read by one who follows the changes."""

from sqlalchemy import Connection, func, select

from creditbank_plugin.storage.tables import Decision, Entry


def horizon(connection: Connection) -> int | None:
    """Return the number below which the order of changes is complete; None where every committed change is (SQLite).

    A transaction of PostgreSQL that is still open, anybody's, holds it back: its number is smaller than those after it.
    """
    if connection.dialect.name != "postgresql":
        return None
    return int(connection.scalar(select(func.txid_snapshot_xmin(func.txid_current_snapshot()))) or 0)


_OWN = select(func.txid_current())
_HIGHEST = [select(func.max(table.commit_order)) for table in (Decision, Entry)]


def commit_order(connection: Connection) -> int:
    """Return the number under which this transaction's rows stand in the order of changes.

    PostgreSQL: the transaction's own id; a reader takes rows below ``txid_snapshot_xmin(txid_current_snapshot())``, of
    which none can still appear.  SQLite has one writer at a time: one more than the highest so far.
    """
    if connection.dialect.name == "postgresql":
        return int(connection.scalar(_OWN) or 0)
    return max(connection.scalar(highest) or 0 for highest in _HIGHEST) + 1
