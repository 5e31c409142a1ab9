"""Our tables: migrations equal the models on both databases, go up and down, and survive being run at once."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, Table, create_engine, inspect, text
from sqlalchemy.exc import DBAPIError

from creditbank_plugin.resources import resource_dir
from creditbank_plugin.services.proving import checkpoints
from creditbank_plugin.storage.base import PREFIX, VERSION_TABLE, Base, is_ours
from creditbank_plugin.storage.session import open_engine
from creditbank_plugin.storage.tables import APPEND_ONLY
from creditbank_plugin.storage.upgrade import current, downgrade, head, upgrade
from tests import builders
from tests.builders import completed
from tests.conftest import close
from tests.house.papers import lay_papers
from tests.house.tree import ROOT


@pytest.fixture
def engine(blank_url: str) -> Iterator[Engine]:
    made = open_engine(blank_url)
    yield made
    made.dispose()


def our_tables(engine: Engine) -> set[str]:
    return {name for name in inspect(engine).get_table_names() if name.startswith(PREFIX)}


def differences(engine: Engine) -> list[object]:
    options = {
        "version_table": VERSION_TABLE,
        "include_name": lambda name, type_, parents: type_ != "table" or is_ours(name, type_),
        "compare_type": True,
    }
    with engine.connect() as connection:
        return list(compare_metadata(MigrationContext.configure(connection, opts=options), Base.metadata))


def test_migrations_equal_the_models(engine: Engine) -> None:
    upgrade(engine)
    assert differences(engine) == []
    assert current(engine) == head()


def test_up_and_down_and_up_again(engine: Engine) -> None:
    upgrade(engine)
    downgrade(engine, "base")
    assert our_tables(engine) == set()
    assert current(engine) is None
    leftovers = "select count(*) from sqlite_master where type = 'trigger'"
    if engine.dialect.name == "postgresql":
        leftovers = "select count(*) from pg_proc where proname like 'creditbank%'"
    with engine.connect() as connection:
        assert connection.scalar(text(leftovers)) == 0
    upgrade(engine)
    assert differences(engine) == []


def test_every_single_step_goes_down_and_up(engine: Engine) -> None:
    scripts = ScriptDirectory(str(resource_dir("migrations")))
    steps = [script.revision for script in scripts.walk_revisions()][::-1]
    for revision in steps:
        upgrade(engine, revision)
        downgrade(engine, "-1")
        upgrade(engine, revision)
        assert current(engine) == revision
    assert len(scripts.get_heads()) == 1


def test_upgrading_twice_changes_nothing(engine: Engine) -> None:
    upgrade(engine)
    before = our_tables(engine)
    upgrade(engine)
    assert our_tables(engine) == before


def test_a_failing_migration_leaves_nothing_behind(engine: Engine) -> None:
    with pytest.raises(Exception, match="no-such-revision"):
        upgrade(engine, "no-such-revision")
    assert our_tables(engine) <= {VERSION_TABLE}


def test_other_tables_are_left_alone(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("create table alembic_version (version_num varchar(32) primary key)"))
        connection.execute(text("insert into alembic_version values ('theirs')"))
    upgrade(engine)
    downgrade(engine, "base")
    with engine.connect() as connection:
        assert connection.scalar(text("select version_num from alembic_version")) == "theirs"


def test_four_processes_upgrade_at_once(blank_url: str) -> None:
    program = (
        "import os\n"
        "from creditbank_plugin.storage.session import open_engine\n"
        "from creditbank_plugin.storage.upgrade import upgrade\n"
        "upgrade(open_engine(os.environ['URL']))\n"
    )
    environ = {**os.environ, "URL": blank_url, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'hooks'}"}
    running = [
        subprocess.Popen([sys.executable, "-c", program], env=environ, stderr=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    errors = [process.communicate(timeout=120)[1] for process in running]
    assert [process.returncode for process in running] == [0] * 4, "\n".join(errors)
    engine = create_engine(blank_url)
    assert current(engine) == head()
    engine.dispose()


def test_every_name_is_ours_and_every_constraint_is_named() -> None:
    for table in Base.metadata.tables.values():
        assert table.name.startswith(PREFIX)
        for constraint in table.constraints:
            assert constraint.name, f"{table.name}: {constraint}"
            assert len(str(constraint.name)) <= 63, "PostgreSQL would cut it"


def test_nothing_cascades_towards_credit() -> None:
    cascading = [
        f"{table.name}.{key.parent.name}"
        for table in Base.metadata.tables.values()
        for key in table.foreign_keys
        if (key.ondelete or "").upper() == "CASCADE"
    ]
    assert cascading == []


def test_identifiers_fit_a_schema_of_many_hosts() -> None:
    reserved = {"user", "order", "group", "table", "check", "end", "grant"}
    names = {column.name for table in Base.metadata.tables.values() for column in table.columns}
    assert names & reserved == set()


@pytest.fixture(scope="module")
def laid(shared_place: builders.Place) -> Iterator[builders.House]:
    """A house with something in every table that may only grow; whatever is tried on it is refused and leaves it so."""
    house = builders.furnish(builders.make_app(shared_place.folder, shared_place.url))
    house.bank.hear(completed())
    checkpoints.make(house.runtime)
    lay_papers(house)
    yield house
    close(house)


CHANGES: dict[str, Callable[[Table], str]] = {
    "update": lambda table: f"update {table.name} set {(column := next(iter(table.columns)).name)} = {column}",
    "delete": lambda table: f"delete from {table.name}",
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("name", APPEND_ONLY)
def test_the_database_itself_refuses_to_change_what_is_append_only(
    laid: builders.House, name: str, change: str
) -> None:
    engine, table = laid.runtime.engine, Base.metadata.tables[name]
    with engine.connect() as connection:
        before = connection.scalar(text(f"select count(*) from {name}"))
        assert before, "there is something to protect"
    with pytest.raises(DBAPIError, match="append-only"), engine.begin() as connection:
        connection.execute(text(CHANGES[change](table)))
    with engine.connect() as connection:
        assert connection.scalar(text(f"select count(*) from {name}")) == before


@pytest.mark.parametrize("name", APPEND_ONLY)
def test_truncate_is_no_way_around(laid: builders.House, name: str) -> None:
    if laid.runtime.engine.dialect.name != "postgresql":
        pytest.skip("SQLite has no TRUNCATE")
    with pytest.raises(DBAPIError, match="append-only"), laid.runtime.engine.begin() as connection:
        connection.execute(text(f"truncate {name} cascade"))
