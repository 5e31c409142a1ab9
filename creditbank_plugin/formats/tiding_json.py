"""The public JSON form of tidings (the ``data`` of our CloudEvents): read into values that check themselves.

Strict: nothing is coerced, ``null`` is "not told", a refusal names the field by its dotted path in ``data``.
"""

from collections.abc import Callable
from dataclasses import fields
from datetime import date, datetime, timedelta
from typing import Any

from creditbank_hooks.checks import TidingError
from creditbank_hooks.tidings import (
    Assurance,
    CompletionRevoked,
    Course,
    CourseCompleted,
    Learner,
    LearnerErased,
    LearnerMerged,
    Personal,
    Tiding,
)
from creditbank_plugin.formats import moments

KINDS: dict[str, type[Tiding]] = {
    each.kind: each for each in (CourseCompleted, CompletionRevoked, LearnerMerged, LearnerErased)
}
AHEAD = timedelta(hours=24)  # how far the clocks of a host may be ahead of ours

Extra = dict[str, Any]
_MESSAGE = frozenset(field.name for field in fields(Tiding))


def parse(
    kind: str,
    data: object,
    *,
    event_id: str | None = None,
    source: str | None = None,
    time: datetime | None = None,
) -> Tiding:
    """Read ``data`` as the tiding named ``kind`` (a key of ``KINDS``).

    ``event_id``, ``source`` and ``time`` are the message's own.  Fields that the contract does not know are kept in
    ``extra``, nested as they came.  Raises ``TidingError`` with the field's dotted path, ``KeyError`` for another kind.
    """
    made = KINDS[kind]
    extra: Extra = {}
    names = tuple(field.name for field in fields(made) if field.name not in _MESSAGE)
    told = _known(data, "", names, extra)
    for name, read in _READERS.items():
        if name in told:
            told[name] = read(told[name], name, extra)
    _require(told, "", tuple(field.name for field in fields(made) if field.name in _ALWAYS))
    return made(**told, event_id=event_id, source=source, time=time, extra=extra)


def check_not_future(tiding: Tiding, now: datetime) -> None:
    """Refuse with ``TidingError`` what lies over 24 hours after ``now``, as a พ.ศ. year does; it is never converted."""
    moments_told = {name: getattr(tiding, name, None) for name in (*_MOMENTS, "time")}
    for name, told in moments_told.items():
        if told is not None and told - now > AHEAD:
            raise _future(name)
    for name in ("learner", "merged"):
        who: Learner | None = getattr(tiding, name, None)
        born: date | None = who.personal.birth_date if who else None
        if born is not None and born > (now + AHEAD).date():
            raise _future(f"{name}.birth_date")


def _future(field: str) -> TidingError:
    return TidingError(
        field,
        "เป็นเวลาในอนาคตเกิน 24 ชั่วโมง หากเป็นปี พ.ศ. โปรดส่งเป็นปี ค.ศ. (ปี พ.ศ. ลบ 543)",
        "lies over 24 hours in the future; a Buddhist-era year (พ.ศ.) must be sent as a common-era year (minus 543)",
    )


def _known(data: object, path: str, names: tuple[str, ...], extra: Extra) -> dict[str, Any]:
    """Split an object: return what the contract knows and was told, put the rest into ``extra`` under its path."""
    if not isinstance(data, dict):
        raise TidingError(path or "data", "ต้องเป็นวัตถุ JSON", "must be a JSON object")
    unknown = {name: value for name, value in data.items() if name not in names}
    if unknown and path:
        extra[path] = unknown
    elif unknown:
        extra.update(unknown)
    return {name: data[name] for name in names if data.get(name) is not None}


def _require(told: dict[str, Any], path: str, names: tuple[str, ...]) -> None:
    for name in names:
        if name not in told:
            raise TidingError(f"{path}.{name}" if path else name, "ต้องส่งค่านี้มาด้วย", "is required")


def _learner(data: object, path: str, extra: Extra) -> Learner:
    told = _known(data, path, ("id", "issuer", "name", "national_id", "birth_date"), extra)
    _require(told, path, ("id", "issuer"))
    try:
        born = moments.day("learner.birth_date", told["birth_date"]) if "birth_date" in told else None
        personal = Personal(name=told.get("name"), national_id=told.get("national_id"), birth_date=born)
        return Learner(id=told["id"], issuer=told["issuer"], personal=personal)
    except TidingError as error:  # the value calls itself "learner", wherever it stands
        raise TidingError(error.field.replace("learner", path, 1), error.th, error.en) from None


def _course(data: object, path: str, extra: Extra) -> Course:
    told = _known(data, path, ("code", "version", "owner", "title", "iri"), extra)
    _require(told, path, ("code",))
    return Course(**told)


def _assurance(data: object, path: str, extra: Extra) -> Assurance:
    return Assurance(**_known(data, path, ("identity", "assessment"), extra))


def _moment(value: object, path: str, _: Extra) -> datetime:
    return moments.moment(path, value)


_MOMENTS = ("completed_at", "revoked_at", "merged_at", "erased_at")
_ALWAYS = ("learner", "course", "merged", "reason", *_MOMENTS)
_READERS: dict[str, Callable[[object, str, Extra], Any]] = {
    "learner": _learner,
    "merged": _learner,
    "course": _course,
    "assurance": _assurance,
    **dict.fromkeys(_MOMENTS, _moment),
}
