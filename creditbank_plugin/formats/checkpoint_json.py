"""Checkpoints and inclusion proofs as the JSON files that others keep."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from creditbank_plugin.formats import strict_json
from creditbank_plugin.rules.checkpoint import FORMAT, Checkpoint, Head
from creditbank_plugin.rules.merkle import Path

PROOF_FORMAT = "creditbank-proof-1"
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII)
_ACCOUNT = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)
_LARGEST = 2**63 - 1
#: A tree of 2**63 leaves has no longer path.
_LONGEST_PATH = 64


class NotACheckpoint(ValueError):  # noqa: N818 - named by what the file is not
    """A file that is no checkpoint, or no proof, as we write them; ``th``/``en`` say why."""

    def __init__(self, th: str, en: str) -> None:
        super().__init__(en)
        self.th, self.en = th, en


@dataclass(frozen=True)
class Proof:
    """That ``head`` is one of the leaves of ``checkpoint``."""

    head: Head
    path: Path
    checkpoint: Checkpoint


def as_dict(checkpoint: Checkpoint) -> dict[str, Any]:
    """Return a checkpoint as JSON values; hashes, key and signature in hex, ``fingerprint`` beside the key it is of."""
    return {
        "format": FORMAT,
        "number": checkpoint.number,
        "made_at": checkpoint.made_at,
        "accounts": checkpoint.accounts,
        "entries": checkpoint.entries,
        "root": checkpoint.root.hex(),
        "previous": checkpoint.previous.hex(),
        "public_key": checkpoint.public_key.hex(),
        "fingerprint": checkpoint.fingerprint,
        "signature": checkpoint.signature.hex(),
    }


def write(checkpoint: Checkpoint) -> str:
    """Return the text of a checkpoint's file."""
    return json.dumps(as_dict(checkpoint), indent=2) + "\n"


def read(raw: bytes) -> Checkpoint:
    """Return the checkpoint of a file's bytes; ``NotACheckpoint`` says what is wrong.  The signature is not looked at."""
    return _checkpoint(_object(raw))


def proof_as_dict(proof: Proof) -> dict[str, Any]:
    """Return a proof as JSON values; it holds the whole checkpoint, so that nothing else is needed to check it."""
    return {
        "format": PROOF_FORMAT,
        "account_id": proof.head.account_id,
        "seq": proof.head.seq,
        "hash": proof.head.hash.hex(),
        "index": proof.path.index,
        "path": [each.hex() for each in proof.path.hashes],
        "checkpoint": as_dict(proof.checkpoint),
    }


def write_proof(proof: Proof) -> str:
    """Return the text of a proof's file."""
    return json.dumps(proof_as_dict(proof), indent=2) + "\n"


def read_proof(raw: bytes) -> Proof:
    """Return the proof of a file's bytes; ``NotACheckpoint`` says what is wrong.  Whether it proves is not looked at."""
    told = _object(raw)
    if told.get("format") != PROOF_FORMAT:
        raise _wrong("format")
    account, path, checkpoint = told.get("account_id"), told.get("path"), told.get("checkpoint")
    if not isinstance(account, str) or not _ACCOUNT.fullmatch(account):
        raise _wrong("account_id")
    if not isinstance(path, list) or len(path) > _LONGEST_PATH:
        raise _wrong("path")
    if not isinstance(checkpoint, dict):
        raise _wrong("checkpoint")
    hashes = tuple(_bytes({"path": each}, "path", 32) for each in path)
    head = Head(account, _whole(told, "seq", 1), _bytes(told, "hash", 32))
    return Proof(head, Path(_whole(told, "index", 0), hashes), _checkpoint(checkpoint))


def public_key_of(raw: bytes) -> str | None:
    """Return the public key (hex) that a JSON file names, a checkpoint for one; None where it names none."""
    try:
        return _bytes(_object(raw), "public_key", 32).hex()
    except NotACheckpoint:
        return None


def _object(raw: bytes) -> dict[str, Any]:
    try:
        told = strict_json.loads(raw)
    except strict_json.NotJson as error:
        raise NotACheckpoint(error.th, error.en) from None
    if not isinstance(told, dict):
        raise NotACheckpoint("ไม่ใช่วัตถุ JSON", "is no JSON object")
    return told


def _checkpoint(told: Mapping[str, Any]) -> Checkpoint:
    if told.get("format") != FORMAT:
        raise _wrong("format")
    made_at = told.get("made_at")
    if not isinstance(made_at, str) or not _MOMENT.fullmatch(made_at):
        raise _wrong("made_at")
    made = Checkpoint(
        number=_whole(told, "number", 1),
        made_at=made_at,
        accounts=_whole(told, "accounts", 0),
        entries=_whole(told, "entries", 0),
        root=_bytes(told, "root", 32),
        previous=_bytes(told, "previous", 32),
        public_key=_bytes(told, "public_key", 32),
        signature=_bytes(told, "signature", 64),
    )
    if told.get("fingerprint") != made.fingerprint:
        raise _wrong("fingerprint")
    return made


def _whole(told: Mapping[str, Any], name: str, least: int) -> int:
    value = told.get(name)
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= _LARGEST:
        raise _wrong(name)
    return value


def _bytes(told: Mapping[str, Any], name: str, length: int) -> bytes:
    value = told.get(name)
    if not isinstance(value, str) or not re.fullmatch(rf"[0-9a-f]{{{2 * length}}}", value, re.ASCII):
        raise _wrong(name)
    return bytes.fromhex(value)


def _wrong(name: str) -> NotACheckpoint:
    return NotACheckpoint(f"ฟิลด์ {name} ไม่ถูกต้อง", f"its field {name} is not as it must be")
