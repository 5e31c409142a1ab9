"""Orders of a bank: adopt one comparison, several, a body's whole list or all that it approves; revoke; list.

An order never changes once entered.  It may name many comparisons, and is then a row for each under its one number; the
same order entered again, also by two people at once, is the one that stands.  What waited for it is settled at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from creditbank_plugin.errors import Refused, invalid, not_found
from creditbank_plugin.rules import orders, thai, waits
from creditbank_plugin.rules.authority import Adoption
from creditbank_plugin.rules.orders import Paper, Scope
from creditbank_plugin.services.actor import Actor
from creditbank_plugin.services.adopting.mandates import require_order
from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.services.settling.settle import settle_at_once
from creditbank_plugin.storage import tables
from creditbank_plugin.storage.base import Stored, is_uuid, new_id
from creditbank_plugin.storage.queries import adoptions as rows
from creditbank_plugin.storage.queries import authority, waking
from creditbank_plugin.storage.queries.writes import insert_all
from creditbank_plugin.storage.session import reading, writing

#: How many comparisons one call may name, and how long the texts of an order may be.
MOST, LONGEST, LONGEST_REASON = 5000, 200, 2000


@dataclass(frozen=True)
class Entered:
    """What stands under an order: the rows it was about, in the order of the courses' codes, and how many are new."""

    ids: tuple[str, ...]
    new: int


def enter(runtime: Runtime, *, bank: str | None, scope: Scope, paper: Paper, by: Actor) -> Entered:
    """Enter an order of ``bank`` (None: of the bank of who acts) and settle; return what stands under it.

    ``Refused``: 422 names the field that cannot be; 403 as `mandates.require_order` has it; 409 ``order_differs``
    where the number stands for the same with another signatory or other days, and ``order_number_used`` where a whole
    list is entered under a number that stands for a part of it.
    """
    paper = _checked(scope, paper)
    with writing(runtime.engine) as connection:
        owner = rows.lock_bank(connection, bank or _own_bank(connection, by))
        if owner is None:
            raise _unknown_bank()
        day = runtime.today()
        require_order(connection, owner.organisation_code, by.acting_for, day)
        wanted = _wanted(connection, scope, day)
        standing = {_about(row): row for row in rows.of_number(connection, owner.code, paper.order_number)}
        if any(about in standing and not orders.same_paper(standing[about], paper) for about in wanted):
            raise _conflict(
                "order_differs",
                "คำสั่งเลขที่นี้บันทึกไว้แล้วด้วยผู้ลงนามหรือวันที่อื่น คำสั่งที่บันทึกแล้วแก้ไม่ได้ ให้เพิกถอนแล้วออกคำสั่งเลขที่ใหม่",
                "This order stands with another signatory or other days. It never changes: revoke it, and order anew.",
            )
        new = [about for about in wanted if about not in standing]
        if scope.kind == orders.LIST and new and any(row.compared_by == scope.body for row in standing.values()):
            raise _conflict(
                "order_number_used",
                "คำสั่งเลขที่นี้ใช้กับบางรายการของหน่วยงานนี้แล้ว รายการที่ประกาศเพิ่มภายหลังต้องใช้คำสั่งเลขที่ใหม่",
                "This number stands for some comparisons of this body. What was approved later needs an order of its own.",
            )
        made = {about: _row(runtime, owner.code, about, paper, by) for about in new}
        insert_all(connection, tables.Adoption, list(made.values()))
        if made:
            waking.wake(connection, [waits.adoption(owner.organisation_code)])
    if made:
        settle_at_once(runtime)
    ids = tuple(str(made[about]["id"] if about in made else standing[about].id) for about in wanted)
    return Entered(ids, len(made))


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
    occupational_group: str | None = None,
    by: str | None = None,
    acting_for: str | None = None,
) -> str:
    """Enter an order on one comparison, or a standing one on a body, as `enter` does; return its id."""
    one = (comparison_id,) if comparison_id is not None else ()
    groups = {"level_group": level_group, "occupational_group": occupational_group}
    scope = Scope(comparison_ids=one, body=body, standing=body is not None, **groups)
    days = {"ordered_on": ordered_on, "applies_from": applies_from, "applies_until": applies_until}
    paper = Paper(order_number=order_number, signatory=signatory, **days)  # type: ignore[arg-type]
    actor = Actor(by or "", by or "", acting_for)
    return enter(runtime, bank=bank, scope=scope, paper=paper, by=actor).ids[0]


def draft(
    runtime: Runtime, *, bank: str | None, scope: Scope, applies_from: date, applies_until: date | None, by: Actor
) -> list[Adoption]:
    """Return the rows that an order of this scope would be made of, without entering it: for a forecast.

    ``Refused`` as `enter` has it.  Number and signatory are not known yet, and stand empty.
    """
    _check_scope(scope)
    if applies_until is not None and applies_until < applies_from:
        raise invalid("applies_until", "วันสิ้นสุดมาก่อนวันเริ่ม", "It would end before it begins.")
    with reading(runtime.engine) as connection:
        code = bank or _own_bank(connection, by)
        owner = authority.banks_by_code(connection, [code]).get(code)
        if owner is None:
            raise _unknown_bank()
        day = runtime.today()
        require_order(connection, owner.organisation_code, by.acting_for, day)
        return [
            Adoption(
                *(new_id(), owner.code, comparison_id, body, level_group),
                order_number="",
                signatory="",
                ordered_on=day,
                applies_from=applies_from,
                applies_until=applies_until,
                occupational_group=occupational_group,
            )
            for comparison_id, body, level_group, occupational_group in _wanted(connection, scope, day)
        ]


def chosen(runtime: Runtime, scope: Scope) -> Sequence[Stored]:
    """Return the comparisons that an order of this scope would be about today, by course code.

    Of a standing one: those that it would take in as of today.  ``Refused`` (422) as `enter` has it.
    """
    _check_scope(scope)
    with reading(runtime.engine) as connection:
        if scope.body is not None:
            return _of_body(connection, scope, runtime.today())
        _wanted(connection, scope, runtime.today())
        return rows.named(connection, scope.comparison_ids)


def _unknown_bank() -> Refused:
    return invalid("bank", "ไม่รู้จักธนาคารหน่วยกิตนี้", "This bank is unknown.")


def _own_bank(connection: Connection, by: Actor) -> str:
    found = rows.bank_of(connection, by.acting_for) if by.acting_for is not None else None
    if found is None:
        raise invalid("bank", "หน่วยงานนี้ไม่มีธนาคารหน่วยกิต ให้ระบุธนาคาร", "This organisation has no bank: name one.")
    return found


#: What a row is about: a comparison, or a body with its groups.
_About = tuple[str | None, str | None, str | None, str | None]


def _about(row: Stored) -> _About:
    return (row.comparison_id, row.body_code, row.level_group, row.occupational_group)


def _wanted(connection: Connection, scope: Scope, day: date) -> list[_About]:
    """Return what rows an order is to have."""
    if scope.body is None:
        ids = list(dict.fromkeys(each.lower() for each in scope.comparison_ids))
        if not all(is_uuid(each) for each in ids) or rows.known(connection, ids) != set(ids):
            raise invalid("comparison_ids", "ไม่พบผลการเทียบนี้", "This comparison was not found.")
        return [(each, None, None, None) for each in ids]
    if not authority.organisations(connection, [scope.body]):
        raise invalid("body", "ไม่รู้จักหน่วยงานนี้", "The body is unknown.")
    if scope.standing:
        return [(None, scope.body, scope.level_group, scope.occupational_group)]
    listed = _of_body(connection, scope, day)
    if not listed:
        raise invalid("body", "หน่วยงานนี้ไม่มีผลการเทียบที่ใช้อยู่วันนี้", "This body has no comparison in force today.")
    return [(row.id, None, None, None) for row in listed]


def _of_body(connection: Connection, scope: Scope, day: date) -> Sequence[Stored]:
    return rows.in_force(connection, str(scope.body), day, scope.level_group, scope.occupational_group)


def _row(runtime: Runtime, bank: str, about: _About, paper: Paper, by: Actor) -> dict[str, object]:
    comparison_id, body, level_group, occupational_group = about
    return {
        "id": new_id(),
        "bank_code": bank,
        "comparison_id": comparison_id,
        "body_code": body,
        "level_group": level_group,
        "occupational_group": occupational_group,
        "order_number": paper.order_number,
        "signatory": paper.signatory,
        "ordered_on": paper.ordered_on,
        "applies_from": paper.applies_from,
        "applies_until": paper.applies_until,
        "entered_at": runtime.clock(),
        "entered_by": by.id or None,
    }


def _checked(scope: Scope, paper: Paper) -> Paper:
    """Return the paper with its texts in one spelling, by which a repeat is known."""
    _check_scope(scope)
    number, signatory = thai.digits(thai.normalise(paper.order_number)), thai.normalise(paper.signatory)
    if not number:
        raise invalid("order_number", "ต้องมีเลขที่คำสั่ง", "The order number is missing.")
    if not signatory:
        raise invalid("signatory", "ต้องระบุผู้ลงนาม", "The signatory is missing.")
    for field, text in (("order_number", number), ("signatory", signatory)):
        if len(text) > LONGEST:
            raise invalid(field, f"ยาวเกิน {LONGEST} ตัวอักษร", f"It is longer than {LONGEST} characters.")
    if paper.applies_until is not None and paper.applies_until < paper.applies_from:
        raise invalid("applies_until", "วันสิ้นสุดมาก่อนวันเริ่ม", "It would end before it begins.")
    return Paper(
        order_number=number,
        signatory=signatory,
        ordered_on=paper.ordered_on,
        applies_from=paper.applies_from,
        applies_until=paper.applies_until,
    )


def _check_scope(scope: Scope) -> None:
    if bool(scope.comparison_ids) == (scope.body is not None):
        th, en = "เลือกผลการเทียบ หรือหน่วยงานหนึ่งแห่ง อย่างใดอย่างหนึ่ง", "Name comparisons, or one body."
        raise invalid("comparison_ids", th, en)
    if scope.body is None and (scope.standing or scope.level_group or scope.occupational_group):
        th, en = "คำสั่งถาวรและกลุ่มใช้กับหน่วยงานเท่านั้น", "Standing orders and groups go with a body only."
        raise invalid("body", th, en)
    if len(scope.comparison_ids) > MOST:
        raise invalid("comparison_ids", f"ระบุได้ไม่เกิน {MOST} รายการ", f"At most {MOST} can be named.")


def revoke(
    runtime: Runtime,
    adoption_id: str,
    *,
    revoked_from: date,
    order_number: str,
    reason: str,
    whole_order: bool = False,
    by: Actor,
) -> None:
    """Revoke one row of an order for completions from ``revoked_from`` on, by an order of revocation.

    ``whole_order``: everything that stands under its number.  What was credited stays.  The same revocation again changes
    nothing.  ``Refused``: 404 when it is unknown, 403 as for entering one, 422 without number or reason, 409
    (``already_revoked``) when it was revoked otherwise.
    """
    order_number, reason = thai.digits(thai.normalise(order_number)), thai.normalise(reason)
    if not order_number or len(order_number) > LONGEST:
        raise invalid("revocation_order", "ต้องมีเลขที่คำสั่งเพิกถอน", "The number of the order of revocation is missing.")
    if not reason or len(reason) > LONGEST_REASON:
        raise invalid("reason", "ต้องระบุเหตุผล", "The reason is missing.")
    with writing(runtime.engine) as connection:
        row = _one(runtime, connection, adoption_id, by.acting_for)
        rows.lock_bank(connection, row.bank_code)
        told = {"revoked_from": revoked_from, "revocation_order": order_number, "revocation": reason}
        together = rows.of_number(connection, row.bank_code, row.order_number) if whole_order else []
        stood = rows.revoke(
            connection,
            [adoption_id, *(each.id for each in together)],
            revoked_at=runtime.clock(),
            revoked_by=by.id,
            **told,
        )
        stands = authority.adoption_rows(connection, [adoption_id])[adoption_id]
        if any(getattr(stands, name) != value for name, value in told.items()):
            raise _conflict("already_revoked", "คำสั่งนี้เพิกถอนไปแล้ว", "This order has been revoked already.")
        if not stood:
            return
        # Where two orders disagreed, the one that is left may be all that was waited for.
        waking.wake(connection, [waits.adoption(row.organisation_code)])
    settle_at_once(runtime)


def may_revoke(runtime: Runtime, adoption_id: str, *, acting_for: str | None) -> Stored:
    """Return an order that ``acting_for`` may revoke; raise what `revoke` would for another (403) or none (404)."""
    with reading(runtime.engine) as connection:
        return _one(runtime, connection, adoption_id, acting_for)


def under_number(runtime: Runtime, bank: str, order_number: str) -> int:
    """Return how many rows that are not revoked stand under an order number of a bank."""
    with reading(runtime.engine) as connection:
        return sum(row.revoked_from is None for row in rows.of_number(connection, bank, order_number))


def _one(runtime: Runtime, connection: Connection, adoption_id: str, acting_for: str | None) -> Stored:
    found = rows.by_ids(connection, [adoption_id]) if is_uuid(adoption_id) else []
    if not found:
        raise not_found()
    require_order(connection, found[0].organisation_code, acting_for, runtime.today())
    return found[0]


def _conflict(code: str, th: str, en: str) -> Refused:
    return Refused(code, th, en, field="order_number", status=409)
