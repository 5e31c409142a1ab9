"""The way of a comparison until it is law: the proposal, every step, the raters' judgements, the public's comments."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from creditbank_plugin.storage.base import Base, Id


class Proposal(Base):
    """ข้อเสนอการเทียบรายวิชา: what becomes the comparison of the same ``id`` when it is approved.

    ``terms`` is what is proposed (`rules.proposal.Terms`).  ``revision`` rises with every change: who changes it names the
    one they saw.  ``round`` rises when it is proposed again after it was returned; ratings belong to a round.
    ``course_revision`` is the revision of the course that was judged.  ``replaces`` is the comparison it would supersede.
    ``group_id`` is null for what was approved on paper and only entered here.
    """

    __tablename__ = "creditbank_proposal"
    __table_args__ = (Index("ix_creditbank_proposal_state", "state", "id"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    course_id: Mapped[str] = mapped_column(ForeignKey("creditbank_course.id"), index=True)
    course_revision: Mapped[int]
    body_code: Mapped[str] = mapped_column(ForeignKey("creditbank_organisation.code"), index=True)
    group_id: Mapped[str | None] = mapped_column(ForeignKey("creditbank_working_group.id"), index=True)
    state: Mapped[str] = mapped_column(String(20))
    revision: Mapped[int]
    round: Mapped[int]
    terms: Mapped[dict[str, Any]]
    replaces: Mapped[str | None] = mapped_column(Id)
    comment_until: Mapped[date | None]
    made_at: Mapped[datetime]
    made_by: Mapped[str] = mapped_column(String(255))
    changed_at: Mapped[datetime]
    proposed_at: Mapped[datetime | None]
    proposed_by: Mapped[str | None] = mapped_column(String(255))
    decided_at: Mapped[datetime | None]


class ProposalStep(Base):
    """One step of a proposal, append-only: who, in which role, when, why, and the very text that was signed."""

    __tablename__ = "creditbank_proposal_step"

    proposal_id: Mapped[str] = mapped_column(ForeignKey("creditbank_proposal.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    action: Mapped[str] = mapped_column(String(20))
    from_state: Mapped[str | None] = mapped_column(String(20))
    to_state: Mapped[str] = mapped_column(String(20))
    actor: Mapped[str] = mapped_column(String(255))
    name: Mapped[str]
    role: Mapped[str] = mapped_column(String(20))
    at: Mapped[datetime]
    reason: Mapped[str | None]
    signed: Mapped[str | None]
    details: Mapped[dict[str, Any] | None]


class Rating(Base):
    """One rater's judgement of one round, append-only, on the three aspects of the (draft) 2026 criteria.

    Each aspect is ``met``, ``partly`` or ``not_met``; ``level`` is the NQF level the rater finds, ``advice`` is
    ``approve``, ``return`` or ``reject``.
    """

    __tablename__ = "creditbank_rating"
    __table_args__ = (UniqueConstraint("proposal_id", "round", "actor"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    proposal_id: Mapped[str] = mapped_column(ForeignKey("creditbank_proposal.id"))
    round: Mapped[int]
    actor: Mapped[str] = mapped_column(String(255))
    name: Mapped[str]
    design: Mapped[str] = mapped_column(String(10))
    measurement: Mapped[str] = mapped_column(String(10))
    quality: Mapped[str] = mapped_column(String(10))
    level: Mapped[int | None]
    advice: Mapped[str] = mapped_column(String(10))
    notes: Mapped[dict[str, Any]]
    rated_at: Mapped[datetime]


class ProposalComment(Base):
    """What somebody said in the public round, append-only."""

    __tablename__ = "creditbank_proposal_comment"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    proposal_id: Mapped[str] = mapped_column(ForeignKey("creditbank_proposal.id"), index=True)
    actor: Mapped[str] = mapped_column(String(255))
    name: Mapped[str]
    text: Mapped[str]
    said_at: Mapped[datetime]
