"""OAuth clients, what learners agreed to, and the codes and tokens that follow; secrets are kept only as hashes."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from creditbank_plugin.storage.base import Base, Id


class Client(Base):
    """A machine that may call us: it belongs to one organisation, and an intake client speaks for one issuer.

    ``kind`` is ``confidential`` or ``public`` (RFC 6749 section 2.1), ``proof`` how it proves who it is at our endpoints:
    ``secret`` (Basic or in the body), ``private_key_jwt`` (``jwks`` holds its public keys) or ``none``.  Where there is no
    secret, ``secret_hash`` is random and fits nothing.  ``pkce`` is false for a confidential client that is excused.
    """

    __tablename__ = "creditbank_client"

    client_id: Mapped[str] = mapped_column(String(48), primary_key=True)
    name: Mapped[str]
    organisation_code: Mapped[str] = mapped_column(ForeignKey("creditbank_organisation.code"))
    scopes: Mapped[str]
    issuer: Mapped[str | None] = mapped_column(String(255))
    may_open_accounts: Mapped[bool]
    secret_hash: Mapped[bytes]
    old_secret_hash: Mapped[bytes | None]
    old_secret_until: Mapped[datetime | None]
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    kind: Mapped[str] = mapped_column(String(12), server_default="confidential")
    proof: Mapped[str] = mapped_column(String(20), server_default="secret")
    grants: Mapped[str] = mapped_column(server_default="client_credentials")
    redirect_uris: Mapped[list[Any] | None]
    pkce: Mapped[bool] = mapped_column(server_default="1")
    jwks: Mapped[dict[str, Any] | None]
    purpose_th: Mapped[str | None]
    purpose_en: Mapped[str | None]
    per_minute: Mapped[int | None]
    last_used_at: Mapped[datetime | None]


class ClientSchool(Base):
    """A further organisation whose learners a client may see, beside its own."""

    __tablename__ = "creditbank_client_school"

    client_id: Mapped[str] = mapped_column(ForeignKey("creditbank_client.client_id"), primary_key=True)
    organisation_code: Mapped[str] = mapped_column(ForeignKey("creditbank_organisation.code"), primary_key=True)


class Consent(Base):
    """What a learner lets a client do, until when, and since when no longer."""

    __tablename__ = "creditbank_consent"
    __table_args__ = (Index("ix_creditbank_consent_person_id_client_id", "person_id", "client_id"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("creditbank_person.id"))
    client_id: Mapped[str] = mapped_column(ForeignKey("creditbank_client.client_id"), index=True)
    scopes: Mapped[str]
    given_at: Mapped[datetime]
    until: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None] = mapped_column(String(120))


class Family(Base):
    """One authorisation and everything that came of it: its code, its access and refresh tokens end together.

    ``ended_why``: ``code_replayed``, ``refresh_reused``, ``revoked``, ``consent_ended``, ``client_revoked``.
    """

    __tablename__ = "creditbank_token_family"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    client_id: Mapped[str] = mapped_column(ForeignKey("creditbank_client.client_id"), index=True)
    consent_id: Mapped[str] = mapped_column(ForeignKey("creditbank_consent.id"), index=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("creditbank_person.id"), index=True)
    scopes: Mapped[str]
    begun_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ended_why: Mapped[str | None] = mapped_column(String(20))


class Code(Base):
    """An authorisation code by the SHA-256 of its text; good once, for a short while."""

    __tablename__ = "creditbank_code"

    code_hash: Mapped[bytes] = mapped_column(primary_key=True)
    family_id: Mapped[str] = mapped_column(ForeignKey("creditbank_token_family.id"), index=True)
    redirect_uri: Mapped[str]
    redirect_uri_told: Mapped[bool]
    challenge: Mapped[str | None] = mapped_column(String(43))
    expires_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None]


class Token(Base):
    """An access token, by the SHA-256 of its text; ``family_id`` where a learner stands behind it."""

    __tablename__ = "creditbank_token"

    token_hash: Mapped[bytes] = mapped_column(primary_key=True)
    client_id: Mapped[str] = mapped_column(ForeignKey("creditbank_client.client_id"), index=True)
    scopes: Mapped[str]
    issued_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    revoked_at: Mapped[datetime | None]
    family_id: Mapped[str | None] = mapped_column(Id, index=True)


class RefreshToken(Base):
    """A refresh token, by the SHA-256 of its text; good once: a second use ends its family."""

    __tablename__ = "creditbank_refresh_token"

    token_hash: Mapped[bytes] = mapped_column(primary_key=True)
    family_id: Mapped[str] = mapped_column(ForeignKey("creditbank_token_family.id"), index=True)
    scopes: Mapped[str]
    issued_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None]


class Assertion(Base):
    """An assertion by which a client proved itself (RFC 7523), kept until it ends so that it is good once."""

    __tablename__ = "creditbank_assertion"

    client_id: Mapped[str] = mapped_column(ForeignKey("creditbank_client.client_id"), primary_key=True)
    jti_hash: Mapped[bytes] = mapped_column(primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(index=True)


class IdempotentAnswer(Base):
    """What an unsafe call under an ``Idempotency-Key`` was answered; without ``status`` it is still under way.

    ``acted_at`` is written by the transaction that does what the call was sent for.  ``sealed`` is the answer's body, sealed
    as personal data are: some name learners' records.
    """

    __tablename__ = "creditbank_idempotent_answer"

    client_id: Mapped[str] = mapped_column(ForeignKey("creditbank_client.client_id"), primary_key=True)
    key_hash: Mapped[bytes] = mapped_column(primary_key=True)
    request_hash: Mapped[bytes]
    begun_at: Mapped[datetime] = mapped_column(index=True)
    acted_at: Mapped[datetime | None]
    status: Mapped[int | None]
    headers: Mapped[list[Any] | None]
    sealed: Mapped[bytes | None]
