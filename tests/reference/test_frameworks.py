from collections import Counter
from uuid import UUID

import pytest

from creditbank_plugin import reference
from creditbank_plugin.reference import frameworks as fw

FRAMEWORKS = {framework.code: framework for framework in fw.frameworks()}


def items(code: str) -> dict[str, fw.Item]:
    return {item.code: item for item in FRAMEWORKS[code].items}


def test_which_frameworks_we_carry():
    assert {code: len(framework.items) for code, framework in FRAMEWORKS.items()} == {
        "core-curriculum-2551": 54 + 672,
        "tpqi": 21,
        "dsd": 41 + 8 + 28,
        "nqf": 8,
        "higher-ed-domains": 4,
    }


@pytest.mark.parametrize("code", FRAMEWORKS)
def test_codes_are_unique_and_parents_stand_first(code):
    seen: set[str] = set()
    for item in FRAMEWORKS[code].items:
        assert item.code not in seen
        assert item.parent is None or item.parent in seen
        seen.add(item.code)
        assert item.text_th.strip()
        assert item.source
        assert item.evidence
        assert (item.note_th is None) == (item.note_en is None)


def test_ids_are_the_same_on_every_installation():
    assert items("nqf")["NQF-3"].id == fw.stable_id("nqf", "NQF-3") == "782b7f10-5403-5f22-8b81-812937fc194c"
    ids = Counter(thing.id for framework in FRAMEWORKS.values() for thing in (framework, *framework.items))
    assert set(ids.values()) == {1}
    assert all(UUID(one).version == 5 for one in ids)


def test_indicators_hang_on_their_standard_but_for_the_one_without_a_text():
    core = items("core-curriculum-2551")
    assert core["ท 1.1 ม.2/1"].parent == "ท 1.1"
    assert (core["ท 1.1 ม.2/1"].grade, core["ท 1.1 ม.2/1"].area) == ("ม.2", "ภาษาไทย")
    orphans = [item.code for item in core.values() if item.grade and item.parent is None]
    assert len(orphans) == 18
    assert {code.rsplit(" ", 1)[0] for code in orphans} == {"ว 4.1"}
    assert "ว 4.1" not in core


def test_a_text_of_which_another_copy_differs_says_so():
    differing = {r["code"] for r in reference.load("core_curriculum")["indicators"] if "variant_text_th" in r}
    noted = {i.code for i in FRAMEWORKS["core-curriculum-2551"].items if (i.note_en or "").startswith("Another copy")}
    assert len(differing) == 9
    assert noted == differing


def test_a_level_read_off_a_code_says_so():
    units = items("tpqi")
    assert units["THR-HOH-5-062ZB"].level == 5
    assert "not printed" in units["THR-HOH-5-062ZB"].note_en
    assert units["DG-WPJL-028"].level is None


def test_one_skill_standard_is_there_whole():
    skills = items("dsd")
    standard = fw.occupation_code("สาขานักออกแบบแอนิเมชันสามมิติ", 3)
    assert skills[standard].text_th == "สาขานักออกแบบแอนิเมชันสามมิติ ระดับ 3"
    assert skills[standard].description_th.startswith("ผู้ที่มีความรู้ความสามารถ")
    ability = skills[f"{standard} 3.2.1.1"]
    assert (ability.text_th, ability.parent, ability.level) == ("เตรียมไฟล์งาน", standard, 3)
    assert skills[f"{standard} 3.2.1.1 (1)"].text_th == "สร้างโปรเจกต์อย่างเป็นระบบ"
    assert skills[f"{standard} 3.2.1.1 (1)"].parent == ability.code
    occupations = {(row["branch_th"], row["level"]) for row in reference.load("dsd")["rows"]}
    assert {fw.occupation_code(*occupation) for occupation in occupations} <= set(skills)


def test_levels_show_their_qualifications_and_no_descriptor():
    third = items("nqf")["NQF-3"]
    assert third.text_th == "ระดับ 3: มัธยมศึกษาตอนปลาย + ทักษะอาชีพ / ประกาศนียบัตรวิชาชีพ (ปวช.)"
    assert third.text_en == "Level 3: Upper secondary (M.6) + occupational skill / Vocational Certificate"
    assert third.description_th is None
    assert third.note_en.startswith("Level descriptor: source not yet attached")


def test_english_only_where_it_has_a_source():
    with_english = {code for code, found in FRAMEWORKS.items() if any(item.text_en for item in found.items)}
    assert with_english == {"nqf", "higher-ed-domains"}
