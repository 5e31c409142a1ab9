"""The chain: a silent change anywhere shows."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from creditbank_plugin.rules import ledger
from creditbank_plugin.rules.fold import AMOUNT_STATES, Movement
from tests.builders import moment

Step = tuple[ledger.Line, bytes, bytes]
STEPS = (
    ("deposit", 150, None, "available"),
    ("hold", 100, "available", "held"),
    ("redeem", 100, "held", "redeemed"),
    ("revoke", 50, "available", "revoked"),
)


def chain() -> list[Step]:
    made: list[Step] = []
    previous, amounts = ledger.GENESIS, dict(ledger.NOTHING)
    for seq, (kind, amount, source, target) in enumerate(STEPS, start=1):
        amounts = ledger.moved(amounts, Movement(kind, "basic", amount, source, target))
        told = ("account", seq, kind, "record", "basic", amount, source, target, amounts, "d", "c")
        line = ledger.Line(*told, moment(seq), moment(seq), evidence=bytes(32))
        own = ledger.chain_hash(previous, line)
        made.append((line, previous, own))
        previous = own
    return made


def test_a_sound_chain_has_nothing_to_say() -> None:
    assert ledger.broken(chain()) == []


def test_a_known_vector() -> None:
    """Anyone can repeat this hash: SHA-256 of a JSON array in a fixed order (docs/decisions/0003)."""
    line, previous, own = chain()[0]
    text = (
        '["' + "00" * 32 + '","account",1,"deposit","record","basic",150,null,"available",[150,0,0,0,0,0,0],"d","c",'
        '"2026-03-01T03:00:00.000000+00:00","2026-03-01T03:00:00.000000+00:00","' + "00" * 32 + '"]'
    )
    import hashlib

    assert previous == ledger.GENESIS
    assert own == hashlib.sha256(text.encode()).digest()
    assert line.seq == 1


@pytest.mark.parametrize(
    "change",
    [
        {"amount": 151},
        {"kind": "clear"},
        {"scheme": "vocational"},
        {"record_id": "other"},
        {"to_state": "held"},
        {"cause": "x"},
        {"decision_id": None},
        {"happened_at": moment(9)},
        {"known_at": moment(9)},
        {"amounts": dict.fromkeys(AMOUNT_STATES, 1)},
        {"account_id": "other"},
        {"evidence": None},
        {"evidence": b"\x01" * 32},
    ],
)
@pytest.mark.parametrize("place", range(len(STEPS)))
def test_any_changed_field_shows(place: int, change: dict[str, object]) -> None:
    steps = chain()
    line, previous, own = steps[place]
    changed = replace(line, **change)
    if changed == line:
        pytest.skip("the step has this value already")
    steps[place] = (changed, previous, own)
    assert next(each["seq"] for each in ledger.broken(steps)) == place + 1


@pytest.mark.parametrize("place", range(len(STEPS) - 1))
def test_a_removed_entry_shows(place: int) -> None:
    steps = chain()
    del steps[place]
    assert ledger.broken(steps)


def test_a_rehashed_entry_breaks_the_one_after_it() -> None:
    steps = chain()
    line, previous, _ = steps[1]
    forged = replace(line, cause="forged")
    steps[1] = (forged, previous, ledger.chain_hash(previous, forged))
    assert [each["seq"] for each in ledger.broken(steps)] == [3]


@given(st.lists(st.integers(0, 500), max_size=8))
def test_moving_keeps_the_sum(amounts: list[int]) -> None:
    held = {**ledger.NOTHING, "available": 4000}
    for amount in amounts:
        held = ledger.moved(held, Movement("hold", "basic", amount, "available", "held"))
    assert sum(held.values()) == 4000


def test_more_than_there_is_cannot_be_taken() -> None:
    with pytest.raises(ValueError, match="below zero"):
        ledger.moved(ledger.NOTHING, Movement("hold", "basic", 1, "available", "held"))


def test_an_amount_is_never_negative() -> None:
    with pytest.raises(ValueError, match="negative"):
        ledger.moved(ledger.NOTHING, Movement("adjust", "basic", -1, None, "available"))


def test_amounts_that_do_not_add_up_show_in_a_chain_whose_hashes_fit() -> None:
    steps = chain()
    previous = ledger.GENESIS
    for place, (line, _, _) in enumerate(steps):
        told = replace(line, amounts={**line.amounts, "available": 999}) if place == 1 else line
        steps[place] = (told, previous, own := ledger.chain_hash(previous, told))
        previous = own
    assert next(each["why"] for each in ledger.broken(steps)) == "its amounts do not add up"


@pytest.mark.parametrize(
    ("amounts", "state"),
    [
        ({"available": 50, "held": 50}, "held"),
        ({"available": 50, "under_review": 50, "redeemed": 50}, "under_review"),
        ({"available": 60, "held": 50}, "available"),
        ({"revoked": 50, "duplicate": 50}, "revoked"),
        ({"available": 1, "revoked": 500}, "available"),
        ({}, "available"),
    ],
)
def test_the_state_to_show_holds_most_and_of_equals_the_gravest(amounts: dict[str, int], state: str) -> None:
    assert ledger.dominant(amounts) == state
