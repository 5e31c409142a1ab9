"""``creditbank report``: the same figures on the command line."""

import json
from collections.abc import Iterator

import pytest

from creditbank_plugin.formats import json_text, report_json
from creditbank_plugin.services import reports
from tests.builders import House, Place
from tests.cli.shell import Shell
from tests.conftest import close
from tests.reports_world import make_world


@pytest.fixture(scope="module")
def house(shared_place: Place) -> Iterator[House]:
    made = make_world(shared_place)
    yield made
    close(made)


@pytest.fixture
def shell(house: House) -> Shell:
    return Shell.of(house)


def _without_time(body: dict[str, object]) -> dict[str, object]:
    """What does not depend on when it was asked for: the command has a clock of its own."""
    kept = json.loads(json_text.dumps(body))
    for name in ("as_of", "day", "months", "proposals", "longest_waiting", "memoranda"):
        kept.pop(name, None)
    for each in kept.get("provinces", []):
        each.pop("proposals")
        each.pop("memoranda")
    return dict(kept)


def test_a_province_as_json(house: House, shell: Shell) -> None:
    ran = shell("report", "province", "51", "--json")
    assert (ran.code, ran.err) == (0, "")
    assert _without_time(ran.json) == _without_time(report_json.report(reports.report(house.runtime, "51")))
    assert {"as_of", "months", "longest_waiting", "definitions"} <= set(ran.json)


def test_all_provinces_as_json(house: House, shell: Shell) -> None:
    ran = shell("report", "provinces", "--json")
    assert (ran.code, ran.err) == (0, "")
    assert _without_time(ran.json) == _without_time(report_json.overview(reports.overview(house.runtime)))


def test_for_a_person_it_is_a_page_of_lines(shell: Shell) -> None:
    told = shell("report", "province", "51").out
    assert "51 ลำพูน / Lamphun" in told
    assert "รายวิชาที่รวบรวม / courses collected: 44" in told
    assert "Basic education: หน่วยกิต / credits 42.50; ผู้เรียน / learners 29" in told
    assert "credits ไม่แสดง / not shown; ผู้เรียน / learners น้อยกว่า 5 / fewer than 5" in told
    assert "W1 ภาษาไทย 1: ผู้เรียนรอ / learners waiting 8" in told
    assert "50 เชียงใหม่ / Chiang Mai" in shell("report", "provinces").out


def test_an_unknown_province_is_one_clear_line(shell: Shell) -> None:
    assert shell("report", "province", "99").code == 1
    assert shell("report", "province", "99", "--json").code == 1
    assert "province_unknown" in shell.refused("report", "province", "99", "--json")
    assert "ไม่มีจังหวัดที่ใช้รหัสนี้" in shell.refused("report", "province", "99")
