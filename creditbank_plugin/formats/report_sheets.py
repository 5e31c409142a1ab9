"""The progress report of a province as a workbook: what the page shows, in sheets, with what each figure means.

Texts that somebody entered are written as texts; one that a spreadsheet could take for a formula gets an apostrophe.
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from io import BytesIO
from typing import Any

import xlsxwriter

from creditbank_plugin.rules import thai
from creditbank_plugin.rules.report import NEEDS, PROPOSED, STAGES, Courses, Credits, Name, Report
from creditbank_plugin.rules.report_words import (
    BEFORE,
    FROM_PAPER,
    HIDDEN,
    MEANINGS,
    Meaning,
    about_hiding,
    not_shown,
    word,
)

_STARTS = ("=", "+", "-", "@", "\t", "\r")
Row = Sequence[Any]

#: The names of the sheets and the headings of their columns, Thai and English.
_SHEETS = {
    "summary": Meaning("สรุป", "Summary"),
    "courses": Meaning("รายวิชา", "Courses"),
    "groups": Meaning("คณะทำงาน", "Working groups"),
    "pending": Meaning("ข้อเสนอที่รอนาน", "Longest waiting"),
    "learners": Meaning("ผู้เรียนและหน่วยกิต", "Learners and credits"),
    "months": Meaning("รายเดือน", "By month"),
    "meanings": Meaning("คำอธิบาย", "What it means"),
}
_HEADS = {
    "figure": Meaning("ข้อมูล", "Figure"),
    "number": Meaning("จำนวน", "Number"),
    "by": Meaning("แยกตาม", "By"),
    "kind": Meaning("กลุ่ม", "Kind"),
    "total": Meaning("รวม", "Total"),
    "group": Meaning("คณะทำงาน", "Working group"),
    "approved": Meaning("อนุมัติและยังใช้อยู่", "Approved and standing"),
    "ended": Meaning("ยุติแล้ว", "Ended"),
    "course": Meaning("รหัสรายวิชา", "Course code"),
    "title": Meaning("ชื่อรายวิชา", "Title"),
    "state": Meaning("สถานะ", "State"),
    "proposed": Meaning("เสนอเมื่อ", "Proposed on"),
    "days": Meaning("รอมาแล้ว (วัน)", "Days waiting"),
    "what": Meaning("เรื่อง", "What"),
    "learners": Meaning("ผู้เรียน (คน)", "Learners"),
    "completions": Meaning("การเรียนจบหรือรายการหน่วยกิต", "Completions or records"),
    "credits": Meaning("หน่วยกิต", "Credits"),
    "month": Meaning("เดือน", "Month"),
    "courses": Meaning("รายวิชาที่เข้าทะเบียน", "Courses entered"),
    "comparisons": Meaning("ผลการเทียบที่อนุมัติ", "Comparisons approved"),
    "meaning": Meaning("ความหมาย", "Meaning"),
}
_FIGURES = {
    "province": Meaning("จังหวัด", "Province"),
    "as_of": Meaning("ข้อมูล ณ", "Figures as of"),
    "courses": Meaning("รายวิชาที่รวบรวม", "Courses collected"),
    "rated": Meaning("ข้อเสนอที่ประเมินแล้ว", "Proposals rated"),
    "oldest": Meaning("ข้อเสนอที่รอนานที่สุด (วัน)", "Oldest waiting proposal (days)"),
    "standing": Meaning("ผลการเทียบที่อนุมัติและยังใช้อยู่", "Comparisons approved and standing"),
    "ended": Meaning("ผลการเทียบที่ยุติแล้ว", "Comparisons ended"),
    "adopting": Meaning("ธนาคารที่รับรองใช้", "Banks that adopt them"),
    "banks": Meaning("ธนาคารหน่วยกิตในจังหวัด", "Credit banks of the province"),
    "memoranda": Meaning("บันทึกข้อตกลง", "Memoranda"),
    "agencies": Meaning("หน่วยงานที่ร่วมลงนาม", "Agencies that signed"),
    "proposals": Meaning("ข้อเสนอ", "Proposals"),
    "agency": Meaning("หน่วยงานที่ส่งข้อมูล", "Agency"),
    "level_group": Meaning("ระดับ", "Level group"),
    "sector": Meaning("รูปแบบการศึกษา", "Sector"),
    "occupational_group": Meaning("กลุ่มอาชีพ", "Occupational group"),
    "waiting": Meaning("เรียนจบแล้วรอหน่วยกิต", "Finished, waiting for credit"),
    "granted": Meaning("หน่วยกิตที่ให้", "Credits granted"),
    "taken_back": Meaning("หน่วยกิตที่ยกเลิก", "Credits taken back"),
}


def workbook(found: Report, language: str) -> bytes:
    """Return the report as an XLSX file in ``th`` or ``en``."""
    file = BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(file, options)
    book.set_properties({"created": found.as_of.replace(tzinfo=None)})
    writer = _Writer(book, found, language)
    writer.write_all()
    book.close()
    return file.getvalue()


def safe(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_STARTS) else text


class _Writer:
    """Writes one report into a workbook in one language."""

    def __init__(self, book: Any, found: Report, language: str) -> None:
        self.book, self.found, self.language = book, found, language
        self.bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        self.wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        self.amount = book.add_format({"num_format": "0.00"})

    def write_all(self) -> None:
        """Write every sheet."""
        self._sheet("summary", self._heads("figure", "number"), self._summary(), (44, 24))
        stages = [self._say(word("stage", stage)) for stage in STAGES]
        heads = [*self._heads("by", "kind"), *stages, *self._heads("total")]
        self._sheet("courses", heads, self._courses(), (24, 40, *([14] * 9)))
        states = [self._say(word("stage", state)) for state in PROPOSED]
        heads = [*self._heads("group"), *states, *self._heads("approved", "ended")]
        self._sheet("groups", heads, self._groups(), (48, *([16] * 7)))
        heads = self._heads("course", "title", "group", "state", "proposed", "days")
        self._sheet("pending", heads, self._pending(), (20, 40, 40, 20, 22, 14))
        heads = self._heads("what", "course", "title", "learners", "completions", "credits")
        self._sheet("learners", heads, self._learners(), (44, 20, 40, 16, 26, 14))
        schemes = [self._say(word("scheme", scheme)) for scheme in self._schemes()]
        heads = [*self._heads("month", "courses", "comparisons"), *schemes]
        self._sheet("months", heads, self._months(), (22, *([22] * (2 + len(schemes)))))
        self._sheet("meanings", self._heads("meaning"), self._meanings(), (110,))

    def _sheet(self, name: str, heads: Sequence[str], rows: Iterable[Row], widths: Sequence[int]) -> None:
        sheet = self.book.add_worksheet(self._say(_SHEETS[name]))
        sheet.set_landscape()
        sheet.set_paper(9)  # A4
        sheet.fit_to_pages(1, 0)
        sheet.freeze_panes(1, 0)
        sheet.repeat_rows(0)
        for column, (head, width) in enumerate(zip(heads, widths, strict=True)):
            sheet.set_column(column, column, width)
            sheet.write_string(0, column, head, self.bold)
        for place, row in enumerate(rows, start=1):
            for column, value in enumerate(row):
                self._cell(sheet, place, column, value)

    def _cell(self, sheet: Any, row: int, column: int, value: Any) -> None:
        if value is None or value == "":
            return
        if isinstance(value, Decimal):
            sheet.write_number(row, column, float(value), self.amount)
        elif isinstance(value, int):
            sheet.write_number(row, column, value)
        else:
            sheet.write_string(row, column, safe(str(value)), self.wrapped)

    def _say(self, meaning: Meaning) -> str:
        return meaning.en if self.language == "en" else meaning.th

    def _heads(self, *names: str) -> list[str]:
        return [self._say(_HEADS[name]) for name in names]

    def _name(self, name: Name) -> str:
        return (self.language == "en" and name.en) or name.th

    def _people(self, number: int | None) -> int | str:
        return self._say(not_shown(self.found.least)) if number is None else number

    def _number(self, number: int | None) -> int | str:
        return self._say(HIDDEN) if number is None else number

    def _amount(self, credits: int | None) -> Decimal | str:
        return self._say(HIDDEN) if credits is None else Decimal(credits) / 100

    def _schemes(self) -> list[str]:
        return list(self.found.months[0].credits)

    def _summary(self) -> list[Row]:
        summary = self.found.summary
        proposals, law = summary.proposals, summary.comparisons
        moment = thai.datetime_en if self.language == "en" else thai.datetime_th
        figures: list[tuple[str, Any]] = [
            ("province", self._name(summary.place.name)),
            ("as_of", moment(self.found.as_of)),
            ("courses", summary.courses.number),
            ("rated", proposals.rated),
            ("oldest", proposals.oldest_days),
            ("standing", law.standing),
            ("ended", law.ended),
            ("adopting", law.banks),
            ("banks", summary.banks),
            ("memoranda", summary.memoranda),
            ("agencies", summary.agencies),
        ]
        rows: list[Row] = [(self._say(_FIGURES[name]), value) for name, value in figures]
        label = self._say(_FIGURES["proposals"])
        rows += [(f"{label}: {self._say(word('stage', state))}", proposals.states[state]) for state in PROPOSED]
        return [*rows, (self._say(about_hiding(self.found.least)), "")]

    def _courses(self) -> Iterable[Row]:
        kinds: tuple[tuple[str, Sequence[Courses]], ...] = (
            ("level_group", self.found.summary.level_groups),
            ("agency", self.found.agencies),
            ("sector", self.found.sectors),
            ("occupational_group", self.found.occupational_groups),
        )
        for name, found in kinds:
            for each in found:
                stages = [each.stages[stage] for stage in STAGES]
                yield (self._say(_FIGURES[name]), self._say(word(name, each.kind)), *stages, each.number)

    def _groups(self) -> Iterable[Row]:
        for group in self.found.groups:
            name = self._name(group.name) if group.name is not None else self._say(FROM_PAPER)
            yield (name, *(group.states[state] for state in PROPOSED), group.approved, group.ended)

    def _pending(self) -> Iterable[Row]:
        day = thai.date_en if self.language == "en" else thai.date_th
        for each in self.found.pending:
            group, state = self._name(each.group) if each.group else "", self._say(word("stage", each.state))
            proposed = day(thai.bangkok_day(each.proposed_at))
            yield (each.course, self._name(each.title), group, state, proposed, each.days)

    def _learners(self) -> Iterable[Row]:
        waiting = self._say(_FIGURES["waiting"])
        for need in NEEDS:
            each, what = self.found.summary.waiting[need], f"{waiting}: {self._say(word('need', need))}"
            yield (what, "", "", self._people(each.learners), self._number(each.completions), "")
            for course in self.found.wanted:
                if course.need == need:
                    yield (what, course.code, self._name(course.title), course.learners, course.completions, "")
        for granted in self.found.summary.granted:
            for name, part in (("granted", granted.standing), ("taken_back", granted.taken_back)):
                what = f"{self._say(_FIGURES[name])}: {self._say(word('scheme', granted.scheme))}"
                yield (what, "", "", *self._credits(part, granted.scheme))

    def _credits(self, part: Credits, scheme: str) -> Row:
        amount = "" if scheme == "none" else self._amount(part.credits)
        return (self._people(part.learners), self._number(part.records), amount)

    def _months(self) -> Iterable[Row]:
        for each in self.found.months:
            name = self._say(BEFORE) if each.month is None else self._month(each.month)
            yield (name, each.courses, each.comparisons, *(self._amount(value) for value in each.credits.values()))

    def _month(self, month: str) -> str:
        year, number = int(month[:4]), int(month[5:])
        if self.language == "en":
            return f"{thai.MONTHS_EN[number - 1]} {year}"
        return f"{thai.MONTHS_TH[number - 1]} {thai.be_year(year)}"

    def _meanings(self) -> Iterable[Row]:
        return [(self._say(each),) for each in (*MEANINGS.values(), about_hiding(self.found.least))]
