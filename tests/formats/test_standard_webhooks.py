"""Signatures as Standard Webhooks has them: its own vector, and its own library."""

from datetime import UTC, datetime

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from creditbank_plugin.formats import standard_webhooks

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OTHER = standard_webhooks.written(b"o" * 32)


def test_the_vector_of_the_specification() -> None:
    made = standard_webhooks.headers([SECRET], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert made == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_the_library_of_the_specification_takes_either_secret_during_a_rotation() -> None:
    body = '{"type":"credit.posted","data":{"id":"ไทย"}}'.encode()
    now = int(datetime.now(UTC).timestamp())
    made = standard_webhooks.headers([OTHER, SECRET], "m-1", now, body)
    for secret in (SECRET, OTHER):
        assert Webhook(secret).verify(body, made)["type"] == "credit.posted"
    with pytest.raises(WebhookVerificationError):
        Webhook(standard_webhooks.written(b"x" * 32)).verify(body, made)
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(body + b" ", made)
