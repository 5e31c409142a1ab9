"""Text that a spreadsheet program would run as a formula, written so that it does not, and read back as it was.

A text that begins with one of ``= + - @``, a tab or a carriage return gets an apostrophe before it, as spreadsheet programs
themselves mark text; one that has apostrophes there already gets one more, so that reading takes off exactly what writing
put on.
"""

import re

_FORMULA = re.compile("'*[=+\\-@\t\r\uff1d\uff0b\uff0d\uff20]")


def guarded(text: str) -> str:
    """Return ``text`` as it may stand in a cell."""
    return f"'{text}" if _FORMULA.match(text) else text


def unguarded(text: str) -> str:
    """Return what `guarded` was given."""
    return text[1:] if text.startswith("'") and _FORMULA.match(text) else text
