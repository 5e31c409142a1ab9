"""The demo's clients: systems of the demo school, of others, and those that ask learners themselves."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from creditbank_plugin.cli.demo_seed import HOME, LMS_ISSUER, SCHOOL, XAPI_ISSUER, province_code
from creditbank_plugin.rules.client import (
    AUTHORIZATION_CODE,
    CLIENT_CREDENTIALS,
    CONFIDENTIAL,
    NO_PROOF,
    PUBLIC,
    REFRESH_TOKEN,
    SECRET,
)
from creditbank_plugin.rules.scopes import (
    ADOPTIONS_WRITE,
    CATALOGUE_READ,
    CATALOGUE_WRITE,
    COMPARISONS_APPROVE,
    COMPARISONS_PROPOSE,
    COMPARISONS_RATE,
    COMPARISONS_READ,
    CREDITS_READ,
    EVENTS_READ,
    EVENTS_WRITE,
    REPORTS_READ,
)
from creditbank_plugin.services.access import clients
from creditbank_plugin.services.runtime import Runtime

CENTRE = province_code(HOME)
OTHER_SCHOOL = "9951000002"
#: Where a program of this machine waits for its code; docs and examples name it.
CALLBACK = "http://127.0.0.1:8765/callback"


@dataclass(frozen=True)
class DemoClient:
    """What one is: its scopes, its organisation, the issuer it speaks for, and how it comes by its tokens."""

    scopes: tuple[str, ...]
    organisation: str = SCHOOL
    issuer: str | None = None
    kind: str = CONFIDENTIAL
    grants: tuple[str, ...] = (CLIENT_CREDENTIALS,)
    redirect_uris: tuple[str, ...] = ()
    name: str | None = None
    purpose: tuple[str, str] | None = None


CLIENTS: Mapping[str, DemoClient] = {
    "reader": DemoClient((CREDITS_READ,)),
    "other_school": DemoClient((CREDITS_READ,), OTHER_SCHOOL),
    "intake": DemoClient((EVENTS_WRITE, EVENTS_READ), issuer=LMS_ISSUER),
    "xapi": DemoClient((EVENTS_WRITE,), issuer=XAPI_ISSUER),
    "catalogue": DemoClient((CATALOGUE_READ, CATALOGUE_WRITE, COMPARISONS_READ, REPORTS_READ), CENTRE),
    "proposer": DemoClient((COMPARISONS_READ, COMPARISONS_PROPOSE), CENTRE),
    "rater1": DemoClient((COMPARISONS_READ, COMPARISONS_RATE), CENTRE),
    "rater2": DemoClient((COMPARISONS_READ, COMPARISONS_RATE), CENTRE),
    "chair": DemoClient((COMPARISONS_READ, COMPARISONS_APPROVE), CENTRE),
    "bank": DemoClient((ADOPTIONS_WRITE, COMPARISONS_READ)),
    "public": DemoClient(
        (CREDITS_READ,),
        OTHER_SCHOOL,
        kind=PUBLIC,
        grants=(AUTHORIZATION_CODE,),
        redirect_uris=(CALLBACK,),
        name="แอปสาธิตในเครื่อง / Demo app",
        purpose=("แสดงหน่วยกิตของคุณในแอปบนเครื่องนี้", "To show your credits in an app on this machine"),
    ),
    "partner": DemoClient(
        (CREDITS_READ,),
        OTHER_SCHOOL,
        grants=(AUTHORIZATION_CODE, REFRESH_TOKEN),
        redirect_uris=(CALLBACK,),
        name="ระบบรับสมัครสาธิต / Demo admissions",
        purpose=("พิจารณาการเทียบโอนเมื่อสมัครเรียน", "To consider your credits when you apply for a place"),
    ),
}


def enter(runtime: Runtime, name: str, before: dict[str, Any]) -> dict[str, Any]:
    """Return a client's entry in ``demo.json``: last time's where it still works, else a new one.

    ``before`` is what ``demo.json`` said last time.  A public client's entry has no secret.
    """
    wanted = CLIENTS[name]
    known = before.get("clients", {}).get(name, {})
    client_id, secret = known.get("client_id"), known.get("client_secret")
    if not _works(runtime, wanted, client_id, secret):
        made = clients.create(runtime, _wish(name, wanted))
        client_id, secret = made.client_id, made.client_secret
    entry: dict[str, Any] = {"client_id": client_id}
    if secret is not None:
        entry["client_secret"] = secret
    entry["scopes"] = list(wanted.scopes)
    if wanted.redirect_uris:
        entry |= {"redirect_uris": list(wanted.redirect_uris), "grants": list(wanted.grants)}
    return {**entry, "issuer": wanted.issuer} if name == "xapi" else entry


def _works(runtime: Runtime, wanted: DemoClient, client_id: Any, secret: Any) -> bool:
    if not isinstance(client_id, str):
        return False
    if wanted.kind == PUBLIC:
        return clients.known(runtime, client_id) is not None
    return isinstance(secret, str) and clients.authenticate(runtime, client_id, secret) is not None


def _wish(name: str, wanted: DemoClient) -> clients.Wish:
    return clients.Wish(
        name=wanted.name or f"demo {name}",
        organisation=wanted.organisation,
        scopes=wanted.scopes,
        issuer=wanted.issuer,
        may_open_accounts=wanted.issuer is not None,
        kind=wanted.kind,
        proof=NO_PROOF if wanted.kind == PUBLIC else SECRET,
        grants=wanted.grants,
        redirect_uris=wanted.redirect_uris,
        purpose=wanted.purpose,
    )
