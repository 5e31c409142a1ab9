"""An SQLite file that is damaged, moved away, replaced or put right again; and who may read it."""

import os
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError

from creditbank_plugin.storage.faults import UNREACHABLE
from creditbank_plugin.storage.session import open_engine, reading, writing
from creditbank_plugin.storage.upgrade import current, upgrade


@pytest.fixture
def file(make_url: Callable[..., str], tmp_path: Path) -> Path:
    return Path(make_url("sqlite").removeprefix("sqlite:///"))


@pytest.fixture
def engine(file: Path) -> Engine:
    made = open_engine(f"sqlite:///{file}")
    assert current(made) is not None
    return made


def _count(engine: Engine) -> int:
    with reading(engine) as connection:
        return int(connection.scalar(text("select count(*) from creditbank_organisation")) or 0)


def _settle_on_disk(engine: Engine, file: Path) -> None:
    engine.dispose()
    with sqlite3.connect(file) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


@pytest.mark.parametrize("kept", [0, 100])
def test_a_damaged_file_is_unreachable_and_found_again_when_put_right(engine: Engine, file: Path, kept: int) -> None:
    """Without its header it is no database; with it, and nonsense behind, it is a malformed one."""
    _settle_on_disk(engine, file)
    good = file.read_bytes()
    file.write_bytes(good[:kept] + b"nonsense" * (len(good) // 8))
    for _ in range(2):
        with pytest.raises(OperationalError):
            _count(engine)
    file.write_bytes(good)
    assert _count(engine) == 0


def test_a_file_that_is_gone_is_never_made_anew(engine: Engine, file: Path, tmp_path: Path) -> None:
    assert _count(engine) == 0
    away = tmp_path / "away.db"
    file.rename(away)
    for _ in range(2):
        with pytest.raises(UNREACHABLE):
            _count(engine)
        with pytest.raises(UNREACHABLE), writing(engine):
            pytest.fail("nothing may be written where nobody looks")
    engine.dispose()
    with pytest.raises(UNREACHABLE):
        _count(engine)
    assert not file.exists()
    away.rename(file)
    assert _count(engine) == 0


def test_another_file_in_its_place_is_read_from_then_on(engine: Engine, file: Path, tmp_path: Path) -> None:
    _settle_on_disk(engine, file)
    other = tmp_path / "other.db"
    shutil.copyfile(file, other)
    with sqlite3.connect(other) as connection:
        insert = "insert into creditbank_organisation (code, kind, name_th) values ('x', 'school', 'โรงเรียน')"
        connection.execute("PRAGMA journal_mode = DELETE")
        connection.execute(insert)
    connection.close()
    assert _count(engine) == 0
    for end in ("-wal", "-shm"):
        Path(f"{file}{end}").unlink(missing_ok=True)
    other.replace(file)
    assert _count(engine) == 1


def test_a_file_of_ours_is_for_its_owner_only(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    file = tmp_path / "new.db"
    before = os.umask(0o022)
    try:
        engine = open_engine(f"sqlite:///{file}")
        upgrade(engine)
        with writing(engine) as connection:
            connection.exec_driver_sql("create table mark (id int)")
            modes = {each.name: each.stat().st_mode & 0o777 for each in tmp_path.glob("new.db*")}
    finally:
        os.umask(before)
    assert modes == dict.fromkeys(("new.db", "new.db-wal", "new.db-shm"), 0o600)


def test_every_commit_is_on_the_disk(engine: Engine) -> None:
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2


def test_a_database_in_memory_needs_no_file() -> None:
    engine = open_engine("sqlite://")
    upgrade(engine)
    assert _count(engine) == 0
