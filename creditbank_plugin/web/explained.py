"""How an explanation is shown: which rule, how well founded, from where, what it looked at, what it found."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from markupsafe import Markup

from creditbank_plugin import reference
from creditbank_plugin.rules.reasons import REASONS
from creditbank_plugin.web.names import organisation
from creditbank_plugin.web.show import address, both, plain
from creditbank_plugin.web.words import t, word

Line = Mapping[str, Any]


def said(line: Line) -> Markup:
    """Return the sentence of an explanation line for this visitor."""
    return both(line.get("th"), line.get("en"))


#: Marks of our own in the place of a source: what is said of them stands in the room ``source``.
_OUR_SOURCES = ("catalogue", "authority", "fold", "inbox")


def rule_of(line: Line) -> reference.CreditRule | None:
    """Return the published rule that an explanation line names as its rule or its source, if it names one."""
    return next(iter(_published(line.get("rule"), line.get("source"))), None)


def cited(line: Line) -> list[reference.CreditRule]:
    """Return every published rule that an explanation line names, among what it looked at too; each once."""
    inputs = line.get("inputs") or {}
    found = _published(line.get("rule"), line.get("source"), inputs.get("rule"), inputs.get("step"))
    return list({rule.id: rule for rule in found}.values())


def _published(*texts: object) -> Iterator[reference.CreditRule]:
    for text in texts:
        for rule_id in str(text or "").split("+"):
            try:
                yield reference.rule(rule_id)
            except LookupError:
                continue


def rule_name(line: Line) -> str:
    """Return the rules that an explanation line applied, in words; a published rule by its number."""
    return " + ".join(_rule_word(code) for code in str(line.get("rule") or "").split("+"))


def _rule_word(code: str) -> str:
    if code in REASONS:
        return both(REASONS[code].th, REASONS[code].en).striptags()
    return word("rule", code)


def source(line: Line) -> str:
    """Return where an explanation line is from: a published rule's address, or our own marks in plain words."""
    rule = rule_of(line)
    if rule is not None:
        return rule.source
    text = str(line.get("source") or "")
    kind = text.partition(":")[0]
    if kind in ("comparison", "adoption", "configuration") or text in _OUR_SOURCES:
        return t(f"source.{kind}")
    return text or t("source.none")


def evidence(line: Line) -> str:
    """Return how well an explanation line is founded, as a key of the room ``evidence``.

    Rules of our reference data carry their own mark; a condition rests on its approved paper; what names no published
    source is a setting of this system and says so.
    """
    rule = rule_of(line)
    if rule is not None:
        return rule.evidence
    text = str(line.get("source") or "")
    if text.partition(":")[0] in ("comparison", "adoption"):
        return "approved"
    if text in _OUR_SOURCES:
        return "system"
    return "published" if address(text) else "setting"


def result(line: Line) -> Markup | str:
    """Return what an explanation line found: the sentence of a reason code, else its words."""
    code = str(line.get("result") or "")
    if code in REASONS:
        return both(REASONS[code].th, REASONS[code].en)
    return " ".join(plain(part) for part in code.split()) or plain("")


_ORGANISATIONS = ("school", "owner")


def inputs(line: Line) -> list[tuple[str, str]]:
    """Return what an explanation line looked at, as pairs of words; nothing personal is ever among it."""
    looked = [(str(key), value) for key, value in (line.get("inputs") or {}).items() if value not in (None, "")]
    return [(word("input", key), _looked_at(key, value)) for key, value in looked]


def _looked_at(key: str, value: Any) -> str:
    if key in _ORGANISATIONS:
        return organisation(str(value))
    return word("evidence", str(value)) if key == "evidence" else plain(value)


def told(tiding: Mapping[str, Any], without: Sequence[str] = ()) -> list[tuple[str, str]]:
    """Return a message's facts as pairs of words, nested ones by their path, in the order they stand."""
    out: list[tuple[str, str]] = []
    for key, value in tiding.items():
        if key in without:
            continue
        if key == "school":
            out.append((word("fact", key), organisation(str(value))))
        elif isinstance(value, Mapping):
            out += [(word("fact", f"{key}_{inner}"), plain(deep)) for inner, deep in value.items()]
        else:
            out.append((word("fact", key), plain(value)))
    return out
