"""How sure is sure enough: two orders, of who learned (identity) and of how it was assessed (assessment)."""

from collections.abc import Mapping

from creditbank_hooks.tidings import ASSESSMENT_ASSURANCE, IDENTITY_ASSURANCE, Assurance

# Our own plain words for the levels: (Thai, English).
IDENTITY_WORDS: Mapping[str, tuple[str, str]] = {
    "unknown": ("ระบบต้นทางไม่ได้แจ้งวิธียืนยันตัวตน", "the sending system did not say how identity was checked"),
    "login": ("ผู้เรียนเข้าสู่ระบบด้วยบัญชีของตน", "the learner logged in to an account"),
    "verified": ("ยืนยันตัวตนผู้เรียนแล้ว", "the learner's identity was verified"),
    "proctored": ("มีผู้คุมยืนยันตัวผู้เรียน", "a proctor confirmed the learner's identity"),
}
ASSESSMENT_WORDS: Mapping[str, tuple[str, str]] = {
    "self": ("ผู้เรียนประเมินตนเอง", "the learner assessed themselves"),
    "automatic": ("ระบบตรวจให้อัตโนมัติ", "assessed automatically"),
    "teacher": ("ครูเป็นผู้ประเมิน", "assessed by a teacher"),
    "proctored": ("สอบโดยมีผู้คุมสอบ", "examined under supervision"),
    "standard_test": ("สอบด้วยแบบทดสอบมาตรฐาน", "passed a standard test"),
}


def identity_meets(have: str, minimum: str) -> bool:
    """Tell whether identity level ``have`` is ``minimum`` or higher; raises ``ValueError`` for an unknown level."""
    return IDENTITY_ASSURANCE.index(have) >= IDENTITY_ASSURANCE.index(minimum)


def assessment_meets(have: str, minimum: str) -> bool:
    """Tell whether assessment level ``have`` is ``minimum`` or higher; raises ``ValueError`` for an unknown level."""
    return ASSESSMENT_ASSURANCE.index(have) >= ASSESSMENT_ASSURANCE.index(minimum)


def lacking(have: Assurance | None, minimum: Assurance) -> tuple[str, ...]:
    """Return which of ``identity`` and ``assessment`` are too low; what was not told counts as the lowest level."""
    told = have or Assurance()
    checks = (
        ("identity", identity_meets(told.identity, minimum.identity)),
        ("assessment", assessment_meets(told.assessment, minimum.assessment)),
    )
    return tuple(name for name, met in checks if not met)


def meets(have: Assurance | None, minimum: Assurance) -> bool:
    """Tell whether both orders reach the minimum."""
    return not lacking(have, minimum)
