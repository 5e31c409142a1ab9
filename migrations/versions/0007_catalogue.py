"""The catalogue's and the frameworks' further columns, earlier revisions of courses, imports, jobs and generations."""

import sqlalchemy as sa
from alembic import op

revision = "creditbank_0007"
down_revision = "creditbank_0006"
branch_labels = None
depends_on = None

#: What a comparison and an order hold that never changes: before this revision, and what it adds.
KEPT = {
    "creditbank_comparison": (
        (
            "id",
            "course_id",
            "body_code",
            "scheme",
            "credits",
            "credits_rule",
            "nqf_level",
            "nqf_level_basis",
            "conditions",
            "reference",
            "approved_at",
            "applies_from",
            "applies_until",
            "entered_by",
        ),
        ("course_revision", "group_id", "hours", "evidence"),
    ),
    "creditbank_adoption": (
        (
            "id",
            "bank_code",
            "comparison_id",
            "body_code",
            "level_group",
            "order_number",
            "signatory",
            "ordered_on",
            "applies_from",
            "applies_until",
            "entered_at",
            "entered_by",
        ),
        ("occupational_group",),
    ),
}

COLUMNS = {
    "creditbank_adoption": ["occupational_group", "revoked_by", "revocation_order", "revocation"],
    "creditbank_comparison": ["course_revision", "group_id", "hours", "evidence", "questioned_at"],
    "creditbank_course": [
        "description",
        "outcomes",
        "hours_theory",
        "hours_practice",
        "hours_field",
        "tpn",
        "delivery",
        "provider",
        "province",
        "agency",
        "occupational_group",
        "revision",
        "generation",
        "changed_at",
    ],
    "creditbank_framework": ["uri", "publisher", "language", "status", "case_more", "changed_at", "changed_by"],
    "creditbank_item": [
        *("kind", "uri", "grade", "position", "case_more", "generation", "retired_at"),
        *("description_th", "description_en", "changed_at"),
    ],
}


def upgrade() -> None:
    """Add the columns, make the tables, and guard what must stay."""
    for table in KEPT:
        _unguard(table)
    op.add_column("creditbank_adoption", sa.Column("occupational_group", sa.String(length=100), nullable=True))
    op.add_column("creditbank_adoption", sa.Column("revoked_by", sa.String(length=255), nullable=True))
    op.add_column("creditbank_adoption", sa.Column("revocation_order", sa.String(), nullable=True))
    op.add_column("creditbank_adoption", sa.Column("revocation", sa.String(), nullable=True))
    op.add_column("creditbank_comparison", sa.Column("course_revision", sa.Integer(), nullable=True))
    op.add_column("creditbank_comparison", sa.Column("group_id", sa.Uuid(as_uuid=False), nullable=True))
    op.add_column("creditbank_comparison", sa.Column("hours", sa.JSON(none_as_null=True), nullable=True))
    op.add_column("creditbank_comparison", sa.Column("evidence", sa.JSON(none_as_null=True), nullable=True))
    op.add_column("creditbank_comparison", sa.Column("questioned_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("creditbank_course", sa.Column("description", sa.String(), nullable=True))
    op.add_column("creditbank_course", sa.Column("outcomes", sa.JSON(none_as_null=True), nullable=True))
    op.add_column("creditbank_course", sa.Column("hours_theory", sa.Integer(), nullable=True))
    op.add_column("creditbank_course", sa.Column("hours_practice", sa.Integer(), nullable=True))
    op.add_column("creditbank_course", sa.Column("hours_field", sa.Integer(), nullable=True))
    op.add_column("creditbank_course", sa.Column("tpn", sa.String(length=20), nullable=True))
    op.add_column("creditbank_course", sa.Column("delivery", sa.String(length=40), nullable=True))
    op.add_column("creditbank_course", sa.Column("provider", sa.String(), nullable=True))
    op.add_column("creditbank_course", sa.Column("province", sa.String(length=2), nullable=True))
    op.add_column("creditbank_course", sa.Column("agency", sa.String(), nullable=True))
    op.add_column("creditbank_course", sa.Column("occupational_group", sa.String(length=100), nullable=True))
    op.add_column("creditbank_course", sa.Column("revision", sa.Integer(), server_default="1", nullable=False))
    op.add_column("creditbank_course", sa.Column("generation", sa.BigInteger(), server_default="0", nullable=False))
    op.add_column("creditbank_course", sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("creditbank_framework", sa.Column("uri", sa.String(length=1000), nullable=True))
    op.add_column("creditbank_framework", sa.Column("publisher", sa.String(), nullable=True))
    op.add_column("creditbank_framework", sa.Column("language", sa.String(length=20), nullable=True))
    op.add_column("creditbank_framework", sa.Column("status", sa.String(length=40), nullable=True))
    op.add_column("creditbank_framework", sa.Column("case_more", sa.JSON(none_as_null=True), nullable=True))
    op.add_column("creditbank_framework", sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("creditbank_framework", sa.Column("changed_by", sa.String(length=255), nullable=True))
    op.add_column("creditbank_item", sa.Column("kind", sa.String(length=60), nullable=True))
    op.add_column("creditbank_item", sa.Column("uri", sa.String(length=1000), nullable=True))
    op.add_column("creditbank_item", sa.Column("grade", sa.String(length=60), nullable=True))
    op.add_column("creditbank_item", sa.Column("position", sa.Integer(), nullable=True))
    op.add_column("creditbank_item", sa.Column("case_more", sa.JSON(none_as_null=True), nullable=True))
    op.add_column("creditbank_item", sa.Column("generation", sa.BigInteger(), server_default="0", nullable=False))
    op.add_column("creditbank_item", sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("creditbank_item", sa.Column("description_th", sa.String(), nullable=True))
    op.add_column("creditbank_item", sa.Column("description_en", sa.String(), nullable=True))
    op.add_column("creditbank_item", sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(op.f("ix_creditbank_course_generation"), "creditbank_course", ["generation"], unique=False)
    op.create_index(op.f("ix_creditbank_course_province"), "creditbank_course", ["province"], unique=False)
    op.create_index(op.f("ix_creditbank_item_generation"), "creditbank_item", ["generation"], unique=False)
    op.create_index(
        op.f("ix_creditbank_comparison_item_item_id"), "creditbank_comparison_item", ["item_id"], unique=False
    )
    for table, (before, added) in KEPT.items():
        _guard(table, (("id",),), (*before, *added))
    _make_tables()
    _guard("creditbank_course_revision", (("course_id", "revision"),))


def _make_tables() -> None:
    op.create_table(
        "creditbank_generation",
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_creditbank_generation")),
    )
    op.create_table(
        "creditbank_import_mapping",
        sa.Column("province", sa.String(length=2), nullable=False),
        sa.Column("headings", sa.String(length=64), nullable=False),
        sa.Column("mapping", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("province", "headings", name=op.f("pk_creditbank_import_mapping")),
    )
    op.create_table(
        "creditbank_job",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("organisation_code", sa.String(length=60), nullable=True),
        sa.Column("wanted", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=True),
        sa.Column("result", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("fault", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("attempts", sa.SmallInteger(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.String(length=255), nullable=False),
        sa.Column("beat_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_creditbank_job")),
    )
    op.create_index("ix_creditbank_job_state", "creditbank_job", ["state", "id"], unique=False)
    op.create_table(
        "creditbank_import",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("organisation_code", sa.String(length=60), nullable=False),
        sa.Column("province", sa.String(length=2), nullable=True),
        sa.Column("file_name", sa.String(length=255), nullable=False),
        sa.Column("sheet", sa.String(length=255), nullable=True),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("mapping", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("whole_only", sa.Boolean(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=True),
        sa.Column("rows_read", sa.Integer(), nullable=False),
        sa.Column("counts", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("fault", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.String(length=255), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_code"], ["creditbank_organisation.code"], name=op.f("fk_creditbank_import_organisation_code")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_creditbank_import")),
    )
    op.create_index(
        op.f("ix_creditbank_import_organisation_code"), "creditbank_import", ["organisation_code"], unique=False
    )
    op.create_table(
        "creditbank_item_association",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("framework_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("origin_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("origin_uri", sa.String(length=1000), nullable=True),
        sa.Column("origin_title", sa.String(), nullable=True),
        sa.Column("target_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("target_uri", sa.String(length=1000), nullable=True),
        sa.Column("target_title", sa.String(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=True),
        sa.Column("source", sa.String(), nullable=True),
        sa.Column("case_more", sa.JSON(none_as_null=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["framework_id"], ["creditbank_framework.id"], name=op.f("fk_creditbank_item_association_framework_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_creditbank_item_association")),
    )
    op.create_index(
        op.f("ix_creditbank_item_association_framework_id"),
        "creditbank_item_association",
        ["framework_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_creditbank_item_association_origin_id"), "creditbank_item_association", ["origin_id"], unique=False
    )
    op.create_index(
        op.f("ix_creditbank_item_association_target_id"), "creditbank_item_association", ["target_id"], unique=False
    )
    op.create_table(
        "creditbank_synonyms",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("body_code", sa.String(length=60), nullable=True),
        sa.Column("words", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("added_by", sa.String(length=255), nullable=True),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_by", sa.String(length=255), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["body_code"], ["creditbank_organisation.code"], name=op.f("fk_creditbank_synonyms_body_code")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_creditbank_synonyms")),
    )
    op.create_table(
        "creditbank_course_revision",
        sa.Column("course_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("revision", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("content", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("replaced_by", sa.String(length=255), nullable=True),
        sa.ForeignKeyConstraint(
            ["course_id"], ["creditbank_course.id"], name=op.f("fk_creditbank_course_revision_course_id")
        ),
        sa.PrimaryKeyConstraint("course_id", "revision", name=op.f("pk_creditbank_course_revision")),
    )
    op.create_table(
        "creditbank_import_row",
        sa.Column("import_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("content", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("faults", sa.JSON(none_as_null=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["import_id"], ["creditbank_import.id"], name=op.f("fk_creditbank_import_row_import_id")
        ),
        sa.PrimaryKeyConstraint("import_id", "number", name=op.f("pk_creditbank_import_row")),
    )
    op.create_index(
        "ix_creditbank_import_row_state", "creditbank_import_row", ["import_id", "state", "number"], unique=False
    )


def downgrade() -> None:
    """Take it back."""
    for table in [
        "creditbank_import_row",
        "creditbank_course_revision",
        "creditbank_synonyms",
        "creditbank_item_association",
        "creditbank_import",
        "creditbank_job",
        "creditbank_import_mapping",
        "creditbank_generation",
    ]:
        op.drop_table(table)
    for table in KEPT:
        _unguard(table)
    op.drop_index("ix_creditbank_comparison_item_item_id", "creditbank_comparison_item")
    op.drop_index("ix_creditbank_item_generation", "creditbank_item")
    op.drop_index("ix_creditbank_course_province", "creditbank_course")
    op.drop_index("ix_creditbank_course_generation", "creditbank_course")
    for table, columns in COLUMNS.items():
        for column in columns:
            op.drop_column(table, column)
    for table, (before, _) in KEPT.items():
        _guard(table, (("id",),), before)


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
