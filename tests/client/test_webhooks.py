"""Messages that are believed, and those that are not; against signatures of the module and of others."""

import time
from datetime import UTC, datetime
from typing import Any

import pytest
from standardwebhooks.webhooks import Webhook

from creditbank_client import WebhookRefused
from creditbank_client.webhooks import TOLERANCE, sign, verify
from creditbank_plugin.formats.standard_webhooks import headers, written

SECRETS = [written(bytes([number]) * 24) for number in range(3)]
BODY = '{"type":"credit.posted","timestamp":"2026-03-31T09:00:02Z","data":{"id":"ก"}}'.encode()
NOW = 1_774_947_603


def signed(*secrets: str, body: bytes = BODY, at: int = NOW) -> dict[str, str]:
    return headers(secrets, "m-1", at, body)


def test_a_message_of_the_bank_is_read() -> None:
    found = verify(BODY, signed(SECRETS[0]), SECRETS[:1], now=NOW)
    assert (found.id, found.type, found.data) == ("m-1", "credit.posted", {"id": "ก"})


def test_names_of_headers_come_in_any_letters() -> None:
    told = {name.title(): value for name, value in signed(SECRETS[0]).items()}
    assert verify(BODY, told, SECRETS[:1], now=NOW).id == "m-1"


@pytest.mark.parametrize("good", [[SECRETS[0]], [SECRETS[1]], [SECRETS[1], SECRETS[0]], [SECRETS[2], SECRETS[0]]])
def test_while_secrets_follow_one_another_either_does(good: list[str]) -> None:
    assert verify(BODY, signed(SECRETS[0], SECRETS[1]), good, now=NOW).id == "m-1"


@pytest.mark.parametrize("off", [-TOLERANCE, TOLERANCE])
def test_clocks_may_differ_a_little(off: int) -> None:
    assert verify(BODY, signed(SECRETS[0]), SECRETS[:1], now=NOW + off).id == "m-1"


@pytest.mark.parametrize(
    ("changed", "body", "about"),
    [
        ({}, BODY + b" ", "no signature"),
        ({"webhook-id": "m-2"}, BODY, "no signature"),
        ({"webhook-timestamp": str(NOW + 1)}, BODY, "no signature"),
        ({"webhook-timestamp": str(NOW - TOLERANCE - 1)}, BODY, "too old"),
        ({"webhook-timestamp": str(NOW + TOLERANCE + 1)}, BODY, "too old"),
        ({"webhook-timestamp": "soon"}, BODY, "no number"),
        ({"webhook-timestamp": "๑๒๓"}, BODY, "no number"),
        ({"webhook-timestamp": "9" * 400}, BODY, "no number"),
        ({"webhook-signature": ""}, BODY, "no signature"),
        ({"webhook-signature": "v1,?? v1 , v1,"}, BODY, "no signature"),
        ({"webhook-signature": "v1,ก"}, BODY, "no signature"),
        ({"webhook-signature": signed(SECRETS[2])["webhook-signature"]}, BODY, "no signature"),
        ({"webhook-signature": signed(SECRETS[0])["webhook-signature"].replace("v1,", "v1a,")}, BODY, "no signature"),
    ],
)
def test_what_is_not_genuine_is_refused(changed: dict[str, str], body: bytes, about: str) -> None:
    with pytest.raises(WebhookRefused, match=about):
        verify(body, {**signed(SECRETS[0]), **changed}, SECRETS[:2], now=NOW)


@pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp", "webhook-signature"])
def test_nor_is_what_lacks_a_header(name: str) -> None:
    told = signed(SECRETS[0])
    del told[name]
    with pytest.raises(WebhookRefused, match="missing"):
        verify(BODY, told, SECRETS, now=NOW)


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b"\xff", b"null"])
def test_nor_is_what_is_no_message(body: bytes) -> None:
    with pytest.raises(WebhookRefused, match="cannot be read"):
        verify(body, signed(SECRETS[0], body=body), SECRETS[:1], now=NOW)


def test_no_secret_at_all_verifies_nothing() -> None:
    with pytest.raises(WebhookRefused):
        verify(BODY, signed(SECRETS[0]), [], now=NOW)
    with pytest.raises(ValueError, match="whsec_"):
        verify(BODY, signed(SECRETS[0]), ["no secret"], now=NOW)


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_AAAA", written(bytes(15))])
def test_a_secret_that_anybody_can_guess_verifies_nothing(secret: str) -> None:
    """A setting that was forgotten is an empty text: what is signed with that is signed by anybody."""
    for good in ([secret], [SECRETS[0], secret]):
        with pytest.raises(ValueError, match="whsec_"):
            verify(BODY, signed(secret), good, now=NOW)
    with pytest.raises(ValueError, match="whsec_"):
        sign(BODY, secret, "m-1", timestamp=NOW)


def test_another_library_verifies_what_we_sign_and_the_other_way_round() -> None:
    now = int(time.time())
    told: dict[str, Any] = Webhook(SECRETS[0]).verify(BODY, sign(BODY, SECRETS[0], "m-1", timestamp=now))
    assert told["type"] == "credit.posted"
    theirs = Webhook(SECRETS[1]).sign("m-1", datetime.fromtimestamp(now, UTC), BODY.decode())
    told = {"webhook-id": "m-1", "webhook-timestamp": str(now), "webhook-signature": theirs}
    assert verify(BODY, told, SECRETS).id == "m-1"
