"""What of a checkpoint is signed, and what its leaves are: forms that anyone can repeat (docs/decisions/0009)."""

import hashlib
import json
from dataclasses import replace

import pytest

from creditbank_plugin.rules.checkpoint import BEGINNING, Checkpoint, Head, leaf

HEAD = Head("0190c1f0-7c1e-7000-8000-00000000000a", 5, bytes(range(32)))
CHECKPOINT = Checkpoint(2, "2026-03-01T03:00:00Z", 3, 9, b"\x01" * 32, BEGINNING, b"\x02" * 32)


def test_a_leaf_is_the_json_array_that_is_written_down() -> None:
    assert json.loads(leaf(HEAD)) == [HEAD.account_id, 5, HEAD.hash.hex()]
    assert leaf(HEAD) == b'["0190c1f0-7c1e-7000-8000-00000000000a",5,"' + HEAD.hash.hex().encode() + b'"]'


def test_what_is_signed_is_the_json_array_that_is_written_down() -> None:
    told = (
        '["creditbank-checkpoint-1",2,"2026-03-01T03:00:00Z",3,9,'
        f'"{"01" * 32}","{"00" * 32}","{"02" * 32}"]'  # root, previous, public key
    )
    assert CHECKPOINT.signed == told.encode()
    assert CHECKPOINT.hash == hashlib.sha256(told.encode()).digest()
    assert CHECKPOINT.fingerprint == hashlib.sha256(b"\x02" * 32).hexdigest()


@pytest.mark.parametrize(
    "change",
    [
        {"number": 3},
        {"made_at": "2026-03-01T03:00:01Z"},
        {"accounts": 4},
        {"entries": 8},
        {"root": b"\x03" * 32},
        {"previous": b"\x03" * 32},
        {"public_key": b"\x03" * 32},
    ],
)
def test_everything_said_is_signed(change: dict[str, object]) -> None:
    assert replace(CHECKPOINT, **change).signed != CHECKPOINT.signed


def test_the_signature_is_no_part_of_what_the_next_one_names() -> None:
    assert replace(CHECKPOINT, signature=b"\x09" * 64).hash == CHECKPOINT.hash
