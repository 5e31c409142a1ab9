"""Working groups and the public round through the API: entered, changed, dissolved, met, commented on; and who may not."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy.event import listen, remove
from werkzeug.test import TestResponse

from creditbank_plugin.api.group_schemas import GroupViewSchema, MeetingListSchema, PublishedSchema
from creditbank_plugin.rules.scopes import COMPARISONS_APPROVE, COMPARISONS_COMMENT, COMPARISONS_READ, GROUPS_WRITE
from creditbank_plugin.rules.thai import bangkok_day
from creditbank_plugin.services.comparing import groups, proposal_views
from tests.api.builders import API, ask_token, bearer, get, make_client, make_house
from tests.builders import OTHER_SCHOOL, PROVINCE, House, Place, add_course
from tests.committee import ADMIN, CHAIR, ONE, SINCE, TWO, WRITER, Committee, appoint, convene, let_days_pass

NEW = {
    "body": PROVINCE,
    "name_th": "คณะทำงานใหม่",
    "order_number": "12/2569",
    "order_signatory": "ผู้ว่าราชการจังหวัด",
    "ordered_on": "2026-01-05",
}


@pytest.fixture
def house(place: Place) -> House:
    return make_house(place)


def send(house: House, path: str, headers: dict[str, str], method: str = "POST", **body: Any) -> TestResponse:
    return house.app.test_client().open(f"{API}/{path}", method=method, json=body, headers=headers)


def code(answer: TestResponse) -> tuple[int, str]:
    return answer.status_code, answer.get_json()["code"]


def test_a_group_is_entered_appointed_changed_and_dissolved(house: House) -> None:
    office = bearer(house, GROUPS_WRITE, organisation=PROVINCE)
    made = send(house, "working-groups", office, **NEW, quorum=4, procedure="meeting")
    assert (made.status_code, made.headers["ETag"]) == (201, '"1"')
    assert GroupViewSchema().validate(made.get_json()) == {}
    one = f"working-groups/{made.get_json()['id']}"
    assert get(house, one, office).get_json() == made.get_json()
    member = {"actor": "user:7", "name": "ประธาน", "role": "chair", "since": "2026-01-05"}
    told = send(house, f"{one}/members", office, **member).get_json()
    assert [each["actor"] for each in told["members"]] == ["user:7"]
    assert code(send(house, one, office, "PATCH", comment_days=7)) == (428, "precondition_required")
    seen = {**office, "If-Match": '"1"'}
    changed = send(house, one, seen, "PATCH", comment_days=7)
    assert (changed.get_json()["comment_days"], changed.get_json()["quorum"], changed.headers["ETag"]) == (7, 4, '"2"')
    assert code(send(house, one, seen, "PATCH", comment_days=9)) == (412, "changed_meanwhile")
    assert code(send(house, one, {**office, "If-Match": "x"}, "PATCH")) == (412, "precondition_failed")
    for etag, day in (('"2"', "2026-02-01"), ('"3"', None)):
        ended = send(house, one, {**office, "If-Match": etag}, "PATCH", dissolved_on=day)
        assert ended.get_json()["dissolved_on"] == day
    assert GroupViewSchema().validate(ended.get_json()) == {}
    changes = [(each["act"], each["member"], each["before"], each["after"]) for each in ended.get_json()["changes"]]
    assert changes == [
        ("changed", None, {"dissolved_on": "2026-02-01"}, {"dissolved_on": None}),
        ("changed", None, {"dissolved_on": None}, {"dissolved_on": "2026-02-01"}),
        ("changed", None, {"comment_days": 0}, {"comment_days": 7}),
        ("appointed", "user:7", None, {"name": "ประธาน", "role": "chair", "since": "2026-01-05", "until": None}),
    ]
    assert all(each["actor"].startswith("client:") and each["changed_at"] for each in ended.get_json()["changes"])
    outside = bearer(house, COMPARISONS_READ, organisation=OTHER_SCHOOL)
    assert get(house, one, outside).get_json()["changes"] is None, "for its committee alone"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"body": "nobody"}, "body"),
        ({"name_th": None}, "name_th"),
        ({"ordered_on": "2569-01-05"}, "ordered_on"),
        ({"procedure": "lot"}, "procedure"),
        ({"raters": "2"}, "raters"),
        ({"raters": 1}, "raters"),
        ({"more": 1}, "more"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(house: House, wrong: dict[str, Any], field: str) -> None:
    answer = send(house, "working-groups", bearer(house, GROUPS_WRITE, organisation=PROVINCE), **{**NEW, **wrong})
    assert answer.status_code == 422
    assert [each["field"] for each in answer.get_json().get("errors", [{"field": ""}])] == [field]
    assert groups.groups(house.runtime) == []


def test_another_organisation_changes_nothing(house: House) -> None:
    committee = convene(house)
    one = f"working-groups/{committee.group}"
    other = {**bearer(house, GROUPS_WRITE, COMPARISONS_READ, organisation=OTHER_SCHOOL), "If-Match": '"1"'}
    member = {"actor": "user:7", "name": "x", "role": "chair", "since": "2026-01-05"}
    meeting = {"held_on": "2026-01-05", "present": [ONE.id], "minutes": "1/2569"}
    before = groups.group(house.runtime, committee.group)
    for answer in (
        send(house, "working-groups", other, **NEW),
        send(house, one, other, "PATCH", quorum=9),
        send(house, f"{one}/members", other, **member),
        send(house, f"{one}/meetings", other, **meeting),
    ):
        assert code(answer) == (403, "not_yours")
    assert groups.group(house.runtime, committee.group) == before
    for path, body in (("", {}), ("/members", member), ("/meetings", meeting)):
        assert send(house, f"working-groups/x{path}", other, "POST" if path else "PATCH", **body).status_code == 404


def test_a_meeting_is_entered_by_the_groups_own_and_decides(house: House) -> None:
    committee = convene(house, procedure="meeting", quorum=3)
    chair = make_client(house, COMPARISONS_APPROVE, COMPARISONS_READ, organisation=OTHER_SCHOOL)
    headers = {"Authorization": f"Bearer {ask_token(house, chair).get_json()['access_token']}"}
    at = f"working-groups/{committee.group}/meetings"
    today = bangkok_day(house.runtime.clock()).isoformat()
    told = {"held_on": today, "present": [ONE.id, TWO.id, CHAIR.id], "minutes": "รายงาน 3/2569"}
    assert code(send(house, at, headers, **told)) == (403, "not_yours")
    actor = f"client:{chair.client_id}/chair-1"
    groups.add_member(house.runtime, committee.group, actor, name="ประธาน", role="chair", since=SINCE, by=ADMIN)
    named = {**told, "on_behalf_of": "chair-1"}
    for wrong in ({"present": [ONE.id, "user:nobody"]}, {"held_on": "2199-01-01"}, {"minutes": ""}, {"present": None}):
        assert send(house, at, headers, **{**named, **wrong}).status_code == 422
    member = {"actor": ONE.id, "name": "x", "role": "rater", "since": "2026-01-05", "until": ""}
    admin = bearer(house, GROUPS_WRITE, organisation=PROVINCE)
    assert send(house, at.replace("meetings", "members"), admin, **member).get_json()["errors"][0]["field"] == "until"
    made = send(house, at, headers, **named)
    assert (made.status_code, made.get_json()["quorum"]) == (201, 3)
    listed = get(house, at, headers).get_json()
    assert MeetingListSchema().validate(listed) == {}
    assert [each["actor"] for each in listed["items"][0]["present"]] == [None] * 3, (
        "outside of the committee: names only"
    )
    assert {each["name"] for each in listed["items"][0]["present"]} == {ONE.name, TWO.name, CHAIR.name}
    before = send(house, at, headers, **{**named, "held_on": "2026-01-05", "present": [ONE.id]}).get_json()
    later = send(house, at, headers, **{**named, "minutes": "รายงาน 4/2569"}).get_json()
    seen, cursor = list[str](), None
    while cursor != "":
        told_page = get(house, at, headers, limit="1", **({"cursor": cursor} if cursor else {})).get_json()
        seen, cursor = [*seen, *(each["id"] for each in told_page["items"])], told_page["next"] or ""
    assert seen == [later["id"], made.get_json()["id"], before["id"]], "newest first, each once"
    proposal = committee.propose()
    signed = send(
        house,
        f"comparisons/{proposal}/approve",
        headers,
        reference="ประกาศ 9/2569",
        meeting=made.get_json()["id"],
        resolution="เห็นชอบ",
        on_behalf_of="chair-1",
    )
    assert signed.get_json()["state"] == "approved"


def test_the_public_round_is_read_and_commented_on(house: House) -> None:
    committee: Committee = convene(house, comment_days=14)
    made = committee.propose()
    headers = bearer(house, COMPARISONS_COMMENT, organisation=OTHER_SCHOOL)
    (item,) = get(house, "public-comparisons", headers).get_json()["items"]
    assert PublishedSchema().validate(item) == {}
    assert (item["id"], item["comments"]) == (made, [])
    assert WRITER.name not in str(item)
    at = f"public-comparisons/{made}/comments"
    for wrong in ({}, {"text": " "}, {"text": "ก" * 2001}, {"text": "x", "name": "ก" * 201}):
        assert send(house, at, headers, **wrong).status_code == 422
    told = send(house, at, headers, text="ควรเพิ่มชั่วโมงปฏิบัติ", name="ผู้ปกครอง", on_behalf_of="p-1")
    assert (told.status_code, told.get_json()["comments"][0]["name"]) == (201, "ผู้ปกครอง")
    (kept,) = proposal_views.get(house.runtime, made, by=ADMIN).comments
    assert kept.actor.endswith("/p-1")
    assert get(house, f"public-comparisons/{made}", headers).get_json() == told.get_json()
    let_days_pass(house, 15)
    later = bearer(house, COMPARISONS_COMMENT, organisation=OTHER_SCHOOL)
    assert get(house, "public-comparisons", later).get_json()["items"] == []
    assert get(house, f"public-comparisons/{made}", later).status_code == 404
    assert code(send(house, at, later, text="สาย")) == (409, "comment_round_closed")
    assert send(house, "public-comparisons/x/comments", later, text="x").status_code == 404


def queries_of(house: House, path: str, headers: dict[str, str]) -> tuple[int, list[str]]:
    """How many statements a list asks, and the ids it answers."""
    asked: list[str] = []

    def count(_: Any, __: Any, statement: str, *___: Any) -> None:
        asked.append(statement)

    get(house, path, headers)  # from here on it is remembered who calls
    listen(house.runtime.engine, "before_cursor_execute", count)
    try:
        items = get(house, path, headers).get_json()["items"]
    finally:
        remove(house.runtime.engine, "before_cursor_execute", count)
    return len(asked), [each["id"] for each in items]


def pages_of(house: House, path: str, headers: dict[str, str]) -> list[str]:
    """The ids of a list that is read one by one."""
    found, cursor = [], {}
    while True:
        answer = get(house, path, headers, limit="1", **cursor).get_json()
        found += [each["id"] for each in answer["items"]]
        if answer["next"] is None:
            return found
        cursor = {"cursor": answer["next"]}


def test_groups_are_listed_a_page_at_a_time_by_as_many_queries_however_many_they_are(house: House) -> None:
    headers = bearer(house, COMPARISONS_READ, organisation=PROVINCE)
    committee = convene(house)
    committee.approved()
    few, one = queries_of(house, "working-groups", headers)
    ended = appoint(house)
    groups.change_group(house.runtime, ended, by=ADMIN, dissolved_on=date(2026, 1, 31))
    others = [appoint(house) for _ in range(2)]
    assert one == [committee.group]
    assert queries_of(house, "working-groups", headers) == (few, [*reversed(others), committee.group, ended])
    assert pages_of(house, "working-groups", headers) == [*reversed(others), committee.group, ended]


def test_the_public_round_is_listed_a_page_at_a_time_by_as_many_queries_however_much_it_is(house: House) -> None:
    headers = bearer(house, COMPARISONS_READ, organisation=OTHER_SCHOOL)
    committee = convene(house, comment_days=7)
    first = committee.propose(committee.draft(course=add_course(house, "ง21101")))
    few, one = queries_of(house, "public-comparisons", headers)
    others = [committee.propose(committee.draft(course=add_course(house, code))) for code in ("ง21102", "ง21103")]
    assert one == [first]
    assert queries_of(house, "public-comparisons", headers) == (few, [first, *others])
    assert pages_of(house, "public-comparisons", headers) == [first, *others]
