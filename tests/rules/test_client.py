"""What a client may be, and to which addresses somebody may be led back."""

from typing import Any

import pytest

from creditbank_plugin.errors import Refused
from creditbank_plugin.rules.client import check

GOOD: dict[str, Any] = {
    "kind": "confidential",
    "proof": "secret",
    "grants": ["authorization_code", "refresh_token"],
    "redirect_uris": ["https://agency.example/back"],
    "pkce": True,
    "scopes": ["credits:read"],
    "jwks": None,
}
MACHINE = {"grants": ["client_credentials"], "redirect_uris": []}
PROGRAM = {"kind": "public", "proof": "none"}


@pytest.mark.parametrize(
    "changed",
    [
        {},
        MACHINE,
        PROGRAM,
        {"pkce": False},
        {"proof": "private_key_jwt", "jwks": {"keys": [{}]}},
        {"redirect_uris": ["http://127.0.0.1:8765/callback", "http://[::1]/back", "th.example.app:/back"]},
        {"redirect_uris": ["https://agency.example:8443/back?tenant=1", "https://192.0.2.7/back"]},
    ],
)
def test_what_fits_together_passes(changed: dict[str, Any]) -> None:
    check(**{**GOOD, **changed})


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"kind": "x"}, "kind"),
        ({"proof": "none"}, "proof"),
        ({**PROGRAM, "proof": "secret"}, "proof"),
        ({"proof": "private_key_jwt"}, "jwks"),
        ({"jwks": {"keys": []}}, "jwks"),
        ({"grants": []}, "grants"),
        ({"grants": ["password"]}, "grants"),
        ({"grants": ["implicit"]}, "grants"),
        ({**PROGRAM, **MACHINE}, "grants"),
        ({"grants": ["refresh_token"]}, "grants"),
        ({"grants": ["client_credentials", "refresh_token"], "redirect_uris": []}, "grants"),
        ({"redirect_uris": []}, "redirect_uris"),
        ({**MACHINE, "redirect_uris": ["https://agency.example"]}, "redirect_uris"),
        ({"scopes": ["events:read"]}, "scopes"),
        ({**PROGRAM, "pkce": False}, "pkce"),
        ({"redirect_uris": [f"https://agency.example/{each}" for each in range(11)]}, "redirect_uris"),
    ],
)
def test_what_does_not_fit_is_named(changed: dict[str, Any], field: str) -> None:
    with pytest.raises(Refused) as caught:
        check(**{**GOOD, **changed})
    assert caught.value.field == field


@pytest.mark.parametrize(
    "address",
    [
        *(
            "http://agency.example/back",
            "http://localhost:8765/back",
            "https://",
            "https:///back",
            "//agency.example",
            "/back",
        ),
        *("https://agency.example/back#x", "https://user:word@agency.example/", "https://agency.example/a b"),
        *("https://agency.example\\@evil.example/", "https://agency.example/\n", "https://agency.example/\x00"),
        *("javascript:alert(1)", "data:text/html,x", "myapp:/back", "file:///etc/x", "th.example.app://host/back"),
        *(
            "https://หน่วยงาน.example/",
            "https://[::1",
            "http://127.0.0.1:x/",
            "http://127.0.0.1:99999/",
            "http://127.0.0.1:0/",
        ),
        *("http://127.0.0.1.evil.example/", "http://2130706433/", "https://agency.example/" + "x" * 1000, "", " "),
    ],
)
def test_an_address_that_could_lead_astray_is_not_registered(address: str) -> None:
    with pytest.raises(Refused) as caught:
        check(**{**GOOD, "redirect_uris": [address]})
    assert caught.value.field == "redirect_uris"
