"""Packages of CASE 1.1 and generated frameworks for tests; the official schemas, where they stand beside the checkout."""

import json
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import jsonschema
import pytest
from hypothesis import strategies as st

from creditbank_plugin.rules.framework import Framework, Item, Tie, with_hierarchy
from creditbank_plugin.rules.thai import normalise

SHARED = Path(__file__).parents[2] / "shared" / "fixtures"
SCHEMAS = SHARED / "schemas" / "case" / "v1_1"
SAMPLES = SHARED / "case"
BASE = "http://127.0.0.1:8120/ims/case/v1p1"
WHEN = "2026-11-20T00:00:00Z"
_SPACE = UUID("7f3c1f1e-53a5-4f7e-9a1e-0f2b1f5e0000")


def needed(path: Path) -> Path:
    """The path, or a skipped test that says what is missing."""
    if not path.exists():
        pytest.skip(f"{path} is not here: nothing was checked against it")
    return path


@cache
def _schema(name: str) -> Any:
    return json.loads((needed(SCHEMAS) / f"case_v1p1_{name}-jsonschema1.json").read_text())


def assert_valid(value: Any, name: str) -> None:
    """Hold a document against one of the official schemas."""
    schema = _schema(name)
    jsonschema.Draft201909Validator(schema, format_checker=jsonschema.FormatChecker()).validate(value)


def uuid(name: object) -> str:
    return str(uuid5(_SPACE, str(name)))


def item(name: str, **more: Any) -> dict[str, Any]:
    """A CFItem called ``name``; None removes a field."""
    made = {
        "identifier": uuid(name),
        "uri": f"{BASE}/CFItems/{uuid(name)}",
        "fullStatement": f"ข้อความของ {name}",
        "humanCodingScheme": name,
        "language": "th",
        "lastChangeDateTime": WHEN,
        **more,
    }
    return {field: value for field, value in made.items() if value is not None}


def tie(below: str, above: str, kind: str = "isChildOf", **more: Any) -> dict[str, Any]:
    """An association from one item to another, or to the document (``above`` = "doc")."""
    ends = [_end(name) for name in (below, above)]
    return {
        "identifier": uuid(f"{below} {kind} {above}"),
        "uri": f"{BASE}/CFAssociations/{uuid(f'{below} {kind} {above}')}",
        "associationType": kind,
        "originNodeURI": ends[0],
        "destinationNodeURI": ends[1],
        "lastChangeDateTime": WHEN,
        **more,
    }


def _end(name: str) -> dict[str, str]:
    what = "CFDocuments" if name == "doc" else "CFItems"
    return {"title": name, "identifier": uuid(name), "uri": f"{BASE}/{what}/{uuid(name)}"}


def package(*items: dict[str, Any], ties: list[dict[str, Any]] | None = None, **document: Any) -> dict[str, Any]:
    """A CFPackage of the given items, each below the document unless ``ties`` says otherwise."""
    rows = items or (item("A"), item("B"))
    made = {
        "identifier": uuid("doc"),
        "uri": f"{BASE}/CFDocuments/{uuid('doc')}",
        "title": "กรอบทดสอบ",
        "creator": "ผู้จัดทำ",
        "language": "th",
        "lastChangeDateTime": WHEN,
        "caseVersion": "1.1",
        **document,
    }
    hierarchy = [tie(row["humanCodingScheme"], "doc") for row in rows] if ties is None else ties
    about = {field: value for field, value in made.items() if value is not None}
    return {"CFDocument": about, "CFItems": list(rows), "CFAssociations": hierarchy}


def raw(value: Any) -> bytes:
    return json.dumps(value).encode()


_TEXTS = st.text(
    st.one_of(st.sampled_from("กขคงจฉ ำะ็่้1๒"), st.characters(categories=("L", "N", "P", "Zs", "M"))),
    min_size=1,
    max_size=30,
).map(normalise)
_THAI = st.builds(lambda text: normalise(f"ก {text}"), st.text("กขคงจ ำ่้", min_size=1, max_size=30))
_LINES = _TEXTS.filter(bool)


@st.composite
def frameworks(draw: st.DrawFn) -> Framework:
    """Any framework that we can keep: a forest of items, some without a text, with ties across it."""
    number = draw(st.integers(1, 8))
    codes = draw(st.lists(_LINES, min_size=number, max_size=number, unique=True))
    items = []
    for place, code in enumerate(codes, start=1):
        text_th, text_en = draw(st.sampled_from([(None, None), ("th", None), (None, "en"), ("th", "en")]))
        sourced = text_th is not None or text_en is not None
        items.append(
            Item(
                id=uuid(f"item {place}"),
                code=code,
                text_th=draw(_THAI) if text_th else None,
                text_en=f"Text {place}" if text_en else None,
                description_th=draw(st.none() | _LINES),
                level=draw(st.none() | st.integers(0, 99)),
                kind=draw(st.none() | st.sampled_from(["unit", "level", "มาตรฐาน"])),
                area=draw(st.none() | _LINES),
                grade=draw(st.none() | st.sampled_from(["ม.1", "ม.4-6"])),
                parent=draw(st.sampled_from([None, *codes[: place - 1]])),
                note_th=draw(st.none() | _LINES) if text_th or not sourced else None,
                source=draw(st.sampled_from(["https://a.example/x", "หนังสือ หน้า 3"])) if sourced else None,
                evidence=draw(st.sampled_from(["official", "secondary"])) if sourced else None,
                position=place,
                changed=WHEN,
                retired=draw(st.sampled_from([None, None, "2026-11-19T10:00:00Z"])),
            )
        )
    ties = tuple(
        Tie(
            id=uuid(f"tie {place}"),
            kind=kind,
            origin_id=uuid("item 1"),
            target_id=uuid(f"item {target}"),
            source=source,
        )
        for place, (kind, target, source) in enumerate(
            draw(
                st.lists(
                    st.tuples(
                        st.sampled_from(["isRelatedTo", "isPeerOf", "ext:near"]),
                        st.integers(1, number),
                        st.none() | _LINES,
                    ),
                    max_size=4,
                )
            )
        )
    )
    made = Framework(
        id=uuid("framework"),
        code="generated",
        title_th=draw(_LINES),
        title_en=draw(st.none() | _LINES),
        version=draw(st.none() | st.just("2560")),
        source="https://a.example/x",
        evidence="official",
        publisher=draw(st.none() | _LINES),
        language="th",
        changed=WHEN,
        items=tuple(items),
        ties=ties,
    )
    return with_hierarchy(made)
