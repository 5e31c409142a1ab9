"""Routes of learners and their credits: the organisations' own learners, or the one who let the client in."""

from flask import Response

from creditbank_plugin.api import examples, paging, schemas, shapes
from creditbank_plugin.api.blueprint import route
from creditbank_plugin.api.guard import caller
from creditbank_plugin.api.here import runtime
from creditbank_plugin.rules.scopes import CREDITS_READ
from creditbank_plugin.services import accounts
from creditbank_plugin.services.access.tokens import BOTH


@route(
    "GET",
    "/learners",
    scope=CREDITS_READ,
    of=BOTH,
    tag="learners",
    status=200,
    schema=schemas.LearnerListSchema,
    example=examples.LEARNERS,
    problems=(400,),
    parameters=[
        paging.needed("issuer", "home page of the system that knows the learner"),
        paging.needed("id", "the learner's id in that system"),
    ],
)
def find_learners() -> Response:
    """Find a learner by the id of the system that teaches them"""
    found = accounts.find_learners(runtime(), paging.text("issuer"), paging.text("id"), sight=caller().sight)
    return shapes.answer({"items": [shapes.learner(each) for each in found], "next": None})


@route(
    "GET",
    "/learners/<learner_id>/credits",
    scope=CREDITS_READ,
    of=BOTH,
    tag="learners",
    status=200,
    schema=schemas.CreditsSchema,
    example=examples.CREDITS,
    include=("movements",),
    problems=(404,),
    parameters=["cursor", "limit"],
)
def list_credits(learner_id: str) -> Response:
    """List a learner's balances and records, newest first

    An old number of a merged person answers with the present one in `learner_id`.
    """
    return shapes.answer(credits_of(learner_id))


def credits_of(learner_id: str) -> shapes.Json:
    """Return the page of a learner's balances and records that is asked for, as far as the caller may see it."""
    found = accounts.credits(
        runtime(),
        learner_id,
        sight=caller().sight,
        after=paging.cursor(),
        limit=paging.limit(),
    )
    return {
        "learner_id": found.learner_id,
        "balances": [shapes.balance(each) for each in found.balances],
        "items": [shapes.record(each) for each in found.items],
        "next": paging.next_cursor(found.next),
    }


@route(
    "GET",
    "/records/<record_id>",
    scope=CREDITS_READ,
    of=BOTH,
    tag="records",
    status=200,
    schema=schemas.RecordSchema,
    example=examples.RECORD,
    include=("movements",),
    problems=(404,),
)
def get_record(record_id: str) -> Response:
    """Read one record with its explanation"""
    return shapes.answer(shapes.record(accounts.record(runtime(), record_id, sight=caller().sight)))
