"""What a client may be allowed to do: every scope of the API, with its meaning in Thai and English."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Scope:
    """A permission by its public code (RFC 6749 section 3.3)."""

    code: str
    th: str
    en: str


CREDITS_READ = "credits:read"
EVENTS_WRITE = "events:write"
EVENTS_READ = "events:read"
CATALOGUE_READ = "catalogue:read"
CATALOGUE_WRITE = "catalogue:write"
COMPARISONS_READ = "comparisons:read"
COMPARISONS_PROPOSE = "comparisons:propose"
COMPARISONS_RATE = "comparisons:rate"
COMPARISONS_APPROVE = "comparisons:approve"
COMPARISONS_COMMENT = "comparisons:comment"
GROUPS_WRITE = "groups:write"
ADOPTIONS_WRITE = "adoptions:write"
REVIEWS_DECIDE = "reviews:decide"
REPORTS_READ = "reports:read"
WEBHOOKS_MANAGE = "webhooks:manage"

SCOPES: dict[str, Scope] = {
    scope.code: scope
    for scope in (
        Scope(
            CREDITS_READ,
            "อ่านหน่วยกิตของผู้เรียนในหน่วยงานของตน หรือของผู้เรียนที่ยินยอม",
            "Read the credits of the learners of the client's own organisation, or of those who agreed.",
        ),
        Scope(
            EVENTS_WRITE,
            "ส่งผลการเรียนจบรายวิชาในนามของระบบต้นทางที่ได้รับอนุญาต",
            "Send course completions in the name of the issuer that the client speaks for.",
        ),
        Scope(
            EVENTS_READ,
            "อ่านสถานะของข้อความที่หน่วยงานของตนส่งหรือเกี่ยวกับหน่วยงานของตน (ปกปิดข้อมูลส่วนบุคคล)",
            "Read what became of the messages of the client's own organisation; personal fields are redacted.",
        ),
        Scope(
            CATALOGUE_READ,
            "อ่านทะเบียนรายวิชาและกรอบผลลัพธ์การเรียนรู้",
            "Read the catalogue of courses and the frameworks of outcomes.",
        ),
        Scope(
            CATALOGUE_WRITE,
            "ส่งข้อมูลรายวิชาของหน่วยงานตนและหน่วยงานภายใต้",
            "Send courses of the client's own organisation and those below it.",
        ),
        Scope(
            COMPARISONS_READ,
            "อ่านการเทียบรายวิชาและคำสั่งรับรองใช้ พร้อมผลกระทบเป็นจำนวน",
            "Read comparisons and orders, and in numbers what they would do.",
        ),
        Scope(
            COMPARISONS_PROPOSE,
            "เสนอการเทียบรายวิชาในนามของกรรมการที่คำสั่งแต่งตั้ง",
            "Propose comparisons, as a member whom an order appointed.",
        ),
        Scope(
            COMPARISONS_RATE,
            "ให้ความเห็นต่อข้อเสนอการเทียบรายวิชาในนามของผู้ประเมินที่คำสั่งแต่งตั้ง",
            "Rate proposals, as a rater whom an order appointed.",
        ),
        Scope(
            COMPARISONS_APPROVE,
            "ลงนามอนุมัติ ส่งกลับ ไม่อนุมัติ หรือยกเลิกการเทียบรายวิชา ในนามของประธานที่คำสั่งแต่งตั้ง",
            "Approve, return, reject or withdraw comparisons, as the chair whom an order appointed.",
        ),
        Scope(
            COMPARISONS_COMMENT,
            "อ่านและให้ความเห็นในรอบรับฟังความเห็นสาธารณะ ในนามของผู้ใช้ของระบบตน",
            "Read what is put to the public, and comment on it for the people of the client's own system.",
        ),
        Scope(
            GROUPS_WRITE,
            "บันทึกและเปลี่ยนคณะทำงาน กรรมการ และการประชุม ของหน่วยงานตนและหน่วยงานภายใต้",
            "Enter and change working groups, members and meetings of the client's own organisation and those below it.",
        ),
        Scope(
            ADOPTIONS_WRITE,
            "ออกหรือเพิกถอนคำสั่งรับรองใช้ของธนาคารหน่วยกิตของตน",
            "Enter and revoke orders of the client's own bank.",
        ),
        Scope(
            REVIEWS_DECIDE,
            "อ่านและพิจารณาหน่วยกิตที่พักไว้เพราะผลการเทียบถูกเพิกถอน ของหน่วยงานตนและหน่วยงานภายใต้",
            "Read and decide about credit that a withdrawal put under review, of the client's own organisation and below.",
        ),
        Scope(
            REPORTS_READ,
            "อ่านรายงานความก้าวหน้าเป็นจำนวน",
            "Read reports of progress, in numbers.",
        ),
        Scope(
            WEBHOOKS_MANAGE,
            "ตั้งที่อยู่ที่จะรับแจ้งเมื่อหน่วยกิตของผู้เรียนในหน่วยงานของตนเปลี่ยน (แจ้งเฉพาะรหัส ไม่มีชื่อ)",
            "Name addresses that are told when credit of the organisation's own learners changes (ids only, no names).",
        ),
    )
}

#: What a learner can let a client do; everything else is the affair of organisations.
LEARNERS_GRANT = frozenset({CREDITS_READ})


def split(scopes: str) -> frozenset[str]:
    """Return the scopes of a list that is written with blanks between them."""
    return frozenset(scopes.split())


def join(scopes: Iterable[str]) -> str:
    """Return scopes as one text, in the order of the table, each once."""
    wanted = set(scopes)
    return " ".join(code for code in SCOPES if code in wanted)
