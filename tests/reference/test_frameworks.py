import json
from collections import Counter
from uuid import UUID

import pytest

from creditbank_plugin import reference
from creditbank_plugin.reference import frameworks as fw
from creditbank_plugin.rules.thai import normalise
from tests.house.tree import ROOT

SHARED = ROOT.parent / "shared"
FRAMEWORKS = {framework.code: framework for framework in fw.frameworks()}


def items(code: str) -> dict[str, fw.Item]:
    return {item.code: item for item in FRAMEWORKS[code].items}


def test_which_frameworks_we_carry():
    assert {code: len(framework.items) for code, framework in FRAMEWORKS.items()} == {
        "core-curriculum-2551": 54 + 672 + 1 + 225,  # the last two: codes without a trustworthy text
        "tpqi": 21,
        "dsd": 41 + 8 + 28,
        "nqf": 8,
        "higher-ed-domains": 4,
        "tpqi-levels": 8,
        "dsd-levels": 3,
    }


@pytest.mark.parametrize("code", FRAMEWORKS)
def test_codes_are_unique_and_parents_stand_first(code):
    seen: set[str] = set()
    for item in FRAMEWORKS[code].items:
        assert item.code not in seen
        assert item.parent is None or item.parent in seen
        seen.add(item.code)
        assert (item.text_th is None) == (item.source is None) == (item.evidence is None)
        assert item.text_th is None or item.text_th.strip()
        assert (item.note_th is None) == (item.note_en is None)


def test_ids_are_the_same_on_every_installation():
    assert items("nqf")["NQF-3"].id == fw.stable_id("nqf", "NQF-3") == "782b7f10-5403-5f22-8b81-812937fc194c"
    ids = Counter(thing.id for framework in FRAMEWORKS.values() for thing in (framework, *framework.items))
    assert set(ids.values()) == {1}
    assert all(UUID(one).version == 5 for one in ids)


def test_indicators_hang_on_their_standard():
    core = items("core-curriculum-2551")
    assert core["ท 1.1 ม.2/1"].parent == "ท 1.1"
    assert (core["ท 1.1 ม.2/1"].grade, core["ท 1.1 ม.2/1"].area) == ("ม.2", "ภาษาไทย")
    assert {item.code for item in core.values() if item.parent is None} == {
        item.code for item in core.values() if item.kind == "standard"
    }


def test_where_only_the_code_is_known_nothing_is_said():
    core = items("core-curriculum-2551")
    silent = {code for code, item in core.items() if item.text_th is None}
    assert len(silent) == 226
    assert silent.isdisjoint(row["code"] for row in reference.load("core_curriculum")["indicators"])
    for code in ("ว 4.1", "ว 1.2 ม.1/10"):
        item = core[code]
        assert (item.text_th, item.text_en, item.source, item.evidence) == (None, None, None, None)
    assert (core["ว 1.2 ม.1/10"].parent, core["ว 1.2 ม.1/10"].grade) == ("ว 1.2", "ม.1")
    assert core["ว 1.2 ม.1/10"].area == core["ว 1.2"].area


def test_levels_are_tied_as_the_source_prints_them_and_the_aqrf_is_left_open():
    said = {(tie.origin[1], tie.target[1]) for tie in fw.ties("nqf")}
    assert said == {
        *((f"NQF-{level}", f"TPQI-L{level}") for level in range(1, 9)),
        *((f"NQF-{level}", f"DSD-L{level - 2}") for level in (3, 4, 5)),
    }
    known = {framework.code: {item.code for item in framework.items} for framework in FRAMEWORKS.values()}
    for code in FRAMEWORKS:
        for tie in fw.ties(code):
            assert tie.origin[1] in known[tie.origin[0]]
            assert tie.target[1] in known[tie.target[0]]
            assert tie.source
    misprint = next(tie for tie in fw.ties("nqf") if tie.target[1] == "DSD-L3")
    assert "misprint" in str(misprint.note_en)
    assert "AQRF level: source not yet attached" in str(items("nqf")["NQF-1"].note_en)


def test_every_sourced_row_beside_the_project_is_carried():
    """The rows of the shared data, where that is at hand, against ours: none is lost, and none is changed."""
    folder = SHARED / "data"
    if not folder.is_dir():
        pytest.skip(f"{folder} is not here")
    for name, key, of in (
        ("core_curriculum", "standards", "code"),
        ("tpqi_units", "units", "code"),
        ("higher_ed", "domains", "code"),
        ("nqf_levels", "rows", "level"),
        ("dsd_skill_levels", "rows", "level"),
    ):
        theirs = json.loads((folder / f"{name}.json").read_text())[key]
        ours = {row[of]: row for row in reference.load(name)[key]}
        assert len(theirs) == len(ours), name
        for row in theirs:
            text = row.get("text_th") or row.get("title_th") or row.get("name_th")
            assert text in (
                None,
                *(normalise(str(each)) for each in ours[row[of]].values()),
                *ours[row[of]].values(),
            ), row
    core = json.loads((folder / "core_curriculum.json").read_text())
    clean = {row["code"] for row in core["indicators"] if row["clean"]}
    silent = {*core["known_codes_without_clean_text"], *({row["code"] for row in core["indicators"]} - clean)}
    held = items("core-curriculum-2551")
    assert clean == {code for code, item in held.items() if item.grade and item.text_th}
    assert silent == {code for code, item in held.items() if item.grade and not item.text_th}


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
