"""The catalogue through the API: search, one course, bulk, edits that never overwrite one another."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from werkzeug.test import TestResponse

from creditbank_plugin.api import course_schemas as schemas
from creditbank_plugin.rules.scopes import SCOPES
from creditbank_plugin.services.catalogue import aliases
from tests.api.builders import API, bearer, get, make_house
from tests.builders import BANK, CODE, OTHER_SCHOOL, PROVINCE, SCHOOL, House, Place, adopt
from tests.conftest import close

WELD: dict[str, Any] = {
    "owner": SCHOOL,
    "code": "20103-2001",
    "version": "2567",
    "title_th": "งานเชื่อมโลหะเบื้องต้น",
    "title_en": "Basic welding",
    "outcomes": ["เชื่อมแนวราบได้", "- ตรวจแนวเชื่อมได้"],
    "hours_theory": 18,
    "hours_practice": "๓๖",
    "level_group": "upper_secondary_vocational",
    "sector": "formal",
    "province": "51",
}
ONE = f"courses/{SCHOOL}/20103-2001/2567"
READ, WRITE = "catalogue:read", "catalogue:write"


@pytest.fixture
def house(place: Place) -> Iterator[House]:
    made = make_house(place)
    yield made
    close(made)


def call(house: House, method: str, path: str, headers: dict[str, str], body: Any = None, **more: str) -> TestResponse:
    data = json.dumps(body) if body is not None else None
    media = "application/json" if body is not None else None
    told = {**headers, **{name.replace("_", "-"): value for name, value in more.items()}}
    return house.app.test_client().open(
        f"{API}/{quote(path)}", method=method, data=data, headers=told, content_type=media
    )


def bulk(house: House, headers: dict[str, str], *courses: Any) -> Any:
    answer = call(house, "POST", "courses:bulk", headers, {"courses": list(courses)})
    assert answer.status_code == 200
    assert schemas.CourseEntriesSchema().validate(answer.get_json()) == {}
    return answer.get_json()


def test_courses_are_sent_found_and_read(house: House) -> None:
    headers = bearer(house, READ, WRITE)
    sent = bulk(house, headers, WELD, {**WELD, "code": "ก-๑", "title_th": "กอไก่", "title_en": None})
    assert sent["counts"] == {"new": 2, "changed": 0, "unchanged": 0, "refused": 0}
    assert [each["code"] for each in sent["results"]] == ["20103-2001", "ก-1"]
    assert bulk(house, headers, WELD)["counts"]["unchanged"] == 1
    page = get(house, "courses", headers, q="เชือมโลหะ").get_json()
    assert schemas.CoursePageSchema().validate(page) == {}
    assert page["items"][0]["code"] == WELD["code"]
    assert get(house, "courses", headers, q="welding", sector="informal").get_json()["items"] == []
    shown = call(house, "GET", ONE, headers)
    assert schemas.CourseViewSchema().validate(shown.get_json()) == {}
    told = shown.get_json()
    assert (told["hours"], told["hours_practice"], told["outcomes"]) == (54, 36, WELD["outcomes"])
    assert (told["owner_name"]["th"], told["revision"], told["counts_for"]) == (f"โรงเรียน {SCHOOL}", 1, [])
    assert call(house, "GET", f"courses/{SCHOOL}/ก-1/2567", headers).get_json()["title_th"] == "กอไก่"
    assert call(house, "GET", "courses/nobody/x/2567", headers).status_code == 404


def test_the_list_is_read_page_by_page_and_by_what_counts(house: House) -> None:
    headers = bearer(house, READ, WRITE)
    bulk(house, headers, *({**WELD, "code": f"9-{number}"} for number in range(5)))
    seen: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = get(house, "courses", headers, limit="2", owner=SCHOOL, **cursor).get_json()
        seen += [each["code"] for each in page["items"]]
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}
    assert seen == [f"9-{number}" for number in range(5)]
    assert get(house, "courses", headers, limit="2", **cursor).get_json()["code"] == "parameter_invalid"
    for closed in ("level_group", "sector"):
        refused = get(house, "courses", headers, **{closed: "nursery"})
        assert (refused.status_code, refused.get_json()["errors"][0]["field"]) == (400, closed)
    for query in ({"counts": "true"}, {"bank": BANK}, {"counts": "true", "q": "ไทย"}):
        assert [each["code"] for each in get(house, "courses", headers, **query).get_json()["items"]] == [CODE]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"level_group": "nursery"}, "level_group"),
        ({"counts": "1"}, "counts"),
        ({"q": "x" * 201}, "q"),
        ({"limit": "0"}, "limit"),
        ({"cursor": "x"}, "cursor"),
    ],
)
def test_what_cannot_be_asked_is_a_problem(house: House, query: dict[str, str], field: str) -> None:
    answer = get(house, "courses", bearer(house, READ), **query)
    assert (answer.status_code, answer.get_json()["errors"][0]["field"]) == (400, field)


def test_a_course_says_what_it_counts_for_and_answers_304_while_nothing_changed(house: House) -> None:
    headers = bearer(house, READ)
    path = f"courses/national/{CODE}/2551"
    first = call(house, "GET", path, headers)
    [counts] = first.get_json()["counts_for"]
    assert (counts["credits"], counts["in_force"], counts["banks"][0]["code"]) == ("1.50", True, BANK)
    assert [each["code"] for each in counts["outcomes"]] == ["ท 1.1", "ท 2.1"]
    tag = first.headers["ETag"]
    again = call(house, "GET", path, headers, If_None_Match=tag)
    assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", tag)
    adopt(house, None, body=PROVINCE, bank=f"B-{OTHER_SCHOOL}")
    changed = call(house, "GET", path, headers, If_None_Match=tag)
    assert changed.status_code == 200
    assert [each["standing"] for each in changed.get_json()["counts_for"][0]["banks"]] == [False, True]


def test_two_systems_never_overwrite_each_other(house: House) -> None:
    headers = bearer(house, READ, WRITE)
    said = {name: value for name, value in WELD.items() if name not in ("owner", "code", "version")}
    made = call(house, "PUT", ONE, headers, said)
    assert (made.status_code, made.get_json()["state"], made.get_json()["revision"]) == (200, "new", 1)
    assert call(house, "PUT", ONE, headers, said).status_code == 428
    tag = call(house, "GET", ONE, headers).headers["ETag"]
    edited = call(house, "PUT", ONE, headers, {**said, "title_th": "งานเชื่อม"}, If_Match=tag)
    assert (edited.status_code, edited.get_json()["state"], edited.headers["ETag"]) == (200, "changed", '"2"')
    late = call(house, "PUT", ONE, headers, {**said, "title_th": "อื่น"}, If_Match=tag)
    assert (late.status_code, late.get_json()["code"]) == (412, "changed_meanwhile")
    by_field = call(house, "PUT", ONE, headers, {**said, "title_th": "อื่น", "revision": 1})
    assert (by_field.status_code, by_field.get_json()["code"]) == (409, "changed_meanwhile")
    assert call(house, "PUT", ONE, headers, said, If_Match="*").status_code == 412
    assert call(house, "PUT", ONE, headers, said, If_Match="").status_code == 428
    assert call(house, "PUT", ONE, headers, {**said, "revision": "2"}).status_code == 422
    assert call(house, "PUT", f"courses/{SCHOOL}/9-9/2567", headers, said, If_Match='"1"').status_code == 404
    less = call(house, "PUT", ONE, headers, {**said, "title_en": None, "outcomes": [], "revision": 2})
    assert less.get_json()["revision"] == 3
    shown = call(house, "GET", ONE, headers).get_json()
    assert (shown["title_th"], shown["title_en"], shown["outcomes"]) == (WELD["title_th"], None, [])
    assert [(each["revision"], each["changed"]) for each in shown["revisions"]] == [
        (3, ["title_th", "title_en", "outcomes"]),
        (2, ["title_th"]),
        (1, []),
    ]
    assert shown["revisions"][1]["values"]["title_th"] == "งานเชื่อม"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"title_th": " "}, "title_th"),
        ({"code": 200}, "code"),
        ({"version": "2024"}, "version"),
        ({"sector": "basic"}, "sector"),
        ({"level_group": "nursery"}, "level_group"),
        ({"hours_theory": -1}, "hours_theory"),
        ({"hours_theory": True}, "hours_theory"),
        ({"outcomes": [1]}, "outcomes"),
        ({"description": {"th": "x"}}, "description"),
        ({"province": "ดาวอังคาร"}, "province"),
        ({"owner": "nobody"}, "owner"),
        ({"owner": OTHER_SCHOOL}, "owner"),
        ({"owner": PROVINCE}, "owner"),
        ({"owner": "national"}, "owner"),
        ({"owner": None}, "owner"),
        ({"colour": "red"}, "colour"),
        ({"code": "TH-101"}, "code"),
    ],
)
def test_a_bad_course_is_refused_in_its_place_and_the_good_ones_are_entered(
    house: House, change: dict[str, Any], field: str
) -> None:
    aliases.alias(house.runtime, "TH-101", CODE)
    headers = bearer(house, READ, WRITE)
    sent = bulk(house, headers, {**WELD, **change}, {**WELD, "code": "20103-2002"})
    assert [each["state"] for each in sent["results"]] == ["refused", "new"]
    assert [each["field"] for each in sent["results"][0]["errors"]] == [field]
    assert "errors" in sent["results"][0]
    codes = [each["code"] for each in get(house, "courses", headers, owner=SCHOOL).get_json()["items"]]
    assert codes == ["20103-2002"]


def test_a_province_enters_its_schools_courses_and_its_own(house: House) -> None:
    headers = bearer(house, READ, WRITE, organisation=PROVINCE)
    own = {name: value for name, value in WELD.items() if name not in ("owner", "province")}
    sent = bulk(house, headers, WELD, own, {**own, "owner": "national"}, "nonsense", {**WELD, "title_th": "อื่น"})
    told = [(each["state"], each["owner"]) for each in sent["results"]]
    assert told == [("new", SCHOOL), ("new", PROVINCE), ("refused", None), ("refused", None), ("refused", None)]
    assert sent["results"][1]["errors"] == []
    shown = call(house, "GET", f"courses/{PROVINCE}/20103-2001/2567", headers).get_json()
    assert shown["province"] == "51"


def test_what_a_course_does_not_name_stays(house: House) -> None:
    headers = bearer(house, READ, WRITE)
    bulk(house, headers, WELD)
    needed = {name: WELD[name] for name in ("owner", "code", "version", "title_th", "level_group", "sector")}
    assert bulk(house, headers, needed)["counts"]["unchanged"] == 1
    assert bulk(house, headers, {**needed, "hours_practice": 54})["counts"]["changed"] == 1
    shown = call(house, "GET", ONE, headers).get_json()
    assert (shown["title_en"], shown["hours"], shown["outcomes"]) == ("Basic welding", 72, WELD["outcomes"])


@pytest.mark.parametrize(
    ("body", "media", "status", "code"),
    [
        (b"[1", "application/json", 400, "not_json"),
        (b"1", "application/json", 400, "not_json"),
        (b'{"courses": 1}', "application/json", 422, "invalid"),
        (b"{}", "application/json", 422, "invalid"),
        (b"{}", "text/plain", 415, "wrong_media_type"),
        (json.dumps([{}] * 1001).encode(), "application/json", 413, "too_many"),
        (b'{"courses": [' + b" " * 5_000_001 + b"]}", "application/json", 413, "too_large"),
        (b'{"courses": []}', "application/json", 200, None),
    ],
)
def test_bodies_that_cannot_be_taken(house: House, body: bytes, media: str, status: int, code: str | None) -> None:
    headers = bearer(house, WRITE)
    answer = house.app.test_client().post(f"{API}/courses:bulk", data=body, headers=headers, content_type=media)
    assert (answer.status_code, answer.get_json().get("code")) == (status, code)


@pytest.mark.parametrize("body", [b"{", b"[]", b'{"a": 1, "a": 2}'])
def test_one_course_that_is_no_object_of_json_is_refused_as_every_body_is(house: House, body: bytes) -> None:
    headers = bearer(house, WRITE)
    answer = house.app.test_client().put(f"{API}/{ONE}", data=body, headers=headers, content_type="application/json")
    assert (answer.status_code, answer.get_json()["code"]) == (400, "not_json")


ROUTES = (("GET", "courses", READ), ("GET", ONE, READ), ("PUT", ONE, WRITE), ("POST", "courses:bulk", WRITE))


def test_nobody_and_no_other_scope_gets_in_and_nobody_writes_for_others(house: House) -> None:
    read_write = bearer(house, READ, WRITE)
    bulk(house, read_write, WELD)
    for method, path, scope in ROUTES:
        assert call(house, method, path, {}, {}).status_code == 401
        others = bearer(house, *(each for each in SCOPES if each != scope))
        assert call(house, method, path, others, {}).status_code == 403
    stranger = bearer(house, READ, WRITE, organisation=OTHER_SCHOOL)
    edited = call(house, "PUT", ONE, stranger, {**WELD, "title_th": "ของเขา", "revision": 1})
    assert (edited.status_code, edited.get_json()["code"]) == (403, "not_yours")
    assert bulk(house, stranger, {**WELD, "title_th": "ของเขา"})["counts"]["refused"] == 1
    assert call(house, "GET", ONE, stranger).get_json()["title_th"] == WELD["title_th"]
