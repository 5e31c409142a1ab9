"""Frameworks in the database: shipped ones, files of others, editions; nothing vanishes that something rests on."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from openpyxl import Workbook

from creditbank_plugin.errors import Refused
from creditbank_plugin.formats import case_write
from creditbank_plugin.formats.case import Addresses
from creditbank_plugin.reference import frameworks as shipped
from creditbank_plugin.services.actor import Actor, administrator
from creditbank_plugin.services.catalogue import framework_files, frameworks
from creditbank_plugin.services.catalogue.framework_files import About, FileRefused
from creditbank_plugin.storage.queries import generations
from creditbank_plugin.storage.session import reading
from tests import frameworks as made
from tests.builders import House, core_curriculum, item_ids
from tests.frameworks import item, package, raw, tie, uuid

ADMIN = administrator("test")
PLACES = Addresses("https://bank.example/creditbank/ims/case/v1p1")
CORE = "core-curriculum-2551"


def load(house: House, content: bytes, name: str = "f.json", **about: str) -> dict[str, int]:
    return framework_files.load(house.runtime, content, name, About(**about), by=ADMIN).counts


def preview(house: House, content: bytes, name: str = "f.json", **about: str) -> dict[str, int]:
    return framework_files.preview(house.runtime, content, name, About(**about), by=ADMIN).counts


def refused(house: House, content: bytes, name: str = "f.json", **about: str) -> tuple[str, str]:
    before = everything(house)
    with pytest.raises(FileRefused) as refusal:
        load(house, content, name, **about)
    assert everything(house) == before, "nothing half done"
    return refusal.value.field, refusal.value.code


def everything(house: House) -> tuple[Any, ...]:
    found = tuple(frameworks.whole(house.runtime, row.id) for row in frameworks.all_frameworks(house.runtime))
    return found, generation(house)


def generation(house: House) -> int:
    with reading(house.runtime.engine) as connection:
        return generations.current(connection, generations.ITEMS)


def counts(items: int, new: int = 0, changed: int = 0, unchanged: int = 0, retired: int = 0) -> dict[str, int]:
    return {"items": items, "new": new, "changed": changed, "unchanged": unchanged, "retired": retired}


def test_all_shipped_frameworks_are_loaded_once_with_their_ties(bare: House) -> None:
    frameworks.load_frameworks(bare.runtime, [core_curriculum()])
    assert frameworks.load_frameworks(bare.runtime) == 21 + 77 + 8 + 4 + 8 + 3  # the core curriculum is there already
    at = generation(bare)
    assert frameworks.load_frameworks(bare.runtime) == 0
    assert generation(bare) == at, "loading again changes nothing"
    numbers = {each.framework.code: (each.items, each.without_text) for each in frameworks.counted(bare.runtime)}
    assert numbers[CORE] == (952, 226)
    assert numbers["nqf"] == (8, 0)
    third = frameworks.item(bare.runtime, shipped.stable_id("nqf", "NQF-3"))
    assert {(link.kind, link.other.code) for link in third.links if link.other} == {
        ("isPeerOf", "TPQI-L3"),
        ("isPeerOf", "DSD-L1"),
    }
    assert all(link.source and link.note_th and link.note_en for link in third.links)
    core = frameworks.item(bare.runtime, shipped.stable_id(CORE, "ท 1.1 ม.2/1"))
    assert [each.code for each in core.above] == ["ท 1.1"]
    assert "ท 1.1 ม.2/1" in [each.code for each in frameworks.item(bare.runtime, core.above[0].id).below]


def test_shipped_rows_that_say_something_else_are_updated_and_keep_their_ids(bare: House) -> None:
    core = core_curriculum()
    frameworks.load_frameworks(bare.runtime, [core])
    first, *rest = core.items
    edited = replace(core, title_en="Another", items=(replace(first, text_th="ข้อความใหม่"), *rest[:-1]))
    assert frameworks.load_frameworks(bare.runtime, [edited]) == 0
    row = frameworks.item(bare.runtime, first.id)
    assert (row.item.text_th, row.framework.title_en, row.item.generation) == ("ข้อความใหม่", "Another", generation(bare))
    assert frameworks.item(bare.runtime, rest[-1].id).item.retired_at is not None
    assert frameworks.load_frameworks(bare.runtime, [core]) == 0
    assert frameworks.item(bare.runtime, rest[-1].id).item.retired_at is None
    assert frameworks.item(bare.runtime, first.id).item.text_th == first.text_th


def test_what_a_person_imported_over_a_shipped_framework_stays(bare: House) -> None:
    sheet = "code,text_th,source\nท 1.1,ข้อความของเรา,หนังสือ ก\n".encode()
    load(bare, sheet, "core.csv", code=CORE)
    frameworks.load_frameworks(bare.runtime)
    assert frameworks.item(bare.runtime, item_ids("ท 1.1")[0]).item.text_th == "ข้อความของเรา"


def test_a_package_is_loaded_whole_and_the_same_file_changes_nothing(bare: House) -> None:
    file = raw(package(item("A", CFItemType="ตัวชี้วัด"), item("B"), ties=[tie("A", "B"), tie("B", "doc")]))
    at = generation(bare)
    assert preview(bare, file) == counts(2, new=2)
    assert generation(bare) == at, "a preview changes nothing"
    assert load(bare, file) == counts(2, new=2)
    assert generation(bare) == at + 1
    row = frameworks.item(bare.runtime, uuid("A"))
    assert (row.item.code, row.item.kind, row.item.parent_code, row.item.generation) == ("A", "ตัวชี้วัด", "B", at + 1)
    assert [each.code for each in row.above] == ["B"]
    assert row.framework.changed_by == ADMIN.id
    assert load(bare, file) == counts(2, unchanged=2)
    assert generation(bare) == at + 1


def test_a_new_edition_retires_what_vanished_and_gives_its_code_away(bare: House) -> None:
    load(bare, raw(package(item("A"), item("B"), item("C"))))
    newer = item("A", identifier=uuid("A, second edition"), uri="https://x.example/a2", fullStatement="ฉบับใหม่")
    edition = raw(package(newer, item("B", fullStatement="แก้ไข"), ties=[tie("B", "doc")]))
    assert load(bare, edition) == counts(2, new=1, changed=1, retired=2)
    old, new = (frameworks.item(bare.runtime, uuid(name)).item for name in ("A", "A, second edition"))
    assert (old.code, old.text_th) == ("A (เดิม 1)", "ข้อความของ A")
    assert old.retired_at is not None
    assert (new.code, new.uri, new.retired_at) == ("A", "https://x.example/a2", None)
    assert [row.code for row in frameworks.items(bare.runtime, framework=uuid("doc"))] == ["A", "B"]
    assert [row.id for row in frameworks.items(bare.runtime, ids=[old.id])] == [old.id], "it explains what rests on it"
    assert load(bare, edition) == counts(2, unchanged=2)
    assert load(bare, raw(package(item("A"), item("B"), item("C")))) == counts(3, changed=3, retired=1)
    assert frameworks.item(bare.runtime, uuid("A")).item.code == "A"
    assert frameworks.item(bare.runtime, uuid("C")).item.retired_at is None


def test_codes_may_wander_between_items_of_an_edition(bare: House) -> None:
    load(bare, raw(package(item("A"), item("B"))))
    turned = package(item("A", humanCodingScheme="B"), item("B", humanCodingScheme="A"), ties=[])
    assert load(bare, raw(turned)) == counts(2, changed=2)
    assert frameworks.item(bare.runtime, uuid("A")).item.code == "B"


def test_what_a_comparison_points_to_stays_when_its_framework_drops_it(house: House) -> None:
    one = item_ids("ท 1.1")[0]
    load(house, "code,text_th,source\nท 9.9,อื่น,หนังสือ\n".encode(), "core.csv", code=CORE)
    found = frameworks.item(house.runtime, one)
    assert found.item.retired_at is not None
    assert [row.id for row in found.comparisons] == [house.ids["comparison"]]


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(framework=made.frameworks())
def test_any_framework_comes_back_from_the_database_as_it_was(bare: House, framework: Any) -> None:
    file = json.dumps(case_write.package(framework, PLACES, {})).encode()
    load(bare, file)
    stored = frameworks.whole(bare.runtime, framework.id)
    standing = {each.id for each in framework.items}
    kept = replace(stored, uri=None, items=tuple(each for each in stored.items if each.id in standing))
    if len(kept.items) == len(stored.items):
        assert sorted(kept.ties, key=lambda each: each.id) == sorted(framework.ties, key=lambda each: each.id)
    assert kept.items == framework.items
    assert load(bare, file) == counts(len(framework.items), unchanged=len(framework.items))


def test_our_own_export_changes_nothing_at_home(bare: House) -> None:
    frameworks.load_frameworks(bare.runtime)
    for row in frameworks.all_frameworks(bare.runtime):
        known = {}
        stored = frameworks.whole(bare.runtime, row.code)
        told = json.dumps(case_write.package(stored, PLACES, known)).encode()
        before = everything(bare)
        assert load(bare, told)["unchanged"] == len(stored.items), row.code
        assert everything(bare) == before


def test_ends_in_a_framework_that_is_known_here_need_not_be_in_the_package(bare: House) -> None:
    known = item_ids("ท 1.1")[0]
    target = {"title": "ท 1.1", "identifier": known, "uri": f"{made.BASE}/CFItems/{known}"}
    load(bare, raw(package(ties=[tie("A", "B", "isRelatedTo", destinationNodeURI=target)])))
    (link,) = frameworks.item(bare.runtime, known).links
    assert (link.kind, link.outward, link.other.code if link.other else None) == ("isRelatedTo", False, "A")


@pytest.mark.parametrize(
    ("file", "about", "expected"),
    [
        (
            package(ties=[tie("A", "gone", "isRelatedTo")]),
            {},
            (f"{uuid('A isRelatedTo gone')}.destinationNodeURI", "target_missing"),
        ),
        (package(), {"code": CORE}, ("CFDocument.code", "code_taken")),
        (
            package(item("A", identifier=shipped.stable_id(CORE, "ท 1.1")), ties=[]),
            {},
            ("A.identifier", "item_elsewhere"),
        ),
        (package(ties=[tie("A", "B"), tie("B", "A")]), {}, ("A.parent", "cycle")),
        (package(item("A"), item("B", language="en"), ties=[]), {}, ("B.language", "language_differs")),
        (package(item("A"), item("B", language="fr"), ties=[]), {}, ("B.language", "language_unsupported")),
    ],
)
def test_a_package_that_does_not_fit_is_refused_whole(
    bare: House, file: dict[str, Any], about: dict[str, str], expected: tuple[str, str]
) -> None:
    assert refused(bare, raw(file), **about) == expected


def test_a_spreadsheet_with_its_own_title_and_thai_headings(bare: House) -> None:
    sheet = (
        "รหัสกรอบ,local-1\nชื่อกรอบ,กรอบของจังหวัด\nฉบับ,2569\nแหล่งที่มา,ประกาศจังหวัด 1/2569\n\n"
        "รหัส,ข้อความ,ระดับ,ประเภท,กลุ่มสาระ,รหัสแม่,ชั้น,หมายเหตุ\n"
        "ก๑,สมรรถนะหลัก,๓,standard,งานช่าง,,,\nก1.1,ทำได้,3.0,indicator,งานช่าง,ก1,ม.1,x\nก1.2,,,,,ก1,,\n"
    ).encode("cp874")
    plan = framework_files.load(bare.runtime, sheet, "local.csv", About(), by=ADMIN)
    assert plan.counts == counts(3, new=3)
    assert plan.ignored == ("หมายเหตุ",)
    whole = frameworks.whole(bare.runtime, "local-1")
    assert (whole.title_th, whole.version, whole.source, whole.evidence) == (
        *("กรอบของจังหวัด", "2569", "ประกาศจังหวัด 1/2569", "secondary"),
    )
    first, second, third = whole.items
    assert (first.code, first.level, first.kind, first.area, first.parent) == ("ก1", 3, "standard", "งานช่าง", None)
    assert (second.parent, second.grade, second.level, second.source) == ("ก1", "ม.1", 3, "ประกาศจังหวัด 1/2569")
    assert (third.text_th, third.source, third.evidence) == (None, None, None), "no text, no source"
    assert first.id == shipped.stable_id("local-1", "ก1")
    assert load(bare, sheet, "local.csv") == counts(3, unchanged=3)


def test_a_workbook_is_read_as_well(bare: House, tmp_path: Any) -> None:
    book = Workbook()
    book.active.append(["code", "text_th", "text_en", "level"])
    book.active.append(["DG-WPJL-028", "ริเริ่มโครงการ", "Start a project", 4])
    book.save(tmp_path / "units.xlsx")
    content = (tmp_path / "units.xlsx").read_bytes()
    frameworks.load_frameworks(bare.runtime)
    assert load(bare, content, "units.xlsx", code="tpqi", source="https://tpqi.example/") == counts(
        1, changed=1, retired=20
    )
    row = frameworks.item(bare.runtime, shipped.stable_id("tpqi", "DG-WPJL-028")).item
    assert (row.text_en, row.level, row.source) == ("Start a project", 4, "https://tpqi.example/")
    assert row.area, "a column that the file does not have changes nothing"
    assert load(bare, content, "units.xlsx", code="tpqi") == counts(1, unchanged=1)


HEAD = "code,text_th,parent,level,source\n"


@pytest.mark.parametrize(
    ("sheet", "about", "expected"),
    [
        ("", {}, ("", "empty_file")),
        ("a,b\n1,2\n", {}, ("code", "no_headings")),
        (HEAD, {}, ("", "no_items")),
        (f"{HEAD}A,ก,,,\n", {}, ("framework", "framework_code")),
        (f"{HEAD}A,ก,,,\n", {"code": "a/b"}, ("framework", "framework_code")),
        (f"{HEAD}A,ก,,,\n", {"code": "x"}, ("title_th", "missing")),
        (f"{HEAD}A,ก,,,\n", {"code": "x", "title_th": "ก"}, ("source", "missing")),
        (
            f"{HEAD}A,ก,,,\n",
            {"code": "x", "title_th": "ก", "source": "ข", "evidence": "good"},
            ("evidence", "evidence"),
        ),
        (f"{HEAD},ก,,,\n", {"code": CORE}, ("แถว 2 / row 2.code", "missing")),
        (f"{HEAD}A,ก,,สาม,\n", {"code": CORE}, ("แถว 2 / row 2.level", "not_a_level")),
        (f"{HEAD}{'A' * 101},ก,,,\n", {"code": CORE}, ("แถว 2 / row 2.code", "too_long")),
        (f"{HEAD}A,ก,,,\nA,ข,,,\n", {"code": CORE}, ("A (แถว 3 / row 3).code", "duplicate")),
        (f"{HEAD}A,ก,B,,\n", {"code": CORE}, ("A (แถว 2 / row 2).parent", "parent_missing")),
        (f"{HEAD}A,ก,B,,\nB,ก,A,,\n", {"code": CORE}, ("A (แถว 2 / row 2).parent", "cycle")),
        (f"{HEAD}A,,,,หนังสือ\n", {"code": CORE}, ("A.text_th", "text_missing")),
        (f"{HEAD}ABC-1,ก,,,\n", {"code": "tpqi"}, ("แถว 2 / row 2.code", "unit_code")),
    ],
)
def test_each_fault_of_a_spreadsheet_names_its_row_and_column(
    bare: House, sheet: str, about: dict[str, str], expected: tuple[str, str]
) -> None:
    assert refused(bare, sheet.encode(), "x.csv", **about) == expected


def test_codes_of_units_are_those_of_all_real_ones() -> None:
    from creditbank_plugin.rules.framework_row import is_unit_code

    units = next(each.items for each in shipped.frameworks() if each.code == "tpqi")
    assert all(is_unit_code(unit.code) for unit in units)
    assert not any(map(is_unit_code, ("ท21101", "DG-WPJL", "dg-wpjl-028", "DG-WPJL-028 ", "3001-2001", "")))


def test_only_the_platforms_administrator_loads_frameworks(bare: House) -> None:
    somebody = Actor("user:1", "ใครสักคน", "LAMPHUN")
    for work in (framework_files.load, framework_files.preview):
        with pytest.raises(Refused) as refusal:
            work(bare.runtime, raw(package()), "f.json", About(), by=somebody)
        assert (refusal.value.code, refusal.value.status) == ("not_yours", 403)


def test_what_is_not_there_is_not_found(bare: House) -> None:
    for ask in (frameworks.one, frameworks.whole, frameworks.item):
        for name in ("gone", uuid("gone")):
            with pytest.raises(Refused) as refusal:
                ask(bare.runtime, name)
            assert refusal.value.status == 404
