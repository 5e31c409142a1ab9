"""The hash chain: how an entry is written down, and how a chain is checked.

An entry's hash is SHA-256 over a JSON array of its fields in a fixed order, the previous hash first.  A JSON array is
unambiguous and anyone can repeat it.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from creditbank_plugin.rules.fold import AMOUNT_STATES, Movement

#: The ``prev_hash`` of an account's first entry.
GENESIS = bytes(32)

NOTHING: Mapping[str, int] = dict.fromkeys(AMOUNT_STATES, 0)


@dataclass(frozen=True)
class Line:
    """An entry as it is hashed; ``amount`` and ``amounts`` in hundredths of ``scheme``'s credit."""

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


def dominant(amounts: Mapping[str, int]) -> str:
    """Return the state to show for a record: the live one that holds most, else what became of it."""
    order = ("under_review", "held", "redeemed", "available", "revoked", "expired", "duplicate")
    live = [state for state in ("under_review", "held", "redeemed", "available") if amounts.get(state, 0)]
    pool = live or [state for state in order if amounts.get(state, 0)]
    return max(pool, key=lambda state: (amounts[state], -order.index(state))) if pool else "available"
