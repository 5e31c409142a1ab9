"""The shapes of frameworks and outcomes in the API, with examples."""

from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from creditbank_plugin.api.schemas import BilingualSchema

#: Whether a text has a source: an item without one has no text.
SOURCED, NOT_ATTACHED = "sourced", "source_not_attached"


def _text(about: str = "", *, null: bool = False) -> fields.String:
    return fields.String(required=True, allow_none=null, metadata={"description": about} if about else {})


def _id(about: str = "") -> fields.String:
    return fields.String(required=True, metadata={"description": about, "format": "uuid"})


class NullBilingualSchema(ma.Schema):
    """A text in Thai and English, each only where it has a source."""

    th = _text(null=True)
    en = _text(null=True)


class FrameworkSchema(ma.Schema):
    """A published list of outcomes."""

    id = _id()
    code = _text("our code of it, which may stand in place of the id in addresses")
    title = fields.Nested(BilingualSchema, required=True)
    version = _text("its edition, as its publisher calls it", null=True)
    publisher = _text(null=True)
    source = _text("where its texts are from")
    evidence = _text("how good the source is")
    items = fields.Integer(required=True, metadata={"description": "how many outcomes stand in it"})
    without_text = fields.Integer(required=True, metadata={"description": "those of them without a sourced text"})
    retired = fields.Integer(required=True, metadata={"description": "those that an earlier edition held"})
    case_package = _text("address of the CFPackage (CASE 1.1), open to everybody")


class FrameworkListSchema(ma.Schema):
    """All frameworks."""

    items = fields.List(fields.Nested(FrameworkSchema), required=True)
    next = _text("always null: there are few", null=True)


class ItemSchema(ma.Schema):
    """An outcome."""

    id = _id()
    framework = _text("code of the framework")
    code = _text()
    text = fields.Nested(NullBilingualSchema, required=True)
    text_state = fields.String(required=True, validate=validate.OneOf((SOURCED, NOT_ATTACHED)))
    description = fields.Nested(NullBilingualSchema, required=True)
    note = fields.Nested(NullBilingualSchema, required=True)
    kind = _text("what the framework calls such an item", null=True)
    level = fields.Integer(required=True, allow_none=True)
    area = _text("learning area or branch", null=True)
    grade = _text("school year", null=True)
    parent = _text("code of the item above it", null=True)
    source = _text(null=True)
    evidence = _text(null=True)
    retired_at = fields.DateTime(required=True, allow_none=True)


class ItemPageSchema(ma.Schema):
    """A page of outcomes."""

    items = fields.List(fields.Nested(ItemSchema), required=True)
    next = _text("cursor of the following page", null=True)


class LinkSchema(ma.Schema):
    """A tie of an outcome to another one, or to something elsewhere."""

    kind = _text("CASE's association type")
    direction = fields.String(required=True, validate=validate.OneOf(("to", "from")))
    id = fields.String(
        required=True, allow_none=True, metadata={"description": "the other item, where it is known here"}
    )
    framework = _text(null=True)
    code = _text(null=True)
    uri = _text("of an end elsewhere", null=True)
    source = _text(null=True)
    note = fields.Nested(NullBilingualSchema, required=True)


class YieldedBySchema(ma.Schema):
    """An approved comparison that yields the outcome."""

    comparison_id = _id()
    body = _text("code of the comparing body")
    owner = _text("owner of the course")
    course = _text("code of the course")
    version = _text()
    applies_from = fields.Date(required=True)
    ended_from = fields.Date(required=True, allow_none=True)


class ItemViewSchema(ItemSchema):
    """An outcome with what it is tied to, and the newest 200 comparisons that yield it."""

    links = fields.List(fields.Nested(LinkSchema), required=True)
    yielded_by = fields.List(fields.Nested(YieldedBySchema), required=True)


_LEVEL = "782b7f10-5403-5f22-8b81-812937fc194c"
FRAMEWORK: dict[str, Any] = {
    "id": "5d0f3c3e-6f6e-5d3e-9f0b-6f8e9f0a1b2c",
    "code": "nqf",
    "title": {"th": "กรอบคุณวุฒิแห่งชาติ", "en": "Thai National Qualifications Framework"},
    "version": "2560",
    "publisher": None,
    "source": "OVEC manual vol. 1 (2562/2019), table p.13",
    "evidence": "copy of official",
    "items": 8,
    "without_text": 0,
    "retired": 0,
    "case_package": "https://bank.example/creditbank/ims/case/v1p1/CFPackages/5d0f3c3e-6f6e-5d3e-9f0b-6f8e9f0a1b2c",
}
ITEM: dict[str, Any] = {
    "id": _LEVEL,
    "framework": "nqf",
    "code": "NQF-3",
    "text": {"th": "ระดับ 3: ประกาศนียบัตรวิชาชีพ (ปวช.)", "en": "Level 3: Vocational Certificate"},
    "text_state": SOURCED,
    "description": {"th": None, "en": None},
    "note": {"th": "คำอธิบายระดับ: ยังไม่ได้แนบแหล่งที่มา", "en": "Level descriptor: source not yet attached"},
    "kind": "level",
    "level": 3,
    "area": None,
    "grade": None,
    "parent": None,
    "source": "https://spvc.ac.th/spvcpk/1/files/basic-html/page19.html",
    "evidence": "copy of official",
    "retired_at": None,
}
VIEW: dict[str, Any] = {
    **ITEM,
    "links": [
        {
            "kind": "isPeerOf",
            "direction": "to",
            "id": "019308a0-6d2e-7c11-9a55-0d6f0a2b3c41",
            "framework": "tpqi-levels",
            "code": "TPQI-L3",
            "uri": None,
            "source": "https://spvc.ac.th/spvcpk/1/files/basic-html/page19.html",
            "note": {"th": None, "en": None},
        }
    ],
    "yielded_by": [
        {
            "comparison_id": "019308a0-6d2e-7c11-9a55-0d6f0a2b3c42",
            "body": "99-51",
            "owner": "national",
            "course": "ท21101",
            "version": "2551",
            "applies_from": "2026-05-16",
            "ended_from": None,
        }
    ],
}
