"""Each hook of the front door, called as a platform calls it; each platform was not written for us."""

import sys
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pluggy
import pytest
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from pluggy import PluginManager, PluginValidationError

from creditbank_hooks import LearnerErased, LearnerMerged, host, host_hookimpl
from creditbank_plugin import plugin
from creditbank_plugin.plugin import load
from creditbank_plugin.services import accounts, events
from creditbank_plugin.services.tasks import tasks
from tests.builders import CODE, House, completed, learner, moment, revoked
from tests.house.tree import ROOT

sys.path.append(str(ROOT / "hooks" / "examples"))
from host_with_other_names import AcademyAdapter, AcademyHooks


def manager() -> PluginManager:
    made = PluginManager("lms")
    made.add_hookspecs(host)
    made.register(plugin, "creditbank")
    made.check_pending()
    return made


def told(house: House) -> dict[str, int]:
    return {state: number for state, number in events.counts(house.runtime).items() if number}


def test_lms_load_attaches_once(tmp_path: Path) -> None:
    app = Flask("lms")
    app.config.update(
        SQLALCHEMY_DATABASE_URI=f"sqlite:///{tmp_path / 'lms.db'}", CREDITBANK_DATA=str(tmp_path / "data")
    )
    SQLAlchemy(app)
    manager().hook.lms_load(app=app)
    first = app.extensions["creditbank"]
    manager().hook.lms_load(app=app)
    assert app.extensions["creditbank"] is first
    assert load(app) is first
    first.runtime.engine.dispose()


def test_lms_load_is_loud(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="CREDITBANK_DATABASE_URL"):
        manager().hook.lms_load(app=Flask("no database"))
    app = Flask("wrong setting")
    app.config.update(CREDITBANK_DATABASE_URL=f"sqlite:///{tmp_path / 'own.db'}", CREDITBANK_SETTLE="sometimes")
    with pytest.raises(ValueError, match="CREDITBANK_SETTLE"):
        manager().hook.lms_load(app=app)


def test_lms_course_completed(house: House) -> None:
    with house.app.app_context():
        manager().hook.lms_course_completed(completion=completed(), connection=house.db.session)
        house.db.session.commit()
    assert told(house) == {"credited": 1}


def test_lms_completion_revoked(house: House) -> None:
    with house.app.app_context():
        hook = manager().hook
        hook.lms_course_completed(completion=completed(), connection=house.db.session)
        hook.lms_completion_revoked(revocation=revoked(), connection=house.db.session)
        house.db.session.commit()
    assert told(house) == {"withheld": 1, "applied": 1}


def test_lms_learner_merged(house: House) -> None:
    with house.app.app_context():
        hook = manager().hook
        hook.lms_course_completed(completion=completed(1), connection=None)
        hook.lms_course_completed(completion=completed(2), connection=None)
        merge = LearnerMerged(learner=learner(1), merged=learner(2), merged_at=moment(3))
        hook.lms_learner_merged(merge=merge, connection=house.db.session)
        house.db.session.commit()
    found = [accounts.find_learners(house.runtime, learner(each).issuer, learner(each).id) for each in (1, 2)]
    assert len({each.id for learners in found for each in learners}) == 1, "two ids, one person"


def test_lms_learner_erased(house: House) -> None:
    with house.app.app_context():
        hook = manager().hook
        hook.lms_course_completed(completion=completed(), connection=None)
        erasure = LearnerErased(learner=learner(), erased_at=moment(3))
        hook.lms_learner_erased(erasure=erasure, connection=house.db.session)
        house.db.session.commit()
    assert told(house)["credited"] == 1, "a credit is a public record"
    assert len(tasks(house.runtime)) == 1


def test_an_implementation_with_fewer_arguments_works(house: House) -> None:
    heard: list[Any] = []

    class Old:
        @host_hookimpl
        def lms_course_completed(self, completion: Any) -> None:
            heard.append(completion)

    made = manager()
    made.register(Old())
    with house.app.app_context():
        made.hook.lms_course_completed(completion=completed(), connection=house.db.session)
        house.db.session.commit()
    assert len(heard) == 1
    assert told(house) == {"credited": 1}


def test_a_platform_that_leaves_connection_out_is_told_so_at_once(house: House) -> None:
    """That is why the argument is there from the first version: adding it later would break every caller."""
    with house.app.app_context(), pytest.warns(Warning, match="connection"), pytest.raises(pluggy.HookCallError):
        manager().hook.lms_course_completed(completion=completed())


def test_an_unknown_hook_of_a_platform_is_noticed() -> None:
    class Mistyped:
        @host_hookimpl
        def lms_course_complete(self, completion: Any) -> None: ...

    made = manager()
    made.register(Mistyped())
    with pytest.raises(PluginValidationError):
        made.check_pending()


@pytest.mark.parametrize("hook", ["lms_course_completed", "lms_completion_revoked"])
def test_nonsense_never_raises_into_the_host(house: House, hook: str) -> None:
    argument = {"lms_course_completed": "completion", "lms_completion_revoked": "revocation"}[hook]
    with house.app.app_context():
        for nonsense in (None, "text", object()):
            getattr(manager().hook, hook)(**{argument: nonsense, "connection": house.db.session})
        house.db.session.commit()


def test_the_example_host_with_other_names(house: House) -> None:
    academy = PluginManager("academy")
    academy.add_hookspecs(AcademyHooks)
    academy.register(AcademyAdapter("https://lms.school.example", load))
    academy.check_pending()
    user = SimpleNamespace(number="s-7", full_name="นักเรียนทดลอง 7")
    unit = SimpleNamespace(code=CODE, name="ภาษาไทย 1")
    hook = academy.hook
    hook.academy_ready(app=house.app)
    with house.app.app_context():
        session = house.db.session
        hook.unit_passed(user=user, unit=unit, mark=3.5, when=moment(), session=session)
        session.rollback()
        assert told(house) == {}
        hook.unit_passed(user=user, unit=unit, mark=3.5, when=moment(), session=session)
        session.commit()
        (event,) = events.page(house.runtime).items
        assert event.tiding["grade"] == str(Decimal("3.5"))
        hook.unit_taken_back(user=user, unit=unit, why="บันทึกผิด", when=moment(2), session=session)
        session.commit()
    assert "applied" in told(house)
