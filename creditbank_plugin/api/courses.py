"""Routes of the catalogue: search and read courses, and send them one by one or a thousand at a time."""

from typing import Any

from flask import Response, request

from creditbank_plugin.api import course_examples as examples
from creditbank_plugin.api import course_schemas as schemas
from creditbank_plugin.api import course_shapes as shapes
from creditbank_plugin.api import if_match, json_body, paging, problem
from creditbank_plugin.api.blueprint import route
from creditbank_plugin.api.guard import actor, caller
from creditbank_plugin.api.here import runtime
from creditbank_plugin.api.paging import described
from creditbank_plugin.api.shapes import answer
from creditbank_plugin.errors import Refused, invalid
from creditbank_plugin.rules.course import LEVEL_GROUPS, SECTORS
from creditbank_plugin.rules.scopes import CATALOGUE_READ, CATALOGUE_WRITE
from creditbank_plugin.services.catalogue import course_entry, course_pages, course_view
from creditbank_plugin.services.catalogue.course_entry import Entry
from creditbank_plugin.services.catalogue.course_pages import Filter
from creditbank_plugin.storage.queries.course_list import COLUMNS

_ONE = "/courses/<owner>/<code>/<version>"
_JSON = "application/json"


def _sent(schema: dict[str, Any], example: Any) -> dict[str, Any]:
    return {"required": True, "content": {_JSON: {"schema": schema, "example": example}}}


#: Filters that have few values.
_CLOSED = {"level_group": LEVEL_GROUPS, "sector": SECTORS}
_IF_MATCH = {
    **if_match.PARAMETER,
    "description": "the ETag of the course as it was read; needed for one that stands (or `revision` in the body)",
}


@route(
    "GET",
    "/courses",
    scope=CATALOGUE_READ,
    tag="courses",
    status=200,
    schema=schemas.CoursePageSchema,
    example={"items": [examples.ROW], "next": None},
    problems=(400,),
    parameters=[
        described("q", "words in Thai or English, parts of words or of codes, also mistyped; the best come first"),
        described("owner", "code of the organisation that owns the course"),
        described("province", "two digits"),
        described("level_group", "", enum=list(LEVEL_GROUPS)),
        described("sector", "", enum=list(SECTORS)),
        described("occupational_group", ""),
        described("agency", ""),
        described("delivery", ""),
        described("counts", "whether an approved comparison is in force today", enum=["true", "false"]),
        described("bank", "code of a bank that has adopted a comparison in force"),
        "cursor",
        "limit",
    ],
)
def list_courses() -> Response:
    """Search the catalogue

    Without `q` in the order of code, version and owner; with it the best 1,000 at most. Thai digits are read.
    """
    wanted = {name: told for name in COLUMNS if (told := _filter(name))}
    words, counts, bank = paging.words("q"), paging.flag("counts"), paging.words("bank")
    found = course_pages.page(
        runtime(),
        Filter(wanted, counts, bank),
        words,
        after=paging.cursor(),
        limit=paging.limit(),
    )
    items = [shapes.row(each) for each in found.items]
    return answer({"items": items, "next": paging.next_cursor(found.next)})


def _filter(name: str) -> str | None:
    return paging.one_of(name, _CLOSED[name]) if name in _CLOSED else paging.words(name)


@route(
    "GET",
    _ONE,
    scope=CATALOGUE_READ,
    tag="courses",
    status=200,
    schema=schemas.CourseViewSchema,
    example=examples.VIEW,
    problems=(404,),
)
def get_course(owner: str, code: str, version: str) -> Response:
    """Read one course version, what it counts for at which banks, and what it was before

    Answers 304 without a body where `If-None-Match` has its ETag still.
    """
    return _shown((owner, code, version))


@route(
    "PUT",
    _ONE,
    scope=CATALOGUE_WRITE,
    tag="courses",
    status=200,
    schema=schemas.CourseEntrySchema,
    example=examples.ENTRY,
    problems=(400, 404, 409, 412, 413, 415, 422, 428),
    parameters=[_IF_MATCH],
    requestBody=_sent(schemas.sent(), examples.SENT),
)
def put_course(owner: str, code: str, version: str) -> Response:
    """Enter a course version, or say anew everything one says

    What is left out becomes empty. A version that stands is edited only by who names what was read, in `If-Match` or as
    `revision`: two people never overwrite each other unseen. Each edit is a revision, and the ones before stay readable.
    """
    told = json_body.read().values
    revision = _revision(told)
    try:
        with if_match.held():
            done = course_entry.replace_one(runtime(), (owner, code, version), told, revision=revision, by=actor())
    except Refused as refusal:
        if refusal.code == "already_there":
            raise _needs_precondition() from None
        raise
    if done.faults:
        return _refused(done)
    made = answer(shapes.entry(done))
    made.headers["ETag"] = f'"{done.revision}"'
    return made


@route(
    "POST",
    "/courses:bulk",
    scope=CATALOGUE_WRITE,
    tag="courses",
    status=200,
    schema=schemas.CourseEntriesSchema,
    example=examples.ENTRIES,
    repeatable=True,
    problems=(400, 413, 415, 422),
    requestBody=_sent(
        {
            "type": "object",
            "properties": {"courses": {"type": "array", "maxItems": course_entry.MOST, "items": schemas.sent()}},
            "required": ["courses"],
        },
        {"courses": [examples.SENT]},
    ),
)
def send_courses() -> Response:
    """Send up to 1,000 courses

    Each is checked as a row of the spreadsheet is, and answered in its place; the good ones are entered together. What a
    course does not name stays as it is. The same courses again change nothing. Only courses of the client's own
    organisation and those below it are taken; an empty `owner` is the centre of the province.
    """
    courses = json_body.read_list("courses")
    if len(courses) > course_entry.MOST:
        raise Refused(
            "too_many",
            f"ส่งได้ครั้งละไม่เกิน {course_entry.MOST:,} รายวิชา",
            f"At most {course_entry.MOST:,} courses at a time.",
            field="courses",
            status=413,
        )
    return answer(shapes.entries(course_entry.enter(runtime(), courses, by=actor())))


def _shown(key: tuple[str, str, str]) -> Response:
    told = shapes.view(course_view.view(runtime(), key, organisation=caller().organisation))
    made = answer(told)
    made.headers["ETag"] = f'"{told["revision"]}"'
    return made


def _revision(told: dict[str, Any]) -> int | None:
    """Return the revision that the caller has read, by the header or as ``revision``, which is taken out of ``told``."""
    said = told.pop("revision", None)
    if "If-Match" in request.headers:
        return if_match.revision(required=True)
    if said is not None and (not isinstance(said, int) or isinstance(said, bool)):
        raise invalid("revision", "ต้องเป็นเลขฉบับแก้ไขที่อ่านมา", "It must be the revision that was read.")
    return said


def _needs_precondition() -> Refused:
    return Refused(
        "precondition_required",
        "รายวิชานี้มีอยู่แล้ว ให้อ่านก่อนแล้วส่ง ETag ที่ได้ใน If-Match (หรือ revision)",
        "This course stands already: read it first and send its ETag in If-Match (or its revision).",
        status=428,
    )


def _refused(done: Entry) -> Response:
    first = done.faults[0]
    named = f"{first.column}: " if first.column else ""
    forbidden = any(each.code == "owner_not_yours" for each in done.faults)
    code, status = ("not_yours", 403) if forbidden else ("course_refused", 422)
    return problem.problem(status, code, named + first.th, named + first.en, errors=shapes.errors(done))
