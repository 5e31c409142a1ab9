"""CloudEvents 1.0 structured JSON: what is read, what is refused, what is ignored."""

import base64
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from creditbank_hooks.checks import TidingError
from creditbank_hooks.tidings import CourseCompleted
from creditbank_plugin.formats.cloudevents import (
    BATCH,
    SINGLE,
    Batch,
    Message,
    NotACloudEvent,
    Single,
    TooMany,
    WrongMediaType,
    read,
    translate,
)

FIXTURES = Path(__file__).parents[2].parent / "shared" / "fixtures"
DATA = {
    "learner": {"id": "s-1", "issuer": "https://lms.example.org", "name": "นักเรียนทดลอง 1"},
    "course": {"code": "ว21101"},
    "completed_at": "2026-03-31T16:00:00+07:00",
}


def event(**changes: Any) -> dict[str, Any]:
    sound = {"specversion": "1.0", "id": "e-1", "source": "/lms", "type": "lms.course.completed.v1", "data": DATA}
    return {name: value for name, value in (sound | changes).items() if value is not ...}


def one(body: Any, content_type: str = SINGLE) -> Message:
    got = read(body if isinstance(body, bytes) else json.dumps(body).encode(), content_type)
    assert isinstance(got, Single)
    return got.message


def test_a_completion_is_read() -> None:
    message = one(event(time="2026-03-31T17:00:00+07:00", subject="s-1"), SINGLE + "; charset=UTF-8")
    assert (message.id, message.source, message.subject) == ("e-1", "/lms", "s-1")
    tiding = translate(message)
    assert isinstance(tiding, CourseCompleted)
    assert (tiding.event_id, tiding.source, tiding.course.code) == ("e-1", "/lms", "ว21101")
    assert tiding.time == datetime(2026, 3, 31, 10, tzinfo=UTC)
    assert "ทดลอง" not in repr(message)


def test_data_may_come_in_base64() -> None:
    packed = base64.b64encode(json.dumps(DATA).encode()).decode()
    message = one(event(data=..., data_base64=packed, datacontenttype="application/json; charset=utf-8"))
    assert translate(message) == translate(one(event()))


def test_another_type_is_none_of_ours_whatever_it_carries() -> None:
    assert translate(one(event(type="org.example.other", data="<a/>", datacontenttype="text/xml", time="soon"))) is None


@pytest.mark.parametrize(
    ("body", "code", "field"),
    [
        (b"", "not_json", None),
        (b"{", "not_json", None),
        (b'{"id": NaN}', "not_json", None),
        (b'{"id": -Infinity}', "not_json", None),
        (b'{"id": 1e999}', "not_json", None),
        (b'{"id": ' + b"9" * 5000 + b"}", "not_json", None),
        (b'{"id": "\xff"}', "not_json", None),
        (b'{"id": "\\ud800"}', "not_json", None),
        (b'{"\\udfff": 1}', "not_json", None),
        (b'{"id": "1", "id": "2"}', "not_json", None),
        (b"[" * 100_000, "not_json", None),
        (b"[" * 200 + b"]" * 200, "not_json", None),
        (b'"text"', "not_an_object", None),
        ([event()], "not_an_object", None),
        (event(specversion=...), "specversion", "specversion"),
        (event(specversion="0.3"), "specversion", "specversion"),
        (event(specversion=1.0), "specversion", "specversion"),
        (event(id=...), "attribute_missing", "id"),
        (event(id=""), "attribute_invalid", "id"),
        (event(id=7), "attribute_invalid", "id"),
        (event(id="x" * 256), "attribute_invalid", "id"),
        (event(id="a\u0000b"), "attribute_invalid", "id"),
        (event(source=None), "attribute_missing", "source"),
        (event(source=[]), "attribute_invalid", "source"),
        (event(type="  "), "attribute_invalid", "type"),
        (event(type=...), "attribute_missing", "type"),
    ],
)
def test_no_cloud_event(body: Any, code: str, field: str | None) -> None:
    with pytest.raises(NotACloudEvent) as refused:
        one(body)
    assert (refused.value.code, refused.value.field) == (code, field)
    assert any("ก" <= sign <= "๛" for sign in refused.value.th)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"data": ...}, "data"),
        ({"data": "text"}, "data"),
        ({"data": {}}, "learner"),
        ({"time": "yesterday"}, "time"),
        ({"time": 17}, "time"),
        ({"time": "2026-03-31T16:00:00"}, "time"),
        ({"datacontenttype": "text/xml"}, "datacontenttype"),
        ({"datacontenttype": 3}, "datacontenttype"),
        ({"data_base64": "e30="}, "data_base64"),
        ({"data": ..., "data_base64": "%%"}, "data_base64"),
        ({"data": ..., "data_base64": "e"}, "data_base64"),
        ({"data": ..., "data_base64": "é"}, "data_base64"),
        ({"data": ..., "data_base64": 5}, "data_base64"),
        ({"data": ..., "data_base64": base64.b64encode(b"{").decode()}, "data_base64"),
    ],
)
def test_an_event_with_unusable_data_names_the_field(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(TidingError) as refused:
        translate(one(event(**changes)))
    assert refused.value.field == field


@pytest.mark.parametrize(
    "content_type", ["", "application/json", SINGLE + "; charset=tis-620", "application/cloudevents", "text/plain"]
)
def test_the_media_type_is_one_of_two(content_type: str) -> None:
    with pytest.raises(WrongMediaType):
        read(b"{}", content_type)


def test_a_bad_item_keeps_its_place_and_the_others_go_on() -> None:
    got = read(json.dumps([event(), 7, event(id="e-3", specversion="2"), event(id="e-4")]).encode(), BATCH)
    assert isinstance(got, Batch)
    assert [item.id for item in got.items] == ["e-1", None, "e-3", "e-4"]
    assert [item.error is None for item in got.items] == [True, False, False, True]
    assert [item.message is None for item in got.items] == [False, True, True, False]
    assert got.items[2].source == "/lms"


def test_a_batch_is_a_list_of_at_most_a_thousand() -> None:
    assert read(b"[]", BATCH) == Batch(())
    with pytest.raises(NotACloudEvent) as refused:
        read(json.dumps(event()).encode(), BATCH)
    assert refused.value.code == "not_a_list"
    full = read(json.dumps([event()] * 1000).encode(), BATCH)
    assert isinstance(full, Batch)
    assert len(full.items) == 1000
    with pytest.raises(TooMany):
        read(json.dumps([event()] * 1001).encode(), BATCH)


def test_the_attributes_of_the_published_schema_are_accepted() -> None:
    schema = FIXTURES / "cloudevents" / "cloudevents.json"
    if not schema.exists():
        pytest.skip(f"the CloudEvents schema is not at {schema}")
    properties = json.loads(schema.read_text("utf-8"))["properties"]
    for source in properties["source"]["examples"]:
        for name in properties["id"]["examples"]:
            assert one(event(id=name, source=source)).source == source
