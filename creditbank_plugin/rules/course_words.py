"""The words that people's spreadsheets use for a column, a level group and a sector."""

import re
from collections.abc import Iterable, Mapping

from creditbank_plugin.rules import thai

#: The columns of the template, in its order.
TEMPLATE = (
    *("owner", "code", "version", "title_th", "title_en", "description", "outcomes"),
    *("hours_theory", "hours_practice", "hours_field", "level_group", "sector", "delivery"),
    *("provider", "province", "agency", "occupational_group"),
)
#: What a file may have beside them: the hours in all, and a vocational course's weekly ท-ป-น.
MORE = ("hours", "tpn")
COLUMNS = (*TEMPLATE, *MORE)
REQUIRED = ("code", "version", "title_th", "level_group", "sector")

#: Headings by column, the first as our own template writes it.
HEADINGS: Mapping[str, tuple[str, ...]] = {
    "owner": (
        "รหัสหน่วยงานเจ้าของ",
        "เจ้าของรายวิชา",
        "หน่วยงานเจ้าของรายวิชา",
        "หน่วยงานเจ้าของ",
        "รหัสหน่วยงาน",
        "รหัสสถานศึกษา",
        "รหัสโรงเรียน",
    ),
    "code": ("รหัสรายวิชา", "รหัสวิชา", "รหัส", "รหัสหลักสูตร", "course code", "subject code", "course id"),
    "version": (
        "ปีหลักสูตร",
        "หลักสูตร พ.ศ.",
        "ปีของหลักสูตร",
        "พ.ศ. หลักสูตร",
        "หลักสูตรปี",
        "ปี พ.ศ.",
        "พ.ศ.",
        "ฉบับปี",
        "curriculum year",
        "curriculum",
        "year",
    ),
    "title_th": (
        "ชื่อรายวิชา",
        "ชื่อวิชา",
        "รายวิชา",
        "ชื่อรายวิชาภาษาไทย",
        "ชื่อวิชาภาษาไทย",
        "ชื่อภาษาไทย",
        "ชื่อรายวิชา (ไทย)",
        "ชื่อหลักสูตร",
        "ชื่อรายวิชา/หลักสูตร",
        "title",
        "course title",
        "course name",
        "title thai",
        "thai title",
    ),
    "title_en": (
        "ชื่อรายวิชาภาษาอังกฤษ",
        "ชื่อวิชาภาษาอังกฤษ",
        "ชื่อภาษาอังกฤษ",
        "ชื่อรายวิชา (อังกฤษ)",
        "ชื่ออังกฤษ",
        "english title",
        "title english",
        "english name",
    ),
    "description": ("คำอธิบายรายวิชา", "คำอธิบาย", "คำอธิบายวิชา", "สาระสำคัญ", "รายละเอียด", "course description"),
    "outcomes": (
        "ผลลัพธ์การเรียนรู้",
        "ผลการเรียนรู้",
        "จุดประสงค์รายวิชา",
        "จุดประสงค์การเรียนรู้",
        "สมรรถนะรายวิชา",
        "ผลลัพธ์การเรียนรู้ที่คาดหวัง",
        "ผลการเรียนรู้ที่คาดหวัง",
        "learning outcomes",
    ),
    "hours_theory": (
        "ชั่วโมงทฤษฎี",
        "ทฤษฎี",
        "ทฤษฎี (ชั่วโมง)",
        "จำนวนชั่วโมงทฤษฎี",
        "ชม.ทฤษฎี",
        "ภาคทฤษฎี",
        "theory",
        "theory hours",
    ),
    "hours_practice": (
        "ชั่วโมงปฏิบัติ",
        "ปฏิบัติ",
        "ปฏิบัติ (ชั่วโมง)",
        "จำนวนชั่วโมงปฏิบัติ",
        "ชม.ปฏิบัติ",
        "ภาคปฏิบัติ",
        "practice",
        "practice hours",
    ),
    "hours_field": (
        "ชั่วโมงฝึกงาน",
        "ฝึกงาน",
        "ฝึกประสบการณ์",
        "ฝึกอาชีพ",
        "ภาคสนาม",
        "ชั่วโมงภาคสนาม",
        "ชม.ฝึกงาน",
        "ชั่วโมงฝึกประสบการณ์",
        "field",
        "field hours",
    ),
    "level_group": (
        "ระดับ",
        "กลุ่มระดับ",
        "ระดับการศึกษา",
        "ระดับชั้น",
        "กลุ่มระดับการศึกษา",
        "กลุ่มเป้าหมายระดับ",
        "level group",
        "level",
    ),
    "sector": (
        "รูปแบบการศึกษา",
        "ประเภทการศึกษา",
        "ระบบการศึกษา",
        "รูปแบบการจัดการศึกษา",
        "ประเภทการจัดการศึกษา",
        "education sector",
    ),
    "delivery": (
        "วิธีจัดการเรียน",
        "รูปแบบการเรียน",
        "วิธีเรียน",
        "รูปแบบการจัดการเรียนรู้",
        "วิธีการจัดการเรียนรู้",
        "รูปแบบการสอน",
        "mode of delivery",
    ),
    "provider": (
        "ผู้จัด",
        "หน่วยจัด",
        "หน่วยงานที่จัด",
        "หน่วยจัดการเรียนรู้",
        "สถานศึกษา",
        "ชื่อสถานศึกษา",
        "โรงเรียน",
        "สถานที่เรียน",
        "school",
        "provider name",
    ),
    "province": ("จังหวัด", "รหัสจังหวัด", "province code"),
    "agency": ("สังกัด", "หน่วยงานต้นสังกัด", "ต้นสังกัด", "ชื่อหน่วยงาน", "หน่วยงาน"),
    "occupational_group": (
        "กลุ่มอาชีพ",
        "สาขาอาชีพ",
        "กลุ่มสาขาอาชีพ",
        "สาขาวิชาชีพ",
        "กลุ่มอาชีพที่สอดคล้อง",
        "occupation group",
        "occupation",
    ),
    "hours": (
        "ชั่วโมงรวม",
        "จำนวนชั่วโมง",
        "จำนวนชั่วโมงรวม",
        "รวมชั่วโมง",
        "ชั่วโมง",
        "ชม.",
        "เวลาเรียน",
        "ชั่วโมงเรียน",
        "จำนวนชั่วโมงเรียน",
        "total hours",
    ),
    "tpn": ("ท-ป-น", "ทปน", "ทฤษฎี-ปฏิบัติ-หน่วยกิต", "หน่วยกิต (ท-ป-น)", "น (ท-ป-น)"),
}

_LEVEL_WORDS: Mapping[str, tuple[str, ...]] = {
    "lower_secondary": (
        "ม.ต้น",
        "มัธยมต้น",
        "มัธยมศึกษาตอนต้น",
        "ม.1",
        "ม.2",
        "ม.3",
        "ม.1-3",
        "ม.1-ม.3",
        "มัธยมศึกษาปีที่ 1",
        "มัธยมศึกษาปีที่ 2",
        "มัธยมศึกษาปีที่ 3",
        "lower secondary",
    ),
    "upper_secondary_vocational": (
        *("ม.ปลาย", "มัธยมปลาย", "มัธยมศึกษาตอนปลาย", "ม.4", "ม.5", "ม.6", "ม.4-6", "ม.4-ม.6"),
        *("มัธยมศึกษาปีที่ 4", "มัธยมศึกษาปีที่ 5", "มัธยมศึกษาปีที่ 6", "ปวช.", "ประกาศนียบัตรวิชาชีพ", "ประกาศนียบัตรวิชาชีพ (ปวช.)"),
        *(
            "ม.ปลาย/ปวช.",
            "ม.ปลาย และ ปวช.",
            "มัธยมศึกษาตอนปลาย/ปวช.",
            "มัธยมศึกษาตอนปลาย/ประกาศนียบัตรวิชาชีพ",
            "upper secondary",
            "vocational certificate",
        ),
    ),
    "diploma": (
        "ปวส.",
        "อนุปริญญา",
        "ปวส./อนุปริญญา",
        "ปวส. และอนุปริญญา",
        "อนุปริญญา/ปวส.",
        "ประกาศนียบัตรวิชาชีพชั้นสูง",
        "ประกาศนียบัตรวิชาชีพชั้นสูง (ปวส.)",
    ),
    "short_course": (
        *(
            "ระยะสั้น",
            "หลักสูตรระยะสั้น",
            "วิชาชีพระยะสั้น",
            "หลักสูตรวิชาชีพระยะสั้น",
            "อบรมระยะสั้น",
            "การศึกษาตลอดชีวิต",
            "เรียนรู้ตลอดชีวิต",
            "ตลอดชีวิต",
        ),
        *(
            "หลักสูตรระยะสั้นและการศึกษาตลอดชีวิต",
            "ระยะสั้น/ตลอดชีวิต",
            "ระยะสั้น/การศึกษาตลอดชีวิต",
            "หลักสูตรระยะสั้น/การศึกษาตลอดชีวิต",
            "short courses",
            "lifelong learning",
        ),
    ),
}
_SECTOR_WORDS: Mapping[str, tuple[str, ...]] = {
    "formal": ("ในระบบ", "การศึกษาในระบบ", "ในระบบโรงเรียน"),
    "non_formal": ("นอกระบบ", "การศึกษานอกระบบ", "นอกโรงเรียน", "การศึกษานอกโรงเรียน"),
    "informal": ("ตามอัธยาศัย", "การศึกษาตามอัธยาศัย", "อัธยาศัย"),
    "work_experience": (
        "ประสบการณ์ทำงาน",
        "ประสบการณ์การทำงาน",
        "จากประสบการณ์ทำงาน",
        "ตามประสบการณ์ทำงาน",
        "ประสบการณ์",
        "ตามประสบการณ์",
        "การทำงาน",
    ),
}
#: The word that our own files write for each code.
LEVEL_WORD = {code: words[0] for code, words in _LEVEL_WORDS.items()} | {
    "upper_secondary_vocational": "ม.ปลาย/ปวช.",
    "diploma": "ปวส./อนุปริญญา",
}
SECTOR_WORD = {code: words[0] for code, words in _SECTOR_WORDS.items()}

_NOISE = re.compile(r"[\s.*:_\-–—/\\,()\[\]{}\"'“”ฯ]+")
_NOTE = re.compile(r"[(\[].*?[)\]]")
_LEVEL_NOISE = re.compile("^(ระดับชั้น|ระดับ|กลุ่มที่[0-9]|กลุ่ม|ชั้น)")


def _bare(text: str) -> str:
    return _NOISE.sub("", thai.digits(thai.normalise(text)).lower())


def _by_word(words: Mapping[str, Iterable[str]]) -> dict[str, str]:
    return {_bare(word): code for code, said in words.items() for word in (code, *said)}


_HEADING, _LEVEL, _SECTOR = _by_word(HEADINGS), _by_word(_LEVEL_WORDS), _by_word(_SECTOR_WORDS)


def heading(text: str) -> str | None:
    """Return the column that a heading means, also with a note in brackets or a star; None for one we do not know."""
    return _HEADING.get(_bare(text)) or _HEADING.get(_bare(_NOTE.sub(" ", text)))


def level_group(text: str) -> str | None:
    """Return the level group that a word means; None for one we do not know."""
    bare = _bare(text)
    return _LEVEL.get(bare) or _LEVEL.get(_LEVEL_NOISE.sub("", bare))


def sector(text: str) -> str | None:
    """Return the sector that a word means; None for one we do not know."""
    return _SECTOR.get(_bare(text))
