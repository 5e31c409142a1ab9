"""What a client asks a learner for: understood before anybody logs in, and granted with a code."""

from dataclasses import dataclass, field
from datetime import timedelta

from creditbank_plugin.rules import authorization, client
from creditbank_plugin.rules.authorization import Asked, Registered, Sent
from creditbank_plugin.rules.scopes import join, split
from creditbank_plugin.services.access import clients, consents
from creditbank_plugin.services.access.issuing import KEPT_AFTER_END
from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.storage.base import Stored, new_id
from creditbank_plugin.storage.queries import grants
from creditbank_plugin.storage.session import writing
from creditbank_plugin.storage.tables import Code, Family


@dataclass(frozen=True)
class Request:
    """A request that is in order, and who makes it, as the learner is told."""

    asked: Asked
    client_name: str
    organisation: str
    purpose_th: str | None
    purpose_en: str | None
    is_assured: bool = field(default=False)


def understand(runtime: Runtime, sent: Sent) -> Request:
    """Return what the parameters of a request ask for; `rules.authorization.Wrong` where they are not in order."""
    row = clients.known(runtime, authorization.client_id_of(sent))
    asked = authorization.understand(sent, _registered(row) if row is not None else None)
    if row is None:
        raise LookupError  # never: a client that is not there was refused
    return Request(
        asked, row.name, row.organisation_code, row.purpose_th, row.purpose_en, _is_assured(row, asked.redirect_uri)
    )


def _registered(row: Stored) -> Registered:
    return Registered(
        row.client_id,
        row.grants.split(),
        row.redirect_uris or (),
        split(row.scopes),
        row.pkce or row.kind == client.PUBLIC,
    )


def _is_assured(row: Stored, redirect_uri: str) -> bool:
    """Tell whether it can only be this client that the code reaches.

    A public client that is not behind an https address of its own can be played by any program of the learner's machine:
    it gets nothing without a page, however often the learner agreed (RFC 6749 section 10.2, RFC 8252 section 8.6).
    """
    return row.kind != client.PUBLIC or redirect_uri.startswith("https://")


def needs_page(runtime: Runtime, request: Request, person_id: str) -> bool:
    """Tell whether the learner must be asked: they never agreed to this, or it ended, or they are to be asked again."""
    asked = request.asked
    if asked.ask_again or not request.is_assured:
        return True
    return not consents.is_remembered(runtime, person_id, asked.client_id, asked.scopes)


def grant(runtime: Runtime, asked: Asked, person_id: str, *, agreed: bool) -> str | None:
    """Begin an authorisation and return its code, good once and for ``code_seconds``.

    ``agreed``: the learner said so now, until the day `consents.until` names.  Else it rests on what they agreed to
    before; None where that has ended in the meantime.
    """
    now = runtime.clock()
    code = clients.new_secret()
    with writing(runtime.engine) as connection:
        grants.forget(connection, now - KEPT_AFTER_END)
        consent: str | None
        if agreed:
            until = consents.until(runtime)
            consent = consents.give(connection, person_id, asked.client_id, asked.scopes, now, until)
        else:
            consent = consents.covering(connection, person_id, asked.client_id, asked.scopes, now)
        if consent is None:
            return None
        family = new_id()
        grants.add(
            connection,
            Family,
            id=family,
            client_id=asked.client_id,
            consent_id=consent,
            person_id=person_id,
            scopes=join(asked.scopes),
            begun_at=now,
            ended_at=None,
            ended_why=None,
        )
        grants.add(
            connection,
            Code,
            code_hash=clients.hash_of(code),
            family_id=family,
            redirect_uri=asked.redirect_uri,
            redirect_uri_told=asked.told,
            challenge=asked.challenge,
            expires_at=now + timedelta(seconds=runtime.settings.code_seconds),
            used_at=None,
        )
    return code
