"""An account that its own learner opens: one, however many open it at once."""

import threading

import pytest

from creditbank_hooks import LearnerIdentity
from creditbank_plugin.services import accounts, opening
from tests.builders import ISSUER, House, completed

IDENTITY = LearnerIdentity(issuer=ISSUER, id="s-1")


@pytest.mark.parametrize("with_completion", [False, True])
def test_of_many_who_open_it_at_once_all_get_the_same(house: House, with_completion: bool) -> None:
    together, found = threading.Barrier(4), []

    def open_it() -> None:
        together.wait()
        found.append(opening.open_for(house.runtime, IDENTITY))

    def finish() -> None:
        together.wait()
        house.bank.hear(completed(1))

    calls = [open_it, open_it, open_it, finish if with_completion else open_it]
    threads = [threading.Thread(target=call) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    learner = accounts.person_of(house.runtime, IDENTITY)
    assert learner is not None
    assert set(found) == {learner.id}
    assert len(learner.account_ids) == 1
    held = accounts.credits(house.runtime, learner.id)
    assert len(held.items) == int(with_completion)


def test_a_completion_finds_the_account_that_its_learner_opened(house: House) -> None:
    mine = opening.open_for(house.runtime, IDENTITY)
    house.bank.hear(completed(1))
    assert mine is not None
    assert len(accounts.credits(house.runtime, mine).items) == 1
    assert opening.open_for(house.runtime, IDENTITY) == mine
