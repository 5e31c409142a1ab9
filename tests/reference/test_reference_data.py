import unicodedata
from collections.abc import Iterator
from decimal import Decimal
from importlib import resources
from typing import Any

import pytest

from creditbank_plugin import reference

DOCUMENTS = sorted(
    file.name.removesuffix(".json") for file in resources.files(reference).iterdir() if ".json" in file.name
)
ROWS = {"core_curriculum": ("standards", "indicators"), "tpqi_units": ("units",), "higher_ed": ("domains",)}
MARKS = {"primary", "official", "copy of official", "cross-checked", "secondary", "weak"}


def rows(name: str) -> list[dict[str, Any]]:
    if name == "vocational":
        return [row for key in ("structure_2562", "course_shape") for row in reference.load(name)[key]]
    keys = ("rows", "marks") if name == "grade_codes" else ROWS.get(name, ("rows",))
    return [row for key in keys for row in reference.load(name)[key]]


def values(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        for inner in value.values():
            yield from values(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from values(inner)
    else:
        yield value


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_row_names_its_source_and_how_good_it_is(name):
    assert rows(name)
    for row in rows(name):
        assert row["source"].strip(), row
        assert row["evidence"] in MARKS, row


@pytest.mark.parametrize("name", DOCUMENTS)
def test_texts_are_in_one_unicode_form_and_numbers_are_exact(name):
    for value in values(reference.load(name)):
        assert not isinstance(value, float)
        if isinstance(value, str):
            assert unicodedata.is_normalized("NFC", value)
            assert "\u0e4d\u0e32" not in value


def test_numbers_of_rows():
    assert {name: len(rows(name)) for name in DOCUMENTS} == {
        "core_curriculum": 54 + 672,
        "courses": 387,
        "credit_rules": 41,
        "dsd": 46,
        "dsd_skill_levels": 3,
        "grade_codes": 15,
        "higher_ed": 4,
        "learning_areas": 8,
        "moe_agency_codes": 18,
        "nqf_levels": 8,
        "provinces": 77,
        "schools": 40,
        "tpqi_units": 21,
        "vocational": 12,
    }


def test_a_rule_by_its_id():
    rule = reference.rule("BE-H1")
    assert (rule.sector, rule.evidence, rule.value["hours_per_credit"]) == ("basic", "primary", 40)
    assert reference.rule("BE-H2").value["credit_step"] == Decimal("0.5")
    assert len({row["id"] for row in rows("credit_rules")}) == 41
    for row in rows("credit_rules"):
        found = reference.rule(row["id"])
        assert found.th
        assert found.en


def test_unknown_names_are_errors():
    for ask in (lambda: reference.rule("BE-X9"), lambda: reference.load("nothing"), lambda: reference.load("../setup")):
        with pytest.raises(LookupError):
            ask()


def test_provinces_and_the_five_pilots():
    provinces = reference.provinces()
    assert len({province.code for province in provinces}) == 77
    assert all(province.iso == f"TH-{province.code}" for province in provinces)
    pilots = {province.name_th for province in provinces if province.pilot}
    assert pilots == {"ลำพูน", "เชียงใหม่", "อุดรธานี", "ปทุมธานี", "นครศรีธรรมราช"}
    assert {f"{row['province_code']:02}" for row in rows("schools")} == {p.code for p in provinces if p.pilot}


def test_levels_carry_no_invented_descriptor():
    levels = reference.nqf_levels()
    assert [level.level for level in levels] == list(range(1, 9))
    assert all(level.qualifications for level in levels)
    assert {(level.descriptor_th, level.descriptor_en, level.aqrf_level) for level in levels} == {(None, None, None)}


def test_real_schools_carry_no_invented_code():
    assert {row["school_code"] for row in rows("schools")} == {None}
