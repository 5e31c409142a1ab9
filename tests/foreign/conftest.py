"""The demo, served by a process of its own, and programs that others wrote."""

from pathlib import Path

import pytest

from tests.cli.demo_server import Browser, Demo
from tests.foreign import npm
from tests.foreign.scene import Scene


@pytest.fixture(scope="session")
def scene(shared_demo: Demo) -> Scene:
    """A demo whose first student has a credit; each test asks that student anew."""
    about, (student,) = shared_demo.about, shared_demo.students("foreign")
    Browser.log_in(about, student["username"]).finish(about["courses"]["approved"][0]["code"])
    return Scene(about, shared_demo.folder, student)


@pytest.fixture(scope="session")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the Node programs with all they need."""
    return npm.install(tmp_path_factory.mktemp("npm"))
