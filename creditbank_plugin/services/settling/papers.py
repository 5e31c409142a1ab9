"""What a message's current decision rests on, by name: the record it made, the comparison, the order."""

from dataclasses import dataclass

from creditbank_plugin.services.accounts import record
from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.services.views import Event, Record
from creditbank_plugin.storage.base import Stored
from creditbank_plugin.storage.queries import authority
from creditbank_plugin.storage.session import reading


@dataclass(frozen=True)
class Papers:
    """The papers of a decision; None for what it does not name.  The rows carry the names of body and bank."""

    record: Record | None
    comparison: Stored | None
    adoption: Stored | None


def papers(runtime: Runtime, event: Event) -> Papers:
    """Return what ``event`` was decided by and what it made."""
    with reading(runtime.engine) as connection:
        compared = authority.comparison_rows(connection, [event.comparison_id] if event.comparison_id else [])
        adopted = authority.adoption_rows(connection, [event.adoption_id] if event.adoption_id else [])
    made = record(runtime, event.record_id) if event.record_id else None
    return Papers(made, next(iter(compared.values()), None), next(iter(adopted.values()), None))
