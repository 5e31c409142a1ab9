"""A file with a framework, whatever its format: what loading it would change, and loading it, all or nothing."""

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from sqlalchemy import Connection

from creditbank_plugin.errors import Refused
from creditbank_plugin.formats import case, case_read, framework_sheet
from creditbank_plugin.formats.case_read import TARGET_MISSING
from creditbank_plugin.reference.frameworks import stable_id
from creditbank_plugin.rules import framework_row, thai
from creditbank_plugin.rules.framework import CHILD, MOST_FAULTS, Fault, Framework, Item, Tie, faults, with_hierarchy
from creditbank_plugin.rules.framework_edition import Edition, edition
from creditbank_plugin.services.actor import Actor
from creditbank_plugin.services.reach import not_yours
from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.storage.queries import framework_writes, frameworks, generations
from creditbank_plugin.storage.session import reading, writing

#: How large a file may be at most, whatever its format; bytes.  A spreadsheet has less room (`formats.sheet_limits`).
LARGEST = case_read.LARGEST


class FileRefused(Refused):
    """A file that is refused, by its first fault; ``faults`` are all that are told."""

    def __init__(self, found: Sequence[Fault], status: int = 422) -> None:
        first = found[0]
        field = ".".join(part for part in (first.item, first.field) if part)
        super().__init__(first.code, *sentences(first, len(found) - 1), field=field, status=status)
        self.faults = tuple(found)


def sentences(fault: Fault, others: int = 0) -> tuple[str, str]:
    """Return a fault as a Thai and an English sentence that name its place, and how many others there are."""
    th = f"รายการ {fault.item}: " if fault.item else ""
    en = f"Item {fault.item}: " if fault.item else ""
    if fault.field:
        th, en = f"{th}ช่อง {fault.field} ", f"{en}{fault.field} "
    more_th = f" (และอีก {others} ข้อ)" if others else ""
    more_en = f" (and {others} more)" if others else ""
    return f"{th}{fault.th}{more_th}", f"{en}{fault.en}{more_en}"


@dataclass(frozen=True, kw_only=True)
class About:
    """What is said of a framework beside its file; a package of CASE says all but the code itself."""

    code: str | None = None
    title_th: str | None = None
    title_en: str | None = None
    version: str | None = None
    source: str | None = None
    publisher: str | None = None
    evidence: str | None = None


@dataclass(frozen=True)
class Plan:
    """What a file would change, or did; ``ignored`` are headings of a spreadsheet that mean nothing to us."""

    change: Edition
    ignored: tuple[str, ...] = ()

    @property
    def counts(self) -> dict[str, int]:
        """Return how many items there are in the file, and what becomes of those stored."""
        change = self.change
        return {
            "items": len(change.framework.items),
            "new": len(change.new),
            "changed": len(change.changed) + len(change.returned),
            "unchanged": change.unchanged,
            "retired": len(change.retired),
        }


def preview(runtime: Runtime, content: bytes, name: str, about: About, *, by: Actor) -> Plan:
    """Return what loading a file would change; `FileRefused` for one that cannot be loaded, 403 for who may not."""
    require(by)
    read = _read(content, name, about)
    with reading(runtime.engine) as connection:
        return _plan(connection, read, about)


def load(runtime: Runtime, content: bytes, name: str, about: About, *, by: Actor) -> Plan:
    """Load a file in one transaction and return what that changed; the same file again changes nothing.

    Items that it no longer holds are retired, never deleted.  `FileRefused` as `preview` has it; nothing is then done.
    """
    require(by)
    read = _read(content, name, about)
    with writing(runtime.engine) as connection:
        generations.hold(connection, generations.ITEMS)
        plan = _plan(connection, read, about)
        if not plan.change.says_nothing_new:
            generation = generations.raise_to_next(connection, generations.ITEMS)
            framework_writes.load(connection, plan.change, generation=generation, now=runtime.clock(), by=by.id)
    return plan


def require(by: Actor) -> None:
    """Let pass the platform's administrator alone: a framework is everybody's."""
    if by.acting_for is not None:
        raise not_yours()


def require_size(number: int) -> None:
    """Let pass a file of up to `LARGEST` bytes, before it is read; `FileRefused` (``too_large``)."""
    if number > LARGEST:
        raise FileRefused(case_read.too_large().faults)


Told = framework_sheet.Told | case_read.Read


def _read(content: bytes, name: str, about: About) -> Told:
    try:
        start = content[:64].lstrip(b"\xef\xbb\xbf \t\r\n")
        if name.lower().endswith(".json") or start.startswith((b"{", b"[")):
            return case_read.read(content)
        return framework_sheet.read(content, name, about.code)
    except (case_read.NotRead, framework_sheet.NotRead) as error:
        raise FileRefused(error.faults) from None


def _plan(connection: Connection, read: Told, about: About) -> Plan:
    if isinstance(read, case_read.Read):
        return _package(connection, read, about)
    return _sheet(connection, read, about)


def _package(connection: Connection, read: case_read.Read, about: About) -> Plan:
    framework = read.framework
    row = frameworks.by_id(connection, framework.id)
    before = frameworks.stored(connection, framework.id) if row is not None else None
    code = about.code or (row.code if row is not None else framework.code)
    framework = replace(framework, code=code)
    if (
        before is not None
        and before.uri is None
        and str(framework.uri).endswith(f"{case.PATH}/CFDocuments/{framework.id}")
    ):
        framework = replace(framework, uri=None)  # our own export come home: its addresses are ours
    found = list(islice(_clashes(connection, framework), MOST_FAULTS)) + _missing(connection, read)
    if found:
        raise FileRefused(found[:MOST_FAULTS])
    return Plan(edition(before, replace(framework, ties=_at_home(connection, framework.ties))))


def _missing(connection: Connection, read: case_read.Read) -> list[Fault]:
    """Return ends that ought to be in the package by their address, and are neither there nor known here."""
    named = {each.identifier for each in read.foreign if case.is_identifier(each.identifier)}
    known = frameworks.held(connection, named)
    return [
        Fault(each.item, each.field, *TARGET_MISSING)
        for each in read.foreign
        if each.inside and each.identifier not in known
    ]


def _at_home(connection: Connection, ties: tuple[Tie, ...]) -> tuple[Tie, ...]:
    """Return ties whose ends in other frameworks of ours are known by their ids alone, as ours are."""
    outside = {end for tie in ties for end in _outside(tie)}
    known = frameworks.held(connection, outside)
    return tuple(_known_here(tie, known) for tie in ties)


def _known_here(tie: Tie, known: Container[str | None]) -> Tie:
    if tie.origin_id in known:
        tie = replace(tie, origin_uri=None, origin_title=None)
    if tie.target_id in known:
        tie = replace(tie, target_uri=None, target_title=None)
    return tie


def _outside(tie: Tie) -> Iterator[str]:
    if tie.origin_uri is not None and tie.origin_id is not None:
        yield tie.origin_id
    if tie.target_uri is not None and tie.target_id is not None:
        yield tie.target_id


def _clashes(connection: Connection, framework: Framework) -> Iterator[Fault]:
    """Yield what another framework has already: its code, or the identifier of an item or tie."""
    row = frameworks.find(connection, framework.code)
    if row is not None and row.id != framework.id:
        yield Fault(
            "CFDocument",
            "code",
            "code_taken",
            "มีกรอบอื่นใช้รหัสนี้อยู่แล้ว ระบุรหัสอื่น",
            "Another framework has this code; name another one.",
        )
    codes = {item.id: item.code for item in framework.items}
    for taken in sorted(frameworks.elsewhere(connection, framework.id, list(codes))):
        yield Fault(
            codes[taken],
            "identifier",
            "item_elsewhere",
            "identifier นี้เป็นของรายการในกรอบอื่นแล้ว",
            "An item of another framework has this identifier.",
        )
    ties = [tie.id for tie in framework.ties]
    for taken in sorted(frameworks.ties_elsewhere(connection, framework.id, ties)):
        yield Fault(
            taken,
            "identifier",
            "tie_elsewhere",
            "identifier นี้เป็นของความสัมพันธ์ในกรอบอื่นแล้ว",
            "An association of another framework has this identifier.",
        )


def _sheet(connection: Connection, told: framework_sheet.Told, about: About) -> Plan:
    said = _said(told.leading, about)
    code = said.get("framework")
    if not code or not framework_row.is_framework_code(code):
        raise FileRefused([_FRAMEWORK_CODE])
    row = frameworks.find(connection, code)
    before = frameworks.stored(connection, row.id) if row is not None else None
    framework = _described(before, code, said)
    had = {item.code: item for item in before.items} if before is not None else {}
    items = tuple(_item(item, framework, had.get(item.code), told.columns) for item in told.items)
    found = list(_unsourced(told.items)) + _as_a_whole(framework, told.items)
    if found:
        raise FileRefused(found[:MOST_FAULTS])
    columns = {*told.columns, *_KEPT, "source", "evidence"}
    made = with_hierarchy(replace(framework, items=items))
    made = replace(made, ties=_keeping_ids(before, made.ties))
    return Plan(edition(before, made, columns), told.ignored)


def _said(leading: Mapping[str, str], about: About) -> dict[str, str]:
    beside = {"framework": about.code, **{name: value for name, value in vars(about).items() if name != "code"}}
    found = {**leading, **{name: value for name, value in beside.items() if value}}
    return {name: thai.normalise(value) for name, value in found.items() if value}


_FRAMEWORK_CODE = Fault(
    "",
    "framework",
    "framework_code",
    "ต้องระบุรหัสของกรอบ (framework) เป็นอักษร a-z ตัวเลข จุด หรือขีด ไม่เกิน 60 ตัว",
    "must be given: the framework's code, of letters a-z, digits, dots and hyphens, at most 60.",
)


def _described(before: Framework | None, code: str, said: Mapping[str, str]) -> Framework:
    evidence = said.get("evidence")
    if evidence is not None and evidence not in framework_row.EVIDENCE:
        listed = ", ".join(framework_row.EVIDENCE)
        raise FileRefused(
            [Fault("", "evidence", "evidence", f"ต้องเป็นค่าใดค่าหนึ่งใน: {listed}", f"must be one of: {listed}")]
        )
    if before is not None:
        names = ("title_th", "title_en", "version", "source", "publisher", "evidence")
        told: dict[str, Any] = {name: said[name] for name in names if name in said}
        return replace(before, **told, items=(), ties=(), changed=None)
    for name in ("title_th", "source"):
        if name not in said:
            raise FileRefused(
                [
                    Fault(
                        "",
                        name,
                        "missing",
                        "ต้องระบุสำหรับกรอบใหม่: ชื่อ (title_th) และแหล่งที่มา (source)",
                        "must be given for a new framework: its title (title_th) and its source.",
                    )
                ]
            )
    return Framework(
        id=stable_id(code),
        code=code,
        title_th=said["title_th"],
        title_en=said.get("title_en"),
        version=said.get("version"),
        source=said["source"],
        publisher=said.get("publisher"),
        evidence=evidence or case_read.EVIDENCE,
        language="th",
    )


def _item(item: Item, framework: Framework, old: Item | None, columns: frozenset[str]) -> Item:
    """Return an item with its id and its source: its own, that of the same text before, else the framework's."""
    if old is None:
        source = (item.source or framework.source) if _has_text(item) else None
        evidence = framework.evidence if _has_text(item) else None
        return replace(item, id=stable_id(framework.code, item.code), source=source, evidence=evidence)
    item = replace(item, id=old.id, **{name: getattr(old, name) for name in _KEPT if name not in columns})
    if not _has_text(item):
        return replace(item, source=None, evidence=None)
    if (item.text_th, item.text_en) == (old.text_th, old.text_en) and item.source in (None, old.source):
        return replace(item, source=old.source or framework.source, evidence=old.evidence or framework.evidence)
    return replace(item, source=item.source or framework.source, evidence=framework.evidence)


#: What an item keeps where the spreadsheet has no column for it.
_KEPT = ("text_th", "text_en", "parent")


def _has_text(item: Item) -> bool:
    return item.text_th is not None or item.text_en is not None


def _unsourced(items: tuple[Item, ...]) -> Iterator[Fault]:
    """Yield items with a source and no text: a source vouches for a text."""
    for item in items:
        if item.source is not None and not _has_text(item):
            yield Fault(item.code, "text_th", "text_missing", "มีแหล่งที่มาแต่ไม่มีข้อความ", "It has a source and no text.")


def _as_a_whole(framework: Framework, items: tuple[Item, ...]) -> list[Fault]:
    """Return what is wrong with the rows together; each stands in for its own id while it has none."""
    numbered = tuple(replace(item, id=f"{item.code}\0{item.position}") for item in items)
    return faults(
        replace(framework, items=numbered),
        {item.id: f"{item.code} (แถว {item.position} / row {item.position})" for item in numbered},
    )


def _keeping_ids(before: Framework | None, ties: tuple[Tie, ...]) -> tuple[Tie, ...]:
    """Return ties with the ids that the same ties have already, where a package gave them others than ours."""
    if before is None:
        return ties
    had = {(tie.origin_id, tie.target_id): tie for tie in before.ties if tie.kind == CHILD}
    kept = []
    for tie in ties:
        old = had.get((tie.origin_id, tie.target_id))
        kept.append(replace(old, position=tie.position) if old is not None else tie)
    return tuple(kept)
