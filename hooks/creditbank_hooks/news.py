"""News: what the credit bank announces, always after its database has committed, to each listener alone.

News are told at least once, those of an account in their order: after a crash some are told again, with the same ``id``.
"""

from dataclasses import dataclass
from datetime import datetime

from creditbank_hooks.markers import hookspec


@dataclass(frozen=True, kw_only=True)
class CreditPosted:
    """A credit stands in the ledger, was raised, or counts again; ``credits`` in hundredths of the scheme's credit."""

    event_id: str
    account_id: str
    record_id: str
    scheme: str
    credits: int
    at: datetime
    id: str = ""


@dataclass(frozen=True, kw_only=True)
class CreditWithheld:
    """A completion was decided, and gave no credit."""

    event_id: str
    account_id: str | None
    reason: str
    at: datetime
    id: str = ""


@dataclass(frozen=True, kw_only=True)
class CreditReversed:
    """A credit was taken back (``revoked``), given to a person to decide (``under_review``) or set aside (``duplicate``).

    Set aside is what another account of the same person holds already.
    """

    event_id: str
    account_id: str
    record_id: str
    scheme: str
    credits: int
    state: str
    at: datetime
    id: str = ""


@dataclass(frozen=True, kw_only=True)
class StatementIssued:
    """A statement of an account was issued to its learner."""

    account_id: str
    statement_id: str
    at: datetime
    id: str = ""


@hookspec
def credit_posted(news: CreditPosted) -> None:
    """Hear of a posted credit."""


@hookspec
def credit_withheld(news: CreditWithheld) -> None:
    """Hear of a completion that gave no credit."""


@hookspec
def credit_reversed(news: CreditReversed) -> None:
    """Hear of a credit taken back or put under review."""


@hookspec
def statement_issued(news: StatementIssued) -> None:
    """Hear of a statement."""
