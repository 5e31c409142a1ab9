"""The two ways in, as the OpenAPI document tells them: a client for its organisation, and a client that a learner let in."""

from collections.abc import Iterable
from typing import Any

from creditbank_plugin.api.blueprint import LEARNERS, MACHINE
from creditbank_plugin.rules.scopes import LEARNERS_GRANT, SCOPES

_MACHINE = "ระบบที่เชื่อมต่อทำการแทนหน่วยงานของตน – the client acts for its organisation (client credentials)"
_LEARNER = (
    "ผู้เรียนยินยอมให้อ่านหน่วยกิตของตน – a learner let the client read their credits: authorization code with PKCE S256 "
    "(RFC 7636), and refresh tokens that are good once"
)


def schemes(prefix: str) -> dict[str, dict[str, Any]]:
    """Return the OAuth 2 schemes by name, with their addresses below the bank's URL prefix."""
    token = f"{prefix}/oauth/token"
    machine = {"tokenUrl": token, "scopes": _told(SCOPES)}
    learner = {
        "authorizationUrl": f"{prefix}/oauth/authorize",
        "tokenUrl": token,
        "refreshUrl": token,
        "scopes": _told(sorted(LEARNERS_GRANT)),
    }
    return {
        MACHINE: {"type": "oauth2", "description": _MACHINE, "flows": {"clientCredentials": machine}},
        LEARNERS: {"type": "oauth2", "description": _LEARNER, "flows": {"authorizationCode": learner}},
    }


def mounted(document: dict[str, Any], root: str) -> None:
    """Put before every address of the schemes of ``document`` where the application is mounted."""
    for scheme in document["components"]["securitySchemes"].values():
        for flow in scheme.get("flows", {}).values():
            flow.update({name: f"{root}{flow[name]}" for name in _ADDRESSES if name in flow})


_ADDRESSES = ("authorizationUrl", "tokenUrl", "refreshUrl")


def _told(codes: Iterable[str]) -> dict[str, str]:
    return {code: f"{SCOPES[code].th} – {SCOPES[code].en}" for code in codes}
