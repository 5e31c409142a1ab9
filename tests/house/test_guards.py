"""The guards of the database: nothing that must stay is changed, replaced or deleted, and a broken guard is seen."""

from collections.abc import Iterator
from contextlib import suppress

import pytest
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from creditbank_plugin.services.comparing import comparisons
from creditbank_plugin.services.proving import checkpoints
from creditbank_plugin.storage.base import Base
from creditbank_plugin.storage.guards import GUARDED, MAY_CHANGE, MUST_STAY, guards
from creditbank_plugin.storage.queries.inspection import missing_guards
from creditbank_plugin.storage.session import reading, writing
from creditbank_plugin.storage.tables import APPEND_ONLY
from tests.builders import CODE, House, Place, add_course, completed, furnish, make_app, moment, revoke
from tests.conftest import close
from tests.house.papers import lay_papers

KEYS = {
    "creditbank_inbox": [("id",), ("message_key",)],
    "creditbank_decision": [("id",), ("inbox_id", "version")],
    "creditbank_record": [("id",), ("account_id", "course_id")],
    "creditbank_entry": [("account_id", "seq")],
    "creditbank_comparison": [("id",)],
    "creditbank_comparison_item": [("comparison_id", "item_id")],
    "creditbank_adoption": [("id",)],
    "creditbank_course": [("id",), ("owner_code", "code", "version")],
    "creditbank_account": [("id",)],
    "creditbank_checkpoint": [("number",)],
    "creditbank_checkpoint_head": [("account_id", "checkpoint")],
    "creditbank_course_revision": [("course_id", "revision")],
    "creditbank_proposal": [("id",)],
    "creditbank_proposal_step": [("proposal_id", "number")],
    "creditbank_rating": [("id",), ("proposal_id", "round", "actor")],
    "creditbank_proposal_comment": [("id",)],
    "creditbank_group_change": [("id",)],
}


def content(engine: Engine, table: str) -> list[tuple[object, ...]]:
    with reading(engine) as connection:
        return sorted((tuple(row) for row in connection.execute(text(f"select * from {table}"))), key=str)


def refused(engine: Engine, statement: str) -> None:
    with pytest.raises(DBAPIError, match="append-only"), writing(engine) as connection:
        connection.execute(text(statement))


@pytest.fixture(scope="module")
def full(shared_place: Place) -> Iterator[House]:
    """A house with a row in every guarded table, for tests that try to change them and must not be able to."""
    made = furnish(make_app(shared_place.folder, shared_place.url, doors=False))
    made.bank.hear(completed())
    checkpoints.make(made.runtime)
    lay_papers(made)
    yield made
    close(made)


def needs_sqlite(house: House) -> None:
    if house.runtime.engine.dialect.name != "sqlite":
        pytest.skip("only SQLite knows REPLACE")


def test_the_migrations_make_the_very_guards_that_are_looked_for(house: House) -> None:
    postgres = house.runtime.engine.dialect.name == "postgresql"
    query = "select tgname from pg_trigger where not tgisinternal" if postgres else "select name from sqlite_master"
    with reading(house.runtime.engine) as connection:
        assert missing_guards(connection) == []
        present = {name for name in connection.scalars(text(query)) if "_guard" in name}
    assert present == {guard.name for guard in guards(house.runtime.engine.dialect.name)}


@pytest.mark.parametrize("name", KEYS)
def test_replace_puts_no_row_in_another_s_place(full: House, name: str) -> None:
    needs_sqlite(full)
    engine = full.runtime.engine
    before, columns = content(engine, name), [column.name for column in Base.metadata.tables[name].columns]
    assert before
    for key in KEYS[name]:
        # The key stays; every other key is given a value of its own, so that this one alone is hit.
        fresh = {"id": "hex(randomblob(16))", "message_key": "randomblob(32)"}
        told = [fresh.get(column, column) if column not in key else column for column in columns]
        replace = f"insert or replace into {name} ({', '.join(columns)}) select {', '.join(told)} from {name} where 1"
        with suppress(DBAPIError), writing(engine) as connection:  # refused, or passed over as our own repeats are
            connection.execute(text(replace))
        assert content(engine, name) == before


@pytest.mark.parametrize("name", GUARDED)
def test_a_row_is_not_replaced_by_its_rowid_either(full: House, name: str) -> None:
    needs_sqlite(full)
    engine, table = full.runtime.engine, Base.metadata.tables[name]
    before, columns = content(engine, name), [column.name for column in table.columns]
    told = ["null" if column.nullable else f"{column.name} || 'x'" for column in table.columns]
    replace = f"insert or replace into {name} (rowid, {', '.join(columns)}) select rowid, {', '.join(told)} from {name}"
    refused(engine, replace + " where 1")
    refused(engine, f"update or replace {name} set rowid = rowid + 1")
    assert content(engine, name) == before


def kept_columns() -> list[tuple[str, str]]:
    found = [(table, column) for table, columns in MUST_STAY.items() for column in columns]
    for table, free in MAY_CHANGE.items():
        found += [(table, each.name) for each in Base.metadata.tables[table].columns if each.name not in free]
    return found


@pytest.mark.parametrize(("name", "column"), kept_columns())
def test_what_credit_rests_on_does_not_change(full: House, name: str, column: str) -> None:
    engine = full.runtime.engine
    before = content(engine, name)
    assert before
    refused(engine, f"update {name} set {column} = {_other(column, engine)}")
    assert content(engine, name) == before


def _other(column: str, engine: Engine) -> str:
    """An expression of the column's type that is not what stands there."""
    postgres = engine.dialect.name == "postgresql"
    if column.endswith("id"):
        return "gen_random_uuid()" if postgres else "hex(randomblob(16))"
    if column in ("credits", "position", "nqf_level", "course_revision"):
        return f"coalesce({column}, 0) + 1"
    if column.endswith("_at"):
        return "now()" if postgres else "'2001-01-01 00:00:00.000000'"
    if column in ("applies_from", "applies_until", "ordered_on"):
        return "date '2001-01-01'" if postgres else "'2001-01-01'"
    return "'{}'" if column in ("conditions", "hours", "evidence") else "'x'"


@pytest.mark.parametrize("name", [*MAY_CHANGE, *MUST_STAY])
def test_what_credit_rests_on_is_not_deleted(full: House, name: str) -> None:
    refused(full.runtime.engine, f"delete from {name}")
    if full.runtime.engine.dialect.name == "postgresql":
        refused(full.runtime.engine, f"truncate {name} cascade")


def test_what_may_change_still_may(house: House) -> None:
    house.bank.hear(completed())
    comparisons.end_comparison(house.runtime, house.ids["comparison"], ended_from=moment().date())
    revoke(house, house.ids["adoption"], revoked_from=moment().date())
    with writing(house.runtime.engine) as connection:
        connection.execute(text("update creditbank_course set title_th = 'ใหม่', hours = 1"))
        connection.execute(text("update creditbank_account set accepted_at = opened_at"))


def drop(connection: Connection, table: str, change: str) -> None:
    """Remove the guard of a table against a change."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"drop trigger {table}_guard on {table}"))
    else:
        connection.execute(text(f"drop trigger {table}_guard_{change}"))


def found_on(house: House, *statements: str) -> list[str]:
    """Run statements, and say of which tables a guard is missed then."""
    with writing(house.runtime.engine) as connection:
        for statement in statements:
            connection.execute(text(statement))
    with reading(house.runtime.engine) as connection:
        return missing_guards(connection)


@pytest.mark.parametrize("name", GUARDED)
def test_a_removed_guard_is_seen(house: House, name: str) -> None:
    with writing(house.runtime.engine) as connection:
        drop(connection, name, "insert")
    assert found_on(house) == [name]


def test_a_guard_that_only_bears_the_name_is_seen(house: House) -> None:
    table, other = "creditbank_entry", "creditbank_queue"
    with writing(house.runtime.engine) as connection:
        drop(connection, table, "update")
    if house.runtime.engine.dialect.name == "sqlite":
        head = f"create trigger {table}_guard_update before update on"
        assert found_on(house, f"{head} {table} begin select 1; end") == [table]
        refusal = f"begin select raise(abort, 'creditbank: {table} is append-only'); end"
        assert found_on(house, f"drop trigger {table}_guard_update", f"{head} {other} {refusal}") == [table]
        assert found_on(house, f"drop trigger {table}_guard_update", f"{head} {table} {refusal}") == []
        return
    call = "for each row execute function creditbank_refuse_change()"
    assert found_on(house, f"create trigger {table}_guard before delete or update on {other} {call}") == [table]
    whole = f"create trigger {table}_guard before delete or update on {table}"
    never = f"{whole} for each row when (false) execute function creditbank_refuse_change()"
    assert found_on(house, never) == [table]
    assert found_on(house, f"drop trigger {table}_guard on {table}", f"{whole} {call}") == []


def test_a_guard_that_is_switched_off_or_emptied_is_seen(house: House) -> None:
    if house.runtime.engine.dialect.name != "postgresql":
        pytest.skip("SQLite's triggers cannot be switched off and have no function")
    table = "creditbank_entry"
    assert found_on(house, f"alter table {table} disable trigger {table}_guard") == [table]
    assert found_on(house, f"alter table {table} enable replica trigger {table}_guard") == [table]
    assert found_on(house, f"alter table {table} enable always trigger {table}_guard") == []
    empty = "create or replace function creditbank_refuse_change() returns trigger language plpgsql as"
    assert found_on(house, f"{empty} $$ begin return old; end $$") == list(GUARDED)


def test_a_guard_of_another_schema_is_none_of_ours(house: House) -> None:
    if house.runtime.engine.dialect.name != "postgresql":
        pytest.skip("SQLite has no schemas")
    table = "creditbank_entry"
    copy = [
        "create schema elsewhere",
        f"create table elsewhere.{table} (id int)",
        f"create trigger {table}_guard before delete or update on elsewhere.{table} "
        "for each row execute function creditbank_refuse_change()",
        f"drop trigger {table}_guard on {table}",
    ]
    assert found_on(house, *copy) == [table]


def test_our_own_repeats_pass_the_guards(house: House) -> None:
    """A message told again, the same id with other facts (twice), and a course entered again are no replacements."""
    house.bank.hear(completed(event_id="e1"))
    house.bank.hear(completed(event_id="e1"))
    for _ in range(2):
        house.bank.hear(completed(event_id="e1", score=60))
    assert add_course(house, CODE) == house.ids["course"]
    with reading(house.runtime.engine) as connection:
        counted = {table: connection.scalar(text(f"select count(*) from {table}")) for table in APPEND_ONLY}
    assert {table: rows for table, rows in counted.items() if rows} == {
        "creditbank_inbox": 2,
        "creditbank_decision": 2,
        "creditbank_record": 1,
        "creditbank_entry": 1,
        "creditbank_proposal_step": 1,
    }
