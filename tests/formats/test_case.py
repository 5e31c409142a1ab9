"""CASE 1.1 packages: what we write is valid and is read as the same again; what is wrong is told by item and field."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from creditbank_plugin.formats import case_read, case_write
from creditbank_plugin.formats.case import Addresses, published_id, stored_ids
from creditbank_plugin.formats.case_read import NotRead
from creditbank_plugin.rules.framework import Framework, in_cycles
from creditbank_plugin.storage.base import new_id
from tests import frameworks as made
from tests.frameworks import BASE, SAMPLES, assert_valid, item, needed, package, raw, tie, uuid

PLACES = Addresses("https://bank.example/creditbank/ims/case/v1p1")


def written(framework: Framework) -> dict[str, Any]:
    return json.loads(json.dumps(case_write.package(framework, PLACES, {})))


def refused(value: Any) -> list[tuple[str, str, str]]:
    with pytest.raises(NotRead) as refusal:
        case_read.read(value if isinstance(value, bytes) else raw(value))
    for fault in refusal.value.faults:
        assert fault.th
        assert fault.en
    return [(fault.item, fault.field, fault.code) for fault in refusal.value.faults]


def test_the_official_sample_is_read_and_given_out_as_it_came():
    sample = json.loads(needed(SAMPLES / "sample-cfpackage-valid.json").read_text())
    framework = case_read.read(raw(sample)).framework
    (only,) = framework.items
    assert (only.code, only.text_en, only.text_th, only.kind) == (
        "CHEM.6.1",
        "Explain reaction mechanisms",
        None,
        "Outcome",
    )
    assert framework.title_en == "EQF level 6 chemistry outcomes"
    again = written(framework)
    assert_valid(again, "cfpackage")
    for part in ("CFItems", "CFAssociations"):
        for before, after in zip(sample[part], again[part], strict=True):
            assert before.items() <= after.items()
    assert sample["CFDocument"].items() <= again["CFDocument"].items()
    assert case_read.read(raw(again)).framework == framework


def test_links_that_a_package_must_not_hold_are_refused_as_the_schema_does():
    sample = needed(SAMPLES / "sample-cfpackage-INVALID-nested-links.json").read_bytes()
    assert refused(sample) == [
        ("CFDocument", "CFPackageURI", "unknown_field"),
        ("CHEM.6.1", "CFDocumentURI", "unknown_field"),
        ("7f3c1f1e-53a5-4f7e-9a1e-0f2b1f5e0002", "CFDocumentURI", "unknown_field"),
    ]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(made.frameworks())
def test_what_is_written_is_valid_and_read_as_the_same(framework):
    told = written(framework)
    if made.SCHEMAS.exists():
        assert_valid(told, "cfpackage")
    read = case_read.read(raw(told))
    assert read.foreign == ()
    assert replace(read.framework, uri=None) == framework
    assert written(replace(read.framework, uri=None)) == told


def test_an_item_without_a_source_says_so_and_nothing_else():
    framework = case_read.read(raw(package(item("A", fullStatement=case_write.NO_TEXT)))).framework
    (only,) = framework.items
    assert (only.text_th, only.text_en, only.source, only.evidence) == (None, None, None, None)
    (row,) = written(framework)["CFItems"]
    assert row["fullStatement"] == "ยังไม่ได้แนบแหล่งที่มา (source not yet attached)"
    assert row["extensions"]["creditbank"]["text_state"] == "source_not_attached"


def test_what_others_say_beside_our_fields_is_kept():
    told = package(
        item(
            "A",
            alternativeLabel="อีกชื่อ",
            subject=["หนึ่ง", "สอง"],
            educationLevel=["01", "02"],
            CFItemType="x" * 61,
            extensions={"them": {"deep": [1, 2.5, None]}, "creditbank": {"unknown": 1}},
        ),
        adoptionStatus="Adopted",
        frameworkType="บางอย่าง",
        extensions={"them": True},
    )
    told["CFDefinitions"] = {"CFLicenses": [licence()], "CFConcepts": [concept()]}
    told["CFRubrics"] = [{"identifier": uuid("r"), "uri": f"{BASE}/CFRubrics/r", "lastChangeDateTime": made.WHEN}]
    told["extensions"] = {"whole": "ทั้งหมด"}
    again = written(case_read.read(raw(told)).framework)
    assert told["CFItems"][0].items() <= again["CFItems"][0].items()
    assert told["CFRubrics"] == again["CFRubrics"]
    assert told["CFDefinitions"].items() <= again["CFDefinitions"].items()
    assert told["extensions"] == again["extensions"]
    assert again["CFDocument"]["extensions"]["them"] is True
    assert_valid(again, "cfpackage")


def licence() -> dict[str, Any]:
    where = f"{BASE}/CFLicenses/{uuid('l')}"
    return {"identifier": uuid("l"), "uri": where, "title": "CC", "licenseText": "…", "lastChangeDateTime": made.WHEN}


def concept() -> dict[str, Any]:
    where = f"{BASE}/CFConcepts/{uuid('c')}"
    return {"identifier": uuid("c"), "uri": where, "title": "ค", "hierarchyCode": "1", "lastChangeDateTime": made.WHEN}


def test_several_items_may_have_one_code_and_some_none():
    told = package(item("A"), item("B", humanCodingScheme="A"), item("C", humanCodingScheme=None), ties=[])
    framework = case_read.read(raw(told)).framework
    assert [each.code for each in framework.items] == ["A", uuid("B"), uuid("C")]
    assert [row.get("humanCodingScheme") for row in written(framework)["CFItems"]] == ["A", "A", None]


def test_a_language_is_told_by_the_letters_where_nothing_says_it():
    told = package(item("A", language=None), item("B", language=None, fullStatement="In English"), language=None)
    one, two = case_read.read(raw(told)).framework.items
    assert (one.text_th, one.text_en, two.text_th, two.text_en) == ("ข้อความของ A", None, None, "In English")


FAR = "https://elsewhere.example/items/1"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (b"", ("", "", "not_json")),
        (b"\xff\xfe", ("", "", "not_json")),
        (b"hello", ("", "", "not_json")),
        (b'{"CFDocument": NaN}', ("", "", "not_json")),
        (b'{"a": 1, "a": 2}', ("", "", "not_json")),
        (b'{"CFDocument":' + b"[" * 5000 + b"]" * 5000 + b"}", ("", "", "not_json")),
        (b"[]", ("", "CFDocument", "not_case")),
        (b"{}", ("", "CFDocument", "not_case")),
        (b'"x"', ("", "CFDocument", "not_case")),
        ({**package(), "CFItems": []}, ("", "CFItems", "no_items")),
        ({**package(), "CFItems": {}}, ("", "CFItems", "no_items")),
        ({**package(), "CFItems": "x"}, ("", "CFItems", "wrong_type")),
        ({**package(), "CFItems": [7]}, ("CFItems[0]", "", "wrong_type")),
        ({**package(), "CFItems": [{}]}, ("CFItems[0]", "identifier", "missing")),
        ({**package(), "CFDocument": []}, ("CFDocument", "", "wrong_type")),
        ({**package(), "surprise": 1}, ("", "surprise", "unknown_field")),
        (package(item("A", fullStatement=7)), ("A", "fullStatement", "wrong_type")),
        (package(item("A", fullStatement=" ")), ("A", "fullStatement", "missing")),
        (package(item("A", fullStatement="ก\u0000")), ("A", "fullStatement", "control_sign")),
        (package(item("A", extensions={"x": [{"y": "ก\u0000"}]})), ("A", "extensions", "control_sign")),
        (package(item("A", fullStatement="ก" * 20_001)), ("A", "fullStatement", "too_long")),
        (package(item("A", identifier="7")), ("A", "identifier", "invalid_uuid")),
        (package(item("A", identifier=uuid("A").upper())), ("A", "identifier", "invalid_uuid")),
        (package(item("A", uri="javascript:alert(1)")), ("A", "uri", "uri_invalid")),
        (package(item("A", uri="http://[")), ("A", "uri", "uri_invalid")),
        (package(item("A", lastChangeDateTime="yesterday")), ("A", "lastChangeDateTime", "invalid_moment")),
        (package(item("A", statusEndDate="2026-02-30")), ("A", "statusEndDate", "invalid_day")),
        (package(item("A", educationLevel="ม.1")), ("A", "educationLevel", "wrong_type")),
        (package(item("A", extensions=[])), ("A", "extensions", "wrong_type")),
        (package(item("A", language="fr")), ("A", "language", "language_unsupported")),
        (package(item("A", language=7)), ("A", "language", "language_unsupported")),
        (package(item("A", language="en")), ("A", "language", "language_differs")),
        (
            package(item("A", fullStatement="Explain how chemical reactions proceed")),
            ("A", "language", "language_differs"),
        ),
        (package(language="klingon!"), ("CFDocument", "language", "language_unsupported")),
        (package(title=""), ("CFDocument", "title", "missing")),
        (package(caseVersion="1.0"), ("CFDocument", "caseVersion", "version_unknown")),
        (package(item("A"), item("A")), (*("A", "identifier"), "duplicate")),
        (package(ties=[tie("A", "doc"), tie("A", "doc")]), (uuid("A isChildOf doc"), "identifier", "duplicate")),
        (package(ties=[tie("A", "B", "isFriendOf")]), (uuid("A isFriendOf B"), "associationType", "type_unknown")),
        (package(ties=[tie("A", "B", sequenceNumber="1")]), (uuid("A isChildOf B"), "sequenceNumber", "wrong_type")),
        (package(ties=[tie("A", "B", sequenceNumber=2**31)]), (uuid("A isChildOf B"), "sequenceNumber", "wrong_type")),
        (package(ties=[tie("A", "B", originNodeURI=FAR)]), (uuid("A isChildOf B"), "originNodeURI", "wrong_type")),
        (package(ties=[tie("A", "gone")]), (uuid("A isChildOf gone"), "destinationNodeURI", "target_missing")),
        (
            package(ties=[tie("A", "B", destinationNodeURI={"title": "x", "identifier": FAR, "uri": FAR})]),
            (uuid("A isChildOf B"), "destinationNodeURI", "target_missing"),
        ),
        (
            package(
                ties=[
                    tie("A", "B", "isPeerOf", destinationNodeURI={"title": "", "identifier": "x", "uri": "file:///x"})
                ]
            ),
            (uuid("A isPeerOf B"), "destinationNodeURI.uri", "uri_invalid"),
        ),
        (package(ties=[tie("A", "A")]), ("A", "parent", "cycle")),
        (package(ties=[tie("A", "B"), tie("B", "A")]), ("A", "parent", "cycle")),
    ],
)
def test_each_fault_names_its_item_and_field(value, expected):
    assert refused(value)[0] == expected


def test_a_huge_file_is_not_even_read():
    assert refused(b" " * (case_read.LARGEST + 1)) == [("", "", "too_large")]


def test_no_more_faults_are_told_than_a_person_can_mend():
    assert len(refused(package(*(item(f"A{number}", uri=7) for number in range(300))))) == 100


def test_a_long_cycle_is_found_and_named_whole():
    names = [f"N{number}" for number in range(3000)]
    ring = [tie(below, above) for below, above in zip(names, [*names[1:], names[0]], strict=True)]
    found = refused(package(*map(item, names), ties=ring))
    assert len(found) == 100
    assert {code for _, _, code in found} == {"cycle"}


def test_only_what_reaches_itself_is_in_a_cycle():
    edges = [("a", "b"), ("b", "c"), ("c", "b"), ("c", "d"), ("e", "d"), ("f", "f")]
    assert in_cycles(edges) == {"b", "c", "f"}
    assert in_cycles([("a", "b"), ("b", "c"), ("a", "c")]) == set()


def test_a_tie_to_somewhere_else_is_kept_with_its_address():
    target = {"title": "ภายนอก", "identifier": FAR, "uri": FAR, "targetType": "ext:other"}
    read = case_read.read(raw(package(ties=[tie("A", "B", "isRelatedTo", destinationNodeURI=target)])))
    (kept,) = read.framework.ties
    assert (kept.target_id, kept.target_uri, kept.target_title) == (None, FAR, "ภายนอก")
    assert written(read.framework)["CFAssociations"][0]["destinationNodeURI"] == target
    assert [each.inside for each in read.foreign] == [False]


def test_identifiers_ordered_by_time_are_published_as_case_allows_them():
    for _ in range(50):
        stored = new_id()
        shown = published_id(stored)
        assert shown[14] in "12345"
        assert stored in stored_ids(shown)
    assert stored_ids(uuid("x")) == (uuid("x"),)
