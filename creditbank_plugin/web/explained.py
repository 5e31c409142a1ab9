"""How an explanation is shown: which rule, how well founded, from where, what it looked at, what it found."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from markupsafe import Markup

from creditbank_plugin import reference
from creditbank_plugin.rules.reasons import REASONS, Reason
from creditbank_plugin.services.views import Event
from creditbank_plugin.web.names import bank, organisation
from creditbank_plugin.web.show import address, both, own, plain, version
from creditbank_plugin.web.words import language, t, word

Line = Mapping[str, Any]


def said(line: Line) -> Markup:
    """Return the sentence of an explanation line for this visitor."""
    th, en = line.get("th"), line.get("en")
    return own(en) if language() == "en" and en else both(th, en)


def adds(line: Line, reason: Reason) -> bool:
    """Tell whether an explanation line says more than the reason that stands above it.

    What waits for our own registers is explained by the reason's sentence alone, perhaps as it was worded at the time.
    """
    return line.get("th") != reason.th and not (reason.state == "waiting" and line.get("source") in _OUR_SOURCES)


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


def rule_name(line: Line) -> Markup:
    """Return the rules that an explanation line applied, in words; a published rule with its number after it."""
    return Markup(" + ").join(_rule_word(code) for code in str(line.get("rule") or "").split("+"))


def _rule_word(code: str) -> Markup:
    if code in REASONS:
        return both(REASONS[code].th, REASONS[code].en)
    return next((rule_words(rule) for rule in _published(code)), own(word("rule", code)))


def rule_words(rule: reference.CreditRule) -> Markup:
    """Return a published rule in words, its number after it."""
    return Markup("{} ({})").format(both(rule.th, rule.en), rule.id)


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
    """Return what an explanation line found, in words: a reason, an amount of credits, a name, else the value."""
    code = str(line.get("result") or "")
    if code in REASONS:
        return both(REASONS[code].th, REASONS[code].en)
    if line.get("rule") == "course":
        return t("why.course_found")
    if line.get("rule") == "adoption":
        return own(bank(code))
    amount = re.fullmatch(r"(\d+\.\d\d)(?: (\w+))?", code)
    if amount is not None:
        return _credits(amount[1], amount[2] or str((line.get("inputs") or {}).get("scheme") or ""))
    return " ".join(plain(part) for part in code.split()) or plain("")


def _credits(amount: str, scheme: str) -> str:
    if scheme == "none":
        return word("scheme", scheme)
    return (
        t("why.credits_of", amount=amount, scheme=word("scheme", scheme)) if scheme else t("why.credits", amount=amount)
    )


_NAMES = {"school": organisation, "owner": organisation, "bank": bank}


def inputs(line: Line, without: Collection[str] = ()) -> list[tuple[str, Markup | str]]:
    """Return what an explanation line looked at, as pairs of words; nothing personal is ever among it."""
    told = line.get("inputs") or {}
    hidden = {*without, *(("approved",) if told.get("scheme") == "none" else ())}
    looked = [(str(key), value) for key, value in told.items() if value not in (None, "") and key not in hidden]
    return [(word("input", key), _looked_at(key, value)) for key, value in looked]


def common(pending: Sequence[Event]) -> dict[str, str]:
    """Return the school and the bank of completions, where they are the same for all: they need saying only once."""
    schools = {event.organisation for event in pending}
    looked = [line.get("inputs") or {} for event in pending for line in event.explanation[-1:]]
    banks = {str(told["bank"]) for told in looked if told.get("bank")}
    if len(schools) != 1 or len(banks) > 1:
        return {}
    alike = {"school": next(iter(schools)), "bank": next(iter(banks), None)}
    return {key: code for key, code in alike.items() if code}


def _looked_at(key: str, value: Any) -> Markup | str:
    if key in _NAMES:
        return _NAMES[key](str(value))
    if key == "version":
        return version(value)
    if key in ("step", "rule"):
        return next((rule_words(rule) for rule in _published(value)), plain(value))
    if key == "scheme":
        return word("scheme", str(value))
    if key == "approved":
        return t("why.credits", amount=value)
    return word("evidence", str(value)) if key == "evidence" else plain(value)


def opening(lines: Sequence[Line]) -> Markup | None:
    """Return in one sentence why a record is worth what it is: by the hours, or by the approved paper alone."""
    by_rule = {str(line.get("rule")): line for line in lines}
    found = by_rule.get("credits")
    if found is None:
        return None
    looked, amount = found.get("inputs") or {}, found.get("result")
    if looked.get("scheme") == "none":
        return Markup("{}").format(t("why.no_credits"))
    hours = by_rule.get("BE-H1")
    if hours is not None and hours.get("result") == amount:
        per = reference.rule("BE-H1").value["hours_per_credit"]
        return own(t("why.by_hours", hours=(hours.get("inputs") or {}).get("hours"), per=per, amount=amount))
    paper = (by_rule.get("comparison", {}).get("inputs") or {}).get("reference")
    if hours is None and looked.get("rule") is None and paper:
        return own(t("why.by_paper", reference=paper, amount=amount))
    return None


def told(tiding: Mapping[str, Any], without: Sequence[str] = ()) -> list[tuple[str, str]]:
    """Return a message's facts as pairs of words, nested ones by their path, in the order they stand."""
    out: list[tuple[str, str]] = []
    for key, value in tiding.items():
        if key in without:
            continue
        if key == "school":
            out.append((word("fact", key), organisation(str(value))))
        elif isinstance(value, Mapping):
            out += [(word("fact", f"{key}_{inner}"), _told(f"{key}_{inner}", deep)) for inner, deep in value.items()]
        else:
            out.append((word("fact", key), plain(value)))
    return out


def _told(key: str, value: Any) -> str:
    if key == "course_owner":
        return organisation(str(value))
    return version(value) if key == "course_version" else plain(value)
