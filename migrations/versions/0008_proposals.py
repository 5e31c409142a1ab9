"""Working groups, proposals with their steps and judgements, memoranda and mandates; the order a record was opened under."""

import sqlalchemy as sa
from alembic import op

revision = "creditbank_0008"
down_revision = "creditbank_0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "creditbank_mandate",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("organisation_code", sa.String(length=60), nullable=False),
        sa.Column("holder_code", sa.String(length=60), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entered_by", sa.String(length=255), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.String(length=255), nullable=True),
        sa.ForeignKeyConstraint(
            ["holder_code"], ["creditbank_organisation.code"], name=op.f("fk_creditbank_mandate_holder_code")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_code"],
            ["creditbank_organisation.code"],
            name=op.f("fk_creditbank_mandate_organisation_code"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_creditbank_mandate")),
    )
    op.create_index(
        op.f("ix_creditbank_mandate_organisation_code"), "creditbank_mandate", ["organisation_code"], unique=False
    )
    op.create_table(
        "creditbank_memorandum",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("owner_code", sa.String(length=60), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=True),
        sa.Column("signed_on", sa.Date(), nullable=False),
        sa.Column("applies_until", sa.Date(), nullable=True),
        sa.Column("reference", sa.String(), nullable=True),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entered_by", sa.String(length=255), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["owner_code"], ["creditbank_organisation.code"], name=op.f("fk_creditbank_memorandum_owner_code")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_creditbank_memorandum")),
    )
    op.create_index(op.f("ix_creditbank_memorandum_owner_code"), "creditbank_memorandum", ["owner_code"], unique=False)
    op.create_table(
        "creditbank_working_group",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("body_code", sa.String(length=60), nullable=False),
        sa.Column("name_th", sa.String(), nullable=False),
        sa.Column("name_en", sa.String(), nullable=True),
        sa.Column("level_group", sa.String(length=40), nullable=True),
        sa.Column("occupational_group", sa.String(length=100), nullable=True),
        sa.Column("order_number", sa.String(), nullable=False),
        sa.Column("order_signatory", sa.String(), nullable=False),
        sa.Column("ordered_on", sa.Date(), nullable=False),
        sa.Column("procedure", sa.String(length=20), nullable=False),
        sa.Column("raters", sa.Integer(), nullable=False),
        sa.Column("quorum", sa.Integer(), nullable=False),
        sa.Column("comment_days", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), server_default="1", nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.String(length=255), nullable=True),
        sa.Column("dissolved_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["body_code"], ["creditbank_organisation.code"], name=op.f("fk_creditbank_working_group_body_code")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_creditbank_working_group")),
    )
    op.create_index(
        op.f("ix_creditbank_working_group_body_code"), "creditbank_working_group", ["body_code"], unique=False
    )
    op.create_table(
        "creditbank_group_member",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("group_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("actor", sa.String(length=255), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["group_id"], ["creditbank_working_group.id"], name=op.f("fk_creditbank_group_member_group_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_creditbank_group_member")),
        sa.UniqueConstraint("group_id", "actor", "since", name=op.f("uq_creditbank_group_member_group_id_actor_since")),
    )
    op.create_index(op.f("ix_creditbank_group_member_actor"), "creditbank_group_member", ["actor"], unique=False)
    op.create_index(op.f("ix_creditbank_group_member_group_id"), "creditbank_group_member", ["group_id"], unique=False)
    op.create_table(
        "creditbank_meeting",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("group_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("present", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("quorum", sa.Integer(), nullable=False),
        sa.Column("minutes", sa.String(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entered_by", sa.String(length=255), nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"], ["creditbank_working_group.id"], name=op.f("fk_creditbank_meeting_group_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_creditbank_meeting")),
    )
    op.create_index(op.f("ix_creditbank_meeting_group_id"), "creditbank_meeting", ["group_id"], unique=False)
    op.create_table(
        "creditbank_memorandum_party",
        sa.Column("memorandum_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("organisation_code", sa.String(length=60), nullable=True),
        sa.ForeignKeyConstraint(
            ["memorandum_id"], ["creditbank_memorandum.id"], name=op.f("fk_creditbank_memorandum_party_memorandum_id")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_code"],
            ["creditbank_organisation.code"],
            name=op.f("fk_creditbank_memorandum_party_organisation_code"),
        ),
        sa.PrimaryKeyConstraint("memorandum_id", "position", name=op.f("pk_creditbank_memorandum_party")),
    )
    op.create_table(
        "creditbank_proposal",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("course_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("course_revision", sa.Integer(), nullable=False),
        sa.Column("body_code", sa.String(length=60), nullable=False),
        sa.Column("group_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("terms", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("replaces", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("comment_until", sa.Date(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.String(length=255), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("proposed_by", sa.String(length=255), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["body_code"], ["creditbank_organisation.code"], name=op.f("fk_creditbank_proposal_body_code")
        ),
        sa.ForeignKeyConstraint(["course_id"], ["creditbank_course.id"], name=op.f("fk_creditbank_proposal_course_id")),
        sa.ForeignKeyConstraint(
            ["group_id"], ["creditbank_working_group.id"], name=op.f("fk_creditbank_proposal_group_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_creditbank_proposal")),
    )
    op.create_index(op.f("ix_creditbank_proposal_body_code"), "creditbank_proposal", ["body_code"], unique=False)
    op.create_index(op.f("ix_creditbank_proposal_course_id"), "creditbank_proposal", ["course_id"], unique=False)
    op.create_index(op.f("ix_creditbank_proposal_group_id"), "creditbank_proposal", ["group_id"], unique=False)
    op.create_index("ix_creditbank_proposal_state", "creditbank_proposal", ["state", "id"], unique=False)
    op.create_table(
        "creditbank_proposal_comment",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("proposal_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("actor", sa.String(length=255), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["proposal_id"], ["creditbank_proposal.id"], name=op.f("fk_creditbank_proposal_comment_proposal_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_creditbank_proposal_comment")),
    )
    op.create_index(
        op.f("ix_creditbank_proposal_comment_proposal_id"), "creditbank_proposal_comment", ["proposal_id"], unique=False
    )
    op.create_table(
        "creditbank_proposal_step",
        sa.Column("proposal_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("action", sa.String(length=20), nullable=False),
        sa.Column("from_state", sa.String(length=20), nullable=True),
        sa.Column("to_state", sa.String(length=20), nullable=False),
        sa.Column("actor", sa.String(length=255), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("signed", sa.String(), nullable=True),
        sa.Column("details", sa.JSON(none_as_null=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["proposal_id"], ["creditbank_proposal.id"], name=op.f("fk_creditbank_proposal_step_proposal_id")
        ),
        sa.PrimaryKeyConstraint("proposal_id", "number", name=op.f("pk_creditbank_proposal_step")),
    )
    op.create_table(
        "creditbank_rating",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("proposal_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("actor", sa.String(length=255), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("design", sa.String(length=10), nullable=False),
        sa.Column("measurement", sa.String(length=10), nullable=False),
        sa.Column("quality", sa.String(length=10), nullable=False),
        sa.Column("level", sa.Integer(), nullable=True),
        sa.Column("advice", sa.String(length=10), nullable=False),
        sa.Column("notes", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("rated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["proposal_id"], ["creditbank_proposal.id"], name=op.f("fk_creditbank_rating_proposal_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_creditbank_rating")),
        sa.UniqueConstraint("proposal_id", "round", "actor", name=op.f("uq_creditbank_rating_proposal_id_round_actor")),
    )
    _name_orders_of_records()
    _guard("creditbank_proposal", (("id",),), ("id", "course_id", "body_code", "made_at", "made_by"))
    _guard("creditbank_proposal_step", (("proposal_id", "number"),))
    _guard("creditbank_rating", (("id",), ("proposal_id", "round", "actor")))
    _guard("creditbank_proposal_comment", (("id",),))


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


def _name_orders_of_records() -> None:
    """Write on every record under which order it was opened: a report on millions need not look each one up."""
    op.add_column("creditbank_record", sa.Column("adoption_id", sa.Uuid(as_uuid=False), nullable=True))
    _unguard("creditbank_record")
    op.execute(_ORDERS)
    _guard("creditbank_record", RECORD_KEYS)
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
    """Drop them; their guards go with them."""
    op.drop_index("ix_creditbank_entry_changes", "creditbank_entry")
    op.drop_index(op.f("ix_creditbank_record_adoption_id"), "creditbank_record")
    op.drop_column("creditbank_record", "adoption_id")
    for table in [
        "creditbank_rating",
        "creditbank_proposal_step",
        "creditbank_proposal_comment",
        "creditbank_proposal",
        "creditbank_memorandum_party",
        "creditbank_meeting",
        "creditbank_group_member",
        "creditbank_working_group",
        "creditbank_memorandum",
        "creditbank_mandate",
    ]:
        op.drop_table(table)


def _guard(table: str, keys: tuple[tuple[str, ...], ...], kept: tuple[str, ...] = ()) -> None:
    """Let the database itself refuse to delete or replace rows, and to change ``kept`` columns (none named: any)."""
    if op.get_bind().dialect.name == "postgresql":
        refuse = "execute function creditbank_refuse_change()"
        update = f"update of {', '.join(kept)}" if kept else "update"
        op.execute(f"create trigger {table}_guard before delete or {update} on {table} for each row {refuse}")
        op.execute(f"create trigger {table}_guard_truncate before truncate on {table} for each statement {refuse}")
        return
    abort = f"select raise(abort, 'creditbank: {table} is append-only')"
    changed = " or ".join(f"old.{name} is not new.{name}" for name in ("rowid", *kept))
    when = f"when {changed} " if kept else ""
    op.execute(f"create trigger {table}_guard_update before update on {table} {when}begin {abort}; end")
    op.execute(f"create trigger {table}_guard_delete before delete on {table} begin {abort}; end")
    taken = " or ".join(_stands(table, key) for key in keys)
    placed = f"new.rowid > 0 and {_stands(table, ('rowid',))}"
    op.execute(
        f"create trigger {table}_guard_insert before insert on {table} begin {abort} where {taken} or {placed}; end"
    )


def _stands(table: str, key: tuple[str, ...]) -> str:
    return f"exists (select 1 from {table} where {' and '.join(f'{name} = new.{name}' for name in key)})"  # noqa: S608 - names of ours


def _unguard(table: str) -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"drop trigger {table}_guard on {table}")
        op.execute(f"drop trigger {table}_guard_truncate on {table}")
        return
    for change in ("update", "delete", "insert"):
        op.execute(f"drop trigger {table}_guard_{change}")
