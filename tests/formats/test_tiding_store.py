"""Kept and read again: nothing is lost, nothing personal stands among the facts, and "the same" has one hash."""

import json
import unicodedata
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from creditbank_hooks.tidings import (
    ASSESSMENT_ASSURANCE,
    IDENTITY_ASSURANCE,
    PRECISIONS,
    Assurance,
    CompletionRevoked,
    Course,
    CourseCompleted,
    Learner,
    LearnerErased,
    LearnerMerged,
    Personal,
    Tiding,
)
from creditbank_plugin.formats.tiding_json import parse
from creditbank_plugin.formats.tiding_store import digest, facts, public_view, restore, sealed, sealed_fields

words = st.text(st.characters(exclude_categories=("Cc", "Cs")), min_size=1, max_size=12).filter(
    lambda word: bool(unicodedata.normalize("NFC", word).strip())
)
instants = st.datetimes(datetime(1901, 1, 1), datetime(9000, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
percents = st.decimals(0, 100, allow_nan=False, allow_infinity=False)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | words, lambda inner: st.lists(inner) | st.dictionaries(words, inner)
)


def maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy


people = st.builds(Personal, name=maybe(words), national_id=maybe(words), birth_date=maybe(st.dates()))
learners = st.builds(Learner, id=words, issuer=words, personal=people)
courses = st.builds(Course, code=words, version=maybe(words), owner=maybe(words), title=maybe(words), iri=maybe(words))
message: dict[str, Any] = {
    "event_id": maybe(words),
    "source": maybe(words),
    "time": maybe(instants),
    "extra": st.dictionaries(words, json_values, max_size=3),
}
completions = st.builds(
    CourseCompleted,
    learner=learners,
    course=courses,
    completed_at=instants,
    completed_at_precision=st.sampled_from(PRECISIONS),
    attempt=st.integers(1, 9999),
    school=maybe(words),
    score=maybe(percents),
    grade=maybe(words),
    attendance=maybe(percents),
    hours=maybe(st.integers(0, 100_000)),
    assurance=maybe(
        st.builds(
            Assurance, identity=st.sampled_from(IDENTITY_ASSURANCE), assessment=st.sampled_from(ASSESSMENT_ASSURANCE)
        )
    ),
    **message,
)
revocations = st.builds(
    CompletionRevoked,
    learner=learners,
    course=courses,
    revoked_at=instants,
    reason=words,
    attempt=maybe(st.integers(1, 9999)),
    **message,
)
merges = (
    st.tuples(learners, learners)
    .filter(lambda pair: pair[0].id != pair[1].id)
    .flatmap(
        lambda pair: st.builds(
            LearnerMerged, learner=st.just(pair[0]), merged=st.just(pair[1]), merged_at=instants, **message
        )
    )
)
erasures = st.builds(LearnerErased, learner=learners, erased_at=instants, **message)
tidings: st.SearchStrategy[Tiding] = st.one_of(completions, revocations, merges, erasures)


def through_json(value: Any) -> Any:
    return json.loads(json.dumps(value))


def completion(**changes: Any) -> CourseCompleted:
    told: dict[str, Any] = {
        "learner": Learner(id="s-1", issuer="https://lms.example.org"),
        "course": Course(code="ว21101", title="วิทยาศาสตร์ 1"),
        "completed_at": datetime(2026, 3, 31, 9, tzinfo=UTC),
        "score": Decimal(80),
    }
    return CourseCompleted(**(told | changes))


SECRETS = Personal(name="นักเรียนทดลอง 1", national_id="1101700000001", birth_date=date(2010, 5, 16))


@settings(max_examples=60, deadline=None)
@given(tidings)
def test_store_and_restore_is_exact(tiding: Tiding) -> None:
    personal = sealed(tiding)
    again = restore(tiding.kind, through_json(facts(tiding)), through_json(personal))
    assert again == tiding
    assert digest(again) == digest(tiding)
    assert digest(replace(tiding, event_id="another", source=None, time=None, extra={})) == digest(tiding)


@settings(max_examples=40, deadline=None)
@given(completions | revocations | erasures)
def test_the_public_form_is_read_as_the_same_facts(tiding: Tiding) -> None:
    shown = through_json(public_view(facts(tiding), []))
    assert digest(parse(tiding.kind, shown)) == digest(tiding)


def test_facts_hold_nothing_personal_and_the_seal_holds_it_all() -> None:
    tiding = completion(learner=Learner(id="s-1", issuer="i", personal=SECRETS), extra={"nickname": "นุ่น"})
    written = json.dumps(facts(tiding), ensure_ascii=False)
    for secret in ("นักเรียนทดลอง", "1101700000001", "2010-05-16", "นุ่น"):
        assert secret not in written
    assert sealed(tiding) == {
        "name": "นักเรียนทดลอง 1",
        "national_id": "1101700000001",
        "birth_date": "2010-05-16",
        "extra": {"nickname": "นุ่น"},
    }
    assert sealed(completion()) is None


def test_both_learners_of_a_merge_are_sealed() -> None:
    merge = LearnerMerged(
        learner=Learner(id="1", issuer="i"),
        merged=Learner(id="2", issuer="i", personal=SECRETS),
        merged_at=datetime(2026, 3, 31, tzinfo=UTC),
    )
    personal = sealed(merge)
    assert sealed_fields(personal) == ["merged.name", "merged.national_id", "merged.birth_date"]
    assert public_view(facts(merge), sealed_fields(personal))["merged"]["name"] == "[redacted]"
    assert restore(merge.kind, facts(merge), personal) == merge


def test_the_public_view_shows_numbers_and_only_that_personal_fields_were_sent() -> None:
    tiding = completion(
        learner=Learner(id="s-1", issuer="i", personal=replace(SECRETS, national_id=None)),
        score=Decimal("80.5"),
        hours=40,
        event_id="e-1",
        extra={"x": 1},
    )
    kept = facts(tiding)
    shown = public_view(kept, sealed_fields(sealed(tiding)))
    assert shown["learner"] == {"id": "s-1", "issuer": "i", "name": "[redacted]", "birth_date": "[redacted]"}
    assert (shown["score"], shown["hours"], type(shown["hours"])) == (80.5, 40, int)
    assert not {"message", "extra"} & shown.keys()
    assert kept == facts(tiding)  # untouched


def test_equal_numbers_are_written_alike() -> None:
    for told in (80, 80.0, Decimal("80.00"), Decimal("8E1")):
        assert facts(completion(score=told))["score"] == "80"


BANGKOK = timezone(timedelta(hours=7))


@pytest.mark.parametrize(
    "changes",
    [
        {"score": 80.0},
        {"completed_at": datetime(2026, 3, 31, 16, tzinfo=BANGKOK)},
        {"course": Course(code="ว21101", title="ชื่ออื่น")},
        {"learner": Learner(id="s-1", issuer="https://lms.example.org", personal=SECRETS)},
        {"event_id": "2", "source": "s", "time": datetime(2026, 4, 1, tzinfo=UTC), "extra": {"a": 1}},
    ],
)
def test_the_same_fact_told_otherwise_has_the_same_digest(changes: dict[str, Any]) -> None:
    assert digest(completion(**changes)) == digest(completion())
    assert len(digest(completion())) == 32


@pytest.mark.parametrize(
    "changes",
    [
        {"score": 81},
        {"score": None},
        {"grade": "4"},
        {"attempt": 2},
        {"school": "99000001"},
        {"hours": 1},
        {"attendance": 80},
        {"completed_at": datetime(2026, 3, 31, 9, 0, 1, tzinfo=UTC)},
        {"completed_at_precision": "upper_bound"},
        {"assurance": Assurance(identity="login")},
        {"learner": Learner(id="s-2", issuer="https://lms.example.org")},
        {"learner": Learner(id="s-1", issuer="https://other.example.org")},
        {"course": Course(code="ว21102")},
        {"course": Course(code="ว21101", version="2560")},
        {"course": Course(code="ว21101", owner="99000001")},
        {"course": Course(code="ว21101", iri="https://lms.example.org/course/view.php?id=1")},
    ],
)
def test_another_fact_has_another_digest(changes: dict[str, Any]) -> None:
    assert digest(completion(**changes)) != digest(completion())


def test_kinds_never_share_a_digest() -> None:
    who, when = Learner(id="1", issuer="i"), datetime(2026, 3, 31, tzinfo=UTC)
    course = Course(code="c")
    revoked = CompletionRevoked(learner=who, course=course, revoked_at=when, reason="r")
    seen = {digest(revoked), digest(replace(revoked, reason="s")), digest(LearnerErased(learner=who, erased_at=when))}
    seen.add(digest(CourseCompleted(learner=who, course=course, completed_at=when)))
    assert len(seen) == 4


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("น\u0e49\u0e33", "น\u0e4d\u0e49\u0e32"),  # sara am with a tone mark, whole and apart
        ("คำ", "ค\u0e4d\u0e32"),
        ("é", "e\u0301"),
    ],
)
def test_every_unicode_form_of_a_text_is_the_same_fact(one: str, other: str) -> None:
    assert one != other
    assert digest(completion(course=Course(code=one))) == digest(completion(course=Course(code=other)))


def test_a_transport_time_can_be_left_out() -> None:
    later = completion(completed_at=datetime(2026, 5, 1, tzinfo=UTC))
    assert digest(later, told_time=False) == digest(completion(), told_time=False)
    assert digest(later, told_time=False) != digest(later)
