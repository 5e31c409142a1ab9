"""The examples of docs/client.md, run as they stand there, one after the other."""

import re
import time
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import pytest

from creditbank_client import LearnerTokens
from creditbank_client.webhooks import sign
from creditbank_plugin.formats.standard_webhooks import written
from tests.api.builders import make_client
from tests.builders import CODE, ISSUER
from tests.client.world import World
from tests.house.tree import ROOT
from tests.oauth_world import let_learn, make_partner

PAGE = (ROOT / "docs" / "client.md").read_text(encoding="utf-8")
SECRET = written(b"k" * 24)


class Ran:
    """The examples so far, and what they named."""

    def __init__(self, folder: Path) -> None:
        self.names: dict[str, Any] = {"session": {}, "queue": SimpleQueue(), "seen": set()}
        self.names["seen_before"] = self._seen_before
        self.blocks = iter(re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL))
        self.folder = folder

    def _seen_before(self, id_: str) -> bool:
        known = id_ in self.names["seen"]
        self.names["seen"].add(id_)
        return known

    def next(self) -> None:
        exec(compile(next(self.blocks), "docs/client.md", "exec"), self.names)  # noqa: S102 - our own page


def test_every_example_runs(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in (1, 2):
        let_learn(world.house, number)
    clients = {
        "CLIENT": make_client(world.house, "credits:read"),
        "INTAKE": make_client(world.house, "events:write"),
        "PARTNER": make_partner(world.house),
    }
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SERVER", world.base)
    monkeypatch.setenv("WEBHOOK_SECRET", SECRET)
    for name, made in clients.items():
        monkeypatch.setenv(f"{name}_ID", made.client_id)
        monkeypatch.setenv(f"{name}_SECRET", str(made.client_secret))
    assert f'"{CODE}"' in PAGE
    assert f'"{ISSUER}"' in PAGE
    ran = Ran(tmp_path)

    ran.next()
    assert capsys.readouterr().out == f"{CODE} 1.50 available\n"
    ran.next()
    sent = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in sent] == ["completion-1", "completion-2", "completion-3"]
    ran.next()
    ran.names["came_to"] = world.agree(ran.names["pending"].url, "s-2")
    ran.next()
    ran.next()
    until, held = capsys.readouterr().out.split()
    assert until.endswith("Z")
    assert held == "['1.50']"
    store, before = ran.names["store"], ran.names["tokens"]
    renewing = LearnerTokens(world.endpoint(clients["PARTNER"]), store)
    assert renewing.token(before.access_token) == store.load().access_token != before.access_token
    ran.next()
    _follow(ran)
    assert "credit.posted" in capsys.readouterr().out
    ran.next()
    _receive(ran)
    ran.next()
    assert capsys.readouterr().out.startswith("404 not_found ")
    assert next(ran.blocks, None) is None, "every example was run"


def _follow(ran: Ran) -> None:
    class Enough(Exception):  # noqa: N818
        pass

    def keep(cursor: str) -> None:
        ran.names["cursor"] = cursor
        raise Enough

    with pytest.raises(Enough):
        ran.names["follow"](ran.names["bank"], None, keep)
    assert ran.names["cursor"]


def _receive(ran: Ran) -> None:
    body = b'{"type":"credit.posted","timestamp":"2026-03-31T09:00:02Z","data":{"id":"1"}}'
    told = sign(body, SECRET, "m-1", timestamp=int(time.time()))
    assert [ran.names["receive"](body, told) for _ in range(2)] == [204, 204]
    assert ran.names["receive"](body + b" ", told) == 400
    assert ran.names["queue"].qsize() == 1
