"""Work for a person: what the machine must not decide by itself."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from creditbank_plugin.storage.base import Base, Id


class Task(Base):
    """A question for a person: an erasure to consider, a possible double, a review."""

    __tablename__ = "creditbank_task"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    account_id: Mapped[str | None] = mapped_column(ForeignKey("creditbank_account.id"))
    inbox_id: Mapped[str | None] = mapped_column(ForeignKey("creditbank_inbox.id"))
    detail: Mapped[dict[str, Any]]
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
