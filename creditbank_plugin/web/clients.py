"""Clients as an administrator sees them: what each may do, when it last called, who let it in; rotated and stopped here.

A secret is shown on the answer to the form that made it, and nowhere else: that page is kept by nobody (`headers`).
"""

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from creditbank_plugin.errors import Refused
from creditbank_plugin.rules.client import SECRET
from creditbank_plugin.rules.scopes import SCOPES
from creditbank_plugin.services.access import client_list, clients, consents
from creditbank_plugin.web import query
from creditbank_plugin.web.access import for_roles, runtime
from creditbank_plugin.web.desk import actor
from creditbank_plugin.web.page import notify, page

PER_PAGE = 50


def add_pages(blueprint: Blueprint) -> None:
    """Add the pages to ``blueprint``."""
    add, guard = blueprint.add_url_rule, for_roles("admin")
    add("/admin/clients", "clients", guard(show))
    add("/admin/clients/<client_id>", "client", guard(one))
    add("/admin/clients/<client_id>/rotate", "client_rotate", guard(rotate), methods=["POST"])
    add("/admin/clients/<client_id>/stop", "client_stop", guard(stop), methods=["POST"])
    add("/admin/clients/<client_id>/grants/<consent_id>/end", "client_grant_end", guard(end_grant), methods=["POST"])


def show() -> ResponseReturnValue:
    """List the clients, the newest first, those with the words that were asked for."""
    words = query.words()
    found = client_list.find(runtime(), words, after=request.args.get("after"), limit=PER_PAGE)
    return page("admin/clients", found=found, search=words)


def one(client_id: str) -> ResponseReturnValue:
    """Show a client, with a page of those who let it in by their numbers."""
    shown = client_list.get(runtime(), client_id)
    number = query.number("page")
    grants = consents.list_for_client(runtime(), client_id, limit=PER_PAGE + 1, skipped=number * PER_PAGE)
    return page(
        "admin/client",
        client=shown,
        meanings=SCOPES,
        turn=clients.turn_of(shown.old_secret_until),
        has_secret=shown.proof == SECRET,
        overlap_hours=f"{runtime().settings.secret_overlap_seconds / 3600:.1f}".removesuffix(".0"),
        old_works=shown.old_secret_until is not None and runtime().clock() < shown.old_secret_until,
        grants=grants[:PER_PAGE],
        granted=consents.count_for_client(runtime(), client_id),
        number=number,
        more=len(grants) > PER_PAGE,
    )


def rotate(client_id: str) -> ResponseReturnValue:
    """Give a new secret and show it this once; a form that is sent again, or too late, changes nothing."""
    try:
        made = clients.rotate(runtime(), client_id, turn=request.form.get("turn", ""))
    except Refused as refusal:
        if refusal.code != "secret_changed":
            raise
        notify("clients.rotated_already")
        return redirect(url_for("creditbank.client", client_id=client_id), 303)
    shown = client_list.get(runtime(), client_id)
    return page("admin/client_secret", client=shown, secret=made.client_secret, rotated=True, trusted=None)


def stop(client_id: str) -> ResponseReturnValue:
    """Shut a client out."""
    clients.revoke(runtime(), client_id)
    notify("clients.stopped")
    return redirect(url_for("creditbank.client", client_id=client_id), 303)


def end_grant(client_id: str, consent_id: str) -> ResponseReturnValue:
    """End what one learner let this client do."""
    consents.end(runtime(), consent_id, actor().id, client_id=client_id)
    notify("clients.grant_ended")
    return redirect(url_for("creditbank.client", client_id=client_id), 303)
