"""Authorisations: one for each time a learner let a client in, with every token that came of it; they end together."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from creditbank_plugin.errors import Refused
from creditbank_plugin.rules.scopes import split
from creditbank_plugin.services import remembering
from creditbank_plugin.services.access.issuing import Issued
from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.storage.base import Stored
from creditbank_plugin.storage.queries import grants
from creditbank_plugin.storage.session import reading, writing

CODE_REPLAYED, REFRESH_REUSED, REVOKED = "code_replayed", "refresh_reused", "revoked"
CONSENT_ENDED, CLIENT_REVOKED = "consent_ended", "client_revoked"
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Authorisation:
    """One authorisation as an administrator sees it; ``ended_why`` is one of the words above."""

    id: str
    person_id: str
    scopes: frozenset[str]
    begun_at: datetime
    ended_at: datetime | None
    ended_why: str | None


def list_for_client(runtime: Runtime, client_id: str, *, limit: int = 100) -> Sequence[Authorisation]:
    """Return a client's authorisations, the newest first, ended ones too."""
    with reading(runtime.engine) as connection:
        rows = grants.families(connection, client_id, limit)
    return [
        Authorisation(row.id, row.person_id, split(row.scopes), row.begun_at, row.ended_at, row.ended_why)
        for row in rows
    ]


def end(runtime: Runtime, family_id: str) -> bool:
    """End one authorisation at once; False where it is unknown or has ended."""
    with writing(runtime.engine) as connection:
        ended = grants.end_families(connection, runtime.clock(), REVOKED, family_id=family_id) == 1
    remembering.forget_all(runtime)
    return ended


def handed_out(runtime: Runtime, give: Callable[[Connection], Issued | None]) -> Issued:
    """Return the tokens that ``give`` makes, in a transaction of its own, of what a client brought.

    ``Refused("invalid_grant")`` where it makes none.
    """
    with writing(runtime.engine) as connection:
        issued = give(connection)
    if issued is None:  # after the commit: what a second use ended must stay ended, and be forgotten everywhere
        remembering.forget_all(runtime)
        raise invalid_grant()
    return issued


def invalid_grant() -> Refused:
    """Return the refusal of a code or refresh token; which of its reasons it was is nobody's business."""
    return Refused("invalid_grant", "รหัสหรือโทเคนนี้ใช้ไม่ได้", "The code or refresh token is not good.", status=400)


def of_brought(connection: Connection, row: Stored | None, client: Stored, now: datetime, reused: str) -> Stored | None:
    """Return the authorisation behind a code or refresh token; None for one that is unknown, another client's or too old.

    It ends, for the reason ``reused``, where somebody brings the code or token for the second time (RFC 9700 section
    4.14.2): then it is None as well.
    """
    family = grants.family(connection, row.family_id) if row is not None else None
    if row is None or family is None or family.client_id != client.client_id:
        return None
    if row.used_at is not None:
        if grants.end_families(connection, now, reused, family_id=family.id):
            log.warning("authorisation %s of client %s ended: %s", family.id, family.client_id, reused)
        return None
    return family if now < row.expires_at and stands(family, now) else None


def stands(family: Stored, now: datetime) -> bool:
    """Tell whether an authorisation is good: neither it nor the learner's consent has ended."""
    return family.ended_at is None and family.consent_ended_at is None and now < family.until
