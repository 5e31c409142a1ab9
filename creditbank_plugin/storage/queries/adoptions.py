"""Orders of banks: by their number, in pages, and the comparisons that they may name."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, or_, select, update

from creditbank_plugin.rules import orders
from creditbank_plugin.storage.base import Stored
from creditbank_plugin.storage.queries.reads import among, these
from creditbank_plugin.storage.queries.writes import table_of
from creditbank_plugin.storage.tables import Adoption, Bank, Comparison, CourseVersion, Organisation


def lock_bank(connection: Connection, code: str) -> Stored | None:
    """Return a bank, and let whoever else enters an order of it wait until this transaction is over."""
    query = select(Bank.__table__).where(Bank.code == code)
    return connection.execute(query.with_for_update(key_share=True)).first()


def bank_of(connection: Connection, organisation: str) -> str | None:
    """Return the code of an organisation's bank."""
    return connection.scalar(select(Bank.code).where(Bank.organisation_code == organisation))


def of_number(connection: Connection, bank: str, order_number: str) -> Sequence[Stored]:
    """Return what stands under an order number of a bank, oldest first, with the body of a single one's comparison."""
    query = (
        select(*Adoption.__table__.c, Comparison.body_code.label("compared_by"))
        .outerjoin(Comparison, Comparison.id == Adoption.comparison_id)
        .where(Adoption.bank_code == bank, Adoption.order_number == order_number)
    )
    return connection.execute(query.order_by(Adoption.id)).all()


_KNOWN = select(Comparison.id).where(among(Comparison.id))


def known(connection: Connection, comparison_ids: Iterable[str]) -> set[str]:
    """Return which of the comparisons exist."""
    return set(connection.scalars(_KNOWN, {"ids": these(comparison_ids)}))


def covering(day: date) -> ColumnElement[bool]:
    """Return the condition that a comparison is in force for completions of ``day``."""
    return and_(
        Comparison.applies_from <= day,
        or_(Comparison.applies_until.is_(None), Comparison.applies_until >= day),
        or_(Comparison.ended_from.is_(None), Comparison.ended_from > day),
    )


#: A comparison beside its course and body, as lists show it.
COMPARED = (
    *(Comparison.id, Comparison.course_id, Comparison.body_code, Comparison.scheme, Comparison.credits),
    *(Comparison.nqf_level, Comparison.reference, Comparison.approved_at, Comparison.applies_from),
    *(Comparison.applies_until, Comparison.ended_from, Comparison.ended_as),
    *(CourseVersion.owner_code, CourseVersion.code, CourseVersion.version, CourseVersion.title_th),
    *(CourseVersion.title_en, CourseVersion.level_group, CourseVersion.occupational_group),
    *(Organisation.name_th.label("body_name_th"), Organisation.name_en.label("body_name_en")),
    Organisation.province.label("body_province"),
)


def compared() -> Any:
    """Return a SELECT of comparisons with their course and body."""
    return (
        select(*COMPARED)
        .join(CourseVersion, CourseVersion.id == Comparison.course_id)
        .join(Organisation, Organisation.code == Comparison.body_code)
    )


def in_force(
    connection: Connection, body: str, day: date, level_group: str | None, occupational_group: str | None
) -> Sequence[Stored]:
    """Return the comparisons of a body that are in force on ``day``, in the groups named, by course code."""
    query = compared().where(Comparison.body_code == body, covering(day))
    if level_group is not None:
        query = query.where(CourseVersion.level_group == level_group)
    if occupational_group is not None:
        query = query.where(CourseVersion.occupational_group == occupational_group)
    return connection.execute(query.order_by(CourseVersion.code, CourseVersion.version, Comparison.id)).all()


_NAMED = compared().where(among(Comparison.id)).order_by(CourseVersion.code, CourseVersion.version, Comparison.id)


def named(connection: Connection, comparison_ids: Iterable[str]) -> Sequence[Stored]:
    """Return comparisons by their ids, by course code."""
    return connection.execute(_NAMED, {"ids": these(comparison_ids)}).all()


def find(connection: Connection, words: str, day: date, limit: int) -> Sequence[Stored]:
    """Return comparisons in force on ``day`` whose course has ``words`` in its code or a title, by course code."""
    columns = (CourseVersion.code, CourseVersion.title_th, CourseVersion.title_en)
    found = or_(*(column.icontains(words, autoescape=True) for column in columns))
    query = compared().where(covering(day), found).order_by(CourseVersion.code, CourseVersion.version, Comparison.id)
    return connection.execute(query.limit(limit)).all()


def bodies(connection: Connection) -> Sequence[Stored]:
    """Return the organisations that have made a comparison, by code."""
    made = select(Comparison.body_code).distinct()
    query = select(Organisation.__table__).where(Organisation.code.in_(made))
    return connection.execute(query.order_by(Organisation.code)).all()


def groups(connection: Connection) -> Sequence[Stored]:
    """Return the pairs of level group and occupational group that compared courses have."""
    query = select(CourseVersion.level_group, CourseVersion.occupational_group)
    return connection.execute(query.join(Comparison, Comparison.course_id == CourseVersion.id).distinct()).all()


def listed() -> Any:
    """Return a SELECT of orders with the bank's name and organisation and the adopted course where one is named."""
    return (
        select(
            *Adoption.__table__.c,
            Bank.organisation_code,
            Bank.name_th.label("bank_name_th"),
            Bank.name_en.label("bank_name_en"),
            *(CourseVersion.owner_code, CourseVersion.code, CourseVersion.version),
            *(CourseVersion.title_th, CourseVersion.title_en),
            *(Comparison.reference, Comparison.body_code.label("compared_by")),
        )
        .join(Bank, Bank.code == Adoption.bank_code)
        .outerjoin(Comparison, Comparison.id == Adoption.comparison_id)
        .outerjoin(CourseVersion, CourseVersion.id == Comparison.course_id)
    )


_BY_ID = listed().where(among(Adoption.id)).order_by(Adoption.id)


def by_ids(connection: Connection, ids: Iterable[str]) -> Sequence[Stored]:
    """Return orders as lists show them, in the order of entry."""
    return connection.execute(_BY_ID, {"ids": these(ids)}).all()


def page(
    connection: Connection,
    *,
    bank: str | None = None,
    comparison: str | None = None,
    body: str | None = None,
    state: str | None = None,
    day: date,
    after: str | None = None,
    limit: int,
) -> Sequence[Stored]:
    """Return orders below the cursor ``after`` (an id), newest entry first.

    ``body`` finds standing orders on it and single ones on its comparisons; ``state`` is one of ``rules.orders.STATES``
    as of ``day``.
    """
    query = listed()
    if bank is not None:
        query = query.where(Adoption.bank_code == bank)
    if comparison is not None:
        query = query.where(Adoption.comparison_id == comparison)
    if body is not None:
        query = query.where(or_(Adoption.body_code == body, Comparison.body_code == body))
    if state is not None:
        query = query.where(_in_state(state, day))
    if after is not None:
        query = query.where(Adoption.id < after)
    return connection.execute(query.order_by(Adoption.id.desc()).limit(limit)).all()


def _in_state(state: str, day: date) -> ColumnElement[bool]:
    """Return the condition that `rules.orders.state_of` an order is ``state``."""
    if state == orders.REVOKED:
        return Adoption.revoked_from.is_not(None)
    stands, over = Adoption.revoked_from.is_(None), Adoption.applies_until < day
    if state == orders.ENDED:
        return and_(stands, over)
    goes_on = or_(Adoption.applies_until.is_(None), Adoption.applies_until >= day)
    begun = Adoption.applies_from > day if state == orders.COMING else Adoption.applies_from <= day
    return and_(stands, goes_on, begun)


def revoke(connection: Connection, adoption_ids: Iterable[str], **values: Any) -> int:
    """Write the revocation of those orders that were not revoked before; return how many."""
    table = table_of(Adoption)
    stands = and_(table.c.id.in_(list(adoption_ids)), table.c.revoked_at.is_(None))
    return connection.execute(update(table).where(stands).values(**values)).rowcount
