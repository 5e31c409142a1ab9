"""What each figure of the progress report means, precisely enough to count it again in the database."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Meaning:
    """The definition of a figure in Thai and English."""

    th: str
    en: str


_ROWS = (
    (
        "courses",
        "รายวิชาที่รวบรวม: จำนวนรายวิชา (เจ้าของ รหัส และหลักสูตรปีเดียวกันนับเป็นหนึ่ง) ที่ระบุจังหวัดนี้ "
        "หรือถ้าไม่ได้ระบุ เจ้าของรายวิชาอยู่ในจังหวัดนี้",
        "Courses collected: course versions (one for each owner, code and curriculum year) that name the province or, where "
        "they name none, whose owner stands in it.",
    ),
    (
        "stages",
        "ความก้าวหน้าของรายวิชา: แต่ละรายวิชานับครั้งเดียวตามขั้นที่ไปได้ไกลที่สุด ไม่ว่าหน่วยงานใดเป็นผู้เทียบ คือ มีผลการเทียบที่ใช้อยู่ "
        "อยู่ระหว่างพิจารณา เสนอแล้ว ส่งกลับให้แก้ กำลังจัดทำข้อเสนอ ไม่อนุมัติ ผลการเทียบยุติแล้ว หรือยังไม่เริ่มเทียบ",
        "How far courses have come: each counted once, as far as it has come, whoever compares it: a comparison stands, "
        "under judgement, proposed, returned, being drafted, refused, its comparison has ended, or not begun.",
    ),
    (
        "proposals",
        "ข้อเสนอการเทียบ: ข้อเสนอของหน่วยงานที่อยู่ในจังหวัดนี้ แยกตามสถานะปัจจุบัน ไม่รวมที่อนุมัติแล้วและที่ผู้เสนอถอนคืน",
        "Proposals of bodies that stand in the province, by their present state, without those approved or taken back.",
    ),
    (
        "rated",
        "ประเมินแล้ว: ข้อเสนอที่อยู่ระหว่างพิจารณาและมีผู้ประเมินให้ความเห็นในรอบปัจจุบันแล้วอย่างน้อยหนึ่งคน",
        "Rated: proposals under judgement that somebody has rated in their present round.",
    ),
    (
        "oldest",
        "ข้อเสนอที่รอนานที่สุด: นับวันปฏิทินตามเวลาประเทศไทย ตั้งแต่วันที่เสนอครั้งล่าสุดของข้อเสนอที่ยังไม่มีผล ถึงวันที่ของข้อมูล",
        "Oldest waiting proposal: calendar days in Thailand from the day it was last proposed to the day of the figures, of "
        "those that are proposed or under judgement.",
    ),
    (
        "comparisons",
        "ผลการเทียบที่อนุมัติ: ผลการเทียบของหน่วยงานที่อยู่ในจังหวัดนี้ รวมที่บันทึกจากเอกสาร แยกเป็นที่ยังใช้อยู่ "
        "และที่ยุติแล้ว (มีฉบับใหม่แทนหรือเพิกถอน)",
        "Comparisons approved by bodies that stand in the province, those entered from paper included: those that stand, "
        "and those that ended (superseded or withdrawn).",
    ),
    (
        "adopted",
        "ธนาคารที่รับรองใช้: จำนวนธนาคารหน่วยกิต ไม่ว่าอยู่จังหวัดใด ที่มีคำสั่งมีผลในวันของข้อมูล "
        "และรับรองผลการเทียบของหน่วยงานที่อยู่ในจังหวัดนี้อย่างน้อยหนึ่งรายการ หรือรับรองทุกรายการของหน่วยงานนั้น",
        "Adopting banks: credit banks, wherever they are, with an order in force on the day of the figures that names a "
        "comparison of the province's bodies, or stands for such a body.",
    ),
    (
        "banks",
        "ธนาคารหน่วยกิตในจังหวัด: ธนาคารของหน่วยงานที่อยู่ในจังหวัดนี้ และในจำนวนนั้นที่มีคำสั่งรับรองใช้มีผลในวันของข้อมูล",
        "Banks of the province: those of organisations that stand in it, and how many of them have an order in force on the "
        "day of the figures.",
    ),
    (
        "memoranda",
        "บันทึกข้อตกลง: ฉบับที่หน่วยงานในจังหวัดนี้เป็นเจ้าของและมีผลในวันของข้อมูล หน่วยงานที่ร่วมลงนามซ้ำหลายฉบับนับครั้งเดียว",
        "Memoranda that organisations of the province keep and that are in force on the day of the figures; an agency that "
        "signed several counts once.",
    ),
    (
        "waiting",
        "เรียนจบแล้วรอหน่วยกิต: การเรียนจบที่ผลพิจารณาปัจจุบันคือรอ ของสถานศึกษาที่อยู่ในจังหวัดนี้ "
        "เพราะยังไม่มีผลการเทียบ หรือมีแล้วแต่ธนาคารของสถานศึกษายังไม่มีคำสั่งรับรองใช้ (รวมกรณีคำสั่งขัดกัน)",
        "Waiting completions: those whose current decision is to wait, of schools that stand in the province, because no "
        "comparison exists, or the school's bank has not adopted one (orders that disagree included).",
    ),
    (
        "wanted",
        "รายวิชาที่มีผู้รอมากที่สุด: รายวิชาของการเรียนจบที่รออยู่ข้างต้น เรียงตามจำนวนผู้เรียน",
        "Most wanted courses: those of the waiting completions above, by how many learners wait.",
    ),
    (
        "granted",
        "หน่วยกิตที่ให้: รายการหน่วยกิตที่ธนาคารในจังหวัดนี้ฝากเข้า (ดูจากคำสั่งที่รายการแรกในสมุดบัญชีอ้างถึง) และยังมีผล "
        "จำนวนหน่วยกิตคือยอดฝากหักส่วนที่ยกเลิก หมดอายุ หรือซ้ำ แยกตามระบบหน่วยกิตและไม่นำมารวมกัน",
        "Credits granted: records that banks of the province have deposited (by the order that a record's first entry rests "
        "on) and that still stand; credits are what was deposited less what was revoked, expired or found double. Schemes "
        "are never added.",
    ),
    (
        "taken_back",
        "หน่วยกิตที่ยกเลิก: รายการหน่วยกิตที่ธนาคารในจังหวัดนี้ฝากเข้าแล้วไม่มีผลแล้วทั้งรายการ เพราะถูกยกเลิก หมดอายุ หรือซ้ำ",
        "Taken back: records that banks of the province deposited and of which nothing stands any more: revoked, expired or "
        "found double.",
    ),
    (
        "learners",
        "ผู้เรียน: จำนวนคน ผู้ที่มีหลายบัญชีซึ่งรวมกันแล้วนับเป็นหนึ่งคน ผู้เรียนคนเดียวกันอาจอยู่ในหลายระบบหน่วยกิตหรือหลายรายวิชา "
        "จึงไม่ควรนำมาบวกกัน",
        "Learners are people: accounts that are linked count as one. The same learner may stand in several schemes or "
        "courses, so learners must not be added.",
    ),
    (
        "months",
        "รายเดือน: เดือนตามเวลาประเทศไทย รายวิชาตามวันที่เข้าทะเบียน ผลการเทียบตามวันที่อนุมัติ "
        "หน่วยกิตตามวันที่บันทึกในสมุดบัญชี หักส่วนที่ยกเลิกในเดือนนั้น",
        "By month in Thailand: courses by the day they were entered, comparisons by the day of approval, credits by the day "
        "they were booked, less what was taken back in that month.",
    ),
)

#: The definitions by the name of the figure.
MEANINGS: dict[str, Meaning] = {name: Meaning(th, en) for name, th, en in _ROWS}


def about_hiding(least: int) -> Meaning:
    """Return what is said wherever numbers may be hidden: from how many people on they are shown, and by whose rule."""
    return Meaning(
        f"จำนวนผู้เรียนที่น้อยกว่า {least} คนไม่แสดงเป็นตัวเลข และไม่แสดงตัวเลขอื่นที่ใช้คำนวณย้อนกลับได้ "
        f"เกณฑ์ {least} คนเป็นค่าที่ระบบนี้ตั้งไว้ ยังไม่พบประกาศที่กำหนดเรื่องนี้ ยอดรวมของหลายจังหวัดรวมเฉพาะตัวเลขที่แสดง",
        f"Fewer than {least} learners are not shown as a number, nor anything they could be worked out from. {least} is a "
        "setting of this system; no announcement on it was found. Totals over provinces add only what is shown.",
    )


def not_shown(least: int) -> Meaning:
    """Return what stands in the place of a number of learners that is hidden."""
    return Meaning(f"น้อยกว่า {least}", f"fewer than {least}")


#: What stands in the place of any other number that is hidden, and of a kind that is not stated.
HIDDEN, UNSTATED = Meaning("ไม่แสดง", "not shown"), Meaning("ไม่ระบุ", "not stated")
FROM_PAPER = Meaning("บันทึกจากเอกสาร ไม่ผ่านคณะทำงานในระบบ", "entered from paper, by no group here")
BEFORE = Meaning("ก่อนหน้านั้น", "before that")

#: The words for the codes of a report, by what they are codes of.
WORDS: dict[str, dict[str, Meaning]] = {
    "stage": {
        "approved": Meaning("มีผลการเทียบที่ใช้อยู่", "a comparison stands"),
        "under_judgement": Meaning("อยู่ระหว่างพิจารณา", "under judgement"),
        "proposed": Meaning("เสนอแล้ว", "proposed"),
        "returned": Meaning("ส่งกลับให้แก้", "returned"),
        "draft": Meaning("กำลังจัดทำข้อเสนอ", "being drafted"),
        "rejected": Meaning("ไม่อนุมัติ", "refused"),
        "ended": Meaning("ผลการเทียบยุติแล้ว", "its comparison has ended"),
        "open": Meaning("ยังไม่เริ่มเทียบ", "not begun"),
    },
    "level_group": {
        "primary": Meaning("ประถมศึกษา", "Primary"),
        "lower_secondary": Meaning("มัธยมศึกษาตอนต้น", "Lower secondary"),
        "upper_secondary_vocational": Meaning("มัธยมศึกษาตอนปลาย / ปวช.", "Upper secondary and vocational certificate"),
        "diploma": Meaning("ปวส. / อนุปริญญา", "Higher vocational diploma and associate degree"),
        "short_course": Meaning("หลักสูตรระยะสั้นและการศึกษาตลอดชีวิต", "Short courses and lifelong learning"),
    },
    "sector": {
        "formal": Meaning("การศึกษาในระบบ", "Formal"),
        "non_formal": Meaning("การศึกษานอกระบบ", "Non-formal"),
        "informal": Meaning("การศึกษาตามอัธยาศัย", "Informal"),
        "work_experience": Meaning("ประสบการณ์การทำงาน", "Work experience"),
    },
    "need": {
        "comparison": Meaning("ยังไม่มีผลการเทียบ", "no comparison yet"),
        "order": Meaning("ยังไม่มีคำสั่งรับรองใช้", "no order yet"),
    },
    "scheme": {
        "basic": Meaning("การศึกษาขั้นพื้นฐาน", "Basic education"),
        "vocational": Meaning("อาชีวศึกษา", "Vocational education"),
        "higher": Meaning("อุดมศึกษา", "Higher education"),
        "non_formal": Meaning("การศึกษานอกระบบ (สกร.)", "Non-formal education"),
        "none": Meaning("ผลลัพธ์ที่ไม่มีหน่วยกิต", "Outcomes without credit"),
    },
}


def word(of: str, code: str | None) -> Meaning:
    """Return the words for a code; a code or name that is not ours stands for itself."""
    if code is None:
        return UNSTATED
    return WORDS.get(of, {}).get(code) or Meaning(code, code)
