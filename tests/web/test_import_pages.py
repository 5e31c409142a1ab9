"""Bringing in a file on the pages: without scripts, in Thai, with every refusal where somebody can act on it."""

import io
import re
from typing import Any

import openpyxl
import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from creditbank_plugin.formats.sheets import LIMITS
from creditbank_plugin.services import jobs
from creditbank_plugin.services.catalogue.courses import courses_with
from creditbank_plugin.services.importing import course_imports
from creditbank_plugin.web import imports as pages
from creditbank_plugin.web import uploads
from tests.builders import OTHER_SCHOOL, PROVINCE, SCHOOL, House, Place, furnish, make_app
from tests.formats import sheet_files as made
from tests.web.world import found, log_in, post

pytestmark = pytest.mark.both_databases

IMPORTS = "/creditbank/admin/imports"
HEADING = ["รหัสวิชา", "ปีหลักสูตร", "ชื่อวิชา", "ระดับ", "รูปแบบการศึกษา"]


def course(number: int, title: str = "วิชา") -> list[Any]:
    return [f"20000-{number:04}", "2567", f"{title} {number}", "ปวช.", "ในระบบ"]


@pytest.fixture(scope="module")
def house(shared_place: Place) -> House:
    return furnish(make_app(shared_place.folder, shared_place.url, CREDITBANK_SETTLE="manual"))


def officer(house: House) -> FlaskClient:
    return log_in(house, "committee", organisation=PROVINCE)


def send(client: FlaskClient, content: bytes, name: str = "รายวิชา.xlsx", **fields: Any) -> TestResponse:
    return post(client, IMPORTS, **{"province": "51", "file": (io.BytesIO(content), name), **fields})


def sent(client: FlaskClient, rows: list[list[Any]], **more: Any) -> str:
    answer = send(client, made.xlsx([HEADING, *rows], **more))
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


def check(house: House, client: FlaskClient, path: str) -> str:
    """Send the form of the columns as it stands, and wait."""
    page = client.get(path).text
    columns = {}
    for name, options in re.findall(r'<select id="[\w-]+" name="(column-\d+)">(.*?)</select>', page, re.DOTALL):
        chosen = re.search(r'value="(\w+)" selected', options)
        columns[name] = chosen.group(1) if chosen else ""
    assert post(client, f"{path}/check", **columns).status_code == 303
    waiting = client.get(path)
    assert waiting.headers["Refresh"] == str(pages.AGAIN)
    assert "<progress" in waiting.text
    while jobs.run_next(house.runtime):
        pass
    return client.get(path).text


def test_the_whole_way(house: House) -> None:
    client = officer(house)
    assert found(r'<option value="51"( selected)>ลำพูน', client.get(IMPORTS).text)
    path = sent(client, [course(1), course(2), ["x", "2008", "ชื่อ", "ปวช.", "ในระบบ"]], hidden=[["ลับ"]])
    columns = client.get(path).text
    assert "แผ่นงานที่ซ่อนไว้" in columns
    assert "20000-0001" in columns
    page = check(house, client, path)
    assert "อ่านได้ 3 แถว" in page
    assert "2008 เป็นปี ค.ศ. ให้ใส่ปี พ.ศ. คือ 2551" in page
    assert "แถว&nbsp;4" in page
    assert "เฉพาะแถวที่ผ่าน: นำเข้า 2 แถว และข้ามแถวที่ไม่ผ่าน 1 แถว" in page
    new = client.get(f"{path}?show=new").text
    assert "20000-0001" in new
    assert "มัธยมศึกษาตอนปลาย / ปวช." in new
    assert post(client, f"{path}/load").status_code == 303
    assert "กำลังนำเข้า" in client.get(path).text
    while jobs.run_next(house.runtime):
        pass
    loaded = client.get(path)
    assert "Refresh" not in loaded.headers
    assert "เพิ่มใหม่ 2 แก้ไข 0 เหมือนเดิม 0 ไม่ผ่าน 1 จากทั้งหมด 3 แถว" in loaded.text
    assert len(courses_with(house.runtime, "20000-000")) == 2
    assert "รายวิชา.xlsx" in client.get(IMPORTS).text
    again = check(house, client, sent(client, [course(1, "ใหม่"), course(2)]))
    assert "ทั้งหมดหรือไม่นำเข้าเลย: นำเข้าทั้งหมด 1 แถว" in again
    assert 'name="whole_only" value="yes" checked' in again
    assert "วิชา 1" in again
    assert "ใหม่ 1" in again


def load(house: House, client: FlaskClient, path: str, choice: str) -> TestResponse:
    """Send the form of loading with one of the choices it offers, and wait."""
    page = client.get(path).text
    assert re.findall(r'name="whole_only" value="(\w+)"', page) == ["no", "yes"]
    answer = post(client, f"{path}/load", whole_only=choice)
    while jobs.run_next(house.runtime):
        pass
    return answer


def test_all_or_nothing_and_the_good_rows_only_are_the_users_choice(house: House) -> None:
    client = officer(house)
    path = sent(client, [course(21), ["", *course(22)[1:]], course(23)])
    page = check(house, client, path)
    assert 'name="whole_only" value="no" checked' in page
    assert "ทั้งหมดหรือไม่นำเข้าเลย: ขณะนี้มี 1 แถวไม่ผ่าน จึงจะยังไม่นำเข้าอะไร" in page
    nothing = load(house, client, path, "yes")
    assert nothing.status_code == 422
    assert "มีแถวที่ไม่ผ่านการตรวจ จึงยังไม่นำเข้าทั้งไฟล์" in nothing.text
    assert 'name="whole_only" value="yes" checked' in nothing.text
    assert courses_with(house.runtime, "20000-002") == []
    assert load(house, client, path, "no").status_code == 303
    assert {row.code for row in courses_with(house.runtime, "20000-002")} == {"20000-0021", "20000-0023"}
    mended = sent(client, [course(21), course(22), course(23)])
    assert 'name="whole_only" value="yes" checked' in check(house, client, mended)
    assert load(house, client, mended, "yes").status_code == 303
    assert len(courses_with(house.runtime, "20000-002")) == 3


def test_a_file_without_a_good_row_cannot_be_loaded(house: House) -> None:
    client = officer(house)
    path = sent(client, [["", *course(24)[1:]]])
    page = check(house, client, path)
    assert "ยังไม่มีแถวใดที่นำเข้าได้" in page
    assert "whole_only" not in page


def test_pages_of_many_rows(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "PER_PAGE", 2)
    client = officer(house)
    path = sent(client, [["", *course(number)[1:]] for number in range(5)])
    text = check(house, client, path)
    assert re.findall(r'scope="row">แถว&nbsp;(\d+)', text) == ["2", "3"]
    following = found(r'href="([^"]*after=3)"', text).replace("&amp;", "&")
    assert re.findall(r'scope="row">แถว&nbsp;(\d+)', client.get(following).text) == ["4", "5"]
    for strange in ("after=x", "after=-1", "after=99999999999", "show=nonsense"):
        assert client.get(f"{path}?{strange}").status_code == 200


def test_what_is_wrong_with_a_file_is_said_at_its_field(house: House) -> None:
    client = officer(house)
    for content, said in (
        (b"", "ไฟล์นี้ไม่มีข้อมูล"),
        (b"%PDF-1", "ไฟล์นี้ไม่ใช่ XLSX"),
        (made.packed({"xl/workbook.xml": b"x", "xl/x.xml": bytes(20 << 20)}), "บีบอัดข้อมูลไว้มากผิดปกติ"),
        (made.xlsx([], hidden=[HEADING]), "ข้อมูลทั้งหมดอยู่ในแผ่นงานที่ซ่อนไว้"),
        (b"code\n" * 60_000, "เกิน 50,000 แถว"),
    ):
        answer = send(client, content)
        assert answer.status_code == 422
        assert said in answer.text
        assert 'id="file-wrong"' in answer.text
    missing = post(client, IMPORTS, province="51")
    assert missing.status_code == 422
    assert "เลือกไฟล์ก่อน" in missing.text
    assert send(client, made.xlsx([HEADING]), province="99").status_code == 422


def test_a_file_larger_than_allowed_is_not_even_read(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    client = officer(house)
    large = {"CONTENT_LENGTH": str(LIMITS.file_bytes + (1 << 20)), "CONTENT_TYPE": "multipart/form-data; boundary=x"}
    answer = client.post(IMPORTS, environ_overrides=large)
    assert answer.status_code == 413
    assert "หน้านี้รับได้ไม่เกิน 32 MB" in answer.text
    assert "takes 32 MB at most" in client.post(f"{IMPORTS}?lang=en", environ_overrides=large).text
    monkeypatch.setitem(uploads._FILES, "creditbank.import_send", 1000)
    monkeypatch.setattr(uploads, "_BESIDE", 1000)
    assert send(client, b"a,b\n" * 10_000).status_code == 413
    client = officer(house)  # of the language that was never chosen
    assert post(client, f"{IMPORTS}/none/check", x="y" * 3_000_000).status_code in (404, 422), "as much as is said"
    plain = post(client, f"{IMPORTS}/none/check", x="y" * 6_000_000)
    assert plain.status_code == 413
    assert "หน้านี้รับได้ไม่เกิน 4 MB" in plain.text


def test_columns_are_chosen_by_hand_and_what_is_missing_is_said(house: House) -> None:
    client = officer(house)
    path = send(client, made.xlsx([["ก", "ข", "ค", "ง", "จ"], course(7)])).headers["Location"]
    page = client.get(path).text
    assert "ระบบไม่รู้จักหัวตารางเหล่านี้" in page
    wrong = post(client, f"{path}/check", **{"column-0": "code", "column-1": "code", "column-x": "code"})
    assert wrong.status_code == 422
    assert "มากกว่าหนึ่งคอลัมน์" in wrong.text
    partly = post(client, f"{path}/check", **{"column-0": "code", "column-1": "version"})
    assert "ยังไม่ได้เลือกคอลัมน์ที่ต้องมี" in partly.text
    assert found(r'<option value="version"( selected)', partly.text)
    chosen = dict(
        zip([f"column-{n}" for n in range(5)], ["code", "version", "title_th", "level_group", "sector"], strict=True)
    )
    assert post(client, f"{path}/check", **chosen).status_code == 303


def test_a_name_with_a_path_or_a_script_in_it_is_only_text(house: House) -> None:
    client = officer(house)
    path = send(client, made.xlsx([HEADING, course(8, "<script>alert(1)</script>")]), "../../<b>x.xlsx").headers[
        "Location"
    ]
    text = client.get(path).text
    assert "../" not in found(r"ไฟล์ ([^<]*)", text)
    assert "&lt;b&gt;x" in text
    assert "<script>" not in text


def test_others_never_see_it(house: House) -> None:
    path = sent(officer(house), [course(9)])
    stranger = log_in(house, "registrar", organisation=OTHER_SCHOOL)
    assert stranger.get(path).status_code == 404
    for act in ("sheet", "check", "load", "drop", "retry"):
        fields = dict(
            zip(
                [f"column-{n}" for n in range(5)], ["code", "version", "title_th", "level_group", "sector"], strict=True
            )
        )
        assert post(stranger, f"{path}/{act}", **fields).status_code == 404
    assert "ยังไม่เคยส่งไฟล์" in stranger.get(IMPORTS).text
    assert log_in(house, "admin").get(path).status_code == 200
    assert log_in(house, "director", organisation=SCHOOL).get(path).status_code == 404


def test_a_file_is_given_up(house: House) -> None:
    client = officer(house)
    path = sent(client, [course(10)])
    assert post(client, f"{path}/drop").status_code == 303
    assert "ยกเลิกไฟล์แล้ว" in client.get(IMPORTS).text
    assert "ไฟล์นี้ถูกยกเลิกแล้ว" in client.get(path).text
    assert post(client, f"{path}/drop").status_code == 409
    assert post(client, f"{path}/load").status_code == 409


def test_what_failed_says_why_and_can_be_checked_again(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    client = officer(house)
    path = sent(client, [course(11)])
    check(house, client, path)
    post(client, f"{path}/load")
    import_id = path.rpartition("/")[2]
    row = course_imports.get(house.runtime, import_id, acting_for=None)
    jobs.stop(house.runtime, row.counts["job"], acting_for=None)
    failed = client.get(path).text
    assert "ทำไม่สำเร็จ" in failed
    assert post(client, f"{path}/retry").status_code == 303
    while jobs.run_next(house.runtime):
        pass
    assert "อ่านได้ 1 แถว" in client.get(path).text


def test_another_sheet_is_taken(house: House) -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.append(["ข้อความ", "อื่น"])
    book.create_sheet("สอง").append(HEADING)
    kept = io.BytesIO()
    book.save(kept)
    client = officer(house)
    path = send(client, kept.getvalue()).headers["Location"]
    assert "<option selected>Sheet</option><option>สอง</option>" in client.get(path).text
    assert post(client, f"{path}/sheet", sheet="สอง").status_code == 303
    assert "แผ่นงาน สอง" in client.get(path).text
    assert post(client, f"{path}/sheet", sheet="ไม่มี").status_code == 422


def test_the_template_is_a_file_to_keep(house: House) -> None:
    answer = officer(house).get(f"{IMPORTS}/template.xlsx")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert openpyxl.load_workbook(io.BytesIO(answer.data)).sheetnames == ["รายวิชา", "คำอธิบาย"]


def test_every_page_speaks_english_too(house: House) -> None:
    client = officer(house)
    path = sent(client, [course(12), ["", *course(13)[1:]]])
    check(house, client, path)
    text = client.get(f"{path}?lang=en").text
    assert "This is required." in text
    assert "The good rows only: one is loaded, 1 refused ones are left out" in text
    assert "All or nothing: 1 refused, so nothing would be loaded yet" in text
    assert "Bring in courses" in client.get(f"{IMPORTS}?lang=en").text
