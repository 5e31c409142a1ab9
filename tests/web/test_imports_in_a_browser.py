"""The import pages in a real browser: accessible, as wide as the screen, and working without scripts."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from creditbank_plugin.services import jobs
from creditbank_plugin.services.actor import Actor
from creditbank_plugin.services.importing import course_imports
from creditbank_plugin.storage.session import writing
from creditbank_plugin.storage.tables import Job
from creditbank_plugin.web import imports
from tests.builders import PROVINCE, House, Place, furnish, make_app
from tests.conftest import databases
from tests.formats import sheet_files as made
from tests.web.browser import FORMS, Look
from tests.web.world import log_in, serving

pytestmark = pytest.mark.browser
OFFICER = Actor("user:u-1", "เจ้าหน้าที่", PROVINCE)
HEADING = ["รหัสวิชา", "ปีหลักสูตร", "ชื่อวิชา", "ระดับ", "รูปแบบการศึกษา", "หมายเหตุ"]
ROWS = [
    ["20000-0001", "2567", "ชื่อวิชาที่ยาวพอสมควรสำหรับโทรศัพท์", "ปวช.", "ในระบบ", "x"],
    ["ท31101", "2551", "ภาษาไทย", "ม.ต้น", "ในระบบ", ""],
    ["", "2008", "", "ป.6", "x", ""],
]


@pytest.fixture(scope="module")
def house(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("imports")
    with databases(request, folder) as make:
        yield furnish(make_app(folder, make("sqlite"), CREDITBANK_SETTLE="manual"))


def paths(house: House) -> list[str]:
    """A file in each of its states."""
    runtime = house.runtime

    def sent(*steps: str, rows: list[list[str]] = ROWS) -> str:
        content = made.xlsx([HEADING, *rows], hidden=[["x"]])
        made_id = course_imports.upload(runtime, content, "รายวิชา.xlsx", by=OFFICER, province="51")
        for step in steps:
            if step == "load":
                course_imports.load(runtime, made_id, by=OFFICER)
            else:
                columns = course_imports.get(runtime, made_id, acting_for=None).mapping["columns"]
                course_imports.check(runtime, made_id, columns, by=OFFICER)
            while jobs.run_next(runtime):
                pass
        return f"/creditbank/admin/imports/{made_id}"

    loaded = sent("check", "load")
    again = [["20000-0001", "2567", "ชื่อใหม่", "ปวช.", "ในระบบ", ""], *ROWS[1:]]
    checked = sent("check", rows=again)
    gone = sent()
    course_imports.drop(runtime, gone.rpartition("/")[2], by=OFFICER)
    waiting, failed = sent(), sent()
    for path, state in ((waiting, "running"), (failed, "failed")):
        import_id = path.rpartition("/")[2]
        columns = course_imports.get(runtime, import_id, acting_for=None).mapping["columns"]
        course_imports.check(runtime, import_id, columns, by=OFFICER)
        job = course_imports.get(runtime, import_id, acting_for=None).counts["job"]
        with writing(runtime.engine) as connection:
            values = {"state": state, "done": 1, "total": 3, "beat_at": runtime.clock()}
            connection.execute(Job.__table__.update().where(Job.id == job).values(values))
    shown = [f"{checked}?show={state}" for state in ("new", "changed", "unchanged", "refused")]
    return ["/creditbank/admin/imports", sent(), loaded, gone, waiting, failed, *shown]


@FORMS
def test_the_pages_are_accessible_and_fit(
    chromium: Any, axe: str, house: House, lang: str, width: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "AGAIN", 3600)  # axe looks at a page that stays
    every = paths(house)
    log_in(house, "committee", organisation=PROVINCE)
    with serving(house) as address:
        look = Look(chromium, axe, address, lang, width)
        look.at(*every)
        look.page.goto(f"{address}/creditbank/admin/imports?lang={lang}")
        look.page.click("button.button")
        assert look.page.locator(".wrong").count() == 1
        look.here("nothing chosen")
        look.close()


def test_an_officer_brings_in_a_file_without_scripts(chromium: Any, place: Place, tmp_path: Path) -> None:
    house = furnish(make_app(place.folder, place.url))
    file = tmp_path / "รายวิชา.csv"
    file.write_bytes("\n".join(",".join(row) for row in [HEADING, *ROWS]).encode("cp874"))
    log_in(house, "committee", organisation=PROVINCE)
    with serving(house) as address:
        context = chromium.new_context(java_script_enabled=False)
        page = context.new_page()
        page.goto(f"{address}/creditbank/admin/imports")
        page.set_input_files("input[type=file]", str(file))
        page.get_by_role("button", name="ส่งและดูคอลัมน์").click()
        page.get_by_role("button", name="ตรวจทุกแถว").click()
        until = time.monotonic() + 30
        while "ดูผลการตรวจ" not in page.locator("h1").inner_text() and time.monotonic() < until:
            page.wait_for_timeout(50)  # the page asks again by itself
        load = page.get_by_role("button", name="นำเข้า", exact=True)
        page.get_by_role("radio", name="ทั้งหมดหรือไม่นำเข้าเลย").check()
        load.click()
        assert "จึงยังไม่นำเข้าทั้งไฟล์" in page.get_by_role("alert").inner_text()
        page.get_by_role("radio", name="เฉพาะแถวที่ผ่าน: นำเข้า 2 แถว").check()
        load.click()
        while page.locator("h1").inner_text() != "นำเข้าแล้ว" and time.monotonic() < until:
            page.wait_for_timeout(50)
        assert "เพิ่มใหม่ 2 แก้ไข 0 เหมือนเดิม 0 ไม่ผ่าน 1 จากทั้งหมด 3 แถว" in page.locator(".notice").inner_text()
        context.close()
