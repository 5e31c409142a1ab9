"""Terms: kept and read back alike, and refused at their field where they cannot be."""

from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from creditbank_plugin.errors import Refused
from creditbank_plugin.formats import json_text
from creditbank_plugin.rules import signing
from creditbank_plugin.rules.hours import SCHEMES
from creditbank_plugin.rules.prefill import from_course
from creditbank_plugin.rules.terms import CONDITIONS, HOURS, Terms, check, check_draft, conditions

WHOLE = Terms(scheme="basic", credits=150, outcomes=("x",), applies_from=date(2026, 1, 1))


@given(
    st.builds(
        Terms,
        scheme=st.none() | st.sampled_from(SCHEMES),
        credits=st.none() | st.integers(0, 100_000),
        nqf_level=st.none() | st.integers(1, 8),
        outcomes=st.lists(st.uuids().map(str), max_size=5).map(tuple),
        hours=st.dictionaries(st.sampled_from(HOURS), st.integers(0, 10_000)),
        conditions=st.dictionaries(st.sampled_from(CONDITIONS), st.integers(0, 100)),
        evidence=st.lists(st.fixed_dictionaries({"title": st.text(min_size=1)}), max_size=3).map(tuple),
        applies_from=st.none() | st.dates(),
        applies_until=st.none() | st.dates(),
    )
)
def test_what_is_kept_is_read_back(terms: Terms) -> None:
    assert Terms.from_json(json_text.loads(json_text.dumps(terms.to_json()))) == terms


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"scheme": "gold"}, "scheme"),
        ({"credits": 100_001}, "credits"),
        ({"credits": -1}, "credits"),
        ({"scheme": "none"}, "credits"),
        ({"nqf_level": 9, "nqf_level_basis": "standard"}, "nqf_level"),
        ({"nqf_level": 3}, "nqf_level_basis"),
        ({"nqf_level_basis": "standard"}, "nqf_level_basis"),
        ({"outcomes": ("x", "x")}, "outcomes"),
        ({"applies_until": date(2025, 1, 1)}, "applies_until"),
        ({"hours": {"sleep": 100}}, "hours"),
        ({"hours": {"theory": -1}}, "hours"),
        ({"evidence": ({"title": ""},)}, "evidence"),
        ({"evidence": ({"title": "แผน", "url": "javascript:alert(1)"},)}, "evidence"),
        ({"evidence": ({"title": "แผน", "url": "https://["},)}, "evidence"),
        ({"evidence": ({"title": "แผน\nหน่วยกิต: 9.00 หน่วยกิต"},)}, "evidence"),
        ({"evidence": ({"title": "แผน\u202eกลับทาง"},)}, "evidence"),
        ({"evidence": ({"title": "แผน", "url": "https://x.example/\nหน่วยกิต"},)}, "evidence"),
        ({"conditions": {"min_luck": 1}}, "conditions"),
        ({"conditions": {"min_score": 101}}, "min_score"),
        ({"conditions": {"min_score": True}}, "min_score"),
        ({"conditions": {"min_grade": "เยี่ยม"}}, "min_grade"),
        ({"conditions": {"min_identity": "magic"}}, "conditions"),
        ({"conditions": {"required": ["luck"]}}, "required"),
        ({"conditions": {"required": "score"}}, "required"),
    ],
)
def test_what_can_never_be_is_refused_at_its_field(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(Refused) as refusal:
        check_draft(WHOLE.with_(changes))
    assert (refusal.value.field, refusal.value.status) == (field, 422)


@pytest.mark.parametrize("missing", ["scheme", "credits", "outcomes", "applies_from"])
def test_what_is_missing_is_a_fault_only_when_it_is_to_be_law(missing: str) -> None:
    draft = WHOLE.with_({missing: () if missing == "outcomes" else None})
    check_draft(draft)
    with pytest.raises(Refused) as refusal:
        check(draft)
    assert refusal.value.field == missing
    check(WHOLE)


def test_empty_conditions_are_none() -> None:
    assert conditions({"min_score": 50, "min_grade": None, "required": []}) == {"min_score": 50}


def course(**more: Any) -> SimpleNamespace:
    values = {"tpn": None, "sector": None, "level_group": None, "hours": None}
    hours = {f"hours_{kind}": None for kind in HOURS}
    return SimpleNamespace(**{**values, **hours, **more})


def test_a_draft_begins_with_what_the_course_says() -> None:
    told = from_course(course(tpn="2-2-3", hours_theory=3600, hours_practice=3600))
    assert (told.scheme, told.credits, told.hours) == ("vocational", 300, {"theory": 3600, "practice": 3600})
    basic = from_course(course(level_group="lower_secondary", hours=6000))
    assert (basic.scheme, basic.credits, basic.credits_rule) == ("basic", 150, "BE-H1")
    assert from_course(course(level_group="lower_secondary", hours=6100)).credits is None, "rounding is a person's"
    assert from_course(course(level_group="short_course", hours=6000)).scheme is None


def test_the_text_to_sign_holds_everything_that_becomes_law() -> None:
    terms = WHOLE.with_(
        {
            "nqf_level": 2,
            "nqf_level_basis": "standard",
            "hours": {"theory": 2050},
            "conditions": {"min_score": 60, "min_grade": "2", "min_identity": "verified", "required": ["score"]},
            "evidence": ({"title": "แผนการสอน", "url": "https://x.example/1"},),
            "applies_until": date(2027, 5, 1),
        }
    )
    names = signing.Names(
        course="ท21101 ภาษาไทย",
        owner="ส่วนกลาง",
        version="2551",
        course_revision=3,
        body="จังหวัดลำพูน",
        group="คณะทำงาน",
        order="คำสั่ง 1/2569",
        outcomes=["ท 1.1 อ่าน"],
        replaces="ประกาศ 1/2563",
        signer="ประธาน",
    )
    text = signing.text(terms, names, reference="ประกาศ\n9/2569 ", resolution="เห็นชอบ")
    assert text.endswith("\nอ้างอิงประกาศ: ประกาศ 9/2569")
    for said in (
        "1.50 หน่วยกิต ระบบการศึกษาขั้นพื้นฐาน",
        "ระดับ 2 ที่มา: มาตรฐานอาชีพ",
        "ทฤษฎี 20.5 ชั่วโมง",
        "1. ท 1.1 อ่าน",
        "คะแนนไม่ต่ำกว่า 60; ผลการเรียนไม่ต่ำกว่า 2",
        "ต้องส่งคะแนน",
        "ตั้งแต่ 1 มกราคม 2569 ถึง 1 พฤษภาคม 2570",
        "แทนการเทียบเดิม: ประกาศ 1/2563",
        "แผนการสอน <https://x.example/1>",
        "มติที่ประชุม: เห็นชอบ",
        "อ้างอิงประกาศ: ประกาศ 9/2569",
        "ฉบับปรับปรุงครั้งที่ 3",
    ):
        assert said in text
    other = signing.text(terms.with_({"credits": 100}), names, reference="ประกาศ 9/2569", resolution="เห็นชอบ")
    assert signing.digest(text) != signing.digest(other)
