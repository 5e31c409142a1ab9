"""Approved comparisons as CASE publishes them: a document for each body, its courses as items, their outcomes as ties.

A comparison is an item of its own: the course version as that body judged it, for completions between two days.  Its
ties are ``isRelatedTo`` its outcomes, within a grouping that says that the course yields them; ``hasSkillLevel`` to the
NQF level that was judged; ``replacedBy`` to the comparison that superseded it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from creditbank_plugin.formats.case import (
    ASSOCIATIONS,
    DEFINED,
    DOCUMENTS,
    GROUPINGS,
    ITEM_TYPES,
    ITEMS,
    OURS,
    PACKAGES,
    Addresses,
    Json,
    definition_id,
    published_id,
)
from creditbank_plugin.formats.case_write import item_type

COURSE = "course"
YIELDS = "yields"
GROUPING_ID = definition_id(GROUPINGS, YIELDS)
#: Numbers of a comparison's associations in the last 12 bits of their identifiers; outcomes are numbered from 1.
OUTCOMES, REPLACED, LEVEL, CHILD = 4000, 4093, 4094, 4095


@dataclass(frozen=True)
class End:
    """An outcome or level that a comparison points to: its identifier, code and address."""

    id: str
    code: str
    uri: str


@dataclass(frozen=True, kw_only=True)
class Judged:
    """One approved comparison with its course; ``credits`` as text in credits, moments as ISO 8601."""

    id: str
    body: str
    owner: str
    code: str
    version: str
    title_th: str
    title_en: str | None
    scheme: str
    credits: str
    nqf_level: int | None
    nqf_level_basis: str | None
    reference: str
    approved: str
    changed: str
    applies_from: date
    applies_until: date | None
    ended_from: date | None
    ended_as: str | None
    replaced_by: str | None = None
    outcomes: tuple[End, ...] = field(default=())
    level: End | None = None

    @property
    def last_day(self) -> date | None:
        """Return the last day of completion that it applies to, None while there is none."""
        ends = [self.applies_until, self.ended_from - timedelta(days=1) if self.ended_from is not None else None]
        return min((day for day in ends if day is not None), default=None)


@dataclass(frozen=True, kw_only=True)
class Body:
    """A comparing body and when its comparisons were last changed."""

    code: str
    name_th: str
    name_en: str | None
    changed: str


def document_id(body: str) -> str:
    """Return the identifier of the document of a body's comparisons."""
    return str(uuid5(NAMESPACE_URL, f"urn:creditbank:comparisons:{body}"))


def association_id(comparison: str, number: int) -> str:
    """Return the identifier of a comparison's association: its own, with the number in the last 12 bits.

    So it is found again by the comparison's key alone; see `comparison_range`.
    """
    made = published_id(comparison)
    return f"{made[:-3]}{int(made[-3:], 16) ^ number:03x}"


def comparison_range(association: str) -> tuple[str, str]:
    """Return the first and last id of a comparison that may have this association."""
    stem = f"{association[:14]}7{association[15:-3]}" if association[14] == "4" else association[:-3]
    return f"{stem}000", f"{stem}fff"


def document(body: Body, places: Addresses) -> Json:
    """Return the CFDocument of a body's comparisons as it stands in its package."""
    identifier = document_id(body.code)
    return {
        "identifier": identifier,
        "uri": places.of(DOCUMENTS, identifier),
        "caseVersion": "1.1",
        "creator": body.name_th,
        "title": f"การเทียบรายวิชาของ{body.name_th}",
        "lastChangeDateTime": body.changed,
        "publisher": body.name_th,
        "description": (
            "รายวิชาที่เทียบแล้วและผลลัพธ์การเรียนรู้ที่รายวิชาให้ – courses as compared by this body, and the outcomes they yield"
        ),
        "language": "th",
        "adoptionStatus": "Adopted",
        "extensions": {OURS: {"body": body.code, "name_en": body.name_en}},
    }


def document_alone(body: Body, places: Addresses) -> Json:
    """Return the CFDocument as it is read by itself."""
    made = document(body, places)
    return {**made, "CFPackageURI": places.link(PACKAGES, made["identifier"], made["title"])}


def item(judged: Judged, places: Addresses) -> Json:
    """Return the CFItem of a comparison: the course, for completions from ``statusStartDate`` to ``statusEndDate``."""
    identifier, last = published_id(judged.id), judged.last_day
    made: Json = {
        "identifier": identifier,
        "fullStatement": judged.title_th,
        "uri": places.of(ITEMS, identifier),
        "CFItemType": COURSE,
        "CFItemTypeURI": places.link(ITEM_TYPES, definition_id(ITEM_TYPES, COURSE), COURSE),
        "humanCodingScheme": judged.code,
        "language": "th",
        "statusStartDate": judged.applies_from.isoformat(),
        "lastChangeDateTime": judged.changed,
        "extensions": {OURS: _extension(judged)},
    }
    if last is not None:
        made["statusEndDate"] = last.isoformat()
    return made


def _extension(judged: Judged) -> Json:
    names = (
        "owner",
        "version",
        "title_en",
        "scheme",
        "credits",
        "nqf_level",
        "nqf_level_basis",
        "reference",
        "ended_as",
    )
    said: dict[str, Any] = {name: getattr(judged, name) for name in names}
    said.update(comparison_id=judged.id, approved_at=judged.approved)
    return {name: value for name, value in said.items() if value is not None}


def associations(judged: Judged, body: Body, places: Addresses) -> Iterator[Json]:
    """Yield the associations of a comparison."""
    identifier = published_id(judged.id)
    origin = {"title": judged.code, "identifier": identifier, "uri": places.of(ITEMS, identifier)}
    about = document(body, places)
    own = {"title": about["title"], "identifier": about["identifier"], "uri": about["uri"]}

    def made(number: int, kind: str, target: Mapping[str, str], **more: Any) -> Json:
        named = association_id(judged.id, number)
        return {
            "identifier": named,
            "associationType": kind,
            "uri": places.of(ASSOCIATIONS, named),
            "originNodeURI": origin,
            "destinationNodeURI": dict(target),
            "lastChangeDateTime": judged.changed,
            **more,
        }

    yield made(CHILD, "isChildOf", own)
    grouping = places.link(GROUPINGS, GROUPING_ID, GROUPING_TITLE)
    for number, end in enumerate(judged.outcomes[:OUTCOMES], start=1):
        more = {
            "sequenceNumber": number,
            "CFAssociationGroupingURI": grouping,
            "extensions": {OURS: {"relation": YIELDS}},
        }
        yield made(number, "isRelatedTo", _link(end), **more)
    if judged.level is not None:
        yield made(LEVEL, "hasSkillLevel", _link(judged.level))
    if judged.replaced_by is not None:
        later = published_id(judged.replaced_by)
        yield made(REPLACED, "replacedBy", {"title": judged.code, "identifier": later, "uri": places.of(ITEMS, later)})


def _link(end: End) -> dict[str, str]:
    return {"title": end.code, "identifier": end.id, "uri": end.uri}


GROUPING_TITLE = "รายวิชาให้ผลลัพธ์การเรียนรู้นี้ – the course yields this outcome"


def grouping(places: Addresses) -> Json:
    """Return the CFAssociationGrouping of all ties from a course to an outcome that it yields."""
    return {
        **places.link(GROUPINGS, GROUPING_ID, GROUPING_TITLE),
        "description": (
            "ผู้ที่เรียนจบรายวิชานี้และผ่านเงื่อนไข ถือว่าได้ผลลัพธ์การเรียนรู้นี้ ตามการเทียบรายวิชาที่อนุมัติแล้ว – by an approved"
            " comparison, who completes the course under its conditions is held to have reached the outcome"
        ),
        "lastChangeDateTime": DEFINED,
    }


def definitions(places: Addresses) -> Json:
    """Return the CFDefinitions of a package of comparisons."""
    return {"CFItemTypes": [item_type(COURSE, places)], "CFAssociationGroupings": [grouping(places)]}
