"""The hash chain: how an entry is written down, and how a chain is checked.

An entry's hash is SHA-256 over a JSON array of its fields in a fixed order, the previous hash first.  A JSON array is
unambiguous and anyone can repeat it.  What an entry says of credit rests on a decision and on the message it decided:
their hash, the entry's evidence, is one of the fields, so that rewriting them shows as well.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from creditbank_plugin.rules.fold import AMOUNT_STATES, Movement

#: The ``prev_hash`` of an account's first entry.
GENESIS = bytes(32)

NOTHING: Mapping[str, int] = dict.fromkeys(AMOUNT_STATES, 0)

#: What of a decision is evidence; the rest is when it was written and in which order.
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


@dataclass(frozen=True)
class Basis:
    """What the rows that an entry points at say today; None where such a row is not there.

    ``evidence`` is made anew from the decision and its message.
    """

    evidence: bytes | None
    decision_account: str | None
    decision_course: str | None
    record_account: str | None
    record_course: str | None


def evidence(decision: Mapping[str, Any], facts: Mapping[str, Any]) -> bytes:
    """Return SHA-256 over the JSON of a decision and of the facts of its message, both as the database gives them back.

    The text is not brought into one Unicode form, as it is where two messages are compared: any other spelling is a change.
    """
    told = {name: decision[name] for name in EVIDENCE}
    text = json.dumps([told, facts], ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).digest()


def chain_hash(prev_hash: bytes, line: Line) -> bytes:
    """Return the hash of ``line`` standing after ``prev_hash``."""
    fields = [
        prev_hash.hex(),
        line.account_id,
        line.seq,
        line.kind,
        line.record_id,
        line.scheme,
        line.amount,
        line.from_state,
        line.to_state,
        [line.amounts.get(state, 0) for state in AMOUNT_STATES],
        line.decision_id,
        line.cause,
        line.happened_at.isoformat(timespec="microseconds"),
        line.known_at.isoformat(timespec="microseconds"),
        line.evidence.hex() if line.evidence is not None else None,
    ]
    return hashlib.sha256(json.dumps(fields, ensure_ascii=True, separators=(",", ":")).encode()).digest()


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


def broken(chain: Iterable[tuple[Line, bytes, bytes]]) -> list[dict[str, object]]:
    """Check one account's chain of (line, prev_hash, hash) in order of ``seq``; return what is wrong, or nothing.

    Each finding is ``{"account_id", "seq", "why"}``.
    """
    found: list[dict[str, object]] = []
    previous, expected = GENESIS, 1
    held: dict[str, dict[str, int]] = {}
    for line, prev_hash, own_hash in chain:
        why: list[str] = []
        if line.seq != expected:
            why.append(f"entry {expected} is missing")
        elif prev_hash != previous:
            why.append("does not follow the entry before it")
        if chain_hash(prev_hash, line) != own_hash:
            why.append("was changed: its hash does not fit")
        if line.record_id is not None:
            movement = Movement(line.kind, line.scheme or "", line.amount, line.from_state, line.to_state)
            try:
                held[line.record_id] = moved(held.get(line.record_id, dict(NOTHING)), movement)
            except (ValueError, KeyError):
                why.append("takes what is not there")
            if held.get(line.record_id) != {state: line.amounts.get(state, 0) for state in AMOUNT_STATES}:
                why.append("its amounts do not add up")
                held[line.record_id] = {state: line.amounts.get(state, 0) for state in AMOUNT_STATES}
        if why:
            found.append({"account_id": line.account_id, "seq": line.seq, "why": "; ".join(why)})
        previous, expected = own_hash, line.seq + 1
    return found


def unfounded(line: Line, basis: Basis) -> list[str]:
    """Say what an entry rests on and does not fit it any more; nothing when all does."""
    why: list[str] = []
    if line.decision_id is not None:
        if basis.evidence is None:
            why.append("the decision it rests on, or its message, is gone")
        elif basis.evidence != line.evidence:
            why.append("the decision it rests on, or its message, was changed")
        elif basis.decision_account != line.account_id:
            why.append("the decision it rests on is another account's")
    if line.record_id is not None:
        if basis.record_account is None:
            why.append("its record is gone")
        elif basis.record_account != line.account_id:
            why.append("its record belongs to another account")
        elif basis.evidence is not None and basis.record_course != basis.decision_course:
            why.append("its record belongs to another course")
    return why


def dominant(amounts: Mapping[str, int]) -> str:
    """Return the state to show for a record: the live one that holds most, else what became of it."""
    order = ("under_review", "held", "redeemed", "available", "revoked", "expired", "duplicate")
    live = [state for state in ("under_review", "held", "redeemed", "available") if amounts.get(state, 0)]
    pool = live or [state for state in order if amounts.get(state, 0)]
    return max(pool, key=lambda state: (amounts[state], -order.index(state))) if pool else "available"
