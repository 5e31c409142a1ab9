"""Attach to a host: borrow its database and its transaction, hear it without ever raising into it."""

import logging
from typing import Any

from flask import Flask, has_app_context
from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, scoped_session

from creditbank_hooks import HostUser, Tiding
from creditbank_plugin.services import keep, spool
from creditbank_plugin.services.core_policy import CorePolicy
from creditbank_plugin.services.keys import Keyring
from creditbank_plugin.services.plugins import PluginUnavailable, first_answer, make_manager, register
from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.services.settle import settle
from creditbank_plugin.settings import Settings, read
from creditbank_plugin.storage.session import begin_for_real, is_memory, open_engine

log = logging.getLogger(__name__)
PENDING = "creditbank_pending"


class CreditBank:
    """The one object of ours on a Flask application, at ``app.extensions["creditbank"]``."""

    def __init__(self, runtime: Runtime, host_engine: Engine | None) -> None:
        self.runtime, self.host_engine = runtime, host_engine
        self._unsettled: list[str] = []

    def register(self, plugin: object, name: str | None = None) -> None:
        """Register a plugin at the side door; ValueError when it implements none of our hooks."""
        register(self.runtime.plugins, plugin, name)

    def current_user(self) -> HostUser | None:
        """Return who is logged in at the host; nobody when the host cannot say."""
        try:
            found = first_answer(self.runtime.plugins, "current_user")
        except PluginUnavailable:
            return None
        return found if isinstance(found, HostUser) else None

    def hear(self, tiding: Tiding, connection: Session | Connection | None = None) -> None:
        """Keep a tiding now, in the host's transaction where one is handed over; settle it after the commit.

        Never raises: where our insert fails, the tiding goes to the sealed spool, which settling drains.
        """
        try:
            self._hear(tiding, connection)
        except Exception as error:
            log.error("a tiding could not be kept (%s); it goes to the spool", type(error).__name__)
            self._spool(tiding, connection)

    def _hear(self, tiding: Tiding, connection: Session | Connection | None) -> None:
        runtime, sender = self.runtime, self._sender()
        if isinstance(connection, scoped_session):
            connection = connection()
        if connection is None or not self._shares(connection):
            kept = keep.keep_alone(self._prepared(), tiding, sender)
            self._settle([kept])
            return
        link = connection.connection() if isinstance(connection, Session) else connection
        begin_for_real(link)
        # Without the savepoint, a failure of ours would make PostgreSQL turn the host's COMMIT into a ROLLBACK.
        with link.begin_nested():
            kept = keep.keep_told(link, self._prepared(), tiding, sender)
        if isinstance(connection, Session):
            self._after_commit(connection, kept)
        else:
            self._unsettled.append(kept)

    def _prepared(self) -> Runtime:
        if not self.runtime.keyring.ready:
            self.runtime.keyring.prepare(self.runtime.engine)
        return self.runtime

    def _shares(self, connection: Session | Connection) -> bool:
        """Tell whether the host's transaction is in the database that holds our tables."""
        bind = connection.get_bind() if isinstance(connection, Session) else connection
        return _same_database(bind.engine.url, self.runtime.engine.url)

    def _sender(self) -> keep.Sender:
        settings = self.runtime.settings
        return keep.Sender(
            door="hooks",
            organisation=settings.school,
            issuer=settings.issuer,
            may_open=settings.host_opens_accounts,
        )

    def _spool(self, tiding: Tiding, connection: object) -> None:
        session = connection() if isinstance(connection, scoped_session) else connection
        try:
            path = spool.put(self.runtime, tiding, vars(self._sender()), certain=not isinstance(session, Session))
        except Exception as error:
            # The disk itself refuses; the host's own record of the completion is all that is left to repair from.
            log.critical("a tiding could not even be spooled (%s)", type(error).__name__)
            return
        if isinstance(session, Session):
            # The host may still roll back: only its commit makes the tiding true.
            event.listen(session, "after_commit", lambda _: spool.confirm(path), once=True)
            event.listen(session, "after_rollback", lambda _: spool.withdraw(path), once=True)

    def _after_commit(self, session: Session, inbox_id: str) -> None:
        pending = session.info.get(PENDING)
        if pending is not None:
            pending.append(inbox_id)
            return
        session.info[PENDING] = [inbox_id]
        event.listen(session, "after_commit", self._committed)
        event.listen(session, "after_rollback", self._rolled_back)

    def _committed(self, session: Session) -> None:
        # after_commit also fires when a savepoint is released; only the outermost counts.
        if not session.in_nested_transaction() and session.info.get(PENDING):
            ids, session.info[PENDING] = session.info[PENDING], []
            self._settle(ids)

    @staticmethod
    def _rolled_back(session: Session) -> None:
        if not session.in_nested_transaction() and session.info.get(PENDING):
            session.info[PENDING] = []

    def settle_unsettled(self, *_: Any) -> None:
        """Settle what a plain connection brought, when the host's request or command is over."""
        if self._unsettled:
            ids, self._unsettled = self._unsettled, []
            self._settle(ids)

    def _settle(self, ids: list[str]) -> None:
        if self.runtime.settings.settle != "inline":
            return
        try:
            settle(self.runtime, only=ids)
        except Exception as error:
            log.error("settling will be tried again (%s)", type(error).__name__)


def attach(app: Flask, settings: Settings | None = None) -> CreditBank:
    """Join an application that has set up Flask-SQLAlchemy, or stand alone on ``CREDITBANK_DATABASE_URL``."""
    settings = settings or read(app.config)
    host_engine = _host_engine(app)
    if settings.database_url is not None:
        engine = open_engine(settings.database_url)
    elif host_engine is None:
        raise RuntimeError("set CREDITBANK_DATABASE_URL, or set up Flask-SQLAlchemy before the plugin manager")
    else:
        # An in-memory SQLite lives in the host's one connection; anything else gets an engine of our own.
        engine = host_engine if is_memory(host_engine.url) else open_engine(host_engine.url)
    plugins = make_manager()
    register(plugins, CorePolicy(), "core")
    bank = CreditBank(Runtime(engine, settings, Keyring(settings), plugins), host_engine)
    app.extensions["creditbank"] = bank
    app.teardown_appcontext(bank.settle_unsettled)
    try:
        bank.runtime.keyring.prepare(engine)
    except SQLAlchemyError as error:
        log.warning("the tables are not there yet (%s): run `creditbank db upgrade`", type(error).__name__)
    return bank


def _host_engine(app: Flask) -> Engine | None:
    database = app.extensions.get("sqlalchemy")
    if database is None:
        return None
    if has_app_context():
        return database.engine  # type: ignore[no-any-return]
    with app.app_context():
        return database.engine  # type: ignore[no-any-return]


def _same_database(one: Any, other: Any) -> bool:
    one, other = make_url(one), make_url(other)
    if one.get_backend_name() != other.get_backend_name():
        return False
    return (one.host, one.port, one.database) == (other.host, other.port, other.database)
