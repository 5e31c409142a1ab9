"""Routes of orders: read them all, enter and revoke those of the client's own bank."""

from flask import Response

from creditbank_plugin.api import adoption_body, adoption_schemas, json_body, paging, shapes
from creditbank_plugin.api.blueprint import route
from creditbank_plugin.api.guard import actor
from creditbank_plugin.api.here import runtime
from creditbank_plugin.api.paging import described
from creditbank_plugin.rules.orders import STATES
from creditbank_plugin.rules.scopes import ADOPTIONS_WRITE, COMPARISONS_READ
from creditbank_plugin.services.adopting import adoption_register, adoptions

_READERS = (COMPARISONS_READ, ADOPTIONS_WRITE)
_REVOCATION = {
    "required": True,
    "content": {
        "application/json": {
            "schema": json_body.described(
                {
                    "revoked_from": {"type": "string", "format": "date"},
                    "order_number": {"type": "string", "maxLength": adoptions.LONGEST},
                    "reason": {"type": "string", "maxLength": adoptions.LONGEST_REASON},
                    "whole_order": {"type": "boolean", "description": "everything under its order number"},
                    "on_behalf_of": {"type": "string"},
                },
                *("revoked_from", "order_number", "reason"),
            ),
            "example": {"revoked_from": "2026-06-01", "order_number": "30/2569", "reason": "มีประกาศฉบับใหม่"},
        }
    },
}

_STOOD_ALREADY = {
    "description": "all of it stood already; nothing changed",
    "content": {
        "application/json": {
            "schema": {"$ref": "#/components/schemas/Adoptions"},
            "example": {"items": [adoption_schemas.EXAMPLE]},
        }
    },
}


@route(
    "GET",
    "/adoptions",
    scope=_READERS,
    tag="adoptions",
    status=200,
    schema=adoption_schemas.AdoptionPageSchema,
    example={"items": [adoption_schemas.EXAMPLE], "next": None},
    problems=(400,),
    parameters=[
        described("bank", "code of a bank"),
        described("comparison", "id of a comparison that an order names itself"),
        described("body", "code of a body: standing orders on it, and orders on its comparisons"),
        described("state", "", enum=list(STATES)),
        "cursor",
        "limit",
    ],
)
def list_adoptions() -> Response:
    """List the orders of all banks, newest entry first

    Orders are public acts. `state` is that of today: an order whose revocation is entered counts as revoked at once,
    though it applies to completions until its day.
    """
    state = paging.one_of("state", STATES)
    wanted = {name: paging.words(name) for name in ("bank", "comparison", "body")}
    page = adoption_register.page(runtime(), **wanted, state=state, after=paging.cursor(), limit=paging.limit())
    items = adoption_schemas.adoptions(page.items, runtime().today())
    return shapes.answer({"items": items, "next": paging.next_cursor(page.next)})


@route(
    "POST",
    "/adoptions",
    scope=ADOPTIONS_WRITE,
    tag="adoptions",
    status=201,
    schema=adoption_schemas.AdoptionsSchema,
    example={"items": [adoption_schemas.EXAMPLE]},
    problems=(400, 409, 413, 415, 422),
    requestBody=adoption_body.request_body(signed=True),
    responses={"200": _STOOD_ALREADY},
)
def enter_adoption() -> Response:
    """Enter an order of the client's own bank, or of one that gave its organisation a mandate

    Name `comparison_ids`, or a `body`: all its comparisons in force today become single orders under the one number, or,
    `standing`, one order takes in also what it approves later. Answers the orders that stand; repeating one changes
    nothing and is answered 200. What waited is decided anew.
    """
    told = json_body.read().only(*adoption_body.SCOPE, *adoption_body.PAPER, "on_behalf_of")
    made = adoptions.enter(
        runtime(),
        bank=told.text("bank"),
        scope=adoption_body.scope(told),
        paper=adoption_body.paper(told),
        by=actor(told.text("on_behalf_of")),
    )
    found = {row.id: row for row in adoption_register.by_ids(runtime(), made.ids)}
    items = adoption_schemas.adoptions([found[each] for each in made.ids], runtime().today())
    return shapes.answer({"items": items}, 201 if made.new else 200)


@route(
    "GET",
    "/adoptions/<adoption_id>",
    scope=_READERS,
    tag="adoptions",
    status=200,
    schema=adoption_schemas.AdoptionSchema,
    example=adoption_schemas.EXAMPLE,
    problems=(404,),
)
def get_adoption(adoption_id: str) -> Response:
    """Read one order"""
    return _one(adoption_id)


@route(
    "POST",
    "/adoptions/<adoption_id>/revoke",
    scope=ADOPTIONS_WRITE,
    tag="adoptions",
    status=200,
    schema=adoption_schemas.AdoptionSchema,
    example=adoption_schemas.EXAMPLE,
    problems=(400, 404, 409, 413, 415, 422),
    requestBody=_REVOCATION,
)
def revoke_adoption(adoption_id: str) -> Response:
    """Revoke an order of the client's own bank for completions from a day on

    What was credited stays. The same revocation again changes nothing; another one is answered 409.
    """
    told = json_body.read().only("revoked_from", "order_number", "reason", "whole_order", "on_behalf_of")
    adoptions.revoke(
        runtime(),
        adoption_id,
        revoked_from=told.needed_day("revoked_from"),
        order_number=told.needed_text("order_number", longest=adoptions.LONGEST),
        reason=told.needed_text("reason", longest=adoptions.LONGEST_REASON),
        whole_order=told.flag("whole_order"),
        by=actor(told.text("on_behalf_of")),
    )
    return _one(adoption_id)


def _one(adoption_id: str) -> Response:
    return shapes.answer(adoption_schemas.adoption(adoption_register.get(runtime(), adoption_id), runtime().today()))
