"""The outbox: news written with what made them true, and how far they have been told."""

import sqlalchemy as sa
from alembic import op

revision = "creditbank_0005"
down_revision = "creditbank_0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "creditbank_news",
        sa.Column("commit_order", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("hook", sa.String(length=30), nullable=False),
        sa.Column("account_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("value", sa.JSON(none_as_null=True), nullable=False),
        sa.PrimaryKeyConstraint("commit_order", "number", name=op.f("pk_creditbank_news")),
    )
    op.create_table(
        "creditbank_news_reader",
        sa.Column("reader", sa.String(length=60), nullable=False),
        sa.Column("commit_order", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("moved_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("reader", name=op.f("pk_creditbank_news_reader")),
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_table("creditbank_news_reader")
    op.drop_table("creditbank_news")
