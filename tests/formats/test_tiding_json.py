"""The public JSON form: what is read, and which field a refusal names."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from creditbank_hooks.checks import TidingError
from creditbank_hooks.tidings import CompletionRevoked, CourseCompleted, LearnerErased, LearnerMerged
from creditbank_plugin.formats.tiding_json import check_not_future, parse

COMPLETED, REVOKED = "lms.course.completed.v1", "lms.course.revoked.v1"
NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)


def completed(**changes: Any) -> dict[str, Any]:
    """A complete, sound message; ``learner__id=...`` changes an inner field."""
    data: dict[str, Any] = {
        "learner": {
            "id": "s-1",
            "issuer": "https://lms.example.org",
            "name": "นักเรียนทดลอง 1",
            "national_id": "1101700000001",
            "birth_date": "2010-05-16",
        },
        "school": "99000001",
        "course": {"code": "ว21101", "version": "2560", "owner": "99000001", "title": "วิทยาศาสตร์ 1"},
        "attempt": 2,
        "completed_at": "2026-03-31T16:00:00+07:00",
        "completed_at_precision": "exact",
        "score": 80.5,
        "grade": "4",
        "attendance": 95,
        "hours": 60,
        "assurance": {"identity": "login", "assessment": "teacher"},
    }
    for path, value in changes.items():
        *outer, name = path.split("__")
        place = data
        for step in outer:
            place = place[step]
        place[name] = value
    return data


def without(*path: str) -> dict[str, Any]:
    data = completed()
    place = data
    for step in path[:-1]:
        place = place[step]
    del place[path[-1]]
    return data


def test_every_field_is_read() -> None:
    tiding = parse(COMPLETED, completed(), event_id="e-1", source="/lms", time=NOW)
    assert isinstance(tiding, CourseCompleted)
    assert (tiding.event_id, tiding.source, tiding.time) == ("e-1", "/lms", NOW)
    assert (tiding.learner.id, tiding.learner.issuer) == ("s-1", "https://lms.example.org")
    assert tiding.learner.personal.birth_date == date(2010, 5, 16)
    assert tiding.completed_at == datetime(2026, 3, 31, 9, tzinfo=UTC)
    assert (tiding.score, tiding.attendance, tiding.hours) == (Decimal("80.5"), Decimal(95), Decimal(60))
    assert (tiding.attempt, tiding.course.version, tiding.school, tiding.grade) == (2, "2560", "99000001", "4")
    assert tiding.assurance is not None
    assert tiding.assurance.assessment == "teacher"
    assert tiding.extra == {}


def test_null_and_absent_are_the_same() -> None:
    told = {"learner": {"id": "1", "issuer": "i"}, "course": {"code": "c"}, "completed_at": "2026-03-31T16:00:00Z"}
    nulls = dict.fromkeys(("school", "attempt", "score", "grade", "attendance", "hours", "assurance"))
    sparse = parse(COMPLETED, told)
    assert parse(COMPLETED, told | nulls | {"completed_at_precision": None}) == sparse
    assert isinstance(sparse, CourseCompleted)
    assert (sparse.attempt, sparse.completed_at_precision, sparse.score) == (1, "exact", None)


def test_unknown_fields_are_kept_where_they_stood() -> None:
    deep: Any = "bottom"
    for _ in range(5000):
        deep = [deep]
    tiding = parse(COMPLETED, completed(mood="ดี", learner__nickname="นุ่น", course__room={"no": 3}, deep=deep))
    assert tiding.extra["mood"] == "ดี"
    assert tiding.extra["learner"] == {"nickname": "นุ่น"}
    assert tiding.extra["course"] == {"room": {"no": 3}}
    assert tiding.extra["deep"] is deep


def test_the_other_kinds() -> None:
    who = {"id": "1", "issuer": "i"}
    revoked = parse(
        REVOKED, {"learner": who, "course": {"code": "c"}, "revoked_at": "2026-03-31T16:00:00Z", "reason": "กรอกผิด"}
    )
    assert isinstance(revoked, CompletionRevoked)
    assert (revoked.attempt, revoked.reason) == (None, "กรอกผิด")
    merged = parse(
        "lms.learner.merged.v1", {"learner": who, "merged": who | {"id": "2"}, "merged_at": "2026-03-31T16:00:00Z"}
    )
    assert isinstance(merged, LearnerMerged)
    assert merged.merged.id == "2"
    assert isinstance(
        parse("lms.learner.erased.v1", {"learner": who, "erased_at": "2026-03-31T16:00:00Z"}), LearnerErased
    )


BAD: list[tuple[object, str]] = [
    (None, "data"),
    ([], "data"),
    ("ข้อความ", "data"),
    (without("learner"), "learner"),
    (completed(learner="s-1"), "learner"),
    (without("learner", "id"), "learner.id"),
    (completed(learner__id=""), "learner.id"),
    *(
        (completed(learner__id=unseen), "learner.id")
        for unseen in (
            "\u200b",
            "\u200b\u200d\u2060\ufeff",
            " \u00a0",
            "\u00ad",
            "\u3164",
            "\u2800",
            "\ufe0f",
            "\u202e",
        )
    ),
    (completed(learner__issuer="\u200b"), "learner.issuer"),
    (completed(learner__id=None), "learner.id"),
    (completed(learner__id=7), "learner.id"),
    (completed(learner__id="x" * 256), "learner.id"),
    (without("learner", "issuer"), "learner.issuer"),
    (completed(learner__name=["x"]), "learner.name"),
    (completed(learner__national_id=1101700000001), "learner.national_id"),
    (completed(learner__birth_date="16/05/2553"), "learner.birth_date"),
    (completed(learner__birth_date="2010-02-30"), "learner.birth_date"),
    (completed(learner__birth_date=20100516), "learner.birth_date"),
    (without("course"), "course"),
    (without("course", "code"), "course.code"),
    (completed(course=[]), "course"),
    (completed(course__code=True), "course.code"),
    (completed(course__version=2560), "course.version"),
    (completed(school=99000001), "school"),
    (completed(attempt="1"), "attempt"),
    (completed(attempt=0), "attempt"),
    (completed(attempt=True), "attempt"),
    (completed(attempt=1.5), "attempt"),
    (without("completed_at"), "completed_at"),
    (completed(completed_at=1743411600), "completed_at"),
    (completed(completed_at="2026-03-31"), "completed_at"),
    (completed(completed_at="2026-03-31T16:00:00"), "completed_at"),
    (completed(completed_at="2026-03-31 16:00:00Z"), "completed_at"),
    (completed(completed_at="2026-03-31T16:00Z"), "completed_at"),
    (completed(completed_at="2026-02-30T16:00:00Z"), "completed_at"),
    (completed(completed_at="2026-03-31T23:59:60Z"), "completed_at"),
    (completed(completed_at="0000-03-31T16:00:00Z"), "completed_at"),
    (completed(completed_at="1899-12-31T16:00:00Z"), "completed_at"),
    (completed(completed_at="1900-01-01T03:00:00+07:00"), "completed_at"),
    (completed(completed_at="9999-12-31T23:59:59-12:00"), "completed_at"),
    (completed(completed_at="2026-03-31T16:00:00+24:00"), "completed_at"),
    (completed(completed_at="2026-03-31T16:00:00+07:60"), "completed_at"),
    (completed(completed_at="๒๐๒๖-03-31T16:00:00Z"), "completed_at"),
    (completed(completed_at_precision="about"), "completed_at_precision"),
    (completed(score="80"), "score"),
    (completed(score=True), "score"),
    (completed(score=101), "score"),
    (completed(score=-0.5), "score"),
    (completed(score=float("inf")), "score"),
    (completed(score=10**400), "score"),
    (completed(grade=4), "grade"),
    (completed(attendance=100.5), "attendance"),
    (completed(hours=-1), "hours"),
    (completed(hours={}), "hours"),
    (completed(assurance="login"), "assurance"),
    (completed(assurance__identity="sure"), "assurance.identity"),
    (completed(assurance__assessment=3), "assurance.assessment"),
]


@pytest.mark.parametrize(("data", "field"), BAD)
def test_a_refusal_names_its_field_in_both_languages(data: object, field: str) -> None:
    with pytest.raises(TidingError) as refused:
        parse(COMPLETED, data)
    assert refused.value.field == field
    assert any("ก" <= sign <= "๛" for sign in refused.value.th)
    assert refused.value.en.isascii()
    assert "1101700000001" not in str(refused.value)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"reason": None}, "reason"),
        ({"reason": " "}, "reason"),
        ({"revoked_at": None}, "revoked_at"),
        ({"revoked_at": "2026-03-31T16:00:00"}, "revoked_at"),
        ({"attempt": -1}, "attempt"),
        ({"course": None}, "course"),
    ],
)
def test_a_bad_revocation_names_its_field(changes: dict[str, Any], field: str) -> None:
    sound = {"learner": {"id": "1", "issuer": "i"}, "course": {"code": "c"}, "reason": "กรอกผิด"}
    with pytest.raises(TidingError) as refused:
        parse(REVOKED, sound | {"revoked_at": "2026-03-31T16:00:00Z"} | changes)
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("merged", "field"), [({"id": 2, "issuer": "i"}, "merged.id"), ({"id": "1", "issuer": "i"}, "merged.id")]
)
def test_the_other_learner_of_a_merge_is_named_as_such(merged: dict[str, Any], field: str) -> None:
    data = {"learner": {"id": "1", "issuer": "i"}, "merged": merged, "merged_at": "2026-03-31T16:00:00Z"}
    with pytest.raises(TidingError) as refused:
        parse("lms.learner.merged.v1", data)
    assert refused.value.field == field


def test_lower_case_letters_and_unknown_offset_are_rfc_3339() -> None:
    def read(told: str) -> datetime:
        tiding = parse(COMPLETED, completed(completed_at=told))
        assert isinstance(tiding, CourseCompleted)
        return tiding.completed_at

    assert read("2026-03-31t09:00:00z") == read("2026-03-31T09:00:00-00:00") == datetime(2026, 3, 31, 9, tzinfo=UTC)
    assert read("2026-03-31T09:00:00.1234567Z").microsecond == 123456


def test_a_buddhist_year_lies_in_the_future_and_is_not_converted() -> None:
    tiding = parse(COMPLETED, completed(completed_at="2569-03-31T16:00:00+07:00"))
    with pytest.raises(TidingError) as refused:
        check_not_future(tiding, NOW)
    assert refused.value.field == "completed_at"
    assert "พ.ศ." in refused.value.th
    assert "ค.ศ." in refused.value.th


def test_the_future_begins_after_24_hours() -> None:
    edge = NOW + timedelta(hours=24)
    check_not_future(parse(COMPLETED, completed(completed_at=edge.isoformat())), NOW)
    with pytest.raises(TidingError):
        check_not_future(parse(COMPLETED, completed(completed_at=(edge + timedelta(microseconds=1)).isoformat())), NOW)


@pytest.mark.parametrize(
    ("changes", "time", "field"),
    [
        ({"learner__birth_date": "2553-05-16"}, NOW, "learner.birth_date"),
        ({}, NOW + timedelta(days=2), "time"),
    ],
)
def test_other_moments_may_not_lie_ahead_either(changes: dict[str, Any], time: datetime, field: str) -> None:
    with pytest.raises(TidingError) as refused:
        check_not_future(parse(COMPLETED, completed(**changes), time=time), NOW)
    assert refused.value.field == field


@pytest.mark.parametrize("id_", ["s\u200b1", "\u200ds-1", "ก\u0e34", "\U0001f469\u200d\U0001f393", "\ue000", "๑"])
def test_an_id_with_something_to_be_seen_stays_as_it_is(id_: str) -> None:
    tiding = parse("lms.course.completed.v1", completed(learner__id=id_))
    assert isinstance(tiding, CourseCompleted)
    assert tiding.learner.id == id_
