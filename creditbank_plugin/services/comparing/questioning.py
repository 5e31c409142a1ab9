"""Question what rests on a comparison, in the open pages of a casebook: the step that a review makes for a record."""

from dataclasses import replace

from creditbank_plugin.rules import fold
from creditbank_plugin.rules.review import QUESTIONED
from creditbank_plugin.services.settling.casebook import CARRIED, Casebook
from creditbank_plugin.services.settling.completions import questioned_line, report_step

Course = tuple[str, str, str]


def question(
    book: Casebook, account_id: str, course_id: str, course: Course, comparison_id: str, reason: str | None
) -> fold.Standing | None:
    """Question every completion of a course that an account passed under a comparison; return what stood before.

    None where there is nothing to question: nobody's decision about it is undone.
    """
    before = book.stand(account_id, course_id, course)
    asked = [
        case
        for case in book.facts(account_id, course_id)
        if case.decision["comparison_id"] == comparison_id
        and case.decision["state"] == "credited"
        and case.fact is not None
        and case.fact.passed
        and case.decision["verdict"] is None
    ]
    for case in asked:
        said = [*case.decision["explanation"], questioned_line(comparison_id, reason)]
        kept = {name: case.decision[name] for name in CARRIED}
        case.decision = book.decide(
            case.inbox_id, case.decision["reason"], **{**kept, "verdict": QUESTIONED}, explanation=said
        )
        if case.fact is not None:
            case.fact = replace(case.fact, questioned=True)
    return before if asked else None


def follow(
    book: Casebook, account_id: str, course_id: str, course: Course, before: fold.Standing, cause: str
) -> str | None:
    """Post what changed about a course since ``before`` stood, and note the news; return the record."""
    after = book.stand(account_id, course_id, course)
    record_id = book.move(account_id, course_id, before, after, cause, book.now)
    fact = after.fact or before.fact
    if fact is not None:
        report_step(book, fact.inbox_id, account_id, record_id, before, after)
    return record_id
