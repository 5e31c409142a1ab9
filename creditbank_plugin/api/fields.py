"""``fields`` and ``include``: a reader may ask for less than the whole answer, or for parts that are left out of it.

Names are those of the answer; of a list, those of its items, while what stands around the items (``next``) stays.
"""

from collections.abc import Sequence
from typing import Any, cast

from flask import g, request
from marshmallow import Schema
from marshmallow.fields import List, Nested

from creditbank_plugin.api import paging

_LONGEST = 1000
Json = dict[str, Any]


def names_of(schema: type[Schema]) -> frozenset[str]:
    """Return what ``fields`` may name of an answer of this schema."""
    declared = cast(dict[str, Any], schema._declared_fields)
    items = declared.get("items")
    inner = items.inner if isinstance(items, List) else items
    if isinstance(inner, Nested):
        return frozenset(cast(Any, inner.schema).fields)
    return frozenset(declared)


def parameters(schema: type[Schema], include: Sequence[str]) -> list[Json]:
    """Return OpenAPI's description of what a route that reads takes beside its own parameters."""
    about = f"only these of the answer, though its schema requires more: {', '.join(sorted(names_of(schema)))}"
    found = [_listed("fields", about, sorted(names_of(schema)))]
    if include:
        found.append(_listed("include", f"also: {', '.join(include)}", list(include)))
    return found


def read(schema: type[Schema], include: Sequence[str]) -> None:
    """Remember what the present request asks for; ``Refused`` 400 names the parameter that holds an unknown name."""
    included = _asked("include", include) or frozenset()
    g.creditbank_include = included
    g.creditbank_fields = _asked("fields", sorted(names_of(schema)))
    if g.creditbank_fields is not None:
        g.creditbank_fields |= included  # who asks for a part beside gets it


def includes(part: str) -> bool:
    """Tell whether the reader asks for a part that is left out otherwise."""
    return part in g.get("creditbank_include", ())


def chosen(body: Any) -> Any:
    """Return of an answer what its reader asked for."""
    wanted = g.get("creditbank_fields")
    if wanted is None or not isinstance(body, dict):
        return body
    if isinstance(body.get("items"), list):
        return {**body, "items": [_only(each, wanted) for each in body["items"]]}
    return _only(body, wanted)


def _only(each: Json, wanted: frozenset[str]) -> Json:
    return {name: value for name, value in each.items() if name in wanted}


def _asked(name: str, known: Sequence[str]) -> frozenset[str] | None:
    told = request.args.get(name) or None
    if told is None:
        return None
    asked = frozenset(told[:_LONGEST].split(","))
    if len(told) > _LONGEST or not asked <= frozenset(known):
        listed = ", ".join(known) or "–"
        raise paging.bad(name, f"ใช้ได้เฉพาะ: {listed}", f"may name, separated by commas: {listed}")
    return asked


def _listed(name: str, about: str, known: list[str]) -> Json:
    items = {"type": "string", "enum": known}
    schema = {"type": "array", "items": items, "minItems": 1}
    how = {"style": "form", "explode": False, "allowEmptyValue": True}
    return {"name": name, "in": "query", "description": about, **how, "schema": schema}
