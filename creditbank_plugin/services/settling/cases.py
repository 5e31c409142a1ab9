"""Decided messages as the fold and the next decision need them, made of what is stored."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from creditbank_hooks import CompletionRevoked
from creditbank_plugin.rules import fold, review
from creditbank_plugin.services.settling.judge import Judgement
from creditbank_plugin.storage.base import Stored
from creditbank_plugin.storage.tables import Decision


@dataclass
class Case:
    """A decided message of an account, as the fold and the next decision need it."""

    inbox_id: str
    version: int
    decision: dict[str, Any]
    fact: fold.Fact | None
    revocation: fold.Revocation | None
    applies_to: Mapping[str, Any] | None
    time: datetime


def fact_of(
    *,
    inbox_id: str,
    row: Stored,
    passed: bool,
    reason: str,
    scheme: str,
    credits: int,
    questioned: bool = False,
) -> fold.Fact:
    """Make the value that the fold works on from a stored completion (``row``: its message) and its verdict."""
    facts = row.facts
    score = facts.get("score")
    return fold.Fact(
        inbox_id=inbox_id,
        issuer=row.issuer,
        school=row.school_code,
        sender=row.organisation_code,
        attempt=int(facts.get("attempt", 1)),
        time=row.time,
        digest=bytes(row.digest),
        completed_at=datetime.fromisoformat(facts["completed_at"]),
        exact=facts.get("completed_at_precision", "exact") == "exact",
        score=Decimal(score) if score is not None else None,
        grade=facts.get("grade"),
        passed=passed,
        reason=reason,
        scheme=scheme,
        credits=credits,
        questioned=questioned,
    )


def judged_fact(row: Stored, made: Judgement) -> fold.Fact | None:
    """Make the value that the fold works on of a message just judged; None where no rule could be applied to it."""
    if made.passed is None:
        return None
    return fact_of(
        inbox_id=row.id,
        row=row,
        passed=made.passed,
        reason=made.reason,
        scheme=made.comparison.scheme if made.comparison else "",
        credits=made.credits,
        questioned=made.questioned,
    )


def revocation_of(row: Stored) -> fold.Revocation:
    """Make the value that the fold works on from a stored revocation; what the host itself says covers its issuer."""
    return fold.Revocation(
        issuer=row.issuer,
        organisation=None if row.door == "hooks" else row.organisation_code or "",
        attempt=row.facts.get("attempt"),
        revoked_at=datetime.fromisoformat(row.facts["revoked_at"]),
    )


def case_of(row: Stored) -> Case:
    """Return a decided message as it is stored, with its message beside the decision."""
    decision = {column.name: getattr(row, column.name) for column in Decision.__table__.columns}
    fact = revocation = None
    if row.passed is not None:
        fact = fact_of(
            inbox_id=row.inbox_id,
            row=row,
            passed=row.passed,
            reason=row.verdict or "",
            scheme=(row.applies_to or {}).get("scheme", ""),
            credits=row.credits or 0,
            questioned=row.passed and row.verdict == review.QUESTIONED,
        )
    if row.kind == CompletionRevoked.kind and row.state == "applied":
        revocation = revocation_of(row)
    return Case(row.inbox_id, row.version, decision, fact, revocation, row.applies_to, row.time)
