"""The benchmarks run: each program at its smallest says all its figures.  Nothing here looks at how fast anything was.

And what fills their databases is what the module itself would have left there.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

from benchmarks.__main__ import PROGRAMS, parser
from benchmarks.copies import Mould, Story, fill, left_by
from benchmarks.figures import table
from benchmarks.house import EACH, add_course, approve, finished, learner, open_house, tell
from benchmarks.places import KINDS, Place
from benchmarks.rows import Model, Row
from creditbank_plugin.host.attach import CreditBank
from creditbank_plugin.services.proving.verify import verify
from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.services.settling.settle import settle
from creditbank_plugin.storage import tables
from creditbank_plugin.storage.session import reading
from tests.conftest import MakeUrl

SMALLEST = {
    "settle": "--events 40 --batch 20",
    "growth": "--records 40 --events 6 --batch 5",
    "verify": "--records 40",
    "http": "--singles 4 --batches 1 --reads 4 --clients 2 --warm-up 2",
    "bearer": "--checks 2 --reads 4 --clients 2 --warm-up 2",
    "tokens": "--issues 4 --asks 4 --clients 2 --warm-up 2",
    "mixed": "--waiting 30 --rate 20 --seconds 1 --lead 0.2 --each 2 --reads 5 --clients 2",
    "importing": "--rows 30",
    "start": "--heard 3 --times 1",
    "forecast": "--waiting 40 --times 1",
    "report": "--records 20 --waiting 8 --courses 40 --schools 20",
    "search": "--courses 200 --queries 3",
    "matching": "--items 1200 --large 1300 --queries 5 --most 3",
}
#: When and where in the order of changes a row was written, and what is hashed over ids: other in each.
OTHERS = {"commit_order", "number", "evidence", "prev_hash", "hash", "sealed"}


@pytest.fixture(params=KINDS)
def place(request: pytest.FixtureRequest, make_url: MakeUrl, tmp_path: Path) -> Place:
    """A place of either kind; one program makes its tables itself, as all do by hand, the others find them made."""
    numbers, blank = iter(range(100)), request.node.callspec.params.get("name") == "settle"
    return Place(request.param, lambda: make_url(request.param, blank=blank, name=f"bench{next(numbers)}"), tmp_path)


@pytest.fixture
def bank(place: Place) -> Iterator[CreditBank]:
    made = open_house(place.folder / "copies", place.make(), 200)
    yield made
    made.runtime.engine.dispose()


#: Those that start servers are tried on one database each: they take seconds, and the programs are the same.
ON_ONE = {
    ("sqlite", "mixed"),
    ("postgresql", "http"),
    ("postgresql", "bearer"),
    ("postgresql", "tokens"),
    ("postgresql", "start"),
    ("postgresql", "matching"),
}
EVERY = [(kind, name) for kind in KINDS for name in PROGRAMS if (kind, name) not in ON_ONE]


@pytest.mark.parametrize(("place", "name"), EVERY, indirect=["place"])
def test_each_program_says_its_figures(place: Place, name: str) -> None:
    chosen = parser().parse_args([name, "--on", place.kind, *SMALLEST[name].split()])
    figures = PROGRAMS[name].measure(chosen, place)
    assert json.loads(json.dumps(figures)) == figures
    assert len(table(figures)) >= 3
    missing = [told for told in _leaves(figures) if told[1] is None and told[0] != "loss"]
    assert missing == []
    if name == "mixed":
        for stage in (figures["none_waiting"], figures["released"]):
            assert (stage["visible"], stage["refused"]) == (stage["due"], 0)
        assert figures["released"]["waiting"] == 31, "the copies and their mould"


def _leaves(figures: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(figures, Mapping):
        for key, value in figures.items():
            yield from _leaves(value, key)
    elif isinstance(figures, list):
        for value in figures:
            yield from _leaves(value, name)
    else:
        yield name, figures


def test_the_help_tells_of_every_program() -> None:
    told = parser().format_help()
    assert all(f"benchmarks {name}" in told for name in PROGRAMS)


def _waits(number: int) -> Any:
    return [finished(f"W{number}", "W", f"w{number}")]


@pytest.mark.parametrize("story", [learner, _waits], ids=["credited", "waiting"])
def test_a_copy_is_what_the_module_itself_leaves(story: Story, bank: CreditBank) -> None:
    runtime = bank.runtime
    add_course(runtime, "W")
    copy = Mould(runtime, story).copy(5)
    tell(runtime, story(5), 100)
    settle(runtime)
    with reading(runtime.engine) as connection:
        real = left_by(connection, story(5)[0].learner.id)
    assert sum(map(len, real.values())) >= 8
    assert _without_ids(copy) == _without_ids(real)
    assert _opened(runtime, copy) == _opened(runtime, real)


def _without_ids(rows: Mapping[Model, list[Row]]) -> Any:
    """Rows with each id replaced by its place among all ids, and without moments."""
    ids = sorted({row["id"] for found in rows.values() for row in found if "id" in row})
    places = {spelt: f"<{place}>" for place, each in enumerate(ids) for spelt in (each, str(UUID(each)))}

    def plain(model: Model, name: str, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        for spelt, told in places.items():
            value = value.replace(spelt, told)
        news = model is tables.News and name == "value"
        return {**json.loads(value), "at": None} if news else value

    moments = {"opened_at", "since", "updated_at", "received_at", "decided_at", "known_at"}
    return {
        model.__tablename__: [
            {name: plain(model, name, value) for name, value in row.items() if name not in OTHERS | moments}
            for row in found
        ]
        for model, found in rows.items()
    }


def _opened(runtime: Runtime, rows: Mapping[Model, list[Row]]) -> Any:
    about = [(row["sealed"], row["id"]) for row in rows[tables.Inbox]]
    about += [(row["sealed"], row["account_id"]) for row in rows[tables.Identity]]
    return [runtime.keyring.unseal(bytes(sealed), str(UUID(place))) for sealed, place in about]


def test_a_filled_database_is_as_good_as_a_real_one(bank: CreditBank) -> None:
    runtime = bank.runtime
    course_id = add_course(runtime, "W")
    fill(Mould(runtime, learner), range(3))
    fill(Mould(runtime, _waits), range(4))
    checked = verify(runtime)
    assert (checked["entries"], checked["broken"]) == (4 * EACH, [])
    before = _count(runtime, tables.Inbox)
    tell(runtime, [*learner(1), *_waits(2)], 100)
    assert _count(runtime, tables.Inbox) == before, "the same messages again are known"
    assert settle(runtime) == {}

    approve(runtime, course_id)
    tell(runtime, [finished("L1", "C20", "more"), finished("W1", "C20", "too")], 100)
    settle(runtime)
    checked = verify(runtime)
    assert (checked["entries"], checked["broken"]) == (4 * EACH + 5 + 2, [])
    with reading(runtime.engine) as connection:
        states = [tuple(row) for row in connection.execute(select(tables.Decision.version, tables.Decision.state))]
    assert sorted(states) == [(1, "credited")] * (4 * EACH + 2) + [(1, "waiting")] * 5 + [(2, "credited")] * 5
    assert _count(runtime, tables.Waiting) == 0
    assert _count(runtime, tables.Account) == 4 + 5


def _count(runtime: Runtime, model: Any) -> int:
    with reading(runtime.engine) as connection:
        return int(connection.scalar(select(func.count()).select_from(model)) or 0)
