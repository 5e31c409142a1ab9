"""What has changed between two schemas, seen from a client: of what it sends, and of what it is sent.

What a client sends must go on being taken: the newer schema may only take more.  What it is sent must go on being what it
expects: the newer schema may only say more closely what comes, or add fields, which clients ignore.
"""

from collections.abc import Iterator
from typing import Any

Json = dict[str, Any]
Change = tuple[str, str, bool]

_WORDS = frozenset(
    ("description", "title", "example", "default", "deprecated", "externalDocs", "xml", "nullable", "$ref")
)
_LEAST = ("minimum", "minLength", "minItems", "minProperties", "exclusiveMinimum")
_MOST = ("maximum", "maxLength", "maxItems", "maxProperties", "exclusiveMaximum")
_EXACT = ("pattern", "format", "uniqueItems", "multipleOf", "const", "not", "discriminator", "readOnly", "writeOnly")
_CHOICES = ("anyOf", "oneOf", "allOf")
_READ = {"type", "enum", "properties", "required", "additionalProperties", "items", *_LEAST, *_MOST, *_EXACT, *_CHOICES}


class Schemas:
    """Two documents, whose schemas are compared; one that refers to itself is looked at once."""

    def __init__(self, old: Json, new: Json) -> None:
        self._old, self._new = old, new
        self._open: set[tuple[str, str, bool]] = set()

    def request(self, was: Json, now: Json) -> Iterator[Change]:
        """Yield path, what changed and whether it breaks, of something that a client sends."""
        return self._compare("", was, now, sent=True)

    def response(self, was: Json, now: Json) -> Iterator[Change]:
        """The same of something that a client is sent."""
        return self._compare("", was, now, sent=False)

    def _compare(self, at: str, was: Json, now: Json, *, sent: bool) -> Iterator[Change]:
        key = (was.get("$ref", ""), now.get("$ref", ""), sent)
        if all(key[:2]):
            if key in self._open:
                return
            self._open.add(key)
        one, other = _followed(self._old, was), _followed(self._new, now)
        yield from _types(at, one, other, sent=sent)
        yield from _enums(at, one, other, sent=sent)
        yield from _bounds(at, one, other, sent=sent)
        yield from self._properties(at, one, other, sent=sent)
        yield from self._more(at, one, other, sent=sent)
        yield from self._choices(at, one, other, sent=sent)
        if "items" in one or "items" in other:
            yield from self._compare(f"{at}[]", one.get("items", {}), other.get("items", {}), sent=sent)
        for word in sorted((one.keys() | other.keys()) - _READ):
            if one.get(word) != other.get(word) and word != "nullable":
                yield at, f"{word} changed", word not in _WORDS and not word.startswith("x-")
        self._open.discard(key)

    def _properties(self, at: str, one: Json, other: Json, *, sent: bool) -> Iterator[Change]:
        before, after = one.get("properties", {}), other.get("properties", {})
        needed_before, needed_after = set(one.get("required", ())), set(other.get("required", ()))
        for name in sorted(before.keys() | after.keys()):
            place = f"{at}/{name}"
            if name not in after:
                yield place, "is gone", True
            elif name not in before:
                needed = sent and name in needed_after
                yield place, "is new and required" if needed else "is new", needed
            else:
                if (name in needed_before) != (name in needed_after):
                    gained = name in needed_after
                    what = ("is now required" if sent else "always comes") if gained else "may be left out"
                    yield place, what, gained == sent
                yield from self._compare(place, before[name], after[name], sent=sent)

    def _more(self, at: str, one: Json, other: Json, *, sent: bool) -> Iterator[Change]:
        before, after = one.get("additionalProperties", True), other.get("additionalProperties", True)
        if isinstance(before, dict) and isinstance(after, dict):
            yield from self._compare(f"{at}/*", before, after, sent=sent)
        elif before != after:
            yield at, "takes other fields now" if after else "takes no other fields now", sent and after is not True

    def _choices(self, at: str, one: Json, other: Json, *, sent: bool) -> Iterator[Change]:
        for word in _CHOICES:
            before, after = one.get(word, []), other.get(word, [])
            for place, (each, now) in enumerate(zip(before, after, strict=False)):
                yield from self._compare(f"{at}/{word}/{place}", each, now, sent=sent)
            if len(before) != len(after):
                # Each part of allOf narrows; each of the others adds a choice, but that the first makes a choice at all.
                narrowed = (len(after) > len(before)) == (word == "allOf" or not before) and bool(after)
                yield at, f"{word} has {len(after)} parts, had {len(before)}", narrowed == sent


def _types(at: str, one: Json, other: Json, *, sent: bool) -> Iterator[Change]:
    before, after = _kinds(one), _kinds(other)
    if before == after:
        return
    less = after is not None and (before is None or bool(before - after))
    more = before is not None and (after is None or bool(after - before))
    yield at, f"is {_said(after)}, was {_said(before)}", less if sent else more


def _kinds(schema: Json) -> frozenset[str] | None:
    """Return the kinds of value that a schema allows; None where it names none."""
    kind = schema.get("type")
    if kind is None:
        return None
    return frozenset(
        (kind, *(("null",) if schema.get("nullable") else ()), *(("integer",) if kind == "number" else ()))
    )


def _said(kinds: frozenset[str] | None) -> str:
    return "anything" if kinds is None else " or ".join(sorted(kinds))


def _enums(at: str, one: Json, other: Json, *, sent: bool) -> Iterator[Change]:
    before, after = one.get("enum"), other.get("enum")
    if before is None or after is None:
        if before is not after:
            yield at, "is one of a list now" if before is None else "is free now", (before is None) == sent
        return
    for value in before:
        if value not in after:
            yield at, f"{value!r} is gone", True
    for value in after:
        if value not in before:
            yield at, f"{value!r} is new", not sent


def _bounds(at: str, one: Json, other: Json, *, sent: bool) -> Iterator[Change]:
    for words, least in ((_LEAST, True), (_MOST, False)):
        for word in words:
            before, after = one.get(word), other.get(word)
            if before != after:
                tighter = before is None or (after is not None and (after > before) == least)
                yield at, f"{word} is {after}, was {before}", tighter == sent
    for word in _EXACT:
        before, after = one.get(word), other.get(word)
        if before != after:
            harmless = after is None if sent else before is None
            yield at, f"{word} is {after}, was {before}", not harmless


def _followed(document: Json, schema: Json) -> Json:
    while "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema
