"""One form of Thai and English text in which things are looked for; it is compared, never shown."""

import re
import unicodedata
from collections.abc import Iterable

from creditbank_plugin.rules import thai

#: How many signs a piece has by which texts are compared.
LENGTH = 3

# Vowels and marks that stand above and below a Thai letter, in the order in which they are to be typed.
_MARKS = {
    sign: place
    for place, sign in enumerate(
        "\u0e3a\u0e38\u0e39\u0e31\u0e34\u0e35\u0e36\u0e37\u0e47\u0e4d\u0e48\u0e49\u0e4a\u0e4b\u0e4c\u0e4e"
    )
}
_NO_WIDTH = {"Cf", "Mn", "Me"}
_RUN = re.compile(f"[{''.join(_MARKS)}]{{2,}}")
#: Runs as they are to be typed, which nearly all are: a vowel and a tone.
_KNOWN = {one + other for one in _MARKS for other in _MARKS if _MARKS[one] < _MARKS[other]}
_SPLIT_SARA_AM = re.compile("\u0e4d([\u0e48-\u0e4b]?)\u0e32")
#: ๆ and ฯ: "ต่างๆ" and "ต่าง ๆ", "กรุงเทพฯ" and "กรุงเทพ" are to be the same.
_SIGNS = "\u0e46\u0e2f"
# A blank beside a Thai sign separates phrases and not words, and is typed as one likes.
_LOOSE_BLANK = re.compile("(?<=[\u0e00-\u0e7f]) | (?=[\u0e00-\u0e7f])")


class _Table(dict[int, str | None]):
    """What becomes of each sign: small letters, digits 0-9, blanks for punctuation, nothing for signs of no width."""

    def __missing__(self, code: int) -> str | None:
        sign = thai.digits(chr(code))
        kind = unicodedata.category(sign)
        made: str | None = None
        if (kind[0] in "PSZC" and kind != "Cf") or sign in _SIGNS:
            made = " "
        elif sign in _MARKS or kind not in _NO_WIDTH:
            folded = unicodedata.normalize("NFC", sign.casefold())
            made = "".join(each for each in folded if each in _MARKS or unicodedata.category(each) not in _NO_WIDTH)
        self[code] = made
        return made


_TABLE = _Table()


def normal(text: str) -> str:
    """Return ``text`` in the form in which texts are compared: doing so again changes nothing.

    NFC, small letters, Thai digits as 0-9, sara am whole, marks in one order and once, แ as one sign, no punctuation, no
    signs of no width, single blanks.
    """
    return _spelt(" ".join(_plain(text).split()))


def joined(text: str) -> str:
    """Return the normal form of ``text`` without the blanks that only Thai phrases have between them."""
    return _spelt(_LOOSE_BLANK.sub("", " ".join(_plain(text).split())))


def _plain(text: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).translate(_TABLE))


def _spelt(text: str) -> str:
    if text.isascii():
        return text
    text = _SPLIT_SARA_AM.sub("\\1\u0e33", _RUN.sub(_in_order, text.replace("\u0e40\u0e40", "\u0e41")))
    return unicodedata.normalize("NFC", text)


def _in_order(run: re.Match[str]) -> str:
    signs = run[0]
    return signs if signs in _KNOWN else "".join(sorted(set(signs), key=_MARKS.__getitem__))


def pieces(text: str) -> list[str]:
    """Return every run of three signs of a text, each once, in order; none for a shorter text."""
    return list(dict.fromkeys([text[place : place + LENGTH] for place in range(len(text) - LENGTH + 1)]))


def likeness(one: str, other: str) -> float:
    """Return how alike two texts are, 0 to 1: the share of pieces that both have, their beginnings and ends included."""
    mine, theirs = (set(pieces(f" {joined(text)} ")) for text in (one, other))
    return 2 * len(mine & theirs) / (len(mine) + len(theirs)) if mine and theirs else 0.0


def all_of(texts: Iterable[str | None]) -> str:
    """Return texts in one, those that are there."""
    return " ".join(text for text in texts if text)
