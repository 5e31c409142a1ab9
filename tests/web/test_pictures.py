"""The numbers behind the pictures."""

from dataclasses import replace
from datetime import date

import pytest

from creditbank_hooks import LearnerIdentity
from creditbank_plugin.services import accounts
from creditbank_plugin.services.views import Record
from creditbank_plugin.web import pictures
from tests.builders import ISSUER, Place, completed
from tests.web.world import empty_bank


@pytest.fixture
def record(place: Place) -> Record:
    house = empty_bank(place)
    house.bank.hear(completed(1))
    person = accounts.person_of(house.runtime, LearnerIdentity(issuer=ISSUER, id="s-1"))
    assert person is not None
    return accounts.credits(house.runtime, person.id).items[0]


def test_parts_of_basic_education_are_learning_areas_in_their_order(record: Record) -> None:
    maths, robots = replace(record, course_code="ค21101"), replace(record, course_code="X1")
    found = pictures.parts([robots, maths, record, record], "basic")
    assert [(part.label.th, part.amount) for part in found] == [
        ("ภาษาไทย", 300),
        ("คณิตศาสตร์", 150),
        ("รายวิชาอื่น", 150),
    ]
    assert [part.start for part in found] == [0, 50, 75]
    assert sum(part.length for part in found) == pytest.approx(100)


def test_parts_of_other_schemes_are_years(record: Record) -> None:
    one = replace(record, scheme="vocational")
    older = replace(one, completed_on=date(2024, 5, 1))
    assert [part.label.th for part in pictures.parts([one, older, record], "vocational")] == ["พ.ศ. 2567", "พ.ศ. 2569"]


def test_only_what_is_available_is_drawn(record: Record) -> None:
    held = replace(record, amounts={**record.amounts, "available": 50, "held": 100})
    assert [part.amount for part in pictures.parts([held], "basic")] == [50]
    assert pictures.parts([replace(record, amounts={"revoked": 150})], "basic") == []


def test_a_ring_of_one_part_has_no_gap_and_dashes_fill_the_ring(record: Record) -> None:
    (part,) = pictures.parts([record], "basic")
    assert pictures.arc(part, 1) == "100.00 0.00"
    assert pictures.arc(part, 2) == "98.80 1.20"


def test_blocks_are_halves_in_basic_education_and_wholes_elsewhere() -> None:
    assert len(pictures.blocks(150, "basic")) == 3
    assert [block.width for block in pictures.blocks(150, "higher")] == [16, 8]
    assert pictures.blocks(0, "basic") == []
    many = pictures.blocks(1000, "basic")
    assert (len(many), many[14].x, many[14].y) == (20, 0, 20)
    assert pictures.extent(many) == (13 * 20 + 16, 36)


def test_the_ladder_marks_one_step() -> None:
    assert [step for step, _, reached in pictures.steps(5) if reached] == [5]
    heights = [height for _, height, _ in pictures.steps(1)]
    assert heights == sorted(heights)


@pytest.mark.parametrize(("part", "whole", "shown"), [(0, 0, 0), (0, 9, 0), (1, 10_000, 1), (1, 3, 33.3), (9, 9, 100)])
def test_bars_show_what_is_there_at_all(part: int, whole: int, shown: float) -> None:
    assert pictures.bar_width(part, whole) == shown


@pytest.mark.parametrize(
    ("part", "whole", "share"), [(0, 0, 0), (0, 9, 0), (1, 10_000, 0.01), (5, 1000, 0.5), (9, 9, 100)]
)
def test_shares_are_true_however_small(part: int, whole: int, share: float) -> None:
    assert pictures.share(part, whole) == pytest.approx(share)


def test_parts_of_one_bar_stand_side_by_side_without_those_that_are_nought() -> None:
    found = pictures.parted([("credited", 1), ("withheld", 0), ("waiting", 3)])
    assert [(part.kind, part.start, part.width) for part in found] == [("credited", 0.0, 25.0), ("waiting", 25.0, 75.0)]
    assert pictures.parted([("credited", 0)]) == []
