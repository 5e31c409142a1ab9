"""Conclude completions and revocations: from a judgement to decisions, records and entries."""

from typing import Any

from creditbank_hooks import CompletionRevoked, CourseCompleted, CreditPosted, CreditReversed, CreditWithheld
from creditbank_plugin.rules import catalogue, fold, waits
from creditbank_plugin.rules.explain import line
from creditbank_plugin.rules.reasons import REASONS
from creditbank_plugin.rules.review import DECIDED
from creditbank_plugin.services.settling.asking import Answers
from creditbank_plugin.services.settling.casebook import CARRIED, Casebook
from creditbank_plugin.services.settling.cases import Case, judged_fact, revocation_of
from creditbank_plugin.services.settling.context import Context, Told, wait_keys
from creditbank_plugin.services.settling.judge import Judgement, judge
from creditbank_plugin.services.settling.people import Register, settle_duplicates


def complete(book: Casebook, context: Context, register: Register, told: Told, answers: Answers) -> None:
    """Decide one completion."""
    account_id = _account(book, context, register, told, answers, may_open=told.row.may_open)
    if account_id is None:
        return
    register.enrol(account_id, told.row.school_code, known=context.organisations)
    made = judge(context, told, answers)
    if made.ask_again:
        return  # stays in the queue; the next round asks about the rule that applies now
    if made.course is None or made.passed is None:
        _wait(book, told, made, account_id)
        return
    _conclude(book, register, told, made, made.course, account_id)


def _account(
    book: Casebook, context: Context, register: Register, told: Told, answers: Answers, *, may_open: bool
) -> str | None:
    """Find or open the learner's account; decide the message here when there is none to be had."""
    inbox_id, issuer = told.row.id, told.row.issuer
    if answers.identity is None:
        _hold(book, told, "plugin_unavailable", [], {"plugin": answers.unavailable})
        return None
    if issuer not in context.trusted:
        _hold(book, told, "issuer_untrusted", [waits.issuer(issuer)], {"issuer": issuer})
        return None
    account_id = register.account(told, answers.identity, may_open=may_open)
    if account_id is None:
        wait_key = waits.learner(answers.identity.issuer, answers.identity.id)
        _hold(book, told, "learner_unknown", [wait_key], {"issuer": issuer})
        return None
    book.open([account_id], new=account_id in register.opened)
    if not register.identify(told, account_id):
        book.decide(inbox_id, "identity_mismatch", account_id=account_id, explanation=[_said("identity_mismatch", {})])
        register.task("identity_mismatch", account_id, inbox_id, {"issuer": issuer})
        return None
    return account_id


def _said(reason: str, inputs: dict[str, Any]) -> dict[str, Any]:
    words = REASONS[reason]
    return line(reason, "inbox", inputs, reason, words.th, words.en)


def _hold(book: Casebook, told: Told, reason: str, keys: list[str], inputs: dict[str, Any], **values: Any) -> None:
    book.decide(told.row.id, reason, explanation=[_said(reason, inputs)], **values)
    book.waiting += [(told.row.id, key) for key in keys]
    if reason == "plugin_unavailable":
        book.again.append(told.row.id)


def _wait(book: Casebook, told: Told, made: Judgement, account_id: str) -> None:
    book.decide(
        told.row.id,
        made.reason,
        account_id=account_id,
        course_id=made.course.id if made.course else None,
        comparison_id=made.comparison.id if made.comparison else None,
        explanation=made.explanation,
    )
    book.waiting += [(told.row.id, key) for key in made.wait_for]
    if made.reason == "plugin_unavailable":
        book.again.append(told.row.id)


def _conclude(
    book: Casebook,
    register: Register,
    told: Told,
    made: Judgement,
    course: catalogue.CourseKey,
    account_id: str,
) -> None:
    inbox_id, key = told.row.id, (course.owner, course.code, course.version)
    completion, fact = told.tiding, judged_fact(told.row, made)
    if not isinstance(completion, CourseCompleted) or fact is None:
        return
    scheme = fact.scheme
    account = book.accounts[account_id]
    earlier = account.cases.get(inbox_id)
    if earlier is not None and earlier.decision["verdict"] in DECIDED and _same_ground(earlier, made):
        kept = {name: earlier.decision[name] for name in CARRIED}  # a person has decided about it: that stays
        earlier.decision = book.decide(
            inbox_id, earlier.decision["reason"], **kept, explanation=earlier.decision["explanation"]
        )
        return
    account.cases.pop(inbox_id, None)  # a message that is settled again is judged anew, not beside itself
    before = book.stand(account_id, course.id, key)
    revocations = book.revocations(account_id, key)
    facts = [case.fact for case in book.facts(account_id, course.id) if case.fact is not None]
    after = fold.stand([*facts, fact], revocations, book.runtime.settings.attempt_rule_of(scheme))
    reason = fold.label(fact, before, after)
    explanation = list(made.explanation)
    if reason != "credited" and reason != made.reason:
        explanation.append(_said(reason, {"attempt": fact.attempt}))
    if reason in ("credited.superseded_attempt", "credited.stale"):
        explanation.append(_attempts(book.runtime.settings.attempt_rule_of(scheme)))
    if fact.questioned:
        explanation.append(questioned_line(made.comparison.id if made.comparison else "", None))
    elif after.under_review and after.fact is not None:
        explanation.append(_lowered())
    holding = account.holdings.get(course.id)
    moves = book.moves(account_id, course.id, before, after) if holding else True
    record_id = holding.id if holding else None
    decision = book.decide(
        inbox_id,
        reason,
        account_id=account_id,
        course_id=course.id,
        applies_to={"scheme": scheme},
        record_id=record_id,
        comparison_id=made.comparison.id if made.comparison else None,
        adoption_id=made.adoption.id if made.adoption else None,
        passed=made.passed,
        verdict=made.verdict,
        credits=made.credits,
        outcomes=list(made.outcomes),
        explanation=explanation,
    )
    account.cases[inbox_id] = Case(inbox_id, decision["version"], decision, fact, None, None, told.row.time)
    if holding is None and fact.passed and inbox_id in after.void and before.fact is None:
        # Taken back before it was told: given and revoked at once, so that either order leaves the same record.
        given = fold.stand([fact], [])
        book.move(account_id, course.id, before, given, inbox_id, completion.completed_at)
        before = given
    if moves:
        decision["record_id"] = book.move(account_id, course.id, before, after, inbox_id, completion.completed_at)
    book.relabel(account_id, course.id, after, decision["record_id"])
    _report(book, told, account_id, decision, before, after)
    settle_duplicates(book, register, account_id, course.id, inbox_id, completion.completed_at)
    if made.wait_for and made.reason:
        book.waiting += [(inbox_id, wait_key) for wait_key in made.wait_for]


def _same_ground(earlier: Case, made: Judgement) -> bool:
    """Tell whether a completion would again rest on the comparison that it was decided under."""
    return made.comparison is not None and earlier.decision["comparison_id"] == made.comparison.id


def _attempts(rule: str) -> dict[str, Any]:
    """Say how attempts supersede one another: no national source was found, so it is configuration and says so."""
    th, en = {"best": ("ดีที่สุด", "best"), "latest": ("ครั้งล่าสุด", "latest")}[rule]
    return line(
        "attempts",
        "configuration",
        {"attempt_rule": rule},
        rule,
        f"เมื่อเรียนหลายครั้งใช้ผล{th} (เป็นการตั้งค่าของระบบ ยังไม่พบประกาศที่กำหนดเรื่องนี้)",
        f"Of several attempts the {en} counts (a setting of this system; no announcement on this was found)",
    )


def _lowered() -> dict[str, Any]:
    return line(
        "lowered_result",
        "fold",
        {},
        "under_review",
        "ระบบต้นทางแจ้งผลที่ต่ำกว่าเดิม เจ้าหน้าที่จะพิจารณาก่อน ผู้เรียนชี้แจงหรือคัดค้านได้ที่สถานศึกษา",
        "The sending system lowered the result; a person will decide first, and the learner may object at the school.",
    )


def questioned_line(comparison_id: str, reason: str | None) -> dict[str, Any]:
    """Say that credit waits for a person because its comparison was withdrawn; ``reason`` as whoever did it gave it."""
    why_th, why_en = (f" เพราะ {reason}", f": {reason}") if reason else ("", "")
    return line(
        "comparison_withdrawn",
        f"comparison:{comparison_id}",
        {} if reason is None else {"reason": reason},
        "under_review",
        f"ผลการเทียบรายวิชานี้ถูกถอน{why_th} เจ้าหน้าที่จะพิจารณาหน่วยกิตก่อน ผู้เรียนชี้แจงหรือคัดค้านได้ที่สถานศึกษา",
        f"The comparison was withdrawn{why_en}. A person will decide about the credit first; "
        "the learner may object at the school.",
    )


def _report(
    book: Casebook, told: Told, account_id: str, decision: dict[str, Any], before: fold.Standing, after: fold.Standing
) -> None:
    """Note the news of a decision, to be announced after the commit."""
    at, inbox_id = book.now, told.row.id
    if decision["state"] == "withheld":
        withheld = CreditWithheld(event_id=inbox_id, account_id=account_id, reason=decision["reason"], at=at)
        book.tell("credit_withheld", withheld)
    report_step(book, inbox_id, account_id, decision["record_id"], before, after)


def report_step(
    book: Casebook, inbox_id: str, account_id: str, record_id: str | None, before: fold.Standing, after: fold.Standing
) -> None:
    """Note the news of a step from one standing to the next: none where neither what counts nor its state has changed."""
    if record_id is None or before == after:
        return
    fact = after.fact or before.fact
    if fact is None:
        return
    common: dict[str, Any] = {
        "event_id": inbox_id,
        "account_id": account_id,
        "record_id": record_id,
        "scheme": fact.scheme,
        "at": book.now,
    }
    if after.fact is None:
        news = CreditReversed(credits=before.credits, state="revoked", **common)
        book.tell("credit_reversed", news)
    elif after.under_review:
        news = CreditReversed(credits=after.credits, state="under_review", **common)
        book.tell("credit_reversed", news)
    elif before.under_review or after.fact != before.fact:
        book.tell("credit_posted", CreditPosted(credits=after.credits, **common))


def revoke(book: Casebook, context: Context, register: Register, told: Told, answers: Answers) -> None:
    """Apply a revocation to every version of the course it speaks of, in whatever order it arrived."""
    revocation = told.tiding
    if not isinstance(revocation, CompletionRevoked):
        return
    # An account opens at a completion; taking one back opens none.  It waits, so that it still voids what comes later.
    account_id = _account(book, context, register, told, answers, may_open=False)
    if account_id is None:
        return
    courses, version = context.course_scope(told)
    if not courses:
        _hold(
            book,
            told,
            "course_unknown",
            wait_keys(revocation.course),
            {"code": revocation.course.code},
            account_id=account_id,
        )
        return
    owner, code = courses[0].owner, courses[0].code
    scope = {"owner": owner, "code": code, "version": version}
    account = book.accounts[account_id]
    account.cases.pop(told.row.id, None)
    befores = {course.id: book.stand(account_id, course.id, _key(course)) for course in courses}
    decision = book.decide(
        told.row.id,
        "applied",
        account_id=account_id,
        applies_to=scope,
        explanation=[
            line(
                "revocation",
                "inbox",
                {**scope, "attempt": revocation.attempt, "revoked_at": revocation.revoked_at.isoformat()},
                "applied",
                "ระบบต้นทางยกเลิกการเรียนจบของรายวิชานี้ถึงเวลาที่แจ้ง",
                "The sending system took back completions of this course up to the moment it names",
            )
        ],
    )
    account.cases[told.row.id] = Case(
        told.row.id,
        decision["version"],
        decision,
        None,
        revocation_of(told.row),
        scope,
        told.row.time,
    )
    for course in courses:
        before, after = befores[course.id], book.stand(account_id, course.id, _key(course))
        record_id = book.move(account_id, course.id, before, after, told.row.id, revocation.revoked_at)
        book.relabel(account_id, course.id, after, record_id)
        report_step(book, told.row.id, account_id, record_id, before, after)
        settle_duplicates(book, register, account_id, course.id, told.row.id, revocation.revoked_at)
        if record_id is not None and before.fact != after.fact:
            decision["record_id"] = record_id


def _key(course: catalogue.CourseKey) -> tuple[str, str, str]:
    return (course.owner, course.code, course.version)
