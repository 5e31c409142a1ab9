"""Every table of ours; importing this fills ``Base.metadata``."""

from creditbank_plugin.storage.tables.access import (
    Assertion,
    Client,
    ClientSchool,
    Code,
    Consent,
    Family,
    IdempotentAnswer,
    RefreshToken,
    Token,
)
from creditbank_plugin.storage.tables.agreements import Mandate, Memorandum, MemorandumParty
from creditbank_plugin.storage.tables.authority import Adoption, Comparison, ComparisonItem
from creditbank_plugin.storage.tables.catalogue import CourseAlias, CourseRevision, CourseVersion
from creditbank_plugin.storage.tables.checkpoints import CheckpointHead, StoredCheckpoint
from creditbank_plugin.storage.tables.desk import Task
from creditbank_plugin.storage.tables.frameworks import Framework, Item, ItemAssociation, Synonyms
from creditbank_plugin.storage.tables.groups import GroupChange, GroupMember, Meeting, WorkingGroup
from creditbank_plugin.storage.tables.imports import Import, ImportMapping, ImportRow
from creditbank_plugin.storage.tables.inbox import DataKey, Decision, Inbox, Queue, Waiting
from creditbank_plugin.storage.tables.ledger import Entry, Record
from creditbank_plugin.storage.tables.organisations import Bank, Issuer, Organisation
from creditbank_plugin.storage.tables.outbox import News, NewsReader
from creditbank_plugin.storage.tables.people import Account, AccountLink, Enrolment, Identifier, Identity, Person
from creditbank_plugin.storage.tables.proposals import Proposal, ProposalComment, ProposalStep, Rating
from creditbank_plugin.storage.tables.webhooks import Delivery, Subscription
from creditbank_plugin.storage.tables.work import Generation, Job, Lease, Woken

#: Tables whose rows the database itself refuses to change or delete.
APPEND_ONLY = (
    *("creditbank_inbox", "creditbank_decision", "creditbank_record", "creditbank_entry"),
    *("creditbank_checkpoint", "creditbank_checkpoint_head"),
    *("creditbank_course_revision", "creditbank_proposal_step", "creditbank_rating", "creditbank_proposal_comment"),
    "creditbank_group_change",
)

__all__ = [
    "APPEND_ONLY",
    "Account",
    "AccountLink",
    "Adoption",
    "Assertion",
    "Bank",
    "CheckpointHead",
    "Client",
    "ClientSchool",
    "Code",
    "Comparison",
    "ComparisonItem",
    "Consent",
    "CourseAlias",
    "CourseRevision",
    "CourseVersion",
    "DataKey",
    "Decision",
    "Delivery",
    "Enrolment",
    "Entry",
    "Family",
    "Framework",
    "Generation",
    "GroupChange",
    "GroupMember",
    "IdempotentAnswer",
    "Identifier",
    "Identity",
    "Import",
    "ImportMapping",
    "ImportRow",
    "Inbox",
    "Issuer",
    "Item",
    "ItemAssociation",
    "Job",
    "Lease",
    "Mandate",
    "Meeting",
    "Memorandum",
    "MemorandumParty",
    "News",
    "NewsReader",
    "Organisation",
    "Person",
    "Proposal",
    "ProposalComment",
    "ProposalStep",
    "Queue",
    "Rating",
    "Record",
    "RefreshToken",
    "StoredCheckpoint",
    "Subscription",
    "Synonyms",
    "Task",
    "Token",
    "Waiting",
    "Woken",
    "WorkingGroup",
]
