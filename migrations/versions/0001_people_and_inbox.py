"""Organisations, people, clients, and the inbox."""

import sqlalchemy as sa
from alembic import op

revision = "creditbank_0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "creditbank_data_key",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("master_id", sa.String(length=40), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_creditbank_data_key")),
    )
    op.create_table(
        "creditbank_inbox",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("door", sa.String(length=10), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("message_id", sa.String(length=255), nullable=True),
        sa.Column("source", sa.String(length=1000), nullable=True),
        sa.Column("message_key", sa.LargeBinary(), nullable=True),
        sa.Column("conflicts_with", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("issuer", sa.String(length=255), nullable=False),
        sa.Column("learner", sa.String(length=255), nullable=False),
        sa.Column("partition", sa.SmallInteger(), nullable=False),
        sa.Column("course_code", sa.String(length=1000), nullable=True),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("sealed_fields", sa.String(length=100), nullable=True),
        sa.Column("time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("client_id", sa.String(length=48), nullable=True),
        sa.Column("organisation_code", sa.String(length=60), nullable=True),
        sa.Column("school_code", sa.String(length=60), nullable=True),
        sa.Column("may_open", sa.Boolean(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_creditbank_inbox")),
        sa.UniqueConstraint("conflicts_with", "digest", name=op.f("uq_creditbank_inbox_conflicts_with_digest")),
        sa.UniqueConstraint("message_key", name=op.f("uq_creditbank_inbox_message_key")),
    )
    op.create_index(op.f("ix_creditbank_inbox_course_code"), "creditbank_inbox", ["course_code"], unique=False)
    op.create_index("ix_creditbank_inbox_issuer_learner", "creditbank_inbox", ["issuer", "learner"], unique=False)
    op.create_index(
        "ix_creditbank_inbox_organisation_id", "creditbank_inbox", ["organisation_code", "id"], unique=False
    )
    op.create_table(
        "creditbank_issuer",
        sa.Column("issuer", sa.String(length=255), nullable=False),
        sa.Column("name", sa.String(), nullable=True),
        sa.Column("trusted", sa.Boolean(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("issuer", name=op.f("pk_creditbank_issuer")),
    )
    op.create_table(
        "creditbank_organisation",
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("sector", sa.String(length=30), nullable=True),
        sa.Column("province", sa.String(length=2), nullable=True),
        sa.Column("parent_code", sa.String(length=60), nullable=True),
        sa.Column("name_th", sa.String(), nullable=False),
        sa.Column("name_en", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["parent_code"], ["creditbank_organisation.code"], name=op.f("fk_creditbank_organisation_parent_code")
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_creditbank_organisation")),
    )
    op.create_table(
        "creditbank_person",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_creditbank_person")),
    )
    op.create_table(
        "creditbank_account",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("person_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["creditbank_person.id"], name=op.f("fk_creditbank_account_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_creditbank_account")),
    )
    op.create_index(op.f("ix_creditbank_account_person_id"), "creditbank_account", ["person_id"], unique=False)
    op.create_table(
        "creditbank_bank",
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("organisation_code", sa.String(length=60), nullable=False),
        sa.Column("tier", sa.String(length=20), nullable=False),
        sa.Column("name_th", sa.String(), nullable=False),
        sa.Column("name_en", sa.String(), nullable=True),
        sa.Column("registered_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_code"], ["creditbank_organisation.code"], name=op.f("fk_creditbank_bank_organisation_code")
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_creditbank_bank")),
        sa.UniqueConstraint("organisation_code", name=op.f("uq_creditbank_bank_organisation_code")),
    )
    op.create_table(
        "creditbank_client",
        sa.Column("client_id", sa.String(length=48), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("organisation_code", sa.String(length=60), nullable=False),
        sa.Column("scopes", sa.String(), nullable=False),
        sa.Column("issuer", sa.String(length=255), nullable=True),
        sa.Column("may_open_accounts", sa.Boolean(), nullable=False),
        sa.Column("secret_hash", sa.LargeBinary(), nullable=False),
        sa.Column("old_secret_hash", sa.LargeBinary(), nullable=True),
        sa.Column("old_secret_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_code"], ["creditbank_organisation.code"], name=op.f("fk_creditbank_client_organisation_code")
        ),
        sa.PrimaryKeyConstraint("client_id", name=op.f("pk_creditbank_client")),
    )
    op.create_table(
        "creditbank_queue",
        sa.Column("inbox_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("partition", sa.SmallInteger(), nullable=False),
        sa.Column("lane", sa.SmallInteger(), nullable=False),
        sa.Column("attempts", sa.SmallInteger(), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=True),
        sa.Column("parked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.String(length=500), nullable=True),
        sa.ForeignKeyConstraint(["inbox_id"], ["creditbank_inbox.id"], name=op.f("fk_creditbank_queue_inbox_id")),
        sa.PrimaryKeyConstraint("inbox_id", name=op.f("pk_creditbank_queue")),
    )
    op.create_table(
        "creditbank_waiting",
        sa.Column("inbox_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("wait_key", sa.String(length=1100), nullable=False),
        sa.ForeignKeyConstraint(["inbox_id"], ["creditbank_inbox.id"], name=op.f("fk_creditbank_waiting_inbox_id")),
        sa.PrimaryKeyConstraint("inbox_id", "wait_key", name=op.f("pk_creditbank_waiting")),
    )
    op.create_index(op.f("ix_creditbank_waiting_wait_key"), "creditbank_waiting", ["wait_key"], unique=False)
    op.create_table(
        "creditbank_account_link",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("account_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("person_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["creditbank_account.id"], name=op.f("fk_creditbank_account_link_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["creditbank_person.id"], name=op.f("fk_creditbank_account_link_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_creditbank_account_link")),
    )
    op.create_index(
        op.f("ix_creditbank_account_link_person_id"), "creditbank_account_link", ["person_id"], unique=False
    )
    op.create_index(
        "uq_creditbank_account_link_open",
        "creditbank_account_link",
        ["account_id"],
        unique=True,
        sqlite_where=sa.text("until IS NULL"),
        postgresql_where=sa.text("until IS NULL"),
    )
    op.create_table(
        "creditbank_enrolment",
        sa.Column("account_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("organisation_code", sa.String(length=60), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["creditbank_account.id"], name=op.f("fk_creditbank_enrolment_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_code"],
            ["creditbank_organisation.code"],
            name=op.f("fk_creditbank_enrolment_organisation_code"),
        ),
        sa.PrimaryKeyConstraint("account_id", "organisation_code", name=op.f("pk_creditbank_enrolment")),
    )
    op.create_index(
        op.f("ix_creditbank_enrolment_organisation_code"), "creditbank_enrolment", ["organisation_code"], unique=False
    )
    op.create_table(
        "creditbank_identifier",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("account_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("issuer", sa.String(length=255), nullable=False),
        sa.Column("value", sa.String(length=255), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["creditbank_account.id"], name=op.f("fk_creditbank_identifier_account_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_creditbank_identifier")),
    )
    op.create_index(op.f("ix_creditbank_identifier_account_id"), "creditbank_identifier", ["account_id"], unique=False)
    op.create_index(
        "uq_creditbank_identifier_open",
        "creditbank_identifier",
        ["issuer", "value"],
        unique=True,
        sqlite_where=sa.text("until IS NULL"),
        postgresql_where=sa.text("until IS NULL"),
    )
    op.create_table(
        "creditbank_identity",
        sa.Column("account_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("national_id_digest", sa.LargeBinary(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["creditbank_account.id"], name=op.f("fk_creditbank_identity_account_id")
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_creditbank_identity")),
    )
    op.create_index(
        op.f("ix_creditbank_identity_national_id_digest"), "creditbank_identity", ["national_id_digest"], unique=False
    )
    op.create_table(
        "creditbank_task",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("account_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("inbox_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["creditbank_account.id"], name=op.f("fk_creditbank_task_account_id")),
        sa.ForeignKeyConstraint(["inbox_id"], ["creditbank_inbox.id"], name=op.f("fk_creditbank_task_inbox_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_creditbank_task")),
    )
    op.create_table(
        "creditbank_token",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("client_id", sa.String(length=48), nullable=False),
        sa.Column("scopes", sa.String(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["client_id"], ["creditbank_client.client_id"], name=op.f("fk_creditbank_token_client_id")
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_creditbank_token")),
    )
    op.create_index(op.f("ix_creditbank_token_client_id"), "creditbank_token", ["client_id"], unique=False)
    op.create_index(op.f("ix_creditbank_token_expires_at"), "creditbank_token", ["expires_at"], unique=False)


def downgrade() -> None:
    """Remove them."""
    for table in [
        "creditbank_token",
        "creditbank_task",
        "creditbank_identity",
        "creditbank_identifier",
        "creditbank_enrolment",
        "creditbank_account_link",
        "creditbank_waiting",
        "creditbank_queue",
        "creditbank_client",
        "creditbank_bank",
        "creditbank_account",
        "creditbank_person",
        "creditbank_organisation",
        "creditbank_issuer",
        "creditbank_inbox",
        "creditbank_data_key",
    ]:
        op.drop_table(table)
