"""A whole number as somebody wrote it into an address, a form or a header."""


def whole(text: str, digits: int = 9) -> int | None:
    """Return the number that a text is, of at most so many ASCII digits; None for any other text.

    Python's ``int`` would take signs, blanks, underscores and digits of other scripts as well, and any number of them.
    """
    return int(text) if text.isascii() and text.isdigit() and len(text) <= digits else None
