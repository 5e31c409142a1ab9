"""Ended identifiers by index: every batch asks whether one of its learners was erased."""

import sqlalchemy as sa
from alembic import op

revision = "creditbank_0006"
down_revision = "creditbank_0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the index."""
    op.create_index(
        "ix_creditbank_identifier_ended",
        "creditbank_identifier",
        ["issuer", "value"],
        sqlite_where=sa.text("until IS NOT NULL"),
        postgresql_where=sa.text("until IS NOT NULL"),
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_index("ix_creditbank_identifier_ended", "creditbank_identifier")
