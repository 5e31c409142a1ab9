"""Pages of frameworks: everybody reads them, the platform's administrator loads a file after looking at it."""

import io
import itertools
import time
from collections.abc import Iterator
from typing import Any

import pytest
from werkzeug.test import TestResponse

from creditbank_plugin.reference.frameworks import stable_id
from creditbank_plugin.services.actor import administrator
from creditbank_plugin.services.catalogue import framework_files, frameworks
from creditbank_plugin.services.catalogue.framework_files import About
from creditbank_plugin.services.catalogue.framework_tree import DEEPEST, tree
from creditbank_plugin.web import uploads
from tests.builders import House, Place, add_course, compare, item_ids
from tests.conftest import close
from tests.frameworks import item, package, raw, tie, uuid
from tests.web.world import empty_bank, found, log_in, post

pytestmark = pytest.mark.both_databases

CORE = "core-curriculum-2551"
ROOT, ADMIN = "/creditbank/frameworks", "/creditbank/admin/frameworks"


@pytest.fixture(scope="module")
def house(shared_place: Place) -> Iterator[House]:
    made = empty_bank(shared_place)
    frameworks.load_frameworks(made.runtime)
    compare(made, add_course(made, "ว29999"), outcomes=[stable_id("nqf", "NQF-3"), stable_id(CORE, "ว 4.1")])
    yield made
    close(made)


def read(house: House, path: str, *roles: str, lang: str = "th", learner: str | None = None) -> str:
    answer = log_in(house, *(roles or ("student",)), learner=learner).get(
        f"{path}{'&' if '?' in path else '?'}lang={lang}"
    )
    assert answer.status_code == 200, path
    return answer.text


def test_a_learner_reads_which_frameworks_there_are(house: House) -> None:
    text = read(house, ROOT, learner="s-1")
    assert "ยังไม่ได้แนบแหล่งที่มา 226 ข้อ" in text
    assert f'href="{ROOT}/nqf"' in text
    assert "นำเข้ากรอบมาตรฐาน" not in text
    assert ADMIN in read(house, ROOT, "admin")
    assert "Thai National Qualifications Framework" in read(house, ROOT, lang="en")


def test_a_large_framework_is_shown_by_its_areas_and_searched(house: House) -> None:
    text = read(house, f"{ROOT}/{CORE}")
    assert "เลือกกลุ่มสาระหรือสาขา" in text
    assert "จับใจความสำคัญ" not in text
    places = [each.name for each in tree(house.runtime, stable_id(CORE)).groups]
    thai = read(house, f"{ROOT}/{CORE}?group={places.index('ภาษาไทย')}")
    assert thai.index("ท 1.1 ม.3/2<") < thai.index("ท 1.1 ม.3/10<")
    assert 'aria-current="true"' in thai
    assert "ยังไม่ได้แนบแหล่งที่มา" in read(house, f"{ROOT}/{CORE}?group={places.index('สังคมศึกษา ศาสนา และวัฒนธรรม')}")
    assert "จับใจความสำคัญ" in read(house, f"{ROOT}/{CORE}?q=จับใจความ")
    assert "ไม่พบข้อที่ตรงกับคำค้น" in read(house, f"{ROOT}/{CORE}?q=xyzzy")
    assert "NQF-3" in read(house, f"{ROOT}/nqf"), "a small one is shown whole"
    client = log_in(house, "student")
    for path in (f"{ROOT}/gone", f"{ROOT}/{CORE}?group=99", f"{ROOT}/{CORE}?group=x", f"{ROOT}/{CORE}/gone"):
        assert client.get(path).status_code == 404


def test_an_item_without_a_source_says_so_and_shows_no_text(house: House) -> None:
    text = read(house, f"{ROOT}/{CORE}/{stable_id(CORE, 'ว 4.1')}")
    assert "ยังไม่ได้แนบแหล่งที่มา" in text
    assert "ทราบเพียงรหัส" in text
    assert "Source not yet attached" in read(house, f"{ROOT}/{CORE}/{stable_id(CORE, 'ว 4.1')}", lang="en")


def test_a_level_shows_its_ties_their_source_and_the_comparisons_that_yield_it(house: House) -> None:
    text = read(house, f"{ROOT}/nqf/{stable_id('nqf', 'NQF-3')}")
    assert "อยู่ระดับเดียวกับ" in text
    for code in ("TPQI-L3", "DSD-L1"):
        assert code in text
    assert "น่าจะพิมพ์ผิด" in text
    assert "ระดับ AQRF: ยังไม่ได้แนบแหล่งที่มา" in text
    assert "ประกาศทดสอบ 1/2563" in text
    assert "ภาษาไทย 1" in text
    below = read(house, f"{ROOT}/{CORE}/{item_ids('ท 1.1')[0]}")
    assert "ข้อย่อย" in below
    assert "เป็นระดับของ" in read(house, f"{ROOT}/tpqi-levels/{stable_id('tpqi-levels', 'TPQI-L5')}")


def send(house: House, content: bytes, name: str = "f.json", **fields: Any) -> TestResponse:
    return post(log_in(house, "admin"), ADMIN, file=(io.BytesIO(content), name), **fields)


def settled(house: House, answer: TestResponse) -> str:
    """The page of a file when nobody works on it any more."""
    assert answer.status_code == 303
    for _ in range(200):
        shown = log_in(house, "admin").get(answer.location)
        if "Refresh" not in shown.headers:
            return shown.text
        time.sleep(0.05)
    raise AssertionError("the file was never read")


def test_a_file_is_looked_at_and_then_loaded(house: House) -> None:
    file = raw(
        package(item("A"), item("B", fullStatement="ยังไม่ได้แนบแหล่งที่มา (source not yet attached)"), ties=[tie("A", "B")])
    )
    shown = settled(house, send(house, file, code="paged"))
    assert "ถ้านำเข้าไฟล์นี้" in shown
    assert "เป็นกรอบใหม่" in shown
    assert "ข้อความของ A" in shown
    assert "paged" not in [row.code for row in frameworks.all_frameworks(house.runtime)], "nothing is stored yet"
    action = found(rf'action="({ADMIN}/[\w-]+/load)"', shown)
    loaded = settled(house, post(log_in(house, "admin"), action))
    assert "นำเข้าแล้ว" in loaded
    assert [row.code for row in frameworks.items(house.runtime, framework="paged")] == ["A", "B"]
    assert post(log_in(house, "admin"), action).status_code == 404, "what was looked at is not kept"
    newer = raw(package(item("A", fullStatement="ข้อความใหม่"), item("C"), ties=[]))
    again = settled(house, send(house, newer))
    assert "เป็นฉบับใหม่ของกรอบที่มีอยู่" in again
    for said in ("ข้อใหม่ (1)", "ข้อที่เปลี่ยน (1)", "ข้อที่ยกเลิก"):
        assert said in again
    same = settled(house, send(house, file))
    assert "ไม่มีอะไรเปลี่ยน" in same
    assert "ยืนยันนำเข้า" not in same


def test_what_is_wrong_with_a_file_is_told_and_nothing_can_be_loaded(house: House) -> None:
    shown = settled(house, send(house, raw(package(item("A", fullStatement=7), item("B", uri="javascript:x")))))
    assert "รายการ A: ช่อง fullStatement ต้องเป็นข้อความ" in shown
    assert "รายการ B: ช่อง uri" in shown
    assert "ยืนยันนำเข้า" not in shown
    sheet = settled(house, send(house, "code,text_th\nX-1,ก\n".encode(), "u.csv", code="tpqi"))
    assert "ไม่ใช่รหัสหน่วยสมรรถนะ" in sheet


def test_a_framework_as_deep_as_others_like_is_shown(house: House) -> None:
    names = [f"D{number:03}" for number in range(300)]
    ties = [tie(below, above) for above, below in itertools.pairwise(names)]
    deep = package(*map(item, names), ties=ties)
    plan = framework_files.load(house.runtime, raw(deep), "deep.json", About(code="deep"), by=administrator("t"))
    shown = read(house, f"{ROOT}/{plan.change.framework.code}")
    assert shown.count("<ul") > DEEPEST
    for name in ("D000", "D011", "D012", "D013", "D299"):
        assert f">{name}<" in shown


def test_a_form_without_a_file_or_with_a_wrong_choice_is_shown_again(house: House) -> None:
    client = log_in(house, "admin")
    answer = post(client, ADMIN, code="x", evidence="very good")
    assert answer.status_code == 422
    assert "ยังไม่ได้เลือกไฟล์" in answer.text
    assert 'value="x"' in answer.text


def test_a_file_of_a_framework_has_a_limit_of_its_own(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "ไม่เกิน 48 MB" in read(house, ADMIN, "admin")
    client = log_in(house, "admin")
    large = {"CONTENT_LENGTH": str(60 << 20), "CONTENT_TYPE": "multipart/form-data; boundary=x"}
    answer = client.post(ADMIN, environ_overrides=large)
    assert answer.status_code == 413
    assert "หน้านี้รับได้ไม่เกิน 48 MB" in answer.text
    assert "takes 48 MB at most" in client.post(f"{ADMIN}?lang=en", environ_overrides=large).text
    more_than_a_form = raw(package(item("A", fullStatement="x" * 5_100_000), ties=[]))
    assert send(house, more_than_a_form).status_code == 303
    monkeypatch.setitem(uploads._FILES, "creditbank.edition_send", 1_000_000)
    assert send(house, more_than_a_form).status_code == 413


def test_jobs_of_others_are_not_shown_here(house: House) -> None:
    assert log_in(house, "admin").get(f"{ADMIN}/{uuid('gone')}").status_code == 404
    for roles in (("student",), ("committee",), ("director",)):
        assert log_in(house, *roles).get(ADMIN).status_code == 403
        assert post(log_in(house, *roles), ADMIN).status_code == 403
