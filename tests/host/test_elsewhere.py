"""Other places for our tables: a database of our own, and a host that lives in memory."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from creditbank_plugin.services import spool
from creditbank_plugin.storage.upgrade import upgrade
from tests import builders
from tests.builders import completed
from tests.host.school import School, open_school


@pytest.fixture(params=[("sqlite", "sqlite"), ("sqlite", "postgresql"), ("postgresql", "sqlite")])
def apart(request: pytest.FixtureRequest, make_url: Callable[..., str], tmp_path: Path) -> Iterator[School]:
    """A school whose database holds no table of ours: the credit bank has its own."""
    theirs, ours = request.param
    made = open_school(tmp_path, make_url(theirs, blank=True, name="theirs"), CREDITBANK_DATABASE_URL=make_url(ours))
    builders.furnish(made.house)
    yield made
    made.close()


def test_the_hosts_database_stays_its_own(apart: School) -> None:
    assert apart.tables() == {"school_completion"}
    apart.finish(1)
    assert apart.tables() == {"school_completion"}
    assert (apart.rows(), apart.told()) == (1, {"credited": 1})
    assert not list(spool.folder(apart.house.runtime).iterdir())


def test_without_a_common_transaction_a_rollback_still_leaves_nothing(apart: School) -> None:
    with apart.app.app_context():
        apart.note(1)
        apart.fire(completed(1), apart.db.session)
        assert apart.told() == {}
        apart.db.session.rollback()
        apart.note(2)
        apart.fire(completed(2), apart.db.session)
        apart.db.session.remove()
    apart.settle()
    assert (apart.rows(), apart.told()) == (0, {})


def test_tidings_wait_on_disk_while_our_database_is_away(apart: School) -> None:
    with apart.without_our_tables():
        apart.finish(1)
        assert apart.rows() == 1
    apart.finish(2)
    assert apart.told() == {"credited": 2}


def test_a_plain_connection_settles_when_the_request_is_over(apart: School) -> None:
    with apart.app.app_context(), apart.db.engine.begin() as connection:
        apart.fire(completed(1), connection)
        assert apart.told() == {}
    assert apart.told() == {"credited": 1}


def test_a_host_in_memory(tmp_path: Path) -> None:
    school = open_school(tmp_path, "sqlite://")
    with school.app.app_context():
        upgrade(school.db.engine)
    builders.furnish(school.house)
    school.finish(1)
    school.take_back(2)
    assert (school.rows(), school.told()) == (1, {"credited": 1})
    school.close()
