"""What learners agreed to, and the codes and tokens that came of it; each secret is only ever found by its hash."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, or_, select, update
from sqlalchemy.orm import DeclarativeBase

from creditbank_plugin.storage.base import Stored
from creditbank_plugin.storage.queries.writes import table_of, upsert
from creditbank_plugin.storage.tables import Assertion, Client, Code, Consent, Family, Person, RefreshToken, Token


def add(connection: Connection, model: type[DeclarativeBase], **values: Any) -> None:
    """Insert a row of one of these tables."""
    connection.execute(table_of(model).insert().values(**values))


def code(connection: Connection, code_hash: bytes) -> Stored | None:
    """Return a code and lock it: of two who bring the same one, the second sees that it was used."""
    return connection.execute(select(Code.__table__).where(Code.code_hash == code_hash).with_for_update()).first()


def refresh_token(connection: Connection, token_hash: bytes) -> Stored | None:
    """Return a refresh token and lock it, as `code` does."""
    return connection.execute(
        select(RefreshToken.__table__).where(RefreshToken.token_hash == token_hash).with_for_update()
    ).first()


def family(connection: Connection, family_id: str) -> Stored | None:
    """Return an authorisation with the state of its consent (``until``, ``consent_ended_at``)."""
    return connection.execute(
        select(Family.__table__, Consent.until, Consent.ended_at.label("consent_ended_at"))
        .join(Consent, Consent.id == Family.consent_id)
        .where(Family.id == family_id)
    ).first()


def use_code(connection: Connection, code_hash: bytes, now: datetime) -> None:
    """Mark a code as used."""
    connection.execute(update(Code).where(Code.code_hash == code_hash).values(used_at=now))


def use_refresh_token(connection: Connection, token_hash: bytes, now: datetime) -> None:
    """Mark a refresh token as used."""
    connection.execute(update(RefreshToken).where(RefreshToken.token_hash == token_hash).values(used_at=now))


def any_token(connection: Connection, token_hash: bytes) -> Stored | None:
    """Return an access token whatever became of it: its columns, and its learner and when its family ended.

    None for a learner's token whose family is gone.
    """
    return connection.execute(
        select(Token.__table__, Family.person_id, Family.ended_at.label("family_ended_at"))
        .outerjoin(Family, Family.id == Token.family_id)
        .where(Token.token_hash == token_hash, or_(Token.family_id.is_(None), Family.id.is_not(None)))
    ).first()


def any_refresh_token(connection: Connection, token_hash: bytes) -> Stored | None:
    """Return a refresh token whatever became of it: its columns, and its family's client, learner and end."""
    return connection.execute(
        select(
            RefreshToken.__table__,
            Family.client_id,
            Family.person_id,
            Family.ended_at.label("family_ended_at"),
            Consent.until,
        )
        .join(Family, Family.id == RefreshToken.family_id)
        .join(Consent, Consent.id == Family.consent_id)
        .where(RefreshToken.token_hash == token_hash)
    ).first()


def revoke_token(connection: Connection, token_hash: bytes, now: datetime) -> None:
    """End one access token."""
    connection.execute(
        update(Token).where(Token.token_hash == token_hash, Token.revoked_at.is_(None)).values(revoked_at=now)
    )


def lock_person(connection: Connection, person_id: str) -> None:
    """Let nobody else change what a learner agreed to until this transaction ends."""
    connection.execute(select(Person.id).where(Person.id == person_id).with_for_update())


_LIVING = (
    select(Consent.__table__, Client.name, Client.organisation_code, Client.purpose_th, Client.purpose_en)
    .join(Client, Client.client_id == Consent.client_id)
    .where(Consent.ended_at.is_(None), Client.revoked_at.is_(None))
    .order_by(Consent.given_at.desc(), Consent.id)
)


def living_consents(
    connection: Connection,
    now: datetime,
    *,
    persons: Collection[str] | None = None,
    client_id: str | None = None,
    consent_id: str | None = None,
    limit: int | None = None,
    skipped: int = 0,
) -> Sequence[Stored]:
    """Return the consents that are good at ``now``, newest first, with their clients' names."""
    asked = _LIVING.where(Consent.until > now)
    if persons is not None:
        asked = asked.where(Consent.person_id.in_(list(persons)))
    if client_id is not None:
        asked = asked.where(Consent.client_id == client_id)
    if consent_id is not None:
        asked = asked.where(Consent.id == consent_id)
    return connection.execute(asked.limit(limit).offset(skipped)).all()


def count_consents(connection: Connection, client_id: str, now: datetime) -> int:
    """Return how many consents of a client are good at ``now``."""
    asked = select(func.count()).where(Consent.client_id == client_id, Consent.ended_at.is_(None), Consent.until > now)
    return connection.scalar(asked) or 0


def change_consent(connection: Connection, consent_id: str, **values: Any) -> None:
    """Change a consent that is given anew."""
    connection.execute(update(Consent).where(Consent.id == consent_id).values(**values))


def end_consents(connection: Connection, ids: Sequence[str], now: datetime, by: str) -> None:
    """End consents."""
    connection.execute(
        update(Consent).where(Consent.id.in_(ids), Consent.ended_at.is_(None)).values(ended_at=now, ended_by=by)
    )


def end_families(
    connection: Connection,
    now: datetime,
    why: str,
    *,
    family_id: str | None = None,
    consents: Sequence[str] | None = None,
    client_id: str | None = None,
) -> int:
    """End the authorisations that are named in one of the three ways, and all that came of them; return how many were."""
    which = [
        column == value
        for column, value in ((Family.id, family_id), (Family.client_id, client_id))
        if value is not None
    ]
    if consents is not None:
        which.append(Family.consent_id.in_(consents))
    if len(which) != 1:
        raise ValueError("name the families in one way")
    ended = connection.execute(
        update(Family).where(*which, Family.ended_at.is_(None)).values(ended_at=now, ended_why=why)
    )
    return ended.rowcount


def families(connection: Connection, client_id: str, limit: int) -> Sequence[Stored]:
    """Return the newest authorisations of a client, those that ended too."""
    return connection.execute(
        select(Family.__table__)
        .where(Family.client_id == client_id)
        .order_by(Family.begun_at.desc(), Family.id.desc())
        .limit(limit)
    ).all()


def take_assertion(connection: Connection, client_id: str, jti_hash: bytes, expires_at: datetime) -> bool:
    """Keep an assertion's id; False where it was brought before."""
    statement = (
        upsert(connection, Assertion)
        .values(client_id=client_id, jti_hash=jti_hash, expires_at=expires_at)
        .on_conflict_do_nothing(index_elements=["client_id", "jti_hash"])
        .returning(Assertion.client_id)
    )
    return connection.execute(statement).first() is not None


def forget(connection: Connection, before: datetime) -> None:
    """Delete codes, refresh tokens and assertions that ended before a moment."""
    for model in (Code, RefreshToken, Assertion):
        connection.execute(delete(model).where(model.expires_at < before))
