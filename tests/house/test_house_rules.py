"""The rules of the house, as far as a machine can see them."""

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest

from creditbank_plugin.rules.reasons import REASONS, STATES
from creditbank_plugin.settings import PREFIX, Settings
from tests.house.tree import PYTHON, ROOT, files, name_of, setup_cfg

LONGEST_FILE, LONGEST_FUNCTION = 400, 70
TRANSACTIONS = {"creditbank_plugin/storage/session.py", "creditbank_plugin/storage/upgrade.py"}


def test_no_file_is_longer_than_400_lines() -> None:
    long = {name_of(path): lines for path in files(*PYTHON) if (lines := path.read_text().count("\n")) > LONGEST_FILE}
    assert long == {}


def test_no_function_is_longer_than_70_lines() -> None:
    long = {
        f"{name_of(path)}:{node.name}": node.end_lineno - node.lineno + 1
        for path in files("creditbank_plugin", "creditbank_client", "hooks")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef) and node.end_lineno and node.end_lineno - node.lineno >= LONGEST_FUNCTION
    }
    assert long == {}


def test_transactions_end_in_one_place() -> None:
    """A connection is committed or rolled back in two files of storage; the demo is a host and ends its own."""
    ends = re.compile(r"\.(commit|rollback)\(")
    found = {name_of(path) for path in files("creditbank_plugin") if ends.search(path.read_text())}
    assert {name for name in found if not name.startswith("creditbank_plugin/demo/")} == TRANSACTIONS


def test_there_is_no_drawer_for_everything() -> None:
    drawers = {"utils.py", "helpers.py", "util.py", "misc.py", "common.py"}
    assert [name_of(path) for path in files(*PYTHON) if path.name in drawers] == []


def test_no_error_is_swallowed_in_silence() -> None:
    silent = [
        f"{name_of(path)}:{node.lineno}"
        for path in files("creditbank_plugin", "creditbank_client", "hooks", "migrations", "benchmarks")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ExceptHandler) and _catches_all(node) and _does_nothing(node)
    ]
    assert silent == []


def _catches_all(node: ast.ExceptHandler) -> bool:
    return node.type is None or (isinstance(node.type, ast.Name) and node.type.id in ("Exception", "BaseException"))


def _does_nothing(node: ast.ExceptHandler) -> bool:
    return all(isinstance(each, ast.Pass | ast.Continue) for each in node.body)


def test_only_the_command_line_prints() -> None:
    printing = {
        name_of(path)
        for path in files("creditbank_plugin", "creditbank_client", "hooks", "migrations")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    }
    assert {name for name in printing if not name.startswith("creditbank_plugin/cli/")} == set()


def test_every_reason_has_a_sentence_in_thai_and_in_english() -> None:
    thai = re.compile(r"[\u0e00-\u0e7f]")
    for code, reason in REASONS.items():
        assert reason.state in STATES, code
        assert thai.search(reason.th), code
        assert re.search(r"[A-Za-z]", reason.en), code
        assert not thai.search(reason.en), code
        assert bool(reason.help_th) == bool(reason.help_en), code
        assert not reason.help_th or thai.search(reason.help_th), code
    for column in ("th", "en"):
        sentences = [getattr(reason, column) for reason in REASONS.values()]
        assert len(set(sentences)) == len(sentences), f"two reasons say the same ({column})"


def test_every_setting_is_documented_and_nothing_else() -> None:
    text = (ROOT / "docs" / "settings.md").read_text()
    documented = re.findall(r"^### `(CREDITBANK_[A-Z_]+)`$", text, re.MULTILINE)
    real = [PREFIX + setting.name.upper() for setting in fields(Settings)]
    assert sorted(documented) == sorted(real)


def test_every_setting_documents_its_default() -> None:
    text = (ROOT / "docs" / "settings.md").read_text()
    for setting in fields(Settings):
        if setting.name in ("data", "attempt_rules", "platform_scopes"):
            continue
        shown = "not set" if setting.default is None else f"`{setting.default}`"
        section = text.split(f"### `{PREFIX}{setting.name.upper()}`")[1].split("### ")[0]
        assert f"Default: {shown}" in section, setting.name


def test_every_dependency_is_explained() -> None:
    text = (ROOT / "docs" / "dependencies.md").read_text().lower()
    options = setup_cfg()
    named = options["options"]["install_requires"] + "".join(options["options.extras_require"].values())
    for line in filter(None, (line.strip() for line in named.splitlines())):
        name = re.split(r"[\s\[<>=]", line)[0].lower()
        assert f"`{name}`" in text, name


def test_imports_go_down_only() -> None:
    environ = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'hooks'}"}
    program = "import sys; from importlinter.cli import lint_imports_command; sys.exit(lint_imports_command())"
    done = subprocess.run(
        [sys.executable, "-c", program, "--no-cache"], cwd=ROOT, env=environ, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


def _spoken() -> Iterator[Path]:
    yield from files(
        *PYTHON, "docs", "templates", ".ci", suffixes=(".py", ".md", ".html", ".json", ".toml", ".mako", "")
    )
    yield from (path for path in ROOT.iterdir() if path.suffix in (".md", ".cfg", ".toml") and path.is_file())
    yield ROOT / ".ci" / "run"


@pytest.mark.parametrize(
    "word", ["/" + "work/", "tmp/" + "venv", "." + "library", "pypi" + ".org", "python" + "hosted", "npmjs" + ".org"]
)
def test_the_text_speaks_of_the_project_alone(word: str) -> None:
    """No paths of one machine and no registries: they are other everywhere else."""
    assert [name_of(path) for path in _spoken() if path.exists() and word in path.read_text()] == []
