"""Routes of the working groups that compare: whom the orders appointed, how far the raters agree, their meetings."""

from typing import Any

from flask import Response, url_for

from creditbank_plugin.api import comparison_schemas as schemas
from creditbank_plugin.api import comparison_shapes as shapes
from creditbank_plugin.api import group_schemas, if_match, json_body, paging
from creditbank_plugin.api.blueprint import NAME, route
from creditbank_plugin.api.comparison_body import whole
from creditbank_plugin.api.guard import actor
from creditbank_plugin.api.here import runtime
from creditbank_plugin.api.json_body import JsonBody
from creditbank_plugin.api.shapes import answer
from creditbank_plugin.rules.scopes import COMPARISONS_APPROVE, COMPARISONS_READ, GROUPS_WRITE
from creditbank_plugin.services.comparing import groups, ratings

TAG = "working groups"
_MEETERS = (GROUPS_WRITE, COMPARISONS_APPROVE)


@route(
    "GET",
    "/working-groups",
    scope=COMPARISONS_READ,
    tag=TAG,
    status=200,
    schema=schemas.GroupListSchema,
    example={"items": [schemas.GROUP], "next": None},
    problems=(400,),
    parameters=["cursor", "limit"],
)
def list_groups() -> Response:
    """List working groups, those at work first

    Orders of appointment are public. How members are named here (`actor`), and the figures of agreement, are for the
    committee alone: the group's members, and clients of the body's organisation and of those above it.
    """
    who = actor()
    figures = {each.group.id: each for each in ratings.figures(runtime(), who) if each.group is not None}
    found = groups.page(runtime(), after=paging.cursor(), limit=paging.limit())
    items = [
        shapes.group(each.group, each.members, figures.get(each.group.id), inside=each.group.id in figures)
        for each in found.items
    ]
    return answer({"items": items, "next": paging.next_cursor(found.next)})


@route(
    "POST",
    "/working-groups",
    scope=GROUPS_WRITE,
    tag=TAG,
    status=201,
    schema=group_schemas.GroupViewSchema,
    example=group_schemas.GROUP_VIEW,
    problems=(400, 413, 415, 422),
    requestBody=group_schemas.request_body(
        group_schemas.NEW,
        group_schemas.NEW_EXAMPLE,
        *("body", "name_th", "order_number", "order_signatory", "ordered_on"),
    ),
)
def enter_group() -> Response:
    """Enter a working group that an order of the client's own organisation, or of one below it, has appointed"""
    told = json_body.read().only(*group_schemas.NEW, "on_behalf_of")
    texts: dict[str, Any] = {name: told.text(name) for name in ("name_en", "level_group", "occupational_group")}
    texts |= {name: told.needed_text(name) for name in ("body", "name_th", "order_number", "order_signatory")}
    day, by = told.needed_day("ordered_on"), actor(told.text("on_behalf_of"))
    made = groups.add_group(runtime(), **texts, **_how(told), ordered_on=day, by=by)
    shown = _shown(made, 201)
    shown.headers["Location"] = url_for(f"{NAME}.get_group", group_id=made)
    return shown


@route(
    "GET",
    "/working-groups/<group_id>",
    scope=(COMPARISONS_READ, GROUPS_WRITE),
    tag=TAG,
    status=200,
    schema=group_schemas.GroupViewSchema,
    example=group_schemas.GROUP_VIEW,
    problems=(404,),
)
def get_group(group_id: str) -> Response:
    """Read one working group, and who changed it

    The ETag begins with its revision.
    """
    return _shown(group_id)


@route(
    "PATCH",
    "/working-groups/<group_id>",
    scope=GROUPS_WRITE,
    tag=TAG,
    status=200,
    schema=group_schemas.GroupViewSchema,
    example=group_schemas.GROUP_VIEW,
    problems=(400, 404, 412, 413, 415, 422, 428),
    parameters=[{**if_match.PARAMETER, "required": True}],
    requestBody=group_schemas.request_body(group_schemas.CHANGES, {"comment_days": 14}),
)
def change_group(group_id: str) -> Response:
    """Change how a group decides, or dissolve it

    Only what is told changes. If-Match names the revision that was read. What is under judgement goes on by the new
    procedure; what a dissolved group has approved stands.
    """
    told = json_body.read().only(*group_schemas.CHANGES, "on_behalf_of")
    changes = _how(told)
    if "dissolved_on" in told.values:
        changes["dissolved_on"] = told.day("dissolved_on")
    seen, who = if_match.revision(required=True), actor(told.text("on_behalf_of"))
    with if_match.held():
        groups.change_group(runtime(), group_id, by=who, revision=seen, **changes)
    return _shown(group_id)


@route(
    "POST",
    "/working-groups/<group_id>/members",
    scope=GROUPS_WRITE,
    tag=TAG,
    status=200,
    schema=group_schemas.GroupViewSchema,
    example=group_schemas.GROUP_VIEW,
    problems=(400, 404, 413, 415, 422),
    requestBody=group_schemas.request_body(
        group_schemas.MEMBER,
        {"actor": "client:abc/rater-1", "name": "ผู้ประเมิน 1", "role": "rater", "since": "2026-01-05"},
        *("actor", "name", "role", "since"),
    ),
)
def appoint_member(group_id: str) -> Response:
    """Appoint a member for a term, both days included; the same actor and first day again change that term"""
    told = json_body.read().only(*group_schemas.MEMBER, "on_behalf_of")
    groups.add_member(
        runtime(),
        group_id,
        told.needed_text("actor", longest=255),
        name=told.needed_text("name"),
        role=told.needed_text("role", longest=20),
        since=told.needed_day("since"),
        until=told.day("until"),
        by=actor(told.text("on_behalf_of")),
    )
    return _shown(group_id)


@route(
    "GET",
    "/working-groups/<group_id>/meetings",
    scope=(COMPARISONS_READ, *_MEETERS),
    tag=TAG,
    status=200,
    schema=group_schemas.MeetingListSchema,
    example={"items": [group_schemas.MEETING_EXAMPLE], "next": None},
    problems=(400, 404),
    parameters=["cursor", "limit"],
)
def list_meetings(group_id: str) -> Response:
    """List the meetings of a group, newest first"""
    row, members, _ = groups.group(runtime(), group_id)
    names, inside = {each.actor: each.name for each in members}, _inside(row)
    page = groups.meetings(runtime(), row.id, after=paging.cursor(), limit=paging.limit())
    items = [shapes.meeting(each, names, inside=inside) for each in page.items]
    return answer({"items": items, "next": paging.next_cursor(page.next)})


@route(
    "POST",
    "/working-groups/<group_id>/meetings",
    scope=_MEETERS,
    tag=TAG,
    status=201,
    schema=group_schemas.MeetingSchema,
    example=group_schemas.MEETING_EXAMPLE,
    problems=(400, 404, 413, 415, 422),
    requestBody=group_schemas.request_body(
        group_schemas.MEETING,
        {"held_on": "2026-03-05", "present": ["client:abc/rater-1"], "minutes": "รายงานการประชุม 3/2569"},
        *("held_on", "present", "minutes"),
    ),
)
def enter_meeting(group_id: str) -> Response:
    """Enter a meeting with who was there and where its minutes are

    The chair or the secretary does, or who may set the group up. An approval then names it, with what was resolved; the
    quorum that held on the day it was entered is kept with it.
    """
    told = json_body.read().only(*group_schemas.MEETING, "on_behalf_of")
    made = groups.hold_meeting(
        runtime(),
        group_id,
        held_on=told.needed_day("held_on"),
        present=told.texts("present", most=200, needed=True),
        minutes=told.needed_text("minutes", longest=1000),
        by=actor(told.text("on_behalf_of")),
    )
    names = {each.actor: each.name for each in groups.group(runtime(), group_id)[1]}
    return answer(shapes.meeting(groups.meeting(runtime(), made), names, inside=True), 201)


def _how(told: JsonBody) -> dict[str, Any]:
    """Return what was told of how a group decides."""
    found: dict[str, Any] = {}
    for name in group_schemas.HOW:
        value = told.text(name, longest=40) if name == "procedure" else whole(told, name)
        if value is not None:
            found[name] = value
    return found


def _inside(row: Any) -> bool:
    figures = ratings.figures(runtime(), actor())
    return any(each.group is not None and each.group.id == row.id for each in figures)


def _shown(group_id: str, status: int = 200) -> Response:
    row, members, _ = groups.group(runtime(), group_id)
    figures = {each.group.id: each for each in ratings.figures(runtime(), actor()) if each.group is not None}
    inside = row.id in figures
    told = shapes.group(row, members, figures.get(row.id), inside=inside)
    changes = [shapes.group_change(each) for each in groups.changes(runtime(), row.id)] if inside else None
    shown = answer({**told, "changes": changes}, status)
    shown.headers["ETag"] = f'"{row.revision}"'
    return shown
