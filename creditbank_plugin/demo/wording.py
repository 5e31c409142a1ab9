"""Words and dates as the two languages have them."""

from datetime import datetime, timedelta, timezone

from creditbank_plugin.demo.session import language

BANGKOK = timezone(timedelta(hours=7))
_MONTHS_TH = (
    "มกราคม",
    "กุมภาพันธ์",
    "มีนาคม",
    "เมษายน",
    "พฤษภาคม",
    "มิถุนายน",
    "กรกฎาคม",
    "สิงหาคม",
    "กันยายน",
    "ตุลาคม",
    "พฤศจิกายน",
    "ธันวาคม",
)
_MONTHS_EN = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)

ROLE_NAMES = {
    "student": ("นักเรียน", "Student"),
    "teacher": ("ครู", "Teacher"),
    "registrar": ("นายทะเบียน", "Registrar"),
    "director": ("ผู้อำนวยการ", "Director"),
    "committee": ("คณะทำงาน", "Working group"),
    "admin": ("ผู้ดูแลระบบ", "Administrator"),
}
GROUP_NAMES = {
    "lower_secondary": ("มัธยมศึกษาตอนต้น (ม.ต้น)", "Lower secondary"),
    "upper_secondary_vocational": ("มัธยมศึกษาตอนปลาย / ปวช.", "Upper secondary and vocational certificate"),
    "diploma": ("ปวส. / อนุปริญญา", "Higher vocational diploma and associate degree"),
    "short_course": ("หลักสูตรระยะสั้นและการศึกษาตลอดชีวิต", "Short courses and lifelong learning"),
}


def t(th: str, en: str) -> str:
    """Return the sentence in the visitor's language."""
    return en if language() == "en" else th


def hours(number: int | None) -> str:
    """Return a course's planned hours, or that none are stated."""
    return t("ไม่ระบุชั่วโมง", "hours not stated") if number is None else t(f"{number} ชั่วโมง", f"{number} hours")


def owner(code: str, school: str) -> str:
    """Return whose a course is, in words: of the nation, of the ``school`` that runs this LMS, else the code."""
    names = {"national": ("หลักสูตรระดับชาติ", "National curricula"), school: ("สถานศึกษาของเรา", "Our school")}
    return in_words(names.get(code, (code, code)))


def in_words(names: tuple[str, str]) -> str:
    """Return a pair (Thai, English) in the visitor's language."""
    return t(*names)


def day(moment: datetime) -> str:
    """Return the day at Bangkok: พ.ศ. in Thai, the common era in English."""
    local = moment.astimezone(BANGKOK)
    return t(
        f"{local.day} {_MONTHS_TH[local.month - 1]} {local.year + 543}",
        f"{local.day} {_MONTHS_EN[local.month - 1]} {local.year}",
    )


def clock(moment: datetime) -> str:
    """Return the day and the time of day at Bangkok."""
    local = moment.astimezone(BANGKOK)
    return t(f"{day(moment)} เวลา {local:%H.%M} น.", f"{day(moment)}, {local:%H:%M}")
