"""What has changed between two OpenAPI documents, and whether a client of the older one still works with the newer.

The policy is that of docs/api.md: within a version the API only grows.  Clients ignore fields they do not know; everything
else that a client may rest on stands.  What this cannot tell to be harmless counts as breaking.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from tests.conformance.schema_differences import Schemas

Json = dict[str, Any]
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


@dataclass(frozen=True)
class Difference:
    """Where, what, and whether it breaks a client."""

    where: str
    what: str
    breaking: bool

    def __str__(self) -> str:
        return f"{'BREAKING' if self.breaking else 'compatible'}: {self.where}: {self.what}"


def differences(old: Json, new: Json) -> list[Difference]:
    """Return what has changed, the breaking first; empty only where the documents are equal."""
    found = list(dict.fromkeys(_Walk(old, new).everything()))
    if not found and old != new:
        found = [Difference("the document", "says the same in other words", breaking=False)]
    return sorted(found, key=lambda each: not each.breaking)


class _Walk:
    def __init__(self, old: Json, new: Json) -> None:
        self.old, self.new = old, new
        self.schemas = Schemas(old, new)

    def everything(self) -> Iterator[Difference]:
        for path, was in self.old["paths"].items():
            now = self.new["paths"].get(path)
            if now is None:
                yield Difference(path, "is gone", breaking=True)
                continue
            for method in METHODS:
                yield from self.operation(f"{method.upper()} {path}", _whole(was, method), _whole(now, method))
        for path in self.new["paths"].keys() - self.old["paths"].keys():
            yield Difference(path, "is new", breaking=False)
        for part in ("info", "tags", "servers"):
            if self.old.get(part) != self.new.get(part):
                yield Difference(part, "says something else", breaking=False)

    def operation(self, where: str, was: Json | None, now: Json | None) -> Iterator[Difference]:
        if was is None or now is None:
            if was is not now:
                yield Difference(where, "is new" if was is None else "is gone", breaking=now is None)
            return
        if was["operationId"] != now["operationId"]:
            yield Difference(where, f"is called {now['operationId']}, was {was['operationId']}", breaking=True)
        yield from self.security(where, was, now)
        yield from self.parameters(where, was, now)
        yield from self.body(where, was.get("requestBody"), now.get("requestBody"))
        yield from self.responses(where, was["responses"], now["responses"])
        for word in ("summary", "description", "deprecated", "tags"):
            if was.get(word) != now.get(word):
                yield Difference(where, f"{word} changed", breaking=False)

    def security(self, where: str, was: Json, now: Json) -> Iterator[Difference]:
        before, after = (_ways_in(each.get("security", ())) for each in (was, now))
        for way in sorted(before - after):
            if after:  # open to everybody is open to them as well
                yield Difference(where, f"is no longer opened by {way}", breaking=True)
        for way in sorted(after - before):
            yield Difference(where, f"is now opened by {way}", breaking=not before)
        if before and not after:
            yield Difference(where, "is now open to everybody", breaking=False)

    def parameters(self, where: str, was: Json, now: Json) -> Iterator[Difference]:
        before, after = self.named(self.old, was), self.named(self.new, now)
        for key in sorted(before.keys() | after.keys()):
            one, other = before.get(key), after.get(key)
            place = f"{where}: {key[1]} ({key[0]})"
            if other is None:
                yield Difference(place, "is gone", breaking=True)
            elif one is None:
                needed = bool(other.get("required"))
                yield Difference(place, "is new and required" if needed else "is new", breaking=needed)
            else:
                if bool(one.get("required")) != bool(other.get("required")):
                    needed = bool(other.get("required"))
                    yield Difference(place, "is now required" if needed else "may now be left out", breaking=needed)
                if any(one.get(word) != other.get(word) for word in ("style", "explode")):
                    yield Difference(place, "is written another way", breaking=True)
                yield from _told(place, self.schemas.request(one.get("schema", {}), other.get("schema", {})))

    def named(self, document: Json, operation: Json) -> dict[tuple[str, str], Json]:
        every = [followed(document, each) for each in operation.get("parameters", ())]
        return {(each["in"], each["name"]): each for each in every}

    def body(self, where: str, was: Json | None, now: Json | None) -> Iterator[Difference]:
        place = f"{where}: body"
        if (was or {}).get("required", False) != (now or {}).get("required", False):
            needed = bool((now or {}).get("required"))
            yield Difference(place, "is now required" if needed else "may now be left out", breaking=needed)
        yield from self.contents(place, was or {}, now or {}, self.schemas.request)

    def responses(self, where: str, was: Json, now: Json) -> Iterator[Difference]:
        for status in sorted(was.keys() | now.keys()):
            place, good = f"{where}: {status}", status < "4"
            if status not in now:
                yield Difference(place, "is gone", breaking=good)
            elif status not in was:
                yield Difference(place, "is new", breaking=good)
            else:
                one, other = followed(self.old, was[status]), followed(self.new, now[status])
                yield from self.contents(place, one, other, self.schemas.response)
                yield from self.headers(place, one.get("headers", {}), other.get("headers", {}))
                for name in sorted(one.get("links", {}).keys() ^ other.get("links", {}).keys()):
                    gone = name in one.get("links", {})
                    yield Difference(f"{place}: link {name}", "is gone" if gone else "is new", breaking=gone)

    def headers(self, where: str, was: Json, now: Json) -> Iterator[Difference]:
        for name in sorted(was.keys() | now.keys()):
            place = f"{where}: {name}"
            if name not in now or name not in was:
                yield Difference(place, "is gone" if name in was else "is new", breaking=name in was)
                continue
            one, other = followed(self.old, was[name]), followed(self.new, now[name])
            yield from _told(place, self.schemas.response(one.get("schema", {}), other.get("schema", {})))

    def contents(
        self, where: str, was: Json, now: Json, compare: Callable[[Json, Json], Iterator[tuple[str, str, bool]]]
    ) -> Iterator[Difference]:
        before, after = was.get("content", {}), now.get("content", {})
        for media in sorted(before.keys() | after.keys()):
            place = f"{where}: {media}"
            if media not in after or media not in before:
                yield Difference(place, "is gone" if media in before else "is new", breaking=media in before)
                continue
            one, other = before[media], after[media]
            yield from _told(place, compare(one.get("schema", {}), other.get("schema", {})))
            if any(one.get(word) != other.get(word) for word in ("example", "examples")):
                yield Difference(place, "has another example", breaking=False)


def _whole(operations: Json, method: str) -> Json | None:
    """Return an operation with the parameters that its path has in common."""
    operation = operations.get(method)
    if operation is None:
        return None
    return {**operation, "parameters": [*operations.get("parameters", ()), *operation.get("parameters", ())]}


def _ways_in(security: Any) -> set[str]:
    """Return what opens an operation, a text for each alternative; nothing where it is open to everybody."""
    ways = {" and ".join(f"{name} ({', '.join(codes)})" for name, codes in each.items()) for each in security}
    return set() if "" in ways else ways


def _told(place: str, changes: Iterator[tuple[str, str, bool]]) -> Iterator[Difference]:
    for path, what, breaking in changes:
        yield Difference(f"{place}{path}", what, breaking)


def followed(document: Json, value: Json) -> Json:
    """What stands where ``value`` leads, or itself."""
    while "$ref" in value:
        at: Any = document
        for part in value["$ref"].removeprefix("#/").split("/"):
            at = at[part]
        value = at
    return value
