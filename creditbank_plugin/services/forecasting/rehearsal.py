"""Settle messages under supposed rules and throw away what comes of it, keeping the numbers: nothing is written.

It is the way that settling goes (`deciding`), on a view of the database that changes nothing.
"""

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import Connection

from creditbank_plugin.rules.supposed import Supposed
from creditbank_plugin.services.forecasting.tally import LIVE, USED, Tally
from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.services.settling import people
from creditbank_plugin.services.settling.casebook import Casebook
from creditbank_plugin.services.settling.context import Context, open_letters
from creditbank_plugin.services.settling.deciding import decide
from creditbank_plugin.storage.queries import people as people_rows
from creditbank_plugin.storage.queries import queue


def rehearse(
    connection: Connection,
    runtime: Runtime,
    supposed: Supposed,
    inbox_ids: Sequence[str],
    tally: Tally,
    courses: Collection[str] | None = None,
) -> None:
    """Decide these messages (those of ``courses``, where given) and count.

    All that wait of one person must be among them, so that they are folded together.
    """
    letters = open_letters(runtime, queue.messages(connection, inbox_ids))
    context = Context(connection, runtime, letters, supposed)
    if courses is not None:
        found = [(told, context.find_course(told).course) for told in letters]
        letters = [told for told, course in found if course is not None and course.id in courses]
    if not letters:
        return
    book = Casebook(connection, runtime, runtime.clock())
    register = decide(connection, runtime, book, letters, context, only_looks=True)
    latest = {decision["inbox_id"]: decision for decision in book.decisions}
    accounts = {row["account_id"] for row in latest.values() if row["account_id"] is not None}
    persons = people_rows.persons_of(connection, accounts - register.opened)
    for told in letters:
        decision = latest.get(told.row.id)
        if decision is None:
            continue
        tally.completion(told.row.school_code, decision["state"], decision["reason"])
        account = decision["account_id"]
        person = persons.get(account, account) if account is not None else (told.row.issuer, told.row.learner)
        tally.person(person, credited=decision["state"] == "credited")
    count_entries(book, register, tally)


def count_entries(book: Casebook, register: people.Register, tally: Tally) -> None:
    """Count what the entries would move, and which used credit they, or a task for a person, would touch."""
    used: set[str] = set()
    before: dict[str, int] = {}
    after: dict[str, Mapping[str, int]] = {}
    for entry in book.posted:
        if entry.record_id is None:
            continue
        gained = (entry.to_state in LIVE) - (entry.from_state in LIVE)
        tally.credits[entry.scheme or ""] += gained * entry.amount
        if entry.record_id not in before:
            came, went = entry.to_state == "under_review", entry.from_state == "under_review"
            before[entry.record_id] = entry.amounts["under_review"] - entry.amount * (came - went)
        after[entry.record_id] = entry.amounts
        if entry.amount and (entry.from_state in USED or any(entry.amounts[state] for state in USED)):
            used.add(entry.record_id)
    used |= {task["detail"]["record_id"] for task in register.tasks if task["kind"] == "duplicate_in_use"}
    tally.already_used += len(used)
    tally.under_review += sum(bool(held["under_review"]) and not before[each] for each, held in after.items())
