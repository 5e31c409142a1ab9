"""Who changed a working group, and how."""

import sqlalchemy as sa
from alembic import op

revision = "creditbank_0011"
down_revision = "creditbank_0010"
branch_labels = None
depends_on = None

TABLE = "creditbank_group_change"
ID, JSON, MOMENT = sa.Uuid(as_uuid=False), sa.JSON(none_as_null=True), sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the table of changes, which are never changed themselves."""
    op.create_table(
        "creditbank_group_change",
        sa.Column("id", ID, nullable=False),
        sa.Column("group_id", ID, nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("actor", sa.String(length=255), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("act", sa.String(length=20), nullable=False),
        sa.Column("member", sa.String(length=255), nullable=True),
        sa.Column("before", JSON, nullable=True),
        sa.Column("after", JSON, nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"], ["creditbank_working_group.id"], name=op.f("fk_creditbank_group_change_group_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_creditbank_group_change")),
    )
    op.create_index(op.f("ix_creditbank_group_change_group_id"), "creditbank_group_change", ["group_id"], unique=False)
    _guard()


def _guard() -> None:
    """Let the database itself refuse to delete, replace or change rows."""
    if op.get_bind().dialect.name == "postgresql":
        refuse = "execute function creditbank_refuse_change()"
        op.execute(f"create trigger {TABLE}_guard before delete or update on {TABLE} for each row {refuse}")
        op.execute(f"create trigger {TABLE}_guard_truncate before truncate on {TABLE} for each statement {refuse}")
        return
    abort = f"select raise(abort, 'creditbank: {TABLE} is append-only')"
    op.execute(f"create trigger {TABLE}_guard_update before update on {TABLE} begin {abort}; end")
    op.execute(f"create trigger {TABLE}_guard_delete before delete on {TABLE} begin {abort}; end")
    taken = f"{_stands('id')} or new.rowid > 0 and {_stands('rowid')}"
    op.execute(f"create trigger {TABLE}_guard_insert before insert on {TABLE} begin {abort} where {taken}; end")


def _stands(key: str) -> str:
    return f"exists (select 1 from {TABLE} where {key} = new.{key})"  # noqa: S608 - names of ours


def downgrade() -> None:
    """Forget who changed a group."""
    op.drop_index(op.f("ix_creditbank_group_change_group_id"), table_name="creditbank_group_change")
    op.drop_table("creditbank_group_change")
