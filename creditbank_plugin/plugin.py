"""What a host's plugin manager registers: a few lines of wiring for each of its hooks.

The only module that knows every room.  ``creditbank_plugin.plugin`` is the entry point ``creditbank`` of ``lms.plugins``.
"""

from typing import Any

from flask import Flask, current_app

from creditbank_hooks import CompletionRevoked, CourseCompleted, LearnerErased, LearnerMerged, Tiding, host_hookimpl
from creditbank_plugin import api, intake, web
from creditbank_plugin.host.attach import CreditBank, attach


@host_hookimpl
def lms_load(app: Flask) -> None:
    """Attach to the host and mount our pages and API."""
    load(app)


def load(app: Flask) -> CreditBank:
    """Attach to any Flask application; a second call changes nothing."""
    if "creditbank" in app.extensions:
        found: CreditBank = app.extensions["creditbank"]
        return found
    bank = attach(app)
    web.register(app, bank)
    api.register(app, bank)
    intake.register(app, bank)
    return bank


@host_hookimpl
def lms_course_completed(completion: CourseCompleted, connection: Any) -> None:
    """Hear that a learner finished a course."""
    _hear(completion, connection)


@host_hookimpl
def lms_completion_revoked(revocation: CompletionRevoked, connection: Any) -> None:
    """Hear that the host takes a completion back."""
    _hear(revocation, connection)


@host_hookimpl
def lms_learner_merged(merge: LearnerMerged, connection: Any) -> None:
    """Hear that two of the host's learners are one person."""
    _hear(merge, connection)


@host_hookimpl
def lms_learner_erased(erasure: LearnerErased, connection: Any) -> None:
    """Hear that the host removed a learner."""
    _hear(erasure, connection)


def _hear(tiding: Tiding, connection: Any) -> None:
    current_app.extensions["creditbank"].hear(tiding, connection)
