"""What a client finds out by itself: where our endpoints are (RFC 8414), and the keys of our tokens (RFC 7517)."""

from typing import Any

from flask import Response, jsonify

from creditbank_plugin.api.here import runtime
from creditbank_plugin.api.oauth_callers import ALL, PROOFS
from creditbank_plugin.machines import publish
from creditbank_plugin.rules.client import GRANTS
from creditbank_plugin.rules.scopes import SCOPES
from creditbank_plugin.services.access import jwks, token_key
from creditbank_plugin.settings import JWT

WELL_KNOWN = "/.well-known/oauth-authorization-server"
_KEYS_KEPT = 300  # seconds for which others may keep our keys


def document(issuer: str) -> dict[str, Any]:
    """Return the metadata of an issuer (RFC 8414 section 2)."""
    oauth = f"{issuer}/oauth"
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{oauth}/authorize",
        "token_endpoint": f"{oauth}/token",
        "token_endpoint_auth_methods_supported": list(ALL),
        "token_endpoint_auth_signing_alg_values_supported": list(jwks.ALGORITHMS),
        "jwks_uri": f"{oauth}/jwks",
        "revocation_endpoint": f"{oauth}/revoke",
        "revocation_endpoint_auth_methods_supported": list(ALL),
        "revocation_endpoint_auth_signing_alg_values_supported": list(jwks.ALGORITHMS),
        "introspection_endpoint": f"{oauth}/introspect",
        "introspection_endpoint_auth_methods_supported": list(PROOFS),
        "introspection_endpoint_auth_signing_alg_values_supported": list(jwks.ALGORITHMS),
        "scopes_supported": list(SCOPES),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": list(GRANTS),
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": True,
        "protected_resources": [f"{issuer}/api"],
        "service_documentation": f"{issuer}/api/docs",
        "ui_locales_supported": ["th", "en"],
    }


def keys() -> Response:
    """Answer the public keys of our tokens; where they are not signed, there are none."""
    settings = runtime().settings
    if settings.token_form == JWT:
        token_key.make(settings)
    answer = publish(jsonify(token_key.published(settings)))
    answer.headers["Cache-Control"] = f"public, max-age={_KEYS_KEPT}"
    return answer
