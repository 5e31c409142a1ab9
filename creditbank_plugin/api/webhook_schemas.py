"""The shapes of webhooks in the API, and their examples."""

from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from creditbank_plugin.api import json_body
from creditbank_plugin.rules.changes import TYPES
from creditbank_plugin.rules.webhook import FAULTS
from creditbank_plugin.storage.queries.webhooks import STATES

_ID = "019308a0-6d2e-7c11-9a55-0d6f0a2b3c4{}"


def _text(about: str = "", *, null: bool = False, **more: Any) -> fields.String:
    return fields.String(required=True, allow_none=null, metadata={"description": about, **more} if about else more)


def _moment(about: str, *, null: bool = False) -> fields.DateTime:
    return fields.DateTime(required=True, allow_none=null, metadata={"description": about})


class SubscriptionSchema(ma.Schema):
    """An address that is told of changes; its secret is shown when it is made, and never again."""

    id = _text(format="uuid")
    url = _text("where messages are sent")
    organisation = _text("of whose learners it is told")
    types = fields.List(fields.String(validate=validate.OneOf(list(TYPES.values()))), required=True)
    created_at = _moment("")
    old_secret_until = _moment("until when messages are signed with the secret before this one, too", null=True)


class NewSubscriptionSchema(SubscriptionSchema):
    """A subscription with its secret."""

    secret = _text("signs messages (Standard Webhooks); keep it, it is shown this once")


class SubscriptionListSchema(ma.Schema):
    """A client's subscriptions, the oldest first."""

    items = fields.Nested(SubscriptionSchema, required=True, many=True)
    next = _text("always null: the list is never longer than a page", null=True)


class DeliverySchema(ma.Schema):
    """A message, and what became of sending it."""

    id = _text(format="uuid")
    message_id = _text("`webhook-id`: the same however often it is sent, and the id of the change", format="uuid")
    type = fields.String(required=True, validate=validate.OneOf(list(TYPES.values())))
    state = fields.String(
        required=True,
        validate=validate.OneOf(STATES),
        metadata={"description": "`due`: on its way; `told`: taken; `parked`: given up after all its tries"},
    )
    attempts = fields.Integer(required=True)
    next_at = _moment("when it is tried next; null unless it is due", null=True)
    made_at = _moment("")
    told_at = _moment("when it was taken", null=True)
    last_status = fields.Integer(
        required=True, allow_none=True, metadata={"description": "the status that the address answered last"}
    )
    last_error = fields.String(required=True, allow_none=True, validate=validate.OneOf(list(FAULTS)))


class DeliveryPageSchema(ma.Schema):
    """A page of deliveries, the newest first."""

    items = fields.Nested(DeliverySchema, required=True, many=True)
    next = _text("cursor of the following page", null=True)


SUBSCRIPTION: dict[str, Any] = {
    "id": _ID.format(8),
    "url": "https://hooks.example.ac.th/creditbank",
    "organisation": "99000001",
    "types": ["credit.posted", "credit.reversed"],
    "created_at": "2026-03-31T09:00:02Z",
    "old_secret_until": None,
}
#: Not a secret of anybody: the one in the specification of Standard Webhooks.
NEW_SUBSCRIPTION: dict[str, Any] = {**SUBSCRIPTION, "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}
DELIVERY: dict[str, Any] = {
    "id": _ID.format(9),
    "message_id": _ID.format(7),
    "type": "credit.posted",
    "state": "due",
    "attempts": 1,
    "next_at": "2026-03-31T09:00:35Z",
    "made_at": "2026-03-31T09:00:03Z",
    "told_at": None,
    "last_status": 503,
    "last_error": "status",
}
WANTED: dict[str, Any] = {
    "required": True,
    "content": {
        "application/json": {
            "schema": json_body.described(
                {
                    "url": {"type": "string", "format": "uri", "maxLength": 2000, "description": "https only"},
                    "types": {
                        "type": "array",
                        "minItems": 1,
                        "maxItems": len(TYPES),
                        "items": {"type": "string", "enum": list(TYPES.values())},
                    },
                    "organisation": {
                        "type": "string",
                        "maxLength": 60,
                        "description": "of whose learners; absent: the client's own",
                    },
                },
                *("url", "types"),
            ),
            "example": {"url": SUBSCRIPTION["url"], "types": SUBSCRIPTION["types"]},
        }
    },
}
