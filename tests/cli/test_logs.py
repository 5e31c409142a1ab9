"""The log of our own processes: one JSON document a line, without the words of exceptions; a host's stays the host's."""

import io
import json
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from creditbank_plugin import logs
from creditbank_plugin.services import journal
from creditbank_plugin.settings import Settings
from tests.house.tree import ROOT
from tests.kept_logging import kept_logging


@pytest.fixture
def out() -> Iterator[io.StringIO]:
    """Where the log goes; afterwards everything is as before."""
    with kept_logging():
        yield io.StringIO()


def told(out: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_a_line_is_a_json_document_with_its_facts(out: io.StringIO) -> None:
    logs.configure(Settings(), out)
    journal.begin_request("request-1")
    journal.tell(logging.INFO, "batch settled", messages=3, states=None)
    logging.getLogger("creditbank_plugin.api").error("database failed at %s", "creditbank_api.events")
    journal.end_request()
    facts, fault = told(out)
    assert facts.pop("timestamp").endswith("Z")
    assert facts == {
        "event": "batch settled",
        "messages": 3,
        "request_id": "request-1",
        "level": "info",
        "logger": "creditbank_plugin.services.journal",
    }
    assert (fault["event"], fault["request_id"]) == ("database failed at creditbank_api.events", "request-1")


def test_an_exception_is_told_by_its_type_and_place(out: io.StringIO) -> None:
    logs.configure(Settings(), out)
    somebody = "สมหญิง ลับเฉพาะ"
    try:
        raise ValueError(somebody)
    except ValueError:
        logging.getLogger("waitress").exception("a request failed")
    (fault,) = told(out)
    assert fault["error"] == "ValueError"
    assert "test_logs.py" in fault["place"]
    assert "สมหญิง" not in out.getvalue()


def test_the_level_is_a_setting_and_other_libraries_speak_from_warning_on(out: io.StringIO) -> None:
    logs.configure(replace(Settings(), log_level="debug"), out)
    logs.configure(replace(Settings(), log_level="warning"), out)  # safe to repeat: one handler, the last level
    journal.tell(logging.INFO, "request")
    logging.getLogger("sqlalchemy.engine").info("select")
    logging.getLogger("creditbank_plugin.host").warning("once")
    assert [line["event"] for line in told(out)] == ["once"]


def test_text_is_for_people(out: io.StringIO) -> None:
    logs.configure(replace(Settings(), log_format="text"), out)
    journal.tell(logging.INFO, "batch settled", messages=3)
    assert "batch settled" in out.getvalue()
    assert "messages=3" in out.getvalue()


def test_importing_us_configures_nothing() -> None:
    program = (
        "import logging, creditbank_plugin.plugin, creditbank_plugin.api, creditbank_plugin.web, creditbank_plugin.cli.main;"
        "assert not logging.getLogger().handlers; assert not logging.getLogger('creditbank_plugin').handlers;"
        "assert logging.getLogger('creditbank_plugin').level == 0"
    )
    environ = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'hooks'}"}
    subprocess.run([sys.executable, "-c", program], env=environ, check=True)
