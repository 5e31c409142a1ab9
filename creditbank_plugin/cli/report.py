"""``creditbank report``: the progress of a province, and of all of them."""

from collections.abc import Iterator

import click

from creditbank_plugin.cli.installation import runtime
from creditbank_plugin.cli.output import answer, as_json
from creditbank_plugin.formats import report_json
from creditbank_plugin.rules.hours import credit_text
from creditbank_plugin.rules.report import Credits, Summary
from creditbank_plugin.rules.report_words import about_hiding
from creditbank_plugin.rules.thai import datetime_th
from creditbank_plugin.services import reports


@click.group()
def report() -> None:
    """Progress of provinces: courses, comparisons, credits."""


@report.command()
@click.argument("code")
@as_json
def province(code: str, as_json: bool) -> None:
    """Report on the province with the two-digit CODE."""
    found = reports.report(runtime(), code)
    lines = [f"ข้อมูล ณ {datetime_th(found.as_of)}", *_lines(found.summary, found.least)]
    lines += [f"  {group.name.th if group.name else 'จากเอกสาร'}: อนุมัติ {group.approved}" for group in found.groups]
    lines += [f"  รออยู่ {each.learners} คน: {each.code} {each.title.th}" for each in found.wanted]
    answer(as_json, report_json.report(found), *lines, about_hiding(found.least).th)


@report.command()
@as_json
def provinces(as_json: bool) -> None:
    """Report on every province."""
    found = reports.overview(runtime())
    lines = [f"ข้อมูล ณ {datetime_th(found.as_of)}"]
    for each in found.provinces:
        lines += _lines(each, found.least)
    answer(as_json, report_json.overview(found), *lines, about_hiding(found.least).th)


def _lines(found: Summary, least: int) -> Iterator[str]:
    courses, proposals, law = found.courses, found.proposals, found.comparisons
    named = f"{found.place.code} {found.place.name.th}" if found.place.code else found.place.name.th
    yield f"{named}: รวบรวม {courses.number} รายวิชา มีผลการเทียบแล้ว {courses.stages['approved']}"
    states = proposals.states
    waits = f" รอนานที่สุด {proposals.oldest_days} วัน" if proposals.oldest_days is not None else ""
    yield (
        f"  ข้อเสนอ: รอพิจารณา {states['proposed']} ระหว่างพิจารณา {states['under_judgement']} "
        f"ส่งกลับ {states['returned']} ไม่อนุมัติ {states['rejected']}{waits}"
    )
    yield f"  ผลการเทียบ: ใช้อยู่ {law.standing} ยุติ {law.ended} ธนาคารที่รับรองใช้ {law.banks}"
    for need, said in (("comparison", "ผลการเทียบ"), ("order", "คำสั่งรับรองใช้")):
        wait = found.waiting[need]
        yield f"  เรียนจบแล้วรอ{said}: {_number(wait.completions)} รายการ ผู้เรียน {_people(wait.learners, least)} คน"
    for granted in found.granted:
        yield f"  หน่วยกิต ({granted.scheme}): {_credits(granted.standing, least)}"


def _credits(found: Credits, least: int) -> str:
    credits = credit_text(found.credits) if found.credits is not None else "ไม่แสดง"
    return f"{credits} หน่วยกิต {_number(found.records)} รายการ ผู้เรียน {_people(found.learners, least)} คน"


def _number(number: int | None) -> str:
    return "ไม่แสดง" if number is None else str(number)


def _people(number: int | None, least: int) -> str:
    return f"น้อยกว่า {least}" if number is None else str(number)
