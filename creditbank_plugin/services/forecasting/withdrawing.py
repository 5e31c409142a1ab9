"""What putting all that rests on a comparison under review would mean: the step of a review, on a view that only looks."""

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby

from sqlalchemy import Connection

from creditbank_plugin.formats import json_text
from creditbank_plugin.services.comparing.questioning import follow, question
from creditbank_plugin.services.forecasting.rehearsal import count_entries
from creditbank_plugin.services.forecasting.tally import USED, Tally
from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.services.settling.casebook import Casebook
from creditbank_plugin.services.settling.people import Register, settle_duplicates
from creditbank_plugin.storage.base import with_hyphens
from creditbank_plugin.storage.queries import forecast, people
from creditbank_plugin.storage.queries import reviews as rows

#: How many messages are looked at between two words on how far we are, and how many accounts are opened together.
AT_ONCE, TOGETHER = 10_000, 400


def look(
    connection: Connection,
    runtime: Runtime,
    comparison_id: str,
    course_id: str,
    tally: Tally,
    said: Callable[[int], None],
) -> None:
    """Count what rests on a comparison, and what would go under review.

    Most records rest on one completion of a learner who is like others: then all they hold goes.  The others are looked at
    as the review itself does.
    """
    apart = {row[1] for row in forecast.marked(connection, course_id, AT_ONCE)}
    apart |= set(rows.with_several(connection, course_id, AT_ONCE))
    mixed: set[str] = set()
    done = 0
    for part in rows.resting(connection, comparison_id, course_id, AT_ONCE):
        for account_id, school, amounts in part:
            tally.resting(school)
            if account_id in apart:
                mixed.add(account_id)
                continue
            held = json_text.loads(amounts)
            tally.learners += 1
            tally.under_review += bool(not held["under_review"] and any(held[each] for each in ("available", *USED)))
            tally.already_used += any(held[each] for each in USED)
        done += len(part)
        said(done)
    for accounts in _by_person(connection, sorted(str(with_hyphens(each)) for each in mixed), tally):
        _rehearse(connection, runtime, accounts, comparison_id, course_id, tally)
        said(done)


def _by_person(connection: Connection, accounts: Sequence[str], tally: Tally) -> Iterator[list[str]]:
    """Yield accounts some hundred at a time, all of a person together; each person is counted."""
    persons: dict[str, str] = {}
    for start in range(0, len(accounts), AT_ONCE):
        persons.update(people.persons_of(connection, accounts[start : start + AT_ONCE]))
    chunk: list[str] = []
    for _, mine in groupby(sorted(accounts, key=lambda each: (persons[each], each)), key=lambda each: persons[each]):
        tally.learners += 1
        chunk += mine
        if len(chunk) >= TOGETHER:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _rehearse(
    connection: Connection,
    runtime: Runtime,
    accounts: Sequence[str],
    comparison_id: str,
    course_id: str,
    tally: Tally,
) -> None:
    course = rows.course_of(connection, course_id)
    register = Register.of(connection, runtime, accounts, only_looks=True)
    book = Casebook(connection, runtime, runtime.clock())
    book.open(register.known_accounts(), courses=[course_id])
    for account_id in sorted(accounts):
        before = question(book, account_id, course_id, course, comparison_id, None)
        if before is not None:
            follow(book, account_id, course_id, course, before, "")
            settle_duplicates(book, register, account_id, course_id, "", book.now)
    count_entries(book, register, tally)
