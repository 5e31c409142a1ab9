"""Organisations, banks, issuers, comparisons and adoptions."""

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, or_, select

from creditbank_plugin.rules import authority
from creditbank_plugin.storage.base import Stored
from creditbank_plugin.storage.queries.reads import among, these
from creditbank_plugin.storage.tables import (
    Adoption,
    Bank,
    Comparison,
    ComparisonItem,
    CourseVersion,
    Issuer,
    Organisation,
)

_TRUSTED = select(Issuer.issuer).where(among(Issuer.issuer, "issuers"), Issuer.trusted)


def trusted(connection: Connection, issuers: Iterable[str]) -> set[str]:
    """Return which of the issuers are trusted."""
    return set(connection.scalars(_TRUSTED, {"issuers": these(issuers)}))


def is_known_issuer(connection: Connection, issuer: str) -> bool:
    """Tell whether an issuer was entered, trusted or not."""
    return connection.scalar(select(Issuer.issuer).where(Issuer.issuer == issuer)) is not None


def issuers(connection: Connection) -> Sequence[Stored]:
    """Return every issuer."""
    return connection.execute(select(Issuer.__table__).order_by(Issuer.issuer)).all()


_ORGANISATIONS = select(Organisation.__table__).order_by(Organisation.code)
_NAMED = _ORGANISATIONS.where(among(Organisation.code, "codes"))


def organisations(connection: Connection, codes: Iterable[str] | None = None) -> dict[str, Stored]:
    """Return organisations by code."""
    rows = connection.execute(_ORGANISATIONS) if codes is None else connection.execute(_NAMED, {"codes": these(codes)})
    return {row.code: row for row in rows}


def lock_organisation(connection: Connection, code: str) -> Stored | None:
    """Return an organisation, and let whoever else enters a paper of it wait until this transaction is over."""
    query = select(Organisation.__table__).where(Organisation.code == code)
    return connection.execute(query.with_for_update(key_share=True)).first()


def is_within(connection: Connection, code: str, above: str) -> bool:
    """Tell whether organisation ``code`` is ``above`` itself or stands below it (a school of a province)."""
    seen: set[str] = set()
    step: str | None = code
    while step is not None and step not in seen:
        if step == above:
            return True
        seen.add(step)
        step = connection.scalar(select(Organisation.parent_code).where(Organisation.code == step))
    return False


def below(connection: Connection, above: str) -> set[str]:
    """Return the codes of every organisation for which ``is_within`` ``above`` holds."""
    children: dict[str | None, list[str]] = {}
    for row in connection.execute(select(Organisation.code, Organisation.parent_code)):
        children.setdefault(row.parent_code, []).append(row.code)
    found: set[str] = set()
    steps = [above]
    while steps:
        step = steps.pop()
        if step not in found:
            found.add(step)
            steps += children.get(step, [])
    return found


_BANKS = select(Bank.__table__).order_by(Bank.code)
_BANKS_OF = _BANKS.where(among(Bank.organisation_code, "codes"))


def banks(connection: Connection, organisation_codes: Iterable[str] | None = None) -> dict[str, Stored]:
    """Return banks by the code of the organisation they belong to."""
    if organisation_codes is None:
        rows = connection.execute(_BANKS)
    else:
        rows = connection.execute(_BANKS_OF, {"codes": these(organisation_codes)})
    return {row.organisation_code: row for row in rows}


def banks_by_code(connection: Connection, codes: Iterable[str]) -> dict[str, Stored]:
    """Return banks by their own codes."""
    return {row.code: row for row in connection.execute(select(Bank.__table__).where(Bank.code.in_(list(codes))))}


def find_banks(
    connection: Connection, words: str, organisation_codes: Iterable[str] | None, limit: int
) -> Sequence[Stored]:
    """Return banks with ``words`` in their code or name, of the organisations named or of all, by code."""
    query = select(Bank.__table__)
    if organisation_codes is not None:
        query = query.where(Bank.organisation_code.in_(list(organisation_codes)))
    if words:
        columns = (Bank.code, Bank.organisation_code, Bank.name_th, Bank.name_en)
        query = query.where(or_(*(column.icontains(words, autoescape=True) for column in columns)))
    return connection.execute(query.order_by(Bank.code).limit(limit)).all()


_OUTCOMES = (
    select(ComparisonItem.comparison_id, ComparisonItem.item_id)
    .join(Comparison, Comparison.id == ComparisonItem.comparison_id)
    .where(among(Comparison.course_id))
    .order_by(ComparisonItem.position)
)
_COMPARISONS = select(Comparison.__table__).where(among(Comparison.course_id))
_ADOPTIONS = select(Adoption.__table__).where(among(Adoption.bank_code, "banks"))


def comparisons_of(connection: Connection, course_ids: Iterable[str]) -> dict[str, list[authority.Comparison]]:
    """Return the comparisons of course versions, by course id."""
    ids = list(course_ids)
    outcomes: dict[str, list[str]] = {}
    for link in connection.execute(_OUTCOMES, {"ids": these(ids)}):
        outcomes.setdefault(link.comparison_id, []).append(link.item_id)
    found: dict[str, list[authority.Comparison]] = {}
    for row in connection.execute(_COMPARISONS, {"ids": these(ids)}):
        found.setdefault(row.course_id, []).append(
            authority.Comparison(
                id=row.id,
                course_id=row.course_id,
                body=row.body_code,
                scheme=row.scheme,
                credits=row.credits,
                nqf_level=row.nqf_level,
                nqf_level_basis=row.nqf_level_basis,
                conditions=row.conditions or {},
                outcomes=tuple(outcomes.get(row.id, ())),
                reference=row.reference,
                approved_at=row.approved_at,
                applies_from=row.applies_from,
                applies_until=row.applies_until,
                ended_from=row.ended_from,
                credits_rule=row.credits_rule,
                questioned=row.questioned_at is not None,
            )
        )
    return found


def order_of(row: Stored) -> authority.Adoption:
    """Return a stored order as the rules know it."""
    return authority.Adoption(
        id=row.id,
        bank=row.bank_code,
        comparison_id=row.comparison_id,
        body=row.body_code,
        level_group=row.level_group,
        order_number=row.order_number,
        signatory=row.signatory,
        ordered_on=row.ordered_on,
        applies_from=row.applies_from,
        applies_until=row.applies_until,
        revoked_from=row.revoked_from,
        occupational_group=row.occupational_group,
    )


def adoptions_of(connection: Connection, bank_codes: Iterable[str]) -> list[authority.Adoption]:
    """Return every order of the given banks."""
    rows = connection.execute(_ADOPTIONS, {"banks": these(bank_codes)})
    return [order_of(row) for row in rows]


def courses_adopted(connection: Connection, orders: Iterable[authority.Adoption]) -> set[str]:
    """Return the course versions of which one of the orders (stored or not) adopts a comparison, on whatever day."""
    orders = list(orders)
    named = {order.comparison_id for order in orders if order.comparison_id is not None}
    found: set[str] = set()
    if named:
        rows = connection.execute(select(Comparison.course_id).where(among(Comparison.id)), {"ids": these(named)})
        found |= {row.course_id for row in rows}
    query = select(Comparison.course_id).join(CourseVersion, CourseVersion.id == Comparison.course_id).distinct()
    for order in orders:
        if order.body is not None:
            asked = query.where(Comparison.body_code == order.body)
            if order.level_group is not None:
                asked = asked.where(CourseVersion.level_group == order.level_group)
            if order.occupational_group is not None:
                asked = asked.where(CourseVersion.occupational_group == order.occupational_group)
            found |= set(connection.scalars(asked))
    return found


_COMPARISON_ROWS = (
    select(*Comparison.__table__.c, Organisation.name_th, Organisation.name_en)
    .join(Organisation, Organisation.code == Comparison.body_code)
    .where(among(Comparison.id))
)
_ADOPTION_ROWS = (
    select(
        *Adoption.__table__.c,
        Bank.organisation_code,
        Bank.name_th.label("bank_name_th"),
        Bank.name_en.label("bank_name_en"),
    )
    .join(Bank, Bank.code == Adoption.bank_code)
    .where(among(Adoption.id))
)


def comparison_rows(connection: Connection, ids: Iterable[str]) -> dict[str, Stored]:
    """Return comparisons as stored, with the name of the comparing body."""
    return {row.id: row for row in connection.execute(_COMPARISON_ROWS, {"ids": these(ids)})}


def adoption_rows(connection: Connection, ids: Iterable[str]) -> dict[str, Stored]:
    """Return adoptions as stored, with the name of the bank and the organisation it belongs to."""
    return {row.id: row for row in connection.execute(_ADOPTION_ROWS, {"ids": these(ids)})}


def list_comparisons(connection: Connection, course_id: str | None, limit: int) -> Sequence[Stored]:
    """Return comparisons, newest first, with the course's code, version and title and the body's name."""
    query = (
        select(
            *Comparison.__table__.c,
            CourseVersion.owner_code,
            CourseVersion.code,
            CourseVersion.version,
            CourseVersion.title_th,
            CourseVersion.title_en,
            Organisation.name_th.label("body_name_th"),
            Organisation.name_en.label("body_name_en"),
        )
        .join(CourseVersion, CourseVersion.id == Comparison.course_id)
        .join(Organisation, Organisation.code == Comparison.body_code)
    )
    if course_id is not None:
        query = query.where(Comparison.course_id == course_id)
    return connection.execute(query.order_by(Comparison.approved_at.desc(), Comparison.id.desc()).limit(limit)).all()
