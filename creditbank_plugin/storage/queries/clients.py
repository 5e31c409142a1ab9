"""Lists of clients for administrators; hashes of secrets are never read for them."""

from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement, Connection, and_, exists, func, or_, select

from creditbank_plugin.storage.base import Stored
from creditbank_plugin.storage.queries.reads import among, these
from creditbank_plugin.storage.tables import Client, ClientSchool, Organisation

_HIDDEN = ("secret_hash", "old_secret_hash")
_SHOWN = select(*(column for column in Client.__table__.columns if column.name not in _HIDDEN))
_SCHOOLS = (
    select(ClientSchool.client_id, ClientSchool.organisation_code)
    .where(among(ClientSchool.client_id))
    .order_by(ClientSchool.organisation_code)
)


def shown(connection: Connection, client_id: str) -> Stored | None:
    """Return a client without its hashes."""
    return connection.execute(_SHOWN.where(Client.client_id == client_id)).first()


def listed(connection: Connection, words: Sequence[str], after: str | None, limit: int) -> Sequence[Stored]:
    """Return clients that have every word somewhere, the newest first, from behind the client ``after`` on."""
    asked = _SHOWN.where(*(_has(word) for word in words))
    if after is not None:
        last = select(Client.created_at).where(Client.client_id == after).scalar_subquery()
        asked = asked.where(or_(Client.created_at < last, and_(Client.created_at == last, Client.client_id < after)))
    return connection.execute(asked.order_by(Client.created_at.desc(), Client.client_id.desc()).limit(limit)).all()


def _has(word: str) -> ColumnElement[bool]:
    """Return the condition that a client, or an organisation it belongs to or sees, is called by a word."""

    def within(column: object) -> ColumnElement[bool]:
        return func.lower(column).contains(word.lower(), autoescape=True)

    sees = exists().where(
        ClientSchool.client_id == Client.client_id, ClientSchool.organisation_code == Organisation.code
    )
    named = exists().where(
        or_(Organisation.code == Client.organisation_code, sees),
        or_(*(within(column) for column in (Organisation.code, Organisation.name_th, Organisation.name_en))),
    )
    own = (Client.name, Client.client_id, Client.scopes, Client.kind, Client.issuer)
    return or_(*(within(column) for column in own), named)


def schools(connection: Connection, client_ids: Collection[str]) -> dict[str, list[str]]:
    """Return the further organisations of each client."""
    found: dict[str, list[str]] = {each: [] for each in client_ids}
    for row in connection.execute(_SCHOOLS, {"ids": these(client_ids)}) if client_ids else ():
        found[row.client_id].append(row.organisation_code)
    return found
