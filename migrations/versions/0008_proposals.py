"""Working groups, proposals with their steps and judgements, memoranda and mandates."""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "creditbank_0008"
down_revision = "creditbank_0007"
branch_labels = None
depends_on = None

#: How many comparisons are given their proposal at a time.
AT_ONCE = 500

ID, JSON, MOMENT = sa.Uuid(as_uuid=False), sa.JSON(none_as_null=True), sa.DateTime(timezone=True)
COMPARISON = sa.table(
    "creditbank_comparison",
    *(sa.column(name, ID) for name in ("id", "course_id")),
    *(sa.column(name, sa.String()) for name in ("body_code", "scheme", "credits_rule", "nqf_level_basis", "reference")),
    *(sa.column(name, sa.String()) for name in ("ended_as", "entered_by")),
    *(sa.column(name, sa.Integer()) for name in ("credits", "nqf_level")),
    sa.column("conditions", JSON),
    *(sa.column(name, MOMENT) for name in ("approved_at", "ended_at")),
    *(sa.column(name, sa.Date()) for name in ("applies_from", "applies_until", "ended_from")),
)
ITEM = sa.table(
    "creditbank_comparison_item",
    *(sa.column(name, ID) for name in ("comparison_id", "item_id")),
    sa.column("position", sa.Integer()),
)
PROPOSAL = sa.table(
    "creditbank_proposal",
    *(sa.column(name, ID) for name in ("id", "course_id")),
    *(sa.column(name, sa.String()) for name in ("body_code", "state", "made_by")),
    *(sa.column(name, sa.Integer()) for name in ("course_revision", "revision", "round")),
    sa.column("terms", JSON),
    *(sa.column(name, MOMENT) for name in ("made_at", "changed_at", "decided_at")),
)
STEP = sa.table(
    "creditbank_proposal_step",
    sa.column("proposal_id", ID),
    sa.column("number", sa.Integer()),
    *(sa.column(name, sa.String()) for name in ("action", "from_state", "to_state", "actor", "name", "role")),
    sa.column("at", MOMENT),
    sa.column("details", JSON),
)


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
    _tell_of_paper()
    op.create_index(op.f("ix_creditbank_record_course_id"), "creditbank_record", ["course_id"], unique=False)
    _guard("creditbank_proposal", (("id",),), ("id", "course_id", "body_code", "made_at", "made_by"))
    _guard("creditbank_proposal_step", (("proposal_id", "number"),))
    _guard("creditbank_rating", (("id",), ("proposal_id", "round", "actor")))
    _guard("creditbank_proposal_comment", (("id",),))


def _tell_of_paper() -> None:
    """Give every comparison that stands the proposal of its id: approved on paper, entered here, ended if it has."""
    bind = op.get_bind()
    after = None
    while True:
        query = sa.select(*COMPARISON.c).order_by(COMPARISON.c.id).limit(AT_ONCE)
        rows = bind.execute(query.where(COMPARISON.c.id > after) if after is not None else query).all()
        if not rows:
            return
        after = rows[-1].id
        items: dict[str, list[str]] = {}
        links = sa.select(ITEM.c.comparison_id, ITEM.c.item_id).order_by(ITEM.c.comparison_id, ITEM.c.position)
        for link in bind.execute(links.where(ITEM.c.comparison_id.in_([row.id for row in rows]))):
            items.setdefault(link.comparison_id, []).append(link.item_id)
        bind.execute(PROPOSAL.insert(), [_proposal(row, items.get(row.id, [])) for row in rows])
        bind.execute(STEP.insert(), [step for row in rows for step in _steps(row)])


def _proposal(row: Any, items: list[str]) -> dict[str, Any]:
    terms = {
        "scheme": row.scheme,
        "credits": row.credits,
        "credits_rule": row.credits_rule,
        "nqf_level": row.nqf_level,
        "nqf_level_basis": row.nqf_level_basis,
        "outcomes": items,
        "hours": {},
        "conditions": row.conditions,
        "evidence": [],
        "applies_from": row.applies_from.isoformat(),
        "applies_until": row.applies_until.isoformat() if row.applies_until else None,
    }
    return {
        "id": row.id,
        "course_id": row.course_id,
        "course_revision": 1,
        "body_code": row.body_code,
        "state": row.ended_as or "approved",
        "revision": 1,
        "round": 1,
        "terms": terms,
        "made_at": row.approved_at,
        "made_by": row.entered_by or "system",
        "changed_at": row.ended_at or row.approved_at,
        "decided_at": row.approved_at,
    }


def _steps(row: Any) -> Iterator[dict[str, Any]]:
    """Yield the steps that are known: who ended it was not kept."""
    entered = {
        "proposal_id": row.id,
        "number": 1,
        "action": "enter_paper",
        "from_state": None,
        "to_state": "approved",
        "actor": row.entered_by or "system",
        "name": row.entered_by or "system",
        "role": "paper",
        "at": row.approved_at,
        "details": {"reference": row.reference},
    }
    yield entered
    if row.ended_at is not None:
        yield {
            **entered,
            "number": 2,
            "action": "supersede" if row.ended_as == "superseded" else "withdraw",
            "from_state": "approved",
            "to_state": row.ended_as,
            "actor": "system",
            "name": "system",
            "at": row.ended_at,
            "details": {"ended_from": row.ended_from.isoformat()},
        }


def downgrade() -> None:
    """Drop them; their guards go with them."""
    op.drop_index(op.f("ix_creditbank_record_course_id"), "creditbank_record")
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
