"""Standard output is the answer, one JSON document with ``--json``; progress goes to standard error."""

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import click

from creditbank_plugin.formats import json_text

as_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")


def document(value: Any) -> None:
    """Print a JSON document."""
    click.echo(json.dumps(json_text.plain(value), ensure_ascii=False, indent=2))


def short_document(value: Any) -> None:
    """Print a JSON document for a person too: what holds no further lists or objects stays on one line."""
    click.echo(_short(json_text.plain(value), "\n"))


def _short(value: Any, newline: str) -> str:
    inner = newline + "  "
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    if not any(isinstance(part, dict | list) for part in parts):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, dict):
        rows = [f"{json.dumps(name, ensure_ascii=False)}: {_short(part, inner)}" for name, part in value.items()]
        return "{" + inner + ("," + inner).join(rows) + newline + "}"
    return "[" + inner + ("," + inner).join(_short(part, inner) for part in value) + newline + "]"


def answer(machine: bool, value: Mapping[str, Any], *lines: str) -> None:
    """Print ``value`` as JSON for a machine, else ``lines`` for a person."""
    if machine:
        document(value)
    else:
        for line in lines:
            click.echo(line)


def note(line: str) -> None:
    """Tell a person something that is not the answer."""
    click.echo(line, err=True)


@contextmanager
def progress(label: str) -> Iterator[Callable[[int], None] | None]:
    """Give a callable that counts on a terminal; None where nobody looks."""
    if not sys.stderr.isatty():
        yield None
        return
    done = 0

    def step(more: int) -> None:
        nonlocal done
        done += more
        click.echo(f"\r{label} {done}", nl=False, err=True)

    try:
        yield step
    finally:
        if done:
            click.echo("", err=True)


def count_text(counts: Mapping[str, int]) -> str:
    """Return counts as ``a 1, b 2``; "nothing" for none."""
    return ", ".join(f"{name} {number}" for name, number in sorted(counts.items())) or "nothing / ไม่มี"
