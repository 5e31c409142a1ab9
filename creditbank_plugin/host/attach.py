"""Attach to a host: borrow its database and its transaction, hear it without ever raising into it."""

import logging
import os
from pathlib import Path
from typing import Any

from flask import Flask, current_app, has_app_context
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, scoped_session

from creditbank_hooks import HostUser, Tiding
from creditbank_plugin.errors import Refused
from creditbank_plugin.host.following import follow_file, following, settle_later, to_settle_now
from creditbank_plugin.services import outbox, spool, warming
from creditbank_plugin.services.access import last_use
from creditbank_plugin.services.keys import Keyring
from creditbank_plugin.services.organisations import enter_own_issuer
from creditbank_plugin.services.plugins import PluginUnavailable, first_answer, house_manager, register
from creditbank_plugin.services.runtime import Runtime, limits_of
from creditbank_plugin.services.settling import keep
from creditbank_plugin.services.settling.settle import settle
from creditbank_plugin.settings import SettingError, Settings, read
from creditbank_plugin.storage import upgrade
from creditbank_plugin.storage.session import autocommits, begin_for_real, is_memory, open_engine

log = logging.getLogger(__name__)


class CreditBank:
    """The one object of ours on a Flask application, at ``app.extensions["creditbank"]``."""

    def __init__(self, runtime: Runtime, host_engine: Engine | None) -> None:
        self.runtime, self.host_engine = runtime, host_engine
        self._warmed: int | None = None

    def register(self, plugin: object, name: str | None = None) -> None:
        """Register a plugin at the side door; ValueError when it implements none of our hooks."""
        register(self.runtime.plugins, plugin, name)
        outbox.begin(self.runtime)

    def current_user(self) -> HostUser | None:
        """Return who is logged in at the host; nobody when the host cannot say."""
        try:
            found = first_answer(self.runtime.plugins, "current_user")
        except PluginUnavailable:
            return None
        return found if isinstance(found, HostUser) else None

    def hear(self, tiding: Tiding, connection: Session | Connection | None = None) -> None:
        """Keep a tiding now, in the host's transaction where one is handed over; settle it after the commit.

        Where each statement of the connection commits by itself there is no such transaction: the tiding is kept alone.
        Never raises: where our insert fails, the tiding goes to the sealed spool, which settling drains.
        """
        try:
            connection = _transaction(connection)
            self._hear(tiding, connection)
        except Exception as error:
            log.error("a tiding could not be kept (%s); it goes to the spool", type(error).__name__)
            self._spool(tiding, connection)

    def _hear(self, tiding: Tiding, connection: Session | Connection | None) -> None:
        if connection is None:
            self._settle([keep.keep_alone(self._prepared(), tiding, self._sender())])
            return
        if not self._shares(connection):
            # Two databases share no transaction: the tiding waits on disk until the host has committed.
            self._spool(tiding, connection)
            return
        link = connection.connection() if isinstance(connection, Session) else connection
        begin_for_real(link)
        # Without the savepoint, a failure of ours would make PostgreSQL turn the host's COMMIT into a ROLLBACK.
        with link.begin_nested():
            kept = keep.keep_told(link, self._prepared(link), tiding, self._sender())
        if isinstance(connection, Session):
            following(connection, self._settle).kept(kept)
        else:
            settle_later(kept)

    def _prepared(self, link: Connection | None = None) -> Runtime:
        """Return the runtime with its keys loaded, also where the tables came after the host's start."""
        if not self.runtime.keyring.ready:
            if link is not None and is_memory(self.runtime.engine.url):
                # The one connection there is holds the host's work: another use of it would roll that back.
                self.runtime.keyring.prepare_within(link)
            else:
                _furnish(self.runtime)
        else:
            self.runtime.keyring.fresh(self.runtime.engine, link)
        return self.runtime

    def _shares(self, connection: Session | Connection) -> bool:
        """Tell whether the host's transaction is in the database that holds our tables."""
        bind = connection.get_bind() if isinstance(connection, Session) else connection
        return place_of(bind.engine) == place_of(self.runtime.engine)

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
        open_still = isinstance(session, Session | Connection)
        try:
            path = spool.put(self.runtime, tiding, vars(self._sender()), certain=not open_still)
        except Exception as error:
            # The disk itself refuses; the host's own record of the completion is all that is left to repair from.
            log.critical("a tiding could not even be spooled (%s)", type(error).__name__)
            return
        # The host may still roll back: only its commit makes the tiding true.
        if isinstance(session, Session):
            following(session, self._settle).spooled(session, path)
        elif isinstance(session, Connection):
            follow_file(session, path)
            settle_later("")

    def settle_unsettled(self, *_: Any) -> None:
        """Settle what plain connections brought, when the host's request or command is over."""
        ids = to_settle_now()
        if ids:
            self._settle([each for each in ids if each])

    def _settle(self, ids: list[str]) -> None:
        if self.runtime.settings.settle != "inline":
            return
        try:
            settle(self.runtime, only=ids)
        except Exception as error:
            log.error("settling will be tried again (%s)", type(error).__name__)

    def warm(self) -> None:
        """Begin to send what is due and to read what searches need, once in each process, when the first request shows that
        it serves.

        Not when attaching: a command attaches too, and a server may fork afterwards, which no thread survives.  Not in a
        host's own tests, which come and go with their databases.
        """
        if self._warmed != os.getpid() and not current_app.testing:
            self._warmed = os.getpid()
            warming.begin(self.runtime)

    def write_uses(self, *_: Any) -> None:
        """Begin to write which clients called, beside the requests; a host's own tests end before anything is written."""
        if self.runtime.uses.waiting and not current_app.testing:
            last_use.begin(self.runtime)


def attach(app: Flask, settings: Settings | None = None) -> CreditBank:
    """Return a bank on the database of an application that has set up Flask-SQLAlchemy, or on ``CREDITBANK_DATABASE_URL``.

    The application itself is not touched until `enter`.  ``SettingError`` (a ValueError) names a setting that cannot be
    used; RuntimeError when there is no database at all.  A database or a key that is missing for now stops nobody.
    """
    settings = settings or read(app.config)
    _make_folder(settings)
    host_engine = _host_engine(app)
    if settings.database_url is not None:
        engine = open_engine(settings.database_url, limits=limits_of(settings))
    elif host_engine is None:
        raise RuntimeError(
            "set CREDITBANK_DATABASE_URL, or set up Flask-SQLAlchemy with SQLALCHEMY_DATABASE_URI before the plugin manager"
            " / ยังไม่มีฐานข้อมูล: ตั้งค่า CREDITBANK_DATABASE_URL หรือเตรียม Flask-SQLAlchemy ก่อนเรียกปลั๊กอิน"
        )
    else:
        # An in-memory SQLite lives in the host's one connection; anything else gets an engine of our own.
        memory = is_memory(host_engine.url)
        engine = host_engine if memory else open_engine(host_engine.url, host_engine, limits_of(settings))
    bank = CreditBank(Runtime(engine, settings, Keyring(settings), house_manager()), host_engine)
    _begin(bank.runtime)
    if not is_memory(engine.url):
        engine.dispose()  # a server that forks now shares no connection, and an application made in vain leaves none open
    return bank


def enter(app: Flask, bank: CreditBank) -> None:
    """Put ``bank`` into the application, as the last step: one that could not be mounted is not there at all."""
    app.teardown_appcontext(bank.settle_unsettled)
    app.teardown_appcontext(bank.write_uses)
    app.before_request(bank.warm)
    app.extensions["creditbank"] = bank


def _begin(runtime: Runtime) -> None:
    """Write what an installation cannot be without, as far as its database and its keys are there."""
    try:
        found, newest = upgrade.current(runtime.engine), upgrade.head()
        if upgrade.is_newer(found):
            log.warning(
                "our tables stand at %s, newer than this program (%s): start the version that made them", found, newest
            )
        elif found != newest:
            log.warning("our tables stand at %s, not at %s: run `flask creditbank db upgrade`", found or "none", newest)
        if found is not None:
            _furnish(runtime)
    except SQLAlchemyError as error:
        log.error("the database cannot be used yet (%s): what the host tells waits in the spool", type(error).__name__)
    except (Refused, OSError, ValueError, KeyError, TypeError) as error:
        log.critical(
            "the keys do not open the data (%s): what the host tells waits in the spool until they are put back",
            error.code if isinstance(error, Refused) else type(error).__name__,
        )


def _furnish(runtime: Runtime) -> None:
    """Write its data keys, the host as a trusted issuer, and from where on its listeners hear news."""
    runtime.keyring.prepare(runtime.engine)
    enter_own_issuer(runtime)
    outbox.begin(runtime)


def _make_folder(settings: Settings) -> None:
    try:
        settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise _unwritable(settings, error.strerror or type(error).__name__) from None
    if not os.access(settings.data, os.W_OK | os.X_OK):
        raise _unwritable(settings, "no right to write there")


def _unwritable(settings: Settings, why: str) -> SettingError:
    return SettingError(
        "CREDITBANK_DATA",
        f"must name a folder that this process may write to; {settings.data}: {why}",
        f"ต้องเป็นโฟลเดอร์ที่โปรแกรมเขียนได้ แต่เขียนที่ {settings.data} ไม่ได้",
    )


def _host_engine(app: Flask) -> Engine | None:
    """Return the host's default engine; None where it has no Flask-SQLAlchemy, or only named databases."""
    database = app.extensions.get("sqlalchemy")
    if database is None:
        return None
    if has_app_context() and current_app._get_current_object() is app:  # type: ignore[attr-defined]
        return database.engines.get(None)  # type: ignore[no-any-return]
    with app.app_context():
        return database.engines.get(None)  # type: ignore[no-any-return]


def _transaction(connection: Any) -> Any:
    """Return what the host handed over, as far as there is a transaction to share; else None."""
    if isinstance(connection, scoped_session):
        connection = connection()
    link = connection.connection() if isinstance(connection, Session) else connection
    return None if link is None or autocommits(link) else connection


def place_of(engine: Engine) -> tuple[str, ...]:
    """Return which database an engine reaches, written in one way, whichever way its URL says it."""
    url, kind = engine.url, engine.url.get_backend_name()
    if kind == "sqlite":
        return (kind, str(url.database) if is_memory(url) else str(Path(str(url.database)).resolve()))
    told = engine.dialect.create_connect_args(url)[1]
    host, port, name = told.get("host") or "localhost", told.get("port") or 5432, told.get("dbname") or ""
    return (kind, str(host).lower(), str(port), str(name))
