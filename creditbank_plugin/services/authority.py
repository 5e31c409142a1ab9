"""Enter comparisons and adoptions, end them, and list what waits for a person.

A comparison or adoption never changes once entered; it is ended from a day of completion on.  What waited for it is
settled at once.  ``acting_for`` is the organisation for which somebody acts (see ``reach``), None the whole platform.
"""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import Connection, update

from creditbank_plugin.errors import Refused, not_found
from creditbank_plugin.rules import waits
from creditbank_plugin.services.catalogue import (
    add_course,
    alias,
    aliases,
    courses,
    known_codes,
    mapped,
    unknown_courses,
)
from creditbank_plugin.services.comparisons import approve_comparison, comparisons, end_comparison, may_end
from creditbank_plugin.services.frameworks import all_frameworks, items, load_frameworks
from creditbank_plugin.services.organisations import (
    add_bank,
    add_organisation,
    banks,
    issuers,
    organisations,
    trust_issuer,
)
from creditbank_plugin.services.reach import require
from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.services.settle import settle_at_once
from creditbank_plugin.storage import tables
from creditbank_plugin.storage.base import Stored, is_uuid, new_id
from creditbank_plugin.storage.queries import authority, ledger, waking
from creditbank_plugin.storage.queries.writes import insert_all, table_of
from creditbank_plugin.storage.session import reading, writing

__all__ = [
    "add_bank",
    "add_course",
    "add_organisation",
    "adopt",
    "adoptions",
    "alias",
    "aliases",
    "all_frameworks",
    "approve_comparison",
    "banks",
    "comparisons",
    "courses",
    "end_comparison",
    "issuers",
    "items",
    "known_codes",
    "load_frameworks",
    "mapped",
    "may_end",
    "may_revoke",
    "organisations",
    "reviews",
    "revoke_adoption",
    "tasks",
    "trust_issuer",
    "unknown_courses",
]


def _check(met: bool, field: str, th: str, en: str) -> None:
    if not met:
        raise Refused("invalid", th, en, field=field)


def adopt(
    runtime: Runtime,
    *,
    bank: str,
    order_number: str,
    signatory: str,
    ordered_on: date,
    applies_from: date,
    applies_until: date | None = None,
    comparison_id: str | None = None,
    body: str | None = None,
    level_group: str | None = None,
    by: str | None = None,
    acting_for: str | None = None,
) -> str:
    """Enter a bank's order, for one comparison or standing for all of a body, and settle; return its id.

    Whose comparison it is does not matter, whose bank does: ``Refused("not_yours")`` (403) unless ``acting_for`` may
    act for it.
    """
    one_kind = (comparison_id is None) != (body is None)
    _check(one_kind, "comparison_id", "เลือกผลการเทียบหนึ่งรายการ หรือหน่วยงานหนึ่งแห่ง", "Choose one comparison or one body.")
    _check(bool(order_number.strip()), "order_number", "ต้องมีเลขที่คำสั่ง", "The order number is missing.")
    _check(bool(signatory.strip()), "signatory", "ต้องระบุผู้ลงนาม", "The signatory is missing.")
    dated = applies_until is None or applies_from <= applies_until
    _check(dated, "applies_until", "วันสิ้นสุดมาก่อนวันเริ่ม", "It would end before it begins.")
    made = new_id()
    with writing(runtime.engine) as connection:
        organisation = next((code for code, row in authority.banks(connection).items() if row.code == bank), None)
        _check(organisation is not None, "bank", "ไม่รู้จักธนาคารหน่วยกิตนี้", "This bank is unknown.")
        require(connection, str(organisation), acting_for)
        if comparison_id is not None:
            known = bool(authority.comparison_rows(connection, [comparison_id]))
            _check(known, "comparison_id", "ไม่พบผลการเทียบนี้", "This comparison was not found.")
        if body is not None:
            known = bool(authority.organisations(connection, [body]))
            _check(known, "body", "ไม่รู้จักหน่วยงานนี้", "The body is unknown.")
        row = {
            "id": made,
            "bank_code": bank,
            "comparison_id": comparison_id,
            "body_code": body,
            "level_group": level_group,
            "order_number": order_number.strip(),
            "signatory": signatory.strip(),
            "ordered_on": ordered_on,
            "applies_from": applies_from,
            "applies_until": applies_until,
            "entered_at": runtime.clock(),
            "entered_by": by,
        }
        insert_all(connection, tables.Adoption, [row])
        waking.wake(connection, [waits.adoption(organisation)])
    settle_at_once(runtime)
    return made


def revoke_adoption(runtime: Runtime, adoption_id: str, *, revoked_from: date, acting_for: str | None = None) -> None:
    """Revoke an order for completions from a day on.

    ``Refused`` with 404 when it is unknown, 403 (``not_yours``) when its bank is not ``acting_for``'s, 422 when it is
    revoked already.
    """
    adoption = table_of(tables.Adoption)
    with writing(runtime.engine) as connection:
        _adoption(connection, adoption_id, acting_for)
        changed = connection.execute(
            update(adoption)
            .where(adoption.c.id == adoption_id, adoption.c.revoked_at.is_(None))
            .values(revoked_from=revoked_from, revoked_at=runtime.clock())
        )
        _check(changed.rowcount == 1, "adoption_id", "คำสั่งนี้เพิกถอนไปแล้ว", "This order has been revoked already.")


def may_revoke(runtime: Runtime, adoption_id: str, *, acting_for: str | None) -> None:
    """Raise what ``revoke_adoption`` would for an order that is unknown (404) or not ``acting_for``'s (403)."""
    with reading(runtime.engine) as connection:
        _adoption(connection, adoption_id, acting_for)


def _adoption(connection: Connection, adoption_id: str, acting_for: str | None) -> None:
    row = authority.adoption_rows(connection, [adoption_id]).get(adoption_id) if is_uuid(adoption_id) else None
    if row is None:
        raise not_found()
    require(connection, row.organisation_code, acting_for)


def adoptions(runtime: Runtime, bank: str | None = None, limit: int = 200) -> Sequence[Stored]:
    """Return adoptions, newest first, with their bank and course."""
    with reading(runtime.engine) as connection:
        return authority.list_adoptions(connection, bank, limit)


def tasks(runtime: Runtime) -> Sequence[Stored]:
    """Return what waits for a person, oldest first."""
    with reading(runtime.engine) as connection:
        return ledger.open_tasks(connection)


def reviews(runtime: Runtime) -> Sequence[Stored]:
    """Return records under review: their last entry, the course, since when and by which message (``review_cause``)."""
    with reading(runtime.engine) as connection:
        return ledger.under_review(connection)
