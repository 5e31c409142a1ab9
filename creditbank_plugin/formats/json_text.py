"""JSON of our own making, written and read fast; what others send is read by `strict_json`."""

import json
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec


def dumps(value: Any) -> str:
    """Return the text of a JSON value: no blanks, names as they come, moments in ISO 8601, decimals as strings.

    Thai stands as itself, half as long as escaped; half a surrogate pair, which no database takes, makes it all escaped.
    """
    try:
        return _ENCODER.encode(value).decode()
    except (UnicodeEncodeError, TypeError):  # half a surrogate pair; a name that is no text, such as True
        return json.dumps(value, ensure_ascii=True, separators=(",", ":"), default=_plain)


def encoded(value: Any) -> bytes:
    """Return what `dumps` returns, in UTF-8, for those who send it: turning it into text and back takes as long again."""
    try:
        return _ENCODER.encode(value)
    except (UnicodeEncodeError, TypeError):
        return dumps(value).encode()


def ready(text: str) -> Any:
    """Return a value that `dumps` writes as this JSON text, as it stands."""
    return msgspec.Raw(text)


def plain(value: Any) -> Any:
    """Return a value as the lists, objects and texts that it is written as."""
    return loads(dumps(value))


def loads(text: str | bytes) -> Any:
    """Return the value of a text that `dumps` wrote."""
    try:
        return _DECODER.decode(text)
    except msgspec.MsgspecError:  # half a surrogate pair
        return json.loads(text)


def _as_its_base(value: Any) -> Any:
    """Return text and numbers of a class of their own (Markup, an IntEnum) as what they are."""
    for plain_type in (str, int, float):
        if isinstance(value, plain_type):
            return plain_type(value) if plain_type is not str else str.__str__(value)
    raise TypeError(f"{type(value).__name__} is no JSON")


_ENCODER = msgspec.json.Encoder(enc_hook=_as_its_base)
_DECODER = msgspec.json.Decoder()


def _plain(value: Any) -> Any:
    if isinstance(value, msgspec.Raw):
        return json.loads(bytes(value))
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(f"{type(value).__name__} is no JSON")
