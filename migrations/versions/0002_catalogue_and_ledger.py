"""Catalogue, authority, decisions and the ledger, with the guards of what is append-only."""

import sqlalchemy as sa
from alembic import op

revision = "creditbank_0002"
down_revision = "creditbank_0001"
branch_labels = None
depends_on = None

APPEND_ONLY = ("creditbank_inbox", "creditbank_decision", "creditbank_record", "creditbank_entry")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "creditbank_course_alias",
        sa.Column("iri", sa.String(length=1000), nullable=False),
        sa.Column("code", sa.String(length=255), nullable=False),
        sa.Column("owner_code", sa.String(length=60), nullable=True),
        sa.Column("version", sa.String(length=20), nullable=True),
        sa.Column("added_by", sa.String(length=255), nullable=True),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("iri", name=op.f("pk_creditbank_course_alias")),
    )
    op.create_table(
        "creditbank_framework",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("title_th", sa.String(), nullable=False),
        sa.Column("title_en", sa.String(), nullable=True),
        sa.Column("version", sa.String(length=60), nullable=True),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("evidence", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_creditbank_framework")),
        sa.UniqueConstraint("code", name=op.f("uq_creditbank_framework_code")),
    )
    op.create_table(
        "creditbank_course",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("owner_code", sa.String(length=60), nullable=False),
        sa.Column("code", sa.String(length=255), nullable=False),
        sa.Column("version", sa.String(length=20), nullable=False),
        sa.Column("title_th", sa.String(), nullable=False),
        sa.Column("title_en", sa.String(), nullable=True),
        sa.Column("level_group", sa.String(length=40), nullable=True),
        sa.Column("sector", sa.String(length=30), nullable=True),
        sa.Column("hours", sa.Integer(), nullable=True),
        sa.Column("in_force_from", sa.Date(), nullable=True),
        sa.Column("in_force_until", sa.Date(), nullable=True),
        sa.Column("source", sa.String(), nullable=True),
        sa.Column("evidence", sa.String(length=40), nullable=True),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner_code"], ["creditbank_organisation.code"], name=op.f("fk_creditbank_course_owner_code")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_creditbank_course")),
        sa.UniqueConstraint("owner_code", "code", "version", name=op.f("uq_creditbank_course_owner_code_code_version")),
    )
    op.create_index(op.f("ix_creditbank_course_code"), "creditbank_course", ["code"], unique=False)
    op.create_table(
        "creditbank_decision",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("inbox_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("account_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("course_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("applies_to", sa.JSON(), nullable=True),
        sa.Column("record_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("comparison_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("adoption_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("passed", sa.Boolean(), nullable=True),
        sa.Column("verdict", sa.String(length=40), nullable=True),
        sa.Column("credits", sa.Integer(), nullable=True),
        sa.Column("outcomes", sa.JSON(), nullable=True),
        sa.Column("explanation", sa.JSON(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("commit_order", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.ForeignKeyConstraint(["inbox_id"], ["creditbank_inbox.id"], name=op.f("fk_creditbank_decision_inbox_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_creditbank_decision")),
        sa.UniqueConstraint("inbox_id", "version", name=op.f("uq_creditbank_decision_inbox_id_version")),
    )
    op.create_index(
        "ix_creditbank_decision_account_course", "creditbank_decision", ["account_id", "course_id"], unique=False
    )
    op.create_index("ix_creditbank_decision_commit_order", "creditbank_decision", ["commit_order", "id"], unique=False)
    op.create_index("ix_creditbank_decision_state", "creditbank_decision", ["state", "inbox_id"], unique=False)
    op.create_table(
        "creditbank_item",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("framework_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("code", sa.String(length=100), nullable=False),
        sa.Column("text_th", sa.String(), nullable=True),
        sa.Column("text_en", sa.String(), nullable=True),
        sa.Column("level", sa.Integer(), nullable=True),
        sa.Column("area", sa.String(), nullable=True),
        sa.Column("note_th", sa.String(), nullable=True),
        sa.Column("note_en", sa.String(), nullable=True),
        sa.Column("parent_code", sa.String(length=100), nullable=True),
        sa.Column("source", sa.String(), nullable=True),
        sa.Column("evidence", sa.String(length=40), nullable=True),
        sa.ForeignKeyConstraint(
            ["framework_id"], ["creditbank_framework.id"], name=op.f("fk_creditbank_item_framework_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_creditbank_item")),
        sa.UniqueConstraint("framework_id", "code", name=op.f("uq_creditbank_item_framework_id_code")),
    )
    op.create_index("ix_creditbank_item_code", "creditbank_item", ["code"], unique=False)
    op.create_table(
        "creditbank_comparison",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("course_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("body_code", sa.String(length=60), nullable=False),
        sa.Column("scheme", sa.String(length=20), nullable=False),
        sa.Column("credits", sa.Integer(), nullable=False),
        sa.Column("credits_rule", sa.String(length=40), nullable=True),
        sa.Column("nqf_level", sa.Integer(), nullable=True),
        sa.Column("nqf_level_basis", sa.String(length=20), nullable=True),
        sa.Column("conditions", sa.JSON(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("applies_from", sa.Date(), nullable=False),
        sa.Column("applies_until", sa.Date(), nullable=True),
        sa.Column("ended_from", sa.Date(), nullable=True),
        sa.Column("ended_as", sa.String(length=12), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("entered_by", sa.String(length=255), nullable=True),
        sa.ForeignKeyConstraint(
            ["body_code"], ["creditbank_organisation.code"], name=op.f("fk_creditbank_comparison_body_code")
        ),
        sa.ForeignKeyConstraint(
            ["course_id"], ["creditbank_course.id"], name=op.f("fk_creditbank_comparison_course_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_creditbank_comparison")),
    )
    op.create_index(op.f("ix_creditbank_comparison_course_id"), "creditbank_comparison", ["course_id"], unique=False)
    op.create_table(
        "creditbank_record",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("account_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("course_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["creditbank_account.id"], name=op.f("fk_creditbank_record_account_id")
        ),
        sa.ForeignKeyConstraint(["course_id"], ["creditbank_course.id"], name=op.f("fk_creditbank_record_course_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_creditbank_record")),
        sa.UniqueConstraint("account_id", "course_id", name=op.f("uq_creditbank_record_account_id_course_id")),
    )
    op.create_table(
        "creditbank_adoption",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("bank_code", sa.String(length=60), nullable=False),
        sa.Column("comparison_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("body_code", sa.String(length=60), nullable=True),
        sa.Column("level_group", sa.String(length=40), nullable=True),
        sa.Column("order_number", sa.String(), nullable=False),
        sa.Column("signatory", sa.String(), nullable=False),
        sa.Column("ordered_on", sa.Date(), nullable=False),
        sa.Column("applies_from", sa.Date(), nullable=False),
        sa.Column("applies_until", sa.Date(), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_from", sa.Date(), nullable=True),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entered_by", sa.String(length=255), nullable=True),
        sa.ForeignKeyConstraint(["bank_code"], ["creditbank_bank.code"], name=op.f("fk_creditbank_adoption_bank_code")),
        sa.ForeignKeyConstraint(
            ["body_code"], ["creditbank_organisation.code"], name=op.f("fk_creditbank_adoption_body_code")
        ),
        sa.ForeignKeyConstraint(
            ["comparison_id"], ["creditbank_comparison.id"], name=op.f("fk_creditbank_adoption_comparison_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_creditbank_adoption")),
    )
    op.create_index(op.f("ix_creditbank_adoption_bank_code"), "creditbank_adoption", ["bank_code"], unique=False)
    op.create_table(
        "creditbank_comparison_item",
        sa.Column("comparison_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("item_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["comparison_id"], ["creditbank_comparison.id"], name=op.f("fk_creditbank_comparison_item_comparison_id")
        ),
        sa.ForeignKeyConstraint(
            ["item_id"], ["creditbank_item.id"], name=op.f("fk_creditbank_comparison_item_item_id")
        ),
        sa.PrimaryKeyConstraint("comparison_id", "item_id", name=op.f("pk_creditbank_comparison_item")),
    )
    op.create_table(
        "creditbank_entry",
        sa.Column("account_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("record_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("scheme", sa.String(length=20), nullable=True),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("from_state", sa.String(length=12), nullable=True),
        sa.Column("to_state", sa.String(length=12), nullable=True),
        sa.Column("amounts", sa.JSON(), nullable=False),
        sa.Column("decision_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("cause", sa.String(length=60), nullable=False),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("known_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("evidence", sa.LargeBinary(), nullable=True),
        sa.Column("prev_hash", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("commit_order", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_creditbank_entry_amount")),
        sa.CheckConstraint("seq >= 1", name=op.f("ck_creditbank_entry_seq")),
        sa.ForeignKeyConstraint(["account_id"], ["creditbank_account.id"], name=op.f("fk_creditbank_entry_account_id")),
        sa.ForeignKeyConstraint(["record_id"], ["creditbank_record.id"], name=op.f("fk_creditbank_entry_record_id")),
        sa.PrimaryKeyConstraint("account_id", "seq", name=op.f("pk_creditbank_entry")),
    )
    op.create_index(
        "ix_creditbank_entry_commit_order", "creditbank_entry", ["commit_order", "account_id", "seq"], unique=False
    )
    op.create_index("ix_creditbank_entry_record_id", "creditbank_entry", ["record_id", "seq"], unique=False)
    _guard()


def downgrade() -> None:
    """Remove them."""
    _unguard()
    for table in [
        "creditbank_entry",
        "creditbank_comparison_item",
        "creditbank_adoption",
        "creditbank_record",
        "creditbank_comparison",
        "creditbank_item",
        "creditbank_decision",
        "creditbank_course",
        "creditbank_framework",
        "creditbank_course_alias",
    ]:
        op.drop_table(table)


#: What never changes of tables that are not append-only as a whole; rows of all of them are never deleted.
KEPT = {
    "creditbank_comparison": (
        *("id", "course_id", "body_code", "scheme", "credits", "credits_rule", "nqf_level", "nqf_level_basis"),
        *("conditions", "reference", "approved_at", "applies_from", "applies_until", "entered_by"),
    ),
    "creditbank_comparison_item": (),
    "creditbank_adoption": (
        *("id", "bank_code", "comparison_id", "body_code", "level_group", "order_number", "signatory", "ordered_on"),
        *("applies_from", "applies_until", "entered_at", "entered_by"),
    ),
    "creditbank_course": ("id", "owner_code", "code", "version"),
    "creditbank_account": ("id", "person_id"),
}
#: Keys by which SQLite's REPLACE would put a row in another's place without firing a delete trigger.
KEYS = {
    "creditbank_inbox": (("id",),),
    "creditbank_decision": (("id",), ("inbox_id", "version")),
    "creditbank_record": (("id",), ("account_id", "course_id")),
    "creditbank_entry": (("account_id", "seq"),),
    "creditbank_comparison": (("id",),),
    "creditbank_comparison_item": (("comparison_id", "item_id"),),
    "creditbank_adoption": (("id",),),
    "creditbank_course": (("id",),),
    "creditbank_account": (("id",),),
}
#: Keys of which our own inserts pass over what stands already (ON CONFLICT DO NOTHING): so do the guards.
PASSED_OVER = {
    "creditbank_inbox": (("message_key",), ("conflicts_with", "digest")),
    "creditbank_course": (("owner_code", "code", "version"),),
}

_REFUSE_PG = """
create function creditbank_refuse_change() returns trigger language plpgsql as $$
begin
    raise exception 'creditbank: % is append-only', tg_table_name using errcode = 'restrict_violation';
end
$$
"""


def _guard() -> None:
    """Let the database itself refuse to change, replace or delete what must stay as it is."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(_REFUSE_PG)
        for table, kept in {**dict.fromkeys(APPEND_ONLY, ()), **KEPT}.items():
            update = f"update of {', '.join(kept)}" if kept else "update"
            op.execute(
                f"create trigger {table}_guard before delete or {update} on {table} "
                "for each row execute function creditbank_refuse_change()"
            )
            op.execute(
                f"create trigger {table}_guard_truncate before truncate on {table} "
                "for each statement execute function creditbank_refuse_change()"
            )
        return
    for table, kept in {**dict.fromkeys(APPEND_ONLY, ()), **KEPT}.items():
        abort = f"select raise(abort, 'creditbank: {table} is append-only')"
        changed = " or ".join(f"old.{name} is not new.{name}" for name in ("rowid", *kept))
        op.execute(
            f"create trigger {table}_guard_update before update on {table} {f'when {changed} ' if kept else ''}"
            f"begin {abort}; end"
        )
        op.execute(f"create trigger {table}_guard_delete before delete on {table} begin {abort}; end")
        taken = " or ".join(_stands(table, key) for key in KEYS[table])
        ignored = [f"select raise(ignore) where {_stands(table, key)};" for key in PASSED_OVER.get(table, ())]
        op.execute(
            f"create trigger {table}_guard_insert before insert on {table} begin "
            f"{abort} where {taken} or new.rowid > 0 and {_stands(table, ('rowid',))}; {' '.join(ignored)} end"
        )


def _stands(table: str, key: tuple[str, ...]) -> str:
    """Say in SQL that a row with the key of the new one stands already."""
    return f"exists (select 1 from {table} where {' and '.join(f'{name} = new.{name}' for name in key)})"  # noqa: S608 - names of ours


def _unguard() -> None:
    for table in (*APPEND_ONLY, *KEPT):
        if op.get_bind().dialect.name == "postgresql":
            op.execute(f"drop trigger {table}_guard on {table}")
            op.execute(f"drop trigger {table}_guard_truncate on {table}")
        else:
            for change in ("update", "delete", "insert"):
                op.execute(f"drop trigger {table}_guard_{change}")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("drop function creditbank_refuse_change()")
