"""Finding everything from one address, and metadata that lie."""

from collections.abc import Callable
from typing import Any

import pytest

from creditbank_client import Unexpected, discover
from creditbank_plugin.rules.scopes import SCOPES
from tests.client.scripted import scripted
from tests.client.world import World, quick


def test_everything_is_found_from_the_address_of_the_api(world: World) -> None:
    found = discover(f"{world.api}/", http=quick())
    issuer = f"{world.base}/creditbank"
    assert (found.api, found.issuer, found.tells_issuer) == (world.api, issuer, True)
    assert found.token_endpoint == f"{issuer}/oauth/token"
    assert found.scopes == frozenset(SCOPES)
    assert {"client_secret_basic", "private_key_jwt", "none"} <= found.proofs


def test_an_issuer_that_the_api_does_not_name_is_not_asked(world: World) -> None:
    with pytest.raises(Unexpected, match="no such"):
        discover(world.api, http=quick(), issuer="https://other.example")


def lies(base: str) -> tuple[dict[str, Any], dict[str, Any]]:
    resource = {"resource": f"{base}/api", "authorization_servers": [base]}
    names = ("authorization", "token", "revocation", "introspection")
    server = {"issuer": base, "code_challenge_methods_supported": ["S256"]}
    return resource, {**server, **{f"{name}_endpoint": f"{base}/{name}" for name in names}}


LIES: dict[str, Callable[[dict[str, Any], dict[str, Any]], object]] = {
    "another resource": lambda resource, _: resource.update(resource="https://other.example/api"),
    "no server": lambda resource, _: resource.update(authorization_servers=[]),
    "another issuer": lambda _, server: server.update(issuer="https://other.example"),
    "no S256": lambda _, server: server.update(code_challenge_methods_supported=["plain"]),
    "an endpoint in the clear": lambda _, server: server.update(token_endpoint="http://other.example/token"),
    "a server in the clear": lambda resource, _: resource.update(authorization_servers=["http://other.example"]),
    "a server that is none": lambda resource, _: resource.update(authorization_servers=[7]),
    "a server that cannot be read": lambda resource, _: resource.update(authorization_servers=["https://[x/"]),
    "no list of methods": lambda _, server: server.update(code_challenge_methods_supported=None),
    "a text of methods": lambda _, server: server.update(code_challenge_methods_supported="S256"),
    "no list of scopes": lambda _, server: server.update(scopes_supported=7),
    "no endpoint": lambda _, server: server.pop("revocation_endpoint"),
}


@pytest.mark.parametrize("lie", LIES)
def test_metadata_that_lie_are_not_believed(lie: str) -> None:
    with scripted((200, {}, {})) as script:
        resource, server = lies(script.base)
        script.answers = [(200, {}, resource), (200, {}, server)]
        assert discover(f"{script.base}/api", http=quick()).issuer == script.base
        LIES[lie](resource, server)
        script.answers = [(200, {}, resource), (200, {}, server)]
        with pytest.raises(Unexpected):
            discover(f"{script.base}/api", http=quick())


@pytest.mark.parametrize("body", [b"<html>", b"[]", b'{"resource": 1}'])
def test_nor_is_what_is_no_metadata(body: bytes) -> None:
    with scripted((200, {}, body)) as script, pytest.raises(Unexpected):
        discover(f"{script.base}/api", http=quick())
