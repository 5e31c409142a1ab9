"""A file of courses as a table: its sheet, its headings, and its rows by the columns that they mean."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

from creditbank_plugin.errors import Refused
from creditbank_plugin.formats.sheets import Cell, Sheet, SheetRefused, open_sheet
from creditbank_plugin.rules import course_cells, course_headings
from creditbank_plugin.rules.course_headings import Headings
from creditbank_plugin.rules.course_words import REQUIRED

#: The row that our own template shows how to fill in begins with this in the column of codes, and is no data.
EXAMPLE = "ตัวอย่าง"


@dataclass(frozen=True)
class Told:
    """One row of a table that has anything in it: its number in the sheet and its cells by column.

    ``merged`` are the columns whose cell belongs to a merged area.
    """

    number: int
    cells: Mapping[str, Cell]
    merged: frozenset[str]


@dataclass(frozen=True)
class Table:
    """A sheet whose headings are known; ``columns`` leads from our columns to places in its rows (from 0)."""

    sheet: Sheet
    headings: Headings
    columns: Mapping[str, int]

    @property
    def missing(self) -> list[str]:
        """Return the columns without which no course can be read."""
        return [column for column in REQUIRED if column not in self.columns]

    @property
    def height(self) -> int:
        """Return how many rows stand below the headings, empty ones too."""
        return max(0, self.sheet.height - self.headings.last)

    def rows(self) -> Iterator[Told]:
        """Yield the rows below the headings; empty ones, the example and repeated headings are left out."""
        places = list(self.columns.items())
        for number, row in enumerate(self.sheet.rows(), 1):
            if number <= self.headings.last:
                continue
            cells = {column: row[place] for column, place in places if place < len(row)}
            if all(course_cells.is_empty(cell) for cell in cells.values()) or self._is_no_data(cells, row):
                continue
            yield Told(number, cells, self._merged(number, cells) if self._areas else frozenset())

    def _is_no_data(self, cells: Mapping[str, Cell], row: tuple[Cell, ...]) -> bool:
        code = cells.get("code")
        if not isinstance(code, str) or not (code.lstrip().startswith(EXAMPLE) or code.strip() in self._code_headings):
            return False
        return code.lstrip().startswith(EXAMPLE) or course_headings.is_repeated(self.headings.texts, row)

    @cached_property
    def _code_headings(self) -> frozenset[str]:
        place = self.columns.get("code")
        return frozenset(self.headings.texts[place : place + 1] if place is not None else ())

    @cached_property
    def _areas(self) -> dict[str, list[tuple[int, int]]]:
        """Return the merged areas as first and last rows, sorted, of each column that has any."""
        found: dict[str, list[tuple[int, int]]] = {}
        for column, place in self.columns.items():
            areas = [(area.top, area.bottom) for area in self.sheet.merged if area.left <= place + 1 <= area.right]
            if areas:
                found[column] = sorted(areas)
        return found

    def _merged(self, number: int, cells: Mapping[str, Cell]) -> frozenset[str]:
        found = set()
        for column, areas in self._areas.items():
            place = bisect_right(areas, (number, self.sheet.height + 1)) - 1
            if place >= 0 and areas[place][1] >= number and course_cells.is_empty(cells.get(column)):
                found.add(column)
        return frozenset(found)


def read(content: bytes, name: str, sheet: str | None = None) -> tuple[Sheet, Headings | None]:
    """Return a file's sheet and its headings, None where no row looks like them; ``Refused`` (422) names ``file``."""
    try:
        opened = open_sheet(content, name, sheet=sheet or None)
        top = list(islice(opened.rows(), course_headings.LOOKED_AT))
    except SheetRefused as refusal:
        raise refused(refusal) from None
    return opened, course_headings.find(top) or course_headings.plain(top)


@dataclass(frozen=True)
class Note:
    """Something of a file that is no fault and that somebody should know: a stable code and a sentence in two languages."""

    code: str
    th: str
    en: str


def merged_below(sheet: Sheet, headings: Headings) -> int:
    """Return how many merged areas lie among the rows; one that is a title above the table is no harm."""
    return sum(1 for area in sheet.merged if area.bottom > headings.last)


def notes(sheet: Sheet, headings: Headings) -> list[Note]:
    """Return what somebody should know of a file: sheets that are hidden and so not read, merged areas."""
    made = []
    if sheet.hidden:
        named = "”, “".join(sheet.hidden)
        made.append(
            Note(
                "hidden_sheets",
                f"ไฟล์นี้มีแผ่นงานที่ซ่อนไว้ ระบบไม่อ่าน: “{named}” ถ้าต้องการใช้ ให้ยกเลิกการซ่อนแล้วนำเข้าอีกครั้ง",
                f"This file has hidden sheets, which are not read: “{named}”. Unhide them and bring the file in again if you"
                " need them.",
            )
        )
    merged = merged_below(sheet, headings)
    if merged:
        made.append(
            Note(
                "merged_cells",
                f"แผ่นงานนี้มีเซลล์ที่ผสานไว้ {merged} แห่ง แถวที่ขาดค่าเพราะเหตุนี้จะถูกแจ้ง",
                f"Merged areas of cells on this sheet: {merged}. Rows that lack a value for that reason are told.",
            )
        )
    return made


def refused(refusal: SheetRefused) -> Refused:
    """Return the refusal of a file as one of ours."""
    return Refused(refusal.code, refusal.th, refusal.en, field="file")


def no_headings() -> Refused:
    """Return the refusal of a sheet in which no row looks like headings."""
    return Refused(
        "headings_missing",
        "ไม่พบหัวตารางใน 30 แถวแรก แถวหัวตารางต้องมีชื่อคอลัมน์ เช่น รหัสรายวิชา ปีหลักสูตร ชื่อรายวิชา ระดับ รูปแบบการศึกษา ดูแม่แบบเป็นตัวอย่าง",
        "No headings were found in the first 30 rows. The row of headings names the columns, such as code, version,"
        " title_th, level_group, sector; see the template.",
        field="file",
    )
