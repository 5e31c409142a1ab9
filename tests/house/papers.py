"""A row in each table that the database guards and that hearing a completion leaves empty."""

from datetime import UTC, datetime

from creditbank_plugin.storage import tables
from creditbank_plugin.storage.base import new_id
from creditbank_plugin.storage.queries.writes import insert_all
from creditbank_plugin.storage.session import writing
from tests.builders import PROVINCE, House

AT = datetime(2026, 3, 1, tzinfo=UTC)


def lay_papers(house: House) -> None:
    """Write an earlier revision of the furnished course, a proposal on it with a step, a rating and a comment, and a group
    that was changed.
    """
    course, proposal, group = house.ids["course"], new_id(), new_id()
    said = {"actor": "user:u-1", "name": "คณะทำงานทดลอง 1"}
    rows = {
        tables.CourseRevision: {"course_id": course, "revision": 1, "content": {}, "replaced_at": AT},
        tables.Proposal: {
            "id": proposal,
            "course_id": course,
            "course_revision": 1,
            "body_code": PROVINCE,
            "state": "draft",
            "revision": 1,
            "round": 1,
            "terms": {},
            "made_at": AT,
            "made_by": said["actor"],
            "changed_at": AT,
        },
        tables.ProposalStep: {
            "proposal_id": proposal,
            "number": 1,
            "action": "create",
            "to_state": "draft",
            "role": "member",
            "at": AT,
            **said,
        },
        tables.Rating: {
            "id": new_id(),
            "proposal_id": proposal,
            "round": 1,
            "design": "met",
            "measurement": "met",
            "quality": "met",
            "advice": "approve",
            "notes": {},
            "rated_at": AT,
            **said,
        },
        tables.ProposalComment: {"id": new_id(), "proposal_id": proposal, "text": "เห็นด้วย", "said_at": AT, **said},
        tables.WorkingGroup: {
            "id": group,
            "body_code": PROVINCE,
            "name_th": "คณะทำงานทดลอง",
            "order_number": "1/2569",
            "order_signatory": "ศึกษาธิการจังหวัด",
            "ordered_on": AT.date(),
            "procedure": "raters_and_chair",
            "raters": 2,
            "quorum": 0,
            "comment_days": 0,
            "made_at": AT,
        },
        tables.GroupChange: {
            "id": new_id(),
            "group_id": group,
            "changed_at": AT,
            "act": "changed",
            "after": {},
            **said,
        },
    }
    with writing(house.runtime.engine) as connection:
        for table, row in rows.items():
            insert_all(connection, table, [row])
