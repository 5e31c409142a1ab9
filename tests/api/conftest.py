"""A house whose doors are open, shared by the tests of one file, and an agency for each test."""

from collections.abc import Iterator

import pytest

from tests.api.builders import make_house
from tests.builders import House, Place
from tests.conftest import close
from tests.oauth_world import LOOPBACK, Agency, make_partner, make_public, settle_in


@pytest.fixture(scope="module")
def open_house(shared_place: Place) -> Iterator[House]:
    """One house for the tests of a file, each of which has a client and a learner of its own."""
    made = make_house(shared_place, CREDITBANK_LOGIN_URL="/login")
    yield made
    close(made)


@pytest.fixture
def agencies(open_house: House) -> Iterator[House]:
    """The shared house, at the right time and with nobody logged in again when a test is over."""
    clock = open_house.runtime.clock
    yield open_house
    open_house.runtime.clock, open_house.user.now = clock, None


@pytest.fixture
def agency(agencies: House) -> Agency:
    """A confidential client."""
    return settle_in(agencies, make_partner(agencies))


@pytest.fixture
def program(agencies: House) -> Agency:
    """A public client."""
    return settle_in(agencies, make_public(agencies), LOOPBACK)
