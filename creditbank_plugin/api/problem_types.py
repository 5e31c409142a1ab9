"""The table of problem types: every ``code`` that the API answers with, in one place, and the address of its page.

The sentences stand in ``texts/problems_*.toml``; tests walk the code and find each that may be answered in it.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from flask import request

from creditbank_plugin.api.here import runtime

#: Errors of HTTP without a code of their own share a page.
HTTP_ERROR = "http_error"
_HTTP = re.compile(r"http_[1-5][0-9]{2}", re.ASCII)


@dataclass(frozen=True)
class ProblemType:
    """One type of problem: the statuses it comes with, what it means and what to do, in Thai and English."""

    code: str
    status: tuple[int, ...]
    th: str
    en: str
    do_th: str
    do_en: str


@cache
def types() -> Mapping[str, ProblemType]:
    """Return every type by its code; LookupError for a code that stands in two files."""
    found: dict[str, ProblemType] = {}
    for file in sorted((Path(__file__).parent / "texts").glob("problems_*.toml")):
        for code, told in tomllib.loads(file.read_text(encoding="utf-8")).items():
            if code in found:
                raise LookupError(f"{file.name} has a code of another file: {code}")
            found[code] = ProblemType(code, **{**told, "status": tuple(told["status"])})
    return found


def page_of(code: str) -> str | None:
    """Return the name of the page of a code; None for one that has none."""
    if code in types():
        return code
    return HTTP_ERROR if _HTTP.fullmatch(code) else None


def address_of(code: str) -> str:
    """Return the ``type`` of a problem (RFC 9457 section 3.1.1): an absolute path, where its page is found."""
    page = page_of(code)
    if page is None:
        return "about:blank"
    return f"{request.script_root}{runtime().settings.url_prefix}/api/problems/{page}"
