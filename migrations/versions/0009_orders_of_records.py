"""The order under which a record was opened, and an index of what changed since: a report on millions looks up neither."""

import sqlalchemy as sa
from alembic import op

revision = "creditbank_0009"
down_revision = "creditbank_0008"
branch_labels = None
depends_on = None

#: The order that the first entry of a record rests on.
_ORDERS = """
    update creditbank_record set adoption_id = (
        select d.adoption_id from creditbank_entry e join creditbank_decision d on d.id = e.decision_id
        where e.record_id = creditbank_record.id
        and e.seq = (select min(f.seq) from creditbank_entry f where f.record_id = creditbank_record.id)
    )
"""
#: Entries beside the one that opened their record.
CHANGES = sa.text("kind <> 'deposit' or (amount = 0 and scheme <> 'none')")
RECORD_KEYS = (("id",), ("account_id", "course_id"))


def upgrade() -> None:
    """Write on every record under which order it was opened."""
    op.add_column("creditbank_record", sa.Column("adoption_id", sa.Uuid(as_uuid=False), nullable=True))
    _unguard()
    op.execute(_ORDERS)
    _guard()
    op.create_index(op.f("ix_creditbank_record_adoption_id"), "creditbank_record", ["adoption_id"], unique=False)
    op.create_index(
        "ix_creditbank_entry_changes",
        "creditbank_entry",
        ["record_id"],
        unique=False,
        sqlite_where=CHANGES,
        postgresql_where=CHANGES,
    )


def downgrade() -> None:
    """Take it back."""
    op.drop_index("ix_creditbank_entry_changes", "creditbank_entry")
    op.drop_index(op.f("ix_creditbank_record_adoption_id"), "creditbank_record")
    _unguard()
    op.drop_column("creditbank_record", "adoption_id")
    _guard()


def _guard() -> None:
    """Let the database itself refuse to change, delete or replace records, as since the second revision."""
    if op.get_bind().dialect.name == "postgresql":
        refuse, on = "execute function creditbank_refuse_change()", "on creditbank_record"
        op.execute(f"create trigger creditbank_record_guard before delete or update {on} for each row {refuse}")
        op.execute(f"create trigger creditbank_record_guard_truncate before truncate {on} for each statement {refuse}")
        return
    abort = "select raise(abort, 'creditbank: creditbank_record is append-only')"
    for change in ("update", "delete"):
        op.execute(
            f"create trigger creditbank_record_guard_{change} before {change} on creditbank_record begin {abort}; end"
        )
    taken = " or ".join((*(_stands(key) for key in RECORD_KEYS), f"new.rowid > 0 and {_stands(('rowid',))}"))
    op.execute(
        f"create trigger creditbank_record_guard_insert before insert on creditbank_record begin {abort} where {taken}; end"
    )


def _stands(key: tuple[str, ...]) -> str:
    return f"exists (select 1 from creditbank_record where {' and '.join(f'{name} = new.{name}' for name in key)})"  # noqa: S608 - names of ours


def _unguard() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("drop trigger creditbank_record_guard on creditbank_record")
        op.execute("drop trigger creditbank_record_guard_truncate on creditbank_record")
        return
    for change in ("update", "delete", "insert"):
        op.execute(f"drop trigger creditbank_record_guard_{change}")
