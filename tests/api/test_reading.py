"""Lists and single things: pages, cursors, parameters; and answers that are what the document says."""

import pytest

from creditbank_plugin.api import schemas
from tests.api.builders import bearer, completion, get, make_house, send
from tests.builders import ISSUER, add_course, adopt, compare


def test_events_are_read_page_by_page_newest_first(place):
    house = make_house(place)
    headers = bearer(house)
    sent = [completion(number, course={"code": "none"}) for number in range(5)]
    ids = [each["event_id"] for each in send(house, headers, sent).get_json()["events"]]
    seen, cursor = [], {}
    for expected in (2, 2, 1):
        page = get(house, "events", headers, limit="2", **cursor).get_json()
        assert set(page) == {"items", "next"}
        assert len(page["items"]) == expected
        seen += [each["event_id"] for each in page["items"]]
        cursor = {"cursor": page["next"]}
    assert page["next"] is None
    assert sorted(seen) == sorted(ids)
    assert seen == sorted(seen, reverse=True)


def test_events_are_listed_by_state(place):
    house = make_house(place)
    headers = bearer(house)
    send(house, headers, [completion(1), completion(2, score=10), completion(3, course={"code": "none"})])
    for state in ("credited", "withheld", "waiting"):
        assert [each["state"] for each in get(house, "events", headers, state=state).get_json()["items"]] == [state]
    assert get(house, "events", headers, state="parked").get_json() == {"items": [], "next": None}


def test_personal_fields_are_redacted(place):
    house = make_house(place)
    headers = bearer(house)
    learner = {"id": "s-1", "issuer": ISSUER, "name": "นักเรียนทดลอง", "national_id": "G123456789012"}
    told = send(house, headers, completion(learner={**learner, "birth_date": "2010-05-16"})).get_json()["events"][0]
    answer = get(house, f"events/{told['event_id']}", headers)
    shown = answer.get_json()["tiding"]["learner"]
    assert (shown["id"], shown["name"], shown["national_id"]) == ("s-1", "[redacted]", "[redacted]")
    for secret in ("นักเรียนทดลอง", "G123456789012", "2010-05-16"):
        assert secret not in answer.get_data(as_text=True)


def test_a_learners_records_are_read_page_by_page(place):
    house = make_house(place)
    headers = bearer(house)
    codes = [f"ท2120{number}" for number in range(3)]
    for code in codes:
        adopt(house, compare(house, add_course(house, code)))
    sent = [{**completion(1, course={"code": code}), "id": code} for code in codes]
    send(house, headers, sent)
    learner = get(house, "learners", headers, issuer=ISSUER, id="s-1").get_json()["items"][0]
    path = f"learners/{learner['id']}/credits"
    first = get(house, path, headers, limit="2").get_json()
    rest = get(house, path, headers, limit="2", cursor=first["next"]).get_json()
    assert first["learner_id"] == learner["id"]
    assert first["balances"] == rest["balances"]
    assert first["balances"][0] == {
        "scheme": "basic",
        "available": "4.50",
        "held": "0.00",
        "redeemed": "0.00",
        "under_review": "0.00",
    }
    assert sorted(each["course"]["code"] for each in first["items"] + rest["items"]) == codes
    assert rest["next"] is None


def test_a_page_may_hold_a_thousand(place):
    house = make_house(place)
    headers = bearer(house)
    for limit in ("1", "201", "1000"):
        assert get(house, "events", headers, limit=limit).status_code == 200


def test_an_empty_parameter_is_none(place):
    house = make_house(place)
    headers = bearer(house)
    assert (
        get(house, "events", headers, state="", cursor="", limit="").get_json()
        == get(house, "events", headers).get_json()
    )


@pytest.mark.parametrize(
    ("path", "query", "field"),
    [
        ("events", {"limit": "0"}, "limit"),
        ("events", {"limit": "1001"}, "limit"),
        ("events", {"limit": "๑๐"}, "limit"),
        ("events", {"limit": "-1"}, "limit"),
        ("events", {"limit": "9" * 5000}, "limit"),
        ("events", {"cursor": "x"}, "cursor"),
        ("events", {"cursor": "ก"}, "cursor"),
        ("events", {"cursor": "AAAAAAAAMDE5MzA4YTAtNmQyZS03YzExLTlhNTUtMGQ2ZjBhMmIzYzQx"}, "cursor"),
        ("events", {"state": "gone"}, "state"),
        ("learners", {"id": "1"}, "issuer"),
        ("learners", {"issuer": ISSUER}, "id"),
        ("learners", {"issuer": ISSUER, "id": "a\x00"}, "id"),
        ("learners", {"issuer": ISSUER, "id": "a" * 300}, "id"),
    ],
)
def test_a_parameter_that_makes_no_sense_is_named(place, path, query, field):
    house = make_house(place)
    answer = get(house, path, bearer(house), **query)
    assert answer.status_code == 400
    assert [each["field"] for each in answer.get_json()["errors"]] == [field]


def test_a_cursor_belongs_to_its_list(place):
    house = make_house(place)
    headers = bearer(house)
    send(house, headers, [completion(1), completion(2)])
    cursor = get(house, "events", headers, limit="1").get_json()["next"]
    learner = get(house, "learners", headers, issuer=ISSUER, id="s-1").get_json()["items"][0]["id"]
    assert get(house, f"learners/{learner}/credits", headers, cursor=cursor).status_code == 400


@pytest.mark.parametrize("path", ["events/x", "events/ก", "learners/x/credits", "records/" + "0" * 36])
def test_what_is_not_there_is_not_found(place, path):
    house = make_house(place)
    answer = get(house, path, bearer(house))
    assert (answer.status_code, answer.get_json()["code"]) == (404, "not_found")


def test_answers_are_what_the_document_says(place):
    house = make_house(place)
    headers = bearer(house)
    batch = [completion(1, grade="4"), completion(2, score=101), completion(3, course={"code": "none"})]
    sent = send(house, headers, batch).get_json()
    told = sent["events"][0]
    learner = get(house, "learners", headers, issuer=ISSUER, id="s-1").get_json()
    person = learner["items"][0]["id"]
    for schema, answer in (
        (schemas.AcceptedSchema, sent),
        (schemas.EventSchema, get(house, f"events/{told['event_id']}", headers).get_json()),
        (schemas.EventPageSchema, get(house, "events", headers).get_json()),
        (schemas.LearnerListSchema, learner),
        (schemas.CreditsSchema, get(house, f"learners/{person}/credits", headers).get_json()),
        (schemas.RecordSchema, get(house, f"records/{told['record_id']}", headers).get_json()),
        (schemas.ProblemSchema, get(house, "records/x", headers).get_json()),
        (schemas.ProblemSchema, send(house, headers, completion(score=101)).get_json()),
    ):
        assert schema().validate(answer) == {}, schema.__name__
