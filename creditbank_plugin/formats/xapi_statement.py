"""Is this an xAPI statement?  The structure of xAPI 1.0.3 part 2 (data), as tables.

What needs memory (a known id, what a voided id points at) and attachment bodies is the receiver's business.
"""

from typing import Any

from creditbank_plugin.formats import xapi_values as v
from creditbank_plugin.formats.xapi_values import BadStatement, bad, items, shape

__all__ = ["BadStatement", "check"]

VOIDED = "http://adlnet.gov/expapi/verbs/voided"
_IDENTIFIERS = ("mbox", "mbox_sha1sum", "openid", "account")

_account = shape({"homePage": v.iri, "name": v.text}, "homePage", "name")
_who = {
    "objectType": v.word("Agent", "Group"),
    "name": v.text,
    "mbox": v.mailbox,
    "mbox_sha1sum": v.sha1,
    "openid": v.iri,
    "account": _account,
}
_agent_shape = shape(_who)


def _agent(field: str, value: Any) -> None:
    """An agent: exactly one identifier (part 2, section 2.4.2.1)."""
    _agent_shape(field, value)
    if value.get("objectType") == "Group":
        bad(f"{field}.objectType", "ต้องเป็น Agent", "must be Agent")
    if sum(name in value for name in _IDENTIFIERS) != 1:
        bad(field, "ต้องมีตัวระบุตัวตนหนึ่งอย่างพอดี", "must have exactly one identifier")


_group_shape = shape({**_who, "member": items(_agent)})


def _actor(field: str, value: Any) -> None:
    """An agent, or a group with at most one identifier and, without one, its members (section 2.4.2.2)."""
    if v.mapping(field, value).get("objectType") != "Group":
        return _agent(field, value)
    _group_shape(field, value)
    identifiers = sum(name in value for name in _IDENTIFIERS)
    if identifiers > 1:
        bad(field, "ต้องมีตัวระบุตัวตนไม่เกินหนึ่งอย่าง", "must have at most one identifier")
    if identifiers == 0 and not value.get("member"):
        bad(f"{field}.member", "กลุ่มที่ไม่มีตัวระบุตัวตนต้องบอกสมาชิก", "is required of a group without identifier")
    return None


def _group(field: str, value: Any) -> None:
    _actor(field, value)
    if value.get("objectType") != "Group":
        bad(f"{field}.objectType", "ต้องเป็น Group", "must be Group")


def _authority(field: str, value: Any) -> None:
    """An agent, or the application and the user of OAuth as an anonymous group of two (section 2.4.9)."""
    _actor(field, value)
    if value.get("objectType") == "Group":
        if any(name in value for name in _IDENTIFIERS):
            bad(field, "กลุ่มต้องไม่มีตัวระบุตัวตน", "must be a group without identifier")
        if len(value["member"]) != 2:
            bad(f"{field}.member", "ต้องมีสมาชิกสองรายพอดี", "must have exactly two members")


_verb = shape({"id": v.iri, "display": v.language_map}, "id")
_reference = shape({"objectType": v.word("StatementRef"), "id": v.uuid}, "objectType", "id")

# Section 2.4.4.1: which lists of components each kind of interaction knows.
_COMPONENTS = {
    "choice": ("choices",),
    "sequencing": ("choices",),
    "likert": ("scale",),
    "matching": ("source", "target"),
    "performance": ("steps",),
    **dict.fromkeys(("true-false", "fill-in", "long-fill-in", "numeric", "other"), ()),
}
_LISTS = ("choices", "scale", "source", "target", "steps")
_component = shape({"id": v.text, "description": v.language_map}, "id")
_definition_shape = shape(
    {
        "name": v.language_map,
        "description": v.language_map,
        "type": v.iri,
        "moreInfo": v.iri,
        "extensions": v.extensions,
        "interactionType": v.word(*_COMPONENTS),
        "correctResponsesPattern": items(v.text),
        **dict.fromkeys(_LISTS, items(_component)),
    }
)


def _definition(field: str, value: Any) -> None:
    _definition_shape(field, value)
    interaction = value.get("interactionType")
    if interaction is None and any(name in value for name in ("correctResponsesPattern", *_LISTS)):
        bad(f"{field}.interactionType", "ต้องบอกชนิดของกิจกรรมโต้ตอบ", "is required of an interaction")
    for name in _LISTS:
        if name not in value:
            continue
        if name not in _COMPONENTS[interaction]:
            bad(f"{field}.{name}", "ไม่ใช่ของกิจกรรมโต้ตอบชนิดนี้", "does not belong to this kind of interaction")
        ids = [each["id"] for each in value[name]]
        if len(set(ids)) != len(ids):
            bad(f"{field}.{name}", "มี id ซ้ำ", "names an id twice")


_activity = shape({"objectType": v.word("Activity"), "id": v.iri, "definition": _definition}, "id")
_score_shape = shape(dict.fromkeys(("scaled", "raw", "min", "max"), v.number))


def _score(field: str, value: Any) -> None:
    """Section 2.4.5.1: scaled from -1 to 1, min < max, raw between them."""
    _score_shape(field, value)
    if not -1 <= value.get("scaled", 0) <= 1:
        bad(f"{field}.scaled", "ต้องอยู่ระหว่าง -1 ถึง 1", "must be between -1 and 1")
    low, high = value.get("min", float("-inf")), value.get("max", float("inf"))
    if not low < high:
        bad(f"{field}.max", "ต้องมากกว่า min", "must be greater than min")
    if "raw" in value and not low <= value["raw"] <= high:
        bad(f"{field}.raw", "ต้องอยู่ระหว่าง min กับ max", "must lie between min and max")


_result = shape(
    {
        "score": _score,
        "success": v.boolean,
        "completion": v.boolean,
        "response": v.text,
        "duration": v.duration,
        "extensions": v.extensions,
    }
)
_context = shape(
    {
        "registration": v.uuid,
        "instructor": _actor,
        "team": _group,
        "contextActivities": shape(
            dict.fromkeys(("parent", "grouping", "category", "other"), items(_activity, one_alone=True))
        ),
        "revision": v.text,
        "platform": v.text,
        "language": v.language,
        "statement": _reference,
        "extensions": v.extensions,
    }
)
_attachment = shape(
    {
        "usageType": v.iri,
        "display": v.language_map,
        "description": v.language_map,
        "contentType": v.media_type,
        "length": v.whole,
        "sha2": v.sha2,
        "fileUrl": v.iri,
    },
    *("usageType", "display", "contentType", "length", "sha2"),
)


def _object(field: str, value: Any) -> None:
    kind = v.mapping(field, value).get("objectType", "Activity")
    if not isinstance(kind, str) or kind not in _OBJECTS:
        bad(f"{field}.objectType", "ไม่ใช่ชนิดวัตถุของ xAPI", "is no object type of xAPI")
    _OBJECTS[kind](field, value)


_SAID = {
    "actor": _actor,
    "verb": _verb,
    "object": _object,
    "result": _result,
    "context": _context,
    "timestamp": v.stamp,
    "attachments": items(_attachment),
}
_WHOLE = ("actor", "verb", "object")
_statement = shape({**_SAID, "id": v.uuid, "stored": v.stamp, "version": v.version, "authority": _authority}, *_WHOLE)
_inner = shape({**_SAID, "objectType": v.word("SubStatement")}, *_WHOLE)


def _sub_statement(field: str, value: Any) -> None:
    """Section 2.4.4.3: a statement in a statement has no id, and none in itself."""
    inner = value.get("object")
    if isinstance(inner, dict) and inner.get("objectType") == "SubStatement":
        bad(f"{field}.object", "ซ้อน SubStatement ในตัวเองไม่ได้", "must not hold another SubStatement")
    _inner(field, value)
    _together(value, f"{field}.")


_OBJECTS = {
    "Activity": _activity,
    "Agent": _agent,
    "Group": _group,
    "SubStatement": _sub_statement,
    "StatementRef": _reference,
}


def _together(value: dict[str, Any], prefix: str) -> None:
    """What no part says alone: voiding names a statement; revision and platform belong to activities."""
    kind = value["object"].get("objectType", "Activity")
    if value["verb"]["id"] == VOIDED and kind != "StatementRef":
        bad(f"{prefix}object", "การยกเลิกต้องอ้างถึง statement", "of a voiding statement must be a StatementRef")
    for name in ("revision", "platform"):
        if kind != "Activity" and name in value.get("context", {}):
            bad(f"{prefix}context.{name}", "ใช้ได้กับกิจกรรม (Activity) เท่านั้น", "may stand only with an Activity")


def check(statement: object) -> None:
    """Raise ``BadStatement`` with the first field that breaks the structure of an xAPI 1.0.3 statement."""
    _statement("", v.mapping("statement", statement))
    _together(v.mapping("statement", statement), "")
