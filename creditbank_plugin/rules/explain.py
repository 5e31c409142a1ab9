"""One line of an explanation: which rule, from where, looked at what, and found what, in both languages."""

from typing import Any


def line(rule: str, source: str, inputs: dict[str, Any], result: str, th: str, en: str) -> dict[str, Any]:
    """Return a line as it is stored and published; ``inputs`` never hold personal data."""
    return {"rule": rule, "source": source, "inputs": inputs, "result": result, "th": th, "en": en}
