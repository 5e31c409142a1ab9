"""Making tokens: each is handed out once and kept as its SHA-256, in the transaction that gives the right to it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection

from creditbank_plugin.rules import scopes
from creditbank_plugin.services.access import clients, token_key
from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.settings import JWT
from creditbank_plugin.storage.queries import access as tokens
from creditbank_plugin.storage.queries import grants
from creditbank_plugin.storage.session import writing
from creditbank_plugin.storage.tables import RefreshToken

#: How long what has ended is still known: a code or token that is brought again then tells of a thief.
KEPT_AFTER_END = timedelta(days=1)


@dataclass(frozen=True)
class Issued:
    """What a client is answered (RFC 6749 section 5.1); ``expires_in`` in seconds."""

    access_token: str = field(repr=False)
    expires_in: int
    scopes: frozenset[str]
    refresh_token: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Holder:
    """For whom a token is: the client, and the learner and authorisation behind it, if one is.

    ``issuer`` is the address under which we issue, which a ``jwt`` names.  ``until``: nothing may be good for longer.
    """

    issuer: str
    client_id: str
    person_id: str | None = None
    family_id: str | None = None
    until: datetime | None = None


def issue(runtime: Runtime, holder: Holder, granted: Iterable[str]) -> Issued:
    """Make an access token that rests on nothing but the client itself."""
    with writing(runtime.engine) as connection:
        return access_token(connection, runtime, holder, granted)


def access_token(connection: Connection, runtime: Runtime, holder: Holder, granted: Iterable[str]) -> Issued:
    """Make an access token and keep its hash; those that ended long ago are forgotten on the way."""
    now = runtime.clock()
    ends = _soonest(now + timedelta(seconds=runtime.settings.token_seconds), holder.until)
    given = frozenset(granted)
    token = clients.new_secret()
    if runtime.settings.token_form == JWT:
        token = _signed(runtime, holder, given, now, ends, jti=token)
    tokens.forget_tokens(connection, now - KEPT_AFTER_END)
    tokens.add_token(
        connection,
        token_hash=clients.hash_of(token),
        client_id=holder.client_id,
        scopes=scopes.join(given),
        issued_at=now,
        expires_at=ends,
        revoked_at=None,
        family_id=holder.family_id,
    )
    return Issued(token, int((ends - now).total_seconds()), given)


def refresh_token(
    connection: Connection, runtime: Runtime, family_id: str, granted: Iterable[str], until: datetime
) -> str:
    """Make a refresh token of an authorisation and keep its hash; it is good no longer than the consent."""
    now = runtime.clock()
    token = clients.new_secret()
    grants.add(
        connection,
        RefreshToken,
        token_hash=clients.hash_of(token),
        family_id=family_id,
        scopes=scopes.join(granted),
        issued_at=now,
        expires_at=_soonest(now + timedelta(days=runtime.settings.refresh_days), until),
        used_at=None,
    )
    return token


def _soonest(moment: datetime, until: datetime | None) -> datetime:
    return moment if until is None else min(moment, until)


def _signed(runtime: Runtime, holder: Holder, given: frozenset[str], now: datetime, ends: datetime, *, jti: str) -> str:
    """Return the token as a JWT (RFC 9068 section 2.2); its audience is our API, its random id makes it unguessable."""
    return token_key.sign(
        runtime.settings,
        {
            "iss": holder.issuer,
            "aud": audience(holder.issuer),
            "sub": holder.person_id or holder.client_id,
            "client_id": holder.client_id,
            "scope": scopes.join(given),
            "iat": int(now.timestamp()),
            "exp": int(ends.timestamp()),
            "jti": jti,
        },
    )


def audience(issuer: str) -> str:
    """Return for which resource our tokens are: the API below the issuer (RFC 9728)."""
    return f"{issuer}/api"
