"""Where the access token of a call comes from: got when it is needed, renewed before it ends, safe under threads."""

import threading
from collections.abc import Iterable
from contextlib import AbstractContextManager
from typing import Protocol

from creditbank_client.errors import LoginNeeded, OAuthError
from creditbank_client.token_endpoint import TokenEndpoint, Tokens


class TokenSource(Protocol):
    """What gives access tokens."""

    def token(self, refused: str | None = None) -> str:
        """Return a token that is good for a while; another one than ``refused``, which the API did not take."""


class Store(Protocol):
    """Where an application keeps the tokens of one learner: a row of its database, say."""

    def load(self) -> Tokens | None:
        """Return what was saved last; None for nothing."""

    def save(self, tokens: Tokens) -> None:
        """Keep them durably before returning: the refresh token that came before is used up already."""

    def alone(self) -> AbstractContextManager[object]:
        """Return what keeps everybody else out while tokens are renewed: other threads, and other processes if you have any
        (a row lock, an advisory lock).  Two who use one refresh token end the whole consent (RFC 9700 4.14.2).
        """


class MemoryStore:
    """Tokens of one process, gone with it."""

    def __init__(self, tokens: Tokens | None = None) -> None:
        self._tokens, self._lock = tokens, threading.Lock()

    def load(self) -> Tokens | None:
        """Return what was saved last."""
        return self._tokens

    def save(self, tokens: Tokens) -> None:
        """Keep tokens."""
        self._tokens = tokens

    def alone(self) -> AbstractContextManager[object]:
        """Keep other threads out."""
        return self._lock


class MachineTokens:
    """Tokens of the client itself (client credentials)."""

    def __init__(self, endpoint: TokenEndpoint, scope: Iterable[str] = ()) -> None:
        self._endpoint, self._scope = endpoint, tuple(scope)
        self._held: Tokens | None = None
        self._lock = threading.Lock()

    def token(self, refused: str | None = None) -> str:
        """Return a token that is good for a while; ``OAuthError``."""
        with self._lock:
            if self._held is None or not self._held.is_good or self._held.access_token == refused:
                self._held = self._endpoint.of_client(self._scope)
            return self._held.access_token


class LearnerTokens:
    """Tokens of a learner who agreed; each new refresh token is in the store before anything uses what came with it."""

    def __init__(self, endpoint: TokenEndpoint, store: Store) -> None:
        self._endpoint, self._store = endpoint, store
        self._held: Tokens | None = None
        self._unsaved: Tokens | None = None

    def token(self, refused: str | None = None) -> str:
        """Return a token that is good for a while; ``LoginNeeded`` when the learner must be asked again."""
        held = self._held
        if held is not None and held.is_good and held.access_token != refused:
            return held.access_token
        with self._store.alone():
            if self._unsaved is not None:  # the store failed when these came, and what it holds is used up
                self._store.save(self._unsaved)
                self._unsaved = None
            held = self._store.load()
            if held is not None and held.is_good and held.access_token != refused:
                self._held = held  # another thread or process renewed them
                return held.access_token
            if held is None or held.refresh_token is None:
                raise LoginNeeded("login_needed", "there is no refresh token")
            self._unsaved = self._renewed(held.refresh_token)
            self._store.save(self._unsaved)
            self._held, self._unsaved = self._unsaved, None
            return self._held.access_token

    def _renewed(self, refresh_token: str) -> Tokens:
        try:
            new = self._endpoint.of_refresh_token(refresh_token)
        except OAuthError as error:
            if error.code == "invalid_grant":
                raise LoginNeeded(error.code, error.description, status=error.status) from None
            raise
        if new.refresh_token is None:  # a server without rotation: the old one stays good (RFC 6749 section 6)
            return Tokens(new.access_token, new.ends_at, new.scope, refresh_token)
        return new
