"""Examples of the API's documentation: made-up codes (99…), no person."""

from typing import Any

_ID = "019308a0-6d2e-7c11-9a55-0d6f0a2b3c4{}"


def cloud_event(number: int = 1) -> dict[str, Any]:
    """Return a completion as it is sent."""
    return {
        "specversion": "1.0",
        "id": f"completion-{number}",
        "source": "https://lms.example.ac.th/",
        "type": "lms.course.completed.v1",
        "time": "2026-03-31T16:00:00+07:00",
        "datacontenttype": "application/json",
        "data": {
            "learner": {"id": "student-0001", "issuer": "https://lms.example.ac.th/"},
            "school": "99000001",
            "course": {"code": "ว31101"},
            "completed_at": "2026-03-31T16:00:00+07:00",
            "score": 82,
        },
    }


TOLD: dict[str, Any] = {
    "id": "completion-1",
    "source": "https://lms.example.ac.th/",
    "event_id": _ID.format(1),
    "state": "credited",
    "reason": {"code": "credited", "th": "ได้หน่วยกิตแล้ว", "en": "Credit was given."},
    "record_id": _ID.format(2),
}
LINE: dict[str, Any] = {
    "rule": "conditions.score",
    "source": "comparison",
    "inputs": {"score": "82", "minimum": "50"},
    "result": "passed",
    "th": "คะแนน 82 ไม่ต่ำกว่าเกณฑ์ 50",
    "en": "The score 82 is not below the minimum 50.",
}
EVENT: dict[str, Any] = {
    **TOLD,
    "received_at": "2026-03-31T09:00:02Z",
    "tiding": {
        "learner": {"id": "student-0001", "issuer": "https://lms.example.ac.th/", "name": "[redacted]"},
        "course": {"code": "ว31101"},
        "completed_at": "2026-03-31T09:00:00+00:00",
        "score": 82,
    },
    "decision": {
        "state": "credited",
        "reason": TOLD["reason"],
        "explanation": [LINE],
        "record_id": _ID.format(2),
        "comparison_id": _ID.format(3),
        "adoption_id": _ID.format(4),
        "decided_at": "2026-03-31T09:00:02Z",
    },
}
RECORD: dict[str, Any] = {
    "id": _ID.format(2),
    "account_id": _ID.format(5),
    "bank": {"code": "99000001", "name": {"th": "ธนาคารหน่วยกิตตัวอย่าง", "en": None}},
    "course": {"owner": "99000001", "code": "ว31101", "version": "2560", "title": {"th": "รายวิชาตัวอย่าง", "en": None}},
    "scheme": "basic",
    "credits": "1.50",
    "outcomes": [],
    "nqf_level": None,
    "nqf_level_basis": None,
    "grade": None,
    "score": 82,
    "assurance": {"identity": "unknown", "assessment": "self"},
    "completed_on": "2026-03-31",
    "completed_at_precision": "exact",
    "credited_at": "2026-03-31T09:00:02Z",
    "school": "99000001",
    "state": "available",
    "comparison_id": _ID.format(3),
    "adoption_id": _ID.format(4),
    "explanation": [LINE],
    "event_id": _ID.format(1),
}
CREDITS: dict[str, Any] = {
    "learner_id": _ID.format(6),
    "balances": [
        {"scheme": "basic", "available": "1.50", "held": "0.00", "redeemed": "0.00", "under_review": "0.00"},
    ],
    "items": [RECORD],
    "next": None,
}
LEARNERS: dict[str, Any] = {
    "items": [{"id": _ID.format(6), "account_ids": [_ID.format(5)], "state": "provisional"}],
    "next": None,
}
ME: dict[str, Any] = {
    "learner_id": _ID.format(6),
    "state": "active",
    "scopes": ["credits:read"],
    "token_ends": "2026-03-01T04:00:00Z",
    "until": "2027-03-01T03:00:00Z",
}
PROBLEM: dict[str, Any] = {
    "type": "about:blank",
    "title": "ข้อมูลไม่ผ่านการตรวจ",
    "status": 422,
    "detail": "learner.id: ต้องส่งค่านี้มาด้วย",
    "code": "event_refused",
    "errors": [{"field": "learner.id", "th": "ต้องส่งค่านี้มาด้วย", "en": "is required"}],
}
