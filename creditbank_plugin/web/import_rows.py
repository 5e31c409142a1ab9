"""Checked rows of a file in words: what is wrong with them, what they would change."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from creditbank_plugin import reference
from creditbank_plugin.rules.cells import letters
from creditbank_plugin.rules.course import HOUR_FIELDS
from creditbank_plugin.rules.course_words import COLUMNS, REQUIRED
from creditbank_plugin.services.importing.import_check import CHANGED, NEW, REFUSED
from creditbank_plugin.storage.base import Stored
from creditbank_plugin.web import choices
from creditbank_plugin.web.show import both, version
from creditbank_plugin.web.words import language, t, word

__all__ = ["COLUMNS", "REQUIRED", "Change", "Problem", "Shown", "column", "letters", "provinces", "shown", "ways"]


@dataclass(frozen=True)
class Problem:
    """What is wrong in one column: its name, what stood there, and what to do."""

    column: str
    told: str | None
    said: Markup


@dataclass(frozen=True)
class Change:
    """A field that would change: its name, what stands and what would stand."""

    column: str
    before: str
    after: str


@dataclass(frozen=True)
class Shown:
    """A checked row for a page."""

    number: int
    code: str
    title: str
    facts: Sequence[str]
    problems: Sequence[Problem]
    changes: Sequence[Change]
    doubt: Markup | None


def column(name: str | None) -> str:
    """Return one of our columns in words."""
    return word("course_field", name) if name else "–"


def provinces() -> list[tuple[str, str]]:
    """Return the provinces by name in the visitor's language."""
    named = [(each.code, each.name_th if language() == "th" else each.name_en) for each in reference.provinces()]
    return sorted(named, key=lambda pair: pair[1])


def ways(counts: Mapping[str, int]) -> list[tuple[str, str]]:
    """Return the two ways to load a checked file, with what each would do: all of it or nothing, or the good rows only."""
    good, refused = counts[NEW] + counts[CHANGED], counts[REFUSED]
    if not refused:
        return [("no", t("imports.load_good_all")), ("yes", t("imports.load_whole_all", n=good))]
    good_only = t("imports.load_good", n=good, refused=f"{refused:,}")
    return [("no", good_only), ("yes", t("imports.load_whole", refused=f"{refused:,}"))]


def shown(row: Stored) -> Shown:
    """Return a checked row for a page."""
    content = row.content
    told, values = content.get("told", {}), content.get("values", {})
    key = content.get("key", ["", told.get("code", ""), ""])
    doubt = content.get("doubt")
    return Shown(
        number=row.number,
        code=key[1],
        title=values.get("title_th") or told.get("title_th", ""),
        facts=[version(key[2]), *_placed(values)] if key[2] else [],
        problems=[
            Problem(column(fault["column"]), told.get(fault["column"]), both(fault["th"], fault["en"]))
            for fault in row.faults or ()
        ],
        changes=[
            Change(column(name), _value(name, before), _value(name, values.get(name)))
            for name, before in content.get("was", {}).items()
        ],
        doubt=both(*doubt) if doubt else None,
    )


def _placed(values: dict[str, Any]) -> list[str]:
    rooms = (("level_group", "level_group"), ("sector", "sector"))
    return [word(room, values[name]) for name, room in rooms if values.get(name)]


def _value(name: str, value: Any) -> str:
    if value in (None, "", []):
        return "–"
    if name in HOUR_FIELDS:
        return t("imports.hours", hours=choices.hours(value))
    if name == "level_group":
        return word("level_group", value)
    if name == "sector":
        return word("sector", value)
    if name == "province":
        return dict(provinces()).get(str(value), str(value))
    return " · ".join(value) if isinstance(value, list) else str(value)
