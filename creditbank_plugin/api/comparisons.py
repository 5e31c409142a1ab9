"""Routes of comparisons: read them, draft, propose, rate, decide, withdraw.

A scope lets a client ask; whether the act is done is decided by the membership of who is named in ``on_behalf_of``.
"""

from collections.abc import Callable
from typing import Any

from flask import Response, request, url_for

from creditbank_plugin.api import comparison_schemas as schemas
from creditbank_plugin.api import comparison_shapes as shapes
from creditbank_plugin.api import if_match, json_body, paging
from creditbank_plugin.api.blueprint import NAME, route
from creditbank_plugin.api.comparison_body import (
    COURSE_SHAPE,
    DRAFT_EXAMPLE,
    TERM_SHAPES,
    TERMS,
    course,
    document,
    read_any,
    terms,
    texts_of,
    whole,
)
from creditbank_plugin.api.guard import actor, require
from creditbank_plugin.api.here import runtime
from creditbank_plugin.api.json_body import JsonBody
from creditbank_plugin.api.paging import described
from creditbank_plugin.api.shapes import answer
from creditbank_plugin.errors import Refused
from creditbank_plugin.rules import signing
from creditbank_plugin.rules.agreement import ADVICE, MARKS
from creditbank_plugin.rules.proposal import STATES
from creditbank_plugin.rules.scopes import (
    COMPARISONS_APPROVE,
    COMPARISONS_PROPOSE,
    COMPARISONS_RATE,
    COMPARISONS_READ,
)
from creditbank_plugin.services.actor import Actor
from creditbank_plugin.services.comparing import approvals, proposal_views, proposals, ratings
from creditbank_plugin.services.comparing.approvals import Resolution
from creditbank_plugin.services.forecasting import forecast

TAG = "comparisons"
_ANY = (COMPARISONS_READ, COMPARISONS_PROPOSE, COMPARISONS_RATE, COMPARISONS_APPROVE)
_PERSON = described("on_behalf_of", "read it as this person of the client may")


@route(
    "GET",
    "/comparisons",
    scope=COMPARISONS_READ,
    tag=TAG,
    status=200,
    schema=schemas.ComparisonPageSchema,
    example={"items": [schemas.SUMMARY], "next": None},
    problems=(400, 422),
    parameters=[
        described("state", "", enum=list(STATES)),
        described("course", "its id, or owner/code/version"),
        described("group", "id of the working group"),
        described("body", "code of the comparing body"),
        _PERSON,
        "cursor",
        "limit",
    ],
)
def list_comparisons() -> Response:
    """List comparisons, newest first

    What is or was law is public; what is not yet is seen by the group's members and by the committees of the body's
    organisation and of those above it.
    """
    state = paging.one_of("state", STATES)
    course = request.args.get("course") or None
    if course is not None and "/" in course:
        course = proposals.course_named(runtime(), *[*course.split("/", 2), "", ""][:3]) or "unknown"
    page = proposal_views.page(
        runtime(),
        by=actor(request.args.get("on_behalf_of") or None),
        states=[state] if state else (),
        course_id=course,
        group_id=request.args.get("group") or None,
        body=request.args.get("body") or None,
        after=paging.cursor(),
        limit=paging.limit(),
    )
    items = [shapes.summary(row) for row in page.items]
    return answer({"items": items, "next": paging.next_cursor(page.next)})


@route(
    "GET",
    "/comparisons/<comparison_id>",
    scope=_ANY,
    tag=TAG,
    status=200,
    schema=schemas.ComparisonSchema,
    example=schemas.COMPARISON,
    problems=(404, 422),
    parameters=[_PERSON],
)
def get_comparison(comparison_id: str) -> Response:
    """Read one comparison, with its steps and the ratings that the caller may see

    The ETag begins with its revision. A rater reads the other ratings of the round only after their own.
    """
    return _shown(comparison_id, actor(request.args.get("on_behalf_of") or None))


@route(
    "POST",
    "/comparisons",
    scope=COMPARISONS_PROPOSE,
    tag=TAG,
    status=201,
    schema=schemas.ComparisonSchema,
    example={**schemas.COMPARISON, "state": "draft"},
    problems=(400, 409, 413, 415, 422),
    requestBody=document(
        {
            "course": COURSE_SHAPE,
            "group": {"type": "string", "format": "uuid", "description": "may be left out by a member of one group"},
            **TERM_SHAPES,
        },
        DRAFT_EXAMPLE,
        "course",
    ),
)
def draft_comparison() -> Response:
    """Begin a draft

    What is not told is taken from the course: its hours, and its credits where the course states them.
    """
    told = json_body.read().only("course", "group", "replaces", "on_behalf_of", *TERMS)
    who = _who(told)
    more = {"replaces": told.text("replaces")} if "replaces" in told.values else {}
    made = proposals.create(
        runtime(),
        course_id=course(told),
        group_id=told.text("group"),
        terms=terms(told),
        by=who,
        **more,
    )
    shown = _shown(made, who, 201)
    shown.headers["Location"] = url_for(f"{NAME}.get_comparison", comparison_id=made)
    return shown


@route(
    "PATCH",
    "/comparisons/<comparison_id>",
    scope=COMPARISONS_PROPOSE,
    tag=TAG,
    status=200,
    schema=schemas.ComparisonSchema,
    example=schemas.COMPARISON,
    problems=(400, 404, 409, 412, 413, 415, 422, 428),
    parameters=[{**if_match.PARAMETER, "required": True}],
    requestBody={
        **document(TERM_SHAPES, {"credits": "1.00", "hours": {"theory": 40}, "on_behalf_of": "officer-1"}),
        "required": True,
    },
)
def edit_comparison(comparison_id: str) -> Response:
    """Change a draft, or what was returned

    Only what is told changes. If-Match names the revision that was read; who was slower is told who changed it and when.
    """
    told = json_body.read().only("replaces", "on_behalf_of", *TERMS)
    who = _who(told)
    more = {"replaces": told.text("replaces")} if "replaces" in told.values else {}
    seen = if_match.revision(required=True)
    with if_match.held():
        proposals.edit(runtime(), comparison_id, terms(told), by=who, revision=seen, **more)
    return _shown(comparison_id, who)


Act = Callable[[str, JsonBody, Actor], None]


def _act(
    name: str, scope: str | tuple[str, ...], properties: dict[str, Any], example: dict[str, Any], *required: str
) -> Callable[[Act], Act]:
    """Mount ``POST …/<name>``: its body is read, the act done, and the comparison answered as it is then."""

    def mount(act: Act) -> Act:
        def view(comparison_id: str) -> Response:
            told = read_any().only(*properties, "on_behalf_of")
            who = _who(told)
            with if_match.held():
                act(comparison_id, told, who)
            return _shown(comparison_id, who)

        view.__name__, view.__doc__ = act.__name__, act.__doc__
        route(
            "POST",
            f"/comparisons/<comparison_id>/{name}",
            scope=scope,
            tag=TAG,
            status=200,
            schema=schemas.ComparisonSchema,
            example=schemas.COMPARISON,
            problems=(400, 404, 409, 412, 413, 415, 422),
            parameters=[if_match.PARAMETER],
            requestBody=document(properties, example, *required),
        )(view)
        return act

    return mount


@_act("propose", COMPARISONS_PROPOSE, {}, {"on_behalf_of": "officer-1"})
def propose_comparison(comparison_id: str, told: JsonBody, who: Actor) -> None:
    """Put it before its group; what was returned begins a new round"""
    proposals.propose(runtime(), comparison_id, by=who, revision=if_match.revision())


@_act("judge", (COMPARISONS_APPROVE, COMPARISONS_RATE), {}, {"on_behalf_of": "chair-1"})
def judge_comparison(comparison_id: str, told: JsonBody, who: Actor) -> None:
    """Begin its judgement; the first rating or decision does it by itself"""
    approvals.judge(runtime(), comparison_id, by=who, revision=if_match.revision())


_MARK = {"type": "string", "enum": list(MARKS)}


@_act(
    "rate",
    COMPARISONS_RATE,
    {
        "design": {**_MARK, "description": "design of the course and setting of its level"},
        "measurement": {**_MARK, "description": "measurement and evaluation"},
        "quality": {**_MARK, "description": "quality assurance"},
        "level": {"type": "integer", "minimum": 1, "maximum": 8, "nullable": True, "description": "NQF level found"},
        "advice": {"type": "string", "enum": list(ADVICE)},
        "notes": {
            "type": "object",
            "description": "by design, measurement, quality, level, general",
            "additionalProperties": {"type": "string"},
        },
    },
    {
        "design": "met",
        "measurement": "partly",
        "quality": "met",
        "level": 3,
        "advice": "approve",
        "notes": {"measurement": "ควรเพิ่มการวัดภาคปฏิบัติ"},
        "on_behalf_of": "rater-1",
    },
    *("design", "measurement", "quality", "advice"),
)
def rate_comparison(comparison_id: str, told: JsonBody, who: Actor) -> None:
    """Give one's rating of this round, on the three aspects of the draft criteria of 2026"""
    ratings.rate(
        runtime(),
        comparison_id,
        by=who,
        design=told.needed_text("design", longest=20),
        measurement=told.needed_text("measurement", longest=20),
        quality=told.needed_text("quality", longest=20),
        advice=told.needed_text("advice", longest=20),
        level=whole(told, "level"),
        notes=texts_of(told, "notes"),
        revision=if_match.revision(),
    )


_TEXT = {"type": "string"}


@_act(
    "approve",
    COMPARISONS_APPROVE,
    {
        "reference": {**_TEXT, "description": "the announcement (ประกาศ) it rests on"},
        "reason": {**_TEXT, "description": "needed for a decision against most of the raters"},
        "text_digest": {**_TEXT, "description": "holds the signer to the text that was read; see …/text"},
        "meeting": {**_TEXT, "format": "uuid", "description": "where a meeting decides: its id"},
        "resolution": {**_TEXT, "description": "where a meeting decides: what it resolved"},
    },
    {"reference": "ประกาศจังหวัด ที่ 9/2569", "on_behalf_of": "chair-1"},
    "reference",
)
def approve_comparison(comparison_id: str, told: JsonBody, who: Actor) -> None:
    """Sign it: it becomes law, what waited for it is settled, and what it replaces ends

    Where its impact takes a job to find out, the signer must have read it at most an hour before (`GET …/impact`, as the
    same person, until it answers 200): else 409 `impact_unseen`.
    """
    _require_impact_seen(comparison_id, who)
    meeting, resolved = told.text("meeting"), told.text("resolution", longest=4000)
    approvals.approve(
        runtime(),
        comparison_id,
        by=who,
        reference=told.needed_text("reference"),
        reason=told.text("reason", longest=4000),
        revision=if_match.revision(),
        text_digest=told.text("text_digest"),
        resolution=Resolution(meeting, resolved or "") if meeting is not None else None,
    )


def _require_impact_seen(comparison_id: str, who: Actor) -> None:
    """Raise `Refused` (409, ``impact_unseen``) as the page of signing does; who may not sign is told that first."""
    row = proposal_views.get(runtime(), comparison_id, by=who).row
    if proposal_views.is_law(row):
        return
    try:
        forecast.require_made(runtime(), proposal_views.approval(row, runtime().clock()), by=who)
    except Refused:
        approvals.may_approve(runtime(), comparison_id, by=who)
        raise


_REASON: dict[str, Any] = {"reason": _TEXT}


@_act("return", COMPARISONS_APPROVE, _REASON, {"reason": "ขอให้ระบุชั่วโมงปฏิบัติ", "on_behalf_of": "chair-1"}, "reason")
def return_comparison(comparison_id: str, told: JsonBody, who: Actor) -> None:
    """Send it back to its authors with the reason"""
    reason = told.text("reason", longest=4000)
    approvals.send_back(runtime(), comparison_id, by=who, reason=reason, revision=if_match.revision())


@_act("reject", COMPARISONS_APPROVE, _REASON, {"reason": "ไม่ตรงกับมาตรฐาน", "on_behalf_of": "chair-1"}, "reason")
def reject_comparison(comparison_id: str, told: JsonBody, who: Actor) -> None:
    """Refuse it for good, with the reason"""
    reason = told.text("reason", longest=4000)
    approvals.reject(runtime(), comparison_id, by=who, reason=reason, revision=if_match.revision())


@_act(
    "withdraw",
    (COMPARISONS_APPROVE, COMPARISONS_PROPOSE),
    {
        "ended_from": {**_TEXT, "format": "date", "description": "of law: the first day it no longer applies to"},
        "reason": {**_TEXT, "description": "of law: needed"},
        "credits": {**_TEXT, "enum": list(approvals.CREDITS), "description": "what becomes of credit given"},
    },
    {"ended_from": "2026-06-01", "reason": "หลักสูตรเปลี่ยน", "credits": "leave", "on_behalf_of": "chair-1"},
)
def withdraw_comparison(comparison_id: str, told: JsonBody, who: Actor) -> None:
    """Withdraw it: law by its chair, from a day of completion on; what is not decided yet by its author

    Law needs the scope `comparisons:approve`.
    """
    seen, reason = proposal_views.get(runtime(), comparison_id, by=who), told.text("reason", longest=4000)
    if not proposal_views.is_law(seen.row):
        proposals.take_back(runtime(), comparison_id, by=who, reason=reason, revision=if_match.revision())
        return
    require(COMPARISONS_APPROVE)  # a chair may also be one of the people of a client that only proposes
    approvals.withdraw(
        runtime(),
        comparison_id,
        by=who,
        ended_from=told.needed_day("ended_from"),
        reason=reason,
        credits=told.text("credits") or "leave",
        revision=if_match.revision(),
    )


@route(
    "GET",
    "/comparisons/<comparison_id>/text",
    scope=COMPARISONS_APPROVE,
    tag=TAG,
    status=200,
    schema=schemas.TextSchema,
    example={"text": "ข้าพเจ้า …", "digest": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"},
    problems=(400, 404, 422),
    parameters=[paging.needed("reference", "the announcement it is to rest on"), _PERSON],
)
def text_of_comparison(comparison_id: str) -> Response:
    """Read the very text that an approval would sign"""
    who, reference = actor(request.args.get("on_behalf_of") or None), paging.text("reference")
    proposal_views.get(runtime(), comparison_id, by=who)
    said = approvals.text_to_sign(runtime(), comparison_id, by=who, reference=reference)
    return answer({"text": said, "digest": signing.digest(said)})


def _who(told: JsonBody) -> Actor:
    return actor(told.text("on_behalf_of"))


def _shown(comparison_id: str, who: Actor, status: int = 200) -> Response:
    view = proposal_views.get(runtime(), comparison_id, by=who)
    shown = answer(shapes.comparison(view), status)
    shown.headers["ETag"] = f'"{view.row.revision}"'
    return shown
