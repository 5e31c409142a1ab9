"""When the library tries again, how long it waits, and what it never does twice."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from creditbank_client import Api, Http, OAuthError, Patience, Problem, Secret, TokenEndpoint, Unexpected, Unreachable
from creditbank_client.addresses import trusted
from tests.client.scripted import HANG_UP, Script, scripted

OK = (200, {}, {"items": [], "next": None})
PATIENCE = Patience(connect=2, read=2, tries=4, first=0.5, longest=60)


class Given:
    def token(self, refused: str | None = None) -> str:
        return "given"


def busy(status: int, **headers: str) -> tuple[int, dict[str, str], Any]:
    told = {name.replace("_", "-"): value for name, value in headers.items()}
    return status, {"Content-Language": "th", **told}, {"code": "rate_limited", "detail": "เรียกถี่เกินไป"}


class Caller:
    """An API in front of a script, whose waits are written down and not waited for."""

    def __init__(self, script: Script, patience: Patience = PATIENCE) -> None:
        self.waited: list[float] = []
        self.http = Http(patience=patience, sleep=self.waited.append)
        self.api = Api(script.server, Given(), http=self.http)
        self.tokens = TokenEndpoint(script.server, Secret("c-1", "s-1"), http=self.http)


@contextmanager
def calling(*answers: Any, patience: Patience = PATIENCE) -> Iterator[tuple[Script, Caller]]:
    with scripted(*answers) as script:
        yield script, Caller(script, patience)


@pytest.mark.parametrize("passing", [busy(429), busy(502), busy(503), busy(504), HANG_UP])
def test_a_read_is_tried_again(passing: Any) -> None:
    with calling(passing, passing, OK) as (script, caller):
        assert caller.api.get("/courses") == OK[2]
        assert len(script.asked) == 3
        assert 0.25 <= caller.waited[0] <= 0.5
        assert 0.5 <= caller.waited[1] <= 1.0, "waits double"


def test_what_the_server_asks_to_wait_is_waited() -> None:
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=20), usegmt=True)
    with calling(busy(429, Retry_After="7"), busy(503, Retry_After=later), OK) as (_, caller):
        caller.api.get("/courses")
        assert 7 <= caller.waited[0] < 7.2
        assert 17 <= caller.waited[1] <= 20.2


def test_a_wait_that_is_too_long_is_the_callers_affair() -> None:
    with calling(busy(429, Retry_After="3600"), OK) as (_, caller):
        with pytest.raises(Problem) as told:
            caller.api.get("/courses")
        assert (told.value.code, told.value.retry_after, caller.waited) == ("rate_limited", 3600, [])


def test_it_gives_up() -> None:
    with calling(busy(503)) as (script, caller):
        with pytest.raises(Problem) as told:
            caller.api.get("/courses")
        assert (told.value.status, len(script.asked)) == (503, 4)


def test_a_change_keeps_its_key_when_it_is_tried_again() -> None:
    under_way = (409, {"Retry-After": "2"}, {"code": "idempotency_in_progress"})
    with calling(HANG_UP, busy(503), under_way, (201, {}, {"id": "w"})) as (script, caller):
        assert caller.api.send("POST", "/webhooks", {"url": "https://x.example"}) == {"id": "w"}
        (key, *others) = script.headers("Idempotency-Key")
        assert key
        assert others == [key] * 3
        caller.api.send("POST", "/webhooks", {"url": "https://x.example"})
        assert script.headers("Idempotency-Key")[-1] != key, "another call has another"


def test_any_other_conflict_is_an_answer() -> None:
    with calling((409, {}, {"code": "wrong_state"}), OK) as (script, caller):
        with pytest.raises(Problem):
            caller.api.send("POST", "/webhooks", {}, key="mine")
        assert script.headers("Idempotency-Key") == ["mine"]


ONCE: list[Callable[[Caller], object]] = [
    lambda caller: caller.tokens.of_code("code", redirect_uri="https://agency.example/back", verifier="v" * 43),
    lambda caller: caller.tokens.of_refresh_token("refresh"),
]


@pytest.mark.parametrize("use", ONCE, ids=["code", "refresh token"])
@pytest.mark.parametrize("lost", [HANG_UP, busy(503)], ids=["no answer", "503"])
def test_what_ends_the_consent_when_it_is_used_twice_is_sent_once(use: Callable[[Caller], object], lost: Any) -> None:
    with calling(lost, (200, {}, {"access_token": "a", "token_type": "Bearer"})) as (script, caller):
        with pytest.raises((Unreachable, OAuthError)):
            use(caller)
        assert len(script.asked) == 1


@pytest.mark.parametrize("use", ONCE, ids=["code", "refresh token"])
def test_it_is_sent_again_where_it_was_certainly_not_used(use: Callable[[Caller], object]) -> None:
    given = (200, {}, {"access_token": "a", "token_type": "Bearer", "expires_in": 60})
    with calling(busy(429, Retry_After="1"), given) as (script, caller):
        use(caller)
        assert len(script.asked) == 2


def test_no_connection_at_all_is_tried_again_whatever_was_asked() -> None:
    with scripted(OK) as script:
        pass
    caller = Caller(script)
    with pytest.raises(Unreachable, match=r"POST http://127.0.0.1:[0-9]+/oauth/token: ConnectionError \(try 4\)"):
        ONCE[0](caller)
    assert len(caller.waited) == 3


def test_nobody_is_followed_elsewhere_with_a_token() -> None:
    with scripted(OK) as elsewhere, calling((302, {"Location": f"{elsewhere.base}/x"}, {})) as (_, caller):
        with pytest.raises(Unexpected):
            caller.api.get("/me")
        assert elsewhere.asked == []


def test_silence_is_not_waited_for_without_end() -> None:
    patience = Patience(connect=2, read=0.2, tries=2, first=0)
    with calling(1.0, patience=patience) as (_, caller), pytest.raises(Unreachable, match="ReadTimeout"):
        caller.api.get("/me")


def test_credentials_of_a_netrc_never_take_the_place_of_the_token(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login somebody password else\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    with calling((200, {"Set-Cookie": "who=me; Path=/"}, {})) as (script, caller):
        caller.api.get("/me")
        caller.api.get("/me")
        assert script.headers("Authorization") == ["Bearer given"] * 2
        assert script.headers("Cookie") == [None, None], "and no cookie is kept"


@pytest.mark.parametrize(
    "address", ["http://bank.example/api", "ftp://bank.example", "https://a:b@bank.example", "//x"]
)
def test_nothing_travels_unprotected(address: str) -> None:
    with pytest.raises(ValueError, match="address"):
        trusted(address)
