"""What learners agreed to, codes and refresh tokens, answers kept for repeated calls, and webhooks."""

import sqlalchemy as sa
from alembic import op

revision = "creditbank_0010"
down_revision = "creditbank_0009"
branch_labels = None
depends_on = None

ID, JSON, MOMENT = sa.Uuid(as_uuid=False), sa.JSON(none_as_null=True), sa.DateTime(timezone=True)
DUE = sa.text("state = 'due'")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "creditbank_assertion",
        sa.Column("client_id", sa.String(length=48), nullable=False),
        sa.Column("jti_hash", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"], ["creditbank_client.client_id"], name=op.f("fk_creditbank_assertion_client_id")
        ),
        sa.PrimaryKeyConstraint("client_id", "jti_hash", name=op.f("pk_creditbank_assertion")),
    )
    op.create_index(op.f("ix_creditbank_assertion_expires_at"), "creditbank_assertion", ["expires_at"], unique=False)
    op.create_table(
        "creditbank_client_school",
        sa.Column("client_id", sa.String(length=48), nullable=False),
        sa.Column("organisation_code", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"], ["creditbank_client.client_id"], name=op.f("fk_creditbank_client_school_client_id")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_code"],
            ["creditbank_organisation.code"],
            name=op.f("fk_creditbank_client_school_organisation_code"),
        ),
        sa.PrimaryKeyConstraint("client_id", "organisation_code", name=op.f("pk_creditbank_client_school")),
    )
    op.create_table(
        "creditbank_consent",
        sa.Column("id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("client_id", sa.String(length=48), nullable=False),
        sa.Column("scopes", sa.String(), nullable=False),
        sa.Column("given_at", MOMENT, nullable=False),
        sa.Column("until", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("ended_by", sa.String(length=120), nullable=True),
        sa.ForeignKeyConstraint(
            ["client_id"], ["creditbank_client.client_id"], name=op.f("fk_creditbank_consent_client_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["creditbank_person.id"], name=op.f("fk_creditbank_consent_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_creditbank_consent")),
    )
    op.create_index(op.f("ix_creditbank_consent_client_id"), "creditbank_consent", ["client_id"], unique=False)
    op.create_index(
        "ix_creditbank_consent_person_id_client_id", "creditbank_consent", ["person_id", "client_id"], unique=False
    )
    op.create_table(
        "creditbank_idempotent_answer",
        sa.Column("client_id", sa.String(length=48), nullable=False),
        sa.Column("key_hash", sa.LargeBinary(), nullable=False),
        sa.Column("request_hash", sa.LargeBinary(), nullable=False),
        sa.Column("begun_at", MOMENT, nullable=False),
        sa.Column("acted_at", MOMENT, nullable=True),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("headers", JSON, nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["client_id"], ["creditbank_client.client_id"], name=op.f("fk_creditbank_idempotent_answer_client_id")
        ),
        sa.PrimaryKeyConstraint("client_id", "key_hash", name=op.f("pk_creditbank_idempotent_answer")),
    )
    op.create_index(
        op.f("ix_creditbank_idempotent_answer_begun_at"), "creditbank_idempotent_answer", ["begun_at"], unique=False
    )
    op.create_table(
        "creditbank_subscription",
        sa.Column("id", ID, nullable=False),
        sa.Column("client_id", sa.String(length=48), nullable=False),
        sa.Column("organisation_code", sa.String(length=60), nullable=False),
        sa.Column("url", sa.String(length=2000), nullable=False),
        sa.Column("types", JSON, nullable=False),
        sa.Column("sealed_secret", sa.LargeBinary(), nullable=False),
        sa.Column("old_sealed_secret", sa.LargeBinary(), nullable=True),
        sa.Column("old_secret_until", MOMENT, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["client_id"], ["creditbank_client.client_id"], name=op.f("fk_creditbank_subscription_client_id")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_code"],
            ["creditbank_organisation.code"],
            name=op.f("fk_creditbank_subscription_organisation_code"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_creditbank_subscription")),
    )
    op.create_index(
        op.f("ix_creditbank_subscription_client_id"), "creditbank_subscription", ["client_id"], unique=False
    )
    op.create_table(
        "creditbank_delivery",
        sa.Column("id", ID, nullable=False),
        sa.Column("subscription_id", ID, nullable=False),
        sa.Column("message_id", ID, nullable=False),
        sa.Column("commit_order", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("account_id", ID, nullable=True),
        sa.Column("type", sa.String(length=60), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", MOMENT, nullable=False),
        sa.Column("leased_until", MOMENT, nullable=True),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("told_at", MOMENT, nullable=True),
        sa.Column("last_status", sa.Integer(), nullable=True),
        sa.Column("last_error", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["subscription_id"], ["creditbank_subscription.id"], name=op.f("fk_creditbank_delivery_subscription_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_creditbank_delivery")),
    )
    op.create_index(
        "ix_creditbank_delivery_due",
        "creditbank_delivery",
        ["next_at"],
        unique=False,
        sqlite_where=DUE,
        postgresql_where=DUE,
    )
    op.create_index(
        "ix_creditbank_delivery_order",
        "creditbank_delivery",
        ["subscription_id", "account_id", "commit_order", "number"],
        unique=False,
    )
    op.create_table(
        "creditbank_token_family",
        sa.Column("id", ID, nullable=False),
        sa.Column("client_id", sa.String(length=48), nullable=False),
        sa.Column("consent_id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("scopes", sa.String(), nullable=False),
        sa.Column("begun_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("ended_why", sa.String(length=20), nullable=True),
        sa.ForeignKeyConstraint(
            ["client_id"], ["creditbank_client.client_id"], name=op.f("fk_creditbank_token_family_client_id")
        ),
        sa.ForeignKeyConstraint(
            ["consent_id"], ["creditbank_consent.id"], name=op.f("fk_creditbank_token_family_consent_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["creditbank_person.id"], name=op.f("fk_creditbank_token_family_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_creditbank_token_family")),
    )
    op.create_index(
        op.f("ix_creditbank_token_family_client_id"), "creditbank_token_family", ["client_id"], unique=False
    )
    op.create_index(
        op.f("ix_creditbank_token_family_consent_id"), "creditbank_token_family", ["consent_id"], unique=False
    )
    op.create_index(
        op.f("ix_creditbank_token_family_person_id"), "creditbank_token_family", ["person_id"], unique=False
    )
    op.create_table(
        "creditbank_code",
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("family_id", ID, nullable=False),
        sa.Column("redirect_uri", sa.String(), nullable=False),
        sa.Column("redirect_uri_told", sa.Boolean(), nullable=False),
        sa.Column("challenge", sa.String(length=43), nullable=True),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["family_id"], ["creditbank_token_family.id"], name=op.f("fk_creditbank_code_family_id")
        ),
        sa.PrimaryKeyConstraint("code_hash", name=op.f("pk_creditbank_code")),
    )
    op.create_index(op.f("ix_creditbank_code_expires_at"), "creditbank_code", ["expires_at"], unique=False)
    op.create_index(op.f("ix_creditbank_code_family_id"), "creditbank_code", ["family_id"], unique=False)
    op.create_table(
        "creditbank_refresh_token",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("family_id", ID, nullable=False),
        sa.Column("scopes", sa.String(), nullable=False),
        sa.Column("issued_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["family_id"], ["creditbank_token_family.id"], name=op.f("fk_creditbank_refresh_token_family_id")
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_creditbank_refresh_token")),
    )
    op.create_index(
        op.f("ix_creditbank_refresh_token_expires_at"), "creditbank_refresh_token", ["expires_at"], unique=False
    )
    op.create_index(
        op.f("ix_creditbank_refresh_token_family_id"), "creditbank_refresh_token", ["family_id"], unique=False
    )
    op.add_column(
        "creditbank_client", sa.Column("kind", sa.String(length=12), server_default="confidential", nullable=False)
    )
    op.add_column(
        "creditbank_client", sa.Column("proof", sa.String(length=20), server_default="secret", nullable=False)
    )
    op.add_column(
        "creditbank_client", sa.Column("grants", sa.String(), server_default="client_credentials", nullable=False)
    )
    op.add_column("creditbank_client", sa.Column("redirect_uris", JSON, nullable=True))
    op.add_column("creditbank_client", sa.Column("pkce", sa.Boolean(), server_default="1", nullable=False))
    op.add_column("creditbank_client", sa.Column("jwks", JSON, nullable=True))
    op.add_column("creditbank_client", sa.Column("purpose_th", sa.String(), nullable=True))
    op.add_column("creditbank_client", sa.Column("purpose_en", sa.String(), nullable=True))
    op.add_column("creditbank_client", sa.Column("per_minute", sa.Integer(), nullable=True))
    op.add_column("creditbank_client", sa.Column("last_used_at", MOMENT, nullable=True))
    op.add_column("creditbank_token", sa.Column("family_id", ID, nullable=True))
    op.create_index(op.f("ix_creditbank_token_family_id"), "creditbank_token", ["family_id"], unique=False)
    op.create_index(
        "ix_creditbank_news_account_id", "creditbank_news", ["account_id", "commit_order", "number"], unique=False
    )


def downgrade() -> None:
    """Drop them; whom a learner let in is shut out."""
    op.drop_index("ix_creditbank_news_account_id", table_name="creditbank_news")
    op.execute("delete from creditbank_token where family_id is not null")
    op.drop_index(op.f("ix_creditbank_token_family_id"), table_name="creditbank_token")
    op.drop_column("creditbank_token", "family_id")
    op.drop_column("creditbank_client", "last_used_at")
    op.drop_column("creditbank_client", "per_minute")
    op.drop_column("creditbank_client", "purpose_en")
    op.drop_column("creditbank_client", "purpose_th")
    op.drop_column("creditbank_client", "jwks")
    op.drop_column("creditbank_client", "pkce")
    op.drop_column("creditbank_client", "redirect_uris")
    op.drop_column("creditbank_client", "grants")
    op.drop_column("creditbank_client", "proof")
    op.drop_column("creditbank_client", "kind")
    op.drop_index(op.f("ix_creditbank_refresh_token_family_id"), table_name="creditbank_refresh_token")
    op.drop_index(op.f("ix_creditbank_refresh_token_expires_at"), table_name="creditbank_refresh_token")
    op.drop_table("creditbank_refresh_token")
    op.drop_index(op.f("ix_creditbank_code_family_id"), table_name="creditbank_code")
    op.drop_index(op.f("ix_creditbank_code_expires_at"), table_name="creditbank_code")
    op.drop_table("creditbank_code")
    op.drop_index(op.f("ix_creditbank_token_family_person_id"), table_name="creditbank_token_family")
    op.drop_index(op.f("ix_creditbank_token_family_consent_id"), table_name="creditbank_token_family")
    op.drop_index(op.f("ix_creditbank_token_family_client_id"), table_name="creditbank_token_family")
    op.drop_table("creditbank_token_family")
    op.drop_index("ix_creditbank_delivery_order", table_name="creditbank_delivery")
    op.drop_index(
        "ix_creditbank_delivery_due", table_name="creditbank_delivery", sqlite_where=DUE, postgresql_where=DUE
    )
    op.drop_table("creditbank_delivery")
    op.drop_index(op.f("ix_creditbank_subscription_client_id"), table_name="creditbank_subscription")
    op.drop_table("creditbank_subscription")
    op.drop_index(op.f("ix_creditbank_idempotent_answer_begun_at"), table_name="creditbank_idempotent_answer")
    op.drop_table("creditbank_idempotent_answer")
    op.drop_index("ix_creditbank_consent_person_id_client_id", table_name="creditbank_consent")
    op.drop_index(op.f("ix_creditbank_consent_client_id"), table_name="creditbank_consent")
    op.drop_table("creditbank_consent")
    op.drop_table("creditbank_client_school")
    op.drop_index(op.f("ix_creditbank_assertion_expires_at"), table_name="creditbank_assertion")
    op.drop_table("creditbank_assertion")
