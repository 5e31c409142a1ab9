"""Routes of the inbox: send events, and read what became of them."""

from collections.abc import Sequence
from typing import Any

from flask import Response, request

from creditbank_hooks.checks import TidingError
from creditbank_plugin.api import examples, paging, problem, schemas, shapes
from creditbank_plugin.api.blueprint import route
from creditbank_plugin.api.guard import caller
from creditbank_plugin.api.here import body, runtime
from creditbank_plugin.formats import cloudevents
from creditbank_plugin.formats.cloudevents import Item, Message, Unreadable
from creditbank_plugin.rules.reasons import STATES
from creditbank_plugin.rules.scopes import EVENTS_READ, EVENTS_WRITE
from creditbank_plugin.services import events
from creditbank_plugin.services.access.tokens import Access
from creditbank_plugin.services.settling import receive
from creditbank_plugin.services.settling.receive import Letter, Sender
from creditbank_plugin.services.views import Event

_STATUS = {cloudevents.WrongMediaType: 415, cloudevents.NotACloudEvent: 400, cloudevents.TooMany: 413}
_BODY = {
    "required": True,
    "content": {
        cloudevents.SINGLE: {
            "schema": {"$ref": "#/components/schemas/CloudEvent"},
            "example": examples.cloud_event(),
        },
        cloudevents.BATCH: {
            "schema": {
                "type": "array",
                "maxItems": cloudevents.LARGEST_BATCH,
                "items": {"$ref": "#/components/schemas/CloudEvent"},
            },
            "example": [examples.cloud_event(1), examples.cloud_event(2)],
        },
    },
}


@route(
    "POST",
    "/events",
    scope=EVENTS_WRITE,
    tag="events",
    status=202,
    schema=schemas.AcceptedSchema,
    example={"events": [examples.TOLD]},
    repeatable=True,
    problems=(400, 413, 415, 422),
    requestBody=_BODY,
)
def send_events() -> Response:
    """Send one event or a batch

    CloudEvents 1.0, structured JSON. The answers come in the order sent; a refused item of a batch has the state
    `refused` and an `error` in its place. The same id, source and facts again give the first answer: the same
    `event_id`, and the state it is in now. A completion that was revoked since is answered `withheld` with the reason
    `completion_revoked`; sending it again books nothing. The same id with other facts is answered `conflict`, and the
    first decision stands.
    """
    try:
        told = cloudevents.read(body(), request.content_type or "")
    except Unreadable as error:
        errors = [{"field": error.field, "th": error.th, "en": error.en}] if error.field else []
        named = f"{error.field}: " if error.field else ""
        return problem.problem(_STATUS[type(error)], error.code, named + error.th, named + error.en, errors=errors)
    if isinstance(told, cloudevents.Batch):
        return shapes.answer({"events": _receive(told.items)}, 202)
    answers = _receive([Item(id=told.message.id, source=told.message.source, message=told.message)])
    refusal = answers[0].get("error")
    if refusal is not None:
        th, en = f"{refusal['field']}: {refusal['th']}", f"{refusal['field']}: {refusal['en']}"
        return problem.problem(422, "event_refused", th, en, errors=[refusal])
    return shapes.answer({"events": answers}, 202)


@route(
    "GET",
    "/events",
    scope=EVENTS_READ,
    tag="events",
    status=200,
    schema=schemas.EventPageSchema,
    example={"items": [examples.EVENT], "next": None},
    problems=(400,),
    parameters=[
        paging.described("state", "", enum=list(STATES)),
        "cursor",
        "limit",
    ],
)
def list_events() -> Response:
    """List the organisation's messages, newest first"""
    page = events.page(
        runtime(),
        state=paging.one_of("state", STATES),
        organisation=caller().organisation,
        after=paging.cursor(),
        limit=paging.limit(),
    )
    items = [shapes.event(each) for each in page.items]
    return shapes.answer({"items": items, "next": paging.next_cursor(page.next)})


@route(
    "GET",
    "/events/<event_id>",
    scope=EVENTS_READ,
    tag="events",
    status=200,
    schema=schemas.EventSchema,
    example=examples.EVENT,
    problems=(404,),
)
def get_event(event_id: str) -> Response:
    """Read one message and the decision about it"""
    return shapes.answer(shapes.event(events.get(runtime(), event_id, organisation=caller().organisation)))


def _receive(items: Sequence[Item]) -> list[dict[str, Any]]:
    """Keep what can be kept, and answer every item in its place."""
    access = caller()
    letters = [_letter(each, access) for each in items]
    good = [each for each in letters if isinstance(each, Letter)]
    kept = iter(receive.receive(runtime(), good, _sender(access)) if good else [])
    return [
        _told(item, next(kept) if isinstance(each, Letter) else each) for item, each in zip(items, letters, strict=True)
    ]


def _sender(access: Access) -> Sender:
    return Sender(
        door="events",
        organisation=access.organisation,
        issuer=access.issuer,
        client_id=access.client_id,
        may_open=access.may_open,
    )


def _letter(item: Item, access: Access) -> Letter | TidingError | Unreadable:
    if item.message is None:
        return item.error or Unreadable("unreadable", None, "อ่านไม่ได้", "cannot be read")
    message: Message = item.message
    try:
        tiding = cloudevents.translate(message)
    except TidingError as error:
        return error
    if tiding is None:
        return receive.ignored_letter(message.type, message.id, message.source, access.issuer or "", "")
    return receive.letter(tiding, own_school=access.organisation)


def _told(item: Item, outcome: Event | TidingError | Unreadable) -> dict[str, Any]:
    if isinstance(outcome, Event):
        return {**shapes.told(outcome), "id": item.id, "source": item.source}
    return shapes.refused(item.id, item.source, outcome.field or None, outcome.th, outcome.en)
