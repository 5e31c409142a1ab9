"""Keep what we are told: one inbox row each, in the transaction of the caller.

A message is one fact: the same message id and facts give the first answer again, the same id with other facts is a
conflict that is kept beside the first and changes nothing.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, partial
from typing import Any

from sqlalchemy import Connection

from creditbank_hooks import CompletionRevoked, CourseCompleted, LearnerErased, LearnerMerged, Tiding, TidingError
from creditbank_plugin.formats import tiding_json, tiding_store
from creditbank_plugin.rules import thai
from creditbank_plugin.services import journal
from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.storage.base import Stored, new_id
from creditbank_plugin.storage.bell import ring
from creditbank_plugin.storage.queries import authority, inbox
from creditbank_plugin.storage.queries.order import commit_order
from creditbank_plugin.storage.queries.writes import insert_all
from creditbank_plugin.storage.session import writing
from creditbank_plugin.storage.tables import Decision

PARTITIONS = 256


@dataclass(frozen=True, kw_only=True)
class Sender:
    """Who tells us, through which door: an intake client (``events``, ``xapi``) or the host itself (``hooks``)."""

    door: str
    organisation: str | None
    issuer: str | None
    client_id: str | None = None
    may_open: bool = False


@dataclass(frozen=True, kw_only=True)
class Letter:
    """A message ready to be kept; ``tiding`` is None for one that is no business of ours (ignored)."""

    kind: str
    message_id: str
    source: str
    digest: bytes
    issuer: str
    learner: str
    tiding: Tiding | None
    facts: dict[str, Any]


def letter(
    tiding: Tiding, *, message_id: str | None = None, digest: bytes | None = None, own_school: str | None = None
) -> Letter:
    """Make a letter of a tiding; without a message id the facts themselves are the key.

    ``own_school`` is the sender's organisation: with it named or left out, the facts are the same.
    """
    facts = tiding_store.facts(tiding)
    digest = digest or tiding_store.digest(tiding, facts, own_school=own_school)
    learner = tiding.learner  # type: ignore[attr-defined]
    return Letter(
        kind=tiding.kind,
        message_id=message_id or tiding.event_id or f"facts:{digest.hex()}",
        source=tiding.source or "",
        digest=digest,
        issuer=learner.issuer,
        learner=learner.id,
        tiding=tiding,
        facts=facts,
    )


def ignored_letter(kind: str, message_id: str, source: str, issuer: str, learner_id: str) -> Letter:
    """Make a letter of a message that tells of no course completion; kept only as having been heard."""
    digest = hashlib.sha256("\x1f".join((kind, issuer, learner_id)).encode()).digest()
    return Letter(
        kind=kind[:60],
        message_id=message_id,
        source=source,
        digest=digest,
        issuer=issuer,
        learner=learner_id[:255],
        tiding=None,
        facts={},
    )


def keep(
    connection: Connection, runtime: Runtime, letters: Sequence[Letter], sender: Sender
) -> list[str | TidingError]:
    """Keep letters of one sender in the caller's transaction; return the id of each message, or why it is refused."""
    kept = keep_each(connection, runtime, [(each, sender) for each in letters])
    report(sender, kept)
    return [each.told for each in kept]


@dataclass(frozen=True)
class Kept:
    """What became of a letter at the door: its message's id or why it is refused, and ``outcome`` in a word.

    The id is that of the first message with this id and these facts, however often it is sent.
    """

    told: str | TidingError
    outcome: str


def report(sender: Sender, kept: Sequence[Kept]) -> None:
    """Tell the journal what became of a sender's letters."""
    journal.kept(sender.door, sender.client_id, [(each.told, each.outcome) for each in kept])


def keep_each(connection: Connection, runtime: Runtime, letters: Sequence[tuple[Letter, Sender]]) -> list[Kept]:
    """Keep letters, each of its own sender, in the caller's transaction; say of each what became of it."""
    now = runtime.clock()
    is_within = cache(partial(authority.is_within, connection))
    refusals = [_refusal(is_within, each, sender, now) for each, sender in letters]
    good = [pair for pair, refusal in zip(letters, refusals, strict=True) if refusal is None]
    rows = [_row(runtime, each, sender, message_key(each, sender), now) for each, sender in good]
    # In one order: of two who keep the same messages at once one waits for the other, never each for the other.
    inbox.keep(connection, sorted(rows, key=lambda row: row["message_key"]))
    first = inbox.by_message_keys(connection, {row["message_key"] for row in rows})
    outcomes = [_outcome(row, first[row["message_key"]], each) for row, (each, _) in zip(rows, good, strict=True)]
    _start(connection, runtime, [row for row, outcome in zip(rows, outcomes, strict=True) if outcome == "kept"])
    ignored = [row["id"] for row, outcome in zip(rows, outcomes, strict=True) if outcome == "ignored"]
    _decide(connection, ignored, "ignored", "not_a_course_completion", now)
    told = {row["id"]: first[row["message_key"]].id for row in rows}
    conflicts = [row for row, outcome in zip(rows, outcomes, strict=True) if outcome == "conflict"]
    told |= _keep_conflicts(connection, conflicts, first, now)
    kept = (Kept(told[row["id"]], outcome) for row, outcome in zip(rows, outcomes, strict=True))
    return [next(kept) if refusal is None else Kept(refusal, "refused") for refusal in refusals]


def _outcome(row: Mapping[str, Any], first: Stored, each: Letter) -> str:
    if first.id == row["id"]:
        return "kept" if each.tiding is not None else "ignored"
    return "repeat" if bytes(first.digest) == row["digest"] else "conflict"


def _keep_conflicts(
    connection: Connection, rows: Sequence[dict[str, Any]], first: Mapping[bytes, Stored], now: datetime
) -> dict[str, str]:
    """Keep messages beside the first of their key; return the id under which each stands: its own, or of a repeat."""
    for row in rows:
        row.update(conflicts_with=first[row["message_key"]].id, message_key=None)
    inbox.keep_conflicts(connection, sorted(rows, key=lambda row: (row["conflicts_with"], row["digest"])))
    kept = inbox.conflicts_of(connection, {row["conflicts_with"] for row in rows})
    told = {row["id"]: kept[(row["conflicts_with"], row["digest"])] for row in rows}
    _decide(connection, [own for own, stands in told.items() if own == stands], "conflict", "same_id_other_facts", now)
    return told


def message_key(each: Letter, sender: Sender) -> bytes:
    """Return the key that makes a message's id unique within its issuer and organisation, through whichever door.

    Two organisations that share an issuer number their messages apart: neither can take the other's ids.
    """
    parts = (each.issuer, sender.organisation or "", each.source, each.message_id)
    return hashlib.sha256("\x1f".join(parts).encode()).digest()


def partition_of(issuer: str, learner: str) -> int:
    """Return the partition of a learner: one learner's messages never go to two workers at once."""
    return hashlib.sha256(f"{issuer}\x1f{learner}".encode()).digest()[0] % PARTITIONS


def _row(runtime: Runtime, each: Letter, sender: Sender, key: bytes, now: datetime) -> dict[str, Any]:
    made = new_id()
    personal = tiding_store.sealed(each.tiding) if each.tiding is not None else None
    told = each.facts.get("course") or {}
    return {
        "id": made,
        "door": sender.door,
        "kind": each.kind,
        "message_id": each.message_id,
        "source": each.source,
        "message_key": key,
        "conflicts_with": None,
        "digest": each.digest,
        "issuer": each.issuer,
        "learner": each.learner,
        "partition": partition_of(each.issuer, each.learner),
        "course_code": thai.course_code(told["code"]) if told.get("code") else None,
        "facts": each.facts,
        "sealed": runtime.keyring.seal(personal, made) if personal else None,
        "sealed_fields": ",".join(tiding_store.sealed_fields(personal)) or None,
        "time": _time_of(each.tiding, now),
        "client_id": sender.client_id,
        "organisation_code": sender.organisation,
        "school_code": getattr(each.tiding, "school", None) or sender.organisation,
        "may_open": sender.may_open,
        "received_at": now,
    }


def _time_of(tiding: Tiding | None, now: datetime) -> datetime:
    """Return what orders corrections: the message's own time, else the moment the fact itself names."""
    if tiding is None:
        return now
    if tiding.time is not None:
        return tiding.time
    names = {
        CourseCompleted: "completed_at",
        CompletionRevoked: "revoked_at",
        LearnerMerged: "merged_at",
        LearnerErased: "erased_at",
    }
    moment = getattr(tiding, names[type(tiding)])
    return moment if isinstance(moment, datetime) else now


def _start(connection: Connection, runtime: Runtime, rows: Sequence[Mapping[str, Any]]) -> None:
    """Queue what is to be settled."""
    inbox.enqueue(connection, rows)
    if rows and runtime.settings.settle == "worker":
        ring(connection)


def _decide(connection: Connection, ids: Sequence[str], state: str, reason: str, now: datetime) -> None:
    if not ids:
        return
    order = commit_order(connection)
    made = [
        {
            "id": new_id(),
            "inbox_id": inbox_id,
            "version": 1,
            "state": state,
            "reason": reason,
            "explanation": [],
            "decided_at": now,
            "commit_order": order,
        }
        for inbox_id in ids
    ]
    insert_all(connection, Decision, made)
    journal.decided(made)


def _refusal(is_within: Callable[[str, str], bool], each: Letter, sender: Sender, now: datetime) -> TidingError | None:
    """Say why a letter is refused at the door: another issuer, another's school, or the future."""
    if sender.door == "hooks":
        return None  # the host's own word is always kept; settling judges it
    if sender.issuer is None or each.issuer != sender.issuer:
        return _foreign("learner.issuer")
    if each.tiding is None:
        return None
    merged = getattr(each.tiding, "merged", None)
    if merged is not None and merged.issuer != sender.issuer:
        return _foreign("merged.issuer")
    try:
        tiding_json.check_not_future(each.tiding, now)
    except TidingError as refusal:
        return refusal
    school = getattr(each.tiding, "school", None)
    if school is None or school == sender.organisation:
        return None
    if sender.organisation is None or not is_within(school, sender.organisation):
        return TidingError(
            "school",
            "ระบบที่เชื่อมต่อนี้ส่งแทนหน่วยงานนั้นไม่ได้",
            "this client may not speak for that organisation",
        )
    return None


def _foreign(field: str) -> TidingError:
    return TidingError(
        field,
        "ระบบที่เชื่อมต่อนี้ไม่ได้รับอนุญาตให้ส่งแทนระบบต้นทางนั้น",
        "this client may not speak for that issuer",
    )


def keep_alone(runtime: Runtime, tiding: Tiding, sender: Sender) -> str:
    """Keep one tiding of the host in a transaction of its own; return its id."""
    with writing(runtime.engine) as connection:
        return keep_told(connection, runtime, tiding, sender)


def keep_told(connection: Connection, runtime: Runtime, tiding: Tiding, sender: Sender) -> str:
    """Keep one tiding of the host in the caller's transaction; return its id."""
    (kept,) = keep(connection, runtime, [letter(tiding, own_school=sender.organisation)], sender)
    if isinstance(kept, TidingError):
        raise kept
    return kept
