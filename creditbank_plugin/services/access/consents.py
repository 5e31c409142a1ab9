"""What learners agreed to: given, remembered, shown to them, and taken back with all that came of it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from creditbank_plugin.errors import not_found
from creditbank_plugin.rules.scopes import join, split
from creditbank_plugin.services import remembering
from creditbank_plugin.services.access import families
from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.storage.base import Stored, is_uuid, new_id
from creditbank_plugin.storage.queries import grants, people
from creditbank_plugin.storage.session import reading, writing
from creditbank_plugin.storage.tables import Consent


@dataclass(frozen=True)
class Shared:
    """A consent that is good: which client of which organisation may do what, since when and until when."""

    id: str
    person_id: str
    client_id: str
    client_name: str
    organisation: str
    purpose_th: str | None
    purpose_en: str | None
    scopes: frozenset[str]
    given_at: datetime
    until: datetime


def until(runtime: Runtime) -> datetime:
    """Return until when a consent given now is good."""
    return runtime.clock() + timedelta(days=runtime.settings.consent_days)


def is_remembered(runtime: Runtime, person_id: str, client_id: str, scopes: Collection[str]) -> bool:
    """Tell whether the learner agreed to this, or to more, and it is still good."""
    with reading(runtime.engine) as connection:
        given = grants.living_consents(connection, runtime.clock(), persons=[person_id], client_id=client_id)
    return any(set(scopes) <= split(each.scopes) for each in given)


def give(
    connection: Connection, person_id: str, client_id: str, scopes: Collection[str], now: datetime, until: datetime
) -> str:
    """Keep that a learner agrees, and return the consent's id: one that still stood is widened and begins anew."""
    grants.lock_person(connection, person_id)
    standing = grants.living_consents(connection, now, persons=[person_id], client_id=client_id)
    if standing:
        wider = join({*split(standing[0].scopes), *scopes})
        grants.change_consent(connection, standing[0].id, scopes=wider, given_at=now, until=until)
        return str(standing[0].id)
    made = new_id()
    grants.add(
        connection,
        Consent,
        id=made,
        person_id=person_id,
        client_id=client_id,
        scopes=join(scopes),
        given_at=now,
        until=until,
        ended_at=None,
        ended_by=None,
    )
    return made


def covering(
    connection: Connection, person_id: str, client_id: str, scopes: Collection[str], now: datetime
) -> str | None:
    """Return the id of a consent that is good for all of ``scopes``, None where there is none any more."""
    given = grants.living_consents(connection, now, persons=[person_id], client_id=client_id)
    return next((str(each.id) for each in given if set(scopes) <= split(each.scopes)), None)


def list_for_person(runtime: Runtime, person_id: str) -> Sequence[Shared]:
    """Return what a learner shares now, the newest first, with what they gave before records of theirs were merged."""
    with reading(runtime.engine) as connection:
        rows = grants.living_consents(connection, runtime.clock(), persons=people.persons_merged(connection, person_id))
    return [_shared(row) for row in rows]


def list_for_client(
    runtime: Runtime, client_id: str, *, limit: int | None = None, skipped: int = 0
) -> Sequence[Shared]:
    """Return the consents of a client that are good now, the newest first, all of them or some."""
    with reading(runtime.engine) as connection:
        rows = grants.living_consents(connection, runtime.clock(), client_id=client_id, limit=limit, skipped=skipped)
    return [_shared(row) for row in rows]


def count_for_client(runtime: Runtime, client_id: str) -> int:
    """Return how many consents of a client are good now."""
    with reading(runtime.engine) as connection:
        return grants.count_consents(connection, client_id, runtime.clock())


def end(
    runtime: Runtime, consent_id: str, by: str, *, person_id: str | None = None, client_id: str | None = None
) -> None:
    """Take a consent back at once, with every code and token that came of it.

    ``by`` names who did it, as `Actor.id` does.  ``person_id`` and ``client_id`` bound it to what that learner gave, and
    to that client.
    ``Refused("not_found")`` (404) for a consent that is unknown, has ended or is somebody else's.
    """
    now = runtime.clock()
    with writing(runtime.engine) as connection:
        mine = None if person_id is None else people.persons_merged(connection, person_id)
        found: Sequence[Stored] = ()
        if is_uuid(consent_id):
            found = grants.living_consents(connection, now, persons=mine, client_id=client_id, consent_id=consent_id)
        if not found:
            raise not_found()
        grants.lock_person(connection, found[0].person_id)
        _end(connection, found, now, by)
    remembering.forget_all(runtime)


def end_all(connection: Connection, person_id: str, now: datetime, by: str) -> None:
    """End everything that a person agreed to."""
    persons = people.persons_merged(connection, person_id)
    _end(connection, grants.living_consents(connection, now, persons=persons), now, by)


def _end(connection: Connection, which: Sequence[Stored], now: datetime, by: str) -> None:
    ids = [each.id for each in which]
    grants.end_consents(connection, ids, now, by)
    grants.end_families(connection, now, families.CONSENT_ENDED, consents=ids)


def _shared(row: Stored) -> Shared:
    return Shared(
        id=row.id,
        person_id=row.person_id,
        client_id=row.client_id,
        client_name=row.name,
        organisation=row.organisation_code,
        purpose_th=row.purpose_th,
        purpose_en=row.purpose_en,
        scopes=split(row.scopes),
        given_at=row.given_at,
        until=row.until,
    )
