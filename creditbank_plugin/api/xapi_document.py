"""The xAPI door in the OpenAPI document.  It speaks xAPI and not our API, so its part is written by hand."""

from typing import Any

from creditbank_plugin.rules.scopes import EVENTS_WRITE

TAG = {
    "name": "xapi",
    "description": "รับ statement ของ xAPI 1.0.3 อย่างที่ Moodle ส่ง – xAPI 1.0.3 statements as Moodle sends them",
}
BASIC = "client_basic"
BASIC_SCHEME = {"type": "http", "scheme": "basic", "description": "id and secret of a client"}
_VERSION = "X-Experience-API-Version"
_UUID = {"type": "string", "format": "uuid"}
_ERROR = "XapiError"

SCHEMAS: dict[str, Any] = {
    "Statement": {
        "type": "object",
        "description": "An xAPI 1.0.3 statement. A course completion has an object of the type "
        "`https://w3id.org/xapi/cmi5/activitytype/course`; every other statement is kept as ignored.",
        "required": ["actor", "verb", "object"],
        "properties": {
            "id": _UUID,
            "actor": {"type": "object", "description": "account.homePage is the issuer that the client speaks for"},
            "verb": {
                "type": "object",
                "required": ["id"],
                "properties": {"id": {"type": "string", "format": "uri"}},
            },
            "object": {"type": "object"},
            "result": {
                "type": "object",
                "properties": {
                    "score": {
                        "type": "object",
                        "description": "`scaled`, or `raw` with `max` (and `min`, else 0), as 0 to 100; a raw score "
                        "without a maximum cannot be held against a minimum",
                        "properties": {
                            "scaled": {"type": "number", "minimum": -1, "maximum": 1},
                            "raw": {"type": "number"},
                            "min": {"type": "number"},
                            "max": {"type": "number"},
                        },
                    },
                    "success": {"type": "boolean"},
                    "completion": {"type": "boolean"},
                },
            },
            "context": {"type": "object"},
            "timestamp": {"type": "string", "format": "date-time"},
        },
    },
    _ERROR: {
        "type": "object",
        "required": ["status", "code", "th", "en"],
        "properties": {
            "status": {"type": "integer"},
            "code": {"type": "string", "description": "stable code"},
            "th": {"type": "string"},
            "en": {"type": "string"},
            "errors": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["field", "th", "en"],
                    "properties": {
                        "field": {"type": "string", "description": "dotted path in the statement"},
                        "index": {"type": "integer", "description": "place of the statement in the array, from 0"},
                        "th": {"type": "string"},
                        "en": {"type": "string"},
                    },
                },
            },
        },
    },
}
_STATEMENT = {"$ref": "#/components/schemas/Statement"}
_EXAMPLE = {
    "actor": {"account": {"homePage": "https://lms.example.ac.th", "name": "4711"}},
    "verb": {"id": "http://adlnet.gov/expapi/verbs/completed"},
    "object": {
        "id": "https://lms.example.ac.th/course/view.php?id=4",
        "definition": {"type": "https://w3id.org/xapi/cmi5/activitytype/course"},
    },
    "timestamp": "2026-03-31T09:00:00.000Z",
}
_ABOUT = {
    400: "statement ไม่ถูกต้อง ไม่รับไว้เลยทั้งชุด – a statement is wrong; nothing of the request is kept",
    401: "รหัสระบบที่เชื่อมต่อใช้ไม่ได้ – no credentials, or none that are good",
    403: "ไม่มีสิทธิ์ส่ง – the client may not send",
    409: "id นี้มีเนื้อหาอื่นอยู่แล้ว – the id is known with other content",
    413: "ใหญ่เกินไป หรือเกิน 1,000 รายการ – too large, or more than 1,000 statements",
    500: "ระบบขัดข้อง – internal error",
    503: "ฐานข้อมูลใช้ไม่ได้ชั่วคราว – the database cannot be reached; see Retry-After",
}
_NEEDED = {
    "name": _VERSION,
    "in": "header",
    "required": True,
    "schema": {"type": "string", "pattern": r"^1\.0(\.\d+)?$"},
}


def paths(prefix: str) -> dict[str, Any]:
    """Return the paths of the xAPI door below the bank's URL prefix, as OpenAPI 3.0 writes them."""
    several = {"oneOf": [{"type": "array", "maxItems": 1000, "items": _STATEMENT}, _STATEMENT]}
    posted = _sending(
        "post_statements",
        "Send statements; all of them are kept, or none",
        _json(several, [_EXAMPLE]),
        {
            "200": _answer(
                "their ids, in order", {"type": "array", "items": _UUID}, ["019308a0-6d2e-5c11-9a55-0d6f0a2b3c41"]
            )
        },
    )
    put = _sending(
        "put_statement",
        "Send one statement under its id",
        _json(_STATEMENT, _EXAMPLE),
        {"204": {"description": "kept, or known already", "headers": _version_header()}},
    )
    put["parameters"] = [*put["parameters"], {"name": "statementId", "in": "query", "required": True, "schema": _UUID}]
    versions = {
        "type": "object",
        "required": ["version"],
        "properties": {"version": {"type": "array", "items": {"type": "string"}}},
    }
    about = {
        "tags": [TAG["name"]],
        "operationId": "about_xapi",
        "summary": "Which versions of xAPI are understood; open to everybody",
        "security": [],
        "responses": {"200": _answer("the versions", versions, {"version": ["1.0.3"]})},
    }
    return {f"{prefix}/xapi/statements": {"post": posted, "put": put}, f"{prefix}/xapi/about": {"get": about}}


def _sending(name: str, summary: str, body: dict[str, Any], answers: dict[str, Any]) -> dict[str, Any]:
    error = {"$ref": f"#/components/schemas/{_ERROR}"}
    refusals = {
        str(status): {
            "description": about,
            "headers": _version_header(),
            "content": {"application/json": {"schema": error}},
        }
        for status, about in _ABOUT.items()
    }
    return {
        "tags": [TAG["name"]],
        "operationId": name,
        "summary": summary,
        "security": [{BASIC: []}, {"client_credentials": [EVENTS_WRITE]}],
        "parameters": [_NEEDED],
        "requestBody": {"required": True, "content": body},
        "responses": {**answers, **refusals},
    }


def _json(schema: dict[str, Any], example: Any) -> dict[str, Any]:
    return {"application/json": {"schema": schema, "example": example}}


def _answer(about: str, schema: dict[str, Any], example: Any) -> dict[str, Any]:
    return {"description": about, "headers": _version_header(), "content": _json(schema, example)}


def _version_header() -> dict[str, Any]:
    return {_VERSION: {"schema": {"type": "string"}, "description": "1.0.3"}}
