"""``creditbank webhooks``."""

import json

import pytest

from creditbank_plugin.services.settling.settle import settle
from creditbank_plugin.services.telling import changes
from tests.builders import House, Place, completed
from tests.cli.shell import Shell
from tests.services.receiver import receiving
from tests.web.test_webhook_pages import deliveries, subscribe
from tests.web.world import empty_bank


@pytest.fixture
def house(place: Place) -> House:
    return empty_bank(place, CREDITBANK_WEBHOOK_PRIVATE=True, CREDITBANK_SETTLE="worker")


def test_what_is_due_is_sent_listed_sent_again_and_stopped(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    shell = Shell.of(house)
    monkeypatch.setenv("CREDITBANK_WEBHOOK_PRIVATE", "true")
    with receiving() as receiver:
        made = subscribe(house, receiver)
        house.bank.hear(completed(1))
        settle(house.runtime)
        assert json.loads(shell("webhooks", "send", "--json").out) == {"sent": {"told": 1}}
        assert receiver.ids == [each.id for each in changes.page(house.runtime).items]
        (listed,) = json.loads(shell("webhooks", "list", "--json").out)["items"]
        assert (listed["id"], listed["told"], listed["ended_at"]) == (made.id, 1, None)
        assert "credit.posted" in shell("webhooks", "deliveries", made.id).out
        assert "due" in shell("webhooks", "resend", made.id, deliveries(house)[0]).out
        assert "sent 1" in shell("webhooks", "send").out
        assert len(set(receiver.ids)) == 1
        assert "nothing is due" in shell("webhooks", "send").out
    assert "ended" in shell("webhooks", "stop", made.id).out
    assert "ended" in shell("webhooks", "list").out
