"""Who calls an OAuth endpoint, and by which proof it is known (RFC 6749 section 2.3, RFC 7523)."""

import logging
from typing import Any
from urllib.parse import urlsplit

from authlib.integrations.flask_oauth2.requests import FlaskOAuth2Request
from authlib.oauth2.rfc6749 import ClientMixin
from flask import g, request

from creditbank_plugin.api import here
from creditbank_plugin.api.here import runtime
from creditbank_plugin.rules import client
from creditbank_plugin.rules.scopes import join, split
from creditbank_plugin.services.access import assertions, clients, tokens
from creditbank_plugin.storage.base import Stored

log = logging.getLogger(__name__)

BASIC, POST, KEY, NONE = "client_secret_basic", "client_secret_post", "private_key_jwt", "none"
#: What proves something, and what a public client says instead.
PROOFS = (BASIC, POST, KEY)
ALL = (*PROOFS, NONE)
_ACCEPTED = {
    client.SECRET: frozenset((BASIC, POST)),
    client.PRIVATE_KEY_JWT: frozenset((KEY,)),
    client.NO_PROOF: frozenset((NONE,)),
}


class Caller(ClientMixin):  # type: ignore[misc]
    """A client that proved who it is, as Authlib wants to see it."""

    def __init__(self, row: Stored) -> None:
        self.row = row

    def get_client_id(self) -> str:
        """Return the client's public id."""
        return str(self.row.client_id)

    def get_allowed_scope(self, scope: str | None) -> str | None:
        """Return what is granted: all the client has when nothing is asked, None (invalid_scope) for too much."""
        has = split(self.row.scopes)
        asked = split(scope or "") or has
        return join(asked) if asked <= has else None

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        """Accept the proof that the client registered, and no other."""
        return method in _ACCEPTED[self.row.proof]

    def check_grant_type(self, grant_type: str) -> bool:
        """Accept the grants that the client registered."""
        return grant_type in self.row.grants.split()


def by_basic(_: object, made: FlaskOAuth2Request) -> Caller | None:
    """Know a client by the id and secret of its HTTP Basic header."""
    told = tokens.basic(made.headers.get("Authorization"))
    return _caller(clients.authenticate(runtime(), *told)) if told else None


def by_post(_: object, made: FlaskOAuth2Request) -> Caller | None:
    """Know a client by the id and secret in the form."""
    form = made.payload.data
    client_id, secret = form.get("client_id"), form.get("client_secret")
    return _caller(clients.authenticate(runtime(), client_id, secret)) if client_id and secret else None


def by_key(_: object, made: FlaskOAuth2Request) -> Caller | None:
    """Know a client by what it signed for us: for our issuer, or for the address of the token endpoint."""
    form = made.payload.data
    if form.get("client_assertion_type") != assertions.TYPE or "client_assertion" not in form:
        return None
    if not _is_own_name():
        log.warning("an assertion was refused: without CREDITBANK_PUBLIC_URL nobody can tell whom it was signed for")
        return None
    issuer = here.issuer()
    meant = {issuer, f"{issuer}/oauth/token"}
    return _caller(assertions.by_assertion(runtime(), form["client_assertion"], meant, form.get("client_id")))


def _is_own_name() -> bool:
    """Tell whether our issuer is ours by a setting, or on this very machine.

    Else it is what the caller wrote as Host: whoever was given an assertion for themselves would write their own name.
    """
    if runtime().settings.public_url is not None:
        return True
    host = urlsplit(request.url_root).hostname
    return host == "localhost" or client.is_loopback(host)


def by_id(_: object, made: FlaskOAuth2Request) -> Caller | None:
    """Know a public client, which has nothing to prove itself with, by its id alone."""
    form = made.payload.data
    if made.headers.get("Authorization") or form.keys() & {"client_secret", "client_assertion"}:
        return None
    found = clients.known(runtime(), form.get("client_id", ""))
    return _caller(found if found is not None and found.proof == client.NO_PROOF else None)


def _caller(row: Any) -> Caller | None:
    g.creditbank_access = row  # the journal says who called
    return Caller(row) if row is not None else None


METHODS = {BASIC: by_basic, POST: by_post, KEY: by_key, NONE: by_id}
