"""Decide a batch of messages: judge each, fold it into what stands.  Settling writes what comes of it; a forecast looks."""

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection

from creditbank_hooks import CompletionRevoked, CourseCompleted, LearnerErased, LearnerMerged
from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.services.settling import completions, people
from creditbank_plugin.services.settling.asking import Answers, ask
from creditbank_plugin.services.settling.casebook import Casebook
from creditbank_plugin.services.settling.context import Context, Told


def decide(
    connection: Connection,
    runtime: Runtime,
    book: Casebook,
    letters: Sequence[Told],
    context: Context,
    answers: Mapping[str, Answers] | None = None,
    *,
    only_looks: bool = False,
) -> people.Register:
    """Decide messages in their order; what comes of it stands in ``book`` and in the register, to be flushed by the caller.

    ``answers`` are what the plugins said, None to ask them here: our own rules look nothing up, so that holds nobody up.
    With ``only_looks`` nothing is locked, and of the messages there may be completions and revocations only: what merges
    and erasures change is written at once.
    """
    if answers is None:
        answers = ask(runtime, context, letters)
    book.learn([told.row for told in letters])
    register = people.Register(connection, runtime, letters, answers, only_looks=only_looks)
    whole = any(isinstance(told.tiding, LearnerMerged | LearnerErased) for told in letters)
    book.open(register.known_accounts(), courses=None if whole else context.course_ids)
    for told in letters:
        tiding, answer = told.tiding, answers[told.row.id]
        if isinstance(tiding, CourseCompleted):
            completions.complete(book, context, register, told, answer)
        elif isinstance(tiding, CompletionRevoked):
            completions.revoke(book, context, register, told, answer)
        elif isinstance(tiding, LearnerMerged):
            people.merge(book, context, register, told, tiding)
        elif isinstance(tiding, LearnerErased):
            people.erase(book, context, register, told)
    return register
