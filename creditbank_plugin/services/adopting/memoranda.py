"""Memoranda between agencies (บันทึกข้อตกลง): who agreed with whom, on paper.  They record; they grant nothing.

Parties are kept by the name they signed with, one a line, as a province has them (Lamphun: 29); where a line is the code
or the whole name of one organisation that we know, or ends in its code in brackets, that is noted beside it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from creditbank_plugin.errors import Refused, need, not_found
from creditbank_plugin.rules import thai
from creditbank_plugin.services.actor import Actor
from creditbank_plugin.services.reach import require
from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.storage import tables
from creditbank_plugin.storage.base import Stored, is_uuid, new_id
from creditbank_plugin.storage.queries import authority
from creditbank_plugin.storage.queries import memoranda as rows
from creditbank_plugin.storage.queries.writes import insert_all
from creditbank_plugin.storage.session import reading, writing

MOST_PARTIES, LONGEST = 500, 500
_WITH_CODE = re.compile(r"(?P<name>.*\S)\s*\((?P<code>[^()]+)\)")


@dataclass(frozen=True)
class Kept:
    """A memorandum as stored, and its parties in their order."""

    row: Stored
    parties: Sequence[Stored]


def lines(text: str) -> list[str]:
    """Return the parties of a text, one a line, in one spelling and each once; empty lines are none."""
    return list(dict.fromkeys(name for name in map(thai.normalise, text.splitlines()) if name))


def enter(
    runtime: Runtime,
    *,
    owner: str,
    title: str,
    signed_on: date,
    parties: Sequence[str],
    number: str | None = None,
    applies_until: date | None = None,
    reference: str | None = None,
    by: Actor,
) -> str:
    """Keep a memorandum of ``owner`` and return its id; one of the same title, number and day stands already as it is.

    ``Refused``: 422 names the field that cannot be, 403 unless ``by`` may act for ``owner``.
    """
    title, number = thai.normalise(title), thai.digits(thai.normalise(number or "")) or None
    reference, parties = thai.normalise(reference or "") or None, lines("\n".join(parties))
    need(bool(title), "title", "ต้องมีชื่อเรื่อง", "The title is missing.")
    need(bool(parties), "parties", "ต้องมีหน่วยงานที่ร่วมลงนามอย่างน้อยหนึ่งแห่ง", "Name at least one agency that signed.")
    many = f"ระบุได้ไม่เกิน {MOST_PARTIES} หน่วยงาน", f"At most {MOST_PARTIES} agencies can be named."
    need(len(parties) <= MOST_PARTIES, "parties", *many)
    for field, texts in (("title", [title]), ("number", [number or ""]), ("parties", parties)):
        fits = all(len(each) <= LONGEST for each in texts)
        need(fits, field, f"ยาวเกิน {LONGEST} ตัวอักษร", f"It is longer than {LONGEST} characters.")
    dated = applies_until is None or signed_on <= applies_until
    need(dated, "applies_until", "วันสิ้นสุดมาก่อนวันลงนาม", "It would end before it was signed.")
    with writing(runtime.engine) as connection:
        known = authority.lock_organisation(connection, owner) is not None
        need(known, "owner", "ไม่รู้จักหน่วยงานนี้", "This organisation is unknown.")
        require(connection, owner, by.acting_for)
        stands = rows.same_memorandum(connection, owner, title, number, signed_on)
        if stands is not None:
            return stands
        row = {
            "id": new_id(),
            "owner_code": owner,
            "title": title,
            "number": number,
            "signed_on": signed_on,
            "applies_until": applies_until,
            "reference": reference,
            "entered_at": runtime.clock(),
            "entered_by": by.id,
        }
        insert_all(connection, tables.Memorandum, [row])
        insert_all(connection, tables.MemorandumParty, _matched(connection, str(row["id"]), parties))
    return str(row["id"])


def _matched(connection: Connection, memorandum_id: str, parties: Sequence[str]) -> list[dict[str, object]]:
    """Return the rows of parties, each with the organisation that its line names, where it names exactly one."""
    told = [_name_and_code(each) for each in parties]
    by_code, by_name = {}, dict[str, set[str]]()
    for row in rows.like_names(connection, {word for words in told for word in words if word}):
        by_code[row.code] = row.code
        for name in filter(None, (row.name_th, row.name_en)):
            by_name.setdefault(name, set()).add(row.code)
    made: list[dict[str, object]] = []
    for position, (line, (name, code)) in enumerate(zip(parties, told, strict=True), start=1):
        named = by_name.get(name, set()) | by_name.get(line, set())
        found = by_code.get(code or name) or (next(iter(named)) if len(named) == 1 else None)
        made.append({"memorandum_id": memorandum_id, "position": position, "name": line, "organisation_code": found})
    return made


def _name_and_code(line: str) -> tuple[str, str | None]:
    inner = _WITH_CODE.fullmatch(line)
    return (inner["name"], thai.digits(inner["code"].strip())) if inner else (line, None)


def end(runtime: Runtime, memorandum_id: str, *, ended_on: date, by: Actor) -> None:
    """Note the day on which a memorandum ended.

    ``Refused``: 404 when it is unknown, 403 unless ``by`` may act for its owner, 422 for a day before it was signed, 409
    (``already_ended``) when an end is noted.
    """
    with writing(runtime.engine) as connection:
        row = rows.memorandum(connection, memorandum_id) if is_uuid(memorandum_id) else None
        if row is None:
            raise not_found()
        require(connection, row.owner_code, by.acting_for)
        early = ended_on < row.signed_on
        need(not early, "ended_on", "วันสิ้นสุดมาก่อนวันลงนาม", "It would end before it was signed.")
        if not rows.end_memorandum(connection, memorandum_id, ended_on):
            raise Refused("already_ended", "บันทึกไว้แล้วว่าสิ้นสุด", "Its end is noted already.", status=409)


def memoranda(runtime: Runtime, limit: int = 200) -> list[Kept]:
    """Return memoranda with their parties, the last signed first."""
    with reading(runtime.engine) as connection:
        found = rows.memoranda(connection, limit)
        parties = rows.parties(connection, [row.id for row in found])
    return [Kept(row, parties.get(row.id, [])) for row in found]


def get(runtime: Runtime, memorandum_id: str) -> Kept:
    """Return one memorandum; ``Refused`` (404) when it is unknown."""
    with reading(runtime.engine) as connection:
        row = rows.memorandum(connection, memorandum_id) if is_uuid(memorandum_id) else None
        if row is None:
            raise not_found()
        return Kept(row, rows.parties(connection, [memorandum_id]).get(memorandum_id, []))


def is_over(row: Stored, day: date) -> bool:
    """Tell whether a memorandum had ended by ``day``: it was ended, or its time is over."""
    ended = row.ended_on is not None and row.ended_on <= day
    return ended or (row.applies_until is not None and row.applies_until < day)
