"""A bank that is served for real, and the client library in front of it."""

from collections.abc import Iterator

import pytest

from tests.api.builders import make_house
from tests.api.test_real_server import serving
from tests.builders import Place
from tests.client.world import World
from tests.conftest import MakeUrl, close, databases


@pytest.fixture(scope="module")
def module_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[MakeUrl]:
    with databases(request, tmp_path_factory.mktemp("client")) as make:
        yield make


@pytest.fixture(scope="module")
def world(module_url: MakeUrl, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One for the tests of a file: what the library does is the same on both databases."""
    place = Place(tmp_path_factory.mktemp("house"), module_url("sqlite"))
    house = make_house(place, CREDITBANK_LOGIN_URL="/login", CREDITBANK_TOKEN_RATE_PER_MINUTE=0)
    with serving(house) as port:
        yield World(house, f"http://127.0.0.1:{port}")
    close(house)
