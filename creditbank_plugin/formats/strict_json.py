"""JSON read without mercy: only what every reader understands alike, and nothing that cannot be kept."""

import json
import math
from typing import Any, NoReturn

from creditbank_plugin.rules.thai import normalise

DEEPEST = 64  # levels of nesting; keeps every later reader and writer far from its recursion limit


class NotJson(ValueError):  # noqa: N818 - named by what the bytes are
    """Bytes that are no JSON we can keep; ``th``/``en`` say why and never repeat the content."""

    def __init__(self, th: str, en: str) -> None:
        super().__init__(en)
        self.th, self.en = th, en


def loads(raw: bytes, *, nul: bool = True) -> Any:
    """Return the value of UTF-8 JSON text; ``nul=False`` where its texts go into columns, of which none holds a NUL.

    Refused with ``NotJson``: other encodings, NaN and infinite numbers, numbers too long to read, a name twice in one
    object, half a surrogate pair, more than ``DEEPEST`` levels.
    """
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise NotJson("ข้อความต้องเข้ารหัสแบบ UTF-8", "the text must be encoded as UTF-8") from None
    try:
        value = json.loads(text, parse_constant=_constant, parse_float=_finite, object_pairs_hook=_object)
    except NotJson:
        raise
    except RecursionError:
        raise _too_deep() from None
    except ValueError:  # malformed text, and whole numbers too long for Python to read
        raise NotJson("อ่านเป็น JSON ไม่ได้", "cannot be read as JSON") from None
    _inspect(value, nul=nul or b"\\u0000" not in raw)
    return value


def canonical(value: Any) -> bytes:
    """Return the one JSON spelling of ``value``: sorted names, no blanks, Thai in one form; for hashes only."""
    return json.dumps(
        _normal(value), ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    ).encode()


def _normal(value: Any) -> Any:
    if isinstance(value, str):
        plain = value.isascii() and " " not in value and value.isprintable()  # most ids, codes and times: nothing to do
        return value if plain else normalise(value)
    if isinstance(value, dict):
        return {_normal(name): _normal(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_normal(each) for each in value]
    return value


def _constant(_: str) -> NoReturn:
    raise NotJson("NaN และ Infinity ไม่ใช่ตัวเลขใน JSON", "NaN and Infinity are no JSON numbers")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise NotJson("มีตัวเลขที่ใหญ่เกินไป", "holds a number that is too large")
    return number


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise NotJson("มีชื่อฟิลด์ซ้ำในวัตถุเดียวกัน", "names a field twice in one object")
    return made


def _too_deep() -> NotJson:
    return NotJson(f"ซ้อนกันลึกเกิน {DEEPEST} ชั้น", f"is nested deeper than {DEEPEST} levels")


def _inspect(value: Any, *, nul: bool) -> None:
    """Walk level by level, not by recursion: a deep document must end in an answer, not in a crash."""
    level, depth = [value], 0
    while level:
        below: list[Any] = []
        for each in level:
            if isinstance(each, str):
                _whole_characters(each, nul)
            elif isinstance(each, dict):
                for name in each:
                    _whole_characters(name, nul)
                below.extend(each.values())
            elif isinstance(each, list):
                below.extend(each)
        level, depth = below, depth + 1
        if depth > DEEPEST + 1:
            raise _too_deep()


def _whole_characters(text: str, nul: bool) -> None:
    if not nul and "\0" in text:
        raise NotJson("มีอักขระ NUL ที่เก็บไม่ได้", "holds a NUL, which cannot be kept")
    if not text.isascii():
        try:
            text.encode("utf-8")
        except UnicodeEncodeError:
            raise NotJson("มีครึ่งตัวอักษร (surrogate) ที่เก็บไม่ได้", "holds half a character (a lone surrogate)") from None
