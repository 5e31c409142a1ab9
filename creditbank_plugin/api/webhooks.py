"""Routes of webhooks: a client's own addresses, their secrets, and what was sent to them."""

from typing import Any

from flask import Response

from creditbank_plugin.api import json_body, paging, shapes
from creditbank_plugin.api import webhook_schemas as schemas
from creditbank_plugin.api.blueprint import route
from creditbank_plugin.api.guard import caller
from creditbank_plugin.api.here import runtime
from creditbank_plugin.formats.moments import instant_text
from creditbank_plugin.rules.changes import TYPES
from creditbank_plugin.rules.scopes import WEBHOOKS_MANAGE
from creditbank_plugin.services.telling import subscriptions
from creditbank_plugin.storage.base import Stored
from creditbank_plugin.storage.queries.webhooks import DUE, STATES

TAG = "webhooks"
_SAID: dict[str, Any] = {"scope": WEBHOOKS_MANAGE, "tag": TAG}


@route(
    "GET",
    "/webhooks",
    **_SAID,
    status=200,
    schema=schemas.SubscriptionListSchema,
    example={"items": [schemas.SUBSCRIPTION], "next": None},
)
def list_webhooks() -> Response:
    """List the client's own subscriptions"""
    rows = subscriptions.of_client(runtime(), caller().client_id)
    return shapes.answer({"items": [_shape(each) for each in rows], "next": None})


@route(
    "POST",
    "/webhooks",
    **_SAID,
    status=201,
    schema=schemas.NewSubscriptionSchema,
    example=schemas.NEW_SUBSCRIPTION,
    problems=(400, 409, 413, 415, 422),
    requestBody=schemas.WANTED,
)
def create_webhook() -> Response:
    """Name an address that is told of changes from now on

    Messages hold ids, no names; read what they stand for with `/records/{record_id}` and the like. The `secret` that signs
    them (Standard Webhooks) is answered this once. The address must be https and public; redirects are not followed.
    """
    access, told = caller(), json_body.read().only("url", "types", "organisation")
    made = subscriptions.subscribe(
        runtime(),
        client_id=access.client_id,
        organisation=told.text("organisation", longest=60) or access.organisation,
        organisations=access.schools,
        url=told.needed_text("url", longest=2000),
        types=told.texts("types", most=len(TYPES)),
    )
    return _with_secret(made, 201)


@route(
    "GET",
    "/webhooks/<webhook_id>",
    **_SAID,
    status=200,
    schema=schemas.SubscriptionSchema,
    example=schemas.SUBSCRIPTION,
    problems=(404,),
)
def get_webhook(webhook_id: str) -> Response:
    """Read one subscription"""
    return shapes.answer(_shape(subscriptions.get(runtime(), webhook_id, caller().client_id)))


@route(
    "DELETE",
    "/webhooks/<webhook_id>",
    **_SAID,
    status=200,
    schema=schemas.SubscriptionSchema,
    example=schemas.SUBSCRIPTION,
    problems=(404,),
)
def delete_webhook(webhook_id: str) -> Response:
    """End a subscription: nothing is sent any more, nor what was still due"""
    subscriptions.end(runtime(), webhook_id, caller().client_id)
    return shapes.answer(_shape(subscriptions.get(runtime(), webhook_id, caller().client_id)))


@route(
    "POST",
    "/webhooks/<webhook_id>/rotate-secret",
    **_SAID,
    status=200,
    schema=schemas.NewSubscriptionSchema,
    example=schemas.NEW_SUBSCRIPTION,
    problems=(404,),
)
def rotate_webhook_secret(webhook_id: str) -> Response:
    """Give a subscription a new secret

    Until `old_secret_until` messages carry two signatures, of the new secret and of the one before it.
    """
    return _with_secret(subscriptions.rotate(runtime(), webhook_id, caller().client_id), 200)


@route(
    "GET",
    "/webhooks/<webhook_id>/deliveries",
    **_SAID,
    status=200,
    schema=schemas.DeliveryPageSchema,
    example={"items": [schemas.DELIVERY], "next": None},
    problems=(400, 404),
    parameters=[
        paging.described("state", "", enum=list(STATES)),
        "cursor",
        "limit",
    ],
)
def list_deliveries(webhook_id: str) -> Response:
    """List what was or is to be sent to an address, the newest first

    What was taken is kept for 30 days.
    """
    access, state = caller(), paging.one_of("state", STATES)
    after, limit = paging.cursor(), paging.limit()
    page = subscriptions.deliveries(runtime(), webhook_id, access.client_id, state=state, after=after, limit=limit)
    items = [_delivery(each) for each in page.items]
    return shapes.answer({"items": items, "next": paging.next_cursor(page.next)})


@route(
    "POST",
    "/webhooks/<webhook_id>/deliveries/<delivery_id>/resend",
    **_SAID,
    status=202,
    schema=schemas.DeliverySchema,
    example=schemas.DELIVERY,
    problems=(404, 409),
)
def resend_delivery(webhook_id: str, delivery_id: str) -> Response:
    """Send a message once more that was taken or given up, under the same `webhook-id`"""
    again = subscriptions.resend(runtime(), webhook_id, delivery_id, caller().client_id)
    return shapes.answer(_delivery(again), 202)


def _with_secret(made: subscriptions.Subscribed, status: int) -> Response:
    row = subscriptions.get(runtime(), made.id, caller().client_id)
    return shapes.answer({**_shape(row), "secret": made.secret}, status)


def _shape(row: Stored) -> shapes.Json:
    return {
        "id": row.id,
        "url": row.url,
        "organisation": row.organisation_code,
        "types": row.types,
        "created_at": instant_text(row.created_at),
        "old_secret_until": instant_text(row.old_secret_until) if row.old_secret_until is not None else None,
    }


def _delivery(row: Stored) -> shapes.Json:
    return {
        "id": row.id,
        "message_id": row.message_id,
        "type": row.type,
        "state": row.state,
        "attempts": row.attempts,
        "next_at": instant_text(row.next_at) if row.state == DUE else None,
        "made_at": instant_text(row.made_at),
        "told_at": instant_text(row.told_at) if row.told_at is not None else None,
        "last_status": row.last_status,
        "last_error": row.last_error,
    }
