"""Request ids, sizes, announced ends, times and dates: what holds for every route."""

import logging
import re
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import pytest
from flask import Flask, Response

from creditbank_plugin.api import conduct, ending, guard, shapes
from creditbank_plugin.api.blueprint import NAME
from creditbank_plugin.api.ending import Ending
from creditbank_plugin.api.schemas import LearnerListSchema
from creditbank_plugin.machines import LARGEST_HEADERS, LONGEST_ADDRESS
from tests.api.builders import API, basic, bearer, get, make_client, make_house, send
from tests.builders import House, Place


@pytest.fixture(scope="module")
def house(shared_place: Place) -> House:
    return make_house(shared_place)


def test_a_request_keeps_its_id_in_header_problem_and_log(house, caplog):
    caplog.set_level(logging.INFO)
    headers = {**bearer(house), "X-Request-Id": "agency-7f3a9c"}
    answers = (
        get(house, "events", headers),
        get(house, "events/x", headers),
        get(house, "nothing", headers),
        send(house, headers, b"{"),
        get(house, "events", {"X-Request-Id": "agency-7f3a9c"}),
    )
    for answer in answers:
        assert answer.headers["X-Request-ID"] == "agency-7f3a9c"
        if answer.status_code >= 400:
            assert answer.get_json()["request_id"] == "agency-7f3a9c"
    assert caplog.text.count("request_id=agency-7f3a9c") >= len(answers)


@pytest.mark.parametrize("sent", ["short", "x" * 65, "a b c d e f", "1103700123456", "line\tline", "ก" * 9])
def test_an_id_that_is_not_fit_is_replaced(house, sent):
    answer = get(house, "events", {"X-Request-Id": sent.encode().decode("latin-1")})
    assert re.fullmatch(r"[0-9a-f]{32}", answer.headers["X-Request-ID"])
    assert answer.get_json()["request_id"] == answer.headers["X-Request-ID"]


def test_what_is_too_long_is_refused_before_it_is_read(house):
    headers, client = bearer(house), make_client(house)
    long = get(house, "events", headers, q="x" * LONGEST_ADDRESS)
    assert (long.status_code, long.get_json()["code"]) == (414, "address_too_long")
    heavy = {**headers, **{f"X-Extra-{n}": "x" * 4000 for n in range(LARGEST_HEADERS // 4000 + 1)}}
    large = get(house, "events", heavy)
    assert (large.status_code, large.get_json()["code"]) == (431, "headers_too_large")
    form = {"grant_type": "client_credentials"}
    token = house.app.test_client().post("/creditbank/oauth/token", data=form, headers={**heavy, **basic(client)})
    assert (token.status_code, token.get_json()) == (431, {"error": "invalid_request"})
    assert get(house, "events", headers, q="x" * 4000).status_code == 200


def test_an_operation_that_will_end_says_so_on_every_answer():
    told = Ending(since=date(2027, 1, 1), until=date(2028, 1, 1), successor=f"{API}/new")
    app = Flask("host")
    with app.test_request_context("/"):
        ending.announce(told)
        answer = ending.dress(Response())
    assert answer.headers["Deprecation"] == "@1798761600"
    assert answer.headers["Sunset"] == "Sat, 01 Jan 2028 00:00:00 GMT"
    assert answer.headers["Link"] == f'<{API}/new>; rel="successor-version"'
    with app.test_request_context("/"):
        ending.announce(None)
        assert "Deprecation" not in ending.dress(Response()).headers


def test_a_route_that_ends_tells_it_with_good_answers_and_bad_ones(house, monkeypatch):
    told = Ending(since=date(2027, 1, 1), until=date(2028, 1, 1))
    view = conduct.conducted(lambda: shapes.answer({"items": [], "next": None}), LearnerListSchema, ends=told)
    monkeypatch.setitem(house.app.view_functions, f"{NAME}.list_frameworks", guard.scope("catalogue:read")(view))
    headers = bearer(house, "catalogue:read")
    answers = get(house, "frameworks", headers), get(house, "frameworks", headers, fields="nothing")
    assert [each.status_code for each in answers] == [200, 400]
    for answer in answers:
        assert answer.headers["Deprecation"].startswith("@")
        assert "2028" in answer.headers["Sunset"]
    assert "Sunset" not in get(house, "frameworks").headers


def test_nobody_is_given_less_than_a_year():
    with pytest.raises(ValueError, match="365"):
        Ending(since=date(2027, 1, 1), until=date(2027, 12, 31))


def _walk(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, each in value.items():
            yield from _walk(each, key)
    elif isinstance(value, list):
        for each in value:
            yield from _walk(each, name)
    elif isinstance(value, str):
        yield name, value


def _examples(node: Any, place: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(node, dict):
        for key, each in node.items():
            if key == "example":
                yield place, each
            elif key != "examples":
                yield from _examples(each, f"{place}/{key}")
    elif isinstance(node, list):
        for each in node:
            yield from _examples(each, place)


def test_times_of_every_example_are_utc_with_offset_and_days_are_iso(house):
    document = house.app.test_client().get("/creditbank/api/openapi.json").get_json()
    times = days = 0
    for place, example in _examples(document["paths"]):
        for name, text in _walk(example):
            if re.match(r"\d{4}-\d\d-\d\dT", text) or name.endswith("_at"):
                moment = datetime.fromisoformat(text)
                assert moment.tzinfo is not None, (place, name, text)
                answered = "/responses/" in place and "xapi" not in place
                assert not answered or text.endswith(("Z", "+00:00")), (place, name, text)
                times += 1
            elif name.endswith("_on") or name in (
                "day",
                "applies_from",
                "applies_until",
                "ended_from",
                "comment_until",
            ):
                date.fromisoformat(text)
                assert re.fullmatch(r"\d{4}-\d\d-\d\d", text), (place, name, text)
                days += 1
    assert times > 30
    assert days > 20
