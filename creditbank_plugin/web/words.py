"""Every sentence of the pages, in Thai and in English, and in which of the two this visitor reads."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from flask import Blueprint, request, session
from flask.sessions import NullSession

LANGUAGES = ("th", "en")
_KEPT = "creditbank_lang"


@cache
def texts() -> Mapping[str, Mapping[str, str]]:
    """Return the sentences of ``texts/`` by ``room.key``: ``th``, ``en`` and, where English needs it, ``en_one``.

    LookupError where two files have the same room: a room stands in one file.
    """
    found: dict[str, Mapping[str, str]] = {}
    seen: set[str] = set()
    for file in sorted((Path(__file__).parent / "texts").glob("*.toml")):
        rooms = tomllib.loads(file.read_text(encoding="utf-8"))
        if seen & rooms.keys():
            raise LookupError(f"{file.name} has rooms of another file: {sorted(seen & rooms.keys())}")
        seen |= rooms.keys()
        found.update((f"{room}.{key}", said) for room, keys in rooms.items() for key, said in keys.items())
    return found


def prepare(blueprint: Blueprint) -> None:
    """Let ``?lang=th`` and ``?lang=en`` be remembered in the visitor's session."""
    blueprint.before_request(_remember)


def _remember() -> None:
    asked = request.args.get("lang")
    if asked in LANGUAGES and not isinstance(session, NullSession) and session.get(_KEPT) != asked:
        session[_KEPT] = asked


def remember(lang: str) -> None:
    """Remember a language in the visitor's session."""
    session[_KEPT] = lang


def language() -> str:
    """Return ``th`` or ``en``: what the address asks for, else what was chosen before, else Thai.

    Before Thai comes what a client asks for that leads somebody here: ``ui_locales``, the best first (RFC 8414 section 2).
    """
    wished = (tag.partition("-")[0].lower() for tag in request.args.get("ui_locales", "").split())
    for chosen in (request.args.get("lang"), session.get(_KEPT), *wished):
        if chosen in LANGUAGES:
            return str(chosen)
    return "th"


def t(key: str, **values: Any) -> str:
    """Return the sentence called ``key`` for this visitor; LookupError for a key that none of them has.

    ``values`` fill its braces.  Where ``n`` is 1 and English has a form for one, that is taken.
    """
    said = texts()[key]
    lang = language()
    text = said["en_one"] if lang == "en" and values.get("n") == 1 and "en_one" in said else said[lang]
    return text.format(**values)


def known(key: str) -> bool:
    """Tell whether a file of ``texts/`` has ``key``: for words of plugins and reference data that may be new to us."""
    return key in texts()


def word(room: str, code: str) -> str:
    """Return the word for a ``code`` of a ``room`` of ``texts/``, or the code itself where we have none."""
    key = f"{room}.{code}"
    return t(key) if known(key) else code
