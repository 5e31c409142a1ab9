"""xAPI statements as course completions: the type of the object decides, never the verb alone.

cmi5 says which object is a course (section 7.1.5, activity type ``course``) and that only ``satisfied`` on it grants;
Moodle's logstore sends ``completed`` with the same type for a course, and with other types for single activities.
"""

import hashlib
import math
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from creditbank_hooks.checks import TidingError
from creditbank_hooks.tidings import CompletionRevoked, Course, CourseCompleted, Learner, Personal
from creditbank_plugin.formats import moments
from creditbank_plugin.formats.strict_json import NotJson, canonical, loads
from creditbank_plugin.formats.xapi_values import BadStatement
from creditbank_plugin.rules.conditions import UNPLACED_SCORE

COURSE = "https://w3id.org/xapi/cmi5/activitytype/course"
COMPLETING = frozenset(("http://adlnet.gov/expapi/verbs/completed", "https://w3id.org/xapi/adl/verbs/satisfied"))
REVOKING = frozenset(("https://xapi.edlm/profiles/edlm-lms/concepts/verbs/uncompleted",))
LAUNCH_MODE = "https://w3id.org/xapi/cmi5/context/extensions/launchmode"
COURSE_CODE = "external-id"  # how the key of the extension ends that carries a course's own code

# How a learner without account is known among the accounts of the client's issuer: by the kind of identifier and its
# value.  No account's name may begin so, or somebody could claim another's mailbox by choosing their own name.
_SAYS = {"mbox": "", "mbox_sha1sum": "mbox_sha1sum:", "openid": "openid:"}
_WITHOUT_ACCOUNT = ("mailto:", "mbox_sha1sum:", "openid:")

# What a tiding calls its fields, and where a statement carries them.
_WHERE = {
    "learner.id": "actor",
    "learner.issuer": "actor.account.homePage",
    "course.code": "object.id",
    "course.iri": "object.id",
    "completed_at": "timestamp",
    "revoked_at": "timestamp",
}


@dataclass(frozen=True)
class NotACourse:
    """A statement that is no news about a course; ``why`` is a stable word."""

    why: str


def read_statements(raw: bytes) -> list[dict[str, Any]]:
    """Return the statements of a body: one object, or a list of them.  Raises ``BadStatement``."""
    try:
        body = loads(raw)
    except NotJson as error:
        raise BadStatement("statement", error.th, error.en) from None
    statements = body if isinstance(body, list) else [body]
    for place, each in enumerate(statements):
        if not isinstance(each, dict):
            field = f"statement[{place}]" if isinstance(body, list) else "statement"
            raise BadStatement(field, "ต้องเป็นวัตถุ JSON", "must be a JSON object")
    return statements


def translate(
    statement: dict[str, Any], client_issuer: str, *, received_at: datetime
) -> CourseCompleted | CompletionRevoked | NotACourse:
    """Return what a statement, already found sound by ``xapi_statement.check``, says about a course.

    An actor without account is known by its mbox, hash or OpenID under ``client_issuer``.  ``received_at`` (with
    its zone) stands in for a missing timestamp; the time of completion is an upper bound.  Raises ``TidingError``
    naming the statement's field.
    """
    why = _why_not(statement)
    if why:
        return NotACourse(why)
    try:
        told = statement.get("timestamp")
        when = _moment("timestamp", told) if told is not None else received_at
        learner, course = _learner(statement["actor"], client_issuer), _course(statement["object"])
        score = _within(statement, "result", "score")
        percent = _percent(score)
        said: dict[str, Any] = {
            "event_id": message_id(statement),
            "source": client_issuer,
            "extra": {"xapi": statement, **_unplaced(score, percent)},
        }
        if _verb(statement) in REVOKING:
            return CompletionRevoked(learner=learner, course=course, revoked_at=when, reason="uncompleted", **said)
        return CourseCompleted(
            learner=learner,
            course=course,
            completed_at=when,
            completed_at_precision="upper_bound",
            score=percent,
            **said,
        )
    except TidingError as error:
        raise TidingError(_WHERE.get(error.field, error.field), error.th, error.en) from None


def message_id(statement: dict[str, Any]) -> str:
    """Return the key by which a statement is known again: ``id:`` and its own id, else ``facts:`` and a SHA-256.

    Moodle sends no ids and changes ``context.registration`` when it sends again: neither takes part.
    """
    own = statement.get("id")
    if isinstance(own, str):
        return f"id:{own.lower()}"
    said = {
        "actor": _identifier(_within(statement, "actor")),
        "verb": _verb(statement),
        "object": _within(statement, "object").get("id"),
        "code": _code(_within(statement, "object", "definition", "extensions")),
        "timestamp": statement.get("timestamp"),
        "result": statement.get("result"),
    }
    return f"facts:{hashlib.sha256(canonical(said)).hexdigest()}"


def _why_not(statement: dict[str, Any]) -> str | None:
    verb, completes = _verb(statement), _verb(statement) in COMPLETING
    if _within(statement, "object").get("objectType", "Activity") != "Activity":
        return "object_is_no_activity"
    if _within(statement, "object", "definition").get("type") != COURSE:
        return "object_is_no_course"
    if not completes and verb not in REVOKING:
        return "verb_does_not_complete"
    if _within(statement, "actor").get("objectType", "Agent") != "Agent":
        return "actor_is_a_group"
    launch = _within(statement, "context", "extensions").get(LAUNCH_MODE)
    if isinstance(launch, str) and launch.lower() in ("browse", "review"):
        return "launched_to_browse_or_review"
    result = _within(statement, "result")
    if completes and result.get("completion") is False:
        return "result_not_complete"
    if completes and result.get("success") is False:
        return "result_not_successful"
    return None


def _within(statement: dict[str, Any], *path: str) -> dict[str, Any]:
    """Return the object at ``path``; an empty one where there is none."""
    here: Any = statement
    for name in path:
        here = here.get(name) if isinstance(here, dict) else None
    return here if isinstance(here, dict) else {}


def _verb(statement: dict[str, Any]) -> str | None:
    verb = _within(statement, "verb").get("id")
    return verb if isinstance(verb, str) else None


def _identifier(actor: dict[str, Any]) -> list[Any]:
    if isinstance(actor.get("account"), dict):
        return [actor["account"].get("homePage"), actor["account"].get("name")]
    return [None, next((f"{_SAYS[name]}{actor[name]}" for name in _SAYS if name in actor), None)]


def _learner(actor: dict[str, Any], client_issuer: str) -> Learner:
    issuer, key = _identifier(actor)
    if issuer is not None and isinstance(key, str) and key.strip().lower().startswith(_WITHOUT_ACCOUNT):
        raise TidingError(
            "actor.account.name",
            "ชื่อบัญชีต้องไม่ขึ้นต้นด้วย mailto:, mbox_sha1sum: หรือ openid: ซึ่งเป็นตัวระบุตัวตนแบบอื่น",
            "must not begin with mailto:, mbox_sha1sum: or openid:, which are identifiers of another kind",
        )
    name = _tidy(actor.get("name"), 255)
    return Learner(id=key, issuer=issuer or client_issuer, personal=Personal(name=name))


def _course(activity: dict[str, Any]) -> Course:
    definition = _within(activity, "definition")
    names = _within(definition, "name")
    title = next((names[tag] for tag in ("th", "th-TH", "en", "en-US", *names) if tag in names), None)
    code = _code(_within(definition, "extensions"))
    return Course(code=code or activity["id"], iri=activity["id"], title=_tidy(title, 500))


def _code(extensions: dict[str, Any]) -> str | None:
    for name, value in extensions.items():
        if name.endswith(COURSE_CODE) and isinstance(value, str) and value.strip():
            return value.strip()
    return None


def _tidy(text: Any, longest: int) -> str | None:
    """Return a name fit to be kept, shortened if need be; what only adorns a fact must never cost a credit."""
    if not isinstance(text, str):
        return None
    seen = "".join(" " if unicodedata.category(sign) == "Cc" else sign for sign in unicodedata.normalize("NFC", text))
    return " ".join(seen.split())[:longest].strip() or None


def _percent(score: dict[str, Any]) -> Decimal | None:
    """Return 0–100: ``scaled`` as percent (below zero is nothing earned), else ``raw`` between ``min`` (0) and ``max``.

    Exact, then rounded half up to four places.  None where the sender does not say what the whole would be.
    """
    scaled, raw, low, high = (_exact(score.get(name)) for name in ("scaled", "raw", "min", "max"))
    if scaled is not None and -1 <= scaled <= 1:
        return _rounded(max(scaled, Decimal(0)) * 100)
    low = low if low is not None else Decimal(0)
    if raw is None or high is None or not low <= raw <= high or low == high:
        return None
    return _rounded((raw - low) / (high - low) * 100)


def _rounded(value: Decimal) -> Decimal:
    return value.quantize(Decimal("0.0001"), ROUND_HALF_UP).normalize()


def _unplaced(score: dict[str, Any], percent: Decimal | None) -> dict[str, Any]:
    """Return, for ``extra``, a score that was sent and means nothing on a scale of 0–100: never as if none was sent."""
    sent = {name: score[name] for name in ("scaled", "raw", "min", "max") if name in score}
    return {UNPLACED_SCORE: sent} if percent is None and ("raw" in sent or "scaled" in sent) else {}


def _exact(value: Any) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return Decimal(str(value)) if isinstance(value, int) or math.isfinite(value) else None


def _moment(field: str, value: Any) -> datetime:
    """Read a timestamp; "+0700" and a blank for the T are allowed, a time without offset names no moment."""
    if isinstance(value, str) and len(value) > 10 and value[10] == " ":
        value = f"{value[:10]}T{value[11:]}"
    if isinstance(value, str) and value[-5:-4] in ("+", "-") and value[-4:].isdigit():
        value = f"{value[:-2]}:{value[-2:]}"
    return moments.moment(field, value)
