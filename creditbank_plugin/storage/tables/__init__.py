"""Every table of ours; importing this fills ``Base.metadata``."""

from creditbank_plugin.storage.tables.access import Client, Token
from creditbank_plugin.storage.tables.authority import Adoption, Comparison, ComparisonItem
from creditbank_plugin.storage.tables.catalogue import CourseAlias, CourseVersion, Framework, Item
from creditbank_plugin.storage.tables.checkpoints import CheckpointHead, StoredCheckpoint
from creditbank_plugin.storage.tables.desk import Task
from creditbank_plugin.storage.tables.inbox import DataKey, Decision, Inbox, Queue, Waiting
from creditbank_plugin.storage.tables.ledger import Entry, Record
from creditbank_plugin.storage.tables.organisations import Bank, Issuer, Organisation
from creditbank_plugin.storage.tables.outbox import News, NewsReader
from creditbank_plugin.storage.tables.people import Account, AccountLink, Enrolment, Identifier, Identity, Person
from creditbank_plugin.storage.tables.work import Lease, Woken

#: Tables whose rows the database itself refuses to change or delete.
APPEND_ONLY = (
    *("creditbank_inbox", "creditbank_decision", "creditbank_record", "creditbank_entry"),
    *("creditbank_checkpoint", "creditbank_checkpoint_head"),
)

__all__ = [
    "APPEND_ONLY",
    "Account",
    "AccountLink",
    "Adoption",
    "Bank",
    "CheckpointHead",
    "Client",
    "Comparison",
    "ComparisonItem",
    "CourseAlias",
    "CourseVersion",
    "DataKey",
    "Decision",
    "Enrolment",
    "Entry",
    "Framework",
    "Identifier",
    "Identity",
    "Inbox",
    "Issuer",
    "Item",
    "Lease",
    "News",
    "NewsReader",
    "Organisation",
    "Person",
    "Queue",
    "Record",
    "StoredCheckpoint",
    "Task",
    "Token",
    "Waiting",
    "Woken",
]
