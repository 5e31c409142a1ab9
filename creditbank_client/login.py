"""Asking a learner: authorization code with PKCE (RFC 6749 4.1, RFC 7636), its answer held to what was asked (RFC 9207)."""

import hmac
import secrets
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from urllib.parse import parse_qs, urlsplit

from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from creditbank_client.discovery import Server
from creditbank_client.errors import LoginMismatch, OAuthError
from creditbank_client.token_endpoint import TokenEndpoint, Tokens


@dataclass(frozen=True)
class Pending:
    """A question that was put: lead the browser to ``url``, and keep all of it in that browser's own session."""

    url: str = field(repr=False)
    state: str = field(repr=False)
    verifier: str = field(repr=False)
    redirect_uri: str
    issuer: str

    def to_dict(self) -> dict[str, str]:
        """Return it as a session can keep it; ``Pending(**told)`` reads it again."""
        return asdict(self)


def begin(
    server: Server, client_id: str, redirect_uri: str, scope: Iterable[str] = (), *, prompt: str | None = None
) -> Pending:
    """Return where to lead the learner's browser; no scope means all that the client has."""
    state, verifier = secrets.token_urlsafe(24), secrets.token_urlsafe(48)
    url: str = prepare_grant_uri(
        server.authorization_endpoint,
        client_id,
        "code",
        redirect_uri,
        " ".join(scope),
        state,
        code_challenge=create_s256_code_challenge(verifier),
        code_challenge_method="S256",
        prompt=prompt,
    )
    return Pending(url, state, verifier, redirect_uri, server.issuer)


def finish(endpoint: TokenEndpoint, pending: Pending, came: str) -> Tokens:
    """Return the tokens for what came to the redirect URI: the whole address, or its query.

    ``LoginMismatch`` for an answer to another question (state), of another server (iss, the mix-up of RFC 9700 4.4), or
    with a parameter twice; nothing of it is used.  ``OAuthError`` where the learner or the server said no.
    """
    told = _told(came, pending.redirect_uri)
    if not hmac.compare_digest(told.get("state", "").encode(), pending.state.encode()):
        raise LoginMismatch("the answer has another state")
    server = endpoint.server
    if (
        pending.issuer != server.issuer
        or told.get("iss", None if server.tells_issuer else server.issuer) != server.issuer
    ):
        raise LoginMismatch("the answer is of another issuer")
    if "error" in told:
        raise OAuthError(told["error"], told.get("error_description", ""))
    if not told.get("code"):
        raise LoginMismatch("the answer has no code")
    return endpoint.of_code(told["code"], redirect_uri=pending.redirect_uri, verifier=pending.verifier)


def _told(came: str, redirect_uri: str) -> dict[str, str]:
    query = came
    if "://" in came.partition("?")[0]:
        if came.partition("?")[0] != redirect_uri.partition("?")[0]:
            raise LoginMismatch("the answer came to another address")
        query = urlsplit(came).query
    found = parse_qs(query.lstrip("?"), keep_blank_values=True)
    if any(len(values) > 1 for values in found.values()):
        raise LoginMismatch("a parameter of the answer is there twice")
    return {name: values[0] for name, values in found.items()}
