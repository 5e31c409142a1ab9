"""Why a vocational course gives that many credits: its hours by kind of learning, where the catalogue has them."""

from typing import Any

import pytest

from creditbank_hooks import Course
from creditbank_plugin.services import events
from creditbank_plugin.services.catalogue import courses
from tests.builders import SCHOOL, House, adopt, compare, completed


@pytest.mark.parametrize(
    ("more", "result", "said"),
    [
        ({"tpn": "2-2-3"}, "3.00", "ท-ป-น 2-2-3"),
        ({"hours_theory": 3600, "hours_practice": 3600}, "3.00", "ทฤษฎี 36 ชั่วโมง ÷ 18"),
        ({}, "not_computed", "ไม่ได้แยกชั่วโมงทฤษฎีกับปฏิบัติ"),
    ],
)
def test_a_vocational_course_is_explained_by_what_is_known_of_it(
    house: House, more: dict[str, Any], result: str, said: str
) -> None:
    course_id = courses.add_course(
        house.runtime, owner=SCHOOL, code="20000-1101", version="2567", title_th="ภาษาไทยพื้นฐาน", hours=7200, **more
    )
    adopt(house, compare(house, course_id, 300, scheme="vocational", credits_rule=None))
    house.bank.hear(completed(1, course=Course(code="20000-1101"), school=SCHOOL, event_id="e1"))
    explained = events.page(house.runtime, search="e1").items[0].explanation
    [line] = [each for each in explained if each["rule"] == "VE-H1"]
    assert line["result"] == result
    assert said in line["th"]
    assert line["inputs"]["evidence"] == "weak"
