"""Make signed checkpoints of the ledger, hand them out, and prove that an account is in one (docs/decisions/0009)."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from creditbank_plugin.errors import Refused, not_found
from creditbank_plugin.formats import checkpoint_json
from creditbank_plugin.formats.checkpoint_json import NotACheckpoint, Proof
from creditbank_plugin.rules.checkpoint import BEGINNING, Checkpoint, Head, leaf
from creditbank_plugin.rules.merkle import Tree
from creditbank_plugin.services.proving import checkpoint_key
from creditbank_plugin.services.proving.checkpoint_key import SigningKey
from creditbank_plugin.services.proving.head_file import HeadFile
from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.settings import Settings
from creditbank_plugin.storage.base import Stored, is_uuid
from creditbank_plugin.storage.queries import checkpoints
from creditbank_plugin.storage.session import reading, writing

#: Accounts between two reports of progress.
STEP = 1000
#: What a column of whole numbers can hold; no checkpoint has a higher number.
_HIGHEST = 2**63 - 1


@dataclass(frozen=True)
class Page:
    """Some checkpoints, newest first; ``next`` is the number to go on below, None at the end."""

    items: list[Checkpoint]
    next: int | None


def make(runtime: Runtime, *, new_key: bool = False, progress: Callable[[int], None] | None = None) -> Checkpoint:
    """Sign the heads of all accounts as they are now, keep that as the next checkpoint, and return it.

    Reading keeps nobody from writing; what is committed meanwhile belongs to the next one.  ``progress`` is told of
    accounts.  The key is made where there is none and no checkpoint yet.  ``Refused``: ``checkpoint_key_other`` when the
    key at hand (or none) is not the one of the last checkpoint, unless ``new_key``; ``ledger_rewritten`` when the ledger
    does not go on from the heads of the last one; ``checkpoint_busy`` when somebody else made one meanwhile.
    """
    made_at = runtime.clock().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    tree, entries = Tree(), 0
    with HeadFile() as changed:
        with reading(runtime.engine) as connection:
            row = checkpoints.newest(connection)
            before = _understood(row) if row is not None else None
            key = _key(runtime.settings, before, new_key)
            for head, is_new in _continued(connection, before):
                tree.add(leaf(head))
                entries += head.seq
                if is_new:
                    changed.put(head)
                if progress is not None and tree.size % STEP == 0:
                    progress(STEP)
        made = key.sign(
            Checkpoint(
                number=1 if before is None else before.number + 1,
                made_at=made_at,
                accounts=tree.size,
                entries=entries,
                root=tree.root(),
                previous=BEGINNING if before is None else before.hash,
                public_key=key.public,
            )
        )
        try:
            with writing(runtime.engine) as connection:
                checkpoints.add(connection, made.number, checkpoint_json.write(made), changed)
        except IntegrityError:
            raise _busy() from None
    return made


def get(runtime: Runtime, number: int | None = None) -> Checkpoint:
    """Return checkpoint ``number``, or the newest; ``Refused("not_found")`` where there is none."""
    with reading(runtime.engine) as connection:
        return _get(connection, number)


def page(runtime: Runtime, *, below: int | None = None, limit: int = 50) -> Page:
    """Return at most ``limit`` checkpoints, newest first, with numbers less than ``below``."""
    with reading(runtime.engine) as connection:
        rows = checkpoints.page(connection, below, limit + 1)
    items = [_understood(row) for row in rows[:limit]]
    return Page(items, items[-1].number if len(rows) > limit else None)


def document(runtime: Runtime, number: int) -> str:
    """Return the very text of a checkpoint's file; ``Refused("not_found")`` where there is no such number."""
    with reading(runtime.engine) as connection:
        return str(_row(connection, number).document)


def prove(runtime: Runtime, account_id: str, number: int | None = None) -> Proof:
    """Return the proof that the head of an account is in checkpoint ``number``, or in the newest.

    ``Refused``: ``not_found``; ``account_not_in_checkpoint``; ``checkpoint_heads_changed`` when the stored heads do not
    give the signed root any more.
    """
    wanted, found, tree = account_id.lower(), None, Tree()
    with reading(runtime.engine) as connection:
        checkpoint = _get(connection, number)
        for head in checkpoints.stored_heads(connection, checkpoint.number) if is_uuid(account_id) else ():
            is_wanted = head.account_id == wanted
            found = head if is_wanted else found
            tree.add(leaf(head), follow=is_wanted)
    path = tree.path()
    if found is None or path is None:
        raise Refused(
            "account_not_in_checkpoint",
            "ไม่มีบัญชีนี้ในจุดตรวจสอบนี้ ถ้าเป็นบัญชีใหม่ ให้สั่ง `creditbank checkpoint` ก่อน",
            "This account is not in the checkpoint; if it is new, run `creditbank checkpoint` first.",
            status=404,
        )
    if tree.root() != checkpoint.root:
        raise Refused(
            "checkpoint_heads_changed",
            "ข้อมูลของจุดตรวจสอบนี้ในฐานข้อมูลถูกเปลี่ยน ให้สั่ง `creditbank verify --against`",
            "What is stored of this checkpoint was changed: run `creditbank verify --against`.",
            status=409,
        )
    return Proof(found, path, checkpoint)


def _get(connection: Connection, number: int | None) -> Checkpoint:
    return _understood(_row(connection, number))


def _row(connection: Connection, number: int | None) -> Stored:
    if number is None:
        row = checkpoints.newest(connection)
    else:
        row = checkpoints.one(connection, number) if number <= _HIGHEST else None
    if row is None:
        raise not_found()
    return row


def _understood(row: Stored) -> Checkpoint:
    try:
        return checkpoint_json.read(row.document.encode())
    except NotACheckpoint:
        raise Refused(
            "checkpoint_unreadable",
            f"อ่านจุดตรวจสอบที่ {row.number} ในฐานข้อมูลไม่ได้ ข้อมูลถูกเปลี่ยน",
            f"Checkpoint {row.number} in the database cannot be read: it was changed.",
            status=500,
        ) from None


def _continued(connection: Connection, before: Checkpoint | None) -> Iterator[tuple[Head, bool]]:
    """Yield every head of the ledger, and whether it is another than at checkpoint ``before``.

    ``Refused`` as soon as the ledger is seen not to go on from there: what was signed once is never signed otherwise.
    """
    stored = checkpoints.stored_heads(connection, before.number) if before is not None else iter(())
    old = next(stored, None)
    for head in checkpoints.ledger_heads(connection):
        if old is None or head.account_id < old.account_id:
            yield head, True
            continue
        if head.account_id > old.account_id or head.seq < old.seq or (head.seq == old.seq and head.hash != old.hash):
            raise _rewritten()
        yield head, head.seq > old.seq
        old = next(stored, None)
    if old is not None:
        raise _rewritten()


def _key(settings: Settings, before: Checkpoint | None, new_key: bool) -> SigningKey:
    """Return the key to sign with; it changes only where somebody said so."""
    key = checkpoint_key.held(settings)
    if before is not None and not new_key and (key is None or key.public != before.public_key):
        raise Refused(
            "checkpoint_key_other",
            "กุญแจลงนามไม่ใช่ดอกเดียวกับจุดตรวจสอบล่าสุด ให้นำกุญแจเดิมกลับมา หรือใช้ --new-key แล้วแจ้งลายนิ้วมือใหม่แก่ผู้เก็บสำเนา",
            "The key at hand is not that of the last checkpoint: put the old one back, or use --new-key and tell the new "
            "fingerprint to those who keep your checkpoints.",
            status=409,
        )
    return checkpoint_key.make(settings) if key is None else key


def _rewritten() -> Refused:
    return Refused(
        "ledger_rewritten",
        "บัญชีรายการไม่ต่อเนื่องจากจุดตรวจสอบล่าสุด มีผู้แก้ไขย้อนหลัง จึงไม่ลงนาม ให้สั่ง `creditbank verify --against FILE`",
        "The ledger does not go on from the last checkpoint: history was rewritten, and nothing was signed. "
        "Run `creditbank verify --against FILE`.",
        status=409,
    )


def _busy() -> Refused:
    return Refused(
        "checkpoint_busy",
        "มีผู้อื่นสร้างจุดตรวจสอบในขณะเดียวกัน โปรดลองใหม่",
        "Somebody else made a checkpoint at the same time; try again.",
        status=409,
    )
