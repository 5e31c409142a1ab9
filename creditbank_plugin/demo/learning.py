"""How somebody gets through a course: lessons, the quiz, the completion and its revocation.

A course is complete when every lesson is done and the quiz was passed.  A result that is better than the one that
stands is a new attempt; one that is not changes nothing, so that trying again never harms.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from flask import current_app
from sqlalchemy import func, or_, select
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from creditbank_hooks import Assurance, CompletionRevoked, CourseCompleted, Learner, Personal
from creditbank_hooks import Course as CourseName
from creditbank_plugin.demo.content import questions_of
from creditbank_plugin.demo.models import Completion, Course, Lesson, LessonDone, QuizTry, User, db
from creditbank_plugin.demo.plugins import hooks

PASS_PERCENT = 50  # this LMS's own pass mark; any other LMS may have another

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Progress:
    """How far a learner is: ``done`` holds lesson ids, ``best`` the best quiz score in percent.

    ``standing`` is the completion that counts today.
    """

    lessons: int
    done: frozenset[int]
    best: int | None
    standing: Completion | None

    @property
    def passed(self) -> bool:
        """Whether the quiz was passed."""
        return self.best is not None and self.best >= PASS_PERCENT

    @property
    def percent(self) -> int:
        """Steps gone (each lesson and the quiz are one step) in whole percent, rounded down."""
        return 100 * (len(self.done) + self.passed) // (self.lessons + 1)

    @property
    def started(self) -> bool:
        """Whether anything was done yet."""
        return bool(self.done) or self.best is not None or self.standing is not None


def progress(user: User, course: Course) -> Progress:
    """Return how far ``user`` is in ``course``; a quiz taken before a revocation no longer counts."""
    lessons = [lesson.id for lesson in course.lessons]
    done = select(LessonDone.lesson_id).where(LessonDone.user_id == user.id, LessonDone.lesson_id.in_(lessons))
    best = select(func.max(QuizTry.score)).where(QuizTry.user_id == user.id, QuizTry.course_id == course.id)
    revoked = last_revocation(user, course)
    if revoked is not None:
        best = best.where(QuizTry.at > revoked)
    return Progress(
        lessons=len(lessons),
        done=frozenset(db.session.scalars(done)),
        best=db.session.scalar(best),
        standing=standing(user, course),
    )


def started_courses(user: User) -> list[Course]:
    """Return the courses in which the learner did anything yet."""
    lessons = select(Lesson.course_id).join(LessonDone, LessonDone.lesson_id == Lesson.id)
    tries = select(QuizTry.course_id).where(QuizTry.user_id == user.id)
    started = or_(Course.id.in_(lessons.where(LessonDone.user_id == user.id)), Course.id.in_(tries))
    return list(db.session.scalars(select(Course).where(started).order_by(Course.code, Course.version)))


def standing(user: User, course: Course) -> Completion | None:
    """Return the completion that counts today: the best one not revoked."""
    return db.session.scalars(
        select(Completion)
        .where(Completion.user_id == user.id, Completion.course_id == course.id, Completion.revoked_at.is_(None))
        .order_by(Completion.score.desc(), Completion.attempt.desc())
        .limit(1)
    ).first()


def last_revocation(user: User, course: Course) -> datetime | None:
    """Return when the learner's completion of the course was last taken back."""
    latest = select(func.max(Completion.revoked_at))
    return db.session.scalar(latest.where(Completion.user_id == user.id, Completion.course_id == course.id))


def finish_lesson(user: User, lesson: Lesson) -> Completion | None:
    """Mark a lesson as done and return the completion, should this have been the last step."""
    course = lesson.course
    if db.session.get(LessonDone, (user.id, lesson.id)) is None:
        db.session.add(LessonDone(user_id=user.id, lesson_id=lesson.id, at=datetime.now(UTC)))
        try:
            db.session.commit()
        except IntegrityError:  # the button was pressed twice: done is done
            db.session.rollback()
    return _settle(user, course)


def hand_in_quiz(user: User, course: Course, answers: Mapping[str, int]) -> Completion | None:
    """Grade the answers (choice number by question id), keep the try, and return the completion it brought, if any."""
    score = grade(course, answers)
    db.session.add(
        QuizTry(user_id=user.id, course_id=course.id, score=score, answers=dict(answers), at=datetime.now(UTC))
    )
    db.session.commit()
    return _settle(user, course)


def last_try(user: User, course: Course) -> QuizTry | None:
    """Return the quiz as it was last handed in."""
    tries = select(QuizTry).where(QuizTry.user_id == user.id, QuizTry.course_id == course.id)
    return db.session.scalars(tries.order_by(QuizTry.id.desc()).limit(1)).first()


def grade(course: Course, answers: Mapping[str, int]) -> int:
    """Return the right answers in whole percent of the course's questions, rounded half up."""
    questions = questions_of(course)
    right = sum(answers.get(question.id) == question.answer for question in questions)
    return (200 * right + len(questions)) // (2 * len(questions))


def _settle(user: User, course: Course) -> Completion | None:
    """Complete the course when it is complete now and better than before."""
    now = progress(user, course)
    if len(now.done) < now.lessons or not now.passed or now.best is None:
        return None
    if now.standing is not None and now.best <= now.standing.score:
        return None
    try:
        completion = _add_completion(user, course, now.best)
    except IntegrityError:  # two forms at the same moment: the first one's attempt stands
        db.session.rollback()
        return None
    _tell("lms_course_completed", completion=completed(user, course, completion))
    try:
        db.session.commit()
    except SQLAlchemyError as failure:  # a plugin left our transaction unusable: what the learner did must stand
        log.error("a completion was kept without telling the plugins: %s", type(failure).__name__)
        db.session.rollback()
        completion = _add_completion(user, course, now.best)
        db.session.commit()
    return completion


def _add_completion(user: User, course: Course, score: int) -> Completion:
    attempts = select(func.max(Completion.attempt))
    attempts = attempts.where(Completion.user_id == user.id, Completion.course_id == course.id)
    completion = Completion(
        user_id=user.id,
        course_id=course.id,
        attempt=(db.session.scalar(attempts) or 0) + 1,
        score=score,
        completed_at=datetime.now(UTC),
    )
    db.session.add(completion)
    db.session.flush()  # the row's number is part of the message's id
    return completion


def completed(user: User, course: Course, completion: Completion) -> CourseCompleted:
    """Return a completion in the words of the contract."""
    issuer = current_app.config["LMS_ISSUER"]
    return CourseCompleted(
        event_id=f"completion-{completion.id}",
        source=issuer,
        learner=_learner(user, Personal(name=user.name_th)),
        course=_name(course),
        completed_at=completion.completed_at,
        attempt=completion.attempt,
        school=current_app.config["LMS_SCHOOL"],
        score=Decimal(completion.score),
        assurance=Assurance(identity="login", assessment="automatic"),
    )


def revoke(learner: User, course: Course, reason: str, by: User) -> bool:
    """Take back every standing completion of the course; False when there is none.

    Raises ``creditbank_hooks.TidingError`` (field ``reason``) for a reason that is empty or longer than 500 characters.
    """
    rows = select(Completion).where(Completion.user_id == learner.id, Completion.course_id == course.id)
    completions = db.session.scalars(rows.where(Completion.revoked_at.is_(None)).order_by(Completion.attempt)).all()
    if not completions:
        return False
    now = datetime.now(UTC)
    revocation = CompletionRevoked(
        event_id=f"revocation-{completions[-1].id}",
        source=current_app.config["LMS_ISSUER"],
        learner=_learner(learner, Personal()),
        course=_name(course),
        revoked_at=now,
        reason=reason,
    )
    for completion in completions:
        completion.revoked_at, completion.revoked_by, completion.revoke_reason = now, by.id, revocation.reason
    db.session.flush()
    _tell("lms_completion_revoked", revocation=revocation)
    db.session.commit()
    return True


def _learner(user: User, personal: Personal) -> Learner:
    if user.learner_id is None:
        raise ValueError("only a learner can complete a course")
    return Learner(id=user.learner_id, issuer=current_app.config["LMS_ISSUER"], personal=personal)


def _name(course: Course) -> CourseName:
    return CourseName(code=course.code, version=course.version, owner=course.owner, title=course.title_th)


def _tell(hook: str, **facts: Any) -> None:
    """Tell the plugins inside our transaction; one that breaks its promise never to raise costs us only a log line.

    No SAVEPOINT of ours: a plugin may listen for the session's commit, which releasing a SAVEPOINT would look like.
    """
    try:
        getattr(hooks(), hook)(connection=db.session(), **facts)  # the session itself, not its proxy
    except Exception as failure:  # a plugin's failure, whatever it is, is not ours
        log.error("a plugin failed in %s: %s", hook, type(failure).__name__)
