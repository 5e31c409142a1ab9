"""Examples of what the CASE service answers: the core curriculum and its first standard, as every installation has them."""

from collections.abc import Callable
from typing import Any

Json = dict[str, Any]

_HOST = "https://bank.example"
_AT, _DEFINED_AT = "2026-11-21T02:00:00.000000Z", "2026-11-01T00:00:00Z"
_TITLE = "หลักสูตรแกนกลางการศึกษาขั้นพื้นฐาน พุทธศักราช 2551 (ฉบับปรับปรุง พ.ศ. 2560)"
_DOCUMENT = (_TITLE, "4fc8b440-83c2-52a7-acf6-df1ce79e45d6")
_ITEM = ("ท 1.1", "c904194f-3c7d-5eec-a57c-6bdfd87b2f7b")
_TYPE = ("standard", "94309f5c-a2bd-509e-a639-3ec8ea86ab62")
_SUBJECT = ("ภาษาไทย", "fcdda1e4-47d6-5f27-8fba-275a8bc1af90")
_TIE = "ba090631-44ee-582e-8781-5f920e1f2f82"
_GROUPING = "6b3e55b6-ab05-5ac3-ab32-b27a14c79c89"


def examples(root: str) -> dict[str, Json]:
    """Return an answer by the name of what is read; ``root`` is the service's path.

    A concept, a licence and a rubric have none: they are there only where a framework brought one.
    """

    def at(name: str, identifier: str) -> str:
        return f"{_HOST}{root}/{name}/{identifier}"

    def link(name: str, to: tuple[str, str]) -> Json:
        return {"title": to[0], "identifier": to[1], "uri": at(name, to[1])}

    document, item, tie = _document(at), _item(at, link), _tie(at, link)
    within = {"CFDocumentURI": link("CFDocuments", _DOCUMENT)}
    kind = {
        **link("CFItemTypes", _TYPE),
        "description": "standard",
        "hierarchyCode": "standard",
        "lastChangeDateTime": _DEFINED_AT,
    }
    subject = {**link("CFSubjects", _SUBJECT), "hierarchyCode": _SUBJECT[0], "lastChangeDateTime": _DEFINED_AT}
    alone = {**document, "CFPackageURI": link("CFPackages", _DOCUMENT)}
    return {
        "list": {"CFDocuments": [alone]},
        "CFDocuments": alone,
        "CFPackages": {
            "CFDocument": document,
            "CFItems": [item],
            "CFAssociations": [tie],
            "CFDefinitions": {"CFSubjects": [subject], "CFItemTypes": [kind]},
        },
        "CFItems": {**item, **within},
        "CFItemAssociations": {"CFItem": {**item, **within}, "CFAssociations": [tie]},
        "CFAssociations": {**tie, **within},
        "CFItemTypes": {"CFItemTypes": [kind]},
        "CFSubjects": {"CFSubjects": [subject]},
        "CFAssociationGroupings": {
            "title": "รายวิชาให้ผลลัพธ์การเรียนรู้นี้ – the course yields this outcome",
            "identifier": _GROUPING,
            "uri": at("CFAssociationGroupings", _GROUPING),
            "description": "ผู้ที่เรียนจบรายวิชานี้และผ่านเงื่อนไข ถือว่าได้ผลลัพธ์การเรียนรู้นี้ ตามการเทียบรายวิชาที่อนุมัติแล้ว"
            " – by an approved comparison, who completes the course under its conditions"
            " is held to have reached the outcome",
            "lastChangeDateTime": _DEFINED_AT,
        },
    }


def _document(at: Callable[[str, str], str]) -> Json:
    return {
        "identifier": _DOCUMENT[1],
        "uri": at("CFDocuments", _DOCUMENT[1]),
        "caseVersion": "1.1",
        "creator": "กระทรวงศึกษาธิการ",
        "title": _TITLE,
        "lastChangeDateTime": _AT,
        "publisher": "กระทรวงศึกษาธิการ",
        "language": "th",
        "version": "2551 (2560)",
        "extensions": {
            "creditbank": {
                "code": "core-curriculum-2551",
                "title_th": _TITLE,
                "title_en": "Basic Education Core Curriculum B.E. 2551 (revised B.E. 2560)",
                "source": "each item names its own source",
                "evidence": "copy of official",
            }
        },
    }


def _item(at: Callable[[str, str], str], link: Callable[[str, tuple[str, str]], Json]) -> Json:
    return {
        "identifier": _ITEM[1],
        "fullStatement": "ใช้กระบวนการอ่านสร้างความรู้และความคิดเพื่อนำไปใช้ตัดสินใจ แก้ปัญหาในการดำเนินชีวิตและมีนิสัยรักการอ่าน",
        "uri": at("CFItems", _ITEM[1]),
        "CFItemType": "standard",
        "humanCodingScheme": _ITEM[0],
        "language": "th",
        "subject": [_SUBJECT[0]],
        "lastChangeDateTime": _AT,
        "CFItemTypeURI": link("CFItemTypes", _TYPE),
        "subjectURI": [link("CFSubjects", _SUBJECT)],
        "extensions": {
            "creditbank": {
                "source": "github:kalasinpanyanukun/gradebook@eada2cf:src/data/m3CurriculumData.ts",
            }
        },
    }


def _tie(at: Callable[[str, str], str], link: Callable[[str, tuple[str, str]], Json]) -> Json:
    return {
        "identifier": _TIE,
        "associationType": "isChildOf",
        "sequenceNumber": 1,
        "uri": at("CFAssociations", _TIE),
        "originNodeURI": link("CFItems", _ITEM),
        "destinationNodeURI": link("CFDocuments", _DOCUMENT),
        "lastChangeDateTime": _AT,
    }
