"""A house without doors, and one without a course for tests that enter their own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.builders import House, Place, furnish, make_app
from tests.committee import Committee, convene
from tests.conftest import close
from tests.oauth_world import Standing, stand


@pytest.fixture
def house(tmp_path: Path, url: str) -> Iterator[House]:
    """The furnished house as services know it: without pages and API."""
    made = furnish(make_app(tmp_path, url, doors=False))
    yield made
    close(made)


@pytest.fixture
def bare(tmp_path: Path, url: str) -> Iterator[House]:
    """Schools, banks and frameworks, but no course, comparison or adoption yet."""
    made = furnish(make_app(tmp_path, url, doors=False), course=False)
    yield made
    close(made)


@pytest.fixture
def committee(house: House) -> Committee:
    return convene(house)


@pytest.fixture(scope="module")
def lasting_house(shared_place: Place) -> Iterator[House]:
    """One house for all: each test has a learner and a client of its own in it."""
    made = furnish(make_app(shared_place.folder, shared_place.url, doors=False))
    yield made
    close(made)


@pytest.fixture
def at(lasting_house: House) -> Iterator[Standing]:
    """A learner and a client of their own in the lasting house, which is at the right time again when a test is over."""
    clock = lasting_house.runtime.clock
    yield stand(lasting_house)
    lasting_house.runtime.clock = clock
