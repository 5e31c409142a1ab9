"""The route of the feed: what changed about the learners whom the caller may see, in order."""

from typing import Any

import marshmallow as ma
from flask import Response, request
from marshmallow import fields, validate

from creditbank_plugin.api import paging, shapes
from creditbank_plugin.api.blueprint import route
from creditbank_plugin.api.guard import caller
from creditbank_plugin.api.here import runtime
from creditbank_plugin.formats.moments import instant_text
from creditbank_plugin.rules.changes import TYPES
from creditbank_plugin.rules.scopes import CREDITS_READ
from creditbank_plugin.services.access.tokens import BOTH
from creditbank_plugin.services.telling import changes
from creditbank_plugin.services.telling.changes import Change

NOW = "now"
_ID = "019308a0-6d2e-7c11-9a55-0d6f0a2b3c4{}"


def _id(about: str, *, null: bool = True) -> fields.String:
    return fields.String(required=True, allow_none=null, metadata={"description": about, "format": "uuid"})


class ChangeSchema(ma.Schema):
    """A change, by ids; what they stand for is read where they lead."""

    id = _id("of the change; a webhook that tells of it carries it as `webhook-id`", null=False)
    type = fields.String(required=True, validate=validate.OneOf(list(TYPES.values())))
    time = fields.DateTime(required=True, metadata={"description": "when it was decided"})
    learner_id = _id("read `/learners/{learner_id}/credits` next")
    account_id = _id("changes of one account come in their order")
    record_id = _id("read `/records/{record_id}` next")
    event_id = _id("the message that caused it: `/events/{event_id}`, with the scope `events:read`")
    statement_id = _id("the statement that was issued")


class ChangePageSchema(ma.Schema):
    """Changes, the oldest first."""

    items = fields.Nested(ChangeSchema, required=True, many=True)
    next = fields.String(
        required=True, metadata={"description": "keep it, and send it as `after` the next time; it is always there"}
    )
    more = fields.Boolean(
        required=True,
        metadata={"description": "whether to read on at once; a page may be empty and have more behind it"},
    )


EXAMPLE: dict[str, Any] = {
    "items": [
        {
            "id": _ID.format(7),
            "type": "credit.posted",
            "time": "2026-03-31T09:00:02Z",
            "learner_id": _ID.format(6),
            "account_id": _ID.format(5),
            "record_id": _ID.format(2),
            "event_id": _ID.format(1),
            "statement_id": None,
        }
    ],
    "next": "Jk1s2C0pNDIuMA",
    "more": False,
}


@route(
    "GET",
    "/changes",
    scope=CREDITS_READ,
    of=BOTH,
    tag="changes",
    status=200,
    schema=ChangePageSchema,
    example=EXAMPLE,
    problems=(400,),
    parameters=[
        paging.described(
            "after",
            f"`next` of the page before; absent: from the very first change; `{NOW}`: only what comes from now on",
        ),
        "limit",
    ],
)
def list_changes() -> Response:
    """List what changed, the oldest first

    Complete and in one order: whoever goes on with `next` misses nothing and gets nothing twice, however many changes are
    made at the same time.
    """
    access = caller()
    if request.args.get("after") == NOW:
        found = changes.Changes([], changes.now(runtime()), more=False)
    else:
        after, limit = paging.cursor("after"), paging.limit()
        found = changes.page(runtime(), sight=access.sight, after=after, limit=limit)
    return shapes.answer(
        {
            "items": [shape(each) for each in found.items],
            "next": paging.next_cursor(found.next),
            "more": found.more,
        }
    )


def shape(change: Change) -> dict[str, Any]:
    """Return a change as it is written to others."""
    return {
        "id": change.id,
        "type": change.type,
        "time": instant_text(change.at),
        "learner_id": change.person_id,
        "account_id": change.account_id,
        "record_id": change.record_id,
        "event_id": change.event_id,
        "statement_id": change.statement_id,
    }
