"""Clients and their tokens; a secret or token is only ever compared by its hash."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, or_, select, update

from creditbank_plugin.storage.base import Stored
from creditbank_plugin.storage.queries.writes import insert_new, table_of
from creditbank_plugin.storage.tables import Client, ClientSchool, Consent, Family, Organisation, Token

_CLIENT = select(Client.__table__).where(Client.client_id == bindparam("client_id"))


def client(connection: Connection, client_id: str) -> Stored | None:
    """Return a client, revoked ones too."""
    return connection.execute(_CLIENT, {"client_id": client_id}).first()


def lock_client(connection: Connection, client_id: str) -> None:
    """Let nobody else change a client until this transaction ends."""
    connection.execute(select(Client.client_id).where(Client.client_id == client_id).with_for_update())


def add_client(connection: Connection, **values: Any) -> None:
    """Insert a client."""
    connection.execute(table_of(Client).insert().values(**values))


def add_client_once(connection: Connection, **values: Any) -> None:
    """Insert a client unless another process was quicker."""
    insert_new(connection, Client, [values], ["client_id"])


def change_client(connection: Connection, client_id: str, **values: Any) -> None:
    """Change a client: its hashes when it is rotated, ``revoked_at`` when it is revoked."""
    connection.execute(update(Client).where(Client.client_id == client_id).values(**values))


def organisation_exists(connection: Connection, code: str) -> bool:
    """Tell whether there is an organisation of this code."""
    return connection.scalar(select(Organisation.code).where(Organisation.code == code)) is not None


def add_token(connection: Connection, **values: Any) -> None:
    """Insert a token."""
    connection.execute(table_of(Token).insert().values(**values))


_GOOD_TOKEN = (
    select(
        Token.scopes.label("granted"),
        Token.expires_at,
        Token.family_id,
        Family.person_id,
        Consent.until,
        Client.client_id,
        Client.organisation_code,
        Client.issuer,
        Client.may_open_accounts,
        Client.per_minute,
    )
    .join(Client, Client.client_id == Token.client_id)
    .outerjoin(Family, Family.id == Token.family_id)
    .outerjoin(Consent, Consent.id == Family.consent_id)
    .where(
        Token.token_hash == bindparam("hash"),
        Token.expires_at > bindparam("now"),
        Token.revoked_at.is_(None),
        Client.revoked_at.is_(None),
        Family.ended_at.is_(None),
        Consent.ended_at.is_(None),
        # No authorisation: a machine's own token. One that is gone makes a learner's token none of those, but worth nothing.
        or_(Token.family_id.is_(None), Consent.until > bindparam("now")),
    )
)
_SCHOOLS = select(ClientSchool.organisation_code).where(ClientSchool.client_id == bindparam("client_id"))


def token(connection: Connection, token_hash: bytes, now: datetime) -> Stored | None:
    """Return a token that is good at ``now``, of a client, a family and a consent that are; one indexed read."""
    return connection.execute(_GOOD_TOKEN, {"hash": token_hash, "now": now}).first()


def schools_of(connection: Connection, client_id: str) -> frozenset[str]:
    """Return the further organisations whose learners a client may see, beside its own."""
    return frozenset(connection.scalars(_SCHOOLS, {"client_id": client_id}))


def set_schools(connection: Connection, client_id: str, codes: Iterable[str]) -> None:
    """Replace the further organisations of a client."""
    connection.execute(delete(ClientSchool).where(ClientSchool.client_id == client_id))
    for code in sorted(set(codes)):
        connection.execute(table_of(ClientSchool).insert().values(client_id=client_id, organisation_code=code))


def used(connection: Connection, client_id: str, at: datetime, before: datetime) -> None:
    """Write that a client called, unless a call after ``before`` is written already."""
    old = or_(Client.last_used_at.is_(None), Client.last_used_at <= before)
    connection.execute(update(Client).where(Client.client_id == client_id, old).values(last_used_at=at))


def revoke_tokens(connection: Connection, client_id: str, now: datetime) -> None:
    """End every token of a client."""
    connection.execute(
        update(Token).where(Token.client_id == client_id, Token.revoked_at.is_(None)).values(revoked_at=now)
    )


def forget_tokens(connection: Connection, before: datetime) -> None:
    """Delete tokens that ended before a moment, so that the table stays as small as it is busy."""
    connection.execute(delete(Token).where(Token.expires_at < before))
