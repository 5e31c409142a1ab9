"""Statements that are built once.

Building and hashing a statement costs SQLAlchemy four times what sending it to SQLite does; one message runs some thirty.
Those on its way are therefore built when their module is loaded, and given their values when they run.
"""

from typing import Any

from sqlalchemy import ColumnElement, bindparam


def among(column: Any, name: str = "ids") -> ColumnElement[bool]:
    """Return the condition that ``column`` holds one of the values given as ``name`` when the statement runs."""
    found: ColumnElement[bool] = column.in_(bindparam(name, expanding=True))
    return found
