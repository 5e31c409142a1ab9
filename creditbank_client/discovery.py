"""Finding everything from the address of the API: who gives tokens for it (RFC 9728), and where (RFC 8414)."""

from dataclasses import dataclass
from typing import Any

from creditbank_client.addresses import trusted, well_known
from creditbank_client.errors import Unexpected
from creditbank_client.http import Call, Http, object_of


@dataclass(frozen=True)
class Server:
    """A credit bank's API and the authorization server that gives tokens for it.  Keep it as long as you like."""

    api: str
    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    revocation_endpoint: str
    introspection_endpoint: str
    scopes: frozenset[str]
    proofs: frozenset[str]
    tells_issuer: bool


def discover(api: str, *, http: Http | None = None, issuer: str | None = None) -> Server:
    """Return what the API at an address, such as ``https://bank.example/creditbank/api``, says of itself.

    Where several issuers give tokens for it the first is taken, or the one that is named.  ``Unexpected`` for metadata
    that are not of that address (RFC 8414 3.3, RFC 9728 3.3), and for a server without S256.
    """
    http, api = http or Http(), api.rstrip("/")
    resource = _read(http, well_known("oauth-protected-resource", api), "resource", api)
    issuers = resource.get("authorization_servers")
    if not isinstance(issuers, list) or not issuers or (issuer is not None and issuer not in issuers):
        raise Unexpected("the API names no such authorization server")
    issuer = _safe(issuer or issuers[0], "issuer")
    told = _read(http, well_known("oauth-authorization-server", issuer), "issuer", issuer)
    if "S256" not in _texts(told, "code_challenge_methods_supported"):
        raise Unexpected("the authorization server offers no PKCE with S256")
    return Server(
        api=api,
        issuer=issuer,
        authorization_endpoint=_endpoint(told, "authorization_endpoint"),
        token_endpoint=_endpoint(told, "token_endpoint"),
        revocation_endpoint=_endpoint(told, "revocation_endpoint"),
        introspection_endpoint=_endpoint(told, "introspection_endpoint"),
        scopes=_texts(told, "scopes_supported"),
        proofs=_texts(told, "token_endpoint_auth_methods_supported"),
        tells_issuer=told.get("authorization_response_iss_parameter_supported") is True,
    )


def _read(http: Http, address: str, name: str, meant: str) -> dict[str, Any]:
    answer = http.send(lambda: Call("GET", address, {"Accept": "application/json"}), repeatable=True)
    told = object_of(answer)
    if answer.status_code != 200 or told.get(name) != meant:
        raise Unexpected(f"{address} does not hold the metadata of {meant}")
    return told


def _endpoint(told: dict[str, Any], name: str) -> str:
    return _safe(told.get(name), name)


def _safe(address: object, name: str) -> str:
    try:
        return trusted(str(address))
    except ValueError:
        raise Unexpected(f"there is no {name} that can be trusted") from None


def _texts(told: dict[str, Any], name: str) -> frozenset[str]:
    """Return the texts of a list, none where it is left out; ``Unexpected`` for anything but a list."""
    found = told.get(name, [])
    if not isinstance(found, list):
        raise Unexpected(f"{name} of the authorization server is no list")
    return frozenset(map(str, found))
