"""How values are shown: credits, days and moments, names in two languages, sources and rules."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from urllib.parse import urlsplit

from markupsafe import Markup

from creditbank_plugin import reference
from creditbank_plugin.rules import thai
from creditbank_plugin.rules.hours import credit_text
from creditbank_plugin.rules.reasons import REASONS, Reason
from creditbank_plugin.services.views import Movement, Record
from creditbank_plugin.web.names import organisation
from creditbank_plugin.web.words import language, t, word


def credits(amount: int) -> str:
    """Return hundredths of a credit as text with two places."""
    return credit_text(amount)


def day(value: date | None) -> str:
    """Return a day with the Buddhist-era year in Thai and the common-era year in English; a dash for none."""
    if value is None:
        return "–"
    return thai.date_th(value) if language() == "th" else thai.date_en(value)


def moment(value: datetime | None) -> str:
    """Return a moment as read in Bangkok, with the years of ``day``; a dash for none."""
    if value is None:
        return "–"
    return thai.datetime_th(value) if language() == "th" else thai.datetime_en(value)


def bangkok_day(value: datetime) -> str:
    """Return the day in Bangkok of a moment, with the years of ``day``."""
    return day(thai.bangkok_day(value))


def moment_text(value: object) -> str:
    """Return an ISO 8601 text as ``moment`` shows it; a text that is no moment as it is."""
    try:
        return moment(datetime.fromisoformat(str(value)))
    except ValueError:
        return str(value)


def both(th: str | None, en: str | None) -> Markup:
    """Return the text for this visitor; Thai text on an English page says that it is Thai (WCAG 3.1.2)."""
    if language() == "en":
        if en:
            return Markup("{}").format(en)
        return Markup('<span lang="th">{}</span>').format(th or "–")
    return Markup("{}").format(th) if th else Markup('<span lang="en">{}</span>').format(en or "–")


def name(value: Any) -> Markup:
    """Return a ``views.Name``, or a row with ``name_th``/``title_th``, for this visitor."""
    for th, en in (("th", "en"), ("name_th", "name_en"), ("title_th", "title_en"), ("text_th", "text_en")):
        if hasattr(value, th):
            return both(getattr(value, th), getattr(value, en, None))
    return Markup("{}").format(value)


def own(text: object) -> Markup:
    """Return a text that somebody entered, in the language it is in: Thai letters on an English page are marked."""
    shown = str(text)
    return both(shown, None) if re.search("[\u0e01-\u0e5b]", shown) else Markup("{}").format(shown)


def said(line: Mapping[str, Any]) -> Markup:
    """Return the sentence of an explanation line for this visitor."""
    return both(line.get("th"), line.get("en"))


def reason(code: str) -> Reason:
    """Return what a reason code means; one that a plugin made up is shown by its code."""
    return REASONS.get(code) or Reason(code, "", code, code)


def address(source: object) -> str | None:
    """Return ``source`` where it is a web address that a link may lead to, else None."""
    text = str(source or "")
    try:
        parts = urlsplit(text)
    except ValueError:
        return None
    return text if parts.scheme in ("http", "https") and parts.netloc else None


#: Marks of our own in the place of a source: what is said of them stands in the room ``source``.
_OUR_SOURCES = ("catalogue", "authority", "fold", "inbox")


def rule_of(line: Mapping[str, Any]) -> reference.CreditRule | None:
    """Return the published rule that an explanation line names as its rule or its source, if it names one."""
    return next(iter(_published(line.get("rule"), line.get("source"))), None)


def cited(line: Mapping[str, Any]) -> list[reference.CreditRule]:
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


def rule_name(line: Mapping[str, Any]) -> str:
    """Return the rules that an explanation line applied, in words; a published rule by its number."""
    return " + ".join(_rule_word(code) for code in str(line.get("rule") or "").split("+"))


def _rule_word(code: str) -> str:
    if code in REASONS:
        return both(REASONS[code].th, REASONS[code].en).striptags()
    return word("rule", code)


def source(line: Mapping[str, Any]) -> str:
    """Return where an explanation line is from: a published rule's address, or our own marks in plain words."""
    rule = rule_of(line)
    if rule is not None:
        return rule.source
    text = str(line.get("source") or "")
    kind = text.partition(":")[0]
    if kind in ("comparison", "adoption", "configuration") or text in _OUR_SOURCES:
        return t(f"source.{kind}")
    return text or t("source.none")


def evidence(line: Mapping[str, Any]) -> str:
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


def result(line: Mapping[str, Any]) -> Markup | str:
    """Return what an explanation line found: the sentence of a reason code, else its words."""
    code = str(line.get("result") or "")
    return both(REASONS[code].th, REASONS[code].en) if code in REASONS else plain(code)


_ORGANISATIONS = ("school", "owner")


def inputs(line: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return what an explanation line looked at, as pairs of words; nothing personal is ever among it."""
    looked = [(str(key), value) for key, value in (line.get("inputs") or {}).items() if value not in (None, "")]
    return [(word("input", key), _looked_at(key, value)) for key, value in looked]


def _looked_at(key: str, value: Any) -> str:
    if key in _ORGANISATIONS:
        return organisation(str(value))
    return word("evidence", str(value)) if key == "evidence" else plain(value)


def plain(value: Any) -> str:
    """Return a value of an explanation or a message as words."""
    if isinstance(value, bool):
        return t("yes_no.yes") if value else t("yes_no.no")
    if isinstance(value, list | tuple):
        return ", ".join(plain(each) for each in value) or "–"
    if value is None or value == "":
        return "–"
    text = str(value)
    if len(text) >= 10 and text[:4].isdigit() and text[4] == "-":
        return _date_text(text)
    return word("value", text)


def _date_text(text: str) -> str:
    try:
        return day(date.fromisoformat(text)) if len(text) == 10 else moment_text(text)
    except ValueError:
        return text


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


_LIVE = ("available", "held", "redeemed", "under_review")


def live(record: Record) -> int:
    """Return what still counts of a record, in hundredths: what was revoked, expired or found double does not."""
    return sum(record.amounts.get(state, 0) for state in _LIVE)


def split(record: Record) -> list[tuple[str, int]]:
    """Return a record's amounts per state (hundredths) where they are not simply one that counts, else nothing."""
    held = [(state, amount) for state, amount in record.amounts.items() if amount]
    return held if len(held) > 1 or any(state not in _LIVE for state, _ in held) else []


def movement(moved: Movement) -> str:
    """Return a ledger movement in words: how much, from which state to which."""
    amount = credits(moved.amount)
    if moved.from_state and moved.to_state:
        first, last = word("state", moved.from_state), word("state", moved.to_state)
        return t("moved.from_to", amount=amount, first=first, last=last)
    if moved.to_state:
        return t("moved.into", amount=amount, last=word("state", moved.to_state))
    if moved.from_state:
        return t("moved.out_of", amount=amount, first=word("state", moved.from_state))
    return ""
