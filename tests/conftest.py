"""What every test may ask for: a database of either kind with our tables in it, and a house to live in."""

import gc
import os
import shutil
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import create_engine

from creditbank_plugin.storage.session import open_engine
from creditbank_plugin.storage.upgrade import upgrade
from tests import builders, memory, postgres, quick
from tests.web.browser import QUIET, chromium_file

if TYPE_CHECKING:
    from tests.cli.demo_server import Demo

ENGINES = ("sqlite", "postgresql")


def pytest_configure() -> None:
    """Mend what the processes that we start would inherit from the shell.

    SIGINT must be heard, even where we began in the background, deaf to it.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    # We start hundreds of processes: whatever the shell says of byte code, none of them need compile the package anew.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    memory.work_there()
    quick.share_statements()


#: Rooms whose tests start servers and browsers: few and long.  They begin, so that at the end no worker waits for another.
FIRST = ("conformance", "faults", "house", "cli", "web")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the long ones first, each file in one piece; otherwise in the order in which they stand."""
    rooms = {room: place for place, room in enumerate(FIRST)}
    items.sort(key=lambda item: rooms.get(item.path.parent.name, len(rooms)))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Give a worker whole files: what the tests of a file share is then built once, not once for each worker."""
    from xdist.scheduler import LoadFileScheduling

    if config.getoption("dist") != "load":  # somebody chose another way
        return None
    config.option.loadscopereorder = False
    return LoadFileScheduling(config, log)


def pytest_collection_finish() -> None:
    """Seven thousand tests stay to the end: looking through them for rubbish, again and again, finds none."""
    gc.collect()
    gc.freeze()


#: How a test that lacks something says so; what merely does not apply is not worth a warning.
ABSENT = ("is not at", "are not at", "is missing")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say loudly what went untested: half of the databases, the browser, the recordings beside the checkout."""
    reasons = [str(report.longrepr[2]) for report in terminalreporter.getreports("skipped") if report.longrepr]
    lacking = sorted({reason.removeprefix("Skipped: ") for reason in reasons if any(word in reason for word in ABSENT)})
    if lacking:
        terminalreporter.section("NOT TESTED FOR WANT OF SOMETHING", red=True, bold=True)
        for reason in lacking:
            terminalreporter.line(f"{reason} ({sum(reason in each for each in reasons)} tests skipped)")
    recovered = [
        (report.nodeid.rpartition("::")[2], value)
        for report in terminalreporter.getreports("passed")
        for name, value in report.user_properties
        if name == "recovered"
    ]
    if recovered:
        terminalreporter.section("TIME TO RECOVER")
        for test, value in recovered:
            terminalreporter.line(f"{test}: {value}")
    why = postgres.missing()
    if why is not None:
        terminalreporter.section("NOT TESTED ON POSTGRESQL", red=True, bold=True)
        terminalreporter.line(f"{why}: every test on PostgreSQL was skipped (in CI that is a failure).")


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[postgres.Server]:
    """One throw-away server for each worker of the run."""
    why = postgres.missing()
    if why is not None:
        if os.environ.get("CI", "").lower() in ("1", "true", "yes"):
            pytest.fail(f"{why}; in CI both databases must be tested")
        pytest.skip(why)
    server = postgres.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def migrated_postgres(postgres_server: postgres.Server) -> str:
    """The name of a database with our tables, from which others are copied."""
    name = postgres_server.make()
    engine = create_engine(postgres_server.url(name))
    upgrade(engine)
    engine.dispose()
    return name


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with our tables, from which others are copied."""
    file = tmp_path_factory.mktemp("template") / "template.db"
    engine = open_engine(f"sqlite:///{file}")
    upgrade(engine)
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    return file


MakeUrl = Callable[..., str]


@contextmanager
def databases(request: pytest.FixtureRequest, folder: Path) -> Iterator[MakeUrl]:
    """Hand out a maker of databases, and drop on leaving what it made."""
    made: list[tuple[postgres.Server, str]] = []

    def make(kind: str, *, blank: bool = False, name: str = "host") -> str:
        if kind == "sqlite":
            file = folder / f"{name}.db"
            if not blank:
                shutil.copyfile(request.getfixturevalue("migrated_sqlite"), file)
            return told(f"sqlite:///{file}", blank)
        server: postgres.Server = request.getfixturevalue("postgres_server")
        database = server.make("template0" if blank else request.getfixturevalue("migrated_postgres"))
        made.append((server, database))
        return told(server.url(database), blank)

    def told(url: str, blank: bool) -> str:
        (builders.HAVE_TABLES.discard if blank else builders.HAVE_TABLES.add)(url)
        return url

    yield make
    for server, database in made:
        server.drop(database)


@pytest.fixture
def make_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[MakeUrl]:
    """Make databases: ``make_url("sqlite" | "postgresql", blank=False)`` returns the URL of a new one."""
    with databases(request, tmp_path) as make:
        yield make


@pytest.fixture
def place(url: str, tmp_path: Path) -> builders.Place:
    """A folder and a database of its own, once on each engine."""
    return builders.Place(tmp_path, url)


@pytest.fixture(scope="module", params=ENGINES)
def shared_place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[builders.Place]:
    """The same for all tests of a module, which only look."""
    folder = tmp_path_factory.mktemp("shared")
    with databases(request, folder) as make:
        yield builders.Place(folder, make(request.param))


@pytest.fixture(params=ENGINES)
def url(request: pytest.FixtureRequest, make_url: MakeUrl) -> str:
    """The URL of a database of its own with our tables, once on SQLite (a file) and once on PostgreSQL."""
    return make_url(request.param)


@pytest.fixture(params=ENGINES)
def blank_url(request: pytest.FixtureRequest, make_url: MakeUrl) -> str:
    """The URL of an empty database of its own, of either kind."""
    return make_url(request.param, blank=True)


@pytest.fixture
def house(url: str, tmp_path: Path) -> Iterator[builders.House]:
    """An application with the module attached and the ordinary furniture (see `builders.furnish`)."""
    made = builders.furnish(builders.make_app(tmp_path, url))
    yield made
    close(made)


def close(house: builders.House) -> None:
    """Give back every connection of a house."""
    house.runtime.engine.dispose()
    with house.app.app_context():
        house.db.session.remove()
        for engine in house.db.engines.values():
            engine.dispose()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """A browser for all tests of a worker: what one of them keeps in it, its own context keeps from the others."""
    file = chromium_file()
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=file, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def shared_demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator["Demo"]:
    """A demo in a process of its own, for all tests that leave the students of others alone (see `STUDENTS`)."""
    from tests.cli.demo_server import Demo, running

    folder = tmp_path_factory.mktemp("shared") / "demo"
    with running(folder) as about:
        yield Demo(about, folder)


@pytest.fixture(scope="session", autouse=True)
def every_problem_has_a_page() -> Iterator[None]:
    """A code without a page fails whatever test is answered with it (see tests/api/test_problem_types.py)."""
    from creditbank_plugin.api import problem, problem_types

    told = problem_types.address_of

    def strict(code: str) -> str:
        assert problem_types.page_of(code) is not None, f"the problem {code} has no page"
        return told(code)

    problem.address_of = strict
    yield
    problem.address_of = told
