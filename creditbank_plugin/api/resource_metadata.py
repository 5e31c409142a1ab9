"""What a client finds out about the API by itself: who gives tokens for it, and for which scopes (RFC 9728)."""

from typing import Any

from creditbank_plugin.api.here import runtime
from creditbank_plugin.rules.scopes import SCOPES

WELL_KNOWN = "/.well-known/oauth-protected-resource"


def document(issuer: str) -> dict[str, Any]:
    """Return the metadata of the API (RFC 9728 section 2), whose tokens ``issuer`` gives, and the platform's own."""
    return {
        "resource": f"{issuer}/api",
        "authorization_servers": [each for each in (issuer, runtime().settings.platform_issuer) if each],
        "scopes_supported": list(SCOPES),
        "bearer_methods_supported": ["header"],
        "resource_name": "Credit bank API",
        "resource_name#th": "API ธนาคารหน่วยกิต",
        "resource_documentation": f"{issuer}/api/docs",
    }
