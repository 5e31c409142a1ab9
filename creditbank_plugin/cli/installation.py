"""Which installation a command works on: the application's own under ``flask``, else the one the environment names."""

import os

import click
from flask import Flask
from flask.cli import ScriptInfo
from sqlalchemy import Engine
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from creditbank_plugin.cli.faults import Fault, NewerTables
from creditbank_plugin.cli.output import note
from creditbank_plugin.services import outbox
from creditbank_plugin.services.keys import Keyring
from creditbank_plugin.services.plugins import BrokenPluginError, house_manager
from creditbank_plugin.services.runtime import Runtime, limits_of
from creditbank_plugin.settings import SettingError, Settings, read
from creditbank_plugin.storage import upgrade
from creditbank_plugin.storage.session import DEFAULT_LIMITS, Limits, file_of, is_memory, open_engine

DATABASE = "creditbank.db"
#: Either of them says which installation is meant.
WHERE = ("CREDITBANK_DATABASE_URL", "CREDITBANK_DATA")


def settings_here() -> Settings:
    """Return the settings of the environment; a `Fault` names one that cannot be understood."""
    try:
        return read()
    except SettingError as error:
        raise Fault(error.en, error.th) from None


def database_url(settings: Settings) -> str:
    """Return where the database is: the setting, else an SQLite file in the data folder."""
    return settings.database_url or f"sqlite:///{settings.data / DATABASE}"


def application() -> Flask | None:
    """Return the application that ``flask creditbank`` runs in; None for the console script."""
    info = click.get_current_context().find_object(ScriptInfo)
    return info.load_app() if info is not None else None


def close_host() -> None:
    """Close the idle connections of the host in this process: an open one would keep SQLite's write-ahead log."""
    app = application()
    engine = app.extensions["creditbank"].host_engine if app is not None else None
    if engine is not None and not is_memory(engine.url):
        engine.dispose()


def runtime(*, migrated: bool = True, make: bool = False) -> Runtime:
    """Return the module's runtime of this installation.

    ``migrated``: its tables must stand at the newest revision.  ``make``: a missing SQLite file may be made, which is said.
    Raises `Fault` where there is no database, no table or no way to it.
    """
    app = application()
    if app is None:
        settings = settings_here()
        found = open_runtime(settings, engine_of(database_url(settings), make=make, limits=limits_of(settings)))
        if not any(os.environ.get(name) for name in WHERE):
            _say_which(found.engine)
    elif "creditbank" in app.extensions:
        found = app.extensions["creditbank"].runtime
    else:
        raise Fault(
            "this application has not attached the module: run the command before it is blocked, or run `creditbank …` "
            "with CREDITBANK_DATABASE_URL",
            "แอปนี้ยังไม่ได้เชื่อมต่อโมดูล ให้สั่งก่อนปิดโมดูล หรือใช้ `creditbank …` โดยตั้งค่า CREDITBANK_DATABASE_URL",
        )
    if migrated:
        require_tables(found.engine)
    return found


def _say_which(engine: Engine) -> None:
    """Say which database was taken where nobody named one: a host's own settings are unknown to the console script."""
    note(
        f"creditbank: working on {shown(engine.url)}, because neither {' nor '.join(WHERE)} is set; "
        "for the installation inside a platform: `flask creditbank …` / "
        f"ใช้ฐานข้อมูลนี้เพราะไม่ได้ตั้ง {' หรือ '.join(WHERE)} ถ้าต้องการฐานข้อมูลของแพลตฟอร์ม ให้ใช้ `flask creditbank …`"
    )


def ready() -> Runtime:
    """Return the runtime with its keys loaded, for commands that settle."""
    found = runtime()
    found.keyring.prepare(found.engine)
    outbox.begin(found)
    return found


def open_runtime(settings: Settings, engine: Engine) -> Runtime:
    """Return a runtime without a host, with every installed plugin; `Fault` names a plugin that cannot be used."""
    try:
        plugins = house_manager()
    except BrokenPluginError as error:
        raise Fault(error.en, error.th) from None
    return Runtime(engine, settings, Keyring(settings), plugins)


def engine_of(address: str, *, make: bool = False, limits: Limits = DEFAULT_LIMITS) -> Engine:
    """Return an engine; `Fault` for an address that is none, a missing driver or a missing file."""
    try:
        url = make_url(address)
        if url.get_backend_name() not in ("sqlite", "postgresql"):
            raise Fault("the database must be SQLite or PostgreSQL", "ฐานข้อมูลต้องเป็น SQLite หรือ PostgreSQL")
        file = file_of(url)
        if file is not None and not file.exists():
            if not make:
                raise Fault(
                    f"there is no database at {file}: set CREDITBANK_DATA or CREDITBANK_DATABASE_URL, "
                    "or run `creditbank db upgrade` (or `creditbank demo`)",
                    "ไม่พบฐานข้อมูล",
                )
            file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            note(f"creditbank: making a new database at {file} / สร้างฐานข้อมูลใหม่")
        return open_engine(url, limits=limits)
    except ArgumentError:
        raise Fault("CREDITBANK_DATABASE_URL is no database address", "ที่อยู่ฐานข้อมูลไม่ถูกต้อง") from None
    except ImportError as error:
        raise Fault(
            f"the driver {error.name} is not installed: write postgresql+psycopg://… and install "
            "creditbank-plugin[postgres]",
            "ยังไม่ได้ติดตั้งไดรเวอร์ฐานข้อมูล",
        ) from None


def shown(url: URL) -> str:
    """Return where a database is, fit to be printed: engine, host, port and name; users, passwords and options never."""
    hosts = url.query.get("host", ())
    host = url.host or (hosts if isinstance(hosts, str) else ",".join(hosts))
    place = host + (f":{url.port}" if url.port else "")
    return f"{url.get_backend_name()}://{place}/{(url.database or '').partition('?')[0]}"


def revision(engine: Engine) -> str | None:
    """Return the revision the database stands at; `Fault` when it cannot be reached."""
    try:
        return upgrade.current(engine)
    except SQLAlchemyError as error:
        raise Fault(
            f"the database cannot be reached at {shown(engine.url)} ({type(error).__name__})",
            "ติดต่อฐานข้อมูลไม่ได้",
        ) from None


def require_tables(engine: Engine) -> None:
    """Raise `Fault` unless our tables stand at the newest revision; `NewerTables` where this program does not know it."""
    current, head = revision(engine), upgrade.head()
    if current is None:
        raise Fault("our tables are not there yet: run `creditbank db upgrade`", "ยังไม่มีตารางของระบบ")
    if upgrade.is_newer(current):
        raise NewerTables(
            f"the tables stand at {current}, which is newer than this program ({head}): use the version that made them",
            "ตารางของระบบเป็นของโปรแกรมรุ่นใหม่กว่า",
        )
    if current != head:
        raise Fault(
            f"the tables stand at {current}, this version needs {head}: run `creditbank db upgrade`",
            "ตารางของระบบไม่ตรงกับรุ่นนี้",
        )
