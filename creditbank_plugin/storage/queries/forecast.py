"""What an act would touch: the completions that wait for it, with what tells whether they can be looked at alone."""

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, bindparam, func, select

from creditbank_plugin.storage.base import Id, Stored
from creditbank_plugin.storage.queries.inbox import newer
from creditbank_plugin.storage.tables import Decision, Queue, Waiting

_PARKED = select(Queue.inbox_id).where(Queue.parked_at.is_not(None))
_AFTER = bindparam("after", type_=Id)
_WAITING = (
    select(Waiting.inbox_id, Decision.account_id, Decision.course_id)
    .join(Decision, Decision.inbox_id == Waiting.inbox_id)
    .where(Waiting.wait_key == bindparam("key"), Waiting.inbox_id > _AFTER)
    .where(~newer(), Waiting.inbox_id.not_in(_PARKED))
    .order_by(Waiting.inbox_id)
    .limit(bindparam("limit"))
)
#: Before every id.
FIRST = "00000000-0000-0000-0000-000000000000"


def waiting(connection: Connection, key: str, after: str, limit: int) -> Sequence[Stored]:
    """Return completions that wait for ``key`` and would be woken by it: ``inbox_id, account_id, course_id``.

    Account and course are those of the current decision.  What is parked stays as it is, whatever comes.
    """
    return connection.execute(_WAITING, {"key": key, "after": after, "limit": limit}).all()


def how_many(connection: Connection, keys: Iterable[str], most: int) -> int:
    """Return how many completions wait for one of ``keys``, counted up to ``most``."""
    some = select(Waiting.inbox_id).where(Waiting.wait_key.in_(list(keys))).limit(most).subquery()
    return connection.scalar(select(func.count()).select_from(some)) or 0
