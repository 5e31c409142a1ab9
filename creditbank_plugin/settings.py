"""Every setting of the module, read once from the host's configuration or the environment.

Each is named ``CREDITBANK_<NAME>``; docs/settings.md lists them and a test keeps the two equal.
"""

import base64
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from creditbank_plugin.rules.addresses import is_safe_address
from creditbank_plugin.rules.fold import ATTEMPT_RULES
from creditbank_plugin.rules.hours import SCHEMES
from creditbank_plugin.rules.scopes import SCOPES, join
from creditbank_plugin.rules.suppression import LEAST as LEAST_SHOWN

PREFIX = "CREDITBANK_"
DRIVERS = ("sqlite", "sqlite+pysqlite", "postgresql+psycopg")
_TRUTH = {
    **dict.fromkeys(("1", "true", "yes", "on"), True),
    **dict.fromkeys(("0", "false", "no", "off"), False),
}
#: Whole numbers and the least that each may be.
_LEAST = {
    "batch": 1,
    "attempts_before_parking": 1,
    "max_body": 1,
    "token_seconds": 1,
    "code_seconds": 1,
    "refresh_days": 1,
    "consent_days": 1,
    "token_memory_seconds": 0,
    "secret_overlap_seconds": 0,
    "pool_size": 1,
    "pool_overflow": 0,
    "pool_seconds": 1,
    "statement_seconds": 0,
    "lock_seconds": 1,
    "ready_seconds": 0,
    "report_least": LEAST_SHOWN,
    "webhook_attempts": 1,
    "webhook_seconds": 1,
    "rate_per_minute": 0,
    "token_rate_per_minute": 0,
    "idempotency_seconds": 60,
}
#: 32 bytes in base64, of either alphabet, padded or not.
_ONE_KEY = re.compile(r"[A-Za-z0-9+/_-]{43}=?", re.ASCII)
#: A token shorter than this can be guessed.
SHORTEST_METRICS_TOKEN = 16
LOG_LEVELS = ("debug", "info", "warning", "error")
LOG_FORMATS = ("json", "text")
#: What an access token is made of: random signs that say nothing, or a signed JWT (RFC 9068).
OPAQUE, JWT = "opaque", "jwt"


class SettingError(ValueError):
    """A setting that cannot be used: its name, and a sentence in English and Thai that never repeats a secret."""

    def __init__(self, name: str, en: str, th: str) -> None:
        self.name, self.en, self.th = name, f"{name} {en}", f"{name} {th}"
        super().__init__(f"{self.en} / {self.th}")


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How one installation works; see docs/settings.md for the meaning of each."""

    url_prefix: str = "/creditbank"
    public_url: str | None = None
    database_url: str | None = None
    data: Path = field(default_factory=lambda: Path.cwd() / "creditbank-data")
    keys: str | None = None
    checkpoint_key: str | None = None
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
    token_form: str = OPAQUE
    code_seconds: int = 60
    refresh_days: int = 30
    consent_days: int = 365
    token_memory_seconds: int = 5
    secret_overlap_seconds: int = 86_400
    platform_issuer: str | None = None
    platform_jwks: str | None = None
    platform_audience: str | None = None
    platform_scopes: Mapping[str, str] = field(default_factory=dict)
    platform_client_claim: str = "client_id"
    platform_organisation_claim: str = "organisation"
    platform_learner_claim: str = "sub"
    platform_learner_issuer: str | None = None
    pool_size: int = 5
    pool_overflow: int = 10
    pool_seconds: int = 10
    statement_seconds: int = 60
    lock_seconds: int = 20
    ready_seconds: int = 300
    report_least: int = 5
    webhook_private: bool = False
    webhook_ports: str = "443"
    webhook_attempts: int = 10
    webhook_seconds: int = 10
    rate_per_minute: int = 6000
    token_rate_per_minute: int = 600
    rate_storage: str = "memory://"
    idempotency_seconds: int = 86_400
    metrics_token: str | None = None
    log_level: str = "info"
    log_format: str = "json"

    def attempt_rule_of(self, scheme: str) -> str:
        """Return how ``scheme`` chooses among attempts: ``best`` or ``latest`` (configuration; no national source)."""
        return self.attempt_rules.get(scheme, self.attempt_rule)

    def oauth_issuer(self, root: str) -> str:
        """Return the issuer of our tokens (RFC 8414 section 2): the public address, else ``root``, with the URL prefix.

        ``root`` is where the present request reached the application; what a client sends as Host is in it.
        """
        return self.public_root(root) + self.url_prefix

    def public_root(self, root: str) -> str:
        """Return where others reach the application, without a slash at its end: the public address, else ``root``."""
        return (self.public_url or root).rstrip("/")


def read(config: Mapping[str, Any] | None = None, environ: Mapping[str, str] | None = None) -> Settings:
    """Return the settings of a Flask configuration over those of the environment over the defaults.

    ``SettingError`` (a ValueError) names a setting that cannot be understood.
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
    settings = Settings(**values)
    if settings.platform_issuer is not None and settings.platform_audience is None:
        raise SettingError(
            f"{PREFIX}PLATFORM_AUDIENCE",
            "must be set together with CREDITBANK_PLATFORM_ISSUER",
            "ต้องตั้งค่าคู่กับ CREDITBANK_PLATFORM_ISSUER",
        )
    return settings


def _understood(name: str, setting: str, raw: Any) -> Any:
    """Return the value of one setting; each kind of value has one way to be wrong."""
    if setting in _LEAST:
        return _whole(name, raw, _LEAST[setting])
    special = {
        "data": _folder,
        "attempt_rules": _rules,
        "attempt_rule": _rule,
        "host_opens_accounts": _truth,
        "webhook_private": _truth,
        "webhook_ports": _ports,
        "settle": _settle,
        "metrics_token": _metrics_token,
        "log_level": _log_level,
        "log_format": _log_format,
        "url_prefix": _prefix,
        "public_url": _public_url,
        "token_form": _token_form,
        "platform_issuer": _platform_address,
        "platform_jwks": _platform_address,
        "platform_scopes": _platform_scopes,
        "database_url": _database,
        "keys": _keys,
        "checkpoint_key": _checkpoint_key,
        "rate_storage": _rate_storage,
    }
    return special[setting](name, raw) if setting in special else str(raw)


def _whole(name: str, raw: Any, least: int) -> int:
    try:
        number = int(str(raw))
    except ValueError:
        number = least - 1
    if number < least:
        raise SettingError(name, f"must be a whole number, {least} or more", f"ต้องเป็นจำนวนเต็มตั้งแต่ {least} ขึ้นไป")
    return number


def _folder(name: str, raw: Any) -> Path:
    try:
        return Path(raw).expanduser().resolve()
    except (TypeError, RuntimeError, OSError):
        raise SettingError(name, "must name a folder", "ต้องเป็นชื่อโฟลเดอร์") from None


def _truth(name: str, raw: Any) -> bool:
    word = str(raw).strip().lower()
    if word not in _TRUTH:
        raise SettingError(
            name, "must be true or false (1, yes, on; 0, no, off)", "ต้องเป็น true หรือ false (1, yes, on; 0, no, off)"
        )
    return _TRUTH[word]


def _ports(name: str, raw: Any) -> str:
    ports = [part for part in str(raw).replace(" ", "").split(",") if part]
    if not ports or not all(part.isascii() and part.isdigit() and 0 < int(part) < 65_536 for part in ports):
        raise SettingError(name, "must be port numbers such as 443,8443", "ต้องเป็นหมายเลขพอร์ต คั่นด้วยจุลภาค เช่น 443,8443")
    return ",".join(ports)


def _settle(name: str, raw: Any) -> str:
    if raw not in ("inline", "worker", "manual"):
        raise SettingError(name, "must be inline or worker", "ต้องเป็น inline หรือ worker")
    return "worker" if raw == "manual" else str(raw)  # manual: what it was called before there were workers


def _metrics_token(name: str, raw: Any) -> str:
    if len(str(raw)) < SHORTEST_METRICS_TOKEN or not str(raw).isascii() or not str(raw).isprintable():
        raise SettingError(
            name,
            f"must have {SHORTEST_METRICS_TOKEN} characters or more, ASCII only, such as `openssl rand -hex 24` makes",
            f"ต้องเป็นอักขระ ASCII อย่างน้อย {SHORTEST_METRICS_TOKEN} ตัว เช่น ที่ได้จาก `openssl rand -hex 24`",
        )
    return str(raw)


def _log_level(name: str, raw: Any) -> str:
    return _one_of(name, raw, LOG_LEVELS)


def _log_format(name: str, raw: Any) -> str:
    return _one_of(name, raw, LOG_FORMATS)


def _token_form(name: str, raw: Any) -> str:
    return _one_of(name, raw, (OPAQUE, JWT))


def _one_of(name: str, raw: Any, words: tuple[str, ...]) -> str:
    if raw not in words:
        known = ", ".join(words)
        raise SettingError(name, f"must be one of {known}", f"ต้องเป็นค่าใดค่าหนึ่งใน {known}")
    return str(raw)


def _rule(name: str, raw: Any) -> str:
    if raw not in ATTEMPT_RULES:
        raise SettingError(name, "must be best or latest", "ต้องเป็น best หรือ latest")
    return str(raw)


def _rules(name: str, raw: Any) -> dict[str, str]:
    """Understand ``basic=best,vocational=latest``, or a mapping of the same."""
    if isinstance(raw, Mapping):
        pairs = [(str(scheme), str(rule)) for scheme, rule in raw.items()]
    else:
        parts = [part for part in str(raw).replace(" ", "").split(",") if part]
        pairs = [(part.partition("=")[0], part.partition("=")[2]) for part in parts]
    if any(scheme not in SCHEMES or rule not in ATTEMPT_RULES for scheme, rule in pairs):
        known = ", ".join(SCHEMES)
        raise SettingError(
            name,
            f"must be pairs such as basic=best,vocational=latest; the schemes are {known}",
            f"ต้องเป็นคู่ เช่น basic=best,vocational=latest โดยระบบหน่วยกิตคือ {known}",
        )
    return dict(pairs)


def _rate_storage(name: str, raw: Any) -> str:
    if str(raw) != "memory://" and not str(raw).startswith(("redis://", "rediss://")):
        raise SettingError(name, "must be memory:// or a redis:// address", "ต้องเป็น memory:// หรือที่อยู่ redis://")
    return str(raw)


def _prefix(name: str, raw: Any) -> str:
    if not str(raw).startswith("/"):
        raise SettingError(
            name, "must begin with a slash, such as /creditbank", "ต้องขึ้นต้นด้วยเครื่องหมายทับ เช่น /creditbank"
        )
    return str(raw).rstrip("/")


def _public_url(name: str, raw: Any) -> str:
    try:
        parts = urlsplit(str(raw))
        is_plain = (
            parts.hostname is not None and parts.port != 0 and not (parts.username or parts.query or parts.fragment)
        )
    except ValueError:
        parts, is_plain = urlsplit(""), False
    if parts.scheme not in ("https", "http") or not is_plain:
        raise SettingError(
            name,
            "must be an address such as https://lms.school.example",
            "ต้องเป็นที่อยู่ เช่น https://lms.school.example",
        )
    return str(raw).rstrip("/")


def _platform_address(name: str, raw: Any) -> str:
    """Understand an address of the platform's issuer, exactly as it is written: a token's ``iss`` must be equal to it."""
    if not is_safe_address(str(raw)):
        raise SettingError(
            name,
            "must be an https address, without query; http only on this very machine (http://127.0.0.1)",
            "ต้องเป็นที่อยู่ https ที่ไม่มี query และใช้ http ได้เฉพาะภายในเครื่องเดียวกัน (http://127.0.0.1)",
        )
    return str(raw)


def _platform_scopes(name: str, raw: Any) -> dict[str, str]:
    """Understand ``theirs=ours,theirs=ours``, or a mapping of the same; one of theirs may mean several of ours."""
    if isinstance(raw, Mapping):
        pairs = [(str(theirs), str(ours)) for theirs, ours in raw.items()]
    else:
        pairs = [tuple(each.strip().rpartition("=")[::2]) for each in str(raw).split(",") if each.strip()]  # type: ignore[misc]
    found: dict[str, set[str]] = {}
    for theirs, ours in pairs:
        found.setdefault(theirs, set()).update(ours.split())
    if any(not theirs or not ours or not ours <= SCOPES.keys() for theirs, ours in found.items()):
        raise SettingError(
            name,
            f"must be pairs such as grades.read=credits:read; the second is one of {', '.join(SCOPES)}",
            f"ต้องเป็นคู่ เช่น grades.read=credits:read โดยตัวหลังอยู่ใน {', '.join(SCOPES)}",
        )
    return {theirs: join(ours) for theirs, ours in found.items()}


def _database(name: str, raw: Any) -> str:
    try:
        url = make_url(raw)
    except (ArgumentError, ValueError):
        raise SettingError(name, "is no database address", "ไม่ใช่ที่อยู่ฐานข้อมูล") from None
    if url.drivername not in DRIVERS:
        raise SettingError(
            name,
            "must be SQLite or PostgreSQL: sqlite:///… or postgresql+psycopg://…",
            "ต้องเป็น SQLite หรือ PostgreSQL: sqlite:///… หรือ postgresql+psycopg://…",
        )
    return str(raw) if isinstance(raw, str) else url.render_as_string(hide_password=False)


def _keys(name: str, raw: Any) -> str:
    if any(text and not _is_key(text) for text in str(raw).replace(" ", "").split(",")):
        raise SettingError(
            name,
            "must be base64 texts of 32 bytes each, separated by commas",
            "ต้องเป็นข้อความ base64 ของ 32 ไบต์ คั่นด้วยจุลภาค",
        )
    return str(raw)


def _checkpoint_key(name: str, raw: Any) -> str:
    if not _ONE_KEY.fullmatch(str(raw).strip()):
        raise SettingError(name, "must be the base64 text of 32 bytes", "ต้องเป็นข้อความ base64 ของ 32 ไบต์")
    return str(raw).strip()


def _is_key(text: str) -> bool:
    """Tell whether a text is base64 of 32 bytes, padded or not."""
    try:
        return len(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))) == 32
    except ValueError:
        return False
