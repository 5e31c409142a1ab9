"""Every setting of the module, read once from the host's configuration or the environment.

Each is named ``CREDITBANK_<NAME>``; docs/settings.md lists them and a test keeps the two equal.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

PREFIX = "CREDITBANK_"


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How one installation works; see docs/settings.md for the meaning of each."""

    url_prefix: str = "/creditbank"
    database_url: str | None = None
    data: Path = field(default_factory=lambda: Path.cwd() / "creditbank-data")
    keys: str | None = None
    issuer: str | None = None
    school: str | None = None
    host_opens_accounts: bool = True
    host_url: str = "/"
    login_url: str | None = None
    settle: str = "inline"
    batch: int = 200
    attempts_before_parking: int = 5
    attempt_rule: str = "best"
    attempt_rules: Mapping[str, str] = field(default_factory=dict)
    max_body: int = 5_000_000
    token_seconds: int = 3600
    secret_overlap_seconds: int = 86_400

    def attempt_rule_of(self, scheme: str) -> str:
        """Return how ``scheme`` chooses among attempts: ``best`` or ``latest`` (configuration; no national source)."""
        return self.attempt_rules.get(scheme, self.attempt_rule)


def read(config: Mapping[str, Any] | None = None, environ: Mapping[str, str] | None = None) -> Settings:
    """Return the settings of a Flask configuration over those of the environment over the defaults.

    ValueError names a setting that cannot be understood.
    """
    environ = os.environ if environ is None else environ
    values: dict[str, Any] = {}
    for setting in fields(Settings):
        name = PREFIX + setting.name.upper()
        raw = (config or {}).get(name)
        if raw is None:
            raw = environ.get(name)
        if raw is not None and raw != "":
            values[setting.name] = _understood(name, setting.name, raw)
    made = Settings(**values)
    if made.settle not in ("inline", "manual"):
        raise ValueError(f"{PREFIX}SETTLE must be inline or manual")
    for rule in (made.attempt_rule, *made.attempt_rules.values()):
        if rule not in ("best", "latest"):
            raise ValueError(f"{PREFIX}ATTEMPT_RULE(S) must be best or latest")
    return made


_WHOLE = ("batch", "attempts_before_parking", "max_body", "token_seconds", "secret_overlap_seconds")


def _understood(name: str, setting: str, raw: Any) -> Any:
    if setting == "data":
        return Path(raw).expanduser().resolve()
    if setting == "attempt_rules":
        if isinstance(raw, Mapping):
            return dict(raw)
        return dict(pair.split("=", 1) for pair in str(raw).replace(" ", "").split(",") if "=" in pair)
    if setting == "host_opens_accounts":
        return raw if isinstance(raw, bool) else str(raw).lower() in ("1", "true", "yes", "on")
    if setting in _WHOLE:
        try:
            return int(raw)
        except ValueError:
            raise ValueError(f"{name} must be a whole number") from None
    return str(raw).rstrip("/") if setting == "url_prefix" else str(raw)
