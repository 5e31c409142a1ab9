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

SCOPES: dict[str, Scope] = {
    scope.code: scope
    for scope in (
        Scope(
            CREDITS_READ,
            "อ่านหน่วยกิตของผู้เรียนในหน่วยงานของตน",
            "Read the credits of the learners of the client's own organisation.",
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
    )
}


def split(scopes: str) -> frozenset[str]:
    """Return the scopes of a list that is written with blanks between them."""
    return frozenset(scopes.split())


def join(scopes: Iterable[str]) -> str:
    """Return scopes as one text, in the order of the table, each once."""
    wanted = set(scopes)
    return " ".join(code for code in SCOPES if code in wanted)
