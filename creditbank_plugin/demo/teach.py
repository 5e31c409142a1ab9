"""The pages of teachers and registrars: who learns a course, who finished it, and taking that back."""

from flask import Blueprint, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select

from creditbank_hooks import TidingError
from creditbank_plugin.demo import learning
from creditbank_plugin.demo.learn import course_or_404
from creditbank_plugin.demo.models import REGISTRAR, STUDENT, TEACHER, Completion, Course, User, db
from creditbank_plugin.demo.pages import page
from creditbank_plugin.demo.session import choose_language, for_roles, refuse_forged_forms, this_user
from creditbank_plugin.demo.wording import t

blueprint = Blueprint("lms_teach", __name__, url_prefix="/teach")
blueprint.before_request(choose_language)
blueprint.before_request(refuse_forged_forms)


@blueprint.get("/")
@for_roles(TEACHER, REGISTRAR)
def courses() -> ResponseReturnValue:
    """List the courses with the number of learners whose completion stands."""
    standing = select(Completion.course_id, func.count(func.distinct(Completion.user_id)))
    standing = standing.where(Completion.revoked_at.is_(None)).group_by(Completion.course_id)
    finished = dict(db.session.execute(standing).tuples().all())
    listed = db.session.scalars(select(Course).order_by(Course.code, Course.version)).all()
    return page("teach_courses", courses=listed, finished=finished)


@blueprint.get("/courses/<int:number>")
@for_roles(TEACHER, REGISTRAR)
def learners(number: int) -> ResponseReturnValue:
    """List the learners of a course with their progress and completions."""
    return _learners(course_or_404(number))


@blueprint.post("/courses/<int:number>/learners/<learner_id>/revoke")
@for_roles(TEACHER, REGISTRAR)
def revoke(number: int, learner_id: str) -> ResponseReturnValue:
    """Take a learner's completion back, with a reason that the learner may be shown."""
    course = course_or_404(number)
    learner = db.session.scalars(select(User).where(User.learner_id == learner_id)).one_or_none()
    if learner is None:
        abort(404)
    try:
        learning.revoke(learner, course, request.form.get("reason", ""), this_user())
    except TidingError as error:
        empty = not request.form.get("reason", "").strip()
        said = ("กรุณาระบุเหตุผล", "Please give a reason") if empty else (f"เหตุผล {error.th}", f"The reason {error.en}")
        return _learners(course, wrong=(learner.id, t(*said))), 422
    return redirect(url_for(".learners", number=number), 303)


def _learners(course: Course, wrong: tuple[int, str] | None = None) -> str:
    rows = select(User).where(User.role == STUDENT).order_by(User.learner_id)
    steps = [(learner, learning.progress(learner, course)) for learner in db.session.scalars(rows)]
    kept = select(Completion).where(Completion.course_id == course.id).order_by(Completion.attempt)
    completions: dict[int, list[Completion]] = {}
    for completion in db.session.scalars(kept):
        completions.setdefault(completion.user_id, []).append(completion)
    return page(
        "teach_course",
        course=course,
        learners=[row for row in steps if row[1].started or row[0].id in completions],
        completions=completions,
        wrong=wrong,
    )
