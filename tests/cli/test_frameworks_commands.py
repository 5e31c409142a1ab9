"""``creditbank frameworks`` as a person and as a program calls it."""

import json
from pathlib import Path

import pytest

from creditbank_plugin.formats.case_comparisons import document_id
from creditbank_plugin.services.catalogue import framework_files
from tests.builders import PROVINCE, House
from tests.cli.shell import Shell
from tests.frameworks import assert_valid, item, package, raw, tie, uuid


@pytest.fixture
def shell(house: House) -> Shell:
    return Shell.of(house)


def test_a_package_goes_in_and_comes_out_as_the_same(shell: Shell, tmp_path: Path) -> None:
    file, again = tmp_path / "in.json", tmp_path / "out.json"
    file.write_bytes(raw(package(item("A"), item("B"), ties=[tie("A", "B"), tie("B", "doc")])))
    dry = shell("frameworks", "import", str(file), "--code", "local", "--dry-run", "--json")
    assert (dry.code, dry.json["new"], dry.json["dry_run"]) == (0, 2, True)
    assert "local" not in [row["code"] for row in shell("frameworks", "list", "--json").json["items"]]
    told = shell("frameworks", "import", str(file), "--code", "local", "--json").json
    assert told == {
        "framework": {"id": uuid("doc"), "code": "local"},
        "items": 2,
        "new": 2,
        "changed": 0,
        "unchanged": 0,
        "retired": 0,
        "dry_run": False,
        "errors": [],
    }
    assert shell("frameworks", "export", "local", str(again), "--json").json["bytes"] == again.stat().st_size
    assert_valid(json.loads(again.read_text()), "cfpackage")
    assert shell("frameworks", "import", str(again), "--json").json["unchanged"] == 2
    by_id = tmp_path / "id.json"
    shell("frameworks", "export", uuid("doc"), str(by_id))
    assert by_id.read_bytes() == again.read_bytes()
    assert "local" in shell("frameworks", "list").out


def test_a_bodys_comparisons_are_written_too(shell: Shell, tmp_path: Path) -> None:
    assert shell("frameworks", "export", document_id(PROVINCE), str(tmp_path / "body.json")).code == 0
    assert_valid(json.loads((tmp_path / "body.json").read_text()), "cfpackage")


def test_a_spreadsheet_names_its_framework_by_options(shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "units.csv"
    file.write_text("รหัส,ข้อความ,ระดับ,อื่น\nABC-DEFG-001,ทำได้,๓,x\n", encoding="utf-8-sig")
    said = ("--code", "tpqi", "--title", "หน่วยสมรรถนะ", "--version", "2569", "--source", "https://tpqi.example/")
    ran = shell("frameworks", "import", str(file), *said, "--json")
    assert (ran.code, ran.json["new"]) == (0, 1)
    assert "อื่น" in ran.err
    assert shell("frameworks", "import", str(file), "--code", "tpqi", "--json").json["unchanged"] == 1


def test_what_is_wrong_is_told_by_item_and_field_and_nothing_is_loaded(shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "in.json"
    file.write_bytes(raw(package(item("A", fullStatement=7), item("B", uri="x"))))
    ran = shell("frameworks", "import", str(file), "--json")
    assert ran.code == 1
    errors = [(row["item"], row["field"], row["code"]) for row in ran.json["errors"]]
    assert errors == [("A", "fullStatement", "wrong_type"), ("B", "uri", "uri_invalid")]
    assert all(row["th"] and row["en"] for row in ran.json["errors"])
    spoken = shell("frameworks", "import", str(file))
    assert (spoken.code, spoken.out) == (1, "")
    assert len(spoken.err.splitlines()) == 2
    assert "Item A: fullStatement must be a text" in spoken.err
    assert len(shell("frameworks", "list", "--json").json["items"]) == 1


def test_a_file_larger_than_any_framework_is_not_read(shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "in.json"
    with file.open("wb") as opened:
        opened.truncate(framework_files.LARGEST + 1)
    ran = shell("frameworks", "import", str(file), "--json")
    assert (ran.code, [row["code"] for row in ran.json["errors"]]) == (1, ["too_large"])
    assert "48 MB" in ran.err


def test_an_unknown_framework_is_one_line(shell: Shell, tmp_path: Path) -> None:
    for name in ("gone", uuid("gone")):
        assert "there is no framework" in shell.refused("frameworks", "export", name, str(tmp_path / "x.json"))
    assert not (tmp_path / "x.json").exists()
    shell.refused("frameworks", "import", str(tmp_path / "gone.json"))
