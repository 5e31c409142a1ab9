"""Many rows at once come back as they were handed over, and fail as any INSERT fails."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from creditbank_plugin.storage.base import new_id
from creditbank_plugin.storage.queries.bulk import insert_many, insert_many_new, insert_mostly_new
from creditbank_plugin.storage.queries.writes import insert_all, table_of
from creditbank_plugin.storage.session import open_engine, reading, writing
from creditbank_plugin.storage.tables import Inbox, News

AWKWARD = "ก\t\\N \\ \"' \u2028 \U0001f600 \\t"


def message(**more: Any) -> dict[str, Any]:
    bangkok = timezone(timedelta(hours=7))
    return {
        "id": new_id(),
        "door": "events",
        "kind": "k",
        "message_id": AWKWARD,
        "source": None,
        "message_key": b"\x00\\\xff",
        "conflicts_with": None,
        "digest": bytes(range(256)),
        "issuer": "i\n",
        "learner": "l\r",
        "partition": 7,
        "course_code": None,
        "facts": {"text": AWKWARD, "nothing": None, "number": 1.5, "list": [True, "\x00\x1f"]},
        "sealed": None,
        "sealed_fields": None,
        "time": datetime(2026, 3, 1, 9, 0, 0, 5, tzinfo=bangkok),
        "client_id": None,
        "organisation_code": None,
        "school_code": None,
        "may_open": True,
        "received_at": datetime(1999, 12, 31, 23, 59, 59, tzinfo=UTC),
        **more,
    }


def test_every_kind_of_value_comes_back(url: str) -> None:
    engine = open_engine(url)
    one, two = message(), message(message_key=None, may_open=False, digest=b"2")
    with writing(engine) as connection:
        insert_many(connection, Inbox, [one, two])
        insert_many(connection, Inbox, [])
    with reading(engine) as connection:
        rows = connection.execute(table_of(Inbox).select().order_by(Inbox.id)).all()
    assert [dict(row._mapping) for row in rows] == [one, two]


def test_a_row_stands_as_the_usual_way_would_write_it(url: str) -> None:
    """Whatever reads the table, a host's report or a copy, finds no difference."""
    engine = open_engine(url)
    quick, usual = message(message_key=b"1"), message(message_key=b"2")
    with writing(engine) as connection:
        insert_many(connection, Inbox, [quick])
        insert_all(connection, Inbox, [usual])
        columns = "time, received_at, may_open, digest, learner"
        rows = connection.exec_driver_sql(f"select {columns} from creditbank_inbox").all()
    assert rows[0] == rows[1]


def test_a_json_text_that_is_ready_stands_as_it_is(url: str) -> None:
    engine, text = open_engine(url), '{"b":1,  "a":"\\u0e01\\\\"}'
    row = {"commit_order": 1, "number": 0, "id": new_id(), "hook": "h", "account_id": None, "value": text}
    with writing(engine) as connection:
        insert_many(connection, News, [row])
        assert connection.scalar(select(News.value)) == {"b": 1, "a": "ก\\"}
        assert str(connection.exec_driver_sql("select cast(value as text) from creditbank_news").scalar()) == text


def test_a_row_that_stands_already_is_refused_as_usual(url: str) -> None:
    engine = open_engine(url)
    row = {"commit_order": 1, "number": 0, "id": new_id(), "hook": "h", "account_id": None, "value": {}}
    with pytest.raises(IntegrityError), writing(engine) as connection:
        insert_many(connection, News, [row, row])
    with reading(engine) as connection:
        assert connection.execute(table_of(News).select()).all() == []


def test_a_moment_without_a_zone_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="time zone"), writing(open_engine(url)) as connection:
        insert_many(connection, Inbox, [message(time=datetime(2026, 3, 1))])  # noqa: DTZ001 - that is the point


@pytest.mark.parametrize("insert", [insert_many_new, insert_mostly_new])
def test_rows_whose_key_stands_are_left_out_and_the_rest_is_written(url: str, insert: Any) -> None:
    engine = open_engine(url)
    first, again, other = (
        message(message_key=key, digest=digest) for key, digest in ((b"1", b"1"), (b"1", b"2"), (b"2", b"3"))
    )
    with writing(engine) as connection:
        insert(connection, Inbox, [first], ("message_key",))
        insert(connection, Inbox, [again, other, message(message_key=b"2")], ("message_key",))
        insert(connection, Inbox, [], ("message_key",))
        assert set(connection.scalars(select(Inbox.id))) == {first["id"], other["id"]}


def test_a_key_that_stands_costs_the_transaction_nothing_of_what_it_did_before(url: str) -> None:
    engine = open_engine(url)
    news = {"commit_order": 1, "number": 0, "id": new_id(), "hook": "h", "account_id": None, "value": {}}
    with writing(engine) as connection:
        insert_many(connection, Inbox, [message(message_key=b"1")])
    with writing(engine) as connection:
        insert_many(connection, News, [news])
        insert_mostly_new(connection, Inbox, [message(message_key=b"1"), message(message_key=b"2")], ("message_key",))
    with reading(engine) as connection:
        assert len(connection.execute(table_of(News).select()).all()) == 1
        assert len(connection.execute(table_of(Inbox).select()).all()) == 2
