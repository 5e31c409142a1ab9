"""Clients and their tokens; a secret or token is only ever compared by its hash."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, select, update

from creditbank_plugin.storage.base import Stored
from creditbank_plugin.storage.queries.writes import table_of
from creditbank_plugin.storage.tables import Client, Organisation, Token

_CLIENT = select(Client.__table__).where(Client.client_id == bindparam("client_id"))


def client(connection: Connection, client_id: str) -> Stored | None:
    """Return a client, revoked ones too."""
    return connection.execute(_CLIENT, {"client_id": client_id}).first()


def add_client(connection: Connection, **values: Any) -> None:
    """Insert a client."""
    connection.execute(table_of(Client).insert().values(**values))


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
        Client.client_id,
        Client.organisation_code,
        Client.issuer,
        Client.may_open_accounts,
    )
    .join(Client, Client.client_id == Token.client_id)
    .where(
        Token.token_hash == bindparam("hash"),
        Token.expires_at > bindparam("now"),
        Token.revoked_at.is_(None),
        Client.revoked_at.is_(None),
    )
)


def token(connection: Connection, token_hash: bytes, now: datetime) -> Stored | None:
    """Return a token that is good at ``now``, of a client that is, with that client's columns; one indexed read."""
    return connection.execute(_GOOD_TOKEN, {"hash": token_hash, "now": now}).first()


def revoke_tokens(connection: Connection, client_id: str, now: datetime) -> None:
    """End every token of a client."""
    connection.execute(
        update(Token).where(Token.client_id == client_id, Token.revoked_at.is_(None)).values(revoked_at=now)
    )


def forget_tokens(connection: Connection, before: datetime) -> None:
    """Delete tokens that ended before a moment, so that the table stays as small as it is busy."""
    connection.execute(delete(Token).where(Token.expires_at < before))
