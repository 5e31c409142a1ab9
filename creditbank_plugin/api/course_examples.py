"""Examples of courses for the API's documentation: made-up codes (99…)."""

from typing import Any

_ID = "019308a0-6d2e-7c11-9a55-0d6f0a2b3c5{}"

SENT: dict[str, Any] = {
    "owner": "99000001",
    "code": "20000-1101",
    "version": "2567",
    "title_th": "ภาษาไทยพื้นฐาน",
    "title_en": "Basic Thai",
    "outcomes": ["อ่านและสรุปความได้"],
    "hours_theory": 18,
    "hours_practice": 36,
    "level_group": "upper_secondary_vocational",
    "sector": "formal",
    "province": "51",
}
ROW: dict[str, Any] = {
    "description": None,
    "tpn": None,
    "delivery": None,
    "provider": None,
    "agency": None,
    "occupational_group": None,
    **SENT,
    "owner_name": {"th": "วิทยาลัยตัวอย่าง", "en": None},
    "hours": 54,
    "hours_field": None,
    "in_force_from": None,
    "in_force_until": None,
    "source": None,
    "evidence": None,
    "revision": 2,
}
VIEW: dict[str, Any] = {
    **ROW,
    "versions": ["2567"],
    "counts_for": [
        {
            "comparison_id": _ID.format(1),
            "body": {"code": "99000002", "name": {"th": "คณะทำงานตัวอย่าง", "en": None}},
            "reference": "ประกาศตัวอย่าง 1/2569",
            "approved_at": "2026-03-31T09:00:00Z",
            "applies_from": "2026-01-01",
            "applies_until": None,
            "in_force": True,
            "scheme": "vocational",
            "credits": "2.00",
            "nqf_level": 3,
            "nqf_level_basis": "comparison",
            "outcomes": [],
            "conditions": {"min_score": 50},
            "course_revision": 1,
            "banks": [
                {
                    "code": "BANK-99000001",
                    "name": {"th": "ธนาคารหน่วยกิตตัวอย่าง", "en": None},
                    "organisation": "99000001",
                    "adoption_id": _ID.format(2),
                    "order_number": "1/2569",
                    "ordered_on": "2026-04-01",
                    "signatory": "ผู้อำนวยการ",
                    "standing": False,
                }
            ],
        }
    ],
    "more_banks": False,
    "revisions": [
        {
            "revision": 2,
            "at": "2026-04-02T03:00:00Z",
            "changed": ["title_en"],
            "values": {"title_th": "ภาษาไทยพื้นฐาน", "title_en": "Basic Thai"},
        },
        {
            "revision": 1,
            "at": "2026-03-01T03:00:00Z",
            "changed": [],
            "values": {"title_th": "ภาษาไทยพื้นฐาน"},
        },
    ],
}
ENTRY: dict[str, Any] = {
    "state": "new",
    "owner": "99000001",
    "code": "20000-1101",
    "version": "2567",
    "revision": 1,
    "errors": [],
}
ENTRIES: dict[str, Any] = {
    "results": [ENTRY],
    "counts": {"new": 1, "changed": 0, "unchanged": 0, "refused": 0},
}
