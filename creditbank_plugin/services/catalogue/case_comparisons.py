"""What CASE's readers find of approved comparisons; see `formats.case_comparisons`."""

from collections.abc import Iterator, Sequence

from sqlalchemy import Connection

from creditbank_plugin.formats import case_comparisons as written
from creditbank_plugin.formats.case import DOCUMENTS, ITEMS, Addresses, Json, stored_ids
from creditbank_plugin.formats.case_comparisons import Body, End, Judged
from creditbank_plugin.formats.moments import instant_text
from creditbank_plugin.reference.frameworks import NQF, stable_id
from creditbank_plugin.rules.hours import credit_text
from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.storage.base import Stored
from creditbank_plugin.storage.queries import frameworks, published
from creditbank_plugin.storage.session import reading

#: How many comparisons are read at once of a body's package.
AT_ONCE = 500


def bodies(connection: Connection) -> list[Body]:
    """Return the bodies that have published comparisons."""
    return [
        Body(code=row.code, name_th=row.name_th, name_en=row.name_en, changed=instant_text(published.changed(row)))
        for row in published.bodies(connection)
    ]


def body_of(connection: Connection, document: str) -> Body | None:
    """Return the body whose comparisons a document holds."""
    return next((body for body in bodies(connection) if written.document_id(body.code) == document), None)


def item(connection: Connection, identifier: str, places: Addresses) -> Json | None:
    """Return the CFItem of a comparison as it is read by itself."""
    found = one(connection, identifier, places)
    return _alone(connection, written.item(found, places), found.body, places) if found is not None else None


def one(connection: Connection, identifier: str, places: Addresses) -> Judged | None:
    """Return the comparison that is published under an identifier."""
    row = published.one(connection, stored_ids(identifier))
    return _judged(connection, [row], places)[0] if row is not None else None


def associations(connection: Connection, judged: Judged, places: Addresses) -> list[Json]:
    """Return all associations of a comparison as a package has them."""
    body = _body(connection, judged.body)
    return list(written.associations(judged, body, places))


def association(connection: Connection, identifier: str, places: Addresses) -> Json | None:
    """Return one association as it is read by itself."""
    rows = published.within(connection, *written.comparison_range(identifier))
    for judged in _judged(connection, rows, places):
        for made in associations(connection, judged, places):
            if made["identifier"] == identifier:
                return _alone(connection, made, judged.body, places)
    return None


def yielding(connection: Connection, item_id: str, places: Addresses) -> Iterator[Json]:
    """Yield the associations by which comparisons point to one of our items, as packages have them."""
    ids, named = frameworks.yielded_by(connection, item_id), dict[str, Body]()
    for start in range(0, len(ids), AT_ONCE):
        rows = published.several(connection, ids[start : start + AT_ONCE])
        for judged in _judged(connection, rows, places):
            if judged.body not in named:
                named[judged.body] = _body(connection, judged.body)
            for made in written.associations(judged, named[judged.body], places):
                if made["destinationNodeURI"]["identifier"] == item_id:
                    yield made


def pages(runtime: Runtime, body: Body, places: Addresses) -> Iterator[list[Judged]]:
    """Yield the comparisons of a body, some hundreds at a time, each time in a short transaction of its own."""
    after = None
    while True:
        with reading(runtime.engine) as connection:
            rows = published.page(connection, body.code, after, AT_ONCE)
            found = _judged(connection, rows, places)
        if not found:
            return
        yield found
        after = found[-1].id


def _judged(connection: Connection, rows: Sequence[Stored], places: Addresses) -> list[Judged]:
    if not rows:
        return []
    ids = [row.id for row in rows]
    outcomes, later = published.outcomes(connection, ids), published.replacing(connection, ids)
    levels = _levels(connection, {row.nqf_level for row in rows if row.nqf_level is not None}, places)
    return [
        Judged(
            id=row.id,
            body=row.body_code,
            owner=row.owner_code,
            code=row.code,
            version=row.version,
            title_th=row.title_th,
            title_en=row.title_en,
            scheme=row.scheme,
            credits=credit_text(row.credits),
            nqf_level=row.nqf_level,
            nqf_level_basis=row.nqf_level_basis,
            reference=row.reference,
            approved=instant_text(row.approved_at),
            changed=instant_text(published.changed(row)),
            applies_from=row.applies_from,
            applies_until=row.applies_until,
            ended_from=row.ended_from,
            ended_as=row.ended_as,
            replaced_by=later.get(row.id),
            outcomes=tuple(_end(each, each.framework_id, places) for each in outcomes.get(row.id, ())),
            level=levels.get(row.nqf_level),
        )
        for row in rows
    ]


def _levels(connection: Connection, levels: set[int], places: Addresses) -> dict[int, End]:
    ids = {stable_id(NQF, f"NQF-{level}"): level for level in levels}
    found = frameworks.items_by_id(connection, ids)
    return {ids[row.id]: _end(row, row.framework_id, places) for row in found.values()}


def _end(row: Stored, framework_id: str, places: Addresses) -> End:
    return End(row.id, row.code, item_address(row, framework_id, places))


def item_address(row: Stored, framework_id: str, places: Addresses) -> str:
    """Return the address of an item of ours: its publisher's, where it came from one."""
    if row.uri is not None:
        return str(row.uri)
    if row.framework_uri is not None:
        places = Addresses(str(row.framework_uri).removesuffix(f"/{DOCUMENTS}/{framework_id}"))
    return places.of(ITEMS, row.id)


def _body(connection: Connection, code: str) -> Body:
    """Return a body as links name it: when its comparisons were changed is not asked."""
    row = published.body(connection, code)
    return Body(code=code, name_th=row.name_th, name_en=row.name_en, changed="")


def _alone(connection: Connection, made: Json, body: str, places: Addresses) -> Json:
    about = written.document(_body(connection, body), places)
    return {**made, "CFDocumentURI": {name: about[name] for name in ("title", "identifier", "uri")}}
