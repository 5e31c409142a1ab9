"""Access tokens of the platform's own issuer (RFC 9068): verified here, and turned into what a client of ours may do."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from creditbank_plugin.errors import Refused
from creditbank_plugin.rules.scopes import LEARNERS_GRANT, split
from creditbank_plugin.services.access import jwks, platform_clients
from creditbank_plugin.services.access.platform_keys import keys_of
from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.settings import Settings
from creditbank_plugin.storage.base import Stored
from creditbank_plugin.storage.queries import people
from creditbank_plugin.storage.session import reading

_TYPES = ("at+jwt", "application/at+jwt")
_LONGEST_NAME = 255


@dataclass(frozen=True)
class Proven:
    """What a verified token says: the client as we keep it, what it may do, the learner behind it, and until when."""

    client: Stored
    scopes: frozenset[str]
    person_id: str | None
    ends: datetime


def prove(runtime: Runtime, token: str) -> Proven | None:
    """Return what a token of the platform's issuer is good for; None where it is none, or not good.

    ``Refused``: 503 ``issuer_unreachable``; 403 ``learner_unknown`` or ``organisation_unknown`` for a good token of
    somebody whom we do not know.
    """
    settings = runtime.settings
    if settings.platform_issuer is None or token.count(".") != 2:
        return None
    claims = _verified(settings, token)
    now = runtime.clock()
    ends = _good_until(settings, claims, now) if claims is not None else None
    if claims is None or ends is None:
        return None
    client, subject = _name(claims, settings.platform_client_claim), _name(claims, "sub")
    if client is None or subject is None:
        return None
    granted = _granted(settings, claims)
    organisation = _name(claims, settings.platform_organisation_claim)
    person_id = None
    if subject != client:  # only a client that is its own subject acts for its organisation (RFC 9068 section 2.2)
        person_id = _learner(runtime, _name(claims, settings.platform_learner_claim))
        granted &= LEARNERS_GRANT
        organisation = organisation or settings.school
    row = platform_clients.known(runtime, client, organisation)
    return None if row is None else Proven(row, granted, person_id, ends)


def _verified(settings: Settings, token: str) -> dict[str, Any] | None:
    """Return the claims of a token that one of the issuer's keys signed, by an algorithm of that key's own."""
    told = jwks.unverified(token)
    if told is None or told[1].get("iss") != settings.platform_issuer:
        return None  # whoever sends it: for this the issuer is not asked
    header = told[0]
    kid = header.get("kid")
    if str(header.get("typ")).lower() not in _TYPES or "crit" in header or not isinstance(kid, str | None):
        return None
    if header.get("alg") not in jwks.ALGORITHMS:
        return None
    for key in keys_of(str(settings.platform_issuer), settings.platform_jwks).named(kid):
        claims = jwks.claims_of(token, header, key)
        if claims is not None and claims.get("iss") == settings.platform_issuer:
            return claims
    return None


def _good_until(settings: Settings, claims: Mapping[str, Any], now: datetime) -> datetime | None:
    """Return when a token ends; None where it is not for us, or not for now."""
    ends = jwks.good_until(claims, [str(settings.platform_audience)], now)
    return ends if ends is not None and ends > now else None


def _name(claims: Mapping[str, Any], claim: str) -> str | None:
    found = claims.get(claim)
    fits = isinstance(found, str) and 0 < len(found) <= _LONGEST_NAME and found.isprintable()
    return str(found) if fits else None


def _granted(settings: Settings, claims: Mapping[str, Any]) -> frozenset[str]:
    told = claims.get("scope")
    theirs = told.split() if isinstance(told, str) else []
    return frozenset(ours for each in theirs for ours in split(settings.platform_scopes.get(each, "")))


def _learner(runtime: Runtime, value: str | None) -> str:
    settings = runtime.settings
    issuer = settings.platform_learner_issuer or settings.issuer or str(settings.platform_issuer)
    with reading(runtime.engine) as connection:
        found = people.accounts_of(connection, [(issuer, value)]) if value is not None else {}
        account = next(iter(found.values()), None)
        if account is None:
            th, en = "ไม่รู้จักผู้เรียนของโทเคนนี้", "The learner of this token is not known here."
            raise Refused("learner_unknown", th, en, status=403)
        return people.persons_of(connection, [account])[account]
