"""Put all credit that rests on a withdrawn comparison before a person, and carry out what the person decides.

Each record moves its live amounts to ``under_review``, by an entry whose cause names the withdrawal.  Credit keeps resting
on the comparison; the decisions on its completions say that it is in question, so that whatever is told later is folded
with that in mind, and what is still to be told under the comparison goes under review as it arrives.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from creditbank_plugin.errors import Refused, invalid, not_found
from creditbank_plugin.rules.explain import line
from creditbank_plugin.rules.review import QUESTIONED, REVOKED, UPHELD
from creditbank_plugin.services import jobs, outbox
from creditbank_plugin.services.actor import Actor
from creditbank_plugin.services.comparing.questioning import follow, question
from creditbank_plugin.services.reach import require
from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.services.settling.casebook import CARRIED, Casebook
from creditbank_plugin.services.settling.cases import Case
from creditbank_plugin.services.settling.people import Register, settle_duplicates
from creditbank_plugin.storage.base import Stored, is_uuid
from creditbank_plugin.storage.faults import is_collision
from creditbank_plugin.storage.queries import authority
from creditbank_plugin.storage.queries import reviews as rows
from creditbank_plugin.storage.session import reading, writing

KIND = "review"
#: How many accounts one transaction looks at, and how often one that met another writer is tried again.
AT_ONCE, COLLISIONS = 100, 5
LONGEST_REASON = 2000
#: What a person may decide: the credit stands as it was, or is revoked.
DECISIONS = UPHOLD, REVOKE = ("uphold", "revoke")
_FIRST = "00000000-0000-0000-0000-000000000000"


def put_under_review(runtime: Runtime, comparison_id: str, *, by: Actor, reason: str) -> str:
    """Begin to put under review all credit that rests on a withdrawn comparison; return the job that does it.

    Called again, it does what is left, and never what a person has decided since.  ``Refused``: 404 when the comparison is
    unknown, 403 when its body is not the actor's, 409 (``not_withdrawn``) while it is law, 422 without a reason.
    """
    said = _reason(reason)
    with writing(runtime.engine) as connection:
        row = _comparison(connection, comparison_id)
        require(connection, row.body_code, by.acting_for)
        if row.ended_as != "withdrawn":
            raise Refused(
                "not_withdrawn",
                "พักหน่วยกิตไว้พิจารณาได้เฉพาะเมื่อถอนผลการเทียบแล้ว",
                "Credit can be put under review only after the comparison was withdrawn.",
                status=409,
            )
        rows.question(connection, comparison_id, runtime.clock())
    return begin(runtime, comparison_id, row.body_code, by=by, reason=said)


def begin(runtime: Runtime, comparison_id: str, body: str, *, by: Actor, reason: str) -> str:
    """Begin the work for a comparison that `queries.reviews.question` has marked; return the job."""
    wanted = {"comparison_id": comparison_id, "reason": reason}
    return jobs.start(runtime, KIND, wanted, by=by.id, organisation=body)


def _comparison(connection: Connection, comparison_id: str) -> Stored:
    found = authority.comparison_rows(connection, [comparison_id]) if is_uuid(comparison_id) else {}
    if comparison_id not in found:
        raise not_found()
    return found[comparison_id]


def _reason(reason: str) -> str:
    said = " ".join(reason.split())
    if not 0 < len(said) <= LONGEST_REASON:
        raise invalid("reason", "ต้องระบุเหตุผล ไม่เกิน 2,000 ตัวอักษร", "Give a reason, at most 2,000 characters.")
    return said


@jobs.long_work(KIND)
def work(runtime: Runtime, wanted: Mapping[str, Any], progress: jobs.Progress) -> Mapping[str, Any]:
    """Put everything that rests on a comparison under review, some accounts a transaction; what is done already stays."""
    comparison_id, reason = wanted["comparison_id"], wanted["reason"]
    with writing(runtime.engine) as connection:
        # Whoever settles from here on sees that the comparison is in question.
        rows.hold_up(connection)
        course_id = _comparison(connection, comparison_id).course_id
        course = rows.course_of(connection, course_id)
        total = rows.how_many(connection, comparison_id, course_id)
    done, reviewed, after = 0, 0, _FIRST
    while True:
        with reading(runtime.engine) as connection:
            accounts = rows.accounts(connection, comparison_id, course_id, after, AT_ONCE)
        if not accounts:
            break

        def put(connection: Connection, accounts: Any = accounts) -> int:
            return _put(connection, runtime, accounts, course_id, course, comparison_id, reason)

        reviewed += _insistently(runtime, put)
        outbox.tell(runtime)
        done, after = done + len(accounts), accounts[-1]
        progress.at(done, max(done, total))
    return {"accounts": done, "records": reviewed}


def _insistently(runtime: Runtime, act: Callable[[Connection], int]) -> int:
    """Do something in a transaction of its own, again where another writer was quicker."""
    for last in range(COLLISIONS):
        try:
            with writing(runtime.engine) as connection:
                return act(connection)
        except Exception as error:
            if not (isinstance(error, IntegrityError) or is_collision(error)) or last == COLLISIONS - 1:
                raise
    return 0


def _put(
    connection: Connection,
    runtime: Runtime,
    accounts: Any,
    course_id: str,
    course: tuple[str, str, str],
    comparison_id: str,
    reason: str,
) -> int:
    rows.hold_up(connection)
    register = Register.of(connection, runtime, accounts)
    book = Casebook(connection, runtime, runtime.clock())
    book.open(register.known_accounts(), courses=[course_id])
    cause, moved = f"withdrawal:{comparison_id}", 0
    for account_id in accounts:
        before = question(book, account_id, course_id, course, comparison_id, reason)
        if before is None:
            continue
        follow(book, account_id, course_id, course, before, cause)
        settle_duplicates(book, register, account_id, course_id, cause, book.now)
        holding = book.accounts[account_id].holdings.get(course_id)
        moved += bool(holding is not None and holding.amounts["under_review"])
    register.flush()
    book.flush()
    return moved


def decide(runtime: Runtime, record_id: str, *, uphold: bool, by: Actor, reason: str) -> None:
    """Decide about a record that a withdrawal put under review: it stands as it was (``uphold``), or is revoked.

    The comparing body decides, or the organisation whose bank deposited it, or those above them.  ``Refused``: 404, 403, 409
    (``nothing_in_question``) where no withdrawal has put it under review, or somebody has decided; 422 without a reason.
    """
    said = _reason(reason)
    _insistently(runtime, lambda connection: _decide(connection, runtime, record_id, uphold, by, said))
    outbox.tell(runtime)


def _decide(connection: Connection, runtime: Runtime, record_id: str, uphold: bool, by: Actor, reason: str) -> int:
    rows.hold_up(connection)
    record = rows.records(connection, [record_id]).get(record_id) if is_uuid(record_id) else None
    if record is None:
        raise not_found()
    account_id, course_id = record.account_id, record.course_id
    course = (record.owner_code, record.code, record.version)
    register = Register.of(connection, runtime, [account_id])
    book = Casebook(connection, runtime, runtime.clock())
    book.open(register.known_accounts(), courses=[course_id])
    asked = [case for case in book.facts(account_id, course_id) if case.decision["verdict"] == QUESTIONED]
    _may(connection, asked or book.facts(account_id, course_id), by)
    if not asked:
        raise Refused(
            "nothing_in_question",
            "ไม่มีหน่วยกิตที่รอพิจารณาจากการถอนผลการเทียบ",
            "No withdrawal has put this credit under review, or somebody has decided already.",
            status=409,
        )
    before = book.stand(account_id, course_id, course)
    for case in asked:
        _answer(book, case, uphold, by, reason)
    holding = book.accounts[account_id].holdings.get(course_id)
    if holding is not None and book.stand(account_id, course_id, course).fact is None:
        holding.came = {}  # nothing else stands: also what was held or redeemed is revoked, for a person has decided
    cause = f"review:{record_id}"
    follow(book, account_id, course_id, course, before, cause)
    settle_duplicates(book, register, account_id, course_id, cause, book.now)
    register.flush()
    book.flush()
    return 1


def _may(connection: Connection, cases: Sequence[Case], by: Actor) -> None:
    """Let pass who acts for a body that compared, or for a bank that deposited; refuse anybody else."""
    compared = authority.comparison_rows(connection, {case.decision["comparison_id"] for case in cases} - {None})
    adopted = authority.adoption_rows(connection, {case.decision["adoption_id"] for case in cases} - {None})
    theirs = [row.body_code for row in compared.values()] + [row.organisation_code for row in adopted.values()]
    refusal: Refused | None = None
    for organisation in theirs:
        try:
            require(connection, organisation, by.acting_for)
        except Refused as error:
            refusal = error
        else:
            return
    if refusal is not None:
        raise refusal


def _answer(book: Casebook, case: Case, uphold: bool, by: Actor, reason: str) -> None:
    """Decide a completion anew as the person has decided."""
    kept = {name: case.decision[name] for name in CARRIED}
    said = [*case.decision["explanation"], _decided_line(uphold, by, reason)]
    if uphold:
        case.decision = book.decide(
            case.inbox_id, case.decision["reason"], **{**kept, "verdict": UPHELD}, explanation=said
        )
    else:
        refused = {**kept, "passed": False, "verdict": REVOKED}
        case.decision = book.decide(case.inbox_id, REVOKED, **refused, explanation=said)
    if case.fact is not None:
        case.fact = replace(case.fact, questioned=False, passed=uphold, reason="" if uphold else REVOKED)


def _decided_line(uphold: bool, by: Actor, reason: str) -> dict[str, Any]:
    th = "เจ้าหน้าที่พิจารณาแล้ว ให้คงหน่วยกิตไว้" if uphold else "เจ้าหน้าที่พิจารณาแล้ว ให้เพิกถอนหน่วยกิต"
    en = "A person decided that the credit stands" if uphold else "A person decided that the credit is revoked"
    return line(
        "review",
        "person",
        {"by": by.id, "name": by.name, "reason": reason},
        UPHELD if uphold else REVOKED,
        f"{th} เพราะ {reason} (ผู้พิจารณา {by.name}) หากไม่เห็นด้วยให้อุทธรณ์ต่อสถานศึกษา",
        f"{en}: {reason} (decided by {by.name}). If you disagree, appeal to your school.",
    )
