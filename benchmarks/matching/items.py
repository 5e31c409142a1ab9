"""The outcomes that are searched: all real ones, and made-up ones beside them that nobody else ever sees."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from random import Random

from creditbank_plugin.reference.frameworks import frameworks
from creditbank_plugin.rules.matching.index import Document, Index
from creditbank_plugin.rules.matching.place import AREAS, of_item
from creditbank_plugin.rules.matching.suggest import FIELDS, FILTERS, document

SEED = 20_569


@dataclass(frozen=True)
class Outcome:
    """An outcome as the index takes it; ``made_of`` are the real ones whose words a made-up one has."""

    id: str
    framework: str
    code: str
    text_th: str | None
    parent: str | None = None
    kind: str | None = None
    level: int | None = None
    area: str | None = None
    grade: str | None = None
    more: str | None = None
    text_en: str | None = None
    made_of: tuple[str, ...] = ()


@cache
def real() -> tuple[Outcome, ...]:
    """Return every outcome that is shipped."""
    return tuple(
        Outcome(
            id=each.id,
            framework=framework.code,
            code=each.code,
            text_th=each.text_th,
            text_en=each.text_en,
            parent=each.parent,
            kind=each.kind,
            level=each.level,
            area=each.area,
            grade=each.grade,
            more=each.description_th,
        )
        for framework in frameworks()
        for each in framework.items
    )


def with_made_up(number: int) -> list[Outcome]:
    """Return the real outcomes and as many made-up ones as are missing to ``number``."""
    found = list(real())
    found += list(_made_up(max(0, number - len(found))))
    return found


def _made_up(number: int) -> Iterator[Outcome]:
    """Yield distractors: the beginning of one real outcome and the end of another of the same subject.

    The two are of different standards, so that the whole is an outcome of neither; it stands beside the first, in the
    year after it (ม.6 before it), or on the level above it.
    """
    chance = Random(SEED)  # noqa: S311 - the same ones each time
    groups: dict[tuple[str, str], list[Outcome]] = {}
    for each in real():
        if each.text_th and each.kind in ("indicator", "unit", "ability", "ability_part", "skill_standard"):
            groups.setdefault((each.framework, each.code[0] if each.framework.startswith("core") else ""), []).append(
                each
            )
    names = sorted(groups)
    weights = [len(groups[name]) for name in names]
    for place in range(number):
        group = groups[chance.choices(names, weights)[0]]
        first, second = chance.choice(group), chance.choice(group)
        while second.parent == first.parent and second.id == first.id:
            second = chance.choice(group)
        yield _spliced(first, second, place, chance)


def _spliced(first: Outcome, second: Outcome, place: int, chance: Random) -> Outcome:
    begin = _half(first.text_th or "", chance, last=False)
    text = begin + _half(second.text_th or "", chance, last=True)
    years = of_item(first.code, framework=first.framework, grade=first.grade).years
    grade = first.grade
    if years:
        year = min(years) + 1 if max(years) < 6 else min(years) - 1
        grade = f"ม.{year}"
    code = (
        f"{first.code.split(' ม.')[0]} {grade or ''}/9{place}".replace(" /", " ") if years else f"{first.code}-{place}"
    )
    level = min(first.level + 1, 8) if first.level else None
    made = (first.id, second.id)
    return replace(
        first,
        id=f"made-{place}",
        code=code,
        text_th=text,
        grade=grade,
        level=level,
        made_of=made,
        more=None,
        kind="made-up",
    )


def _half(text: str, chance: Random, *, last: bool) -> str:
    """Return the beginning or the end of a text, cut at a blank where there is one near the middle."""
    middle = int(len(text) * chance.uniform(0.4, 0.6))
    blank = text.find(" ", middle)
    cut = blank if 0 <= blank < len(text) * 0.75 else middle
    return text[cut:] if last else text[:cut]


def documents(outcomes: Sequence[Outcome]) -> Iterator[Document]:
    """Yield outcomes as the index takes them; the longer texts of units are kept out, for they are asked with."""
    for each in outcomes:
        yield document(
            item=each.id,
            framework=each.framework,
            code=each.code,
            text_th=each.text_th,
            text_en=each.text_en,
            level=each.level,
            area=each.area,
            grade=each.grade,
        )


def index_of(outcomes: Sequence[Outcome]) -> Index:
    """Return a new index of outcomes."""
    made = Index(FIELDS, FILTERS)
    made.put(documents(outcomes))
    return made


def area_names() -> dict[str, tuple[str, str]]:
    """Return the Thai and English name of each learning area, by its letter."""
    return dict(AREAS)
