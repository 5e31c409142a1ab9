"""The public contract of the credit bank: what hosts tell us, what we ask, what we announce.

Imports nothing but the standard library and pluggy.  It only grows: see ``contract.json``.
"""

from creditbank_hooks.checks import TidingError
from creditbank_hooks.markers import (
    GROUP,
    HOST_GROUP,
    HOST_PROJECT,
    PROJECT,
    hookimpl,
    hookspec,
    host_hookimpl,
    host_hookspec,
)
from creditbank_hooks.news import CreditPosted, CreditReversed, CreditWithheld, StatementIssued
from creditbank_hooks.questions import CreditWeight, EvidenceVerdict, HostUser, LearnerIdentity, Rule
from creditbank_hooks.tidings import (
    Assurance,
    CompletionRevoked,
    Course,
    CourseCompleted,
    Learner,
    LearnerErased,
    LearnerMerged,
    Personal,
    Tiding,
)

CONTRACT_VERSION = (1, 0)

__all__ = [
    "CONTRACT_VERSION",
    "GROUP",
    "HOST_GROUP",
    "HOST_PROJECT",
    "PROJECT",
    "Assurance",
    "CompletionRevoked",
    "Course",
    "CourseCompleted",
    "CreditPosted",
    "CreditReversed",
    "CreditWeight",
    "CreditWithheld",
    "EvidenceVerdict",
    "HostUser",
    "Learner",
    "LearnerErased",
    "LearnerIdentity",
    "LearnerMerged",
    "Personal",
    "Rule",
    "StatementIssued",
    "Tiding",
    "TidingError",
    "hookimpl",
    "hookspec",
    "host_hookimpl",
    "host_hookspec",
]
