"""``creditbank doctor``: look at everything an installation rests on and say what is wrong with it."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from importlib import metadata
from pathlib import Path
from typing import Any

import click
from flask import Flask
from sqlalchemy import Engine, func, select

from creditbank_plugin import __version__
from creditbank_plugin.cli.faults import Fault
from creditbank_plugin.cli.installation import application, runtime, shown
from creditbank_plugin.cli.output import as_json, document
from creditbank_plugin.errors import Refused
from creditbank_plugin.host.attach import place_of
from creditbank_plugin.rules.matching.index import trigrams_missing
from creditbank_plugin.services import health as healthy
from creditbank_plugin.services import organisations
from creditbank_plugin.services.proving import checkpoint_key, checkpoints
from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.storage.base import VERSION_TABLE
from creditbank_plugin.storage.queries import inspection
from creditbank_plugin.storage.session import file_of, is_memory, reading

OK, WARN, FAIL = "OK", "WARN", "FAIL"
NEEDED = (
    *("flask", "flask-sqlalchemy", "sqlalchemy", "alembic", "authlib", "marshmallow", "flask-smorest"),
    *("pluggy", "requests", "cryptography", "waitress", "structlog", "prometheus-client"),
)
CLOCK_MAY_DIFFER = timedelta(seconds=60)


@dataclass(frozen=True)
class Check:
    """One line of the table: ``level`` is OK, WARN or FAIL; ``help`` says what to do."""

    name: str
    level: str
    found: str
    help: str = ""


@click.command()
@as_json
@click.pass_context
def doctor(ctx: click.Context, as_json: bool) -> None:
    """Check the installation; exit code 1 when something is broken."""
    checks = list(_software())
    try:
        checks += examine(runtime(migrated=False))
    except Fault as fault:
        checks.append(Check("database", FAIL, fault.message))
    failed = any(check.level == FAIL for check in checks)
    if as_json:
        document({"ok": not failed, "checks": [vars(check) for check in checks]})
    else:
        for check in checks:
            click.echo(f"{check.level:4}  {check.name:12} {check.found}{f' → {check.help}' if check.help else ''}")
    if failed:
        ctx.exit(1)


def examine(found: Runtime) -> Iterator[Check]:
    """Yield every check of an installation; those that need the tables only where the tables are."""
    health = healthy.health(found)
    if not health["database"]["ok"]:
        yield Check(
            "database", FAIL, f"cannot be read ({health['database']['error']})", "check CREDITBANK_DATABASE_URL"
        )
        return
    yield Check("database", OK, shown(found.engine.url))
    yield from _files(found)
    current, head = health["migrations"]["current"], health["migrations"]["head"]
    if current != head:
        yield Check("tables", FAIL, f"at {current or 'none'}, newest {head}", "run `creditbank db upgrade`")
    else:
        yield Check("tables", OK, f"at {current}")
        yield from _queue(health)
        yield from _inside(found)
        yield from _checkpoint(found)
        yield from _school(found)
    yield from _schema(found)
    yield from _spool(health)
    yield from _keys(found, health)
    yield from _host()


def _software() -> Iterator[Check]:
    version = ".".join(str(part) for part in sys.version_info[:3])
    level = OK if sys.version_info >= (3, 11) else FAIL
    yield Check("python", level, version, "" if level == OK else "3.11 or newer is needed")
    versions, missing = [], []
    for name in NEEDED:
        try:
            versions.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            missing.append(name)
    yield Check("packages", OK, f"creditbank-plugin {__version__}; {', '.join(versions)}")
    if missing:
        yield Check("packages", FAIL, f"missing: {', '.join(missing)}", "install them")
    old = trigrams_missing()
    if old is None:
        yield Check("search", OK, "SQLite indexes trigrams")
    else:
        help_ = "searching courses reads all of them each time: let Python use SQLite 3.34 or newer with FTS5"
        yield Check("search", WARN, f"SQLite {old} has no trigram index", help_)
    entries = [entry for entry in metadata.entry_points(group="lms.plugins") if entry.name == "creditbank"]
    if entries:
        yield Check("entry point", OK, f"lms.plugins: {entries[0].value}")
    else:
        help_ = "pip install the package, or let the host load creditbank_plugin.plugin by name"
        yield Check("entry point", WARN, "not visible in lms.plugins", help_)


def _files(found: Runtime) -> Iterator[Check]:
    """Warn when others on this machine may read or write the files of an SQLite database: names and results are in them."""
    file = file_of(found.engine.url)
    if file is None or sys.platform == "win32":
        return
    files = [each for each in (file, *(file.with_name(file.name + end) for end in ("-wal", "-shm"))) if each.exists()]
    open_ones = [each for each in files if each.stat().st_mode & 0o077]
    if open_ones:
        help_ = f"chmod 600 {' '.join(str(each) for each in open_ones)}"
        yield Check("files", WARN, "others on this machine may open the database", help_)
    else:
        yield Check("files", OK, "the database is its owner's only")


def _queue(health: dict[str, Any]) -> Iterator[Check]:
    oldest, parked = health["oldest_unsettled"], health["parked"]
    if oldest is not None:
        yield Check("queue", WARN, f"waits since {oldest.isoformat()}", "run `creditbank settle`")
    else:
        yield Check("queue", OK, "nothing waits to be settled")
    if parked:
        help_ = "look: `creditbank events list --state parked`; again: `creditbank events retry --state parked`"
        yield Check("parked", WARN, f"{parked} messages failed too often", help_)
    else:
        yield Check("parked", OK, "none")


def _inside(found: Runtime) -> Iterator[Check]:
    with reading(found.engine) as connection:
        missing = inspection.missing_guards(connection)
        mode = inspection.journal_mode(connection)
        foreign = inspection.has_foreign_migrations(connection)
        clock, now = inspection.clock(connection), found.clock()
    if missing:
        help_ = "somebody removed or changed triggers: run `creditbank verify`, then restore the database from a backup"
        yield Check("guards", FAIL, f"guards missing or changed on {', '.join(missing)}", help_)
    else:
        yield Check("guards", OK, "the database refuses to change or delete what must stay")
    if mode is not None and not is_memory(found.engine.url):
        help_ = (
            "" if mode == "wal" else "WAL lets readers go on: run `creditbank db upgrade` while nobody else works here"
        )
        yield Check("journal", OK if mode == "wal" else WARN, mode, help_)
    if foreign:
        yield _autogenerate()
    if clock is not None and abs(clock - now) > CLOCK_MAY_DIFFER:
        yield Check("clock", WARN, f"{abs(clock - now)} apart from the database's", "set the clocks (NTP)")
    else:
        yield Check("clock", OK, now.isoformat(timespec="seconds"))


def _autogenerate() -> Check:
    """Say whether the host's own autogenerate leaves our tables alone, as far as its configuration can be seen."""
    app = application()
    migrate = app.extensions.get("migrate") if app is not None else None
    if app is not None and migrate is not None and (_asks(migrate) or _says(app, migrate)):
        return Check("host tables", OK, "the host's migrations leave our tables out")
    line = (
        "if its `alembic revision --autogenerate` would drop creditbank_ tables, pass include_name: "
        "Migrate(app, db, include_name=include_name), or context.configure(…) in its env.py; "
        "from creditbank_plugin.storage.base import include_name"
    )
    return Check("host tables", WARN, "a host keeps its own migrations in this database", line)


def _asks(migrate: Any) -> bool:
    """Tell whether Flask-Migrate was given an ``include_name`` that leaves our tables out; a host's own may ask ours."""
    asked = getattr(migrate, "configure_args", {}).get("include_name")
    try:
        return callable(asked) and not asked(VERSION_TABLE, "table", {"schema_name": None})
    except Exception:  # a host's function that wants more than it is told
        return False


def _says(app: Flask, migrate: Any) -> bool:
    """Tell whether the host's env.py names our ``include_name``."""
    file = Path(migrate.directory) / "env.py"
    if not file.is_absolute() and not file.exists():
        file = Path(app.root_path).parent / file
    return file.is_file() and "creditbank_plugin.storage.base" in file.read_text(encoding="utf-8")


def _checkpoint(found: Runtime) -> Iterator[Check]:
    """Say how old the last checkpoint is; fail when others on this machine may read the key that signs."""
    try:
        items = checkpoints.page(found, limit=1).items
    except Refused as refused:
        yield Check("checkpoint", FAIL, refused.en, "run `creditbank verify --against` with a file that was kept")
    else:
        told = f"number {items[0].number} of {items[0].made_at}" if items else "none yet"
        help_ = "" if items else "run `creditbank checkpoint` every night, and keep the file elsewhere"
        yield Check("checkpoint", OK, told, help_)
    key = checkpoint_key.path_of(found.settings)
    if (
        found.settings.checkpoint_key is None
        and key.exists()
        and sys.platform != "win32"
        and key.stat().st_mode & 0o077
    ):
        yield Check("checkpoint", FAIL, f"others on this machine may read {key}", f"chmod 600 {key}")


def _school(found: Runtime) -> Iterator[Check]:
    """Warn of a school whose bank could never deposit, because nobody entered it."""
    school = found.settings.school
    if school is not None and school not in organisations.organisations(found):
        help_ = f"enter it: `creditbank organisations add {school} --kind school --name-th … --bank …`"
        yield Check("school", WARN, f"CREDITBANK_SCHOOL {school} is no organisation that we know", help_)


def _schema(found: Runtime) -> Iterator[Check]:
    """Fail when host and module work in one database but in two schemas: the host's transaction misses our tables."""
    app = application()
    host = app.extensions["creditbank"].host_engine if app is not None else None
    if host is None or host.dialect.name != "postgresql" or place_of(host) != place_of(found.engine):
        return
    theirs, ours = (_current_schema(engine) for engine in (host, found.engine))
    if theirs == ours:
        yield Check("schema", OK, f"{ours}, the host's too")
    else:
        help_ = "unset CREDITBANK_DATABASE_URL, or give it the search_path of the host's own address"
        yield Check("schema", FAIL, f"ours is {ours}, the host's {theirs}", help_)


def _current_schema(engine: Engine) -> str | None:
    with engine.connect() as connection:
        return connection.execute(select(func.current_schema())).scalar()


def _spool(health: dict[str, Any]) -> Iterator[Check]:
    count, oldest = health["spool"]["count"], health["spool"]["oldest"]
    if count:
        yield Check("spool", WARN, f"{count} messages since {oldest.isoformat()}", "run `creditbank settle`")
    else:
        yield Check("spool", OK, "empty")


def _keys(found: Runtime, health: dict[str, Any]) -> Iterator[Check]:
    masters = found.keyring.masters
    if not health["keys"]["ok"]:
        yield Check("keys", FAIL, health["keys"]["why"], "put the right key file or CREDITBANK_KEYS in place")
    elif masters.from_settings:
        yield Check("keys", OK, "from CREDITBANK_KEYS")
    elif not masters.path.exists():
        yield Check("keys", WARN, "not made yet", "run `creditbank db upgrade`")
    else:
        mode = masters.path.stat().st_mode & 0o777
        safe = sys.platform == "win32" or mode == 0o600
        help_ = "" if safe else f"chmod 600 {masters.path}"
        yield Check("keys", OK if safe else FAIL, f"{masters.path} ({mode:04o})", help_)


def _host() -> Iterator[Check]:
    app = application()
    if app is None:
        return
    settings = app.extensions["creditbank"].runtime.settings
    if settings.issuer is None:
        yield Check("host", WARN, "CREDITBANK_ISSUER is not set", "set it to the home page of this platform")
    else:
        school = settings.school or "as each message says"
        yield Check("host", OK, f"issuer {settings.issuer}, school {school}")
