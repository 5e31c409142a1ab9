"""Working groups that compare courses: the order that appointed them, members with roles and terms, meetings."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from creditbank_plugin.storage.base import Base, Id


class WorkingGroup(Base):
    """คณะทำงานวิเคราะห์และเปรียบเทียบรายวิชา: acts for the comparing body ``body_code``, by one of two procedures.

    ``procedure`` is ``raters_and_chair`` (``raters`` independent ratings, then the chair) or ``meeting`` (``quorum``
    members present, a resolution in the minutes).  ``comment_days`` is how long the public may comment before anybody
    judges, 0 for no such round.
    """

    __tablename__ = "creditbank_working_group"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    body_code: Mapped[str] = mapped_column(ForeignKey("creditbank_organisation.code"), index=True)
    name_th: Mapped[str]
    name_en: Mapped[str | None]
    level_group: Mapped[str | None] = mapped_column(String(40))
    occupational_group: Mapped[str | None] = mapped_column(String(100))
    order_number: Mapped[str]
    order_signatory: Mapped[str]
    ordered_on: Mapped[date]
    procedure: Mapped[str] = mapped_column(String(20))
    raters: Mapped[int]
    quorum: Mapped[int]
    comment_days: Mapped[int]
    revision: Mapped[int] = mapped_column(server_default="1")
    made_at: Mapped[datetime]
    made_by: Mapped[str | None] = mapped_column(String(255))
    dissolved_on: Mapped[date | None]


class GroupMember(Base):
    """A member for a term, both days included; ``actor`` is ``user:<id at the host>`` or ``client:<id>[/<person>]``.

    ``role`` is ``member``, ``rater``, ``chair`` or ``secretary``; ``name`` is the one in the order of appointment.
    """

    __tablename__ = "creditbank_group_member"
    __table_args__ = (UniqueConstraint("group_id", "actor", "since"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    group_id: Mapped[str] = mapped_column(ForeignKey("creditbank_working_group.id"), index=True)
    actor: Mapped[str] = mapped_column(String(255), index=True)
    name: Mapped[str]
    role: Mapped[str] = mapped_column(String(20))
    since: Mapped[date]
    until: Mapped[date | None]


class GroupChange(Base):
    """What somebody changed of a group: how it decides (``changed``), or a member's term (``appointed``).

    ``member`` is that member's actor; ``before`` and ``after`` hold what differs, by field: ``before`` is None for a term
    that is new.  Rows are never changed.
    """

    __tablename__ = "creditbank_group_change"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    group_id: Mapped[str] = mapped_column(ForeignKey("creditbank_working_group.id"), index=True)
    changed_at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(255))
    name: Mapped[str]
    act: Mapped[str] = mapped_column(String(20))
    member: Mapped[str | None] = mapped_column(String(255))
    before: Mapped[dict[str, Any] | None]
    after: Mapped[dict[str, Any]]


class Meeting(Base):
    """A meeting of a group: who was there (actors), how many were needed, and where its minutes are."""

    __tablename__ = "creditbank_meeting"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    group_id: Mapped[str] = mapped_column(ForeignKey("creditbank_working_group.id"), index=True)
    held_on: Mapped[date]
    present: Mapped[list[Any]]
    quorum: Mapped[int]
    minutes: Mapped[str]
    entered_at: Mapped[datetime]
    entered_by: Mapped[str] = mapped_column(String(255))
