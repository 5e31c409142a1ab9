"""What the guards of the database must say, so that one that was emptied, moved or switched off is seen.

The migrations made them and carry their own text, which never changes again; a test holds the two equal.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from creditbank_plugin.storage.base import Base
from creditbank_plugin.storage.tables import APPEND_ONLY

#: Tables of which only these columns may change (an end, a revocation); rows are never deleted.
MAY_CHANGE = {
    "creditbank_comparison": ("ended_from", "ended_as", "ended_at", "questioned_at"),
    "creditbank_comparison_item": (),
    "creditbank_adoption": ("revoked_at", "revoked_from", "revoked_by", "revocation_order", "revocation"),
}
#: Tables of which these columns never change, and the others may; rows are never deleted.
MUST_STAY = {
    "creditbank_course": ("id", "owner_code", "code", "version"),
    "creditbank_account": ("id", "person_id"),
    "creditbank_proposal": ("id", "course_id", "body_code", "made_at", "made_by"),
}
GUARDED = (*APPEND_ONLY, *MAY_CHANGE, *MUST_STAY)

#: Keys besides the primary one.  Where our own insert passes over what stands already, so does SQLite's guard.
_UNIQUE = {
    "creditbank_decision": (("inbox_id", "version"),),
    "creditbank_record": (("account_id", "course_id"),),
    "creditbank_rating": (("proposal_id", "round", "actor"),),
}
_PASSED_OVER = {
    "creditbank_inbox": (("message_key",), ("conflicts_with", "digest")),
    "creditbank_course": (("owner_code", "code", "version"),),
}

#: The body of the one function that PostgreSQL's guards call.
REFUSAL = """
begin
    raise exception 'creditbank: % is append-only', tg_table_name using errcode = 'restrict_violation';
end
"""


@dataclass(frozen=True)
class Guard:
    """A trigger: on which table, and the statement that makes it, in plain spelling."""

    name: str
    table: str
    statement: str


def plain(statement: str) -> str:
    """Return SQL in one spelling: small letters, single blanks."""
    return " ".join(statement.split()).lower()


def guards(dialect: str) -> Iterator[Guard]:
    """Yield every guard that a database of this kind must have."""
    for table in GUARDED:
        for name, statement in (_on_postgresql if dialect == "postgresql" else _on_sqlite)(table):
            yield Guard(name, table, plain(f"create trigger {name} {statement}"))


def _kept(table: str) -> tuple[str, ...]:
    """Return the columns of a table that never change; nothing stands for all of them."""
    free = MAY_CHANGE.get(table, ())
    if not free:
        return MUST_STAY.get(table, ())
    return tuple(column.name for column in Base.metadata.tables[table].columns if column.name not in free)


def _on_postgresql(table: str) -> Iterator[tuple[str, str]]:
    refuse, kept = "execute function creditbank_refuse_change()", _kept(table)
    update = f"update of {', '.join(kept)}" if kept else "update"
    yield f"{table}_guard", f"before delete or {update} on {table} for each row {refuse}"
    yield f"{table}_guard_truncate", f"before truncate on {table} for each statement {refuse}"


def _on_sqlite(table: str) -> Iterator[tuple[str, str]]:
    """SQLite fires no delete trigger when REPLACE (of a key or a rowid) puts a row in another's place."""
    abort = f"select raise(abort, 'creditbank: {table} is append-only')"
    kept = _kept(table)
    changed = " or ".join(f"old.{name} is not new.{name}" for name in ("rowid", *kept))
    yield f"{table}_guard_update", f"before update on {table} {f'when {changed} ' if kept else ''}begin {abort}; end"
    yield f"{table}_guard_delete", f"before delete on {table} begin {abort}; end"
    primary = tuple(column.name for column in Base.metadata.tables[table].primary_key.columns)
    taken = [_stands(table, key) for key in (primary, *_UNIQUE.get(table, ()))]
    taken.append(f"new.rowid > 0 and {_stands(table, ('rowid',))}")
    steps = [f"{abort} where {' or '.join(taken)};"]
    steps += [f"select raise(ignore) where {_stands(table, key)};" for key in _PASSED_OVER.get(table, ())]
    yield f"{table}_guard_insert", f"before insert on {table} begin {' '.join(steps)} end"


def _stands(table: str, key: tuple[str, ...]) -> str:
    return f"exists (select 1 from {table} where {' and '.join(f'{name} = new.{name}' for name in key)})"  # noqa: S608 - names of ours
