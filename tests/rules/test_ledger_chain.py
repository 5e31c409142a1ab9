"""The chain: a silent change anywhere shows."""

import hashlib
from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from creditbank_plugin.rules import ledger
from creditbank_plugin.rules.fold import AMOUNT_STATES, Movement
from tests.builders import moment

Written = tuple[ledger.Line, bytes, bytes]
STEPS = (
    ("deposit", 150, None, "available"),
    ("hold", 100, "available", "held"),
    ("redeem", 100, "held", "redeemed"),
    ("revoke", 50, "available", "revoked"),
)


ACCOUNT, OTHER, RECORD, DECISION = ("0" * 31 + digit for digit in "1234")


def chain() -> list[Written]:
    made: list[Written] = []
    previous, amounts = ledger.GENESIS, dict(ledger.NOTHING)
    for seq, (kind, amount, source, target) in enumerate(STEPS, start=1):
        amounts = ledger.moved(amounts, Movement(kind, "basic", amount, source, target))
        told = (ACCOUNT, seq, kind, RECORD, "basic", amount, source, target, amounts, DECISION, "c")
        line = ledger.Line(*told, moment(seq), moment(seq), evidence=ledger.evidence("basis"))
        own = ledger.chain_hash(previous, line)
        made.append((line, previous, own))
        previous = own
    return made


def stored(line: ledger.Line, previous: bytes, own: bytes, **rests_on: str | None) -> ledger.Step:
    """A written entry as the database gives it back, with what it rests on in place."""
    standing: dict[str, str | None] = {
        "basis": "basis",
        "decision_account": line.account_id,
        "decision_course": "course",
        "record_account": line.account_id,
        "record_course": "course",
        **rests_on,
    }
    return ledger.Step(
        line.account_id,
        line.seq,
        line.record_id,
        line.amount,
        line.from_state,
        line.to_state,
        ledger.amounts_text(line.amounts),
        previous,
        own,
        ledger.line_text(line),
        line.decision_id,
        line.evidence,
        **standing,
    )


def broken(steps: list[Written]) -> list[dict[str, object]]:
    return ledger.broken(stored(*step) for step in steps)


def test_a_sound_chain_has_nothing_to_say() -> None:
    assert broken(chain()) == []


def test_a_known_vector() -> None:
    """Anyone can repeat this hash: SHA-256 of the hash before and the fields as lines (docs/decisions/0003)."""
    line, previous, own = chain()[0]
    amounts = '{"available":150,"held":0,"redeemed":0,"under_review":0,"revoked":0,"expired":0,"duplicate":0}'
    lines = [ACCOUNT, "1", "deposit", RECORD, "basic", "150", "", "available", amounts, DECISION, "c"]
    day = "2026-03-01 03:00:00.000000"
    text = "\n".join([*lines, day, day, hashlib.sha256(b"basis").hexdigest()])
    assert ledger.line_text(line) == text
    assert previous == ledger.GENESIS
    assert own == hashlib.sha256(bytes(32) + text.encode()).digest()


def test_ids_are_hashed_without_hyphens() -> None:
    line = chain()[0][0]
    assert ledger.line_text(replace(line, account_id=str(UUID(ACCOUNT)))) == ledger.line_text(line)


@pytest.mark.parametrize(
    ("gone", "why"),
    [
        ({"basis": None}, "the decision it rests on, or its message, is gone"),
        ({"basis": "other"}, "the decision it rests on, or its message, was changed"),
        ({"decision_account": OTHER}, "the decision it rests on is another account's"),
        ({"record_account": None}, "its record is gone"),
        ({"record_account": OTHER}, "its record belongs to another account"),
        ({"record_course": "another"}, "its record belongs to another course"),
    ],
)
def test_what_an_entry_rests_on_must_fit(gone: dict[str, str | None], why: str) -> None:
    told = stored(*chain()[0], **gone)
    assert ledger.broken([told]) == [{"account_id": str(UUID(ACCOUNT)), "seq": 1, "why": why}]


@pytest.mark.parametrize(
    "change",
    [
        {"amount": 151},
        {"kind": "clear"},
        {"scheme": "vocational"},
        {"record_id": OTHER},
        {"to_state": "held"},
        {"cause": "x"},
        {"decision_id": None},
        {"happened_at": moment(9)},
        {"known_at": moment(9)},
        {"amounts": dict.fromkeys(AMOUNT_STATES, 1)},
        {"account_id": OTHER},
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
    assert next(each["seq"] for each in broken(steps)) == place + 1


@pytest.mark.parametrize("place", range(len(STEPS) - 1))
def test_a_removed_entry_shows(place: int) -> None:
    steps = chain()
    del steps[place]
    assert broken(steps)


def test_a_rehashed_entry_breaks_the_one_after_it() -> None:
    steps = chain()
    line, previous, _ = steps[1]
    forged = replace(line, cause="forged")
    steps[1] = (forged, previous, ledger.chain_hash(previous, forged))
    assert [each["seq"] for each in broken(steps)] == [3]


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
    assert next(each["why"] for each in broken(steps)) == "its amounts do not add up"


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
