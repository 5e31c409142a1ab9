"""Mandates: who gives them, for which days, ended; and that the same one given twice is one."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any

import pytest

from creditbank_plugin.errors import Refused
from creditbank_plugin.services.actor import Actor, administrator
from creditbank_plugin.services.adopting import mandates
from tests.builders import OTHER_SCHOOL, PROVINCE, SCHOOL, House

DIRECTOR = Actor("user:director", "ผู้อำนวยการทดลอง", SCHOOL)
GIVEN = {
    "organisation": SCHOOL,
    "holder": PROVINCE,
    "reference": "หนังสือมอบอำนาจที่ 1/2569",
    "since": date(2026, 1, 1),
}


def give(house: House, **more: Any) -> str:
    return mandates.give(house.runtime, **{"by": DIRECTOR, **GIVEN, **more})


def test_a_school_and_the_platform_give_and_nobody_else(house: House) -> None:
    for who in (PROVINCE, OTHER_SCHOOL, "nobody", ""):
        with pytest.raises(Refused) as told:
            give(house, by=Actor("user:x", "", who))
        assert (told.value.code, told.value.status) == ("not_yours", 403)
    assert mandates.mandates(house.runtime, None) == []
    first = give(house)
    second = give(house, organisation=OTHER_SCHOOL, by=administrator("ผู้ดูแล"))
    rows = mandates.mandates(house.runtime, None)
    assert [(row.id, row.entered_by) for row in rows] == [(second, "system:ผู้ดูแล"), (first, "user:director")]
    assert [row.id for row in mandates.mandates(house.runtime, SCHOOL)] == [first]
    assert [row.id for row in mandates.mandates(house.runtime, PROVINCE)] == [second, first]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"reference": " "}, "reference"),
        ({"holder": SCHOOL}, "holder"),
        ({"holder": "nobody"}, "holder"),
        ({"until": date(2025, 12, 31)}, "until"),
        ({"organisation": "nobody", "by": administrator("x")}, "organisation"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(house: House, wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(Refused) as told:
        give(house, **wrong)
    assert (told.value.status, told.value.field) == (422, field)
    assert mandates.mandates(house.runtime, None) == []


def test_a_mandate_is_ended_once_by_the_school_or_the_platform(house: House) -> None:
    made = give(house)
    for who in (PROVINCE, OTHER_SCHOOL):
        with pytest.raises(Refused) as told:
            mandates.end(house.runtime, made, by=Actor("user:x", "", who))
        assert told.value.status == 403
    mandates.end(house.runtime, made, by=DIRECTOR)
    (row,) = mandates.mandates(house.runtime, SCHOOL)
    assert row.ended_by == "user:director"
    with pytest.raises(Refused) as told:
        mandates.end(house.runtime, made, by=DIRECTOR)
    assert (told.value.code, told.value.status) == ("already_ended", 409)
    for unknown in ("nonsense", "01a1fc14-cb52-7c38-a4cb-b3c982779184"):
        with pytest.raises(Refused) as told:
            mandates.end(house.runtime, unknown, by=DIRECTOR)
        assert told.value.status == 404
    assert give(house) != made, "what was ended is given anew"


def test_the_same_given_by_two_at_once_is_one(house: House) -> None:
    together = threading.Barrier(3)

    def one(_: int) -> str:
        together.wait()
        return give(house)

    with ThreadPoolExecutor(3) as pool:
        made = set(pool.map(one, range(3)))
    assert [row.id for row in mandates.mandates(house.runtime, SCHOOL)] == list(made)


def test_in_which_state_a_mandate_is(house: House) -> None:
    day = date(2026, 1, 1)
    give(house, until=day)
    (row,) = mandates.mandates(house.runtime, SCHOOL)
    found = [mandates.state_of(row, day + timedelta(days=off)) for off in (-1, 0, 1)]
    assert found == ["coming", "in_force", "ended"]
    mandates.end(house.runtime, row.id, by=DIRECTOR)
    (row,) = mandates.mandates(house.runtime, SCHOOL)
    assert mandates.state_of(row, day) == "ended"
