"""Memoranda: what is kept, which organisations are recognised among the parties, and that the same one is kept once."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import pytest

from creditbank_plugin.errors import Refused
from creditbank_plugin.services import organisations
from creditbank_plugin.services.actor import Actor
from creditbank_plugin.services.adopting import adoptions, memoranda
from tests.builders import BANK, OTHER_SCHOOL, PROVINCE, SCHOOL, House, adopt

CENTRE = Actor("user:centre", "ศูนย์ทดลอง", PROVINCE)
SIGNED = {
    "owner": PROVINCE,
    "title": "บันทึกข้อตกลงความร่วมมือธนาคารหน่วยกิตจังหวัดลำพูน",
    "number": "๑/๒๕๖๘",
    "signed_on": date(2025, 3, 1),
    "parties": ["ศูนย์จังหวัดลำพูน"],
}


def enter(house: House, **more: Any) -> str:
    return memoranda.enter(house.runtime, **{"by": CENTRE, **SIGNED, **more})


def test_parties_are_kept_as_they_signed_and_known_ones_are_recognised(house: House) -> None:
    for code in ("T1", "T2"):
        organisations.add_organisation(house.runtime, code=code, kind="school", name_th="โรงเรียนบ้านเดียวกัน")
    told = "\n".join(
        (
            "  ศูนย์จังหวัดลำพูน ",
            f"โรงเรียนตัวอย่าง ({OTHER_SCHOOL})",
            "โรงเรียนตัวอย่าง (๙๙๕๑๐๐๐๐๐๑)",
            "National",
            SCHOOL,
            "",
            "โรงเรียนบ้านเดียวกัน",
            "โรงเรียนบ้านเดียวกัน (T2)",
            "หอการค้าจังหวัด (สำนักงานใหญ่)",
            "ศูนย์จังหวัดลำพูน",
        )
    )
    kept = memoranda.get(house.runtime, enter(house, parties=memoranda.lines(told)))
    assert [(each.position, each.organisation_code) for each in kept.parties] == [
        (1, PROVINCE),
        (2, OTHER_SCHOOL),
        (3, SCHOOL),
        (4, "national"),
        (5, SCHOOL),
        (6, None),
        (7, "T2"),
        (8, None),
    ]
    assert kept.parties[7].name == "หอการค้าจังหวัด (สำนักงานใหญ่)"
    assert (kept.row.number, kept.row.entered_by, kept.row.ended_on) == ("1/2568", "user:centre", None)


def test_twenty_nine_agencies_are_one_memorandum(house: House) -> None:
    names = [f"หน่วยงานที่ {number}" for number in range(1, 30)]
    enter(house, parties=names)
    (kept,) = memoranda.memoranda(house.runtime)
    assert [each.name for each in kept.parties] == names


def test_it_lets_nobody_adopt(house: House) -> None:
    enter(house, parties=["ศูนย์จังหวัดลำพูน", SCHOOL])
    with pytest.raises(Refused, match="no_mandate"):
        adopt(house, house.ids["comparison"], BANK, acting_for=PROVINCE)
    assert adoptions.may_revoke(house.runtime, house.ids["adoption"], acting_for=SCHOOL)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"title": " "}, "title"),
        ({"title": "ก" * 501}, "title"),
        ({"number": "1" * 501}, "number"),
        ({"parties": [" "]}, "parties"),
        ({"parties": [str(number) for number in range(501)]}, "parties"),
        ({"parties": ["ก" * 501]}, "parties"),
        ({"applies_until": date(2025, 2, 28)}, "applies_until"),
        ({"owner": "nobody", "by": Actor("system:x", "", None)}, "owner"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(house: House, wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(Refused) as told:
        enter(house, **wrong)
    assert (told.value.status, told.value.field) == (422, field)
    assert memoranda.memoranda(house.runtime) == []


def test_others_keep_none_for_an_organisation(house: House) -> None:
    made = enter(house)
    for who in (SCHOOL, "nobody"):
        for act in (
            lambda by: enter(house, title="อื่น", by=by),
            lambda by: memoranda.end(house.runtime, made, ended_on=date(2026, 1, 1), by=by),
        ):
            with pytest.raises(Refused) as told:
                act(Actor("user:x", "", who))
            assert told.value.status == 403
    (kept,) = memoranda.memoranda(house.runtime)
    assert kept.row.ended_on is None


def test_an_end_is_noted_once(house: House) -> None:
    made, day = enter(house, applies_until=date(2027, 1, 1)), date(2026, 1, 1)
    with pytest.raises(Refused) as told:
        memoranda.end(house.runtime, made, ended_on=date(2025, 1, 1), by=CENTRE)
    assert told.value.field == "ended_on"
    assert not memoranda.is_over(memoranda.get(house.runtime, made).row, date(2027, 1, 1))
    assert memoranda.is_over(memoranda.get(house.runtime, made).row, date(2027, 1, 2))
    memoranda.end(house.runtime, made, ended_on=day, by=CENTRE)
    assert memoranda.is_over(memoranda.get(house.runtime, made).row, day)
    with pytest.raises(Refused) as told:
        memoranda.end(house.runtime, made, ended_on=day, by=CENTRE)
    assert told.value.code == "already_ended"
    for unknown in ("nonsense", "01a1fc14-cb52-7c38-a4cb-b3c982779184"):
        with pytest.raises(Refused) as told:
            memoranda.end(house.runtime, unknown, ended_on=day, by=CENTRE)
        assert told.value.status == 404


def test_the_same_entered_by_two_at_once_is_one(house: House) -> None:
    together = threading.Barrier(3)

    def one(_: int) -> str:
        together.wait()
        return enter(house)

    with ThreadPoolExecutor(3) as pool:
        made = set(pool.map(one, range(3)))
    assert {kept.row.id for kept in memoranda.memoranda(house.runtime)} == made
    assert len(made) == 1
