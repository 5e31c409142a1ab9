"""What is remembered of a token: for seconds, until it ends, and not a moment longer than nothing was taken back."""

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from creditbank_plugin.services import remembering
from creditbank_plugin.services.access import clients, issuing, last_use, tokens
from creditbank_plugin.services.access.clients import Wish
from creditbank_plugin.services.access.issuing import Holder
from creditbank_plugin.services.access.tokens import Access
from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.storage.queries import access
from creditbank_plugin.storage.session import reading, writing
from tests.builders import SCHOOL, House, Place, furnish, make_app
from tests.conftest import close

#: Another process of the installation: it asks for a token whenever it is told to, and says how often it had to look it up.
ASKS = """
import sys
from pathlib import Path
from sqlalchemy import event
from creditbank_plugin.services.access import tokens
from creditbank_plugin.services.keys import Keyring
from creditbank_plugin.services.plugins import house_manager
from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.settings import Settings
from creditbank_plugin.storage.session import open_engine
settings = Settings(data=Path(sys.argv[2]), token_memory_seconds=int(sys.argv[3]))
runtime = Runtime(open_engine(sys.argv[1]), settings, Keyring(settings), house_manager())
looked = []
event.listen(runtime.engine, "before_cursor_execute", lambda *a: looked.append(a[2]) if "SELECT" in a[2] else None)
for line in sys.stdin:
    found = tokens.by_token(runtime, line.strip())
    print("good" if found else "unknown", len(looked), flush=True)
"""


class Another:
    """A second process."""

    def __init__(self, url: str, data: Path, seconds: int) -> None:
        command = [sys.executable, "-c", ASKS, url, str(data), str(seconds)]
        environ = {**os.environ, "PYTHONPATH": os.pathsep.join(map(os.path.abspath, (".", "hooks")))}
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environ)

    def ask(self, token: str) -> tuple[str, int]:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{token}\n")
        self.process.stdin.flush()
        said, looked = self.process.stdout.readline().split()
        return said, int(looked)

    def __enter__(self) -> "Another":
        return self

    def __exit__(self, *_: Any) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(20)


@pytest.fixture(scope="module")
def shared(shared_place: Place) -> Any:
    house = furnish(make_app(shared_place.folder, shared_place.url, doors=False), course=False)
    yield house
    close(house)


def enter(runtime: Runtime) -> tuple[str, str]:
    """A client and a token of its own."""
    made = clients.create(runtime, Wish(name="x", organisation=SCHOOL, scopes=["credits:read"]))
    issued = issuing.issue(runtime, Holder("https://bank.example", made.client_id), ["credits:read"])
    return made.client_id, issued.access_token


class Asked:
    """How often a token had to be looked up."""

    def __init__(self, runtime: Runtime) -> None:
        self.runtime, self.times = runtime, 0

    def __enter__(self) -> "Asked":
        event.listen(self.runtime.engine, "before_cursor_execute", self._count)
        return self

    def __exit__(self, *_: Any) -> None:
        event.remove(self.runtime.engine, "before_cursor_execute", self._count)

    def _count(self, *said: Any) -> None:
        self.times += "creditbank_token" in said[2]


def test_a_good_token_is_looked_up_once(shared: House) -> None:
    _, token = enter(shared.runtime)
    with Asked(shared.runtime) as asked:
        found = [tokens.by_token(shared.runtime, token) for _ in range(5)]
    assert asked.times == 1
    assert isinstance(found[0], Access)
    assert len(set(found)) == 1


def test_an_unknown_token_is_looked_up_each_time(shared: House) -> None:
    """It may be given out in the next moment, and nothing that is sent fills the memory."""
    kept = len(shared.runtime.memory.kept)
    with Asked(shared.runtime) as asked:
        assert [tokens.by_token(shared.runtime, "no such") for _ in range(3)] == [None] * 3
    assert asked.times == 3
    assert len(shared.runtime.memory.kept) == kept


def test_what_is_remembered_ends_with_the_token(shared: House, monkeypatch: pytest.MonkeyPatch) -> None:
    _, token = enter(shared.runtime)
    assert tokens.by_token(shared.runtime, token)
    later = shared.runtime.clock() + timedelta(seconds=shared.runtime.settings.token_seconds)
    monkeypatch.setattr(shared.runtime, "clock", lambda: later)
    assert tokens.by_token(shared.runtime, token) is None


def test_what_is_remembered_is_old_after_some_seconds(shared: House, monkeypatch: pytest.MonkeyPatch) -> None:
    client_id, token = enter(shared.runtime)
    now = 1000.0
    monkeypatch.setattr(remembering, "monotonic", lambda: now)
    assert tokens.by_token(shared.runtime, token)
    with writing(shared.runtime.engine) as connection:  # as another machine would, whose files are not ours
        access.revoke_tokens(connection, client_id, shared.runtime.clock())
    now += 4.9
    assert tokens.by_token(shared.runtime, token)
    now += 0.2
    assert tokens.by_token(shared.runtime, token) is None


def test_a_client_that_is_shut_out_is_forgotten_at_once(shared: House) -> None:
    client_id, token = enter(shared.runtime)
    assert tokens.by_token(shared.runtime, token)
    clients.revoke(shared.runtime, client_id)
    assert tokens.by_token(shared.runtime, token) is None


def test_what_is_taken_back_while_a_token_is_looked_up_is_not_missed(
    shared: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    client_id, token = enter(shared.runtime)
    looked_up = tokens._looked_up

    def slowly(*given: Any) -> Access | None:
        found = looked_up(*given)
        clients.revoke(shared.runtime, client_id)
        return found

    monkeypatch.setattr(tokens, "_looked_up", slowly)
    assert tokens.by_token(shared.runtime, token), "it was good when it was asked for"
    monkeypatch.undo()
    assert tokens.by_token(shared.runtime, token) is None


def test_without_a_mark_nothing_is_remembered(shared: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """A data folder that cannot be read says nothing of what other processes took back."""
    _, token = enter(shared.runtime)
    monkeypatch.setattr(remembering, "_path", lambda settings: f"{__file__}/no-folder")
    with Asked(shared.runtime) as asked:
        assert [bool(tokens.by_token(shared.runtime, token)) for _ in range(3)] == [True] * 3
    assert asked.times == 3


def test_a_full_disk_stops_no_revocation(
    shared: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    client_id, token = enter(shared.runtime)
    assert tokens.by_token(shared.runtime, token)
    monkeypatch.setattr(remembering, "_path", lambda settings: "/dev/full")
    clients.revoke(shared.runtime, client_id)
    assert tokens.by_token(shared.runtime, token) is None
    assert "learn in 5 s" in caplog.text


def test_the_memory_has_an_end(shared: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remembering, "MOST", 3)
    for _ in range(5):
        assert tokens.by_token(shared.runtime, enter(shared.runtime)[1])
    assert len(shared.runtime.memory.kept) <= 3


def test_every_process_of_the_machine_forgets_at_once(place: Place) -> None:
    """Two real processes: the other remembers for a minute, is asked again, and then hears of the revocation."""
    house = furnish(make_app(place.folder, place.url, doors=False), course=False)
    client_id, token = enter(house.runtime)
    with Another(place.url, place.folder / "data", 60) as another:
        said, looked = another.ask(token)
        assert said == "good"
        assert another.ask(token) == ("good", looked), "it is not looked up again"
        clients.revoke(house.runtime, client_id)
        assert another.ask(token)[0] == "unknown"
    close(house)


def test_another_machine_learns_of_it_when_its_memory_ends(place: Place) -> None:
    """Another data folder is another machine: what it remembers is good for a second, as its setting says."""
    house = furnish(make_app(place.folder, place.url, doors=False), course=False)
    client_id, token = enter(house.runtime)
    elsewhere = place.folder / "elsewhere"
    elsewhere.mkdir()
    with Another(place.url, elsewhere, 1) as another:
        assert another.ask(token)[0] == "good"
        clients.revoke(house.runtime, client_id)
        answers = [another.ask(token)[0]]
        begun = remembering.monotonic()
        while answers[-1] == "good" and remembering.monotonic() - begun < 10:
            answers.append(another.ask(token)[0])
        assert answers[-1] == "unknown"
        assert remembering.monotonic() - begun < 3
    close(house)


def last_used(house: House, client_id: str) -> Any:
    with reading(house.runtime.engine) as connection:
        found = access.client(connection, client_id)
    assert found is not None
    return found.last_used_at


def test_the_last_use_is_written_once_a_minute(shared: House, monkeypatch: pytest.MonkeyPatch) -> None:
    runtime = shared.runtime
    client_id, token = enter(runtime)
    now, begun = 5000.0, runtime.clock()
    monkeypatch.setattr(last_use, "monotonic", lambda: now)
    monkeypatch.setattr(runtime, "clock", lambda: begun + timedelta(seconds=now - 5000))
    seen = []
    for step in (0, 30, 31):
        now += step
        tokens.authorise(runtime, f"Bearer {token}", "credits:read")
        last_use.write(runtime)
        seen.append((last_used(shared, client_id) - begun).total_seconds())
    assert seen == [0, 0, 61]


def test_another_process_does_not_write_it_again(shared: House) -> None:
    runtime = shared.runtime
    client_id, _ = enter(runtime)
    last_use.note(runtime, client_id)
    last_use.write(runtime)
    first = last_used(shared, client_id)
    runtime.uses.noted.clear()  # what another process knows of this one's
    last_use.note(runtime, client_id)
    last_use.write(runtime)
    assert last_used(shared, client_id) == first


def test_the_last_use_is_written_beside_the_requests(shared: House, monkeypatch: pytest.MonkeyPatch) -> None:
    runtime = shared.runtime
    client_id, token = enter(runtime)
    monkeypatch.setattr(last_use, "_GATHERING", 0.05)
    with writing(runtime.engine):  # a lock that a request would have to wait for
        tokens.authorise(runtime, f"Bearer {token}", "credits:read")
        thread = last_use.begin(runtime)
        assert thread is not None
        assert last_use.begin(runtime) is None, "one writer is enough"
    thread.join(20)
    assert last_used(shared, client_id) is not None
    assert last_use.begin(runtime) is None, "there is nothing to write"


def test_a_database_that_is_away_is_only_logged(
    shared: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(*_: Any) -> None:
        raise OSError

    monkeypatch.setattr(last_use, "_GATHERING", 0)
    monkeypatch.setattr(last_use.access, "used", fails)
    last_use.note(shared.runtime, enter(shared.runtime)[0])
    thread = last_use.begin(shared.runtime)
    assert thread is not None
    thread.join(20)
    assert "OSError" in caplog.text
