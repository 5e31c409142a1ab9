"""Memoranda between agencies, and the organisations that their parties are."""

from collections.abc import Iterable, Sequence
from datetime import date

from sqlalchemy import Connection, or_, select, update

from creditbank_plugin.storage.base import Stored
from creditbank_plugin.storage.queries.writes import table_of
from creditbank_plugin.storage.tables import Memorandum, MemorandumParty, Organisation


def same_memorandum(connection: Connection, owner: str, title: str, number: str | None, signed_on: date) -> str | None:
    """Return the id of a memorandum of the same owner, title, number and day."""
    query = select(Memorandum.id).where(
        Memorandum.owner_code == owner,
        Memorandum.title == title,
        Memorandum.number.is_(None) if number is None else Memorandum.number == number,
        Memorandum.signed_on == signed_on,
    )
    return connection.scalar(query.limit(1))


def memoranda(connection: Connection, limit: int) -> Sequence[Stored]:
    """Return memoranda with the name of the organisation that keeps them, the last signed first."""
    query = (
        select(*Memorandum.__table__.c, Organisation.name_th, Organisation.name_en)
        .join(Organisation, Organisation.code == Memorandum.owner_code)
        .order_by(Memorandum.signed_on.desc(), Memorandum.id.desc())
    )
    return connection.execute(query.limit(limit)).all()


def memorandum(connection: Connection, memorandum_id: str) -> Stored | None:
    """Return one memorandum."""
    return connection.execute(select(Memorandum.__table__).where(Memorandum.id == memorandum_id)).first()


def parties(connection: Connection, memorandum_ids: Iterable[str]) -> dict[str, list[Stored]]:
    """Return the parties of memoranda in the order in which they were entered, by memorandum."""
    found: dict[str, list[Stored]] = {}
    query = select(MemorandumParty.__table__).where(MemorandumParty.memorandum_id.in_(list(memorandum_ids)))
    for row in connection.execute(query.order_by(MemorandumParty.memorandum_id, MemorandumParty.position)):
        found.setdefault(row.memorandum_id, []).append(row)
    return found


def end_memorandum(connection: Connection, memorandum_id: str, day: date) -> bool:
    """Write the day on which a memorandum ended; tell whether none was written before."""
    table = table_of(Memorandum)
    ended = update(table).where(table.c.id == memorandum_id, table.c.ended_on.is_(None)).values(ended_on=day)
    return connection.execute(ended).rowcount == 1


def like_names(connection: Connection, words: Iterable[str]) -> Sequence[Stored]:
    """Return the organisations whose code or whole name is one of ``words``."""
    wanted = list(words)
    query = select(Organisation.code, Organisation.name_th, Organisation.name_en).where(
        or_(Organisation.code.in_(wanted), Organisation.name_th.in_(wanted), Organisation.name_en.in_(wanted))
    )
    return connection.execute(query).all()
