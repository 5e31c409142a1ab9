"""Tell listeners what was posted: from the outbox, after the commit, in order, at least once.

A piece of news stands in the outbox from the very transaction that made it true.  One process tells at a time, so that
the news of an account come in their order; whoever commits while another tells leaves its news to that one.  A process
that dies before it has noted how far it came lets the next one tell some again: each has an id that stays the same.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from creditbank_hooks import news as contract
from creditbank_plugin.services.filelock import try_locked
from creditbank_plugin.services.plugins import announce, has_listeners
from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.services.telling import post
from creditbank_plugin.storage.queries import outbox
from creditbank_plugin.storage.queries.outbox import Place
from creditbank_plugin.storage.session import reading, writing

READER = "plugins"
AT_ONCE = 500
LOCK = "news.lock"
VALUES: dict[str, type[Any]] = {
    "credit_posted": contract.CreditPosted,
    "credit_withheld": contract.CreditWithheld,
    "credit_reversed": contract.CreditReversed,
    "statement_issued": contract.StatementIssued,
}


def written(value: Any) -> dict[str, Any]:
    """Return a news value as it stands in the outbox: its fields without ``id``, moments as ISO 8601."""
    told = {field.name: getattr(value, field.name) for field in fields(value) if field.name != "id"}
    return {name: each.isoformat() if isinstance(each, datetime) else each for name, each in told.items()}


def restored(hook: str, news_id: str, value: dict[str, Any]) -> Any:
    """Return the news value that ``written`` wrote down."""
    return VALUES[hook](**{**value, "at": datetime.fromisoformat(value["at"])}, id=news_id)


def begin(runtime: Runtime) -> None:
    """Let listeners hear what is posted from now on; what was posted before the first of them came is not told.

    Nothing happens where they have begun already, or where the tables are not there yet (then all news is still to come).
    """
    if not has_listeners(runtime.plugins, VALUES):
        return
    try:
        with reading(runtime.engine) as connection:
            if outbox.place_of(connection, READER) is not None:
                return
            place = outbox.now_place(connection)
        with writing(runtime.engine) as connection:
            if outbox.place_of(connection, READER) is None:
                outbox.move(connection, READER, place, runtime.clock())
    except SQLAlchemyError:
        return


def tell(runtime: Runtime) -> int:
    """Tell the listeners everything that stands after the place they reached; return how many pieces of news.

    Webhooks are sent beside that, where this process settles inline.  Nothing is read where nobody listens, nor told where
    another process is telling: that one goes on until none is left.
    """
    post.wake(runtime)
    if not has_listeners(runtime.plugins, VALUES):
        return 0
    told = 0
    while True:
        with _alone(runtime) as alone:
            if not alone:
                return told
            told += _tell_all(runtime)
        with reading(runtime.engine) as connection:
            # What was committed between our last look and giving the lock back was left to us.
            if not outbox.after(connection, outbox.place_of(connection, READER) or Place(0, 0), 1):
                return told


def _tell_all(runtime: Runtime) -> int:
    told = 0
    while True:
        with reading(runtime.engine) as connection:
            rows = outbox.after(connection, outbox.place_of(connection, READER) or Place(0, 0), AT_ONCE)
        for row in rows:
            announce(runtime.plugins, row.hook, news=restored(row.hook, row.id, row.value))
        if rows:
            with writing(runtime.engine) as connection:
                outbox.move(connection, READER, Place(rows[-1].commit_order, rows[-1].number), runtime.clock())
        told += len(rows)
        if len(rows) < AT_ONCE:
            return told  # these were the last; `tell` looks once more


@contextmanager
def _alone(runtime: Runtime) -> Iterator[bool]:
    if runtime.engine.dialect.name == "postgresql":
        with runtime.engine.connect() as connection, connection.begin():
            yield outbox.try_alone(connection)
    else:
        with try_locked(runtime.settings.data / LOCK) as alone:
            yield alone
