"""The host's transaction: what it commits becomes credit, what it takes back was never heard."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy.orm import Session

from creditbank_plugin.services import spool
from creditbank_plugin.services.proving.verify import verify
from tests.builders import completed, revoked
from tests.host.school import School


def test_a_completion_becomes_credit_when_the_host_commits(school: School) -> None:
    with school.app.app_context():
        school.note(1)
        school.fire(completed(), school.db.session)
        assert school.told() == {}, "nothing is visible before the host's commit"
        school.db.session.commit()
        assert school.told() == {"credited": 1}
    assert school.rows() == 1
    assert verify(school.house.runtime) == {"accounts": 1, "entries": 1, "broken": []}


@pytest.mark.parametrize("fire_first", [False, True])
def test_a_rollback_of_the_host_leaves_nothing_of_ours(school: School, fire_first: bool) -> None:
    with school.app.app_context():
        if not fire_first:
            school.note(1)
        school.fire(completed(), school.db.session)
        if fire_first:
            school.note(1)
        school.db.session.rollback()
        assert (school.rows(), school.told()) == (0, {})
        school.db.session.commit()
    school.settle()
    assert (school.told(), spool.waiting(school.house.runtime)) == ({}, [])


def test_a_tiding_fired_before_the_hosts_first_statement_shares_its_commit(school: School) -> None:
    with school.app.app_context():
        school.fire(completed(), school.db.session)
        assert school.told() == {}
        school.note(1)
        school.db.session.commit()
    assert (school.rows(), school.told()) == (1, {"credited": 1})


def test_a_request_that_fails_half_way_leaves_nothing(school: School) -> None:
    @school.app.post("/finish-and-fail")
    def finish_and_fail() -> str:
        school.note(1)
        school.fire(completed(), school.db.session)
        raise RuntimeError("the host's own fault")

    school.app.config["WTF_CSRF_ENABLED"] = False
    assert school.app.test_client().post("/finish-and-fail").status_code == 500
    school.settle()
    assert (school.rows(), school.told()) == (0, {})


CONNECTIONS: dict[str, Callable[[School], Any]] = {
    "session": lambda school: school.db.session(),
    "scoped_session": lambda school: school.db.session,
    "connection": lambda school: school.db.session.connection(),
}


@pytest.mark.parametrize("kind", CONNECTIONS)
@pytest.mark.parametrize("end", ["commit", "rollback"])
def test_whatever_the_host_hands_over_shares_its_fate(school: School, kind: str, end: str) -> None:
    with school.app.app_context():
        school.note(1)
        school.fire(completed(), CONNECTIONS[kind](school))
        getattr(school.db.session, end)()
    assert (school.rows(), school.told()) == ((1, {"credited": 1}) if end == "commit" else (0, {}))


def test_without_a_connection_the_tiding_is_kept_at_once(school: School) -> None:
    with school.app.app_context():
        school.fire(completed(), None)
        assert school.told() == {"credited": 1}


def test_a_plain_session_outside_flask_sqlalchemy_works_too(school: School) -> None:
    with school.app.app_context(), Session(school.db.engine) as session:
        session.add(school.Completion(student="s-1"))
        school.fire(completed(), session)
        session.commit()
    assert (school.rows(), school.told()) == (1, {"credited": 1})


def test_a_session_that_is_used_again_settles_each_of_its_transactions(school: School) -> None:
    with school.app.app_context():
        for number in (1, 2, 3):
            school.fire(completed(number), school.db.session)
            school.db.session.commit()
            assert school.told() == {"credited": number}
        school.fire(completed(4), school.db.session)
        school.db.session.rollback()
        school.fire(revoked(1), school.db.session)
        school.db.session.commit()
    assert school.told() == {"credited": 2, "withheld": 1, "applied": 1}


def test_a_savepoint_of_the_host_that_is_undone_takes_our_row_along(school: School) -> None:
    with school.app.app_context():
        session = school.db.session
        school.fire(completed(1), session)
        savepoint = session.begin_nested()
        school.note(2)
        school.fire(completed(2), session)
        savepoint.rollback()
        school.note(1)
        session.commit()
    assert (school.rows(), school.told()) == (1, {"credited": 1})


def test_releasing_a_savepoint_does_not_settle_early(school: School) -> None:
    with school.app.app_context():
        session = school.db.session
        school.note(0)
        with session.begin_nested():
            school.note(1)
            school.fire(completed(1), session)
        assert school.told() == {}
        with session.begin_nested():
            school.fire(completed(2), session)
            with session.begin_nested():
                school.fire(completed(3), session)
        assert school.told() == {}
        session.commit()
    assert school.told() == {"credited": 3}


def test_a_released_savepoint_is_still_undone_by_the_rollback_around_it(school: School) -> None:
    with school.app.app_context():
        school.note(0)
        with school.db.session.begin_nested():
            school.note(1)
            school.fire(completed(1), school.db.session)
        school.db.session.rollback()
    school.settle()
    assert (school.rows(), school.told()) == (0, {})


def test_where_a_driver_commits_a_hosts_first_savepoint_both_rows_share_that_fate(school: School) -> None:
    """Python's SQLite driver commits a savepoint that is a transaction's first statement: the host's trap, and one fate."""
    with school.app.app_context():
        with school.db.session.begin_nested():
            school.note(1)
            school.fire(completed(1), school.db.session)
        school.db.session.rollback()
    school.settle()
    assert school.rows() == school.told().get("credited", 0)


def test_our_savepoint_leaves_the_hosts_unflushed_work_alone(school: School) -> None:
    with school.app.app_context():
        pending = school.Completion(student="s-9")
        school.db.session.add(pending)
        school.fire(completed(1), school.db.session)
        assert pending in school.db.session.new, "the host decides when it writes"
        school.db.session.commit()
    assert school.rows() == 1


def test_the_same_completion_fired_twice_is_one_credit(school: School) -> None:
    school.finish(1)
    school.finish(1)
    assert (school.rows(), school.told()) == (2, {"credited": 1})


def test_manual_settling_waits_for_the_command(school: School) -> None:
    object.__setattr__(school.house.runtime.settings, "settle", "manual")
    school.finish(1)
    assert school.told() == {"received": 1}
    school.settle()
    assert school.told() == {"credited": 1}
