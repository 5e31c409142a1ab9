"""Words of CASE 1.1 that its reader and its writer share, and where the things of a framework are found."""

import re
from dataclasses import dataclass
from typing import Any
from uuid import NAMESPACE_URL, uuid5

PATH = "/ims/case/v1p1"
DOCUMENTS, PACKAGES, ITEMS, ASSOCIATIONS = "CFDocuments", "CFPackages", "CFItems", "CFAssociations"
ITEM_TYPES, SUBJECTS, CONCEPTS, LICENSES = "CFItemTypes", "CFSubjects", "CFConcepts", "CFLicenses"
GROUPINGS, RUBRICS = "CFAssociationGroupings", "CFRubrics"
#: What a package's CFDefinitions may hold.
DEFINITIONS = (CONCEPTS, SUBJECTS, LICENSES, ITEM_TYPES, GROUPINGS)
#: The types of an association; others begin with ``ext:``.
TYPES = (
    *("isChildOf", "isPeerOf", "isPartOf", "exactMatchOf", "precedes"),
    *("isRelatedTo", "replacedBy", "exemplar", "hasSkillLevel", "isTranslationOf"),
)
#: The one name below ``extensions`` that is ours.
OURS = "creditbank"
#: What stands in ``fullStatement``, which CASE demands, where an item has no sourced text.
NO_TEXT = "ยังไม่ได้แนบแหล่งที่มา (source not yet attached)"
NOT_ATTACHED = "source_not_attached"
#: When our own definitions were made: they follow from their titles and never change.
DEFINED = "2026-11-01T00:00:00Z"

Json = dict[str, Any]
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True)
class Addresses:
    """Where things are read from us: below ``base``, which ends in `PATH`."""

    base: str

    def of(self, what: str, identifier: str) -> str:
        """Return the address of one thing."""
        return f"{self.base}/{what}/{identifier}"

    def link(self, what: str, identifier: str, title: str) -> Json:
        """Return CASE's link to one thing."""
        return {"title": title, "identifier": identifier, "uri": self.of(what, identifier)}


def is_identifier(text: str) -> bool:
    """Tell whether a text is an identifier: a UUID in lower case."""
    return _UUID.fullmatch(text) is not None


def definition_id(what: str, title: str) -> str:
    """Return the identifier of an item type, a subject or a grouping of ours: the same on every installation."""
    return str(uuid5(NAMESPACE_URL, f"urn:creditbank:case:{what}:{title}"))


def published_id(identifier: str) -> str:
    """Return an identifier as CASE allows it (UUID versions 1 to 5): one of ours ordered by time is written as version 4.

    All its other digits stay, so that `stored_ids` finds the row again without an index of its own.
    """
    return f"{identifier[:14]}4{identifier[15:]}" if identifier[14] == "7" else identifier


def stored_ids(identifier: str) -> tuple[str, ...]:
    """Return the ids under which a thing with this identifier may be stored."""
    if identifier[14] != "4":
        return (identifier,)
    return (identifier, f"{identifier[:14]}7{identifier[15:]}")
