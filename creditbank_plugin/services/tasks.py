"""What waits for a person."""

from collections.abc import Sequence

from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.storage.base import Stored
from creditbank_plugin.storage.queries import ledger
from creditbank_plugin.storage.session import reading


def tasks(runtime: Runtime) -> Sequence[Stored]:
    """Return what waits for a person, oldest first."""
    with reading(runtime.engine) as connection:
        return ledger.open_tasks(connection)


def reviews(runtime: Runtime) -> Sequence[Stored]:
    """Return records under review: their last entry, the course, since when and by which message (``review_cause``)."""
    with reading(runtime.engine) as connection:
        return ledger.under_review(connection)
