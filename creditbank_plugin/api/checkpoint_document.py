"""The published checkpoints in the OpenAPI document.  They stand beside the API and need no token: written by hand."""

from typing import Any

from creditbank_plugin.rules.checkpoint import FORMAT

TAG = {
    "name": "checkpoints",
    "description": "จุดตรวจสอบที่ลงนามแล้ว เปิดให้ทุกคนเก็บสำเนา – signed checkpoints of the ledger, for everybody to keep",
}
_HASH = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
_PROPERTIES = {
    "format": {"type": "string", "enum": [FORMAT]},
    "number": {"type": "integer", "minimum": 1},
    "made_at": {"type": "string", "format": "date-time"},
    "accounts": {"type": "integer", "minimum": 0, "description": "accounts with entries: the leaves of the tree"},
    "entries": {"type": "integer", "minimum": 0, "description": "entries of all chains"},
    "root": {**_HASH, "description": "Merkle root (RFC 6962) over the heads of all accounts, in order of their ids"},
    "previous": {**_HASH, "description": "hash of the checkpoint before; 64 zeros in the first"},
    "public_key": {**_HASH, "description": "the Ed25519 key that signed, in hex"},
    "fingerprint": {**_HASH, "description": "SHA-256 of the public key: compare it with the one you kept"},
    "signature": {"type": "string", "pattern": "^[0-9a-f]{128}$"},
}
SCHEMAS: dict[str, Any] = {
    "Checkpoint": {"type": "object", "required": list(_PROPERTIES), "properties": _PROPERTIES},
    "CheckpointList": {
        "type": "object",
        "required": ["items", "next"],
        "properties": {
            "items": {"type": "array", "items": {"$ref": "#/components/schemas/Checkpoint"}},
            "next": {"type": "string", "nullable": True},
        },
    },
}
EXAMPLE: dict[str, Any] = {
    "format": FORMAT,
    "number": 412,
    "made_at": "2026-03-02T18:00:03Z",
    "accounts": 731204,
    "entries": 2904117,
    "root": "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    "previous": "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "public_key": "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
    "fingerprint": "21fe31dfa154a261626bf854046fd2271b7bed4b6abe45aa58877ef47f9721b9",
    "signature": "e5" * 64,
}
_ABOUT = {
    400: "พารามิเตอร์ผิด – a parameter is wrong",
    404: "ไม่มีหมายเลขนี้ – no such number",
    500: "ระบบขัดข้อง – internal error",
    503: "ฐานข้อมูลใช้ไม่ได้ชั่วคราว – the database cannot be reached; see Retry-After",
}


def paths(prefix: str) -> dict[str, Any]:
    """Return the paths of the checkpoints below the bank's URL prefix, as OpenAPI 3.0 writes them."""
    number = {"name": "number", "in": "path", "required": True, "schema": {"type": "integer", "minimum": 1}}
    pages = [{"$ref": f"#/components/parameters/{name}"} for name in ("cursor", "limit")]
    listed = {"items": [EXAMPLE], "next": None}
    return {
        f"{prefix}/checkpoints": {
            "get": {
                **_operation("list_checkpoints", "List signed checkpoints, newest first", pages),
                "responses": _answers("CheckpointList", listed, 400),
            }
        },
        f"{prefix}/checkpoints/{{number}}": {
            "get": {
                **_operation("get_checkpoint", "Read one checkpoint: the very file that was signed", [number]),
                "responses": _answers("Checkpoint", EXAMPLE, 404),
            }
        },
    }


def _operation(name: str, summary: str, parameters: list[dict[str, Any]]) -> dict[str, Any]:
    return {"tags": [TAG["name"]], "operationId": name, "summary": summary, "security": [], "parameters": parameters}


def _answers(schema: str, example: dict[str, Any], own: int) -> dict[str, Any]:
    good = {"schema": {"$ref": f"#/components/schemas/{schema}"}, "example": example}
    problems = {"schema": {"$ref": "#/components/schemas/Problem"}}
    answers = {"200": {"description": "OK", "content": {"application/json": good}}}
    for status in (own, 500, 503):
        answers[str(status)] = {"description": _ABOUT[status], "content": {"application/problem+json": problems}}
    return answers
