"""Look at a running demo: its log-in page, the OpenAPI document, that a client gets in and nobody without credentials."""

import json
import sys
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from creditbank_client import CreditBank, Secret

base, about = sys.argv[1], json.loads(Path(sys.argv[2]).read_text(encoding="utf-8"))


def get(path: str, data: bytes | None = None) -> tuple[int, str]:
    """Return status and text of an answer, whatever the status."""
    try:
        with urlopen(Request(base + path, data=data), timeout=20) as answer:  # noqa: S310 - our own demo
            return answer.status, answer.read().decode()
    except HTTPError as refusal:
        return refusal.code, refusal.read().decode()


status, text = get("/login")
assert status == 200, status
assert 'name="password"' in text, text[:500]
status, text = get("/creditbank/api/openapi.json")
assert status == 200, status
document = json.loads(text)
assert document["openapi"].startswith("3."), document["openapi"]
assert any(path.endswith("/events") for path in document["paths"]), list(document["paths"])
assert get("/creditbank/api/v1/learners?issuer=x&id=1")[0] == 401
assert get("/creditbank/oauth/token", b"grant_type=client_credentials")[0] in (400, 401)
reader = about["clients"]["reader"]
bank = CreditBank.of_machine(f"{base}/creditbank/api", Secret(reader["client_id"], reader["client_secret"]))
assert bank.learner("x", "1") is None
assert "items" in next(bank.changes())
print(f"{base}: log-in page and API answer")
