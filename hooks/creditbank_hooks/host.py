"""The front door: the hooks of a host's own manager that we implement.

``connection`` is the host's ``sqlalchemy.orm.Session`` or ``sqlalchemy.Connection``, so that our row shares the fate of
the host's transaction; None when the host has none open.  Nothing here ever raises into the host.
"""

from typing import Any

from creditbank_hooks.markers import host_hookspec
from creditbank_hooks.tidings import CompletionRevoked, CourseCompleted, LearnerErased, LearnerMerged


@host_hookspec
def lms_load(app: Any) -> None:
    """Attach to the host's Flask application, once, at start-up; this one is loud: it may raise."""


@host_hookspec
def lms_course_completed(completion: CourseCompleted, connection: Any) -> None:
    """Hear that a learner finished a course."""


@host_hookspec
def lms_completion_revoked(revocation: CompletionRevoked, connection: Any) -> None:
    """Hear that the host takes a completion back."""


@host_hookspec
def lms_learner_merged(merge: LearnerMerged, connection: Any) -> None:
    """Hear that two of the host's learners are one person."""


@host_hookspec
def lms_learner_erased(erasure: LearnerErased, connection: Any) -> None:
    """Hear that the host removed a learner."""
