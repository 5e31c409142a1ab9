"""The bell of the workers: rung when there is work, and how one worker knows that another lives.

PostgreSQL: NOTIFY, and a lock that lasts as long as the worker's session, so that a process that dies is seen at once and a
machine that vanishes within half a minute.  SQLite: the file's own count of changes; one worker at a time.
A bell that is not heard costs no more than the interval at which workers look by themselves.
"""

import secrets
import time
from types import TracebackType
from typing import Any, Self

from sqlalchemy import Connection, Engine, TwoPhaseTransaction, text

from creditbank_plugin.storage.faults import driver_error

CHANNEL = "creditbank"
#: Each NOTIFY waits for the one before at its commit, so a process rings no more often than this.  A worker that was woken
#: looks by itself for longer than that (see `services.settling.worker`).
QUIET_SECONDS = 0.1
#: How often a waiting worker looks at SQLite's count of changes, and at its own orders.
LOOK_SECONDS = 0.05

_rung_at: float = 0.0

#: The class of session locks is made of the schema: two installations in one database do not count one another's workers.
_CLASS = "hashtext('creditbank workers ' || current_schema())"
_TAKE = text(f"select pg_try_advisory_lock({_CLASS}, :number)")
_LIVING = text(
    f"""
    select objid::bigint from pg_locks
    where locktype = 'advisory' and objsubid = 2 and granted
    and database = (select oid from pg_database where datname = current_database())
    and classid::bigint = ({_CLASS}::bigint & 4294967295)
    """  # noqa: S608 - our own text
)
#: A worker whose machine has vanished is given up after some 25 seconds.
_KEEPALIVE = "set tcp_keepalives_idle = 10; set tcp_keepalives_interval = 5; set tcp_keepalives_count = 3"


def ring(connection: Connection) -> None:
    """Wake the workers when this transaction commits; on SQLite the commit itself is heard."""
    global _rung_at
    if connection.dialect.name != "postgresql" or isinstance(connection.get_transaction(), TwoPhaseTransaction):
        return  # a transaction that is prepared first cannot notify
    now = time.monotonic()
    if now - _rung_at >= QUIET_SECONDS:
        _rung_at = now
        connection.execute(text("select pg_notify(:channel, '')"), {"channel": CHANNEL})


class Bell:
    """One worker's ear, and the sign that it lives; a connection of its own for as long as it is open.

    ``number`` names the worker among those at work.  Every method raises what a lost connection raises; open a new one.
    """

    def __init__(self, engine: Engine) -> None:
        self.number = 1 + secrets.randbelow(2**31 - 1)
        self._engine = engine
        self._connection: Connection | None = None
        self._changes = 0

    def __enter__(self) -> Self:
        self._connection = connection = self._engine.connect()
        try:
            connection.execution_options(isolation_level="AUTOCOMMIT")
            connection.detach()  # neither the listening nor the lock may go back into the pool
            if connection.dialect.name == "postgresql":
                connection.exec_driver_sql(_KEEPALIVE)
                connection.exec_driver_sql(f"listen {CHANNEL}")
                while not connection.scalar(_TAKE, {"number": self.number}):
                    self.number = 1 + secrets.randbelow(2**31 - 1)
            else:
                self._changes = self._count(connection)
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Leave: from now on this worker does not live."""
        found, self._connection = self._connection, None
        if found is not None:
            found.invalidate()
            found.close()

    def living(self) -> set[int]:
        """Return the numbers of the workers that live; on SQLite there is one."""
        connection = self._open()
        if connection.dialect.name != "postgresql":
            return {self.number}
        return {int(number) for number in connection.scalars(_LIVING)}

    def wait(self, seconds: float) -> bool:
        """Wait for the bell, ``seconds`` at most and not much longer than `LOOK_SECONDS`; tell whether it rang."""
        connection = self._open()
        if connection.dialect.name == "postgresql":
            driver: Any = connection.connection.dbapi_connection
            try:
                return any(True for _ in driver.notifies(timeout=min(seconds, 4 * LOOK_SECONDS), stop_after=1))
            except driver_error(connection) as error:
                raise ConnectionError(type(error).__name__) from None
        time.sleep(min(seconds, LOOK_SECONDS))
        before, self._changes = self._changes, self._count(connection)
        return self._changes != before

    def _open(self) -> Connection:
        if self._connection is None:
            raise ConnectionError("the bell is closed")
        return self._connection

    @staticmethod
    def _count(connection: Connection) -> int:
        return int(connection.exec_driver_sql("pragma data_version").scalar() or 0)
