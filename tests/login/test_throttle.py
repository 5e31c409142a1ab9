"""How often somebody may guess."""

from types import SimpleNamespace
from typing import Any

import pytest

from creditbank_plugin.login import throttle
from creditbank_plugin.login.throttle import Throttle
from creditbank_plugin.services.rates import MEMORY, Rates


@pytest.fixture
def runtime() -> Any:
    """As much of a runtime as counting needs."""
    return SimpleNamespace(rates=Rates(MEMORY))


@pytest.fixture
def counted(runtime: Any) -> Throttle:
    return Throttle(runtime)


def allowed(counted: Throttle, tries: list[tuple[str, str]]) -> int:
    return sum(counted.seconds(*each) == 0 for each in tries)


def test_one_name_from_one_address(counted: Throttle) -> None:
    assert allowed(counted, [("who", "192.0.2.1")] * 50) == throttle.PAIR
    assert 1 <= counted.seconds("who", "192.0.2.1") <= 60
    assert counted.seconds("who", "192.0.2.2") == 0, "who hammers locks nobody out elsewhere"
    assert counted.seconds("another", "192.0.2.1") == 0


def test_one_name_from_everywhere(counted: Throttle) -> None:
    assert allowed(counted, [("who", f"192.0.2.{number}") for number in range(200)]) == throttle.WIDE
    assert counted.seconds("another", "192.0.2.250") == 0


def test_all_names_from_one_address(counted: Throttle) -> None:
    assert allowed(counted, [(f"who{number}", "192.0.2.1") for number in range(200)]) == throttle.WIDE
    assert counted.seconds("who", "192.0.2.2") == 0


def test_whoever_has_an_address_of_ipv6_has_its_neighbours(counted: Throttle) -> None:
    assert allowed(counted, [("who", f"2001:db8::{number:x}") for number in range(50)]) == throttle.PAIR
    assert counted.seconds("who", "2001:db8:1::1") == 0


def test_the_very_same_address_in_another_spelling_is_the_same(counted: Throttle) -> None:
    assert allowed(counted, [("who", "::ffff:192.0.2.9")] * 10 + [("who", "192.0.2.9")] * 10) == throttle.PAIR


def test_while_the_storage_fails_this_process_counts(
    counted: Throttle, runtime: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runtime.rates, "count", lambda *_: None)
    assert allowed(counted, [("who", "192.0.2.1")] * 50) == throttle.PAIR
