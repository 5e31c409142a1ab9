"""A fault of ours never costs the host its work, and never loses what the host told us."""

import json
import logging
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from creditbank_plugin.services import spool
from creditbank_plugin.services.proving.verify import verify
from creditbank_plugin.storage.session import open_engine
from creditbank_plugin.storage.upgrade import downgrade, upgrade
from tests import builders
from tests.builders import completed, learner
from tests.host.school import School, open_school

NAME, NATIONAL_ID = "นักเรียนทดลอง หนึ่ง", "1100000000008"
KNOWN = learner(1, name=NAME, national_id=NATIONAL_ID)


def files(school: School) -> list[Path]:
    """Every file in the spool, certain or not."""
    return sorted(spool.folder(school.house.runtime).glob("*.*"))


def test_the_host_keeps_its_row_and_the_tiding_is_drained_exactly_once(school: School) -> None:
    with school.without_our_tables():
        school.finish(KNOWN)
        assert len(spool.waiting(school.house.runtime)) == 1
    assert (school.rows(), school.told()) == (1, {})
    school.settle()
    school.settle()
    assert (school.told(), files(school)) == ({"credited": 1}, [])
    school.finish(KNOWN)
    assert school.told() == {"credited": 1}, "the drained message and the direct one are one fact"


def test_the_spool_is_sealed_and_nothing_personal_is_logged(school: School, caplog: pytest.LogCaptureFixture) -> None:
    with school.without_our_tables():
        school.finish(KNOWN)
        (file,) = files(school)
        body = file.read_bytes()
    for secret in (NAME, NATIONAL_ID, "s-1", builders.CODE):
        assert secret.encode() not in body
        assert json.dumps(secret).strip('"').encode() not in body
    assert file.stat().st_mode & 0o077 == 0, "for its owner only"
    assert "it goes to the spool" in caplog.text
    assert NAME not in caplog.text
    assert NATIONAL_ID not in caplog.text


def test_a_rollback_of_the_host_withdraws_what_was_spooled(school: School) -> None:
    with school.without_our_tables(), school.app.app_context():
        school.note(1)
        school.fire(completed(), school.db.session)
        assert len(files(school)) == 1
        assert spool.waiting(school.house.runtime) == [], "not certain before the host's commit"
        school.db.session.rollback()
        assert files(school) == []


def test_a_session_closed_without_a_word_withdraws_it_too(school: School) -> None:
    with school.without_our_tables(), school.app.app_context():
        school.note(1)
        school.fire(completed(), school.db.session)
        school.db.session.remove()
        assert files(school) == []


def test_an_earlier_tiding_survives_the_rollback_of_a_later_savepoint(school: School) -> None:
    with school.without_our_tables(), school.app.app_context():
        session = school.db.session
        school.note(1)
        school.fire(completed(1), session)
        savepoint = session.begin_nested()
        school.fire(completed(2), session)
        savepoint.rollback()
        assert len(files(school)) == 1
        session.commit()
    school.settle()
    assert school.told() == {"credited": 1}


def test_a_released_savepoint_does_not_make_a_spooled_tiding_certain(school: School) -> None:
    with school.without_our_tables(), school.app.app_context():
        school.note(0)
        with school.db.session.begin_nested():
            school.fire(completed(1), school.db.session)
        assert spool.waiting(school.house.runtime) == []
        school.db.session.rollback()
    assert files(school) == []


@pytest.mark.parametrize("end", ["commit", "rollback"])
def test_a_plain_connections_fault_shares_its_fate(school: School, end: str) -> None:
    with school.without_our_tables(), school.app.app_context(), school.db.engine.connect() as connection:
        connection.execute(school.Completion.__table__.insert().values(student="s-1"))
        school.fire(completed(), connection)
        getattr(connection, end)()
    school.settle()
    assert (school.rows(), school.told()) == ((1, {"credited": 1}) if end == "commit" else (0, {}))


def test_a_plain_connections_savepoint_that_is_undone_withdraws_its_tiding(school: School) -> None:
    with school.without_our_tables(), school.app.app_context(), school.db.engine.connect() as connection:
        connection.execute(school.Completion.__table__.insert().values(student="s-1"))
        savepoint = connection.begin_nested()
        school.fire(completed(), connection)
        savepoint.rollback()
        connection.commit()
    assert (school.rows(), files(school)) == (1, [])


def test_without_a_connection_a_fault_is_spooled_for_certain(school: School) -> None:
    with school.without_our_tables(), school.app.app_context():
        school.fire(completed(), None)
        assert len(spool.waiting(school.house.runtime)) == 1
    school.finish(2)
    assert school.told() == {"credited": 2}, "the next settling drains the spool by itself"


def test_a_process_that_died_before_the_hosts_commit_is_asked_about(school: School) -> None:
    runtime = school.house.runtime
    path = spool.put(runtime, completed(), vars(school.house.bank._sender()), certain=False)
    school.settle()
    assert school.told() == {}
    old = path.stat().st_mtime - spool.PATIENCE_SECONDS - 1
    os.utime(path, (old, old))
    school.settle()
    assert school.told() == {"credited": 1}


def test_workers_that_drain_at_once_take_each_tiding_in_once(school: School) -> None:
    with school.without_our_tables():
        for number in range(12):
            school.finish(number)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: school.settle(), range(4)))
    school.settle()
    assert (school.told(), files(school)) == ({"credited": 12}, [])
    assert verify(school.house.runtime) == {"accounts": 12, "entries": 12, "broken": []}


def test_a_damaged_file_stops_nothing(school: School, caplog: pytest.LogCaptureFixture) -> None:
    folder = spool.folder(school.house.runtime)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "0-empty.sealed").write_bytes(b"")
    (folder / "1-noise.sealed").write_bytes(b"noise" * 20)
    with school.without_our_tables():
        school.finish(1)
    school.settle()
    assert school.told() == {"credited": 1}
    assert len(files(school)) == 2
    assert "cannot be opened" in caplog.text


def test_a_full_disk_and_a_broken_table_together_still_cost_the_host_nothing(
    school: School, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(*_: object, **__: object) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(spool, "put", full)
    with school.without_our_tables():
        school.finish(KNOWN)
    assert school.rows() == 1
    assert [record.levelno for record in caplog.records if "spooled" in record.message] == [logging.CRITICAL]
    assert NAME not in caplog.text


def test_a_failing_settlement_is_tried_again_and_the_host_never_knows(school: School) -> None:
    runtime = school.house.runtime
    engine = runtime.engine
    runtime.engine = open_engine("postgresql+psycopg://nobody@127.0.0.1:1/nowhere")
    try:
        school.finish(1)
    finally:
        runtime.engine = engine
    assert school.rows() == 1
    school.settle()
    assert school.told() == {"credited": 1}


def test_attached_before_the_tables_are_there(blank_url: str, tmp_path: Path) -> None:
    school = open_school(tmp_path, blank_url)
    school.finish(KNOWN)
    assert school.rows() == 1
    engine = open_engine(blank_url)
    upgrade(engine)
    builders.furnish(school.house)
    school.settle()
    assert school.told() == {"credited": 1}
    engine.dispose()
    school.close()


def test_tables_that_were_made_anew_do_not_get_what_their_keys_cannot_open(school: School, tmp_path: Path) -> None:
    engine = open_engine(school.house.runtime.engine.url)
    downgrade(engine, "base")
    school.finish(KNOWN)
    upgrade(engine)
    builders.furnish(school.house)
    school.settle()
    again = open_school(tmp_path, school.app.config["SQLALCHEMY_DATABASE_URI"])
    again.finish(learner(2, name=NAME))
    assert (again.rows(), again.told()) == (2, {"credited": 2}), "another process opens what this one sealed"
    engine.dispose()
    again.close()
