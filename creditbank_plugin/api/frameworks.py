"""Routes of frameworks and outcomes."""

from typing import Any

from flask import Response

from creditbank_plugin.api import framework_schemas as schemas
from creditbank_plugin.api import paging
from creditbank_plugin.api.blueprint import route
from creditbank_plugin.api.case_answers import places
from creditbank_plugin.api.framework_schemas import NOT_ATTACHED, SOURCED
from creditbank_plugin.api.here import runtime
from creditbank_plugin.api.paging import described
from creditbank_plugin.api.shapes import answer
from creditbank_plugin.formats.case import PACKAGES
from creditbank_plugin.formats.moments import instant_text
from creditbank_plugin.rules.scopes import CATALOGUE_READ
from creditbank_plugin.rules.whole import whole
from creditbank_plugin.services.catalogue import frameworks
from creditbank_plugin.services.catalogue.frameworks import Counted, Found, Link
from creditbank_plugin.storage.base import Stored

Json = dict[str, Any]


@route(
    "GET",
    "/frameworks",
    scope=CATALOGUE_READ,
    tag="frameworks",
    status=200,
    schema=schemas.FrameworkListSchema,
    example={"items": [schemas.FRAMEWORK], "next": None},
    problems=(400,),
    parameters=["cursor", "limit"],
)
def list_frameworks() -> Response:
    """List the frameworks of outcomes, in the order of their codes"""
    page = frameworks.page(runtime(), after=paging.cursor(), limit=paging.limit())
    return answer({"items": [_framework(each) for each in page.items], "next": paging.next_cursor(page.next)})


@route(
    "GET",
    "/frameworks/<framework_id>",
    scope=CATALOGUE_READ,
    tag="frameworks",
    status=200,
    schema=schemas.FrameworkSchema,
    example=schemas.FRAMEWORK,
    problems=(404,),
)
def get_framework(framework_id: str) -> Response:
    """Read one framework by its code or id"""
    return answer(_framework(frameworks.one(runtime(), framework_id)))


@route(
    "GET",
    "/frameworks/<framework_id>/items",
    scope=CATALOGUE_READ,
    tag="frameworks",
    status=200,
    schema=schemas.ItemPageSchema,
    example={"items": [schemas.ITEM], "next": None},
    problems=(400, 404),
    parameters=[
        described("q", "part of a code, a text or an area"),
        described("level", "the framework's own level", pattern="^[0-9]{1,2}$"),
        described("kind", "what the framework calls such an item"),
        described("area", "learning area or branch"),
        described("retired", "also those that only an earlier edition held", enum=["true", "false"]),
        "cursor",
        "limit",
    ],
)
def list_items(framework_id: str) -> Response:
    """List the outcomes of a framework, in the order of their ids"""
    filters: Json = {name: paging.words(name) for name in ("kind", "area")}
    search, level, retired = paging.words("q"), _level(), paging.flag("retired") or False
    page = frameworks.page_of_items(
        runtime(),
        framework_id,
        search=search,
        level=level,
        retired=retired,
        after=paging.cursor(),
        limit=paging.limit(),
        **filters,
    )
    return answer({"items": [_item(each) for each in page.items], "next": paging.next_cursor(page.next)})


@route(
    "GET",
    "/items/<item_id>",
    scope=CATALOGUE_READ,
    tag="frameworks",
    status=200,
    schema=schemas.ItemViewSchema,
    example=schemas.VIEW,
    problems=(404,),
)
def get_item(item_id: str) -> Response:
    """Read one outcome with what it is tied to and which approved comparisons yield it"""
    found = frameworks.item(runtime(), item_id)
    links = [_link(each) for each in found.links]
    return answer({**_item(found.item), "links": links, "yielded_by": _yielded_by(found)})


def _level() -> int | None:
    told = paging.words("level")
    found = whole(told, 2) if told is not None else None
    if told is None or found is not None:
        return found
    raise paging.bad("level", "ต้องเป็นจำนวนเต็ม 0 ถึง 99", "must be a whole number from 0 to 99")


def _framework(each: Counted) -> Json:
    row = each.framework
    return {
        "id": row.id,
        "code": row.code,
        "title": {"th": row.title_th, "en": row.title_en},
        "version": row.version,
        "publisher": row.publisher,
        "source": row.source,
        "evidence": row.evidence,
        "items": each.items,
        "without_text": each.without_text,
        "retired": each.retired,
        "case_package": places().of(PACKAGES, row.id),
    }


def _item(row: Stored) -> Json:
    return {
        "id": row.id,
        "framework": row.framework_code,
        "code": row.code,
        "text": {"th": row.text_th, "en": row.text_en},
        "text_state": NOT_ATTACHED if row.text_th is None and row.text_en is None else SOURCED,
        "description": {"th": row.description_th, "en": row.description_en},
        "note": {"th": row.note_th, "en": row.note_en},
        "kind": row.kind,
        "level": row.level,
        "area": row.area,
        "grade": row.grade,
        "parent": row.parent_code,
        "source": row.source,
        "evidence": row.evidence,
        "retired_at": instant_text(row.retired_at) if row.retired_at is not None else None,
    }


def _link(link: Link) -> Json:
    return {
        "kind": link.kind,
        "direction": "to" if link.outward else "from",
        "id": link.other.id if link.other is not None else None,
        "framework": link.other.framework_code if link.other is not None else None,
        "code": link.other.code if link.other is not None else link.title,
        "uri": link.uri,
        "source": link.source,
        "note": {"th": link.note_th, "en": link.note_en},
    }


def _yielded_by(found: Found) -> list[Json]:
    return [
        {
            "comparison_id": row.id,
            "body": row.body_code,
            "owner": row.owner_code,
            "course": row.code,
            "version": row.version,
            "applies_from": row.applies_from.isoformat(),
            "ended_from": row.ended_from.isoformat() if row.ended_from is not None else None,
        }
        for row in found.comparisons
    ]
