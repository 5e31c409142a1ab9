"""Tidings as they are kept: facts apart from what is personal, back again, and the hash that says "the same"."""

import hashlib
from collections.abc import Mapping
from dataclasses import fields
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, TypeVar

from creditbank_hooks.tidings import Assurance, Course, Learner, Personal, Tiding
from creditbank_plugin.formats.strict_json import canonical
from creditbank_plugin.formats.tiding_json import KINDS
from creditbank_plugin.rules.conditions import UNPLACED_SCORE

Made = TypeVar("Made")

REDACTED = "[redacted]"
_NUMBERS = ("score", "attendance", "hours")
_PERSONAL = ("name", "national_id", "birth_date")
_PEOPLE = ("learner", "merged")
_MESSAGE = ("event_id", "source", "time")


def facts(tiding: Tiding) -> dict[str, Any]:
    """Return the tiding JSON-ready in its public form, without personal data and ``extra``; unset fields are left out.

    Numbers are plain decimal strings ("80", "2.5"), moments ISO 8601 in UTC.  The message's own id, source and time
    stand under ``message``.
    """
    out: dict[str, Any] = {}
    for field in fields(tiding):
        value = getattr(tiding, field.name)
        if value is not None and field.name not in (*_MESSAGE, "extra"):
            out[field.name] = _plain(value)
    message = {name: _plain(getattr(tiding, name)) for name in _MESSAGE if getattr(tiding, name) is not None}
    return {**out, "message": message} if message else out


def sealed(tiding: Tiding) -> dict[str, Any] | None:
    """Return what must be encrypted, JSON-ready: ``name``, ``national_id``, ``birth_date``, ``extra``; None when empty.

    The personal data of the other learner of a merge stand under ``merged``.
    """
    people = {who: _personal(getattr(tiding, who)) for who in _PEOPLE if hasattr(tiding, who)}
    out = people.get("learner", {})
    if people.get("merged"):
        out["merged"] = people["merged"]
    if tiding.extra:
        out["extra"] = dict(tiding.extra)
    return out or None


def sealed_fields(personal: Mapping[str, Any] | None) -> list[str]:
    """Return the names of the sealed fields, never their values: such as ``["name", "merged.name", "extra"]``."""
    told = personal or {}
    other = told.get("merged") or {}
    return [name for name in (*_PERSONAL, "extra") if name in told] + [f"merged.{name}" for name in other]


def restore(kind: str, facts: Mapping[str, Any], personal: Mapping[str, Any] | None) -> Tiding:
    """Return the tiding from which ``facts`` and ``sealed`` were made; neither it nor the clock is asked again."""
    made, told = KINDS[kind], dict(facts)
    seal = personal or {}
    message = dict(told.pop("message", {}))
    if "time" in message:
        message["time"] = datetime.fromisoformat(message["time"])
    for name, value in told.items():
        if name in _PEOPLE:
            told[name] = _learner(value, seal if name == "learner" else seal.get(name, {}))
        elif name == "course":
            told[name] = _as_kept(Course, value)
        elif name == "assurance":
            told[name] = _as_kept(Assurance, value)
        elif name in _NUMBERS:
            told[name] = Decimal(value)
        elif name.endswith("_at"):
            told[name] = datetime.fromisoformat(value)
    return _as_kept(made, {**told, **message, "extra": dict(seal.get("extra", {}))})


def digest(
    tiding: Tiding,
    known: Mapping[str, Any] | None = None,
    *,
    told_time: bool = True,
    own_school: str | None = None,
) -> bytes:
    """Return the SHA-256 (32 bytes) of what makes two tidings the same fact.

    Outside it stand personal data, titles, ``extra`` (but for a score without a scale) and the message's id, source and
    time.  Every Unicode form of a Thai text hashes alike.  ``told_time=False`` leaves out ``completed_at`` and its
    precision, for senders whose time is only that of the transport (xAPI ``timestamp`` of a Moodle cron run).
    ``own_school`` is the sender's, which is meant where no school is told: naming it says nothing more.  ``known`` are its
    `facts`, where they are at hand.
    """
    told = dict(known) if known is not None else facts(tiding)
    told.pop("message", None)
    if own_school is not None and told.get("school") == own_school:
        del told["school"]
    if UNPLACED_SCORE in tiding.extra:
        told[UNPLACED_SCORE] = tiding.extra[UNPLACED_SCORE]
    if "course" in told:
        told["course"] = {name: value for name, value in told["course"].items() if name != "title"}
    if not told_time:
        told.pop("completed_at", None)
        told.pop("completed_at_precision", None)
    return hashlib.sha256(canonical({"kind": tiding.kind, **told})).digest()


def public_view(facts: Mapping[str, Any], sealed_fields: list[str]) -> dict[str, Any]:
    """Return ``facts`` as the API shows them: numbers as numbers, of personal fields only that they were sent."""
    out: dict[str, Any] = {name: dict(value) if isinstance(value, Mapping) else value for name, value in facts.items()}
    out.pop("message", None)
    for name in _NUMBERS:
        if name in out:
            exact = Decimal(out[name])
            out[name] = int(exact) if exact == exact.to_integral_value() else float(exact)
    for path in sealed_fields:
        who, _, name = path.rpartition(".")
        if name in _PERSONAL and (who or "learner") in out:
            out[who or "learner"][name] = REDACTED
    return out


def _plain(value: Any) -> Any:
    if isinstance(value, Learner):
        return {"id": value.id, "issuer": value.issuer}
    if isinstance(value, Course | Assurance):
        told = {field.name: getattr(value, field.name) for field in fields(value)}
        return {name: each for name, each in told.items() if each is not None}
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    return value


def _personal(learner: Learner) -> dict[str, Any]:
    told = {name: getattr(learner.personal, name) for name in _PERSONAL}
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in told.items()
        if value is not None
    }


def _learner(value: Mapping[str, Any], seal: Mapping[str, Any]) -> Learner:
    born = seal.get("birth_date")
    personal = _as_kept(
        Personal,
        {
            "name": seal.get("name"),
            "national_id": seal.get("national_id"),
            "birth_date": date.fromisoformat(born) if born is not None else None,
        },
    )
    return _as_kept(Learner, {"id": value["id"], "issuer": value["issuer"], "personal": personal})


def _as_kept(made: type[Made], values: Mapping[str, Any]) -> Made:
    """Make a value whose parts were checked when it came: checking again would be a third of the time of reading it."""
    found = object.__new__(made)
    found.__dict__.update(values)
    return found
