"""Long work: queued, taken by one worker at a time, taken over when its worker has been silent for long."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, or_, select, update

from creditbank_plugin.storage.base import Stored
from creditbank_plugin.storage.queries.writes import insert_all
from creditbank_plugin.storage.tables import Job

QUEUED, RUNNING, DONE, FAILED, STOPPED = "queued", "running", "done", "failed", "stopped"


def add(connection: Connection, **columns: Any) -> None:
    """Add a job; ``columns`` are those of the table."""
    insert_all(connection, Job, [columns])


def get(connection: Connection, job_id: str) -> Stored | None:
    """Return a job."""
    return connection.execute(select(Job.__table__).where(Job.id == job_id)).first()


def latest(connection: Connection, kind: str, made_by: str, since: datetime, limit: int = 20) -> Sequence[Stored]:
    """Return the jobs of a kind that somebody has started since then, the newest first."""
    query = select(Job.__table__).where(Job.kind == kind, Job.made_by == made_by, Job.made_at >= since)
    return connection.execute(query.order_by(Job.id.desc()).limit(limit)).all()


def next_one(connection: Connection, silent_since: datetime) -> str | None:
    """Return the oldest job that nobody works on: queued, or its worker silent since then."""
    silent = and_(Job.state == RUNNING, Job.beat_at < silent_since)
    query = select(Job.id).where(or_(Job.state == QUEUED, silent)).order_by(Job.id).limit(1)
    return connection.scalar(query)


def take(connection: Connection, job_id: str, now: datetime, silent_since: datetime) -> Stored | None:
    """Take a job that nobody works on; return it, None when somebody was quicker.

    ``attempts`` rises and tells this taking from any other.
    """
    free = or_(Job.state == QUEUED, and_(Job.state == RUNNING, Job.beat_at < silent_since))
    values = {"state": RUNNING, "beat_at": now, "attempts": Job.attempts + 1}
    statement = update(Job).where(Job.id == job_id, free).values(values)
    return connection.execute(statement.returning(*Job.__table__.c)).first()


def change(connection: Connection, job_id: str, attempt: int, **values: Any) -> bool:
    """Change a job that this taking still holds; tell whether it does."""
    mine = (Job.id == job_id, Job.state == RUNNING, Job.attempts == attempt)
    return connection.execute(update(Job).where(*mine).values(values)).rowcount == 1


def stop(connection: Connection, job_id: str, now: datetime) -> bool:
    """Stop a job that has not ended; its worker sees that at its next step."""
    open_ = (Job.id == job_id, Job.state.in_((QUEUED, RUNNING)))
    return connection.execute(update(Job).where(*open_).values(state=STOPPED, ended_at=now)).rowcount == 1


def forget(connection: Connection, kind: str, made_by: str) -> None:
    """Empty what somebody's ended jobs of a kind were given: a file that was looked at is not kept for ever."""
    mine = (Job.kind == kind, Job.made_by == made_by, Job.state.not_in((QUEUED, RUNNING)))
    connection.execute(update(Job).where(*mine).values(wanted={}))
