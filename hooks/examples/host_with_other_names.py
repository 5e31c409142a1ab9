"""A platform whose hooks have other names, and the small adapter that translates them.

The platform was there first: its project is called ``academy``, it says *user*, *unit* and *passed*, its marks go to 4.0.
Register ``AcademyAdapter(app)`` with the platform's manager; nothing else of the platform changes.
"""

from datetime import datetime
from decimal import Decimal
from typing import Any

import pluggy

from creditbank_hooks import CompletionRevoked, Course, CourseCompleted, Learner, Personal

hookspec = pluggy.HookspecMarker("academy")
hookimpl = pluggy.HookimplMarker("academy")


class AcademyHooks:
    """What the platform fires, in its own words."""

    @hookspec
    def academy_ready(self, app: Any) -> None:
        """Tell modules that the application is complete."""

    @hookspec
    def unit_passed(self, user: Any, unit: Any, mark: float, when: datetime, session: Any) -> None:
        """Tell modules that a user has passed a unit; the session is still open."""

    @hookspec
    def unit_taken_back(self, user: Any, unit: Any, why: str, when: datetime, session: Any) -> None:
        """Tell modules that a pass was a mistake."""


class AcademyAdapter:
    """Hears the platform's hooks and tells the credit bank, in the platform's own transaction."""

    def __init__(self, home_page: str, bank_of: Any) -> None:
        """``home_page`` is the issuer; ``bank_of(app)`` attaches the credit bank: ``creditbank_plugin.plugin.load``."""
        self.home_page, self._bank_of, self._bank = home_page, bank_of, None

    @hookimpl
    def academy_ready(self, app: Any) -> None:
        """Attach the credit bank."""
        self._bank = self._bank_of(app)

    @hookimpl
    def unit_passed(self, user: Any, unit: Any, mark: float, when: datetime, session: Any) -> None:
        """Translate a pass into a completion: marks of 0 to 4.0 are grades, not scores of 0 to 100."""
        self._tell(
            CourseCompleted(
                learner=self._learner(user),
                course=Course(code=unit.code, title=unit.name),
                completed_at=when,
                grade=str(Decimal(str(mark)).normalize()),
            ),
            session,
        )

    @hookimpl
    def unit_taken_back(self, user: Any, unit: Any, why: str, when: datetime, session: Any) -> None:
        """Translate a mistake into a revocation."""
        revoked = CompletionRevoked(
            learner=self._learner(user), course=Course(code=unit.code), revoked_at=when, reason=why
        )
        self._tell(revoked, session)

    def _learner(self, user: Any) -> Learner:
        return Learner(id=str(user.number), issuer=self.home_page, personal=Personal(name=user.full_name))

    def _tell(self, tiding: CourseCompleted | CompletionRevoked, session: Any) -> None:
        if self._bank is not None:
            self._bank.hear(tiding, session)
