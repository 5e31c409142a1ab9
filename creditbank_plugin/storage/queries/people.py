"""The identity map."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, bindparam, func, select, tuple_, update

from creditbank_plugin.storage.base import Id, Stored
from creditbank_plugin.storage.queries.reads import among, these
from creditbank_plugin.storage.tables import Account, AccountLink, Enrolment, Identifier, Identity

Key = tuple[str, str]


_AMONG_KEYS = tuple_(Identifier.issuer, Identifier.value).in_(bindparam("keys", expanding=True))
_ACCOUNTS_OF = select(Identifier.issuer, Identifier.value, Identifier.account_id).where(
    _AMONG_KEYS, Identifier.until.is_(None)
)
_ERASED = (
    select(Identifier.issuer, Identifier.value, func.max(Identifier.until).label("until"))
    .where(_AMONG_KEYS, Identifier.until.is_not(None))
    .group_by(Identifier.issuer, Identifier.value)
)


def accounts_of(connection: Connection, learners: Iterable[Key]) -> dict[Key, str]:
    """Return the account that each (issuer, id) leads to now."""
    keys = list(set(learners))
    rows = connection.execute(_ACCOUNTS_OF, {"keys": these(keys)}) if keys else ()
    return {(row.issuer, row.value): row.account_id for row in rows}


def erased(connection: Connection, learners: Iterable[Key]) -> dict[Key, datetime]:
    """Return when each (issuer, id) last stopped leading to an account, where it ever did."""
    keys = list(set(learners))
    rows = connection.execute(_ERASED, {"keys": these(keys)}) if keys else ()
    return {(row.issuer, row.value): row.until for row in rows}


def owner_of() -> Any:
    """Return an SQL expression for the person an account belongs to now: its open link's, else its own."""
    open_link = (
        select(AccountLink.person_id)
        .where(AccountLink.account_id == Account.id, AccountLink.until.is_(None))
        .correlate(Account)
        .scalar_subquery()
    )
    return func.coalesce(open_link, Account.person_id)


_PERSON = bindparam("person", type_=Id)
_FIRST_ACCOUNT = select(Account.id).where(Account.person_id == _PERSON).order_by(Account.opened_at).limit(1)
_LINKED_PERSON = select(AccountLink.person_id).where(
    AccountLink.account_id == _FIRST_ACCOUNT.scalar_subquery(), AccountLink.until.is_(None)
)


def _could_be(first: ColumnElement[bool], linked: ColumnElement[bool]) -> ColumnElement[bool]:
    """Return the condition that an account was opened for, or is linked to, somebody: found by index, then looked at."""
    opened = select(Account.id).where(first)
    return Account.id.in_(opened.union(select(AccountLink.account_id).where(linked, AccountLink.until.is_(None))))


_HELD = (
    select(Account.id, Account.opened_at, Account.accepted_at)
    .where(_could_be(Account.person_id == _PERSON, AccountLink.person_id == _PERSON), owner_of() == _PERSON)
    .order_by(Account.opened_at, Account.id)
)
_ENROLLED = select(Enrolment.account_id).where(
    among(Enrolment.account_id), among(Enrolment.organisation_code, "organisations")
)


def present_person(connection: Connection, person_id: str) -> str:
    """Return the person that ``person_id`` is now: after merges an old id answers with the present one."""
    seen = {person_id}
    while True:
        found = connection.scalar(_LINKED_PERSON, {"person": person_id})
        if found is None or found in seen:
            return person_id
        person_id = found
        seen.add(found)


def accounts_of_person(connection: Connection, person_id: str) -> Sequence[Stored]:
    """Return the accounts a person holds now, oldest first: ``id, opened_at, accepted_at``."""
    return connection.execute(_HELD, {"person": person_id}).all()


_PERSONS = select(Account.id, owner_of().label("person_id")).where(among(Account.id))
_HELD_BY = (
    select(Account.id, owner_of().label("person_id"))
    .where(
        _could_be(among(Account.person_id, "persons"), among(AccountLink.person_id, "persons")),
        among(owner_of(), "persons"),
    )
    .order_by(Account.id)
)
_LINKED_TO = select(AccountLink.person_id).where(among(AccountLink.person_id), AccountLink.until.is_(None))


def persons_of(connection: Connection, account_ids: Iterable[str]) -> dict[str, str]:
    """Return the person each account belongs to now."""
    return {row.id: row.person_id for row in connection.execute(_PERSONS, {"ids": these(account_ids)})}


def siblings(connection: Connection, account_ids: Iterable[str]) -> dict[str, list[str]]:
    """Return, for accounts whose person holds several, every account of that person, in sorted order."""
    ids = list(account_ids)
    if not ids:
        return {}
    own = persons_of(connection, ids)
    merged = set(connection.scalars(_LINKED_TO, {"ids": these(set(own.values()))}))
    wanted = {person for person in own.values() if person in merged}
    if not wanted:
        return {}
    groups: dict[str, list[str]] = {}
    for row in connection.execute(_HELD_BY, {"persons": these(wanted)}):
        groups.setdefault(row.person_id, []).append(row.id)
    return {account: groups[person] for account, person in own.items() if person in groups}


def lock_accounts(connection: Connection, account_ids: Iterable[str]) -> None:
    """Lock accounts in sorted order, so that two who look across the same accounts never wait for one another."""
    ids = sorted(set(account_ids))
    if ids and connection.dialect.name == "postgresql":
        connection.execute(select(Account.id).where(Account.id.in_(ids)).order_by(Account.id).with_for_update()).all()


_IDENTITIES = select(Identity.__table__).where(among(Identity.account_id))


def identities(connection: Connection, account_ids: Iterable[str]) -> dict[str, Stored]:
    """Return the sealed identity of accounts."""
    ids = list(account_ids)
    return {row.account_id: row for row in connection.execute(_IDENTITIES, {"ids": these(ids)})} if ids else {}


def accounts_with_national_id(connection: Connection, digest: bytes) -> list[str]:
    """Return the accounts whose holder has the national ID of this digest."""
    query = select(Identity.account_id).where(Identity.national_id_digest == digest)
    return list(connection.scalars(query.order_by(Identity.account_id)))


def unlink(connection: Connection, key: Key, until: datetime) -> str | None:
    """End an issuer's identifier; return the account it led to."""
    account = accounts_of(connection, [key]).get(key)
    if account is not None:
        connection.execute(
            update(Identifier)
            .where(Identifier.issuer == key[0], Identifier.value == key[1], Identifier.until.is_(None))
            .values(until=until)
        )
    return account


def end_link(connection: Connection, account_id: str, until: datetime) -> None:
    """End an account's open link to another person, if it has one."""
    connection.execute(
        update(AccountLink).where(AccountLink.account_id == account_id, AccountLink.until.is_(None)).values(until=until)
    )


def accept(connection: Connection, account_ids: Iterable[str], at: datetime) -> int:
    """Make provisional accounts active; return how many were."""
    found = connection.execute(
        update(Account).where(Account.id.in_(list(account_ids)), Account.accepted_at.is_(None)).values(accepted_at=at)
    )
    return int(found.rowcount)


def enrolled(connection: Connection, account_ids: Iterable[str], organisations: Iterable[str]) -> set[str]:
    """Return which of the accounts are of learners enrolled with one of the organisations."""
    values = {"ids": these(account_ids), "organisations": these(organisations)}
    return set(connection.scalars(_ENROLLED, values))


def state_of(accounts: Sequence[Stored]) -> str:
    """Return a person's state: ``active`` when any account was accepted, else ``provisional``."""
    return "active" if any(account.accepted_at is not None for account in accounts) else "provisional"
