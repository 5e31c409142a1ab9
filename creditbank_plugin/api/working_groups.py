"""Routes of the working groups that compare: whom the orders appointed, and how far the raters agree."""

from flask import Response

from creditbank_plugin.api import comparison_schemas as schemas
from creditbank_plugin.api import comparison_shapes as shapes
from creditbank_plugin.api.blueprint import route
from creditbank_plugin.api.guard import actor
from creditbank_plugin.api.here import runtime
from creditbank_plugin.api.shapes import answer
from creditbank_plugin.rules.scopes import COMPARISONS_READ
from creditbank_plugin.services import groups, ratings

TAG = "working groups"


@route(
    "GET",
    "/working-groups",
    scope=COMPARISONS_READ,
    tag=TAG,
    status=200,
    schema=schemas.GroupListSchema,
    example={"items": [schemas.GROUP], "next": None},
)
def list_groups() -> Response:
    """List working groups, those at work first

    Orders of appointment are public. How members are named here (`actor`), and the figures of agreement, are for the
    committee alone: the group's members, and clients of the body's organisation and of those above it.
    """
    who = actor()
    figures = {each.group.id: each for each in ratings.figures(runtime(), who) if each.group is not None}
    items = []
    for row in groups.groups(runtime()):
        _, members, _ = groups.group(runtime(), row.id)
        items.append(shapes.group(row, members, figures.get(row.id), inside=row.id in figures))
    return answer({"items": items, "next": None})


@route(
    "GET",
    "/working-groups/<group_id>",
    scope=COMPARISONS_READ,
    tag=TAG,
    status=200,
    schema=schemas.GroupSchema,
    example=schemas.GROUP,
    problems=(404,),
)
def get_group(group_id: str) -> Response:
    """Read one working group"""
    row, members, _ = groups.group(runtime(), group_id)
    figures = {each.group.id: each for each in ratings.figures(runtime(), actor()) if each.group is not None}
    return answer(shapes.group(row, members, figures.get(row.id), inside=row.id in figures))
