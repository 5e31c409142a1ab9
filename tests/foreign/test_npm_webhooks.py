"""Webhook signatures across languages: npm verifies what the bank sends, and our library what npm signs."""

from pathlib import Path
from typing import Any

import pytest

from creditbank_client import WebhookRefused
from creditbank_client.webhooks import sign, verify
from creditbank_plugin.formats.standard_webhooks import written
from creditbank_plugin.services.access import clients
from creditbank_plugin.services.settling.settle import settle
from creditbank_plugin.services.telling import post, subscriptions
from tests.builders import SCHOOL, completed, furnish, make_app
from tests.conftest import MakeUrl
from tests.foreign import npm
from tests.services.receiver import receiving

OTHER = written(b"another secret of ours..")


def test_signatures_hold_in_both_directions(tmp_path: Path, make_url: MakeUrl, programs: Path) -> None:
    config = {"CREDITBANK_WEBHOOK_PRIVATE": True, "CREDITBANK_SETTLE": "worker"}  # nothing is sent but by us
    house = furnish(make_app(tmp_path, make_url("sqlite"), doors=False, **config))
    wish = clients.Wish(name="ระบบทดลอง", organisation=SCHOOL, scopes=["webhooks:manage"])
    client_id = clients.create(house.runtime, wish).client_id
    mine: dict[str, Any] = {"client_id": client_id, "organisation": SCHOOL, "organisations": {SCHOOL}}
    with receiving() as receiver:
        made = subscriptions.subscribe(house.runtime, **mine, url=receiver.url, types=("credit.posted",))
        house.bank.hear(completed(1))
        settle(house.runtime)
        post.deliver(house.runtime)
        new = subscriptions.rotate(house.runtime, made.id, client_id)
        house.bank.hear(completed(2))
        settle(house.runtime)
        post.deliver(house.runtime)
    first, second = [
        {"body": body.decode(), "headers": {name.lower(): value for name, value in headers.items()}}
        for headers, body, _, _ in receiver.heard
    ]
    told = npm.run(
        programs,
        "webhooks.mjs",
        told={
            "secret": OTHER,
            "messages": [
                {**first, "secret": made.secret},
                {**second, "secret": made.secret},
                {**second, "secret": new.secret},
                {**second, "secret": OTHER},
                {**second, "body": second["body"] + " ", "secret": new.secret},
                {**first, "headers": sign(first["body"].encode(), OTHER, "m-1", timestamp=0), "secret": OTHER},
            ],
        },
    )
    types = [each["type"] if isinstance(each, dict) else each for each in told["verified"]]
    assert types[:3] == ["credit.posted"] * 3
    assert types[3:] == ["No matching signature found"] * 2 + ["Message timestamp too old"]
    assert verify(first["body"].encode(), first["headers"], [made.secret]).type == "credit.posted"
    body, headers = told["signed"]["body"].encode(), told["signed"]["headers"]
    assert verify(body, headers, [new.secret, OTHER]).data == {"id": "ก"}
    with pytest.raises(WebhookRefused):
        verify(body, headers, [new.secret])
