"""Leases of workers, what was woken, and the indexes by which the queue is read."""

import sqlalchemy as sa
from alembic import op

revision = "creditbank_0003"
down_revision = "creditbank_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables and indexes."""
    op.create_table(
        "creditbank_lease",
        sa.Column("partition", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("worker", sa.Integer(), nullable=True),
        sa.Column("holder", sa.String(length=80), nullable=True),
        sa.Column("since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("suspect", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("partition", name=op.f("pk_creditbank_lease")),
    )
    op.create_table(
        "creditbank_woken",
        sa.Column("wait_key", sa.String(length=1100), nullable=False),
        sa.Column("turn", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("after", sa.Uuid(as_uuid=False), nullable=True),
        sa.PrimaryKeyConstraint("wait_key", name=op.f("pk_creditbank_woken")),
    )
    op.create_index("ix_creditbank_queue_lane", "creditbank_queue", ["lane", "inbox_id"])
    op.create_index("ix_creditbank_queue_partition", "creditbank_queue", ["partition", "lane", "inbox_id"])
    # By key and then message: what a key woke is walked a piece at a time.
    op.drop_index("ix_creditbank_waiting_wait_key", "creditbank_waiting")
    op.create_index("ix_creditbank_waiting_wait_key", "creditbank_waiting", ["wait_key", "inbox_id"])


def downgrade() -> None:
    """Drop them; whatever was woken and not queued yet is queued first."""
    op.execute(
        "insert into creditbank_queue (inbox_id, partition, lane, attempts) "
        "select distinct i.id, i.partition, 1, 0 from creditbank_inbox i "
        "join creditbank_waiting w on w.inbox_id = i.id join creditbank_woken k on k.wait_key = w.wait_key "
        "where not exists (select 1 from creditbank_queue q where q.inbox_id = i.id)"
    )
    op.drop_index("ix_creditbank_waiting_wait_key", "creditbank_waiting")
    op.create_index("ix_creditbank_waiting_wait_key", "creditbank_waiting", ["wait_key"])
    op.drop_index("ix_creditbank_queue_partition", "creditbank_queue")
    op.drop_index("ix_creditbank_queue_lane", "creditbank_queue")
    op.drop_table("creditbank_woken")
    op.drop_table("creditbank_lease")
