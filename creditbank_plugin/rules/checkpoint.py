"""A checkpoint of the ledger: what is signed, what its tree is made of, and how one follows another.

The heads of all accounts (the last entry of each) are the leaves of a Merkle tree (`rules/merkle.py`), in the order of
the accounts' ids.  A checkpoint is a signed statement of its root.  docs/decisions/0009 writes down every form.
"""

import hashlib
import json
from dataclasses import dataclass

#: The name of this form; another form would bear another.
FORMAT = "creditbank-checkpoint-1"
#: The ``previous`` of the first checkpoint.
BEGINNING = bytes(32)


@dataclass(frozen=True)
class Head:
    """The last entry of an account: ``hash`` is the entry's own in its chain."""

    account_id: str
    seq: int
    hash: bytes


@dataclass(frozen=True)
class Checkpoint:
    """A signed statement: ``accounts`` heads, the chains of which hold ``entries`` entries, have the Merkle root ``root``.

    ``number`` counts from 1; ``made_at`` is a moment in UTC as it is written; ``previous`` is the hash of the checkpoint
    before; ``public_key`` (Ed25519, 32 bytes) is that of the key that made ``signature`` (64 bytes).
    """

    number: int
    made_at: str
    accounts: int
    entries: int
    root: bytes
    previous: bytes
    public_key: bytes
    signature: bytes = b""

    @property
    def signed(self) -> bytes:
        """Return the bytes that the signature is over: a JSON array in a fixed order, no blanks, non-ASCII escaped."""
        fields = [
            FORMAT,
            self.number,
            self.made_at,
            self.accounts,
            self.entries,
            self.root.hex(),
            self.previous.hex(),
            self.public_key.hex(),
        ]
        return json.dumps(fields, ensure_ascii=True, separators=(",", ":")).encode()

    @property
    def hash(self) -> bytes:
        """Return what the next checkpoint names as its ``previous``: SHA-256 of the signed bytes."""
        return hashlib.sha256(self.signed).digest()

    @property
    def fingerprint(self) -> str:
        """Return the name of the key, to be compared by people: SHA-256 of the public key, in hex."""
        return hashlib.sha256(self.public_key).hexdigest()


def leaf(head: Head) -> bytes:
    """Return the leaf of an account: the JSON array ``["account",seq,"hash in hex"]``, no blanks, small letters."""
    return f'["{head.account_id}",{head.seq},"{head.hash.hex()}"]'.encode("ascii")
