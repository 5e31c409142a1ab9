"""Every state and reason a message can have, with its sentence in Thai and English and who can help.

The codes are public and stable (the model's page of words); a sentence may be improved, a code never changes.
"""

from dataclasses import dataclass

STATES = ("received", "credited", "waiting", "withheld", "conflict", "parked", "ignored", "applied")


@dataclass(frozen=True)
class Reason:
    """A stable code with what it means and who can help, for a reader of either language."""

    code: str
    state: str
    th: str
    en: str
    help_th: str = ""
    help_en: str = ""


_SCHOOL = ("ครูหรือนายทะเบียนของสถานศึกษา", "your school's teacher or registrar")
_ADMIN = ("ผู้ดูแลระบบของแพลตฟอร์ม", "the platform's administrator")
_CENTRE = (
    "ครูหรือนายทะเบียนของสถานศึกษา ซึ่งจะประสานศูนย์ธนาคารหน่วยกิตระดับจังหวัด",
    "your school's teacher or registrar, who will ask the provincial credit-bank centre",
)
_REGISTRAR = ("นายทะเบียนของสถานศึกษา", "your school's registrar")
_RETRY = (
    "ครูหรือนายทะเบียนของสถานศึกษา ถ้าเว็บเรียนให้ทำแบบทดสอบใหม่ เมื่อผ่านเกณฑ์แล้วหน่วยกิตจะเข้าเอง",
    "your school's teacher or registrar. Where the learning site lets you take the test again, the credit arrives by "
    "itself once you reach the minimum",
)
_NOBODY = ("", "")

_ROWS = (
    ("received", "received", "ได้รับแล้ว กำลังพิจารณา", "Received; being decided.", _NOBODY),
    ("credited", "credited", "ได้หน่วยกิตแล้ว", "Credit was given.", _NOBODY),
    (
        "credited.superseded_attempt",
        "credited",
        "ผลครั้งนี้ใช้แทนผลเดิมของรายวิชาเดียวกัน",
        "This result replaced an earlier one of the same course.",
        _NOBODY,
    ),
    (
        "credited.already",
        "credited",
        "ผลนี้ได้หน่วยกิตไปแล้ว จึงไม่นับซ้ำ",
        "This result already has its credit; it is not counted twice.",
        _NOBODY,
    ),
    (
        "credited.stale",
        "credited",
        "เก็บผลนี้ไว้ แต่มีผลที่ใหม่กว่าหรือดีกว่าใช้อยู่แล้ว",
        "Kept, but a newer or better result already counts.",
        _NOBODY,
    ),
    (
        "course_unknown",
        "waiting",
        "รออยู่ เพราะระบบยังไม่รู้จักรายวิชานี้",
        "Waiting: this course is not in the catalogue yet.",
        _ADMIN,
    ),
    (
        "course_ambiguous",
        "waiting",
        "รออยู่ เพราะมีรายวิชาที่ตรงกันมากกว่าหนึ่ง ต้องให้คนเลือก",
        "Waiting: more than one course matches; a person must choose.",
        _ADMIN,
    ),
    (
        "no_comparison",
        "waiting",
        "รออยู่ เพราะยังไม่มีผลการเทียบรายวิชานี้ที่อนุมัติแล้ว",
        "Waiting: no approved comparison exists for this course yet.",
        _CENTRE,
    ),
    (
        "not_adopted",
        "waiting",
        "รออยู่ เพราะธนาคารหน่วยกิตของสถานศึกษายังไม่มีคำสั่งรับรองให้ใช้ผลการเทียบนี้",
        "Waiting: the school's credit bank has not adopted the comparison yet.",
        _SCHOOL,
    ),
    (
        "adoptions_disagree",
        "waiting",
        "รออยู่ เพราะมีคำสั่งรับรองสองฉบับที่ให้ผลไม่ตรงกัน ต้องให้คนตัดสิน",
        "Waiting: two adoption orders disagree; a person must decide.",
        _SCHOOL,
    ),
    (
        "evidence_missing",
        "waiting",
        "รออยู่ เพราะยังขาดหลักฐานที่เงื่อนไขกำหนด",
        "Waiting: evidence that the conditions ask for is missing.",
        _SCHOOL,
    ),
    (
        "issuer_untrusted",
        "waiting",
        "รออยู่ เพราะระบบต้นทางยังไม่ได้รับความเชื่อถือ",
        "Waiting: the sending system is not trusted yet.",
        _ADMIN,
    ),
    (
        "learner_unknown",
        "waiting",
        "รออยู่ เพราะยังไม่รู้ว่าผู้เรียนคนนี้คือใคร",
        "Waiting: it is not known yet who this learner is.",
        _ADMIN,
    ),
    (
        "plugin_unavailable",
        "waiting",
        "รออยู่ เพราะระบบที่ต้องถามก่อนตัดสินยังไม่ตอบ จะลองใหม่เอง",
        "Waiting: a system that must be asked first does not answer; it will be tried again.",
        _ADMIN,
    ),
    ("score_below", "withheld", "คะแนนต่ำกว่าเกณฑ์", "The score is below the minimum.", _RETRY),
    ("grade_below", "withheld", "ผลการเรียนต่ำกว่าเกณฑ์", "The grade is below the minimum.", _SCHOOL),
    ("attendance_below", "withheld", "เวลาเรียนต่ำกว่าเกณฑ์", "The attendance is below the minimum.", _SCHOOL),
    (
        "assurance_below",
        "withheld",
        "ความน่าเชื่อถือของการยืนยันตัวตนหรือการวัดผลต่ำกว่าเกณฑ์",
        "Identity or assessment was not assured well enough.",
        _SCHOOL,
    ),
    (
        "outside_dates",
        "withheld",
        "วันที่เรียนจบอยู่นอกช่วงที่ผลการเทียบรายวิชาใช้ได้",
        "The day of completion is outside the dates of the comparison.",
        _CENTRE,
    ),
    (
        "refused_by_policy",
        "withheld",
        "ไม่ผ่านเงื่อนไขของสถานศึกษาหรือแพลตฟอร์ม",
        "A policy of the school or platform refuses it.",
        _SCHOOL,
    ),
    ("person_decided", "withheld", "เจ้าหน้าที่ตัดสินแล้ว", "A person decided.", _SCHOOL),
    (
        "completion_revoked",
        "withheld",
        "ระบบต้นทางยกเลิกการเรียนจบครั้งนี้ หากไม่เห็นด้วยให้แจ้งสถานศึกษา",
        "The sending system took this completion back; if you object, tell your school.",
        _SCHOOL,
    ),
    (
        "same_id_other_facts",
        "conflict",
        "ข้อความรหัสเดิมแต่ข้อเท็จจริงไม่ตรงกัน ผลเดิมยังคงอยู่",
        "The same message id came with other facts; the first decision stands.",
        _ADMIN,
    ),
    (
        "identity_mismatch",
        "conflict",
        "เลขประจำตัวประชาชนไม่ตรงกับที่เคยได้รับ ต้องให้เจ้าหน้าที่ตรวจสอบ",
        "The national ID differs from the one known; an officer must look.",
        _REGISTRAR,
    ),
    (
        "not_a_course_completion",
        "ignored",
        "ไม่ใช่การเรียนจบรายวิชา จึงไม่มีผลต่อหน่วยกิต",
        "Not a course completion; it has no effect on credits.",
        _NOBODY,
    ),
    ("applied", "applied", "ดำเนินการตามที่แจ้งแล้ว", "Carried out as told.", _NOBODY),
    (
        "parked",
        "parked",
        "ประมวลผลไม่สำเร็จหลายครั้ง ผู้ดูแลระบบต้องตรวจสอบ",
        "Failed several times; an administrator must look.",
        _ADMIN,
    ),
)

REASONS: dict[str, Reason] = {code: Reason(code, state, th, en, *who) for code, state, th, en, who in _ROWS}
