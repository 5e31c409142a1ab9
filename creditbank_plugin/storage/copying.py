"""COPY as SQLAlchemy runs any other statement: its transactions, its errors, its listeners."""

from typing import Any

from sqlalchemy import Connection, Engine, event

_LINES = "creditbank_copy"


def teach(engine: Engine) -> None:
    """Let an engine of ours run `copy_in`; nothing happens on a driver that copies in another way."""
    if engine.dialect.driver != "psycopg":
        return
    event.listen(engine, "do_execute", _send)
    engine.update_execution_options(**{_LINES: ""})


def can_copy(connection: Connection) -> bool:
    """Tell whether a connection can `copy_in`: one of our own engines on PostgreSQL, never a host's."""
    return _LINES in connection.get_execution_options()


def copy_in(connection: Connection, statement: str, lines: str) -> None:
    """Run ``copy … from stdin`` with these lines in COPY's text form; raises what any INSERT raises."""
    connection.exec_driver_sql(statement, execution_options={_LINES: lines})


def _send(cursor: Any, statement: str, parameters: object, context: Any) -> bool:
    """Stand in for ``cursor.execute`` where lines were given (a listener of ``do_execute``)."""
    lines = context.execution_options.get(_LINES)
    if lines:
        with cursor.copy(statement) as copy:
            copy.write(lines)
    return bool(lines)
