"""Clients of npm against the demo: what a JavaScript developer gets, and everything that must go wrong for them."""

from pathlib import Path
from typing import Any

import pytest

from tests.foreign import npm
from tests.foreign.scene import Scene

ENDED = {"error": "invalid_grant", "active": False}
EXPECTED: dict[str, Any] = {
    "client_credentials": {"scope": "credits:read", "lasts": 3600, "status": 200},
    "private_key_jwt": {"scopes": ["credits:read"] * 2, "another_key": "invalid_client"},
    "introspection": {"mine": True, "scope": "credits:read", "anothers": False, "unknown": False},
    "revocation": {"active": False, "status": 401},
    "code_public": {"status": 200, "scope": "credits:read", "refresh": False, "records": 1},
    "code_confidential": {"status": 200, "scope": "credits:read", "refresh": True},
    "refresh_rotation": {"different": 6, "status": 200},
    "refresh_reused_ends_the_family": {**ENDED, "status": 401, "next": "invalid_grant"},
    "refresh_revoked": {"error": "invalid_grant", "status": 401},
    "code_replayed_ends_the_family": {**ENDED, "refresh": "invalid_grant"},
    "wrong_verifier": "invalid_grant",
    "wrong_redirect_uri_at_the_token_endpoint": "invalid_grant",
    "wrong_redirect_uri_leads_nowhere": None,
    "no_pkce_from_a_program": "invalid_request",
    "wrong_state": 'library: unexpected "state" response parameter value',
    "wrong_issuer": 'library: unexpected "iss" (issuer) response parameter value',
    "no_issuer": 'library: response parameter "iss" (issuer) missing',
    "code_of_another_client": {"theirs": "invalid_grant", "given": "taken"},
    "wrong_secret": "invalid_client",
    "grant_that_is_not_the_clients": {"machine": "unauthorized_client", "learner": "unauthorized_client"},
    "unknown_scope": {"learner": "invalid_scope", "machine": "invalid_scope"},
    "the_learner_says_no": "access_denied",
    "expired_code": "invalid_grant",
}


@pytest.mark.parametrize("library", ["oauth4webapi", "openid-client"])
def test_a_client_of_npm(scene: Scene, programs: Path, library: str) -> None:
    pending, came = scene.ask()
    scene.age_codes()
    told = {
        "server": scene.server,
        "clients": {**{name: scene.client(name) for name in ("partner", "public", "reader")}, "keyed": scene.keyed},
        "user": scene.student,
        "expired": {"verifier": pending.verifier, "state": pending.state, "came": came},
    }
    issuer = f"{scene.server}/creditbank"
    discovery = {
        "issuer": issuer,
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": True,
        "resource": f"{issuer}/api",
        "authorization_servers": [issuer],
    }
    assert npm.run(programs, "clients.mjs", library, told=told) == {"discovery": discovery, **EXPECTED}
