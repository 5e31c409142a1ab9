"""Read messages and what became of them; put them back to be settled."""

from collections.abc import Sequence

from sqlalchemy import Connection

from creditbank_hooks import LearnerIdentity
from creditbank_plugin.errors import Refused, not_found
from creditbank_plugin.formats import tiding_store
from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.services.settling.settle import settle_at_once
from creditbank_plugin.services.views import Event, Name, Page
from creditbank_plugin.storage.base import Stored, is_uuid
from creditbank_plugin.storage.bell import ring
from creditbank_plugin.storage.queries import inbox, people, queue
from creditbank_plugin.storage.session import reading, writing


def view(row: Stored) -> Event:
    """Make an event of a stored message with its current decision."""
    if row.parked_at is not None:
        state = reason = "parked"
    else:
        state, reason = row.state or "received", row.reason or "received"
    return Event(
        event_id=row.id,
        id=row.message_id,
        source=row.source,
        kind=row.kind,
        door=row.door,
        state=state,
        reason=reason,
        record_id=row.record_id,
        comparison_id=row.comparison_id,
        adoption_id=row.adoption_id,
        explanation_text=row.explanation_text or "[]",
        received_at=row.received_at,
        decided_at=row.decided_at,
        tiding=tiding_store.public_view(row.facts, (row.sealed_fields or "").split(",")),
        issuer=row.issuer,
        learner=row.learner,
        course_code=row.course_code,
        course_title=Name(row.title_th, row.title_en) if row.title_th else None,
        organisation=row.school_code,
        account_id=row.account_id,
        attempts=row.attempts or 0,
        error=row.error,
    )


def by_ids(runtime: Runtime, ids: Sequence[str]) -> dict[str, Event]:
    """Return events by id; what is no id of a message is passed over."""
    with reading(runtime.engine) as connection:
        known = [each for each in ids if is_uuid(each)]
        return {inbox_id: view(row) for inbox_id, row in inbox.views(connection, known).items()}


def get(runtime: Runtime, event_id: str, *, organisation: str | None = None, person_id: str | None = None) -> Event:
    """Return one event; ``Refused("not_found")`` unless it is of ``organisation`` and of ``person_id``, where given."""
    with reading(runtime.engine) as connection:
        row = inbox.views(connection, [event_id]).get(event_id) if is_uuid(event_id) else None
        if row is None or (organisation is not None and organisation not in (row.organisation_code, row.school_code)):
            raise not_found()
        if person_id is not None and row.account_id not in _accounts(connection, person_id):
            raise not_found()
        return view(row)


def page(
    runtime: Runtime,
    *,
    state: str | None = None,
    organisation: str | None = None,
    person_id: str | None = None,
    learner: LearnerIdentity | None = None,
    search: str | None = None,
    after: str | None = None,
    limit: int = 50,
) -> Page[Event]:
    """Return events, newest first.  ``after`` is the cursor of a page before; ``search`` a course, learner, message, event.

    ``person_id`` keeps what is booked to a person; with ``learner`` also what was told of that learner and is booked to
    nobody yet.
    """
    if after is not None and not is_uuid(after):
        raise Refused("bad_cursor", "ตัวชี้หน้าไม่ถูกต้อง", "The cursor is not one of ours.", field="cursor", status=400)
    with reading(runtime.engine) as connection:
        accounts = _accounts(connection, person_id) if person_id is not None else None
        rows = inbox.page(
            connection,
            state=state,
            organisation=organisation,
            account_ids=accounts,
            learner=(learner.issuer, learner.id) if learner is not None else None,
            search=search,
            after=after,
            limit=limit + 1,
        )
    items = [view(row) for row in rows[:limit]]
    return Page(items, items[-1].event_id if len(rows) > limit else None)


def counts(runtime: Runtime) -> dict[str, int]:
    """Return how many messages are in each state."""
    with reading(runtime.engine) as connection:
        return inbox.counts(connection)


def retry(runtime: Runtime, event_ids: Sequence[str]) -> int:
    """Put messages back into the queue, and settle where that is inline; return how many were put back."""
    with writing(runtime.engine) as connection:
        number = queue.retry(connection, [each for each in event_ids if is_uuid(each)])
        ring(connection)
    settle_at_once(runtime)
    return number


def _accounts(connection: Connection, person_id: str) -> list[str]:
    present = people.present_person(connection, person_id)
    return [row.id for row in people.accounts_of_person(connection, present)]
