"""Schemathesis holds the running application against its document: examples, edges, random calls, and links followed.

What it tries and what it asks for stands in schemathesis.toml beside this file.  More of it by hand: docs/api.md.
"""

import os
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.builders import Place
from tests.conformance.world import Served, served
from tests.conftest import close, databases

HERE = Path(__file__).parent
#: Words for the command line by hand, such as "--max-examples 300 --seed 7".
MORE = "CREDITBANK_SCHEMATHESIS"


@pytest.fixture(scope="module")
def running(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """On one kind of database: what differs between them is not what the document tells of."""
    folder = tmp_path_factory.mktemp("running")
    with databases(request, folder) as make, served(Place(folder, make("sqlite"))) as found:
        yield found
        close(found.house)


def test_every_list_with_a_cursor_is_named_where_cursors_are_spoken_of(running: Served) -> None:
    document = running.house.app.test_client().get("/creditbank/api/openapi.json").get_json()
    listed = {
        operation["operationId"]
        for every in document["paths"].values()
        for operation in every.values()
        if isinstance(operation, dict)
        and any(
            each.get("$ref", "").endswith("/cursor") or each.get("name") == "after"
            for each in operation.get("parameters", ())
        )
    }
    told = tomllib.loads((HERE / "schemathesis.toml").read_text(encoding="utf-8"))["operations"]
    assert listed in [set(each.get("include-operation-id", ())) for each in told]


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_running_application_answers_as_its_document_says(running: Served) -> None:
    command = [sys.executable, "-m", "schemathesis.cli", "run", f"{running.address}/creditbank/api/openapi.json"]
    more = shlex.split(os.environ.get(MORE, ""))
    environment = {**os.environ, **running.environment, "PYTHONPATH": os.pathsep.join(sys.path)}
    ran = subprocess.run(
        [*command, "--no-color", *more], cwd=HERE, env=environment, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    for phase in ("Examples", "Coverage", "Fuzzing", "Stateful"):
        assert more or f"✅ {phase}" in ran.stdout, ran.stdout
