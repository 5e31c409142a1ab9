"""Signed checkpoints of the ledger and the heads they are made of, with their guards."""

import sqlalchemy as sa
from alembic import op

revision = "creditbank_0004"
down_revision = "creditbank_0003"
branch_labels = None
depends_on = None

#: Append-only tables by the key under which SQLite's REPLACE would put a row in another's place.
KEYS = {
    "creditbank_checkpoint": ("number",),
    "creditbank_checkpoint_head": ("account_id", "checkpoint"),
}


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "creditbank_checkpoint",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("document", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_creditbank_checkpoint")),
    )
    op.create_table(
        "creditbank_checkpoint_head",
        sa.Column("account_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("checkpoint", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("account_id", "checkpoint", name=op.f("pk_creditbank_checkpoint_head")),
    )
    for table, key in KEYS.items():
        _guard(table, key)


def downgrade() -> None:
    """Drop them; their guards go with them."""
    for table in KEYS:
        op.drop_table(table)


def _guard(table: str, key: tuple[str, ...]) -> None:
    """Let the database itself refuse to change, replace or delete rows."""
    if op.get_bind().dialect.name == "postgresql":
        refuse = "execute function creditbank_refuse_change()"
        op.execute(f"create trigger {table}_guard before delete or update on {table} for each row {refuse}")
        op.execute(f"create trigger {table}_guard_truncate before truncate on {table} for each statement {refuse}")
        return
    abort = f"select raise(abort, 'creditbank: {table} is append-only')"
    op.execute(f"create trigger {table}_guard_update before update on {table} begin {abort}; end")
    op.execute(f"create trigger {table}_guard_delete before delete on {table} begin {abort}; end")
    same = " and ".join(f"{name} = new.{name}" for name in key)
    taken = f"exists (select 1 from {table} where {same})"  # noqa: S608 - names of ours
    placed = f"exists (select 1 from {table} where rowid = new.rowid)"  # noqa: S608 - names of ours
    op.execute(
        f"create trigger {table}_guard_insert before insert on {table} begin "
        f"{abort} where {taken} or new.rowid > 0 and {placed}; end"
    )
