"""Routes of the public round: what is put to the public today, and comments on it."""

from flask import Response

from creditbank_plugin.api import comparison_shapes as shapes
from creditbank_plugin.api import group_schemas, json_body, paging
from creditbank_plugin.api.blueprint import route
from creditbank_plugin.api.guard import actor
from creditbank_plugin.api.here import runtime
from creditbank_plugin.api.shapes import answer
from creditbank_plugin.errors import not_found
from creditbank_plugin.rules.scopes import COMPARISONS_COMMENT, COMPARISONS_READ
from creditbank_plugin.services.actor import Actor
from creditbank_plugin.services.comparing import proposals

TAG = "comparisons"
_READERS = (COMPARISONS_READ, COMPARISONS_COMMENT)


@route(
    "GET",
    "/public-comparisons",
    scope=_READERS,
    tag=TAG,
    status=200,
    schema=group_schemas.PublishedListSchema,
    example={"items": [group_schemas.PUBLISHED], "next": None},
    problems=(400,),
    parameters=["cursor", "limit"],
)
def list_public_comparisons() -> Response:
    """List what the public may comment on today, the round that ends first first"""
    found = proposals.page_of_the_public(runtime(), after=paging.cursor(), limit=paging.limit())
    items = [shapes.published(each) for each in found.items]
    return answer({"items": items, "next": paging.next_cursor(found.next)})


@route(
    "GET",
    "/public-comparisons/<comparison_id>",
    scope=_READERS,
    tag=TAG,
    status=200,
    schema=group_schemas.PublishedSchema,
    example=group_schemas.PUBLISHED,
    problems=(404,),
)
def get_public_comparison(comparison_id: str) -> Response:
    """Read what is put to the public; 404 once its round is over"""
    return _shown(comparison_id)


@route(
    "POST",
    "/public-comparisons/<comparison_id>/comments",
    scope=COMPARISONS_COMMENT,
    tag=TAG,
    status=201,
    schema=group_schemas.PublishedSchema,
    example=group_schemas.PUBLISHED,
    problems=(400, 404, 409, 413, 415, 422),
    requestBody=group_schemas.request_body(group_schemas.COMMENT, {"text": "ควรเพิ่มชั่วโมงปฏิบัติ"}, "text"),
)
def comment_on_comparison(comparison_id: str) -> Response:
    """Say something in the public round; it is shown to everybody and never changed

    Without `name` it is shown under the client and its person.
    """
    told = json_body.read().only(*group_schemas.COMMENT, "on_behalf_of")
    who = actor(told.text("on_behalf_of"))
    named = Actor(who.id, told.text("name", longest=200) or who.name, "")
    proposals.comment(runtime(), comparison_id, told.needed_text("text", longest=proposals.LONGEST_COMMENT), by=named)
    return _shown(comparison_id, 201)


def _shown(comparison_id: str, status: int = 200) -> Response:
    view = proposals.put_to_the_public(runtime(), comparison_id)
    if view is None:
        raise not_found()
    return answer(shapes.published(view), status)
