"""Reading a form without trusting it: values, and what is wrong with them beside the field that is to blame."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from werkzeug.datastructures import MultiDict

from creditbank_plugin.errors import Refused
from creditbank_plugin.rules import thai
from creditbank_plugin.rules.hours import hundredths
from creditbank_plugin.storage.base import is_uuid
from creditbank_plugin.web.show import both
from creditbank_plugin.web.words import language, t

#: A year from here on can only be a Buddhist-era one, and one below it only a common-era one.
FIRST_BE_YEAR = 2400
_YEARS = (1900, 2199)
#: The refusals that a form shows: what is wrong in it, and what has become otherwise meanwhile.
_SHOWN = (409, 422)

#: The fields of our forms as they stand on the pages, from the top.
_FIELDS = (
    *("course", "bank", "kind", "comparison", "body", "level_group", "order_number", "signatory", "ordered_on"),
    *("reference", "approved_on", "applies_from", "applies_until", "scheme", "credits", "credits_rule", "outcomes"),
    *("nqf_level", "nqf_level_basis", "min_score", "min_grade", "min_attendance", "min_identity", "min_assessment"),
    *("required", "ended_from", "ended_as", "occupational_group", "revoked_from", "revocation_order"),
    *("organisation", "holder", "owner", "title", "number", "signed_on", "parties", "ended_on"),
    *("hours_theory", "hours_practice", "hours_field", "evidence", "group", "meeting", "resolution", "reason"),
    *("design", "measurement", "quality", "level", "advice", "notes", "text", "name_th", "name_en", "procedure"),
    *("raters", "quorum", "comment_days", "dissolved_on", "order_signatory", "actor", "name", "role", "since", "until"),
    *("held_on", "present", "minutes", "decision"),
    *("proof", "jwks", "grants", "redirect_uris", "pkce", "purpose_th", "purpose_en", "scopes", "schools", "issuer"),
    "per_minute",
)
_PLACES = {name: place for place, name in enumerate(_FIELDS)}
_DAYS = (
    *("ordered_on", "approved_on", "applies_from", "applies_until", "revoked_from", "since", "until", "signed_on"),
    *("ended_on", "held_on", "dissolved_on"),
)
#: Fields that are groups of boxes, without one control to go to.
_GROUPS = (
    *("course", "kind", "outcomes", "required", "present", "design", "measurement", "quality", "advice", "decision"),
    *("grants", "pkce", "scopes"),
)


def _target(field: str) -> str | None:
    """Return the id of the element at which a field is corrected: a control, or the sentence above a group of them."""
    if field in _DAYS:
        return f"{field}_d"
    if field in _GROUPS:
        return f"{field}-wrong"
    # The forms that end something stand in a list, once for each row: their controls are called otherwise.
    return field if field in _PLACES and field not in ("ended_from", "ended_as") else None


class Form:
    """What was sent, and the sentences to show at its fields.

    A reader returns None where nothing usable was sent; ``errors`` then says so, unless the field is optional.
    """

    def __init__(self, sent: MultiDict[str, str]) -> None:
        self.sent = sent
        self.errors: dict[str, str] = {}

    def value(self, field: str, default: str = "") -> str:
        """Return what stands in a field, as typed."""
        return str(self.sent.get(field, default))

    def values(self, field: str) -> list[str]:
        """Return everything that was chosen under one name."""
        return list(self.sent.getlist(field))

    def wrong(self, field: str, key: str, **values: Any) -> None:
        """Say ``t(key)`` at ``field``; the first sentence stays."""
        self.errors.setdefault(field, t(key, **values))

    def faults(self) -> list[tuple[str, str | None, str]]:
        """Return what is wrong in the order of the page: field, the element to go to (None for none), sentence."""
        found = sorted(self.errors.items(), key=lambda fault: _PLACES.get(fault[0], len(_PLACES)))
        return [(name, _target(name), said) for name, said in found]

    def refused(self, refusal: Refused) -> None:
        """Show what a service refused at its field, or above the form; raise what no form can mend (not 409 or 422)."""
        if refusal.status not in _SHOWN:
            raise refusal
        self.errors.setdefault(refusal.field.removesuffix("_id"), str(both(refusal.th, refusal.en)))

    def text(self, field: str, *, required: bool = True, longest: int = 500) -> str | None:
        """Return a line of text in one spelling."""
        text = thai.normalise(self.value(field))
        if not text:
            self._missing(field, required)
            return None
        if len(text) > longest:
            self.wrong(field, "wrong.too_long", longest=longest)
            return None
        return text

    def choice(self, field: str, choices: Sequence[str], *, required: bool = True) -> str | None:
        """Return one of ``choices``."""
        chosen = self.value(field)
        if not chosen:
            self._missing(field, required, "wrong.choose")
            return None
        if chosen not in choices:
            self.wrong(field, "wrong.unknown_choice")
            return None
        return chosen

    def is_id(self, field: str) -> bool:
        """Tell whether a field can hold one of our public identifiers."""
        return is_uuid(self.value(field))

    def credits(self, field: str) -> int | None:
        """Return an amount of credits in hundredths, 0 to 1,000 credits."""
        text = self.text(field, longest=20)
        if text is None:
            return None
        try:
            amount = hundredths(text)
        except ValueError:
            amount = -1
        if not 0 <= amount <= 100_000:
            self.wrong(field, "wrong.credits")
            return None
        return amount

    def percent(self, field: str) -> int | float | None:
        """Return a number from 0 to 100 with at most two decimals, as JSON keeps it; always optional."""
        text = self.text(field, required=False, longest=10)
        if text is None:
            return None
        try:
            number = Decimal(thai.digits(text))
            fits = 0 <= number <= 100 and number == round(number, 2)
        except InvalidOperation:
            fits = False
        if not fits:
            self.wrong(field, "wrong.percent")
            return None
        return int(number) if number == int(number) else float(number)

    def day(self, field: str, *, required: bool = True) -> date | None:
        """Return a day from the fields ``_d``, ``_m`` and ``_y``; the form itself says of which era its year is.

        A year of the other era is refused with a hint, never converted by guess.
        """
        parts = [thai.digits(self.value(f"{field}_{part}").strip()) for part in "dmy"]
        if not any(parts):
            self._missing(field, required, "wrong.day_missing")
            return None
        if not all(parts):
            self.wrong(field, "wrong.day_parts")
            return None
        if not all(part.isascii() and part.isdigit() and len(part) <= 4 for part in parts):
            self.wrong(field, "wrong.day_wrong")
            return None
        day, month, year = (int(part) for part in parts)
        buddhist = self.value("era", "be" if language() == "th" else "ce") == "be"
        if buddhist != (year >= FIRST_BE_YEAR):
            self.wrong(field, "wrong.year_be" if buddhist else "wrong.year_ce")
            return None
        try:
            found = date(year - 543 if buddhist else year, month, day)
        except ValueError:
            self.wrong(field, "wrong.day_wrong")
            return None
        if not _YEARS[0] <= found.year <= _YEARS[1]:
            self.wrong(field, "wrong.day_wrong")
            return None
        return found

    def put_day(self, field: str, day: date | None) -> None:
        """Let a form begin with a day, its year in the era of the reader's language."""
        if day is not None:
            year = day.year + (543 if language() == "th" else 0)
            for part, number in (("d", day.day), ("m", day.month), ("y", year)):
                self.sent[f"{field}_{part}"] = str(number)

    def in_order(self, first: str, start: date | None, last: str, end: date | None) -> None:
        """Say at ``last`` that it lies before ``first``, if it does."""
        if start is not None and end is not None and end < start:
            self.wrong(last, "wrong.before", other=t(f"form.{first}"))

    def _missing(self, field: str, required: bool, key: str = "wrong.required") -> None:
        if required:
            self.wrong(field, key)
