"""Mandates: a school lets another organisation, mostly its province's centre, adopt for its bank.

Who may order for a bank: its own organisation, the platform's administrator, and who holds a mandate of it that day.  A
mandate is given and ended by the school alone; ending one leaves the orders made under it as they are.
"""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import Connection

from creditbank_plugin.errors import Refused, need, not_found
from creditbank_plugin.rules import thai
from creditbank_plugin.services.actor import Actor
from creditbank_plugin.services.reach import not_yours
from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.storage import tables
from creditbank_plugin.storage.base import Stored, is_uuid, new_id
from creditbank_plugin.storage.queries import authority
from creditbank_plugin.storage.queries import mandates as rows
from creditbank_plugin.storage.queries.writes import insert_all
from creditbank_plugin.storage.session import reading, writing


def no_mandate() -> Refused:
    """Return the refusal of an order for a bank that stands below, and has not agreed to it."""
    return Refused(
        "no_mandate",
        "ธนาคารหน่วยกิตนี้ยังไม่ได้มอบให้หน่วยงานของคุณรับรองใช้แทน ให้ผู้อำนวยการสถานศึกษามอบก่อน หรือให้สถานศึกษารับรองใช้เอง",
        "This bank has not agreed that your organisation adopts for it. Its director can give that mandate, or adopt.",
        status=403,
    )


def require_order(connection: Connection, organisation: str, acting_for: str | None, day: date) -> None:
    """Let pass who may order for the bank of ``organisation`` on ``day``.

    ``Refused`` (403): ``no_mandate`` for who stands above it without one, ``not_yours`` for anybody else.
    """
    if acting_for in (None, organisation) or rows.has_mandate(connection, organisation, str(acting_for), day):
        return
    raise no_mandate() if authority.is_within(connection, organisation, str(acting_for)) else not_yours()


def orders_for(runtime: Runtime, acting_for: str | None) -> frozenset[str] | None:
    """Return the organisations for whose banks somebody of ``acting_for`` may order today; None for all."""
    if acting_for is None:
        return None
    with reading(runtime.engine) as connection:
        return frozenset({acting_for, *rows.mandated_by(connection, acting_for, runtime.today())})


def give(
    runtime: Runtime,
    *,
    organisation: str,
    holder: str,
    reference: str,
    since: date,
    until: date | None = None,
    by: Actor,
) -> str:
    """Let ``holder`` adopt for the bank of ``organisation`` on the days named; return the mandate's id.

    ``reference`` names the paper by which it was agreed.  The same mandate given again is the one that stands.
    ``Refused`` (403) unless ``by`` acts for ``organisation`` itself, or is the platform's administrator.
    """
    reference = thai.normalise(reference)
    need(bool(reference), "reference", "ต้องอ้างหนังสือที่มอบ", "Name the paper by which it is agreed.")
    need(holder != organisation, "holder", "มอบให้หน่วยงานของตนเองไม่ได้", "Nobody needs a mandate of their own.")
    dated = until is None or since <= until
    need(dated, "until", "วันสิ้นสุดมาก่อนวันเริ่ม", "It would end before it begins.")
    _may_give(organisation, by)
    with writing(runtime.engine) as connection:
        known = authority.lock_organisation(connection, organisation) is not None
        need(known, "organisation", "ไม่รู้จักหน่วยงานนี้", "This organisation is unknown.")
        known = bool(authority.organisations(connection, [holder]))
        need(known, "holder", "ไม่รู้จักหน่วยงานนี้", "This organisation is unknown.")
        stands = rows.same_mandate(connection, organisation, holder, reference, since, until)
        if stands is not None:
            return stands
        row = {
            "id": new_id(),
            "organisation_code": organisation,
            "holder_code": holder,
            "reference": reference,
            "since": since,
            "until": until,
            "entered_at": runtime.clock(),
            "entered_by": by.id,
        }
        insert_all(connection, tables.Mandate, [row])
    return str(row["id"])


def end(runtime: Runtime, mandate_id: str, *, by: Actor) -> None:
    """End a mandate now; the orders made under it stand.

    ``Refused``: 404 when it is unknown, 403 unless ``by`` acts for the school itself or for the platform, 409
    (``already_ended``) when it has ended.
    """
    with writing(runtime.engine) as connection:
        row = rows.mandate(connection, mandate_id) if is_uuid(mandate_id) else None
        if row is None:
            raise not_found()
        _may_give(row.organisation_code, by)
        if not rows.end_mandate(connection, mandate_id, ended_at=runtime.clock(), ended_by=by.id):
            raise Refused("already_ended", "การมอบนี้สิ้นสุดไปแล้ว", "This mandate has ended already.", status=409)


def mandates(runtime: Runtime, organisation: str | None, limit: int = 200) -> Sequence[Stored]:
    """Return mandates, newest first: those that ``organisation`` gave or holds, or (None) all."""
    with reading(runtime.engine) as connection:
        return rows.mandates(connection, organisation, limit)


def state_of(mandate: Stored, day: date) -> str:
    """Return whether a mandate is ``in_force``, ``coming`` or ``ended`` on ``day``."""
    if mandate.ended_at is not None or (mandate.until is not None and mandate.until < day):
        return "ended"
    return "coming" if mandate.since > day else "in_force"


def _may_give(organisation: str, by: Actor) -> None:
    if by.acting_for not in (None, organisation):
        raise not_yours()
