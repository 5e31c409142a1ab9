"""Hold the ledger against a checkpoint that was kept elsewhere, and an inclusion proof against itself."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from creditbank_plugin.errors import Refused
from creditbank_plugin.formats import checkpoint_json
from creditbank_plugin.formats.checkpoint_json import NotACheckpoint
from creditbank_plugin.rules.checkpoint import BEGINNING, Checkpoint, Head, leaf
from creditbank_plugin.rules.merkle import Tree, root_of
from creditbank_plugin.services.proving.checkpoint_key import is_signed
from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.storage.queries import checkpoints
from creditbank_plugin.storage.session import reading

Finding = dict[str, object]
#: Whose word was taken: somebody named the key, or the file itself did.
AS_NAMED, AS_THE_FILE_SAYS = "as named", "as the file says"


@dataclass(frozen=True)
class Compared:
    """What a file was found to be: ``about`` as JSON values, and what does not fit it, in the form of `verify`."""

    about: dict[str, Any]
    broken: list[Finding]


def against(runtime: Runtime, raw: bytes, key: str | None = None) -> Compared:
    """Hold the ledger against the checkpoint in a file: its signature, its place in the series, its root.

    ``key`` is the fingerprint (or public key, in hex) that must have signed it; without one the key that the file names is
    taken, and whoever gave the file is trusted.  Whether each chain is sound in itself `verify` says.
    ``Refused("checkpoint_unreadable")`` when the file is no checkpoint.
    """
    try:
        kept = checkpoint_json.read(raw)
    except NotACheckpoint as error:
        raise _unreadable(error) from None
    broken = [_of_none(why) for why in _distrust(kept, key)]
    if not broken:
        with reading(runtime.engine) as connection:
            broken = [_of_none(why) for why in _series(connection, kept)] + _heads(connection, kept)
    return Compared({**_about(kept, key), "fits": not broken}, broken)


def proved(raw: bytes, key: str | None = None) -> dict[str, Any]:
    """Check an inclusion proof by itself; no database is asked.

    Returns ``{"fits", "why", "account_id", "seq", "hash", "checkpoint"}``; ``why`` is None when it fits.
    ``Refused("checkpoint_unreadable")`` when the file is no proof.
    """
    try:
        proof = checkpoint_json.read_proof(raw)
    except NotACheckpoint as error:
        raise _unreadable(error) from None
    why = next(_distrust(proof.checkpoint, key), None)
    if why is None and root_of(leaf(proof.head), proof.path, proof.checkpoint.accounts) != proof.checkpoint.root:
        why = "the account's entry and path do not lead to the signed root: this is not what the checkpoint holds"
    return {
        "fits": why is None,
        "why": why,
        "account_id": proof.head.account_id,
        "seq": proof.head.seq,
        "hash": proof.head.hash.hex(),
        "checkpoint": _about(proof.checkpoint, key),
    }


def key_in(text: str) -> str:
    """Return the fingerprint or public key that somebody named: in hex, or as the text of a file that holds one.

    ``Refused("checkpoint_key_unreadable")`` for anything else.
    """
    found = checkpoint_json.public_key_of(text.encode())
    plain = found or "".join(text.split()).replace(":", "").lower()
    if len(plain) != 64 or not set(plain) <= set("0123456789abcdef"):
        raise Refused(
            "checkpoint_key_unreadable",
            "ต้องเป็นลายนิ้วมือของกุญแจ (เลขฐานสิบหก 64 ตัว) หรือไฟล์ที่มีลายนิ้วมือหรือกุญแจสาธารณะ",
            "The key must be a fingerprint (64 hexadecimal digits), or a file with a fingerprint or a public key.",
        )
    return plain


def _distrust(kept: Checkpoint, key: str | None) -> Iterator[str]:
    """Say why a checkpoint's word is not taken, if it is not."""
    if not is_signed(kept):
        yield "the file is not what was signed: its signature does not fit"
    elif key is not None and key not in (kept.fingerprint, kept.public_key.hex()):
        yield f"the checkpoint is signed by another key than the one named: {kept.fingerprint}"


def _about(kept: Checkpoint, key: str | None) -> dict[str, Any]:
    return {
        "number": kept.number,
        "made_at": kept.made_at,
        "accounts": kept.accounts,
        "entries": kept.entries,
        "root": kept.root.hex(),
        "fingerprint": kept.fingerprint,
        "key": AS_NAMED if key is not None else AS_THE_FILE_SAYS,
    }


def _series(connection: Connection, kept: Checkpoint) -> Iterator[str]:
    """Say what is wrong with the checkpoints of the database: each follows the one before, and one is the file's."""
    before, number, found = BEGINNING, 0, False
    for row in checkpoints.series(connection):
        try:
            here = checkpoint_json.read(row.document.encode())
        except NotACheckpoint:
            yield f"checkpoint {row.number} in the database cannot be read: it was changed"
            return
        if (here.number, row.number) != (number + 1, number + 1) or here.previous != before:
            yield f"checkpoint {row.number} in the database does not follow the one before it"
        if not is_signed(here):
            yield f"checkpoint {row.number} in the database is not what was signed: its signature does not fit"
        if here.number == kept.number:
            found = True
            if here.hash != kept.hash:
                yield f"checkpoint {kept.number} in the database is another than the one in the file"
        before, number = here.hash, row.number
    if not found:
        yield (
            f"checkpoint {kept.number} is not in the database, which ends at {number}: it was taken away, "
            "or the database is an older state"
        )


def _heads(connection: Connection, kept: Checkpoint) -> list[Finding]:
    """Compare the heads that were signed, as stored, with the ledger as it is; name the accounts that differ.

    Two roots tell what can be believed: that over the stored heads, and that over what the ledger has in their places.
    """
    stored, entries, named = Tree(), 0, list[Finding]()
    present: Tree | None = None  # the ledger's own, from the first account on that differs; before that it is the same
    for head, now in checkpoints.stored_and_present(connection, kept.number):
        if now != head.hash:
            present = present or stored.copy()
            named.append(_of(head, kept, gone=now is None))
        stored.add(leaf(head))
        if present is not None:
            present.add(leaf(Head(head.account_id, head.seq, now or b"")))
        entries += head.seq
    whole = (stored.size, entries) == (kept.accounts, kept.entries)
    if whole and stored.root() == kept.root:
        return named  # the stored heads are what was signed: each account that differs is named for certain
    if whole and present is not None and present.root() == kept.root:
        return [_of_none(f"the stored heads of checkpoint {kept.number} were changed; the ledger itself fits the root")]
    counted = (
        f"; there are heads of {stored.size} accounts and {entries} entries, not of {kept.accounts} and {kept.entries}"
    )
    why = (
        f"history was rewritten since checkpoint {kept.number} was signed: the root does not fit (accounts were taken out "
        "with everything of them, or chains hashed anew or cut together with the stored heads)"
    )
    return [_of_none(why + ("" if whole else counted)), *named]


def _of(head: Head, kept: Checkpoint, *, gone: bool) -> Finding:
    why = "is gone: the end of the chain was cut off, or all of it" if gone else "is another: it was hashed anew"
    told = f"the entry that was the last when checkpoint {kept.number} was signed {why}"
    return {"account_id": head.account_id, "seq": head.seq, "why": told}


def _of_none(why: str) -> Finding:
    return {"account_id": None, "seq": 0, "why": why}


def _unreadable(error: NotACheckpoint) -> Refused:
    th, en = f"ไฟล์นี้ไม่ใช่จุดตรวจสอบหรือหลักฐาน: {error.th}", f"The file is no checkpoint or proof: {error.en}."
    return Refused("checkpoint_unreadable", th, en)
