"""A request's JSON object, read a field at a time; what is wrong is said at its field, and nothing is passed over."""

import re
from datetime import date
from typing import Any

from flask import request
from werkzeug.exceptions import UnsupportedMediaType

from creditbank_plugin.api.here import body
from creditbank_plugin.errors import Refused, invalid
from creditbank_plugin.formats import strict_json
from creditbank_plugin.rules import thai

_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_YEARS = (1900, 2199)
#: Of the name of an unknown field so many characters are repeated: it may be anything.
LONGEST_NAME = 100


class JsonBody:
    """The object that was sent.  A field that is absent, null or an empty text is none (of a day only the first two);
    ``needed_`` readers refuse that.

    ``Refused`` (422) names the field: one that is missing, of another type, too long, or not known at all.
    """

    def __init__(self, values: dict[str, Any]) -> None:
        self.values = values

    def only(self, *names: str) -> "JsonBody":
        """Return this body; refuse fields beside ``names``, which a typing error would otherwise make silent."""
        for name in self.values:
            if name not in names:
                raise invalid(name[:LONGEST_NAME], "ไม่รู้จักชื่อฟิลด์นี้", "This field is unknown.")
        return self

    def text(self, name: str, *, longest: int = 500) -> str | None:
        """Return a text in one spelling; an empty one is none."""
        value = self.values.get(name)
        if value is not None and not isinstance(value, str):
            raise invalid(name, "ต้องเป็นข้อความ", "It must be a text.")
        text = thai.normalise(value or "")
        if len(text) > longest:
            raise invalid(name, f"ยาวเกิน {longest} ตัวอักษร", f"It is longer than {longest} characters.")
        return text or None

    def needed_text(self, name: str, *, longest: int = 500) -> str:
        """Return a text that must be there."""
        found = self.text(name, longest=longest)
        if found is None:
            raise _missing(name)
        return found

    def texts(self, name: str, *, most: int, needed: bool = False) -> list[str]:
        """Return a list of texts, empty where there is none; one that is ``needed`` must be there, and may be empty."""
        value = self.values.get(name)
        if value is None and needed:
            raise _missing(name)
        if value is None:
            return []
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            raise invalid(name, "ต้องเป็นรายการของข้อความ", "It must be a list of texts.")
        if len(value) > most:
            raise invalid(name, f"มีได้ไม่เกิน {most} รายการ", f"It may hold at most {most}.")
        return value

    def day(self, name: str) -> date | None:
        """Return a day of the form 2026-03-31, of the common era; an empty text is no day."""
        if self.values.get(name) is None:
            return None
        text = self.text(name, longest=20) or ""
        try:
            found = date.fromisoformat(text) if _DAY.fullmatch(text) else None
        except ValueError:
            found = None
        if found is None or not _YEARS[0] <= found.year <= _YEARS[1]:
            raise invalid(name, "ต้องเป็นวันที่แบบ 2026-03-31 (ปี ค.ศ.)", "It must be a day like 2026-03-31 (common era).")
        return found

    def needed_day(self, name: str) -> date:
        """Return a day that must be there."""
        found = self.day(name) if self.values.get(name) != "" else None
        if found is None:
            raise _missing(name)
        return found

    def flag(self, name: str) -> bool:
        """Return true or false; an absent one is false."""
        value = self.values.get(name)
        if value is None:
            return False
        if not isinstance(value, bool):
            raise invalid(name, "ต้องเป็น true หรือ false", "It must be true or false.")
        return value


def described(properties: dict[str, Any], *required: str) -> dict[str, Any]:
    """Return the JSON schema of a body with these properties and no others; one that is not ``required`` may be null."""
    shapes = {name: shape if name in required else _or_null(shape) for name, shape in properties.items()}
    schema: dict[str, Any] = {"type": "object", "properties": shapes, "additionalProperties": False}
    return {**schema, "required": list(required)} if required else schema


def _or_null(shape: dict[str, Any]) -> dict[str, Any]:
    words = {"enum": [*shape["enum"], None]} if "enum" in shape and None not in shape["enum"] else {}
    return {**shape, **words, "nullable": True} if "type" in shape else shape


def read() -> JsonBody:
    """Return the request's JSON object; 415 for another media type, ``Refused`` (``not_json``, 400) for anything else."""
    return JsonBody(_object(value()))


def read_list(name: str) -> list[Any]:
    """Return the list at ``name`` of the request's JSON object, or the list sent alone; ``Refused`` as of `read`.

    A list that is missing or is none is refused (422) at ``name``.
    """
    told = value()
    items = told if isinstance(told, list) else _object(told).get(name)
    if not isinstance(items, list):
        raise invalid(name, "ต้องเป็นรายการ", "It must be a list.")
    return items


def value() -> Any:
    """Return what was sent as JSON, of whatever shape; 415 and ``Refused`` as of `read`."""
    if request.mimetype != "application/json":
        raise UnsupportedMediaType
    try:
        return strict_json.loads(body(), nul=False)
    except strict_json.NotJson as error:
        raise Refused("not_json", error.th, error.en, status=400) from None


def _object(told: Any) -> dict[str, Any]:
    if not isinstance(told, dict):
        raise Refused("not_json", "ต้องเป็นวัตถุ JSON", "It must be a JSON object.", status=400)
    return told


def _missing(name: str) -> Refused:
    return invalid(name, "ต้องระบุ", "It is missing.")
