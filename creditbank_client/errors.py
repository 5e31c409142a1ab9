"""What can go wrong.  No text here holds a token, a secret, a code, or the query of an address."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


class ClientError(Exception):
    """Whatever this library raises, apart from ValueError for what its caller handed it wrongly."""


class Unreachable(ClientError):  # noqa: N818
    """No answer came: the connection failed or took too long, as often as it was tried."""


class Unexpected(ClientError):  # noqa: N818
    """An answer came that is none of this API: a redirect, no JSON, metadata of something else."""


@dataclass(frozen=True)
class FieldError:
    """What is wrong with one field; ``field`` is its dotted path, None for the message as a whole."""

    field: str | None
    th: str
    en: str


class Problem(ClientError):  # noqa: N818
    """A refusal of the API (RFC 9457).  Decide by ``code``, which never changes its meaning.

    ``detail`` is a sentence in ``language``; ``errors`` name fields in Thai and English.  ``retry_after`` are seconds.
    ``type`` is the address of the page that says, in both languages, what it means and what to do.
    """

    def __init__(self, status: int, told: dict[str, Any], *, language: str, retry_after: float | None = None) -> None:
        self.status = status
        self.code: str = _text(told.get("code")) or f"http_{status}"
        self.type: str = _text(told.get("type")) or "about:blank"
        self.title: str = _text(told.get("title"))
        self.detail: str = _text(told.get("detail"))
        self.request_id: str | None = _text(told.get("request_id")) or None
        self.errors: Sequence[FieldError] = tuple(_field_errors(told.get("errors")))
        self.language = language
        self.retry_after = retry_after
        super().__init__(f"{status} {self.code}: {self.detail or self.title}")

    @property
    def th(self) -> str | None:
        """The refusal in Thai; None where it was told in English only."""
        return self._in("th")

    @property
    def en(self) -> str | None:
        """The refusal in English; None where it was told in Thai only."""
        return self._in("en")

    def _in(self, language: str) -> str | None:
        if self.language == language:
            return self.detail
        lines = [
            f"{each.field}: {getattr(each, language)}" if each.field else getattr(each, language)
            for each in self.errors
        ]
        return "\n".join(lines) or None


class OAuthError(ClientError):
    """A refusal of the authorization server (RFC 6749 4.1.2.1 and 5.2): ``code`` is its ``error``."""

    def __init__(self, code: str, description: str = "", *, status: int | None = None) -> None:
        self.code, self.description, self.status = code, description, status
        super().__init__(f"{code}: {description}" if description else code)


class LoginNeeded(OAuthError):  # noqa: N818
    """The learner must be asked again: what they agreed to ended, or was taken back."""


class LoginMismatch(ClientError):  # noqa: N818
    """What came back to the redirect URI is not the answer to what was asked: another state, or another issuer."""


class WebhookRefused(ClientError):  # noqa: N818
    """A message that is not signed with one of the secrets, or not of now."""


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _field_errors(told: object) -> list[FieldError]:
    if not isinstance(told, list):
        return []
    return [
        FieldError(_text(each.get("field")) or None, _text(each.get("th")), _text(each.get("en")))
        for each in told
        if isinstance(each, dict)
    ]
