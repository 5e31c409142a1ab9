"""How our own commands write their log: one line an event, JSON for machines or plain text for people.

Only processes of ours call `configure` (the command line's long commands, the demo, `standalone.serve`).  In a host nothing
is configured: our loggers are the standard library's, below ``creditbank_plugin``.
"""

import logging
import sys
import traceback
from collections.abc import MutableMapping
from typing import Any, TextIO

from creditbank_plugin.services import journal
from creditbank_plugin.settings import Settings

_HANDLER = "creditbank"


def configure(settings: Settings, stream: TextIO | None = None) -> None:
    """Write the log of this process to ``stream`` (standard error); safe to repeat.

    Our own lines from the level ``log_level`` on, other libraries' from warning on, in the form ``log_format``.
    """
    import structlog

    out = stream if stream is not None else sys.stderr
    last: Any = structlog.processors.JSONRenderer(ensure_ascii=False)
    if settings.log_format == "text":
        last = structlog.dev.ConsoleRenderer(colors=out.isatty())
    handler = logging.StreamHandler(out)
    handler.set_name(_HANDLER)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[
                structlog.stdlib.add_log_level,
                structlog.stdlib.add_logger_name,
                structlog.processors.TimeStamper(fmt="iso", utc=True),
                _facts,
                _without_words,
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                last,
            ]
        )
    )
    root = logging.getLogger()
    for old in [each for each in root.handlers if each.get_name() == _HANDLER]:
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    logging.getLogger("creditbank_plugin").setLevel(settings.log_level.upper())


def _facts(_: object, __: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Set the facts of a line of the journal beside one another, and name the request of any line."""
    facts = getattr(line.get("_record"), "creditbank", None)
    if isinstance(facts, dict):
        line.update(facts)
    elif journal.request_id() is not None:
        line["request_id"] = journal.request_id()
    return line


def _without_words(_: object, __: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Say of an exception its type and its place: its own text may repeat what somebody sent."""
    found = line.pop("exc_info", None)
    if found and found[0] is not None:
        line["error"] = found[0].__name__
        line["place"] = "".join(traceback.format_tb(found[2]))
    return line
