"""What a host's plugin manager registers: a few lines of wiring for each of its hooks.

The only module that knows every room.  ``creditbank_plugin.plugin`` is the entry point ``creditbank`` of ``lms.plugins``.
"""

import logging
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

from flask import Flask, current_app, has_app_context

from creditbank_hooks import CompletionRevoked, CourseCompleted, LearnerErased, LearnerMerged, Tiding, host_hookimpl

if TYPE_CHECKING:
    from creditbank_plugin.host.attach import CreditBank

log = logging.getLogger(__name__)
_banks: "WeakSet[CreditBank]" = WeakSet()


@host_hookimpl
def lms_load(app: Flask) -> None:
    """Attach to the host and mount our pages and API."""
    load(app)


def load(app: Flask) -> "CreditBank":
    """Attach to any Flask application; a second call changes nothing.

    What it raises (see `attach`; a name of ours that is taken) leaves an application that is not attached.
    """
    if "creditbank" in app.extensions:
        found: CreditBank = app.extensions["creditbank"]
        return found
    # A host imports every installed plugin, also one that it then leaves out: the house is imported by who enters it.
    from creditbank_plugin import api, intake, web
    from creditbank_plugin.host.attach import attach, enter

    bank = attach(app)
    for room in (web, api, intake):
        room.register(app, bank)
    enter(app, bank)
    _banks.add(bank)
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
    """Hand a tiding to the bank of this application; in a thread or a worker outside of any, to the only one there is.

    Never raises: the host's work goes on without us.
    """
    bank = current_app.extensions.get("creditbank") if has_app_context() else None
    if bank is None:
        known = list(_banks)
        if len(known) != 1:
            log.critical("a tiding was not heard: fire it inside the context of the application that is meant")
            return
        bank = known[0]
    bank.hear(tiding, connection)
