"""What everybody may read of frameworks and approved comparisons, as CASE 1.1 writes it."""

import threading
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine

from creditbank_plugin.errors import Refused, not_found
from creditbank_plugin.formats import case_comparisons as compared
from creditbank_plugin.formats import case_write, json_text
from creditbank_plugin.formats.case import (
    CONCEPTS,
    GROUPINGS,
    ITEM_TYPES,
    LICENSES,
    RUBRICS,
    SUBJECTS,
    Addresses,
    Json,
    is_identifier,
)
from creditbank_plugin.services.catalogue import case_comparisons
from creditbank_plugin.services.catalogue.case_comparisons import item_address
from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.storage.base import Stored
from creditbank_plugin.storage.queries import frameworks, generations, published
from creditbank_plugin.storage.session import reading


def state(runtime: Runtime) -> str:
    """Return a text that differs whenever anything that is published here does."""
    with reading(runtime.engine) as connection:
        return _state(connection)


def _state(connection: Connection) -> str:
    names = (generations.ITEMS, generations.COURSES)
    numbers = [generations.current(connection, name) for name in names]
    bodies = [(row.code, row.number, row.approved_at, row.ended, row.ended_at) for row in published.bodies(connection)]
    return repr((numbers, bodies))


def documents(runtime: Runtime, places: Addresses) -> list[Json]:
    """Return every CFDocument: the frameworks by their codes, then those of comparing bodies."""
    with reading(runtime.engine) as connection:
        own = [case_write.document_alone(frameworks.about(row), places) for row in frameworks.frameworks(connection)]
        return own + [compared.document_alone(body, places) for body in case_comparisons.bodies(connection)]


def document(runtime: Runtime, identifier: str, places: Addresses) -> Json:
    """Return one CFDocument; ``Refused`` (404, or 400 for what is no identifier)."""
    _check(identifier)
    with reading(runtime.engine) as connection:
        row = frameworks.by_id(connection, identifier)
        if row is not None:
            return case_write.document_alone(frameworks.about(row), places)
        body = case_comparisons.body_of(connection, identifier)
    if body is None:
        raise not_found()
    return compared.document_alone(body, places)


def package(runtime: Runtime, identifier: str, places: Addresses) -> Iterable[bytes]:
    """Return the text of a CFPackage in pieces; ``Refused`` as `document` has it.

    That of a framework is made once for each edition; that of a body is read while it is sent.
    """
    _check(identifier)
    with reading(runtime.engine) as connection:
        if frameworks.by_id(connection, identifier) is not None:
            return [_framework_package(runtime.engine, connection, identifier, places)]
        body = case_comparisons.body_of(connection, identifier)
    if body is None:
        raise not_found()
    return _body_package(runtime, body, places)


#: Packages of frameworks that were asked for lately, by database: at most so many, none of more bytes.
_KEPT, _LARGEST_KEPT = 8, 16_000_000
_packages: "WeakKeyDictionary[Engine, OrderedDict[tuple[str, str], tuple[int, bytes]]]" = WeakKeyDictionary()
_packages_lock = threading.Lock()


def _framework_package(engine: Engine, connection: Connection, identifier: str, places: Addresses) -> bytes:
    generation, key = generations.current(connection, generations.ITEMS), (identifier, places.base)
    with _packages_lock:
        kept = _packages.setdefault(engine, OrderedDict()).get(key)
    if kept is not None and kept[0] == generation:
        return kept[1]
    made = json_text.dumps(framework_package(connection, identifier, places)).encode()
    if len(made) <= _LARGEST_KEPT:
        with _packages_lock:
            ours = _packages.setdefault(engine, OrderedDict())
            ours[key] = (generation, made)
            ours.move_to_end(key)
            while len(ours) > _KEPT:
                ours.popitem(last=False)
    return made


def framework_package(connection: Connection, identifier: str, places: Addresses) -> Json:
    """Return the CFPackage of a framework."""
    found = frameworks.stored(connection, identifier)
    if found is None:
        raise not_found()
    own = {each.id for each in found.items} | {found.id}
    outside = {end for tie in found.ties for end in (tie.origin_id, tie.target_id) if end is not None} - own
    return case_write.package(found, places, _known(connection, outside, places))


def _known(connection: Connection, ids: Iterable[str], places: Addresses) -> dict[str, tuple[str, str]]:
    rows = frameworks.held(connection, ids).values()
    return {row.id: (row.code, item_address(row, row.framework_id, places)) for row in rows}


def _body_package(runtime: Runtime, body: compared.Body, places: Addresses) -> Iterator[bytes]:
    yield b'{"CFDocument":' + _bytes(compared.document(body, places)) + b',"CFItems":['
    comma, sent = b"", set[str]()
    for page in case_comparisons.pages(runtime, body, places):
        for judged in page:
            yield comma + _bytes(compared.item(judged, places))
            comma = b","
            sent.add(judged.id)
    yield b'],"CFAssociations":['
    comma = b""
    for page in case_comparisons.pages(runtime, body, places):
        for judged in page:
            if judged.id not in sent:
                continue  # approved since the items were sent: it comes with the next reading
            for made in compared.associations(judged, body, places):
                yield comma + _bytes(made)
                comma = b","
    yield b'],"CFDefinitions":' + _bytes(compared.definitions(places)) + b"}"


def _bytes(value: Json) -> bytes:
    return json_text.dumps(value).encode()


def item(runtime: Runtime, identifier: str, places: Addresses) -> Json:
    """Return one CFItem, of a framework or a comparison; ``Refused`` as `document` has it."""
    _check(identifier)
    with reading(runtime.engine) as connection:
        return _item(connection, identifier, places)


def _item(connection: Connection, identifier: str, places: Addresses) -> Json:
    row = frameworks.items_by_id(connection, [identifier]).get(identifier)
    if row is None:
        found = case_comparisons.item(connection, identifier, places)
        if found is None:
            raise not_found()
        return found
    about = _about(connection, row)
    return case_write.alone(case_write.item(frameworks.item_value(row), about, places), about, places)


def _about(connection: Connection, row: Stored) -> Any:
    framework = frameworks.by_id(connection, row.framework_id)
    if framework is None:
        raise not_found()
    return frameworks.about(framework)


def item_associations(runtime: Runtime, identifier: str, places: Addresses) -> Json:
    """Return a CFItem with all its associations, those of approved comparisons included; ``Refused`` as `document`."""
    _check(identifier)
    with reading(runtime.engine) as connection:
        found = _item(connection, identifier, places)
        rows = frameworks.ties_of_item(connection, identifier)
        ties = [_tie(connection, row, places) for row in rows]
        judged = case_comparisons.one(connection, identifier, places)
        if judged is not None:
            ties += case_comparisons.associations(connection, judged, places)
        ties += case_comparisons.yielding(connection, identifier, places)
    if not ties:
        raise not_found()
    return {"CFItem": found, "CFAssociations": ties}


def association(runtime: Runtime, identifier: str, places: Addresses) -> Json:
    """Return one CFAssociation; ``Refused`` as `document` has it."""
    _check(identifier)
    with reading(runtime.engine) as connection:
        row = frameworks.tie(connection, [identifier])
        if row is not None:
            return case_write.alone(_tie(connection, row, places), _about(connection, row), places)
        found = case_comparisons.association(connection, identifier, places)
    if found is None:
        raise not_found()
    return found


def _tie(connection: Connection, row: Stored, places: Addresses) -> Json:
    about, value = _about(connection, row), frameworks.tie_value(row)
    outside = {end for end in (value.origin_id, value.target_id) if end is not None}
    known = {**_known(connection, outside, places), **case_write.ends(about, places)}
    return case_write.association(value, about, places, known)


#: What is read as a set of one, and what as an object by itself.
_SETS, _SINGLE = (ITEM_TYPES, SUBJECTS, CONCEPTS), (LICENSES, GROUPINGS, RUBRICS)


def definition(runtime: Runtime, what: str, identifier: str, places: Addresses) -> Json:
    """Return a definition (CFItemTypes, CFSubjects, CFConcepts as sets; licences, groupings and rubrics alone)."""
    _check(identifier)
    with reading(runtime.engine) as connection:
        for made in _definitions(connection, what, places):
            if made["identifier"] == identifier:
                return {what: [made]} if what in _SETS else made
    raise not_found()


def _definitions(connection: Connection, what: str, places: Addresses) -> Iterator[Json]:
    if what == ITEM_TYPES:
        for kind in (*frameworks.kinds(connection), compared.COURSE):
            yield case_write.item_type(kind, places)
    if what == SUBJECTS:
        for area in frameworks.areas(connection):
            yield case_write.subject(area, places)
    if what == GROUPINGS:
        yield compared.grouping(places)
    for row in frameworks.frameworks(connection):
        more = row.case_more or {}
        yield from more.get(RUBRICS, ()) if what == RUBRICS else more.get("CFDefinitions", {}).get(what, ())


def _check(identifier: str) -> None:
    if not is_identifier(identifier):
        raise Refused(
            "invalid_uuid",
            "identifier ต้องเป็น UUID ตัวพิมพ์เล็ก",
            "The identifier must be a UUID in lower case.",
            status=400,
        )
