"""The files of checkpoints and proofs: read as they were written, and refused when they are anything else."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from creditbank_plugin.formats import checkpoint_json
from creditbank_plugin.formats.checkpoint_json import NotACheckpoint, Proof
from creditbank_plugin.rules.checkpoint import Checkpoint, Head
from creditbank_plugin.rules.merkle import Path

HASH = st.binary(min_size=32, max_size=32)
CHECKPOINTS = st.builds(
    Checkpoint,
    number=st.integers(1, 2**31),
    made_at=st.just("2026-03-01T03:00:00Z"),
    accounts=st.integers(0, 2**40),
    entries=st.integers(0, 2**40),
    root=HASH,
    previous=HASH,
    public_key=HASH,
    signature=st.binary(min_size=64, max_size=64),
)
PROOFS = st.builds(
    Proof,
    head=st.builds(Head, st.uuids().map(str), st.integers(1, 2**31), HASH),
    path=st.builds(Path, st.integers(0, 2**40), st.lists(HASH, max_size=64).map(tuple)),
    checkpoint=CHECKPOINTS,
)
ONE = Checkpoint(1, "2026-03-01T03:00:00Z", 2, 3, b"\x01" * 32, bytes(32), b"\x02" * 32, b"\x03" * 64)
PROOF = Proof(Head("0190c1f0-7c1e-7000-8000-00000000000a", 5, b"\x04" * 32), Path(1, (b"\x05" * 32,)), ONE)


@given(CHECKPOINTS)
def test_a_checkpoint_is_read_as_it_was_written(checkpoint: Checkpoint) -> None:
    assert checkpoint_json.read(checkpoint_json.write(checkpoint).encode()) == checkpoint


@given(PROOFS)
def test_a_proof_is_read_as_it_was_written(proof: Proof) -> None:
    assert checkpoint_json.read_proof(checkpoint_json.write_proof(proof).encode()) == proof


WRONG: list[tuple[str, Any]] = [
    ("format", "creditbank-checkpoint-2"),
    ("number", 0),
    ("number", "1"),
    ("number", True),
    ("made_at", "2026-03-01T03:00:00+07:00"),
    ("made_at", None),
    ("accounts", -1),
    ("entries", 1.5),
    ("entries", 2**63),
    ("root", "01" * 31),
    ("root", "AB" * 32),
    ("previous", 7),
    ("public_key", "02" * 31 + "0g"),
    ("public_key", "05" * 32),  # another than the fingerprint's
    ("fingerprint", "00" * 32),
    ("signature", "03" * 63),
]


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_a_field_that_is_wrong_or_missing_is_named(name: str, value: Any) -> None:
    told = checkpoint_json.as_dict(ONE)
    for changed in ({**told, name: value}, {each: told[each] for each in told if each != name}):
        with pytest.raises(NotACheckpoint, match="its field"):
            checkpoint_json.read(json.dumps(changed).encode())


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("format", "creditbank-checkpoint-1"),
        ("account_id", "0190C1F0-7C1E-7000-8000-00000000000A"),
        ("account_id", 7),
        ("seq", 0),
        ("hash", ""),
        ("index", -1),
        ("path", "05" * 32),
        ("path", ["05"]),
        ("path", ["05" * 32] * 65),
        ("checkpoint", None),
        ("checkpoint", {}),
    ],
)
def test_so_in_a_proof(name: str, value: Any) -> None:
    with pytest.raises(NotACheckpoint, match="its field"):
        checkpoint_json.read_proof(json.dumps({**checkpoint_json.proof_as_dict(PROOF), name: value}).encode())


@pytest.mark.parametrize("raw", [b"", b"[]", b"\xff", b'{"format": 1', b'{"a": 1, "a": 2}', b"7"])
def test_what_is_no_json_object_is_refused(raw: bytes) -> None:
    for read in (checkpoint_json.read, checkpoint_json.read_proof):
        with pytest.raises(NotACheckpoint):
            read(raw)
    assert checkpoint_json.public_key_of(raw) is None


def test_a_checkpoint_is_no_proof_and_the_other_way_round() -> None:
    with pytest.raises(NotACheckpoint):
        checkpoint_json.read_proof(checkpoint_json.write(ONE).encode())
    with pytest.raises(NotACheckpoint):
        checkpoint_json.read(checkpoint_json.write_proof(PROOF).encode())
