"""The authorization endpoint (RFC 6749 section 3.1): a client asks, the learner reads who wants what, and decides."""

import logging
from urllib.parse import urlencode, urlsplit

from flask import Blueprint, abort, redirect, request
from flask.typing import ResponseReturnValue

from creditbank_hooks import LearnerIdentity
from creditbank_plugin.rules.authorization import PARAMETERS, Asked, Wrong
from creditbank_plugin.services import accounts, opening
from creditbank_plugin.services.access import authorising, consents
from creditbank_plugin.services.access.authorising import Request
from creditbank_plugin.web import forgery, headers
from creditbank_plugin.web.access import runtime, this_user, user
from creditbank_plugin.web.page import login_url, page

log = logging.getLogger(__name__)

_DECISION, _LEARNER, _AGREE = "decision", "learner", "agree"
#: A parameter of our own: the visitor comes from the host's log-in.
_AFTER, _LOG_IN = "after", "login"


def add_pages(blueprint: Blueprint) -> None:
    """Add the endpoint to ``blueprint``."""
    blueprint.add_url_rule("/oauth/authorize", "authorize", authorize, methods=["GET", "POST"])
    forgery.excuse(blueprint, "authorize")


def authorize() -> ResponseReturnValue:
    """Answer a client's request, which is understood as a whole before anybody logs in or reads a page.

    A request may come as a form as well (RFC 6749 section 3.1); a form that holds a decision is our own page's.
    """
    sent = request.form if request.method == "POST" else request.args
    try:
        wanted = authorising.understand(
            runtime(), {name: values for name, values in sent.lists() if name in PARAMETERS or len(values) > 1}
        )
    except Wrong as wrong:
        return _refuse(wrong)
    asked = wanted.asked
    again = f"{request.script_root}{request.path}?{urlencode(_parameters())}"
    if request.method == "POST" and _DECISION not in request.form:
        return redirect(again, 303)  # by now as a page of ours: a log-in can lead back to it
    if user() is None:
        return _log_in(asked, again)
    learner = _learner()
    if learner is None:
        return _tell(asked, "access_denied") if asked.silent else _nothing_to_share(wanted)
    if request.method == "POST":
        return _decide(wanted, learner)
    person = accounts.person_of(runtime(), learner)
    if person is not None and not authorising.needs_page(runtime(), wanted, person.id):
        code = authorising.grant(runtime(), asked, person.id, agreed=False)
        if code is not None:
            return _lead_on(wanted, code)
    return _tell(asked, "consent_required") if asked.silent else _ask(wanted)


# A test walks every route and finds a scope, or this word.
authorize.creditbank_scope = "public"  # type: ignore[attr-defined]


def _parameters() -> list[tuple[str, str]]:
    """Return the request's own parameters, each once: what was given twice has been refused."""
    sent = request.form if request.method == "POST" else request.args
    return [(name, sent[name]) for name in PARAMETERS if name in sent]


def _learner() -> LearnerIdentity | None:
    """Return the learner who is logged in; None for somebody who does not learn, or cannot have an account here yet."""
    learner = this_user().learner
    if learner is None or opening.may_open(runtime()) or accounts.person_of(runtime(), learner) is not None:
        return learner
    return None


def _log_in(asked: Asked, again: str) -> ResponseReturnValue:
    if asked.silent:
        return _tell(asked, "login_required")
    log_in = login_url(f"{again}&{_AFTER}={_LOG_IN}")
    # a host that let somebody in and does not say whom must not lead in a circle
    if log_in is None or request.args.get(_AFTER) == _LOG_IN:
        abort(401)
    return redirect(log_in, 303 if request.method == "POST" else 302)


def _nothing_to_share(wanted: Request) -> ResponseReturnValue:
    return page("consent_nobody", wanted=wanted, learns=this_user().learner is not None), 403


def _ask(wanted: Request) -> str:
    headers.let_forms_lead_to(_sources(wanted.asked.redirect_uri))
    return page(
        "consent",
        wanted=wanted,
        until=consents.until(runtime()),
        leads_to=urlsplit(wanted.asked.redirect_uri).netloc or urlsplit(wanted.asked.redirect_uri).scheme,
        parameters=_parameters(),
        decision=_DECISION,
        agree=_AGREE,
        learner_field=_LEARNER,
        learner=this_user().id,
    )


def _decide(wanted: Request, learner: LearnerIdentity) -> ResponseReturnValue:
    """Carry out what the learner said; a page that another learner was reading is shown anew."""
    forgery.check()
    asked = wanted.asked
    if request.form.get(_LEARNER) != this_user().id:
        return _ask(wanted)
    if request.form[_DECISION] != _AGREE:
        return _tell(asked, "access_denied")
    person_id = opening.open_for(runtime(), learner)
    if person_id is None:
        return _nothing_to_share(wanted)
    code = authorising.grant(runtime(), asked, person_id, agreed=True)
    return _lead_back(asked.redirect_uri, asked.state, code=code)


def _refuse(wrong: Wrong) -> ResponseReturnValue:
    log.info("an authorization request was refused: %s", wrong.error)
    if wrong.redirect_uri is None:
        return page("consent_refused", wrong=wrong), 400
    return _lead_back(wrong.redirect_uri, wrong.state, error=wrong.error, error_description=wrong.description)


def _tell(asked: Asked, error: str) -> ResponseReturnValue:
    return _lead_back(asked.redirect_uri, asked.state, error=error)


def _lead_on(wanted: Request, code: str) -> ResponseReturnValue:
    """Lead the browser to the client without having asked.

    Right after a log-in it is a page that does so: the host's own policy may let its log-in form lead nowhere but to
    itself, and browsers hold every redirect after the form against it.
    """
    asked = wanted.asked
    if request.args.get(_AFTER) != _LOG_IN:
        return _lead_back(asked.redirect_uri, asked.state, code=code)
    address = _address(asked.redirect_uri, asked.state, code=code)
    return page("consent_stands", wanted=wanted, address=address), 200, {"Refresh": f"0; url={address}"}


def _lead_back(redirect_uri: str, state: str | None, **told: str | None) -> ResponseReturnValue:
    """Lead the browser to the client."""
    # 303 after a form: a browser must never send the form itself on (RFC 9700 section 4.12)
    return redirect(_address(redirect_uri, state, **told), 303 if request.method == "POST" else 302)


def _address(redirect_uri: str, state: str | None, **told: str | None) -> str:
    """Return the client's address with what it is told, its own state and our issuer (RFC 9207)."""
    said = {**told, "state": state, "iss": runtime().settings.oauth_issuer(request.url_root)}
    query = urlencode({name: value for name, value in said.items() if value is not None})
    return f"{redirect_uri}{'&' if '?' in redirect_uri else '?'}{query}"


def _sources(redirect_uri: str) -> str:
    """Return where the page's form may lead, as CSP says it: browsers apply ``form-action`` to every redirect after it.

    A client behind https may lead on to another address of its own, as brokers of log-ins do; that is why any https is
    let pass.  CSP knows no IPv6 address (CSP3 section 2.3.1): there the scheme stands alone.
    """
    parts = urlsplit(redirect_uri)
    if parts.scheme == "https":
        return "https:"
    if parts.scheme != "http":
        return f"https: {parts.scheme}:"
    if parts.hostname is None or ":" in parts.hostname:
        return "https: http:"
    return f"https: http://{parts.hostname}:{parts.port or 80}"
