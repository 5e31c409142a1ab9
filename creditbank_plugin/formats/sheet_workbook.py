"""XLSX, XLS and ODS, opened by a process of its own and read from what that says."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from creditbank_plugin.formats import sheet_faults as faults
from creditbank_plugin.formats.sheet_limits import Limits
from creditbank_plugin.rules.cells import Cell, letters

_PROGRAM = Path(__file__).with_name("sheet_process.py")


@dataclass(frozen=True)
class Range:
    """A merged area: its first and last row and column, from 1, both included."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass(frozen=True)
class Workbook:
    """A workbook with one of its sheets; ``lines`` are that sheet's rows as the process told them."""

    name: str
    names: tuple[str, ...]
    hidden: tuple[str, ...]
    merged: tuple[Range, ...]
    width: int
    height: int
    lines: bytes

    def rows(self) -> Iterator[tuple[Cell, ...]]:
        """Yield the rows from the first of the sheet on."""
        start = 0
        while (end := self.lines.find(b"\n", start)) >= 0:
            yield tuple(_valued(cell) for cell in json.loads(self.lines[start:end]))
            start = end + 1


def read_workbook(content: bytes, sheet: str | None, limits: Limits) -> Workbook:
    """Return a workbook with the sheet called ``sheet``, else its first with anything in it; ``SheetRefused``."""
    told = _told(content, sheet, limits)
    last = told.rfind(b"\n", 0, -1) + 1
    try:
        ended = json.loads(told[last:])["end"]
    except (ValueError, KeyError, TypeError):  # the process came to its end before it could say how
        raise faults.too_much(limits.rows - 1) from None
    if ended is not None:
        raise _refusal(ended, limits)
    first = told.index(b"\n")
    head = json.loads(told[:first])
    return Workbook(
        name=head["name"],
        names=tuple(head["names"]),
        hidden=tuple(head["hidden"]),
        merged=tuple(Range(*each) for each in head["merged"]),
        width=head["width"],
        height=head["height"],
        lines=told[first + 1 : last],
    )


def _told(content: bytes, sheet: str | None, limits: Limits) -> bytes:
    wanted = {
        "sheet": sheet,
        "rows": limits.rows,
        "columns": limits.columns,
        "longest": limits.cell_characters,
        "most": limits.characters,
        "areas": limits.merged_areas,
        "megabytes": limits.memory_megabytes,
        "seconds": limits.seconds,
    }
    # Nothing of ours goes along: neither the keys that may stand in the environment nor an open file.
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "SYSTEMROOT", "LD_LIBRARY_PATH")}
    kept["PYTHONPATH"] = os.pathsep.join(path for path in sys.path if path)
    try:
        done = subprocess.run(  # noqa: S603 - our own program
            [_python(), "-P", str(_PROGRAM), json.dumps(wanted)],
            input=content,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=kept,
            timeout=limits.seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise faults.too_much(limits.rows - 1) from None
    return done.stdout


def _python() -> str:
    """Return the interpreter; a server that embeds one names itself as the executable."""
    own = Path(sys.executable or "")
    return str(own if own.name.startswith("python") else Path(sys.prefix) / "bin" / "python3")


def _refusal(ended: Any, limits: Limits) -> faults.SheetRefused:
    if isinstance(ended, list):
        return faults.cell_too_long(limits.cell_characters, ended[1], letters(ended[2]))
    known: dict[str, Callable[[], faults.SheetRefused]] = {
        "empty_file": faults.empty,
        "file_encrypted": faults.encrypted,
        "only_hidden_sheets": faults.only_hidden,
        "sheet_hidden": lambda: faults.unknown_sheet(hidden=True),
        "sheet_unknown": lambda: faults.unknown_sheet(hidden=False),
        "too_many_rows": lambda: faults.too_many_rows(limits.rows - 1),
        "too_many_columns": lambda: faults.too_many_columns(limits.columns),
        "file_too_large": lambda: faults.too_much(limits.rows - 1),
    }
    return known.get(ended, faults.broken)()


def _valued(cell: Any) -> Cell:
    if not isinstance(cell, list):
        plain: Cell = cell
        return plain
    kind, value = cell
    if kind == "day":
        return date.fromisoformat(value)
    if kind == "moment":
        return datetime.fromisoformat(value)
    return time.fromisoformat(value) if kind == "time" else timedelta(seconds=value)
