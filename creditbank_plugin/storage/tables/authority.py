"""Under whose authority credit is given: comparisons and the orders that adopt them."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from creditbank_plugin.storage.base import Base, Id


class Comparison(Base):
    """การเทียบรายวิชา: a body finds that a course version yields these outcomes and credits under these conditions.

    ``credits`` are hundredths of the scheme's credit.  It never changes; it can be ended (superseded or withdrawn) for
    completions from ``ended_from`` on.  ``applies_from``/``applies_until`` are Bangkok days of completion, both included.
    ``questioned_at`` is when it was decided that a person looks at every credit that rests on it.
    How it came to be stands in the `Proposal` of the same ``id``; ``hours`` are those judged, by kind of learning, in
    hundredths of an hour.
    """

    __tablename__ = "creditbank_comparison"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    course_id: Mapped[str] = mapped_column(ForeignKey("creditbank_course.id"), index=True)
    body_code: Mapped[str] = mapped_column(ForeignKey("creditbank_organisation.code"))
    scheme: Mapped[str] = mapped_column(String(20))
    credits: Mapped[int]
    credits_rule: Mapped[str | None] = mapped_column(String(40))
    nqf_level: Mapped[int | None]
    nqf_level_basis: Mapped[str | None] = mapped_column(String(20))
    conditions: Mapped[dict[str, Any]]
    reference: Mapped[str]
    approved_at: Mapped[datetime]
    applies_from: Mapped[date]
    applies_until: Mapped[date | None]
    ended_from: Mapped[date | None]
    ended_as: Mapped[str | None] = mapped_column(String(12))
    ended_at: Mapped[datetime | None]
    entered_by: Mapped[str | None] = mapped_column(String(255))
    course_revision: Mapped[int | None]
    group_id: Mapped[str | None] = mapped_column(Id)
    hours: Mapped[dict[str, Any] | None]
    evidence: Mapped[list[Any] | None]
    questioned_at: Mapped[datetime | None]


class ComparisonItem(Base):
    """One outcome that a comparison grants."""

    __tablename__ = "creditbank_comparison_item"

    comparison_id: Mapped[str] = mapped_column(ForeignKey("creditbank_comparison.id"), primary_key=True)
    item_id: Mapped[str] = mapped_column(ForeignKey("creditbank_item.id"), primary_key=True, index=True)
    position: Mapped[int]


class Adoption(Base):
    """การรับรองใช้: a bank's order to deposit under one comparison, or (standing) under all that a body approves.

    A standing one may be for one level group, one occupational group, or both.  An order may name many comparisons: it is
    then a row for each, under one number.  ``revocation_order`` and ``revocation`` are the number of the order that revoked
    it, and why.
    """

    __tablename__ = "creditbank_adoption"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    bank_code: Mapped[str] = mapped_column(ForeignKey("creditbank_bank.code"), index=True)
    comparison_id: Mapped[str | None] = mapped_column(ForeignKey("creditbank_comparison.id"))
    body_code: Mapped[str | None] = mapped_column(ForeignKey("creditbank_organisation.code"))
    level_group: Mapped[str | None] = mapped_column(String(40))
    order_number: Mapped[str]
    signatory: Mapped[str]
    ordered_on: Mapped[date]
    applies_from: Mapped[date]
    applies_until: Mapped[date | None]
    revoked_at: Mapped[datetime | None]
    revoked_from: Mapped[date | None]
    entered_at: Mapped[datetime]
    entered_by: Mapped[str | None] = mapped_column(String(255))
    occupational_group: Mapped[str | None] = mapped_column(String(100))
    revoked_by: Mapped[str | None] = mapped_column(String(255))
    revocation_order: Mapped[str | None]
    revocation: Mapped[str | None]
