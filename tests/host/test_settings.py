"""Settings: from the configuration, the environment, the default; what cannot be understood is named in two languages."""

import base64
import re
from pathlib import Path
from typing import Any

import pytest

from creditbank_plugin.rules import hours
from creditbank_plugin.settings import SCHEMES, SettingError, Settings, read

WRONG: list[tuple[str, Any]] = [
    *(
        (name, value)
        for name in ("BATCH", "ATTEMPTS_BEFORE_PARKING", "MAX_BODY", "TOKEN_SECONDS")
        for value in ("0", -5)
    ),
    ("BATCH", "many"),
    ("BATCH", 2.5),
    ("BATCH", []),
    ("SECRET_OVERLAP_SECONDS", "-1"),
    *((name, "0") for name in ("POOL_SIZE", "POOL_SECONDS", "LOCK_SECONDS")),
    *((name, "-1") for name in ("POOL_OVERFLOW", "STATEMENT_SECONDS", "READY_SECONDS")),
    ("METRICS_TOKEN", "hidden"),
    ("METRICS_TOKEN", "hidden but with ไทย in it"),
    ("LOG_LEVEL", "INFO"),
    ("LOG_FORMAT", "xml"),
    ("ATTEMPT_RULE", "first"),
    ("ATTEMPT_RULES", "basic:best"),
    ("ATTEMPT_RULES", "basik=best"),
    ("ATTEMPT_RULES", "basic=first"),
    ("ATTEMPT_RULES", {"basic": "first"}),
    ("ATTEMPT_RULES", "basic=best;vocational=latest"),
    ("HOST_OPENS_ACCOUNTS", "maybe"),
    ("HOST_OPENS_ACCOUNTS", 2),
    ("SETTLE", "Inline"),
    ("URL_PREFIX", "bank"),
    *(
        ("PUBLIC_URL", value)
        for value in ("bank.example", "ftp://bank.example", "https://", "https://[", "https://a.example:x")
    ),
    *(("PUBLIC_URL", f"https://{value}") for value in ("user:hidden@a.example", "a.example?hidden=1", "a.example/#x")),
    ("TOKEN_FORM", "JWT"),
    *((name, "0") for name in ("CODE_SECONDS", "REFRESH_DAYS", "CONSENT_DAYS")),
    ("DATABASE_URL", "nonsense"),
    ("DATABASE_URL", "mysql://user:hidden@host/name"),
    ("DATABASE_URL", "postgresql://user:hidden@host/name"),
    ("DATABASE_URL", "postgresql+psycopg://user:hidden@host:port/name"),
    ("DATA", 7),
    ("KEYS", "hidden"),
    ("KEYS", base64.b64encode(b"x" * 31).decode()),
    ("CHECKPOINT_KEY", "hidden"),
    ("CHECKPOINT_KEY", ",".join([base64.b64encode(b"x" * 32).decode()] * 2)),
]


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_a_value_that_cannot_be_understood_stops_the_start(name: str, value: Any) -> None:
    with pytest.raises(SettingError) as caught:
        read({f"CREDITBANK_{name}": value}, {})
    en, th = str(caught.value).split(" / ")
    assert en.startswith(f"CREDITBANK_{name} ")
    assert th.startswith(f"CREDITBANK_{name} ")
    assert re.search(r"[ก-๙]", th)
    assert not re.search(r"[ก-๙]", en)
    assert "hidden" not in str(caught.value)


RIGHT: list[tuple[str, Any, Any]] = [
    ("batch", "7", 7),
    ("secret_overlap_seconds", "0", 0),
    ("attempt_rules", "basic = latest, vocational=best", {"basic": "latest", "vocational": "best"}),
    ("attempt_rules", {"none": "best"}, {"none": "best"}),
    *(("host_opens_accounts", word, True) for word in (True, "1", "yes", "On", "TRUE")),
    *(("host_opens_accounts", word, False) for word in (False, "0", "no", "Off", "false")),
    ("url_prefix", "/bank/", "/bank"),
    ("url_prefix", "/", ""),
    ("public_url", "https://bank.example:8443/lms/", "https://bank.example:8443/lms"),
    ("token_form", "jwt", "jwt"),
    ("database_url", "postgresql+psycopg://user:word@host/name", "postgresql+psycopg://user:word@host/name"),
    ("data", "/srv/bank/../data", Path("/srv/data")),
]


@pytest.mark.parametrize(("setting", "value", "expected"), RIGHT)
def test_a_value_that_is_right_is_understood(setting: str, value: Any, expected: Any) -> None:
    assert getattr(read({f"CREDITBANK_{setting.upper()}": value}, {}), setting) == expected
    if isinstance(value, str):
        assert getattr(read({}, {f"CREDITBANK_{setting.upper()}": value}), setting) == expected


def test_the_configuration_goes_before_the_environment_and_both_before_the_default() -> None:
    environ = {"CREDITBANK_BATCH": "5", "CREDITBANK_SCHOOL": "", "CREDITBANK_SETTLE": "manual"}
    found = read({"CREDITBANK_BATCH": 6}, environ)
    assert (found.batch, found.settle, found.school) == (6, "worker", Settings().school)


def test_the_schemes_of_the_settings_are_those_of_the_rules() -> None:
    assert SCHEMES == hours.SCHEMES


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PLATFORM_ISSUER", "http://lms.example"),
        ("PLATFORM_ISSUER", "http://localhost:8080"),
        ("PLATFORM_ISSUER", "https://lms.example/?x=1"),
        ("PLATFORM_ISSUER", "https://user@lms.example"),
        ("PLATFORM_ISSUER", "lms"),
        ("PLATFORM_JWKS", "http://10.0.0.1/jwks"),
        ("PLATFORM_JWKS", "https://[x"),
        ("PLATFORM_SCOPES", "grades.read"),
        ("PLATFORM_SCOPES", "grades.read=credits"),
        ("PLATFORM_SCOPES", "=credits:read"),
        ("PLATFORM_SCOPES", {"grades.read": ""}),
        ("TOKEN_MEMORY_SECONDS", "-1"),
    ],
)
def test_settings_of_the_platform_that_cannot_be_used_are_named(name: str, value: object) -> None:
    with pytest.raises(SettingError, match=name):
        read({f"CREDITBANK_{name}": value, "CREDITBANK_PLATFORM_AUDIENCE": "x"}, {})


def test_an_issuer_needs_an_audience() -> None:
    with pytest.raises(SettingError, match="PLATFORM_AUDIENCE"):
        read({"CREDITBANK_PLATFORM_ISSUER": "https://lms.example"}, {})


def test_scopes_of_the_platform_are_pairs() -> None:
    told = "a=credits:read, https://x.example/b?c=d=events:read,a=events:read"
    found = read({"CREDITBANK_PLATFORM_SCOPES": told}, {}).platform_scopes
    assert found == {"a": "credits:read events:read", "https://x.example/b?c=d": "events:read"}
    assert read({"CREDITBANK_PLATFORM_SCOPES": found}, {}).platform_scopes == found
