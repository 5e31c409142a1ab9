"""What a sender of events is answered.  Who is refused shares a house with all others: nothing of theirs is kept."""

import io
import json
import unicodedata
from typing import Any

import pytest

from tests.api.builders import SOURCE, bearer, completion, get, make_house, send
from tests.builders import CODE, ISSUER, PROVINCE, SCHOOL


def test_a_single_event_is_answered_with_its_credit(place):
    house = make_house(place)
    headers = bearer(house)
    answer = send(house, headers, completion())
    assert answer.status_code == 202
    told = answer.get_json()["events"]
    assert [set(each) for each in told] == [{"id", "source", "event_id", "state", "reason", "record_id"}]
    assert (told[0]["id"], told[0]["source"], told[0]["state"]) == ("m-1", SOURCE, "credited")
    assert set(told[0]["reason"]) == {"code", "th", "en"}
    assert get(house, f"records/{told[0]['record_id']}", headers).get_json()["credits"] == "1.50"


def test_the_same_again_is_answered_the_same(place):
    house = make_house(place)
    headers = bearer(house)
    first = send(house, headers, completion()).get_json()
    assert send(house, headers, completion()).get_json() == first
    assert send(house, headers, [completion(), completion()]).get_json()["events"] == first["events"] * 2
    assert len(get(house, "events", headers).get_json()["items"]) == 1


def test_the_same_id_with_other_facts_is_a_conflict_and_the_first_stands(place):
    house = make_house(place)
    headers = bearer(house)
    first = send(house, headers, completion()).get_json()["events"][0]
    answer = send(house, headers, completion(score=99))
    told = answer.get_json()["events"][0]
    assert (answer.status_code, told["state"], told["reason"]["code"]) == (202, "conflict", "same_id_other_facts")
    assert told["event_id"] != first["event_id"]
    assert get(house, f"records/{first['record_id']}", headers).get_json()["score"] == 80


@pytest.mark.parametrize("first", [SCHOOL, None])
def test_the_clients_own_school_named_or_left_out_is_the_same_fact(place, first):
    house = make_house(place)
    headers = bearer(house)
    told = send(house, headers, completion(school=first)).get_json()
    again = send(house, headers, completion(school=None if first else SCHOOL))
    assert (again.status_code, again.get_json()) == (202, told)
    assert told["events"][0]["state"] == "credited"
    assert len(get(house, "events", headers).get_json()["items"]) == 1


def test_another_school_is_another_fact(place):
    house = make_house(place)
    headers = bearer(house, organisation=PROVINCE)
    states = [
        send(house, headers, completion(school=school)).get_json()["events"][0]["state"] for school in (SCHOOL, None)
    ]
    assert states == ["credited", "conflict"]


def test_a_repeat_after_a_revocation_is_answered_with_the_present_state(place):
    house = make_house(place)
    headers = bearer(house)
    first = send(house, headers, completion()).get_json()["events"][0]
    data = completion()["data"]
    undone = {
        "learner": data["learner"],
        "course": data["course"],
        "revoked_at": "2026-03-05T00:00:00Z",
        "reason": "ผิด",
    }
    send(house, headers, {**completion(2), "type": "lms.course.revoked.v1", "data": undone})
    again = send(house, headers, completion()).get_json()["events"][0]
    assert (again["event_id"], again["record_id"]) == (first["event_id"], first["record_id"])
    assert (again["state"], again["reason"]["code"]) == ("withheld", "completion_revoked")
    learner = get(house, "learners", headers, issuer=ISSUER, id="s-1").get_json()["items"][0]["id"]
    (balance,) = get(house, f"learners/{learner}/credits", headers).get_json()["balances"]
    assert balance["available"] == "0.00"


def test_a_refused_item_stands_in_its_place_and_the_others_go_on(place):
    house = make_house(place)
    batch = [completion(1), completion(2, score=101), {"id": "m-3"}, completion(4), "x", completion(5, course=None)]
    answer = send(house, bearer(house), batch)
    assert answer.status_code == 202
    told = answer.get_json()["events"]
    assert [each["state"] for each in told] == ["credited", "refused", "refused", "credited", "refused", "refused"]
    assert [each["error"]["field"] for each in told if "error" in each] == ["score", "specversion", None, "course"]
    assert [each["id"] for each in told] == ["m-1", "m-2", "m-3", "m-4", None, "m-5"]
    assert all(each["event_id"] is None and each["record_id"] is None for each in told if "error" in each)
    assert all(each["error"]["th"] and each["error"]["en"] for each in told if "error" in each)


def test_an_unknown_course_waits_and_another_type_is_ignored(place):
    house = make_house(place)
    other = {**completion(2), "type": "com.example.logged-in.v1"}
    told = send(house, bearer(house), [completion(course={"code": "ไม่มี"}), other]).get_json()["events"]
    assert [each["reason"]["code"] for each in told] == ["course_unknown", "not_a_course_completion"]
    assert [each["state"] for each in told] == ["waiting", "ignored"]


REFUSED = [
    ({"score": 101}, "score"),
    ({"score": "80"}, "score"),
    ({"score": True}, "score"),
    ({"hours": -1}, "hours"),
    ({"attendance": 100.5}, "attendance"),
    ({"attempt": 0}, "attempt"),
    ({"attempt": 1.5}, "attempt"),
    ({"completed_at": "2569-03-01T10:00:00+07:00"}, "completed_at"),
    ({"completed_at": "2026-03-01"}, "completed_at"),
    ({"completed_at": "2026-02-30T10:00:00Z"}, "completed_at"),
    ({"completed_at": 1772334000}, "completed_at"),
    ({"completed_at": None}, "completed_at"),
    ({"completed_at_precision": "about"}, "completed_at_precision"),
    ({"learner": {"issuer": ISSUER}}, "learner.id"),
    ({"learner": {"id": " ", "issuer": ISSUER}}, "learner.id"),
    ({"learner": {"id": "a\u0000b", "issuer": ISSUER}}, "learner.id"),
    ({"learner": {"id": "\u200b", "issuer": ISSUER}}, "learner.id"),
    ({"learner": {"id": "\u3164 \u2060", "issuer": ISSUER}}, "learner.id"),
    ({"learner": {"id": "s-1", "issuer": ISSUER, "birth_date": "2553-05-16"}}, "learner.birth_date"),
    ({"learner": "s-1"}, "learner"),
    ({"course": {}}, "course.code"),
    ({"course": {"code": "ก" * 256}}, "course.code"),
    ({"assurance": {"identity": "sure"}}, "assurance.identity"),
]


@pytest.mark.parametrize(("data", "field"), REFUSED)
def test_a_value_out_of_type_or_range_is_refused_by_its_name(open_house, data, field):
    headers = bearer(open_house)
    answer = send(open_house, headers, completion(**data))
    assert (answer.status_code, answer.content_type) == (422, "application/problem+json")
    problem = answer.get_json()
    assert [each["field"] for each in problem["errors"]] == [field]
    assert set(problem["errors"][0]) == {"field", "th", "en"}
    assert (problem["status"], problem["code"]) == (422, "event_refused")
    assert get(open_house, "events", headers).get_json()["items"] == []


@pytest.mark.parametrize(
    ("body", "media", "status"),
    [
        (b"", None, 400),
        (b"{", None, 400),
        (b"\xff\xfe", None, 400),
        (b"null", None, 400),
        (b"[]", None, 400),
        (b'{"specversion": "1.0", "specversion": "1.0"}', None, 400),
        (b"[" * 100_000, None, 400),
        (b'{"a": NaN}', None, 400),
        ({**completion(), "specversion": "0.3"}, None, 400),
        ({**completion(), "id": ""}, None, 400),
        ({**completion(), "id": "x" * 256}, None, 400),
        ({**completion(), "source": 1}, None, 400),
        (completion(), "application/cloudevents-batch+json", 400),
        (completion(), "application/json", 415),
        (completion(), "application/cloudevents+json; charset=tis-620", 415),
        (completion(), "application/cloudevents+xml", 415),
        ([completion()] * 1001, None, 413),
    ],
)
def test_what_is_no_cloudevent_is_refused_as_a_whole(open_house, body, media, status):
    answer = send(
        open_house, bearer(open_house), body, media or ("application/cloudevents+json" if body == b"[]" else None)
    )
    assert (answer.status_code, answer.content_type) == (status, "application/problem+json")
    assert answer.get_json()["status"] == status


def test_the_largest_batch_is_taken(place):
    house = make_house(place)
    batch = [completion(number, course={"code": "none"}) for number in range(1000)]
    told = send(house, bearer(house), batch).get_json()["events"]
    assert [each["id"] for each in told] == [each["id"] for each in batch]


def test_an_empty_batch_is_answered_with_nothing(place):
    house = make_house(place)
    assert send(house, bearer(house), []).get_json() == {"events": []}


class Endless(io.BytesIO):
    """A body sent in chunks, without a length, that never ends."""

    given = 0

    def read(self, size: int | None = -1) -> bytes:
        length = 65_536 if size is None or size < 0 else size
        self.given += length
        return b" " * length

    def readinto(self, buffer: Any) -> int:
        buffer[:] = self.read(len(buffer))
        return len(buffer)


def test_a_body_that_is_too_large_is_not_read(open_house):
    headers = bearer(open_house)
    answer = send(open_house, headers, b" " * 10_000_000, "application/cloudevents+json")
    assert (answer.status_code, answer.get_json()["code"]) == (413, "too_large")
    assert answer.get_json()["detail"] == "ข้อมูลที่ส่งใหญ่เกิน 5,000,000 ไบต์ ให้แบ่งส่งหลายครั้ง"
    english = send(open_house, {**headers, "Accept-Language": "en"}, b" " * 10_000_000, "application/cloudevents+json")
    assert english.get_json()["detail"] == "What was sent is larger than 5,000,000 bytes: send it in parts."

    stream = Endless()
    answer = open_house.app.test_client().post(
        "/creditbank/api/v1/events",
        input_stream=stream,
        headers=headers,
        content_type="application/cloudevents+json",
        environ_overrides={"wsgi.input_terminated": True},
    )
    assert (answer.status_code, answer.get_json()["code"]) == (413, "too_large")
    assert stream.given < 6_000_000


@pytest.mark.parametrize("form", ["NFC", "NFD", "NFKD"])
def test_thai_in_any_unicode_form_is_the_same_course(place, form):
    house = make_house(place)
    course = {name: unicodedata.normalize(form, told) for name, told in (("code", CODE), ("title", "น้ำ"))}
    event = completion(course=course)
    raw = json.dumps(event, ensure_ascii=form == "NFD").encode()
    assert (
        send(house, bearer(house), raw, "application/cloudevents+json").get_json()["events"][0]["state"] == "credited"
    )


def test_a_learners_id_is_the_same_in_composed_and_decomposed_form(place):
    """Tone mark and vowel in either order; what Unicode does not hold equal stays another learner."""
    house = make_house(place)
    headers = bearer(house)
    forms = ("ก\u0e39\u0e49", "ก\u0e49\u0e39", " กู้ ")
    for number, form in enumerate(forms):
        send(house, headers, completion(number, learner={"id": form, "issuer": ISSUER}))
    found = [get(house, "learners", headers, issuer=ISSUER, id=form).get_json()["items"] for form in forms]
    assert found[0] == found[1] == found[2] != []
    assert get(house, "learners", headers, issuer=ISSUER, id="กู้\u200b").get_json()["items"] == []


@pytest.mark.parametrize("kind", ["lms.learner.merged.v1", "lms.learner.erased.v1"])
def test_who_is_who_is_for_the_host_alone_to_say(place, kind):
    house = make_house(place)
    headers = bearer(house)
    told = send(house, headers, completion(1)).get_json()["events"][0]
    who = {"id": "s-1", "issuer": ISSUER}
    at = "2026-03-02T10:00:00+07:00"
    data = {"learner": {"id": "s-2", "issuer": ISSUER}, "merged": who, "merged_at": at}
    if kind.endswith("erased.v1"):
        data = {"learner": who, "erased_at": at}
    answer = send(house, headers, {**completion(2), "type": kind, "data": data})
    assert (answer.status_code, answer.get_json()["events"][0]["state"]) == (202, "ignored")
    found = get(house, "learners", headers, issuer=ISSUER, id="s-1").get_json()["items"]
    assert len(found) == 1
    again = send(house, headers, completion(1)).get_json()["events"][0]
    assert again["record_id"] == told["record_id"]
