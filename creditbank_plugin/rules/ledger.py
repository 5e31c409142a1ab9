"""The hash chain: how an entry is written down, and how a chain is checked.

An entry's hash is SHA-256 over the hash before it and the entry's own text: its fields as lines, in a fixed order.  No
field can hold a line break, so the text is unambiguous; a database can make it from its columns, and anyone can repeat
it.  What an entry says of credit rests on a decision and on the message it decided: their hash, the entry's evidence, is
one of the fields, so that rewriting them shows as well.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

from creditbank_plugin.rules.fold import AMOUNT_STATES, Movement

#: The ``prev_hash`` of an account's first entry.
GENESIS = bytes(32)

NOTHING: Mapping[str, int] = dict.fromkeys(AMOUNT_STATES, 0)

#: What of a decision is evidence, in this order, the facts of its message last; the rest is when it was written.
EVIDENCE = (
    "id",
    "inbox_id",
    "version",
    "state",
    "reason",
    "account_id",
    "course_id",
    "record_id",
    "comparison_id",
    "adoption_id",
    "passed",
    "verdict",
    "credits",
    "outcomes",
    "explanation",
    "applies_to",
)
#: What of an entry its hash covers, in this order.
HASHED = (
    "account_id",
    "seq",
    "kind",
    "record_id",
    "scheme",
    "amount",
    "from_state",
    "to_state",
    "amounts",
    "decision_id",
    "cause",
    "happened_at",
    "known_at",
    "evidence",
)


@dataclass(frozen=True)
class Line:
    """An entry as it is hashed; ``amount`` and ``amounts`` in hundredths of ``scheme``'s credit.

    ``evidence`` is that of the decision ``decision_id`` (see `evidence`); None where the entry rests on none.
    """

    account_id: str
    seq: int
    kind: str
    record_id: str | None
    scheme: str | None
    amount: int
    from_state: str | None
    to_state: str | None
    amounts: Mapping[str, int]
    decision_id: str | None
    cause: str
    happened_at: datetime
    known_at: datetime
    evidence: bytes | None


class Step(NamedTuple):
    """An entry as it stands in a database, ids without hyphens, and what it rests on as that stands there today.

    ``text`` is made of its columns as `line_text` makes it; ``basis`` are the lines of the decision it names and of that
    decision's message, None where one of them is gone.
    """

    account_id: str
    seq: int
    record_id: str | None
    amount: int
    from_state: str | None
    to_state: str | None
    amounts: str
    prev_hash: bytes
    hash: bytes
    text: str
    decision_id: str | None
    evidence: bytes | None
    basis: str | None
    decision_account: str | None
    decision_course: str | None
    record_account: str | None
    record_course: str | None


def text_of(value: Any) -> str:
    """Return a field as a line: nothing for None, ids without hyphens are the caller's, moments in UTC, bytes in hex."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, datetime):
        return moment_text(value)
    if isinstance(value, bytes):
        return value.hex()
    return str(value)


@lru_cache(maxsize=1024)  # a batch knows its own moment several times over
def moment_text(value: datetime) -> str:
    """Return a moment as it is hashed, and as databases are given it: in UTC, to the microsecond, without its zone."""
    return value.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")


def basis_text(decision: Mapping[str, Any], facts: str) -> str:
    """Return the lines of a decision and of its message's ``facts``, JSON columns as their stored text.

    The text is not brought into one Unicode form, as it is where two messages are compared: any other spelling is a change.
    """
    lines = [_id(decision[name]) if is_id else text_of(decision[name]) for name, is_id in _EVIDENCE]
    return "\n".join([*lines, facts])


def evidence(basis: str) -> bytes:
    """Return the hash of what an entry rests on (see `basis_text`)."""
    return hashlib.sha256(basis.encode()).digest()


def line_text(line: Line) -> str:
    """Return the text of an entry of which, after the hash before it, its own hash is made."""
    return "\n".join(
        (
            _id(line.account_id),
            str(line.seq),
            line.kind,
            _id(line.record_id),
            line.scheme or "",
            str(line.amount),
            line.from_state or "",
            line.to_state or "",
            amounts_text(line.amounts),
            _id(line.decision_id),
            line.cause,
            text_of(line.happened_at),
            text_of(line.known_at),
            text_of(line.evidence),
        )
    )


def chain_hash(prev_hash: bytes, line: Line) -> bytes:
    """Return the hash of ``line`` standing after ``prev_hash``."""
    return _hash(prev_hash, line_text(line))


def _hash(prev_hash: bytes, text: str) -> bytes:
    return hashlib.sha256(prev_hash + text.encode()).digest()


def amounts_text(amounts: Mapping[str, int]) -> str:
    """Return what a record holds as the JSON text that is stored and hashed: every state, in their order."""
    return _amounts_text(tuple(amounts.get(state, 0) for state in AMOUNT_STATES))


@lru_cache(maxsize=4096)  # a term's entries hold few different amounts
def _amounts_text(amounts: tuple[int, ...]) -> str:
    return json.dumps(dict(zip(AMOUNT_STATES, amounts, strict=True)), separators=(",", ":"))


_EMPTY = amounts_text(NOTHING)
_EVIDENCE = tuple((name, name == "id" or name.endswith("_id")) for name in EVIDENCE)


def _id(value: str | None) -> str:
    return value.replace("-", "") if value is not None else ""


def moved(amounts: Mapping[str, int], movement: Movement) -> dict[str, int]:
    """Return what a record holds after a movement; ValueError when it would take what is not there."""
    after = {state: amounts.get(state, 0) for state in AMOUNT_STATES}
    if movement.amount < 0:
        raise ValueError("an amount is never negative")
    if movement.from_state is not None:
        after[movement.from_state] -= movement.amount
        if after[movement.from_state] < 0:
            raise ValueError(f"{movement.from_state} would fall below zero")
    if movement.to_state is not None:
        after[movement.to_state] += movement.amount
    return after


def broken(chain: Iterable[Step]) -> list[dict[str, object]]:
    """Check one account's chain in order of ``seq``, and what stands behind it; return what is wrong, or nothing.

    Each finding is ``{"account_id", "seq", "why"}``, one for each entry.
    """
    found: list[dict[str, object]] = []
    previous, expected = GENESIS, 1
    held: dict[str, str] = {}
    for step in chain:
        why: list[str] = []
        if step.seq != expected:
            why.append(f"entry {expected} is missing")
        elif step.prev_hash != previous:
            why.append("does not follow the entry before it")
        if _hash(step.prev_hash, step.text) != step.hash:
            why.append("was changed: its hash does not fit")
        if step.record_id is not None:
            after = _after(held.get(step.record_id, _EMPTY), step.amount, step.from_state, step.to_state)
            if after is None:
                why.append("takes what is not there")
            if after != step.amounts:
                why.append("its amounts do not add up")
            held[step.record_id] = step.amounts
        why += _unfounded(step)
        if why:
            found.append({"account_id": _with_hyphens(step.account_id), "seq": step.seq, "why": "; ".join(why)})
        previous, expected = step.hash, step.seq + 1
    return found


def _with_hyphens(account_id: str) -> str:
    try:
        return str(UUID(account_id))
    except ValueError:  # not ours: somebody wrote it there
        return account_id


@lru_cache(maxsize=65_536)  # most entries of a term make the same few movements
def _after(before: str, amount: int, from_state: str | None, to_state: str | None) -> str | None:
    """Return what a record holds after a movement, as text; None where that cannot be."""
    try:
        return amounts_text(moved(json.loads(before), Movement("", "", amount, from_state, to_state)))
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def _unfounded(step: Step) -> list[str]:
    """Say what an entry rests on and does not fit it any more; nothing when all does."""
    why: list[str] = []
    if step.decision_id is not None:
        if step.basis is None:
            why.append("the decision it rests on, or its message, is gone")
        elif evidence(step.basis) != step.evidence:
            why.append("the decision it rests on, or its message, was changed")
        elif step.decision_account != step.account_id:
            why.append("the decision it rests on is another account's")
    if step.record_id is not None:
        if step.record_account is None:
            why.append("its record is gone")
        elif step.record_account != step.account_id:
            why.append("its record belongs to another account")
        elif step.basis is not None and step.record_course != step.decision_course:
            why.append("its record belongs to another course")
    return why


def dominant(amounts: Mapping[str, int]) -> str:
    """Return the state to show for a record: the live one that holds most, else what became of it."""
    order = ("under_review", "held", "redeemed", "available", "revoked", "expired", "duplicate")
    live = [state for state in ("under_review", "held", "redeemed", "available") if amounts.get(state, 0)]
    if len(live) == 1:
        return live[0]
    pool = live or [state for state in order if amounts.get(state, 0)]
    return max(pool, key=lambda state: (amounts[state], -order.index(state))) if pool else "available"
