"""To which organisations a piece of news may be told: the same for whoever reads the changes and for webhooks.

An organisation is told of its own learners, and of them what was deposited through its bank or what it sent or was named
in.  That hangs on what stood when the news was made (an enrolment is made with the first completion, entries are never
changed), so that nothing comes into sight behind one who has read on.
"""

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import Connection, func, select

from creditbank_plugin.storage.base import Stored
from creditbank_plugin.storage.queries.reads import among, these
from creditbank_plugin.storage.tables import Adoption, Bank, Decision, Enrolment, Entry, Inbox

_ENROLMENTS = select(Enrolment.account_id, Enrolment.organisation_code).where(among(Enrolment.account_id))
_DEPOSITS = (
    select(Entry.record_id, Bank.organisation_code, func.min(Entry.commit_order).label("first"))
    .join(Decision, Decision.id == Entry.decision_id)
    .join(Adoption, Adoption.id == Decision.adoption_id)
    .join(Bank, Bank.code == Adoption.bank_code)
    .where(among(Entry.record_id))
    .group_by(Entry.record_id, Bank.organisation_code)
)
_MESSAGES = select(Inbox.id, Inbox.organisation_code, Inbox.school_code).where(among(Inbox.id))


def audiences(connection: Connection, news: Sequence[Stored]) -> list[frozenset[str]]:
    """Return the organisations that may be told of each piece of news, in the same order; at most three reads."""
    enrolled = _by_key(connection, _ENROLMENTS, (row.account_id for row in news))
    deposits = _by_key(connection, _DEPOSITS, (row.value.get("record_id") for row in news))
    unrecorded = (row.value.get("event_id") for row in news if row.value.get("record_id") is None)
    messages = _by_key(connection, _MESSAGES, unrecorded)
    return [_audience(row, enrolled, deposits, messages) for row in news]


def _by_key(connection: Connection, query: object, keys: Iterable[str | None]) -> dict[str, list[Stored]]:
    """Return the rows of a query by its first column."""
    wanted = {key for key in keys if key is not None}
    found: dict[str, list[Stored]] = {}
    if wanted:
        for row in connection.execute(query, {"ids": these(sorted(wanted))}):  # type: ignore[call-overload]
            found.setdefault(row[0], []).append(row)
    return found


def _audience(
    row: Stored,
    enrolled: Mapping[str, Sequence[Stored]],
    deposits: Mapping[str, Sequence[Stored]],
    messages: Mapping[str, Sequence[Stored]],
) -> frozenset[str]:
    told = row.value
    if told.get("record_id") is not None:
        through = deposits.get(told["record_id"], ())
        concerned = {each.organisation_code for each in through if each.first <= row.commit_order}
    else:
        heard = messages.get(told.get("event_id"), ())
        concerned = {code for each in heard for code in (each.organisation_code, each.school_code) if code is not None}
    return frozenset(concerned & {each.organisation_code for each in enrolled.get(row.account_id, ())})
