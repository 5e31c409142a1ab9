"""Words that a committee holds for equal: a text that has one of them is looked for as if it had the others too."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from creditbank_plugin.rules.matching.text import joined


@dataclass(frozen=True)
class Meant:
    """A word of a text, and another that is held for equal."""

    word: str
    other: str


class Synonyms:
    """Groups of words; a group's words mean the same, and groups do not reach into one another."""

    def __init__(self, groups: Iterable[Sequence[str]] = ()) -> None:
        told = [{joined(word): word for word in reversed(group) if joined(word)} for group in groups]
        self._groups = [[(word, _pattern(word)) for word in reversed(each.values())] for each in told]

    def meant(self, text: str) -> list[Meant]:
        """Return what a text also means, each other word once, in the order of the groups."""
        found: dict[str, Meant] = {}
        spelt = joined(text)
        for group in self._groups:
            held = [word for word, pattern in group if pattern.search(spelt)]
            if held:
                for word, pattern in group:
                    if not pattern.search(spelt):
                        found.setdefault(joined(word), Meant(held[0], word))
        return list(found.values())


def _pattern(word: str) -> re.Pattern[str]:
    """Return what finds a word: a Thai one anywhere (there are no blanks between words), others as whole words."""
    spelt = joined(word)
    begins = r"(?<![a-z0-9])" if spelt[:1].isascii() else ""
    ends = r"(?![a-z0-9])" if spelt[-1:].isascii() else ""
    return re.compile(f"{begins}{re.escape(spelt)}{ends}")
