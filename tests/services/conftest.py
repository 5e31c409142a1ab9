"""A house without doors, and one without a course for tests that enter their own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.builders import House, furnish, make_app
from tests.committee import Committee, convene
from tests.conftest import close


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
