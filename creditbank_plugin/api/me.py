"""Routes of the learner who let the client in: who that is, until when, and what they hold."""

from typing import cast

from flask import Response

from creditbank_plugin.api import examples, schemas, shapes
from creditbank_plugin.api.blueprint import route
from creditbank_plugin.api.guard import caller
from creditbank_plugin.api.here import runtime
from creditbank_plugin.api.learners import credits_of
from creditbank_plugin.formats.moments import instant_text
from creditbank_plugin.rules.scopes import CREDITS_READ, SCOPES
from creditbank_plugin.services import accounts
from creditbank_plugin.services.access.tokens import LEARNER


@route(
    "GET",
    "/me",
    scope=CREDITS_READ,
    of=LEARNER,
    tag="me",
    status=200,
    schema=schemas.MeSchema,
    example=examples.ME,
    problems=(404,),
)
def get_me() -> Response:
    """Read which learner let the client in, to do what, and until when"""
    access = caller()
    found = accounts.learner(runtime(), cast(str, access.person_id))
    return shapes.answer(
        {
            "learner_id": found.id,
            "state": found.state,
            "scopes": [code for code in SCOPES if code in access.scopes],
            "token_ends": instant_text(access.ends) if access.ends else None,
            "until": instant_text(access.until) if access.until else None,
        }
    )


@route(
    "GET",
    "/me/credits",
    scope=CREDITS_READ,
    of=LEARNER,
    tag="me",
    status=200,
    schema=schemas.CreditsSchema,
    example=examples.CREDITS,
    include=("movements",),
    problems=(404,),
    parameters=["cursor", "limit"],
)
def list_my_credits() -> Response:
    """List the balances and records of the learner who let the client in, newest first

    The answer is that of `/learners/{learner_id}/credits`.
    """
    return shapes.answer(credits_of(cast(str, caller().person_id)))
