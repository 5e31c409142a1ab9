"""The CASE 1.1 service: frameworks, outcomes and approved comparisons, read-only and open to everybody."""

from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, request

from creditbank_plugin.api import problem
from creditbank_plugin.api.case_answers import in_form, kept, places
from creditbank_plugin.api.guard import public
from creditbank_plugin.api.here import root, runtime
from creditbank_plugin.errors import Refused
from creditbank_plugin.formats import case as names
from creditbank_plugin.formats.case import Json
from creditbank_plugin.formats.case_shape import DOCUMENT
from creditbank_plugin.machines import publish, seal
from creditbank_plugin.observed import observe
from creditbank_plugin.rules.whole import whole
from creditbank_plugin.services.catalogue import case

NAME = "creditbank_case"
#: How many documents are listed where nobody says, and at most.
USUAL, MOST = 100, 500
SORTED = ("identifier", "title", "creator", "lastChangeDateTime", "version", "adoptionStatus", "language")
#: What ``fields`` may name.
CHOSEN = (*DOCUMENT.fields, "CFPackageURI")
_ALWAYS = ("identifier", "uri", "creator", "title", "lastChangeDateTime", "CFPackageURI")
_DEFINED = (names.ITEM_TYPES, names.SUBJECTS, names.CONCEPTS, names.LICENSES, names.GROUPINGS, names.RUBRICS)


def make_blueprint() -> Blueprint:
    """Return the blueprint of the service."""
    blueprint = Blueprint(NAME, __name__)
    observe(blueprint)
    problem.answer_errors(blueprint, in_form)
    blueprint.add_url_rule(f"/{names.DOCUMENTS}", view_func=get_all_documents, methods=["GET"])
    blueprint.add_url_rule(f"/{names.DOCUMENTS}/<identifier>", view_func=get_document, methods=["GET"])
    blueprint.add_url_rule(f"/{names.PACKAGES}/<identifier>", view_func=get_package, methods=["GET"])
    blueprint.add_url_rule(f"/{names.ITEMS}/<identifier>", view_func=get_item, methods=["GET"])
    blueprint.add_url_rule("/CFItemAssociations/<identifier>", view_func=get_item_associations, methods=["GET"])
    blueprint.add_url_rule(f"/{names.ASSOCIATIONS}/<identifier>", view_func=get_association, methods=["GET"])
    for what in _DEFINED:
        blueprint.add_url_rule(
            f"/{what}/<identifier>", f"get_{what}", view_func=get_definition, methods=["GET"], defaults={"what": what}
        )
    blueprint.after_request(_finish)
    return blueprint


@public
def get_all_documents() -> Response:
    """List the documents, a part at a time."""
    limit, offset = _number("limit", USUAL, least=1), _number("offset", 0, least=0)
    fields, sort, descending = _fields(), _sort(), _descending()
    found = case.documents(runtime(), places())
    if sort is not None:
        found.sort(key=lambda each: str(each.get(sort, "")), reverse=descending)
    limit = min(limit, MOST)
    page = found[offset : offset + limit]
    if not page:
        raise Refused("not_found", "ไม่มีเอกสารในช่วงที่ขอ", "There are no documents in this part of the list.", status=404)
    shown = [{name: value for name, value in each.items() if not fields or name in fields} for each in page]
    headers = {"X-Total-Count": str(len(found)), "Link": _links(limit, offset, len(found))}
    return kept(lambda: {"CFDocuments": shown}, headers)


def _number(name: str, usual: int, *, least: int) -> int:
    told = request.args.get(name)
    if not told:
        return usual
    found = whole(told)
    if found is not None and found >= least:
        return found
    raise Refused(
        "parameter_invalid",
        f"{name} ต้องเป็นจำนวนเต็มตั้งแต่ {least}",
        f"{name} must be a whole number of {least} or more.",
        field=name,
        status=400,
    )


def _fields() -> set[str]:
    told = [name.strip() for name in request.args.get("fields", "").split(",") if name.strip()]
    if not set(told) <= set(CHOSEN):
        raise Refused("parameter_invalid", "fields มีช่องที่ไม่รู้จัก", "fields names an unknown field.", status=400)
    return {*told, *_ALWAYS} if told else set()


def _sort() -> str | None:
    told = request.args.get("sort") or None
    if told is not None and told not in SORTED:
        raise Refused("sort", "เรียงตามช่องนี้ไม่ได้", "The list cannot be sorted by this field.", status=400)
    return told


def _descending() -> bool:
    told = request.args.get("orderBy") or "asc"
    if told not in ("asc", "desc"):
        raise Refused("sort", "orderBy ต้องเป็น asc หรือ desc", "orderBy must be asc or desc.", status=400)
    return told == "desc"


def _links(limit: int, offset: int, total: int) -> str:
    """Return the parts of the list beside this one, as RFC 8288 writes them."""
    last = (total - 1) // limit * limit
    at = {"first": 0, "last": last}
    if offset + limit < total:
        at["next"] = offset + limit
    if offset > 0:
        at["prev"] = max(0, offset - limit)
    other = [(name, value) for name, value in request.args.items() if name not in ("limit", "offset")]
    return ", ".join(
        f'<{root()}{request.path}?{urlencode([*other, ("limit", limit), ("offset", place)])}>; rel="{rel}"'
        for rel, place in at.items()
    )


@public
def get_document(identifier: str) -> Response:
    """Give one document."""
    return kept(lambda: case.document(runtime(), identifier, places()))


@public
def get_package(identifier: str) -> Response:
    """Give a document with everything in it."""
    at = places()
    return kept(lambda: case.package(runtime(), identifier, at))


@public
def get_item(identifier: str) -> Response:
    """Give one item."""
    return kept(lambda: case.item(runtime(), identifier, places()))


@public
def get_item_associations(identifier: str) -> Response:
    """Give one item with all its associations."""
    return kept(lambda: case.item_associations(runtime(), identifier, places()))


@public
def get_association(identifier: str) -> Response:
    """Give one association."""
    return kept(lambda: case.association(runtime(), identifier, places()))


@public
def get_definition(what: str, identifier: str) -> Response:
    """Give a definition: an item type, a subject, a concept, a licence, a grouping or a rubric."""

    def make() -> Json:
        return case.definition(runtime(), what, identifier, places())

    return kept(make)


def _finish(answer: Response) -> Any:
    """Let good answers be kept by anybody, and errors by nobody."""
    return publish(answer) if answer.status_code in (200, 304) else seal(answer)
