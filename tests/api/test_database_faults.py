"""A database that dies, refuses or only reads is a 503 at every door, and found again without a restart."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Connection, event
from werkzeug.test import TestResponse

from creditbank_hooks import HostUser
from creditbank_plugin.services.access.clients import NewClient
from creditbank_plugin.storage.upgrade import downgrade
from tests import postgres
from tests.api.builders import ask_token, basic, bearer, completion, get, make_client, make_house, send
from tests.builders import ISSUER, House, Place

STATEMENT = {
    "actor": {"account": {"homePage": ISSUER, "name": "7"}},
    "verb": {"id": "http://adlnet.gov/expapi/verbs/experienced"},
    "object": {"id": f"{ISSUER}/course/view.php?id=4"},
}
Ask = Callable[[], list[TestResponse]]


def doors(house: House) -> Ask:
    """Every kind of door, asked with one call: two that write, then a list, a page, and the token endpoint."""
    token, client = bearer(house), make_client(house)
    house.user.now = HostUser(id="1", roles=frozenset({"admin"}))
    return lambda: [
        send(house, token, completion()),
        _statements(house, client),
        get(house, "events", token),
        house.app.test_client().get("/creditbank/admin/inbox"),
        ask_token(house, client),
    ]


def _statements(house: House, client: NewClient) -> TestResponse:
    headers = {**basic(client), "X-Experience-API-Version": "1.0.3"}
    return house.app.test_client().post("/creditbank/xapi/statements", json=[STATEMENT], headers=headers)


def _unavailable(answers: list[TestResponse]) -> None:
    kinds = [
        "application/problem+json",
        "application/json",
        "application/problem+json",
        "text/html",
        "application/json",
    ]
    assert [each.status_code for each in answers] == [503] * 5
    assert [each.mimetype for each in answers] == kinds
    assert all(int(each.headers["Retry-After"]) > 0 for each in answers)
    assert all("Traceback" not in each.get_data(as_text=True) for each in answers)


WELL = [202, 200, 200, 200, 200]


def test_a_postgresql_that_ends_every_connection_and_takes_no_new_one(
    make_url: Callable[..., str], postgres_server: postgres.Server, tmp_path: Path
) -> None:
    house = make_house(Place(tmp_path, make_url("postgresql")))
    name, ask = house.runtime.engine.url.database, doors(house)
    assert [each.status_code for each in ask()] == WELL
    end = f"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{name}'"
    postgres_server.execute(f"alter database {name} allow_connections false")
    postgres_server.execute(end)
    _unavailable(ask())
    postgres_server.execute(f"alter database {name} allow_connections true")
    assert [each.status_code for each in ask()] == WELL
    postgres_server.execute(end)
    assert [each.status_code for each in ask()] == WELL, "a connection that is gone is replaced unseen"


def test_no_connection_is_free(make_url: Callable[..., str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    house = make_house(Place(tmp_path, make_url("postgresql")))
    ask, engine = doors(house), house.runtime.engine
    monkeypatch.setattr(engine.pool, "_timeout", 0.05)
    held = [engine.connect() for _ in range(15)]
    _unavailable(ask())
    for each in held:
        each.close()
    assert [each.status_code for each in ask()] == WELL


@contextmanager
def only_reading(house: House) -> Iterator[None]:
    """Let the database refuse to write, as a standby of PostgreSQL or an SQLite file on a read-only disk does."""
    engine = house.runtime.engine
    said = "PRAGMA query_only = ON" if engine.dialect.name == "sqlite" else "SET TRANSACTION READ ONLY"

    def refuse(connection: Connection) -> None:
        connection.exec_driver_sql(said)

    event.listen(engine, "begin", refuse)
    yield
    event.remove(engine, "begin", refuse)
    engine.dispose()


def test_a_database_that_only_reads_answers_readers_and_refuses_writers(place: Place) -> None:
    house = make_house(place)
    ask = doors(house)
    with only_reading(house):
        answers = ask()
        assert [each.status_code for each in answers] == [503, 503, 200, 200, 503]
        assert answers[0].get_json()["code"] == "database_unavailable"
        assert answers[4].get_json() == {"error": "temporarily_unavailable"}
    assert [each.status_code for each in ask()] == WELL


def test_tables_of_another_version_are_a_database_that_is_away(place: Place) -> None:
    """While an installation is brought up: also on PostgreSQL, where a missing table is no error of operation."""
    house = make_house(place)
    ask, engine = doors(house), house.runtime.engine
    downgrade(engine, "base")
    _unavailable(ask())
