"""The form by which an administrator registers a client, and the one page on which its secret stands."""

import secrets
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from creditbank_plugin.errors import Refused
from creditbank_plugin.formats import strict_json
from creditbank_plugin.rules import thai
from creditbank_plugin.rules.client import (
    AUTHORIZATION_CODE,
    CLIENT_CREDENTIALS,
    CONFIDENTIAL,
    GRANTS,
    NO_PROOF,
    PRIVATE_KEY_JWT,
    PUBLIC,
    SECRET,
)
from creditbank_plugin.rules.scopes import SCOPES
from creditbank_plugin.rules.whole import whole
from creditbank_plugin.services import organisations
from creditbank_plugin.services.access import client_list, clients
from creditbank_plugin.services.access.clients import Wish
from creditbank_plugin.web.access import for_roles, runtime
from creditbank_plugin.web.forms import Form
from creditbank_plugin.web.page import notify, page

KINDS, PROOFS = (CONFIDENTIAL, PUBLIC), (SECRET, PRIVATE_KEY_JWT)
LONGEST_NAME, LONGEST_PURPOSE, LONGEST_LIST, MOST_A_MINUTE = 200, 300, 20_000, 1_000_000
#: Forms that made a client already, by the number each form carries: a page that is loaded again makes no second one.
_SENT, _REMEMBERED = "creditbank_clients_made", 10


def add_pages(blueprint: Blueprint) -> None:
    """Add the form to ``blueprint``."""
    guard = for_roles("admin")
    blueprint.add_url_rule("/admin/clients/new", "client_new", guard(new), methods=["GET"])
    blueprint.add_url_rule("/admin/clients/new", "client_save", guard(save), methods=["POST"])


def new() -> ResponseReturnValue:
    """Show the empty form: a machine of an organisation that acts for itself."""
    return _form(Form(MultiDict({"kind": CONFIDENTIAL, "proof": SECRET, "grants": CLIENT_CREDENTIALS})))


def save() -> ResponseReturnValue:
    """Register the client and show its secret, or say at its field what is wrong."""
    form = Form(request.form)
    number, made_before = form.value("form_number")[:40], list(session.get(_SENT, ()))
    if number in made_before:
        notify("clients.made_already")
        return redirect(url_for("creditbank.clients"), 303)
    wish = _wish(form)
    if wish is None:
        return _form(form), 422
    try:
        made = clients.create(runtime(), wish)
    except Refused as refusal:
        if refusal.status != 422:
            raise
        form.refused(refusal)
        return _form(form), 422
    session[_SENT] = [*made_before, number][-_REMEMBERED:]
    known = organisations.introduce_issuer(runtime(), wish.issuer) if wish.issuer is not None else None
    return page(
        "admin/client_secret",
        client=client_list.get(runtime(), made.client_id),
        secret=made.client_secret,
        rotated=False,
        trusted=None if wish.issuer is None else known is not False,
    )


def _form(form: Form) -> str:
    return page(
        "admin/client_new",
        form=form,
        number=secrets.token_urlsafe(12),
        scopes=SCOPES.values(),
        kinds=KINDS,
        proofs=PROOFS,
        grants=GRANTS,
    )


def _wish(form: Form) -> Wish | None:
    """Return what is wished for; None where the form has faults."""
    name, organisation = form.text("name", longest=LONGEST_NAME), form.text("organisation", longest=60)
    kind, grants = form.choice("kind", KINDS), form.values("grants")
    proof = NO_PROOF if kind == PUBLIC else form.choice("proof", PROOFS)
    asks_learners = AUTHORIZATION_CODE in grants
    purposes = [form.text(f"purpose_{lang}", required=asks_learners, longest=LONGEST_PURPOSE) for lang in ("th", "en")]
    more: dict[str, Any] = {
        "issuer": form.text("issuer", required=False, longest=255),
        "per_minute": _per_minute(form),
        "jwks": _jwks(form),
        "schools": _listed(form, "schools"),
        "redirect_uris": _listed(form, "redirect_uris"),
    }
    if form.errors or name is None or organisation is None or kind is None or proof is None:
        return None
    th, en = purposes
    return Wish(
        name=name,
        organisation=organisation,
        scopes=form.values("scopes"),
        may_open_accounts=form.value("may_open_accounts") == "yes",
        kind=kind,
        proof=proof,
        grants=grants,
        pkce=form.value("pkce") != "excused",
        purpose=(th or en or "", en or th or "") if th or en else None,
        **more,
    )


def _listed(form: Form, field: str) -> list[str]:
    """Return what stands in a field, one a line or parted by blanks; each once."""
    text = form.value(field)
    if len(text) > LONGEST_LIST:
        form.wrong(field, "wrong.too_long", longest=LONGEST_LIST)
        return []
    return list(dict.fromkeys(text.split()))


def _per_minute(form: Form) -> int | None:
    text = thai.digits(form.value("per_minute").strip())
    if not text:
        return None
    number = whole(text, 7)
    if number is None or not 0 < number <= MOST_A_MINUTE:
        form.wrong("per_minute", "clients.per_minute_wrong", most=MOST_A_MINUTE)
        return None
    return number


def _jwks(form: Form) -> Mapping[str, Any] | None:
    text = form.value("jwks").strip()
    if not text:
        return None
    try:
        found = strict_json.loads(text.encode(), nul=False) if len(text) <= LONGEST_LIST else None
    except strict_json.NotJson:
        found = None
    if not isinstance(found, dict):
        form.wrong("jwks", "clients.jwks_wrong")
        return None
    return found
