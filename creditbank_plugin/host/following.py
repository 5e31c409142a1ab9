"""Follow a host's transaction to its end: what we kept is settled after the commit, what we spooled shares its fate.

Nothing here raises into the host.  Measured: ``after_commit`` also fires when a savepoint is released, a session that
is closed without a rollback (Flask-SQLAlchemy's end of a failed request) fires no ``after_rollback``, and only
``after_soft_rollback`` names the transaction that is undone.
"""

from collections.abc import Callable
from pathlib import Path

from flask import g, has_app_context
from sqlalchemy import Connection, event
from sqlalchemy.orm import Session, SessionTransaction

from creditbank_plugin.services import spool

FOLLOWING = "creditbank_following"
Settle = Callable[[list[str]], None]


class Following:
    """What we did in one session of the host that is not over yet."""

    def __init__(self, session: Session, settle: Settle) -> None:
        self._settle = settle
        self._kept: list[str] = []
        self._spooled: list[tuple[Path, set[SessionTransaction]]] = []
        event.listen(session, "after_commit", self._committed)
        event.listen(session, "after_soft_rollback", self._undone)
        event.listen(session, "after_transaction_end", self._ended)

    def kept(self, inbox_id: str) -> None:
        """Settle this message when the host has committed."""
        self._kept.append(inbox_id)

    def spooled(self, session: Session, path: Path) -> None:
        """Make this file certain when the host has committed, withdraw it when its part of the work is undone."""
        within, transaction = set(), session.get_nested_transaction() or session.get_transaction()
        while transaction is not None:
            within.add(transaction)
            transaction = transaction.parent
        self._spooled.append((path, within))

    def _committed(self, session: Session) -> None:
        if session.in_nested_transaction():
            return
        ids, self._kept = self._kept, []
        files, self._spooled = self._spooled, []
        for path, _ in files:
            spool.confirm(path)
        if ids or files:
            self._settle(ids)

    def _undone(self, _: Session, transaction: SessionTransaction) -> None:
        for path, within in self._spooled:
            if transaction in within:
                spool.withdraw(path)
        self._spooled = [(path, within) for path, within in self._spooled if transaction not in within]

    def _ended(self, _: Session, transaction: SessionTransaction) -> None:
        """Forget what is left when the outermost transaction is over: it was closed without a commit."""
        if transaction.parent is None:
            for path, _within in self._spooled:
                spool.withdraw(path)
            self._kept, self._spooled = [], []


def following(session: Session, settle: Settle) -> Following:
    """Return the one follower of a session."""
    if FOLLOWING not in session.info:
        session.info[FOLLOWING] = Following(session, settle)
    found: Following = session.info[FOLLOWING]
    return found


def follow_file(connection: Connection, path: Path) -> None:
    """Let a spooled file share the fate of a plain connection's transaction.

    SQLAlchemy tells of a connection's commit just before it: a commit that fails then leaves the tiding standing.
    """
    nested = connection.get_nested_transaction()

    def undone(inner: Connection, *_: object) -> None:
        if nested is not None and inner.get_nested_transaction() is nested:
            spool.withdraw(path)

    event.listen(connection, "commit", lambda _: spool.confirm(path))
    event.listen(connection, "rollback", lambda _: spool.withdraw(path))
    event.listen(connection, "rollback_savepoint", undone)


def settle_later(inbox_id: str) -> None:
    """Remember what a plain connection brought until the host's request or command is over."""
    if has_app_context():
        g.setdefault(FOLLOWING, []).append(inbox_id)


def to_settle_now() -> list[str]:
    """Return what `settle_later` remembered in this application context, and forget it."""
    ids: list[str] = g.pop(FOLLOWING, [])
    return ids
