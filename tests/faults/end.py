"""How every fault must end, stated once; and how long it took until work went on."""

import time
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection, func, select, text, tuple_

from creditbank_plugin.services import accounts, spool
from creditbank_plugin.services.proving.verify import verify
from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.storage.session import reading
from creditbank_plugin.storage.tables import Decision, Entry, Inbox
from tests.builders import ISSUER
from tests.faults.story import EVENTS, Standing

#: None of these may count anything, whatever happened.
NOTHING = {
    "a message without a decision": """
        select count(*) from creditbank_inbox i
        where not exists (select 1 from creditbank_decision d where d.inbox_id = i.id)""",
    "a message whose decisions are not numbered from one, the last being the current one": """
        select count(*) from (select inbox_id from creditbank_decision
            group by inbox_id having count(*) <> max(version) or min(version) <> 1) t""",
    "a message in the queue": "select count(*) from creditbank_queue",
    "a message taken for another with the same id": """
        select count(*) from creditbank_inbox where conflicts_with is not null""",
    "a second record of an account for a course": """
        select count(*) from (select account_id, course_id from creditbank_record
            group by account_id, course_id having count(*) > 1) t""",
    "a second record of a learner for a course": """
        select count(*) from (select i.issuer, i.learner, d.course_id
            from creditbank_inbox i join creditbank_decision d on d.inbox_id = i.id where d.record_id is not null
            group by i.issuer, i.learner, d.course_id having count(distinct d.record_id) > 1) t""",
    "a second account of a learner": """
        select count(*) from (select i.issuer, i.learner
            from creditbank_inbox i join creditbank_decision d on d.inbox_id = i.id where d.account_id is not null
            group by i.issuer, i.learner having count(distinct d.account_id) > 1) t""",
}
#: Of how many learners the score that counts is looked up, one by one.
LOOKED_AT = 40


def all_is_well(
    runtime: Runtime,
    told: Collection[str],
    standings: Mapping[str, Standing] | None = None,
    finished: Collection[str] = (),
) -> None:
    """Completions in = decisions, no record is there twice, every chain is whole, nothing waits.

    ``told`` are the ids of all messages that were sent, ``finished`` the learners whom the host itself told of, and
    ``standings`` what each learner must have in the end, however often and in whatever order it was told.
    """
    with reading(runtime.engine) as connection:
        kept = connection.execute(select(Inbox.door, Inbox.message_id, Inbox.learner)).all()
        assert Counter(row.message_id for row in kept if row.door != "hooks") == Counter(told), "in = kept, each once"
        assert Counter(row.learner for row in kept if row.door == "hooks") == Counter(finished), "the host's, each once"
        found = {what: connection.scalar(text(query)) for what, query in NOTHING.items()}
        assert found == dict.fromkeys(NOTHING, 0)
        if standings is not None:
            assert _states(connection) == {who: standing.state for who, standing in standings.items()}
    for who in sorted(standings or ())[:LOOKED_AT]:
        (learner,) = accounts.find_learners(runtime, ISSUER, who)
        (record,) = accounts.credits(runtime, learner.id).items
        if standings and standings[who].score is not None:
            assert (who, record.score) == (who, standings[who].score), "the newest version counts, not the last heard"
    assert verify(runtime)["broken"] == []
    assert spool.left(runtime) == []


def _states(connection: Connection) -> dict[str, str]:
    """Return of each learner with a record where its 1.50 credits are."""
    last = select(Entry.record_id, func.max(Entry.seq)).group_by(Entry.record_id)
    holds = select(Entry.account_id, Entry.amounts).where(tuple_(Entry.record_id, Entry.seq).in_(last))
    told_of = (
        select(Decision.account_id, Inbox.learner)
        .join(Inbox, Inbox.id == Decision.inbox_id)
        .where(Decision.account_id.is_not(None), Inbox.door != "hooks")
        .distinct()
    )
    learner = {row.account_id: row.learner for row in connection.execute(told_of)}
    return {
        learner[row.account_id]: "+".join(state for state, amount in row.amounts.items() if amount == 150)
        for row in connection.execute(holds)
        if row.account_id in learner
    }


def decided(runtime: Runtime) -> int:
    """Return a number that rises with every transaction that decides something; cheap however many there are."""
    with reading(runtime.engine) as connection:
        return int(connection.scalar(select(func.max(Decision.commit_order))) or 0)


def is_settled(runtime: Runtime) -> bool:
    """Whether nothing is in the queue."""
    with reading(runtime.engine) as connection:
        return connection.scalar(text("select inbox_id from creditbank_queue limit 1")) is None


def until(true: Callable[[], bool], what: str, seconds: float = 60 + EVENTS / 20) -> None:
    """Wait until it is so; the bound is there only for a run that would never end."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, f"never happened: {what}"
        time.sleep(0.02)


@dataclass
class Recovery:
    """Measures from the end of a fault to the next decision; what it measured is printed when the tests are over."""

    note: Callable[[str, object], None]
    seconds: list[float] = field(default_factory=list)

    def measure(self, what: str, goes_on: Callable[[], bool]) -> None:
        began = time.monotonic()
        until(goes_on, f"work goes on after: {what}")
        self.seconds.append(time.monotonic() - began)
        self.note("recovered", f"{what}: {self.seconds[-1]:.1f} s")
