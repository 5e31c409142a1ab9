"""Many requests of the host at once: every completion is decided, once, and the ledger verifies."""

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import func, select

from creditbank_plugin.services import accounts, spool
from creditbank_plugin.services.proving.verify import verify
from creditbank_plugin.storage.session import reading
from creditbank_plugin.storage.tables import Account, Decision, Inbox, Queue
from tests.host.school import School

THREADS, EACH, LEARNERS = 8, 20, 40


def test_eight_threads_of_the_host_finish_courses_at_once(school: School) -> None:
    def work(thread: int) -> None:
        for number in range(EACH):
            place = thread * EACH + number
            school.finish(place % LEARNERS, attempt=place // LEARNERS + 1)

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(work, range(THREADS)))
    deadline = time.monotonic() + 60
    runtime = school.house.runtime
    while school.told().get("received") and time.monotonic() < deadline:
        school.settle()  # what two threads met on is left to the next round

    assert school.rows() == THREADS * EACH
    assert spool.waiting(runtime) == []
    with reading(runtime.engine) as connection:
        told = list(connection.scalars(select(Inbox.id)))
        versions = Counter(tuple(row) for row in connection.execute(select(Decision.inbox_id, Decision.version)))
        latest = Counter(connection.scalars(select(Decision.inbox_id).where(Decision.version == 1)))
        left = connection.scalar(select(func.count()).select_from(Queue))
        people = list(connection.scalars(select(Account.person_id)))
    assert len(told) == THREADS * EACH
    assert latest == Counter(told), "each message has a first decision, and one only"
    assert max(versions.values()) == 1, "and never two of the same version"
    assert left == 0
    assert school.told() == {"credited": THREADS * EACH}
    checked = verify(runtime)
    assert (checked["accounts"], checked["broken"]) == (LEARNERS, [])
    held = [accounts.credits(runtime, person) for person in people]
    assert [[record.credits for record in each.items] for each in held] == [[150]] * LEARNERS
