"""The learner's pages: home, a course, a lesson, the quiz."""

from flask import Blueprint, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from creditbank_plugin.demo import learning
from creditbank_plugin.demo.content import Question, Wording, questions_of
from creditbank_plugin.demo.models import GROUPS, STUDENT, Course, Lesson, db
from creditbank_plugin.demo.pages import page
from creditbank_plugin.demo.session import choose_language, for_roles, language, refuse_forged_forms, this_user
from creditbank_plugin.demo.wording import GROUP_NAMES

blueprint = Blueprint("lms_learn", __name__)
blueprint.before_request(choose_language)
blueprint.before_request(refuse_forged_forms)


def course_or_404(number: int) -> Course:
    """Return a course by its number in the address."""
    course = db.session.get(Course, number)
    if course is None:
        abort(404)
    return course


@blueprint.get("/")
@for_roles()
def home() -> ResponseReturnValue:
    """Show my courses and the catalogue in its four groups."""
    user = this_user()
    courses = db.session.scalars(select(Course).order_by(Course.code, Course.version)).all()
    mine = learning.started_courses(user) if user.role == STUDENT else []
    steps = {course.id: learning.progress(user, course) for course in mine}
    mine.sort(key=lambda course: steps[course.id].standing is not None)  # what is still open comes first
    groups = [(group, GROUP_NAMES[group], [c for c in courses if c.group == group]) for group in GROUPS]
    return page("home", mine=mine, steps=steps, groups=[group for group in groups if group[2]])


@blueprint.get("/courses/<int:number>")
@for_roles()
def course(number: int) -> ResponseReturnValue:
    """Show a course: its lessons, its quiz and how far I am."""
    user, shown = this_user(), course_or_404(number)
    step = learning.progress(user, shown) if user.role == STUDENT else None
    return page(
        "course",
        course=shown,
        group=GROUP_NAMES[shown.group],
        step=step,
        pass_percent=learning.PASS_PERCENT,
        questions=len(shown.quiz),
        revoked=learning.last_revocation(user, shown) if step and step.standing is None else None,
    )


def lesson_or_404(course_number: int, number: int) -> Lesson:
    """Return a lesson by its course and its place in it."""
    wanted = select(Lesson).where(Lesson.course_id == course_number, Lesson.number == number)
    lesson = db.session.scalars(wanted).one_or_none()
    if lesson is None:
        abort(404)
    return lesson


@blueprint.get("/courses/<int:number>/lessons/<int:place>")
@for_roles()
def lesson(number: int, place: int) -> ResponseReturnValue:
    """Show one lesson."""
    user, shown = this_user(), lesson_or_404(number, place)
    step = learning.progress(user, shown.course) if user.role == STUDENT else None
    body = shown.body_en if language() == "en" else shown.body_th
    return page("lesson", lesson=shown, course=shown.course, step=step, paragraphs=body.split("\n\n"))


@blueprint.post("/courses/<int:number>/lessons/<int:place>/done")
@for_roles(STUDENT)
def lesson_done(number: int, place: int) -> ResponseReturnValue:
    """Mark a lesson as done and go on: to the next one, to the quiz, or back to the course that is now complete."""
    user, done = this_user(), lesson_or_404(number, place)
    finished = learning.finish_lesson(user, done)
    if finished is not None:
        return redirect(url_for(".course", number=number), 303)
    if place < len(done.course.lessons):
        return redirect(url_for(".lesson", number=number, place=place + 1), 303)
    return redirect(url_for(".quiz", number=number), 303)


@blueprint.get("/courses/<int:number>/quiz")
@for_roles(STUDENT)
def quiz(number: int) -> ResponseReturnValue:
    """Show the questions."""
    asked = course_or_404(number)
    return page("quiz", course=asked, questions=_asked(asked), chosen={}, unanswered=())


@blueprint.post("/courses/<int:number>/quiz")
@for_roles(STUDENT)
def hand_in(number: int) -> ResponseReturnValue:
    """Grade the answers; a question without one is asked again and nothing is counted."""
    user, asked = this_user(), course_or_404(number)
    chosen = _chosen(questions_of(asked))
    unanswered = tuple(question.id for question in questions_of(asked) if question.id not in chosen)
    if unanswered:
        return page("quiz", course=asked, questions=_asked(asked), chosen=chosen, unanswered=unanswered), 422
    learning.hand_in_quiz(user, asked, chosen)
    return redirect(url_for(".result", number=number), 303)


@blueprint.get("/courses/<int:number>/quiz/result")
@for_roles(STUDENT)
def result(number: int) -> ResponseReturnValue:
    """Show the quiz as I last handed it in, with the right answers and why they are right."""
    user, asked = this_user(), course_or_404(number)
    handed_in = learning.last_try(user, asked)
    if handed_in is None:
        return redirect(url_for(".quiz", number=number))
    return page(
        "result",
        course=asked,
        handed_in=handed_in,
        questions=_asked(asked),
        step=learning.progress(user, asked),
        pass_percent=learning.PASS_PERCENT,
    )


def _asked(course: Course) -> list[tuple[Question, Wording]]:
    english = language() == "en"
    return [(question, question.en if english else question.th) for question in questions_of(course)]


def _chosen(questions: list[Question]) -> dict[str, int]:
    """Return the choices sent that exist, by question id."""
    chosen = {}
    for question in questions:
        sent = request.form.get(question.id, "")
        if sent in {str(number) for number in range(len(question.th.choices))}:
            chosen[question.id] = int(sent)
    return chosen
