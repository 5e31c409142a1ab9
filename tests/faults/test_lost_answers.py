"""Answers that are lost after the server has committed, and senders that hang up: sent again, nothing is there twice."""

from pathlib import Path

import pytest

from creditbank_plugin.services.settling.settle import settle
from tests.api.builders import make_client, make_house
from tests.builders import Place
from tests.conftest import MakeUrl, close
from tests.faults import processes
from tests.faults.client import Client
from tests.faults.end import all_is_well
from tests.faults.proxy import LosingProxy
from tests.faults.story import story


@pytest.mark.parametrize(("server", "database"), [("waitress", "sqlite"), ("gunicorn", "postgresql")])
def test_what_is_sent_again_gets_the_first_answer(
    server: str, database: str, make_url: MakeUrl, tmp_path: Path
) -> None:
    house, told = make_house(Place(tmp_path, make_url(database))), story()
    serving = processes.web(house, server)
    with processes.at_work(serving), LosingProxy(serving.port).open() as proxy:
        client = Client(f"http://127.0.0.1:{proxy.port}", make_client(house))
        with client.sending(told.shuffled()):
            pass
    assert len(proxy.lost) > len(told.messages) // 10
    assert proxy.hung_up > 0
    first = {message: event for message, event in client.answered.items() if message in proxy.lost}
    assert first == proxy.lost, "what was answered and lost, and what was answered when it came again"
    settle(house.runtime)
    all_is_well(house.runtime, list(client.answered), told.standings)
    close(house)
