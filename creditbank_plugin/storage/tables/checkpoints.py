"""Signed checkpoints of the ledger and the heads that each was made of: append-only, guarded by the database."""

from sqlalchemy import BigInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from creditbank_plugin.storage.base import Base, Id


class StoredCheckpoint(Base):
    """A checkpoint as it was signed and is published: ``document`` is the very text of its file, the one truth of it.

    The number is a big integer because SQLite makes a plain one the row's own id, which REPLACE treats otherwise.
    """

    __tablename__ = "creditbank_checkpoint"

    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    document: Mapped[str] = mapped_column(String)


class CheckpointHead(Base):
    """The head of an account that is new or has grown since the checkpoint before ``checkpoint``.

    The heads of a checkpoint are, of each account, the row of the highest number up to its own.  So they are known also in
    a database that a backup was restored into, where transaction numbers mean nothing.  No foreign keys: what is
    tampered with here only makes the signed root not fit, and a million rows need not be looked up for that.
    """

    __tablename__ = "creditbank_checkpoint_head"

    account_id: Mapped[str] = mapped_column(Id, primary_key=True)
    checkpoint: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    seq: Mapped[int]
    hash: Mapped[bytes]
