"""A framework as CASE 1.1 writes it.  Inside a package things do not name their document; alone they do."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from creditbank_plugin.formats.case import (
    ASSOCIATIONS,
    DEFINED,
    DEFINITIONS,
    DOCUMENTS,
    ITEM_TYPES,
    ITEMS,
    NO_TEXT,
    NOT_ATTACHED,
    OURS,
    PACKAGES,
    RUBRICS,
    SUBJECTS,
    Addresses,
    Json,
    definition_id,
)
from creditbank_plugin.rules.framework import Framework, Item, Tie

#: When a thing was changed of which nobody knows it: CASE demands a moment.
_UNKNOWN = "1970-01-01T00:00:00Z"
#: What a foreign package says of a document beside what CASE defines for it; see `case_read`.
BESIDE = ("CFDefinitions", RUBRICS, "extensions of the package")

#: An end of a tie that is not in the framework itself: its title and address.
Known = Mapping[str, tuple[str, str]]


def home(framework: Framework, places: Addresses) -> Addresses:
    """Return where a framework's things have their addresses: at its publisher's, where it came from one, else here."""
    if framework.uri is None:
        return places
    return Addresses(framework.uri.removesuffix(f"/{DOCUMENTS}/{framework.id}"))


def document(framework: Framework, places: Addresses) -> Json:
    """Return the CFDocument as it stands in a package."""
    english = (framework.language or "").startswith("en") and framework.title_en is not None
    source = framework.source
    made = {
        "identifier": framework.id,
        "uri": framework.uri or places.of(DOCUMENTS, framework.id),
        "caseVersion": "1.1",
        "creator": framework.publisher or framework.title_th,
        "title": framework.title_en if english else framework.title_th,
        "lastChangeDateTime": framework.changed or _UNKNOWN,
        "officialSourceURL": source if _is_url(source) and source != framework.uri else None,
        "publisher": framework.publisher,
        "language": framework.language,
        "version": framework.version,
        "adoptionStatus": framework.status,
    }
    ours = {
        "code": framework.code,
        "title_th": framework.title_th,
        "title_en": framework.title_en,
        "source": source,
        "evidence": framework.evidence,
    }
    more = {name: said for name, said in (framework.more or {}).items() if name not in BESIDE}
    return _whole(made, more, ours)


def item(each: Item, framework: Framework, places: Addresses) -> Json:
    """Return a CFItem as it stands in a package."""
    thai, text = each.text_th is not None, each.text_th or each.text_en
    made: Json = {
        "identifier": each.id,
        "fullStatement": text or NO_TEXT,
        "uri": each.uri or home(framework, places).of(ITEMS, each.id),
        "CFItemType": each.kind,
        "humanCodingScheme": each.code if each.code != each.id else None,
        "notes": each.note_th or each.note_en,
        "language": "th" if thai or text is None else "en",
        "educationLevel": [each.grade] if each.grade is not None else None,
        "subject": [each.area] if each.area is not None else None,
        "statusEndDate": each.retired[:10] if each.retired else None,
        "lastChangeDateTime": each.changed or framework.changed or _UNKNOWN,
    }
    if each.kind is not None:
        made["CFItemTypeURI"] = places.link(ITEM_TYPES, definition_id(ITEM_TYPES, each.kind), each.kind)
    if each.area is not None:
        made["subjectURI"] = [places.link(SUBJECTS, definition_id(SUBJECTS, each.area), each.area)]
    ours = {
        "text_en": each.text_en if thai else None,
        "text_state": NOT_ATTACHED if text is None else None,
        "description_th": each.description_th,
        "description_en": each.description_en,
        "level": each.level,
        "note_en": each.note_en if each.note_th is not None else None,
        "source": each.source if each.source != framework.source else None,
        "evidence": each.evidence if each.evidence != framework.evidence else None,
        "retired_at": each.retired,
    }
    return _whole(made, each.more, ours)


def association(tie: Tie, framework: Framework, places: Addresses, known: Known) -> Json:
    """Return a CFAssociation as it stands in a package; ``known`` are the ends that this framework does not hold itself."""
    places = home(framework, places)
    made = {
        "identifier": tie.id,
        "associationType": tie.kind,
        "sequenceNumber": tie.position,
        "uri": places.of(ASSOCIATIONS, tie.id),
        "originNodeURI": _end(tie.origin_id, tie.origin_uri, tie.origin_title, places, known),
        "destinationNodeURI": _end(tie.target_id, tie.target_uri, tie.target_title, places, known),
        "lastChangeDateTime": framework.changed or _UNKNOWN,
    }
    return _whole(made, tie.more, {"source": tie.source})


def _end(identifier: str | None, uri: str | None, title: str | None, places: Addresses, known: Known) -> Json:
    if identifier is not None and identifier in known:
        named, address = known[identifier]
        return {"title": named, "identifier": identifier, "uri": address}
    address = uri or (places.of(ITEMS, identifier) if identifier is not None else "")
    return {"title": title or identifier or address, "identifier": identifier or address, "uri": address}


def ends(framework: Framework, places: Addresses) -> dict[str, tuple[str, str]]:
    """Return title and address of the framework itself and of its items, by id."""
    places = home(framework, places)
    found = {each.id: (each.code, each.uri or places.of(ITEMS, each.id)) for each in framework.items}
    found[framework.id] = (framework.title_th, framework.uri or places.of(DOCUMENTS, framework.id))
    return found


def definitions(framework: Framework, places: Addresses) -> Json:
    """Return CFDefinitions: those that came with the framework, and ours for its kinds and areas."""
    came = (framework.more or {}).get("CFDefinitions", {})
    made: dict[str, list[Json]] = {name: list(came.get(name, [])) for name in DEFINITIONS}
    kinds = sorted({each.kind for each in framework.items if each.kind is not None})
    areas = sorted({each.area for each in framework.items if each.area is not None})
    made[ITEM_TYPES] += [item_type(kind, places) for kind in kinds]
    made[SUBJECTS] += [subject(area, places) for area in areas]
    found: Json = {name: rows for name, rows in made.items() if rows}
    if "extensions" in came:
        found["extensions"] = came["extensions"]
    return found


def item_type(kind: str, places: Addresses) -> Json:
    """Return the CFItemType of a kind of item."""
    identifier = definition_id(ITEM_TYPES, kind)
    return {
        **places.link(ITEM_TYPES, identifier, kind),
        "description": kind,
        "hierarchyCode": kind,
        "lastChangeDateTime": DEFINED,
    }


def subject(area: str, places: Addresses) -> Json:
    """Return the CFSubject of a learning area or branch."""
    identifier = definition_id(SUBJECTS, area)
    return {**places.link(SUBJECTS, identifier, area), "hierarchyCode": area, "lastChangeDateTime": DEFINED}


def package(framework: Framework, places: Addresses, known: Known) -> Json:
    """Return the whole CFPackage; ``known`` are ends in other frameworks of ours."""
    all_ends = {**known, **ends(framework, places)}
    more = framework.more or {}
    made: Json = {
        "CFDocument": document(framework, places),
        "CFItems": [item(each, framework, places) for each in framework.items],
        "CFAssociations": [association(tie, framework, places, all_ends) for tie in framework.ties],
        "CFDefinitions": definitions(framework, places) or None,
        RUBRICS: more.get(RUBRICS),
        "extensions": more.get("extensions of the package"),
    }
    return {name: value for name, value in made.items() if value is not None}


def alone(made: Json, framework: Framework, places: Addresses) -> Json:
    """Return an item or association as it is read by itself: with the document it is of."""
    uri = framework.uri or places.of(DOCUMENTS, framework.id)
    return {**made, "CFDocumentURI": {"title": framework.title_th, "identifier": framework.id, "uri": uri}}


def document_alone(framework: Framework, places: Addresses) -> Json:
    """Return the CFDocument as it is read by itself: with its package."""
    link = places.link(PACKAGES, framework.id, framework.title_th)
    return {**document(framework, places), "CFPackageURI": link}


def _is_url(text: str) -> bool:
    return text.startswith(("http://", "https://")) and " " not in text


def _whole(made: Json, more: Mapping[str, Any] | None, ours: Json) -> Json:
    """Return what is known, then what came beside it, then what is only ours, without empty fields."""
    came = dict(more or {})
    extensions = dict(came.pop("extensions", {}))
    said = dict(_given(ours.items()))
    if said:
        extensions[OURS] = {**extensions.get(OURS, {}), **said}
    whole = {**dict(_given(made.items())), **came}
    if extensions:
        whole["extensions"] = extensions
    return whole


def _given(pairs: Iterable[tuple[str, Any]]) -> Iterator[tuple[str, Any]]:
    return ((name, value) for name, value in pairs if value is not None)
