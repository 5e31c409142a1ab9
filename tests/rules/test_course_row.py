"""A row of a spreadsheet: what people write in it, what machines did to it, and the sentence that says how to mend it."""

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from creditbank_plugin.rules import course_words
from creditbank_plugin.rules.course import LEVEL_GROUPS, SECTORS, CourseValues
from creditbank_plugin.rules.course_row import COLUMNS, REQUIRED, TEMPLATE, Fault, RowContext, check_row, spoken_of

HERE = RowContext(
    province="51",
    centres={"51": "P51", "50": "P50"},
    owners={"S1": "S1", "โรงเรียนหนึ่ง": "S1", "S9": "S9"},
    not_yours=frozenset({"S9"}),
)
SOUND: dict[str, Any] = {
    "code": "ท21101",
    "version": "2551",
    "title_th": "ภาษาไทย 1",
    "level_group": "ม.ต้น",
    "sector": "ในระบบ",
}


def values(**cells: Any) -> CourseValues:
    found = check_row({**SOUND, **cells}, HERE)
    assert isinstance(found, CourseValues), found
    return found


def faults(context: RowContext = HERE, **cells: Any) -> list[tuple[str, str]]:
    found = check_row({**SOUND, **cells}, context)
    assert isinstance(found, list), found
    assert all(re.search("[\u0e00-\u0e7f]", fault.th) and fault.en for fault in found)
    return [(fault.column, fault.code) for fault in found]


def test_a_row_with_what_is_required_is_a_course_of_the_centre() -> None:
    assert values() == CourseValues(
        owner="P51",
        code="ท21101",
        version="2551",
        title_th="ภาษาไทย 1",
        level_group="lower_secondary",
        sector="formal",
        province="51",
    )


def test_everything_wrong_with_a_row_is_said_in_the_order_of_its_columns() -> None:
    found = check_row({"hours_field": "many", "province": "?"}, RowContext())
    assert isinstance(found, list)
    assert [(fault.column, fault.code) for fault in found] == [
        ("owner", "owner_missing"),
        *((column, "missing") for column in ("code", "version", "title_th")),
        ("hours_field", "hours_wrong"),
        ("level_group", "missing"),
        ("sector", "missing"),
        ("province", "province_unknown"),
    ]


@pytest.mark.parametrize("column", REQUIRED)
@pytest.mark.parametrize("cell", [None, "", "  ", "\u200b\u00a0", "\t\n"])
def test_what_nobody_can_see_is_missing(column: str, cell: Any) -> None:
    assert faults(**{column: cell}) == [(column, "missing")]
    found = check_row({**SOUND, column: cell}, HERE, merged=frozenset({column}))
    assert isinstance(found, list)
    assert found[0].code == "cell_merged"


@pytest.mark.parametrize("cell", [21101, 20001101.5, "2.0E+08", "20001101.0", "2e8"])
def test_a_code_that_became_a_number_is_refused_with_advice(cell: Any) -> None:
    found = check_row({**SOUND, "code": cell}, HERE)
    assert isinstance(found, list)
    assert found[0].code == "code_is_number"
    assert "ข้อความ" in found[0].th


MOMENT = datetime(2000, 11, 1, tzinfo=UTC).replace(tzinfo=None)
TEXT_DATES = ("Nov-00", "1-ม.ค.-68", "1/11/2568", "2000-11-01", "2000-11-01 00:00:00")


@pytest.mark.parametrize("cell", [date(2000, 11, 1), MOMENT, time(1, 2), timedelta(1), *TEXT_DATES])
def test_a_code_that_became_a_date_is_refused_with_advice(cell: Any) -> None:
    assert faults(code=cell) == [("code", "code_is_date")]


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ("20001101", "20001101"),
        ("ท 21101", "ท21101"),
        ("=cmd|' /C calc'!A0", "=cmd|' /C calc'!A0"),
        ("2000-11", "2000-11"),
    ],
)
def test_other_codes_are_accepted_as_they_are(told: str, kept: str) -> None:
    assert values(code=told).code == kept


@pytest.mark.parametrize(
    "cell", ["2551", 2551, "๒๕๕๑", "พ.ศ. 2551", "พ.ศ.2551", "หลักสูตร พ.ศ. ๒๕๕๑", " 2551\u00a0", "2551.0", "ปี 2551"]
)
def test_years_of_the_buddhist_era_in_every_spelling(cell: Any) -> None:
    assert values(version=cell).version == "2551"


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        (2008, "version_is_ce"),
        ("2008", "version_is_ce"),
        ("51", "version_wrong"),
        (2551.5, "version_wrong"),
        ("2551 ปรับปรุง 2560", "version_wrong"),
        (True, "version_wrong"),
        (date(2551, 1, 1), "version_is_date"),
        (3000, "version_wrong"),
    ],
)
def test_years_that_are_not_one_of_the_buddhist_era_are_refused(cell: Any, code: str) -> None:
    assert faults(version=cell) == [("version", code)]


def test_a_year_of_the_common_era_is_answered_with_the_right_one() -> None:
    found = check_row({**SOUND, "version": 2008}, HERE)
    assert isinstance(found, list)
    assert "2551" in found[0].th
    assert "2551" in found[0].en


@pytest.mark.parametrize(
    ("cell", "hundredths"),
    [
        (40, 4000),
        (40.5, 4050),
        ("40", 4000),
        ("๔๐", 4000),
        ("40.25 ชม.", 4025),
        ("1,000", 100_000),
        ("40 ชั่วโมง", 4000),
        (13.333333, 1333),
        (timedelta(hours=40), 4000),
        (time(1, 30), 150),
        (0, 0),
    ],
)
def test_hours_are_read_in_hundredths(cell: Any, hundredths: int) -> None:
    made = values(hours_theory=cell)
    assert (made.hours_theory, made.hours) == (hundredths, hundredths)


@pytest.mark.parametrize("cell", ["-1", -1, 100_001, "forty", "1.000,5", True, "1e3", float(10**12)])
def test_what_is_no_number_of_hours_is_refused(cell: Any) -> None:
    assert faults(hours_practice=cell) == [("hours_practice", "hours_wrong")]


def test_hours_are_summed_and_have_to_agree() -> None:
    made = values(hours_theory=20, hours_practice="40", hours_field=None)
    assert (made.hours, made.split_hours) == (6000, (2000, 4000, None))
    assert values(hours="60").hours == 6000
    assert faults(hours_theory=20, hours=60) == [("hours", "hours_disagree")]
    assert faults(hours_theory=date(2003, 2, 2)) == [("hours_theory", "hours_are_date")]


@pytest.mark.parametrize("cell", ["2-2-3", "๒-๒-๓", "2 – 2 – 3", "3 (2-2-3)", "2:2:3"])
@pytest.mark.parametrize("column", ["tpn", "hours_theory", "hours"])
def test_a_weekly_tpn_is_accepted_wherever_hours_are(cell: str, column: str) -> None:
    made = values(**{column: cell})
    assert (made.tpn, made.hours, made.hours_theory) == ("2-2-3", None, None)
    assert "tpn" in spoken_of({column}, made)
    assert "tpn" not in spoken_of({"hours_theory"}, values())


def test_tpn_has_to_agree_with_itself() -> None:
    assert faults(tpn="2-2-3", hours="1-2-2") == [("tpn", "tpn_disagree")]
    assert faults(tpn="two") == [("tpn", "tpn_wrong")]
    assert faults(tpn=date(2003, 2, 2)) == [("tpn", "hours_are_date")]


@pytest.mark.parametrize("code", LEVEL_GROUPS)
def test_level_groups_in_codes_and_in_thai(code: str) -> None:
    for word in (code, code.upper(), course_words.LEVEL_WORD[code], f"ระดับ{course_words.LEVEL_WORD[code]} "):
        assert values(level_group=word).level_group == code
    assert faults(level_group="ประถมศึกษา") == [("level_group", "level_group_unknown")]


@pytest.mark.parametrize("code", SECTORS)
def test_sectors_in_codes_and_in_thai(code: str) -> None:
    for word in (code, code.replace("_", " "), course_words.SECTOR_WORD[code]):
        assert values(sector=word).sector == code
    assert faults(sector="โรงเรียน") == [("sector", "sector_unknown")]


def test_words_of_the_issue_are_known() -> None:
    for word, code in (
        ("ม.ต้น", "lower_secondary"),
        ("ม.ปลาย/ปวช.", "upper_secondary_vocational"),
        ("ปวช.", "upper_secondary_vocational"),
        ("ปวส./อนุปริญญา", "diploma"),
        ("ระยะสั้น", "short_course"),
    ):
        assert course_words.level_group(word) == code
    assert course_words.sector("ตามอัธยาศัย") == "informal"
    assert course_words.sector("ประสบการณ์ทำงาน") == "work_experience"


def test_texts_are_kept_in_one_spelling() -> None:
    made = values(
        title_th="  ภาษาไทย\u00a0 ท\u0e4d\u0e32นาย\u200b ",
        title_en=100,
        description="ย่อหน้าแรก\n\nย่อหน้าสอง",
        provider="=HYPERLINK(1)",
    )
    assert made.title_th == "ภาษาไทย ท\u0e33นาย"
    assert (made.title_en, made.description, made.provider) == ("100", "ย่อหน้าแรก ย่อหน้าสอง", "=HYPERLINK(1)")
    assert faults(title_th="ก" * 501) == [("title_th", "text_too_long")]
    assert faults(title_th="ภาษา\ufffdไทย") == [("title_th", "text_damaged")]
    assert faults(title_th=date(2025, 1, 1)) == [("title_th", "text_is_date")]
    assert values(title_th="ก\x00ข\x01").title_th == "ก ข"


@pytest.mark.parametrize(
    ("cell", "kept"),
    [
        ("อ่านได้\nเขียนได้", ("อ่านได้", "เขียนได้")),
        ("1. อ่านได้\r\n2) เขียนได้\n๓. พูดได้", ("อ่านได้", "เขียนได้", "พูดได้")),
        ("1. อ่านได้ 2. เขียนได้", ("อ่านได้", "เขียนได้")),
        ("1.อ่านได้ ๒.เขียน 3 บรรทัดได้", ("อ่านได้", "เขียน 3 บรรทัดได้")),
        ("- อ่านได้\n• เขียนได้", ("อ่านได้", "เขียนได้")),
        ("ใช้อัตราส่วน 1.5 ต่อ 2; อธิบายได้", ("ใช้อัตราส่วน 1.5 ต่อ 2; อธิบายได้",)),
        ("อ่าน 2. ข้อ", ("อ่าน 2. ข้อ",)),
        ("ใช้เลข ๑ ถึง ๙ ได้", ("ใช้เลข ๑ ถึง ๙ ได้",)),
    ],
)
def test_outcomes_one_a_line_or_numbered(cell: str, kept: tuple[str, ...]) -> None:
    assert values(outcomes=cell).outcomes == kept


def test_outcomes_that_no_one_can_mean_are_refused() -> None:
    assert faults(outcomes="\n".join("ก" * 300)) == [("outcomes", "outcomes_too_long")]


@pytest.mark.parametrize("cell", ["51", 51, "๕๑", "ลำพูน", "จังหวัดลำพูน", "จ.ลำพูน", "Lamphun", "ลำพูน ", "ล\u0e4d\u0e32พูน"])
def test_a_province_by_code_or_name(cell: Any) -> None:
    assert values(province=cell).province == "51"


def test_whose_course_it_is() -> None:
    assert values(province="50").owner == "P50"
    assert values(owner="S1").owner == "S1"
    assert values(owner="โรงเรียนหนึ่ง").owner == "S1"
    assert faults(owner="S2") == [("owner", "owner_unknown")]
    assert faults(owner="S9") == [("owner", "owner_not_yours")]
    assert faults(RowContext()) == [("owner", "owner_missing")]
    assert faults(RowContext(province="51", centres={"51": "P51"}, not_yours=frozenset({"P51"}))) == [
        ("owner", "owner_not_yours")
    ]


def test_headings_people_write() -> None:
    for text, column in (
        ("รหัสรายวิชา", "code"),
        ("รหัสวิชา *", "code"),
        ("ชื่อรายวิชา", "title_th"),
        ("ชื่อรายวิชา (ภาษาไทย)", "title_th"),
        ("ปีหลักสูตร (พ.ศ.)", "version"),
        ("Title_TH", "title_th"),
        (" HOURS THEORY ", "hours_theory"),
        ("จำนวนชั่วโมง\n(ปฏิบัติ)", "hours_practice"),
        ("ท-ป-น", "tpn"),
        ("หมายเหตุ", None),
        ("", None),
    ):
        assert course_words.heading(text) == column
    for column in COLUMNS:
        assert course_words.heading(column) == column
        assert all(course_words.heading(word) == column for word in course_words.HEADINGS[column])
    assert len(TEMPLATE) == 17


def test_no_word_means_two_things() -> None:
    for words in (course_words.HEADINGS, course_words._LEVEL_WORDS, course_words._SECTOR_WORDS):
        seen: dict[str, str] = {}
        for code, said in words.items():
            for word in (code, *said):
                assert seen.setdefault(course_words._bare(word), code) == code, word


CELLS = st.one_of(
    st.none(), st.text(max_size=30), st.integers(), st.floats(), st.booleans(), st.dates(), st.times(), st.timedeltas()
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.sampled_from(COLUMNS), CELLS))
def test_whatever_stands_in_a_row_is_a_course_or_faults(cells: dict[str, Any]) -> None:
    found = check_row(cells, HERE)
    if isinstance(found, list):
        assert found
        assert all(isinstance(fault, Fault) and fault.column in COLUMNS for fault in found)
    else:
        texts = [value for value in vars(found).values() if isinstance(value, str)] + list(found.outcomes)
        assert not any("\x00" in text or text != " ".join(text.split()) for text in texts)


@given(st.lists(st.text(alphabet="กขคง ", min_size=1, max_size=12).filter(str.strip), min_size=1, max_size=5))
def test_outcomes_written_one_a_line_are_read_back(told: list[str]) -> None:
    once = values(outcomes="\n".join(told)).outcomes
    assert len(once) == len(told)
    assert values(outcomes="\n".join(once)).outcomes == once
