"""Statements that are built once, and have few texts.

Building and hashing a statement costs SQLAlchemy four times what sending it to SQLite does; one message runs some thirty.
Those on its way are therefore built when their module is loaded, and given their values when they run.
"""

from collections.abc import Iterable
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, bindparam

Value = TypeVar("Value")
#: Lists up to so long are filled up to a power of two, longer ones to a multiple of `_STEP`.
_SHORT, _STEP = 32, 40


def among(column: Any, name: str = "ids") -> ColumnElement[bool]:
    """Return the condition that ``column`` holds one of the values given as ``name`` when the statement runs."""
    found: ColumnElement[bool] = column.in_(bindparam(name, expanding=True))
    return found


def these(values: Iterable[Value]) -> list[Value]:
    """Return the values for `among`, one of them repeated so that lists of about the same length have the same length.

    Each length is a statement of its own to a database: PostgreSQL would plan it anew instead of finding it prepared,
    which on the way of a single message took most of the time.
    """
    given = list(values)
    number = len(given)
    wanted = 1 << (number - 1).bit_length() if number <= _SHORT else -(-number // _STEP) * _STEP
    return given + given[:1] * (wanted - number)
