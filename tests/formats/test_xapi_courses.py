"""Which statements are news about a course: the recordings of real senders, and the rules one by one."""

import copy
import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from creditbank_hooks.checks import TidingError
from creditbank_hooks.tidings import CompletionRevoked, CourseCompleted
from creditbank_plugin.formats.tiding_store import digest, facts, restore, sealed
from creditbank_plugin.formats.xapi import NotACourse, message_id, read_statements, translate
from creditbank_plugin.formats.xapi_statement import check
from creditbank_plugin.formats.xapi_values import BadStatement
from creditbank_plugin.rules.conditions import UNPLACED_SCORE

FIXTURES = Path(__file__).parents[2].parent / "shared" / "fixtures"
NOW = datetime(2026, 12, 1, tzinfo=UTC)
ISSUER = "https://lms.example.org"
COMPLETED = "http://adlnet.gov/expapi/verbs/completed"
SATISFIED = "https://w3id.org/xapi/adl/verbs/satisfied"
UNCOMPLETED = "https://xapi.edlm/profiles/edlm-lms/concepts/verbs/uncompleted"
CMI5 = "https://w3id.org/xapi/cmi5/activitytype/"
LAUNCH = "https://w3id.org/xapi/cmi5/context/extensions/launchmode"


def statement(**changes: Any) -> dict[str, Any]:
    told: dict[str, Any] = {
        "actor": {"account": {"homePage": ISSUER, "name": "s-1"}},
        "verb": {"id": COMPLETED},
        "object": {
            "id": "https://lms.example.org/course/view.php?id=5",
            "definition": {"type": CMI5 + "course", "name": {"en": "Science 1", "th": "วิทยาศาสตร์ 1"}},
        },
        "timestamp": "2026-11-20T23:56:21.000Z",
    }
    return {name: value for name, value in (told | changes).items() if value is not ...}


def said(**changes: Any) -> CourseCompleted:
    told = statement(**changes)
    check(told)
    got = translate(told, ISSUER, received_at=NOW)
    assert isinstance(got, CourseCompleted)
    return got


def why(**changes: Any) -> str:
    got = translate(statement(**changes), ISSUER, received_at=NOW)
    assert isinstance(got, NotACourse)
    return got.why


def recorded(path: str) -> list[dict[str, Any]]:
    """The statements of a recording, checked as the door checks them."""
    file = FIXTURES / path
    if not file.exists():
        pytest.skip(f"the recording is not at {file}")
    lines = file.read_text("utf-8").splitlines() if file.suffix == ".jsonl" else []
    bodies = [json.loads(line)["body"] for line in lines] or [file.read_text("utf-8")]
    statements = [each for body in bodies for each in read_statements(body.encode())]
    for each in statements:
        check(each)
    return statements


@pytest.mark.parametrize(
    ("path", "courses"),
    [
        ("moodle/moodle-cron.jsonl", 1),
        ("moodle/moodle-xapi-username.jsonl", 1),
        ("moodle/moodle-xapi.jsonl", 30),
        ("moodle/upstream-course_completed/completing_existing_course/statements.json", 1),
        ("moodle/course_module_completion_update/completing_existing_module/statements.json", 0),
        ("moodle/course_module_completion_update/uncompleting_existing_module/statements.json", 0),
    ],
)
def test_moodle_recordings(path: str, courses: int) -> None:
    statements = recorded(path)
    told = [translate(each, ISSUER, received_at=NOW) for each in statements]
    completions = [each for each in told if isinstance(each, CourseCompleted)]
    assert len(completions) == courses
    assert len({(each.learner.id, each.course.code) for each in completions}) == courses
    assert len({message_id(each) for each in statements}) == len(statements)
    assert not [each for each in told if isinstance(each, CompletionRevoked)]
    for each in completions:
        assert each.completed_at_precision == "upper_bound"
        assert each.score is None
        assert restore(each.kind, facts(each), sealed(each)) == each


def test_moodle_names_the_course_by_its_idnumber() -> None:
    (told,) = recorded("moodle/moodle-cron.jsonl")
    got = translate(told, "https://client.example.org", received_at=NOW)
    assert isinstance(got, CourseCompleted)
    assert got.course.code == "CRS-k1795220845"
    assert got.course.iri == "http://127.0.0.1:8085/course/view.php?id=6"
    assert (got.learner.issuer, got.learner.id) == ("https://lms.example.org", "k1795220845")
    assert got.completed_at == datetime(2026, 11, 21, 0, 28, 27, tzinfo=UTC)


def test_a_repeated_recording_is_the_same_message() -> None:
    (told,) = recorded("moodle/moodle-cron.jsonl")
    again = copy.deepcopy(told)
    again["context"]["registration"] = "00000000-0000-5000-8000-000000000000"
    first, second = (translate(each, ISSUER, received_at=NOW) for each in (told, again))
    assert message_id(told) == message_id(again)
    assert isinstance(first, CourseCompleted)
    assert isinstance(second, CourseCompleted)
    assert digest(first) == digest(second)


def test_open_edx_statements_are_no_completed_courses() -> None:
    folder = FIXTURES / "openedx" / "xapi"
    if not folder.exists():
        pytest.skip(f"the recordings are not at {folder}")
    files = sorted(folder.glob("*.json"))
    assert any("video" in file.name for file in files)
    for file in files:
        (told,) = read_statements(file.read_bytes())
        assert isinstance(translate(told, ISSUER, received_at=NOW), NotACourse), file.name


def test_a_video_completed_within_a_course_is_no_course() -> None:
    parent = {"contextActivities": {"parent": [{"id": "https://x/course", "definition": {"type": CMI5 + "course"}}]}}
    video = {"id": "https://x/v", "definition": {"type": "https://w3id.org/xapi/video/activity-type/video"}}
    assert why(object=video, context=parent) == "object_is_no_course"


def test_cmi5_satisfied_counts_on_the_course_only() -> None:
    assert said(verb={"id": SATISFIED}).course.title == "วิทยาศาสตร์ 1"
    block = {"id": "https://x/b", "definition": {"type": CMI5 + "block"}}
    assert why(verb={"id": SATISFIED}, object=block) == "object_is_no_course"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"verb": {"id": "http://adlnet.gov/expapi/verbs/passed"}}, "verb_does_not_complete"),
        ({"verb": {"id": "https://w3id.org/xapi/adl/verbs/waived"}}, "verb_does_not_complete"),
        ({"object": {"id": "https://x/c"}}, "object_is_no_course"),
        ({"object": {"objectType": "StatementRef", "id": "https://x/c"}}, "object_is_no_activity"),
        ({"actor": {"objectType": "Group", "member": []}}, "actor_is_a_group"),
        ({"result": {"completion": False}}, "result_not_complete"),
        ({"result": {"success": False}}, "result_not_successful"),
        ({"context": {"extensions": {LAUNCH: "Browse"}}}, "launched_to_browse_or_review"),
        ({"context": {"extensions": {LAUNCH: "Review"}}}, "launched_to_browse_or_review"),
    ],
)
def test_what_never_grants(changes: dict[str, Any], reason: str) -> None:
    assert why(**changes) == reason


def test_normal_launch_counts() -> None:
    assert said(context={"extensions": {LAUNCH: "Normal"}}).attempt == 1


def test_uncompleted_course_is_a_revocation() -> None:
    got = translate(statement(verb={"id": UNCOMPLETED}), ISSUER, received_at=NOW)
    assert isinstance(got, CompletionRevoked)
    assert (got.reason, got.attempt) == ("uncompleted", None)
    assert got.revoked_at == datetime(2026, 11, 20, 23, 56, 21, tzinfo=UTC)


@pytest.mark.parametrize(
    ("kind", "value", "known_as"),
    [
        ("mbox", "mailto:student@example.org", "mailto:student@example.org"),
        ("mbox_sha1sum", "cd9b" * 10, "mbox_sha1sum:" + "cd9b" * 10),
        ("openid", "https://id.example.org/1", "openid:https://id.example.org/1"),
    ],
)
def test_an_actor_without_account_belongs_to_the_client(kind: str, value: str, known_as: str) -> None:
    learner = said(actor={kind: value, "name": "นักเรียนทดลอง 1"}).learner
    assert [learner.issuer, learner.id] == [ISSUER, known_as]
    assert learner.personal.name == "นักเรียนทดลอง 1"
    named = {"account": {"homePage": ISSUER, "name": value}}
    if kind == "mbox":
        with pytest.raises(TidingError):
            said(actor=named)
    else:
        assert said(actor=named).learner.id == value, "another learner: the value alone is somebody's account"


@pytest.mark.parametrize(
    "name", ["mailto:student@example.org", "MailTo:x", " mailto:x", "openid:x", "mbox_sha1sum:" + "cd9b" * 10]
)
def test_no_account_claims_another_kind_of_identifier(name: str) -> None:
    with pytest.raises(TidingError) as refused:
        said(actor={"account": {"homePage": ISSUER, "name": name}})
    assert refused.value.field == "actor.account.name"


@pytest.mark.parametrize(
    ("extensions", "code"),
    [
        ({"https://x/external-id": " ว21101 "}, "ว21101"),
        ({"https://x/external-id": ""}, "https://lms.example.org/course/view.php?id=5"),
        ({"https://x/external-id": 5}, "https://lms.example.org/course/view.php?id=5"),
        ({"https://x/short-id": "S1"}, "https://lms.example.org/course/view.php?id=5"),
    ],
)
def test_the_course_code(extensions: dict[str, Any], code: str) -> None:
    course = statement()["object"]
    course["definition"]["extensions"] = extensions
    assert said(object=course).course.code == code


@pytest.mark.parametrize(
    ("score", "expected"),
    [
        ({"scaled": 0.85}, Decimal(85)),
        ({"scaled": 0.07}, Decimal(7)),
        ({"scaled": 0.5, "raw": 90, "max": 100}, Decimal(50)),
        ({"scaled": 0}, Decimal(0)),
        ({"scaled": -0.5, "raw": 40, "max": 100}, Decimal(0)),
        ({"scaled": -0.5}, Decimal(0)),
        ({"scaled": 0.4999995}, Decimal(50)),
        ({"scaled": 0.49999949}, Decimal("49.9999")),
        ({"raw": 72.5, "min": 0, "max": 100}, Decimal("72.5")),
        ({"raw": 18, "max": 20}, Decimal(90)),
        ({"raw": 3, "max": 10}, Decimal(30)),
        ({"raw": 3, "min": 0, "max": 10}, Decimal(30)),
        ({"raw": -5, "min": -10, "max": 10}, Decimal(25)),
        ({"raw": 2, "max": 3}, Decimal("66.6667")),
        ({"raw": 1, "max": 3}, Decimal("33.3333")),
        ({"raw": 0, "max": 3}, Decimal(0)),
        ({"raw": 7, "min": 5, "max": 7}, Decimal(100)),
    ],
)
def test_the_score(score: dict[str, float], expected: Decimal) -> None:
    told = said(result={"score": score})
    assert told.score == expected
    assert UNPLACED_SCORE not in told.extra


@pytest.mark.parametrize(
    "score", [{"raw": 30}, {"raw": 30, "min": 0}, {"raw": -5, "max": 10}, {"raw": -2, "max": -1}, {"raw": 10**400}]
)
def test_a_score_without_a_scale_is_carried_and_another_is_another_fact(score: dict[str, float]) -> None:
    told = said(result={"score": score})
    assert (told.score, told.extra[UNPLACED_SCORE]) == (None, score)
    again = restore(told.kind, facts(told), json.loads(json.dumps(sealed(told))))
    assert again == told
    assert digest(again) == digest(told)
    assert len({digest(told), digest(said()), digest(said(result={"score": {"raw": 31}}))}) == 3


@pytest.mark.parametrize("score", [{}, {"max": 10}, {"min": 0, "max": 10}])
def test_a_score_object_that_says_nothing_is_no_score(score: dict[str, float]) -> None:
    told = said(result={"score": score})
    assert told.score is None
    assert UNPLACED_SCORE not in told.extra
    assert digest(told) == digest(said())


def test_a_missing_timestamp_is_the_time_of_arrival() -> None:
    assert said(timestamp=...).completed_at == NOW


@pytest.mark.parametrize("told", ["2026-11-20T23:56:21", "2026-11-20T23:56:60Z"])
def test_a_time_that_names_no_moment_is_refused(told: str) -> None:
    with pytest.raises(TidingError) as refused:
        translate(statement(timestamp=told), ISSUER, received_at=NOW)
    assert refused.value.field == "timestamp"


def test_offsets_as_iso_8601_writes_them() -> None:
    assert said(timestamp="2026-11-21 06:56:21+0700") == said(timestamp="2026-11-21 06:56:21+0700")
    assert said(timestamp="2026-11-21 06:56:21+0700").completed_at == said().completed_at


def test_a_refusal_names_the_field_of_the_statement() -> None:
    long = statement(actor={"account": {"homePage": ISSUER, "name": "x" * 300}})
    with pytest.raises(TidingError) as refused:
        translate(long, ISSUER, received_at=NOW)
    assert refused.value.field == "actor"


def test_what_only_adorns_never_costs_a_credit() -> None:
    course = statement()["object"]
    course["definition"]["name"] = {"th": "วิทย์\n" + "ก" * 600}
    told = said(object=course, actor={"mbox": "mailto:a@example.org", "name": " \t "})
    assert told.course.title is not None
    assert len(told.course.title) == 500
    assert told.learner.personal.name is None


def test_message_id() -> None:
    assert message_id({"id": "AB97B177-9383-4934-8543-0F91A7A02836"}) == "id:ab97b177-9383-4934-8543-0f91a7a02836"
    plain = message_id(statement())
    assert plain.startswith("facts:")
    assert len(plain) == 6 + 64
    assert message_id(statement(context={"registration": "00000000-0000-5000-8000-000000000000"})) == plain
    others = [
        statement(timestamp="2026-11-20T23:56:22.000Z"),
        statement(verb={"id": SATISFIED}),
        statement(result={"success": True}),
        statement(actor={"account": {"homePage": ISSUER, "name": "s-2"}}),
        statement(object={"id": "https://x/c"}),
    ]
    assert len({plain, *map(message_id, others)}) == 6


@pytest.mark.parametrize(
    ("raw", "field"),
    [
        (b"", "statement"),
        (b"nonsense", "statement"),
        (b"7", "statement"),
        (b'[{}, "x"]', "statement[1]"),
        (b"[" * 100_000, "statement"),
        (b'{"a": NaN}', "statement"),
        (b'{"a": "\\ud800"}', "statement"),
    ],
)
def test_a_body_without_statements(raw: bytes, field: str) -> None:
    with pytest.raises(BadStatement) as refused:
        read_statements(raw)
    assert refused.value.field == field


def test_one_statement_or_many() -> None:
    one = json.dumps(statement()).encode()
    assert read_statements(one) == read_statements(b"[" + one + b"]") == [statement()]
    assert read_statements(b"[]") == []
