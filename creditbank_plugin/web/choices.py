"""What the lists of forms offer: pairs of the value that is sent and the words that are shown."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from creditbank_plugin import reference
from creditbank_plugin.rules.assurance import ASSESSMENT_WORDS, IDENTITY_WORDS
from creditbank_plugin.rules.hours import hours_text
from creditbank_plugin.rules.thai import MONTHS_EN, MONTHS_TH
from creditbank_plugin.web.comparison_form import Hint
from creditbank_plugin.web.show import name
from creditbank_plugin.web.words import language, t, word

Pairs = list[tuple[str, str]]
#: Kinds of organisations that are too many to choose from: they are named by their code, or stand near to the user.
MANY = ("school", "college")


def months() -> tuple[str, ...]:
    """Return the months in the visitor's language, January first."""
    return MONTHS_TH if language() == "th" else MONTHS_EN


def rows(found: Iterable[Any]) -> Pairs:
    """Return organisations or banks by name; a name that two of them bear is told apart by the code."""
    named = [(str(row.code), name(row).striptags().removeprefix(t("form.bank_of")).strip()) for row in found]
    often = Counter(said for _, said in named)
    return [(code, said if often[said] == 1 else f"{said} ({code})") for code, said in named]


def words(room: str, codes: Iterable[str]) -> Pairs:
    """Return codes with their words of a room of ``texts/``."""
    return [(code, word(room, code)) for code in codes]


def same(values: Iterable[str]) -> Pairs:
    """Return values that are shown as they are."""
    return [(value, value) for value in values]


def assurances(kind: str) -> Pairs:
    """Return the levels of assurance of ``identity`` or ``assessment``, lowest first."""
    place = 0 if language() == "th" else 1
    known = IDENTITY_WORDS if kind == "identity" else ASSESSMENT_WORDS
    return [(code, said[place]) for code, said in known.items()]


def assurance(kind: str, code: str) -> str:
    """Return one level of assurance in words."""
    return dict(assurances(kind)).get(code, code)


def levels() -> Pairs:
    """Return the eight NQF levels, each with a qualification that stands on it."""
    return [
        (str(level.level), t("record.level_option", level=level.level, like=name(level.qualifications[0]).striptags()))
        for level in reference.nqf_levels()
    ]


def rules(hints: Sequence[Hint]) -> Pairs:
    """Return the ratios that hints used, each once, in words with its number."""
    used = [reference.rule(number) for number in dict.fromkeys(hint.result.rule for hint in hints)]
    return [(rule.id, f"{rule.th if language() == 'th' else rule.en} ({rule.id})") for rule in used]


def own_bank(banks: Iterable[Any], organisation: str | None) -> str:
    """Return the code of the user's own bank, empty where there is none."""
    return next((row.code for row in banks if row.organisation_code == organisation), "")


def hours(hundredths: int) -> str:
    """Return hundredths of an hour as hours without needless zeros."""
    return hours_text(hundredths)
