"""What an authorization request asks for (RFC 6749 section 4.1.1, RFC 7636, RFC 9700 section 2.1)."""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import NoReturn

from creditbank_plugin.rules.client import AUTHORIZATION_CODE
from creditbank_plugin.rules.scopes import LEARNERS_GRANT, split

#: Every parameter that we understand; others are ignored (RFC 6749 section 3.1).
PARAMETERS = (
    *("response_type", "client_id", "redirect_uri", "scope", "state", "response_mode", "prompt", "ui_locales"),
    *("code_challenge", "code_challenge_method", "request", "request_uri"),
)
_MAY_REPEAT = frozenset(("resource",))  # RFC 8707 section 2
#: The SHA-256 of a verifier in base64url has 43 characters (RFC 7636 section 4.2).
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)
_SILENT, _ASK_AGAIN = "none", "consent"

Sent = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Registered:
    """A client as far as a request can fit it; ``pkce``: it must send a challenge."""

    client_id: str
    grants: Collection[str]
    redirect_uris: Sequence[str]
    scopes: frozenset[str]
    pkce: bool


@dataclass(frozen=True)
class Asked:
    """A request that is in order.

    ``told``: it named the redirect URI itself.  ``silent``: no page may be shown; ``ask_again``: one must be, also where
    the learner agreed before.
    """

    client_id: str
    redirect_uri: str
    told: bool
    scopes: frozenset[str]
    state: str | None
    challenge: str | None
    silent: bool = False
    ask_again: bool = False


class Wrong(Exception):  # noqa: N818 - an answer, not a fault
    """A request that is not in order: a code of RFC 6749 section 4.1.2.1 and an English sentence for the developer.

    ``redirect_uri`` is where the client is told; None where it is not safe to lead anybody anywhere, and a page says it.
    """

    def __init__(self, error: str, description: str, redirect_uri: str | None = None, state: str | None = None) -> None:
        super().__init__(error)
        self.error, self.description, self.redirect_uri, self.state = error, description, redirect_uri, state


def client_id_of(sent: Sent) -> str:
    """Return the one client that a request names; `Wrong` where it names none or several."""
    return _one(sent, "client_id") or _unsafe("client_unknown", "The client_id is missing.")


def understand(sent: Sent, client: Registered | None) -> Asked:
    """Return what is asked; `Wrong` for the first thing that is not in order."""
    if client is None or AUTHORIZATION_CODE not in client.grants:
        _unsafe("client_unknown", "There is no such client, or it may not ask learners.")
    redirect_uri, told = _redirect_uri(sent, client)
    states = sent.get("state", ())
    state = states[0] if len(states) == 1 and states[0] and states[0].isprintable() else None

    def wrong(error: str, description: str) -> Wrong:
        return Wrong(error, description, redirect_uri, state)

    if any(len(values) > 1 for name, values in sent.items() if name not in _MAY_REPEAT):
        raise wrong("invalid_request", "A parameter is given more than once.")
    if state is None and any(states):
        raise wrong("invalid_request", "The state must be of signs that can be printed.")
    said = {name: values[0] for name, values in sent.items() if values and values[0]}
    for name in ("request", "request_uri"):
        if name in said:
            raise wrong(f"{name}_not_supported", "The parameters of a request stand in its address.")
    if "response_type" not in said:
        raise wrong("invalid_request", "The response_type is missing.")
    if said["response_type"] != "code":
        raise wrong("unsupported_response_type", "The response_type must be code.")
    if said.get("response_mode", "query") != "query":
        raise wrong("invalid_request", "The response_mode must be query.")
    prompts = said.get("prompt", "").split()
    if _SILENT in prompts and len(prompts) > 1:
        raise wrong("invalid_request", "The prompt none stands alone.")
    wants = client.scopes & LEARNERS_GRANT
    scopes = split(said["scope"]) if "scope" in said else wants
    if not scopes or not scopes <= wants:
        raise wrong("invalid_scope", "The scope holds something that this client cannot be granted.")
    challenge = _challenge(said, client.pkce, wrong)
    return Asked(
        client.client_id, redirect_uri, told, scopes, state, challenge, _SILENT in prompts, _ASK_AGAIN in prompts
    )


def _challenge(said: Mapping[str, str], needed: bool, wrong: Callable[[str, str], Wrong]) -> str | None:
    challenge, method = said.get("code_challenge"), said.get("code_challenge_method")
    if challenge is None and method is None and not needed:
        return None
    if challenge is None:
        raise wrong("invalid_request", "The code_challenge is missing (RFC 7636).")
    if method != "S256":
        raise wrong("invalid_request", "The code_challenge_method must be S256.")
    if _CHALLENGE.fullmatch(challenge) is None:
        raise wrong("invalid_request", "The code_challenge must be a SHA-256 in base64url, 43 characters.")
    return challenge


def _redirect_uri(sent: Sent, client: Registered) -> tuple[str, bool]:
    """Return the registered address that is meant, compared sign by sign, and whether the request named it.

    One that is left out is meant only where there is no other (RFC 6749 section 3.1.2.3).
    """
    told = _one(sent, "redirect_uri")
    if told is None:
        if len(client.redirect_uris) != 1:
            _unsafe("redirect_missing", "The redirect_uri is missing.")
        return client.redirect_uris[0], False
    if told not in client.redirect_uris:
        _unsafe("redirect_unknown", "The redirect_uri is not one that this client registered.")
    return told, True


def _one(sent: Sent, name: str) -> str | None:
    values = sent.get(name, ())
    if len(values) > 1:
        _unsafe("repeated", f"The {name} is given more than once.")
    return values[0] if values and values[0] else None


def _unsafe(error: str, description: str) -> NoReturn:
    raise Wrong(error, description)
