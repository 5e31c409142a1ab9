"""The CASE 1.1 service in the OpenAPI document.  It is open to everybody and as 1EdTech defines it: written by hand."""

from typing import Any

from creditbank_plugin.api.case import CHOSEN, SORTED
from creditbank_plugin.api.case_examples import examples
from creditbank_plugin.formats.case import PATH

TAG = {
    "name": "case",
    "description": "กรอบมาตรฐาน ผลลัพธ์การเรียนรู้ และการเทียบรายวิชาที่อนุมัติแล้ว แบบ CASE 1.1 – frameworks, outcomes and approved"
    " comparisons as CASE 1.1, for everybody to read",
}
SCHEMAS: dict[str, Any] = {
    "CASE": {
        "type": "object",
        "description": "as the schemas of CASE 1.1 have it: https://purl.imsglobal.org/spec/case/v1p1/schema/json/",
    },
    "imsx_StatusInfo": {
        "type": "object",
        "required": ["imsx_codeMajor", "imsx_severity"],
        "properties": {
            "imsx_codeMajor": {"type": "string"},
            "imsx_severity": {"type": "string"},
            "imsx_description": {"type": "string"},
            "imsx_codeMinor": {"type": "object"},
        },
    },
}
_READ = {
    "CFDocuments": ("get_case_document", "Read one framework, or the comparisons of one body, without what is in it"),
    "CFPackages": ("get_case_package", "Read a framework, or the comparisons of one body, with everything in it"),
    "CFItems": ("get_case_item", "Read one outcome, or one course as it was compared"),
    "CFItemAssociations": ("get_case_item_associations", "Read an item with everything it is tied to"),
    "CFAssociations": ("get_case_association", "Read one tie"),
    "CFItemTypes": ("get_case_item_type", "Read what a kind of items is"),
    "CFSubjects": ("get_case_subject", "Read a learning area or branch"),
    "CFConcepts": ("get_case_concept", "Read a concept, where a framework brought one"),
    "CFLicenses": ("get_case_license", "Read a licence, where a framework brought one"),
    "CFAssociationGroupings": ("get_case_grouping", "Read what a group of ties says"),
    "CFRubrics": ("get_case_rubric", "Read a rubric, where a framework brought one"),
}
_ABOUT = {
    400: "identifier หรือพารามิเตอร์ผิด – the identifier or a parameter is wrong",
    404: "ไม่พบ – not found",
    500: "ระบบขัดข้อง – internal error",
    503: "ฐานข้อมูลใช้ไม่ได้ชั่วคราว – the database cannot be reached; see Retry-After",
}


def paths(prefix: str) -> dict[str, Any]:
    """Return the paths of the service below the bank's URL prefix, as OpenAPI 3.0 writes them."""
    root = f"{prefix}{PATH}"
    shown = examples(root)
    listed = {
        "get": {
            **_operation("list_case_documents", "List frameworks and the documents of comparing bodies", _LISTED),
            "responses": _answers(shown["list"]),
        }
    }
    found: dict[str, Any] = {f"{root}/CFDocuments": listed}
    for name, (operation, summary) in _READ.items():
        where = {"name": "identifier", "in": "path", "required": True, "schema": {"type": "string", "format": "uuid"}}
        found[f"{root}/{name}/{{identifier}}"] = {
            "get": {**_operation(operation, summary, [where]), "responses": _answers(shown.get(name))}
        }
    return found


def _query(name: str, about: str, **schema: Any) -> dict[str, Any]:
    return {"name": name, "in": "query", "description": about, "allowEmptyValue": True, "schema": schema}


_MOST = 999_999_999
_LISTED = [
    _query("limit", "how many documents; 500 at most are given", type="integer", minimum=1, maximum=_MOST, default=100),
    _query("offset", "how many documents to leave out first", type="integer", minimum=0, maximum=_MOST, default=0),
    _query("sort", "by which field", type="string", enum=list(SORTED)),
    _query("orderBy", "in which order", type="string", enum=["asc", "desc"]),
    {
        **_query(
            "fields",
            "which fields; those that CASE demands come always",
            type="array",
            items={"type": "string", "enum": sorted(CHOSEN)},
        ),
        "style": "form",
        "explode": False,
    },
]


def _operation(name: str, summary: str, parameters: list[dict[str, Any]]) -> dict[str, Any]:
    return {"tags": [TAG["name"]], "operationId": name, "summary": summary, "security": [], "parameters": parameters}


def _answers(example: dict[str, Any] | None) -> dict[str, Any]:
    good: dict[str, Any] = {"schema": {"$ref": "#/components/schemas/CASE"}}
    if example is not None:
        good["example"] = example
    wrong = {"schema": {"$ref": "#/components/schemas/imsx_StatusInfo"}}
    answers: dict[str, Any] = {
        "200": {"description": "OK", "content": {"application/json": good}},
        "304": {"description": "ไม่เปลี่ยนตั้งแต่ที่เก็บไว้ – unchanged since you kept it (If-None-Match)"},
    }
    for status, about in _ABOUT.items():
        answers[str(status)] = {"description": about, "content": {"application/json": wrong}}
    return answers
