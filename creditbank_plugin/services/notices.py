"""What a learner must be told beside the figures: why a credit was taken back, and that the host closed the account."""

from datetime import datetime

from creditbank_hooks import CompletionRevoked, LearnerIdentity
from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.services.views import Record, TakenBack
from creditbank_plugin.storage.base import is_uuid
from creditbank_plugin.storage.queries import inbox, ledger, people
from creditbank_plugin.storage.session import reading

_KINDS = {"revoked": "revoke", "under_review": "review"}


def taken_back(runtime: Runtime, record: Record) -> TakenBack | None:
    """Return when and why a record was revoked or put under review; None for one that is neither.

    The reason is what the host gave with its revocation, None where something else moved the record (a lowered result).
    """
    kind = _KINDS.get(record.state)
    if kind is None:
        return None
    with reading(runtime.engine) as connection:
        entries = ledger.entries_of(connection, [record.account_id])
        last = next((each for each in reversed(entries) if (each.record_id, each.kind) == (record.id, kind)), None)
        if last is None:
            return None
        cause = inbox.views(connection, [last.cause]).get(last.cause) if is_uuid(last.cause) else None
    told = cause is not None and cause.kind == CompletionRevoked.kind
    return TakenBack(last.known_at, cause.facts.get("reason") if cause is not None and told else None)


def closed_at(runtime: Runtime, identity: LearnerIdentity) -> datetime | None:
    """Return when the host told that this learner's account is no more, and opened none since; None where it did not."""
    key = (identity.issuer, identity.id)
    with reading(runtime.engine) as connection:
        if people.accounts_of(connection, [key]):
            return None
        return people.erased(connection, [key]).get(key)
