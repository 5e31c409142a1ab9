"""``creditbank openapi``: the document that the application answers, written without a database."""

import json
from pathlib import Path

from tests.api.builders import make_house
from tests.builders import Place
from tests.cli.shell import Shell


def test_the_written_document_is_the_one_that_is_answered(place: Place) -> None:
    file, shell = place.folder / "openapi.json", Shell(place.folder / "none")
    ran = shell("openapi", str(file))
    assert (ran.code, ran.out) == (0, f"written to {file}\n")
    written = json.loads(file.read_text(encoding="utf-8"))
    assert written == make_house(place).app.test_client().get("/creditbank/api/openapi.json").get_json()
    assert list(written["paths"]) == sorted(written["paths"])
    assert shell("openapi").json == written
    assert not (place.folder / "none").exists()


def test_a_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    assert str(tmp_path / "no" / "x.json") in Shell(tmp_path).refused("openapi", str(tmp_path / "no" / "x.json"))
