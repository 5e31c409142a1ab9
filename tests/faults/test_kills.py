"""kill -9 of web servers and workers at random, while a client sends, forgets, and sends again in any order.

Short here.  By hand, with as many messages as there is time for, the time to recover after each kill in the summary:
``CREDITBANK_FAULT_EVENTS=100000 CREDITBANK_FAULT_KILLS=50 python -m pytest -n 0 --timeout 0 tests/faults/test_kills.py``
"""

import random
from dataclasses import dataclass
from functools import partial
from itertools import cycle
from pathlib import Path

import pytest

from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.services.settling.settle import settle
from tests.api.builders import make_client, make_house
from tests.builders import Place
from tests.conftest import MakeUrl, close
from tests.faults import processes
from tests.faults.client import Client
from tests.faults.end import Recovery, all_is_well, decided, is_settled, until
from tests.faults.story import KILLS, story


@dataclass(frozen=True)
class Setting:
    """Which server on which database, and who settles: the request, or so many workers."""

    server: str
    database: str
    workers: int

    @property
    def settle(self) -> str:
        return "worker" if self.workers else "inline"

    def __str__(self) -> str:
        return f"{self.server}-{self.database}-{self.settle}"


SETTINGS = (
    Setting("waitress", "sqlite", 0),
    Setting("waitress", "sqlite", 1),
    Setting("gunicorn", "postgresql", 0),
    Setting("granian", "postgresql", 2),
)


@pytest.mark.parametrize("setting", SETTINGS, ids=str)
def test_killed_at_random_nothing_is_lost_or_doubled(
    setting: Setting, make_url: MakeUrl, tmp_path: Path, recovery: Recovery
) -> None:
    house = make_house(Place(tmp_path, make_url(setting.database)), CREDITBANK_SETTLE=setting.settle)
    told, chance, runtime = story(), random.Random(11), house.runtime  # noqa: S311 - the same kills every time
    server = processes.web(house, setting.server, CREDITBANK_SETTLE=setting.settle)
    workers = [processes.worker(house, str(number)) for number in range(setting.workers)]
    client = Client(server.base, make_client(house))
    with processes.at_work(server, *workers):
        with client.sending(told.shuffled()):
            for kill, victim in zip(range(1, KILLS + 1), cycle([server, *workers]), strict=False):
                # The last one well before the last messages, so that something has to recover.
                goal = len(told.messages) * kill // (KILLS + 1) - chance.randrange(10)
                until(lambda goal=goal: client.progress() >= goal, f"{goal} messages are answered")  # type: ignore[misc]
                name, answered, before = victim.kill_something(chance), client.progress(), decided(runtime)
                goes_on = partial(_goes_on, client if victim is server else None, answered, runtime, before)
                recovery.measure(f"{name} killed", goes_on)
        if workers:
            until(lambda: is_settled(runtime), "the workers settle all of it")
    if not workers:
        settle(runtime)  # what was kept by requests that were killed, and is nobody's to send again
    all_is_well(runtime, list(client.answered), told.standings)
    assert set(client.answered) == {each["id"] for each in told.messages}
    close(house)


def _goes_on(client: Client | None, answered: int, runtime: Runtime, before: int) -> bool:
    """Whether the service works again: a server when it answers, a worker when something is decided."""
    return client.progress() > answered if client is not None else decided(runtime) > before
