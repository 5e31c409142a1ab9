"""Facts as data: what the rules of the house rest on, each row with its source and how good that source is.

The marks are those of the files: ``primary``/``official`` (gazette or issuing agency), ``copy of official``,
``cross-checked``, ``secondary`` and ``weak``.  This package stands beside the floors: any of them may read it,
and it reads nothing of ours.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import Any


@cache
def load(name: str) -> Any:
    """Return the document ``name`` (a file of this package without ``.json``), read once.

    Fractions come as exact ``Decimal``, never as floats.  All callers share the value: read it, do not change it.
    Raises ``LookupError`` when there is no such document.
    """
    file = resources.files(__package__).joinpath(f"{name}.json")
    if not name.replace("_", "").isalnum() or not file.is_file():
        raise LookupError(f"no reference document {name!r}")
    return json.loads(file.read_text(encoding="utf-8"), parse_float=Decimal)


@dataclass(frozen=True, kw_only=True)
class CreditRule:
    """One rule on credit: ``value`` holds its numbers, ``evidence`` is primary, secondary or weak."""

    id: str
    sector: str
    topic: str
    th: str
    en: str
    value: Mapping[str, Any]
    evidence: str
    source: str
    note: str | None = None


@dataclass(frozen=True, kw_only=True)
class Province:
    """A province by its two-digit code; ``pilot``: one of the five pilot provinces of the Education Council, 2567."""

    code: str
    iso: str
    name_th: str
    name_en: str
    pilot: bool
    source: str
    evidence: str


@dataclass(frozen=True, kw_only=True)
class Qualification:
    """A qualification placed on an NQF level; ``confidence`` tells how clearly the source table shows the place."""

    name_th: str
    name_en: str
    track: str
    confidence: str
    note: str | None = None
    note_th: str | None = None


@dataclass(frozen=True, kw_only=True)
class NqfLevel:
    """A level of the Thai NQF.  Descriptors and the AQRF level are None: their source is not attached yet."""

    level: int
    label_th: str
    qualifications: tuple[Qualification, ...]
    tpqi_level: int | None
    tpqi_label_th: str | None
    dsd_skill_standard: str | None
    aqrf_level: int | None
    descriptor_th: str | None
    descriptor_en: str | None
    source: str
    evidence: str


@cache
def _rules() -> Mapping[str, CreditRule]:
    return {
        row["id"]: CreditRule(
            id=row["id"],
            sector=row["sector"],
            topic=row["topic"],
            th=row["rule_th"],
            en=row["rule"],
            value=row["value"],
            evidence=row["evidence"],
            source=row["source"],
            note=row.get("note"),
        )
        for row in load("credit_rules")["rows"]
    }


def rule(rule_id: str) -> CreditRule:
    """Return the rule called ``rule_id``, such as ``BE-H1``; raises ``LookupError`` when there is none."""
    return _rules()[rule_id]


@cache
def provinces() -> tuple[Province, ...]:
    """Return the 77 provinces in the order of their codes."""
    return tuple(
        Province(
            code=row["code"],
            iso=row["iso_3166_2"],
            name_th=row["name_th"],
            name_en=row["name_en"],
            pilot=row["oec_credit_bank_pilot_2567"],
            source=row["source"],
            evidence=row["evidence"],
        )
        for row in sorted(load("provinces")["rows"], key=lambda row: str(row["code"]))
    )


@cache
def nqf_levels() -> tuple[NqfLevel, ...]:
    """Return the eight NQF levels, lowest first."""
    return tuple(
        NqfLevel(
            level=row["level"],
            label_th=row["label_th"],
            qualifications=tuple(Qualification(**placed) for placed in row["qualifications"]),
            tpqi_level=row["tpqi_professional_qualification_level"],
            tpqi_label_th=row["tpqi_label_th"],
            dsd_skill_standard=row["dsd_skill_standard"],
            aqrf_level=row["aqrf_level"],
            descriptor_th=row["descriptor_th"],
            descriptor_en=row["descriptor_en"],
            source=row["source"],
            evidence=row["evidence"],
        )
        for row in load("nqf_levels")["rows"]
    )
