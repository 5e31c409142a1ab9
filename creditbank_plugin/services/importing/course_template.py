"""The empty spreadsheet that a province fills in: the columns, what each means, lists to choose from, an example."""

import csv
import io
from typing import Any

import xlsxwriter

from creditbank_plugin.rules.course_words import HEADINGS, LEVEL_WORD, REQUIRED, SECTOR_WORD, TEMPLATE
from creditbank_plugin.services.catalogue.course_export import unknown_kind
from creditbank_plugin.services.importing.import_table import EXAMPLE

#: The rows below the headings that are prepared: text in the code's column, lists to choose from.
PREPARED = 5000

_EXAMPLE = {
    "code": f"{EXAMPLE} ท21101 (ลบแถวนี้ได้ ระบบไม่นำเข้า)",
    "version": "2551",
    "title_th": "ภาษาไทย 1",
    "title_en": "Thai 1",
    "description": "ศึกษาและฝึกทักษะการอ่าน การเขียน การฟัง การดู และการพูด",
    "outcomes": "อ่านออกเสียงบทร้อยแก้วได้ถูกต้อง\nเขียนสื่อสารด้วยถ้อยคำที่ถูกต้อง",
    "hours_theory": 40,
    "hours_practice": 20,
    "level_group": LEVEL_WORD["lower_secondary"],
    "sector": SECTOR_WORD["formal"],
    "delivery": "เรียนในชั้นเรียน",
    "provider": "ชื่อโรงเรียนหรือศูนย์ที่จัดสอน",
    "province": "51",
    "agency": "หน่วยงานต้นสังกัด",
    "occupational_group": "เกษตรกรรม",
}
_ABOUT = {
    "owner": "รหัสของหน่วยงานที่กำหนดรายวิชานี้ เว้นว่างไว้ถ้าเป็นของศูนย์ธนาคารหน่วยกิตจังหวัด",
    "code": "รหัสรายวิชาตามเอกสารหลักสูตร เช่น ท21101, 20000-1101 คอลัมน์นี้ต้องเป็น “ข้อความ” เพื่อไม่ให้เลข 0 หรือขีดหาย",
    "version": "ปีของหลักสูตร เป็น พ.ศ. สี่หลัก เช่น 2551 (ไม่ใช่ ค.ศ.)",
    "title_th": "ชื่อรายวิชาภาษาไทย",
    "title_en": "ชื่อรายวิชาภาษาอังกฤษ ถ้ามี",
    "description": "คำอธิบายรายวิชา",
    "outcomes": "ผลลัพธ์การเรียนรู้ ข้อละหนึ่งบรรทัด (กด Alt+Enter เพื่อขึ้นบรรทัดใหม่ในเซลล์)",
    "hours_theory": "ชั่วโมงทฤษฎีทั้งรายวิชา หรือใส่ ท-ป-น เช่น 2-2-3",
    "hours_practice": "ชั่วโมงปฏิบัติทั้งรายวิชา",
    "hours_field": "ชั่วโมงฝึกงานหรือภาคสนามทั้งรายวิชา",
    "level_group": "ระดับ เลือกหนึ่งค่า: " + ", ".join(LEVEL_WORD.values()),
    "sector": "รูปแบบการศึกษา เลือกหนึ่งค่า: " + ", ".join(SECTOR_WORD.values()),
    "delivery": "วิธีจัดการเรียน เช่น เรียนในชั้นเรียน ออนไลน์ (ไม่เกิน 40 ตัวอักษร)",
    "provider": "ชื่อสถานศึกษาหรือศูนย์ที่จัดสอน",
    "province": "จังหวัด เป็นชื่อหรือรหัสสองหลัก เว้นว่างไว้ถ้าเป็นจังหวัดที่เลือกตอนนำเข้า",
    "agency": "หน่วยงานต้นสังกัด",
    "occupational_group": "กลุ่มอาชีพที่จังหวัดใช้",
}
_HOURS = ("hours_theory", "hours_practice", "hours_field")
_WIDTHS = {"code": 24, "title_th": 36, "title_en": 30, "description": 40, "outcomes": 40, "level_group": 20}


def template(kind: str) -> bytes:
    """Return the template as a file of ``kind`` ``xlsx`` or ``csv``; ``Refused`` (``file_kind_unknown``) for another."""
    if kind == "xlsx":
        return _xlsx()
    if kind == "csv":
        return _csv()
    raise unknown_kind()


def _heading(column: str) -> str:
    return f"{HEADINGS[column][0]}{' *' if column in REQUIRED else ''}"


def _csv() -> bytes:
    made = io.StringIO(newline="")
    csv.writer(made).writerows([TEMPLATE, [_heading(column) for column in TEMPLATE]])
    return made.getvalue().encode("utf-8-sig")


def _xlsx() -> bytes:
    kept = io.BytesIO()
    with xlsxwriter.Workbook(kept, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        _fill_in(book, book.add_worksheet("รายวิชา"))
        _explain(book, book.add_worksheet("คำอธิบาย"))
    return kept.getvalue()


def _fill_in(book: Any, sheet: Any) -> None:
    name = book.add_format({"font_color": "#555555", "font_size": 9})
    heading = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bg_color": "#E3EDF7", "border": 1})
    needed = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bg_color": "#FFE8B3", "border": 1})
    example = book.add_format(
        {"italic": True, "font_color": "#555555", "text_wrap": True, "valign": "top", "num_format": "@"}
    )
    number = book.add_format({"italic": True, "font_color": "#555555", "valign": "top"})
    text = book.add_format({"num_format": "@"})
    for place, column in enumerate(TEMPLATE):
        # The format of a whole column holds for every row that somebody adds, also below the prepared ones.
        sheet.set_column(place, place, _WIDTHS.get(column, 16), text if column not in _HOURS else None)
        sheet.write_string(0, place, column, name)
        sheet.write_string(1, place, _heading(column), needed if column in REQUIRED else heading)
        shown = _EXAMPLE.get(column)
        if isinstance(shown, int):
            sheet.write_number(2, place, shown, number)
        elif shown is not None:
            sheet.write_string(2, place, shown, example)
    sheet.set_row(1, 32)
    sheet.freeze_panes(2, 2)
    for column, words in (("level_group", LEVEL_WORD), ("sector", SECTOR_WORD)):
        place = TEMPLATE.index(column)
        told = {
            "validate": "list",
            "source": list(words.values()),
            "error_title": "เลือกจากรายการ",
            "error_message": _ABOUT[column][:255],
        }
        sheet.data_validation(2, place, PREPARED + 2, place, told)


def _explain(book: Any, sheet: Any) -> None:
    bold, wrap = book.add_format({"bold": True}), book.add_format({"text_wrap": True, "valign": "top"})
    sheet.set_column(0, 0, 22)
    sheet.set_column(1, 1, 28)
    sheet.set_column(2, 2, 80)
    lines = (
        "วิธีใช้แม่แบบนำเข้ารายวิชา",
        "1. กรอกข้อมูลในแผ่นงาน “รายวิชา” แถวละหนึ่งรายวิชา คอลัมน์ที่มี * ต้องกรอกทุกแถว",
        f"2. แถวที่รหัสขึ้นต้นด้วย “{EXAMPLE}” เป็นตัวอย่าง ระบบไม่นำเข้า จะลบหรือปล่อยไว้ก็ได้",
        "3. อย่าผสานเซลล์ในแถวข้อมูล อย่าซ่อนแผ่นงานที่มีข้อมูล และอย่าใส่รหัสผ่านไฟล์",
        "4. นำเข้าไฟล์เดิมซ้ำได้ ระบบจะไม่เพิ่มรายวิชาซ้ำ ถ้าแก้ไขข้อมูล ระบบจะเก็บฉบับก่อนหน้าไว้",
    )
    for row, line in enumerate(lines):
        sheet.write_string(row, 0, line, bold if row == 0 else None)
    first = len(lines) + 1
    for place, head in enumerate(("คอลัมน์ในไฟล์", "ชื่อที่ใช้แทนได้", "ความหมาย")):
        sheet.write_string(first, place, head, bold)
    for row, column in enumerate(TEMPLATE, first + 1):
        sheet.write_string(row, 0, f"{column}{' *' if column in REQUIRED else ''}", wrap)
        sheet.write_string(row, 1, ", ".join(HEADINGS[column][:3]), wrap)
        sheet.write_string(row, 2, _ABOUT[column], wrap)
