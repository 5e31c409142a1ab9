"""How values are shown: credits, days and moments, names in two languages, addresses, what a record holds."""

import re
from datetime import date, datetime
from typing import Any
from urllib.parse import urlsplit

from markupsafe import Markup

from creditbank_plugin.rules import thai
from creditbank_plugin.rules.hours import credit_text
from creditbank_plugin.rules.reasons import REASONS, Reason
from creditbank_plugin.services.views import Movement, Record
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


def statement(value: Any) -> Markup:
    """Return the text of an outcome (its row, or a ``views.Name``), or that its source is not attached yet."""
    said = [getattr(value, each, None) for each in ("th", "en", "text_th", "text_en")]
    return name(value) if any(said) else Markup("<em>{}</em>").format(t("frameworks.not_attached"))


_THAI_RUN = re.compile("[\u0e01-\u0e5b](?:[^A-Za-z]*[\u0e01-\u0e5b0-9)])?")


def own(text: object) -> Markup:
    """Return a text that somebody entered, in the language it is in: Thai runs on an English page are marked."""
    if language() == "th" or isinstance(text, Markup):
        return Markup("{}").format(text)
    shown, made, after = str(text), Markup(""), 0
    for run in _THAI_RUN.finditer(shown):
        made += Markup('{}<span lang="th">{}</span>').format(shown[after : run.start()], run.group())
        after = run.end()
    return made + shown[after:]


def version(value: object) -> str:
    """Return a course version as the year of its curriculum, where it is one: "พ.ศ. 2551"."""
    text = str(value)
    return t("record.curriculum_year", year=text) if thai.is_be_year(text) else text


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


_LIVE = ("available", "held", "redeemed", "under_review")


def live(record: Record) -> int:
    """Return what still counts of a record, in hundredths: what was revoked, expired or found double does not."""
    return sum(record.amounts.get(state, 0) for state in _LIVE)


def split(record: Record) -> list[tuple[str, int]]:
    """Return a record's amounts per state (hundredths) where they are not simply one that counts, else nothing."""
    held = [(state, amount) for state, amount in record.amounts.items() if amount]
    return held if len(held) > 1 or any(state not in _LIVE for state, _ in held) else []


def movement(moved: Movement, scheme: str) -> str:
    """Return a ledger movement in words: what was done, how much, from which state to which."""
    done = word("movement", moved.kind)
    if scheme == "none" and moved.kind == "deposit":
        return t("moved.recorded")
    if moved.kind == "adjust" and moved.amount == 0:
        return t("moved.same_amount")
    return f"{done} {_moved(moved)}".strip() if scheme != "none" else done


def _moved(moved: Movement) -> str:
    amount = credits(moved.amount)
    if moved.from_state and moved.to_state:
        first, last = word("state", moved.from_state), word("state", moved.to_state)
        return t("moved.from_to", amount=amount, first=first, last=last)
    if moved.to_state:
        return t("moved.into", amount=amount, last=word("state", moved.to_state))
    if moved.from_state:
        return t("moved.out_of", amount=amount, first=word("state", moved.from_state))
    return ""
