"""The demo, served by a process of its own, and programs that others wrote."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.demo_server import Browser, running
from tests.foreign import npm
from tests.foreign.scene import Scene


@pytest.fixture(scope="session")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """A demo whose first student has a credit; each test asks that student anew."""
    folder = tmp_path_factory.mktemp("foreign") / "demo"
    with running(folder) as about:
        Browser.log_in(about, about["users"][0]["username"]).finish(about["courses"]["approved"][0]["code"])
        yield Scene(about, folder)


@pytest.fixture(scope="session")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the Node programs with all they need."""
    return npm.install(tmp_path_factory.mktemp("npm"))
