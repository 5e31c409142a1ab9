"""Plugins at the side door: each is checked, one that cannot be used is named, none is silently absent."""

from datetime import UTC, datetime
from decimal import Decimal
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

from creditbank_hooks import Course, CourseCompleted, Learner, Rule
from creditbank_plugin.services.plugins import BrokenPluginError, make_manager
from creditbank_plugin.services.settling.core_policy import CorePolicy

MODULES = {
    "good": "from creditbank_hooks import hookimpl\n@hookimpl\ndef check_evidence(completion): return None\n",
    "wrong_marker": "from creditbank_hooks import host_hookimpl\n@host_hookimpl\ndef check_evidence(completion): ...\n",
    "wrong_hook": "from creditbank_hooks import hookimpl\n@hookimpl\ndef check_evidense(completion): ...\n",
    "wrong_argument": "from creditbank_hooks import hookimpl\n@hookimpl\ndef check_evidence(person): ...\n",
    "not_there": "import a_library_that_is_not_there\n",
}


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Install plugins as a package manager would: modules, and a distribution that names them."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def install(*names: str) -> None:
        about = tmp_path / "school_plugins-1.0.dist-info"
        about.mkdir()
        (about / "METADATA").write_text("Metadata-Version: 2.1\nName: school-plugins\nVersion: 1.0\n")
        lines = [f"{name} = school_{name}" for name in names]
        (about / "entry_points.txt").write_text("\n".join(["[creditbank.plugins]", *lines]) + "\n")
        for name in names:
            (tmp_path / f"school_{name}.py").write_text(MODULES[name])
        assert {each.name for each in metadata.entry_points(group="creditbank.plugins")} >= set(names)

    return install


def test_an_installed_plugin_is_asked(installed: Any) -> None:
    installed("good")
    assert make_manager().get_plugin("good") is not None
    assert make_manager(load_installed=False).get_plugin("good") is None


@pytest.mark.parametrize("name", sorted(set(MODULES) - {"good"}))
def test_a_plugin_that_cannot_be_used_is_named(installed: Any, name: str) -> None:
    installed("good", name)
    with pytest.raises(BrokenPluginError) as caught:
        make_manager()
    assert f"'{name}' (school_{name})" in caught.value.en
    assert name in caught.value.th
    assert caught.value.__cause__ is not None


def test_a_refusal_is_not_hidden_behind_a_wait() -> None:
    """Attendance was not sent, which alone would wait; but the score was, and no further evidence changes it."""
    completion = CourseCompleted(
        learner=Learner(id="1", issuer="https://lms.school.example"),
        course=Course(code="ท21101"),
        completed_at=datetime(2026, 1, 1, tzinfo=UTC),
        score=Decimal(10),
    )
    rule = Rule(
        comparison_id="c",
        course_owner="o",
        course_code="ท21101",
        course_version="2551",
        scheme="basic",
        credits=100,
        conditions={"required": ["attendance"], "min_score": 50},
    )
    verdict = CorePolicy().check_evidence(completion, rule)
    assert verdict is not None
    assert verdict.code == "score_below"
