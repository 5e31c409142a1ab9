"""The CASE 1.1 service over real routes: valid against the official schemas, open to everybody, cheap to ask again."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from werkzeug.test import TestResponse

from creditbank_plugin.formats import case_read
from creditbank_plugin.formats.case_comparisons import document_id
from creditbank_plugin.reference.frameworks import stable_id
from creditbank_plugin.services.actor import administrator
from creditbank_plugin.services.catalogue import framework_files, frameworks
from creditbank_plugin.services.catalogue.framework_files import About
from creditbank_plugin.services.comparing import comparisons
from tests.builders import PROVINCE, House, Place, beside, compare, furnish, item_ids, make_app
from tests.conftest import close
from tests.frameworks import assert_valid, item, package, raw, tie, uuid

ROOT = "/creditbank/ims/case/v1p1"
ADMIN = administrator("test")
CORE = stable_id("core-curriculum-2551")


@pytest.fixture(scope="module")
def world(shared_place: Place) -> Iterator[House]:
    """Everything that is shipped, a foreign framework with definitions, a comparison that stands and one that ended."""
    house = furnish(make_app(shared_place.folder, shared_place.url))
    frameworks.load_frameworks(house.runtime)
    told = package(
        item("A", CFItemType="ของเขา"), item("B"), ties=[tie("A", "doc"), tie("B", "doc"), tie("A", "B", "precedes")]
    )
    where = "https://elsewhere.example/CFLicenses/l"
    said = {
        "identifier": uuid("l"),
        "uri": where,
        "title": "CC",
        "licenseText": "x",
        "lastChangeDateTime": "2026-01-01T00:00:00Z",
    }
    concept = {**said, "identifier": uuid("c"), "hierarchyCode": "1"}
    del concept["licenseText"]
    told["CFDefinitions"] = {"CFLicenses": [said], "CFConcepts": [concept]}
    framework_files.load(house.runtime, raw(told), "f.json", About(code="foreign"), by=ADMIN)
    with beside():
        house.ids["old"] = compare(house, house.ids["course"], nqf_level=3, nqf_level_basis="comparison")
    comparisons.end_comparison(house.runtime, house.ids["old"], ended_from=date(2026, 1, 1), ended_as="withdrawn")
    with beside():
        house.ids["never"] = compare(house, house.ids["course"])
    comparisons.end_comparison(house.runtime, house.ids["never"], ended_from=date(2020, 1, 1), ended_as="withdrawn")
    yield house
    close(house)


def get(house: House, path: str, **more: Any) -> TestResponse:
    return house.app.test_client().get(f"{ROOT}/{path}", **more)


def read(house: House, path: str, schema: str) -> dict[str, Any]:
    answer = get(house, path)
    assert answer.status_code == 200, answer.text
    assert answer.content_type == "application/json"
    assert_valid(answer.get_json(), schema)
    found: dict[str, Any] = answer.get_json()
    return found


def test_a_package_is_as_long_as_it_says(world: House) -> None:
    """A server sends no more than the header tells, which a test's own client does not read."""
    whole = get(world, f"CFPackages/{CORE}")
    assert whole.headers.get("Content-Length") in (None, str(len(whole.data)))
    assert get(world, "CFDocuments").headers["Content-Length"] == str(len(get(world, "CFDocuments").data))


def test_everything_is_valid_against_the_official_schemas(world: House) -> None:
    listed = read(world, "CFDocuments", "cfdocumentset")["CFDocuments"]
    assert len(listed) == 7 + 1 + 1
    for document in listed:
        identifier = document["identifier"]
        assert read(world, f"CFDocuments/{identifier}", "cfdocument") == document
        assert document["CFPackageURI"]["uri"].endswith(f"{ROOT}/CFPackages/{identifier}")
        whole = read(world, f"CFPackages/{identifier}", "cfpackage")
        assert whole["CFDocument"].items() <= document.items()
        for row in whole["CFItems"][:3]:
            alone = read(world, f"CFItems/{row['identifier']}", "cfitem")
            assert row.items() <= alone.items()
            assert alone["CFDocumentURI"]["identifier"] == identifier
            tied = read(world, f"CFItemAssociations/{row['identifier']}", "cfassociationset")
            assert tied["CFItem"] == alone
            own = [each for each in whole["CFAssociations"] if row["identifier"] in _ends(each)]
            assert [each for each in tied["CFAssociations"] if each in own] != []
            assert {each["identifier"] for each in own} <= {each["identifier"] for each in tied["CFAssociations"]}
        kinds: dict[str, dict[str, Any]] = {}
        for each in whole["CFAssociations"]:
            kinds.setdefault(each["associationType"], each)
        for row in kinds.values():
            alone = read(world, f"CFAssociations/{row['identifier']}", "cfassociation")
            assert row.items() <= alone.items()
        for name, rows in whole["CFDefinitions"].items():
            made = {"CFItemTypes": "cfitemtypeset", "CFSubjects": "cfsubjectset", "CFConcepts": "cfconceptset"}.get(
                name
            )
            for row in rows:
                if made is not None:
                    assert read(world, f"{name}/{row['identifier']}", made) == {name: [row]}
                else:
                    single = {"CFLicenses": "cflicense", "CFAssociationGroupings": "cfassociationgrouping"}[name]
                    assert read(world, f"{name}/{row['identifier']}", single) == row


def _ends(association: dict[str, Any]) -> tuple[str, str]:
    return association["originNodeURI"]["identifier"], association["destinationNodeURI"]["identifier"]


def test_our_addresses_lead_back_to_us(world: House) -> None:
    whole = get(world, f"CFPackages/{CORE}").get_json()
    client = world.app.test_client()
    for row in (
        whole["CFDocument"],
        whole["CFItems"][0],
        whole["CFAssociations"][0],
        *whole["CFDefinitions"]["CFSubjects"],
    ):
        assert client.get(row["uri"]).status_code == 200


def test_an_item_without_a_source_says_so(world: House) -> None:
    row = read(world, f"CFItems/{stable_id('core-curriculum-2551', 'ว 4.1')}", "cfitem")
    assert row["fullStatement"] == "ยังไม่ได้แนบแหล่งที่มา (source not yet attached)"
    assert row["extensions"]["creditbank"]["text_state"] == "source_not_attached"


def test_levels_are_linked_with_their_caveats_and_the_aqrf_is_open(world: House) -> None:
    told = read(world, f"CFItemAssociations/{stable_id('nqf', 'NQF-3')}", "cfassociationset")
    peers = {
        each["destinationNodeURI"]["title"]: each
        for each in told["CFAssociations"]
        if each["associationType"] == "isPeerOf"
    }
    assert set(peers) == {"TPQI-L3", "DSD-L1"}
    assert "2567" in peers["DSD-L1"]["notes"]
    assert peers["DSD-L1"]["extensions"]["creditbank"]["source"].startswith("https://")
    assert "AQRF level: source not yet attached" in told["CFItem"]["extensions"]["creditbank"]["note_en"]


def test_an_approved_comparison_is_a_typed_association_from_its_course_to_each_outcome(world: House) -> None:
    whole = read(world, f"CFPackages/{document_id(PROVINCE)}", "cfpackage")
    standing, ended = whole["CFItems"]
    assert (standing["humanCodingScheme"], standing["CFItemType"]) == ("ท21101", "course")
    assert (standing["statusStartDate"], standing.get("statusEndDate")) == ("2020-01-01", None)
    assert (ended["statusEndDate"], ended["extensions"]["creditbank"]["ended_as"]) == ("2025-12-31", "withdrawn")
    assert standing["extensions"]["creditbank"]["credits"] == "1.50"
    assert all(row["identifier"][14] in "12345" for row in (*whole["CFItems"], *whole["CFAssociations"]))
    (grouping,) = whole["CFDefinitions"]["CFAssociationGroupings"]
    yields = [
        each
        for each in whole["CFAssociations"]
        if each.get("CFAssociationGroupingURI", {}).get("identifier") == grouping["identifier"]
    ]
    assert {each["associationType"] for each in yields} == {"isRelatedTo"}
    assert [_ends(each) for each in yields] == [
        (row["identifier"], outcome) for row in (standing, ended) for outcome in item_ids("ท 1.1", "ท 2.1")
    ]
    (level,) = (each for each in whole["CFAssociations"] if each["associationType"] == "hasSkillLevel")
    assert _ends(level) == (ended["identifier"], stable_id("nqf", "NQF-3"))
    about = get(world, f"CFItemAssociations/{item_ids('ท 1.1')[0]}").get_json()["CFAssociations"]
    assert [each for each in about if each["associationType"] == "isRelatedTo"] == [yields[0], yields[2]]


def test_what_is_read_over_http_is_the_same_framework_again(world: House) -> None:
    for row in frameworks.all_frameworks(world.runtime):
        told = get(world, f"CFPackages/{row.id}").data
        plan = framework_files.preview(world.runtime, told, "f.json", About(), by=ADMIN)
        assert plan.change.says_nothing_new, row.code
    assert case_read.read(get(world, f"CFPackages/{document_id(PROVINCE)}").data).framework.items


def test_a_list_is_read_in_parts(world: House) -> None:
    whole = get(world, "CFDocuments").get_json()["CFDocuments"]
    answer = get(world, "CFDocuments?limit=4&offset=4&sort=title")
    assert answer.headers["X-Total-Count"] == str(len(whole))
    links = dict(reversed(part.strip().split("; ", 1)) for part in answer.headers["Link"].split(","))
    assert set(links) == {f'rel="{rel}"' for rel in ("first", "last", "next", "prev")}
    assert "limit=4&offset=8" in links['rel="next"']
    assert "sort=title" in links['rel="next"']
    titles = [each["title"] for part in (0, 4, 8) for each in _part(world, part)]
    assert titles == sorted(each["title"] for each in whole)
    down = get(world, "CFDocuments?sort=title&orderBy=desc").get_json()["CFDocuments"]
    assert [each["title"] for each in down] == titles[::-1]
    few = get(world, "CFDocuments?fields=title").get_json()
    assert_valid(few, "cfdocumentset")
    assert "publisher" not in few["CFDocuments"][0]


def _part(world: House, offset: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = get(world, f"CFDocuments?limit=4&offset={offset}&sort=title").get_json()[
        "CFDocuments"
    ]
    return found


@pytest.mark.parametrize(
    ("path", "status", "minor"),
    [
        ("CFDocuments/7", 400, "invalid_uuid"),
        ("CFPackages/x", 400, "invalid_uuid"),
        (f"CFItems/{CORE.upper()}", 400, "invalid_uuid"),
        *((f"{what}/{uuid('gone')}", 404, "unknownobject") for what in ("CFDocuments", "CFPackages", "CFItems")),
        *((f"{what}/{uuid('gone')}", 404, "unknownobject") for what in ("CFItemAssociations", "CFAssociations")),
        *((f"{what}/{uuid('gone')}", 404, "unknownobject") for what in ("CFItemTypes", "CFSubjects", "CFConcepts")),
        *(
            (f"{what}/{uuid('gone')}", 404, "unknownobject")
            for what in ("CFLicenses", "CFAssociationGroupings", "CFRubrics")
        ),
        ("CFDocuments?limit=0", 400, "invalid_selection_field"),
        ("CFDocuments?limit=x", 400, "invalid_selection_field"),
        ("CFDocuments?offset=-1", 400, "invalid_selection_field"),
        ("CFDocuments?fields=title,secret", 400, "invalid_selection_field"),
        ("CFDocuments?sort=secret", 400, "invalid_sort_field"),
        ("CFDocuments?sort=title&orderBy=down", 400, "invalid_sort_field"),
        ("CFDocuments?offset=1000", 404, "unknownobject"),
        ("CFNothing", 404, "unknownobject"),
        ("", 404, "unknownobject"),
    ],
)
def test_errors_are_status_infos(world: House, path: str, status: int, minor: str) -> None:
    answer = get(world, path)
    assert answer.status_code == status
    assert_valid(answer.get_json(), "imsx_statusinfo")
    (field,) = answer.get_json()["imsx_codeMinor"]["imsx_codeMinorField"]
    assert field["imsx_codeMinorFieldValue"] == minor
    assert answer.headers["Cache-Control"] == "no-store"


def test_it_is_read_only(world: House) -> None:
    client = world.app.test_client()
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        answer = client.open(f"{ROOT}/CFDocuments", method=method, json={})
        assert answer.status_code == 405
        assert_valid(answer.get_json(), "imsx_statusinfo")
        assert "GET" in answer.headers["Allow"]


def test_who_has_it_already_is_told_so_until_it_changes(world: House) -> None:
    first = get(world, f"CFPackages/{CORE}")
    assert first.headers["Cache-Control"] == "public, max-age=60"
    assert "Set-Cookie" not in first.headers
    asked = {"If-None-Match": first.headers["ETag"]}
    assert get(world, f"CFPackages/{CORE}", headers=asked).status_code == 304
    assert get(world, f"CFPackages/{CORE}", headers=asked).data == b""
    document = get(world, f"CFDocuments/{CORE}")
    assert document.headers["Last-Modified"]
    framework_files.load(
        world.runtime,
        raw(
            package(
                item("Z"),
                title="อีกกรอบ",
                identifier=uuid("z"),
                uri=f"https://z.example/{uuid('z')}",
            )
            | {"CFAssociations": []}
        ),
        "z.json",
        About(),
        by=ADMIN,
    )
    again = get(world, f"CFPackages/{CORE}", headers=asked)
    assert (again.status_code, again.data) == (200, first.data)
    assert again.headers["ETag"] != first.headers["ETag"]


def test_the_public_address_stands_above_what_a_caller_says(place: Place) -> None:
    house = furnish(make_app(place.folder, place.url, CREDITBANK_PUBLIC_URL="https://bank.example/lms/"))
    frameworks.load_frameworks(house.runtime)
    hostile = {"Host": "evil.example"}
    listed = get(house, "CFDocuments?limit=1", headers=hostile)
    at = f"https://bank.example/lms{ROOT}"
    (document,) = listed.get_json()["CFDocuments"]
    assert document["CFPackageURI"]["uri"] == f"{at}/CFPackages/{document['identifier']}"
    assert f"<{at}/CFDocuments?limit=1&offset=1>" in listed.headers["Link"]
    for path in ("CFDocuments", f"CFPackages/{document['identifier']}", f"CFItems/{stable_id('nqf', 'NQF-3')}"):
        forged, asked = get(house, path, headers=hostile), get(house, path)
        assert forged.status_code == 200
        assert b"evil" not in forged.data
        assert forged.headers["ETag"] == asked.headers["ETag"], "nothing in it depends on who asks"
