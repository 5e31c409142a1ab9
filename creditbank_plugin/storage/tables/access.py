"""OAuth clients and their tokens; secrets and tokens are kept only as hashes."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from creditbank_plugin.storage.base import Base


class Client(Base):
    """A machine that may call us: it belongs to one organisation, and an intake client speaks for one issuer."""

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


class Token(Base):
    """An access token, by the SHA-256 of its text."""

    __tablename__ = "creditbank_token"

    token_hash: Mapped[bytes] = mapped_column(primary_key=True)
    client_id: Mapped[str] = mapped_column(ForeignKey("creditbank_client.client_id"), index=True)
    scopes: Mapped[str]
    issued_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    revoked_at: Mapped[datetime | None]
