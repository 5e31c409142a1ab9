"""Why an outcome is suggested: values for machines, and a sentence in Thai and in English for people."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from creditbank_plugin.rules import thai
from creditbank_plugin.rules.matching.synonyms import Meant
from creditbank_plugin.rules.matching.text import normal

#: The shortest text in common that is worth showing.
SHORTEST = 4
#: Signs with which no Thai word begins or ends: vowels and marks that belong to the letter before or after them.
_NOT_FIRST = "ะัาำิีึืฺุูๅ็่้๊๋์ํ๎"
_NOT_LAST = "เแโใไั"
#: Marks after which อ is a vowel of the same syllable: ต่อ, เพื่อ.
_BEFORE_O = "ื่้๊๋็"
#: How much of a long text is looked at for words in common.
_LOOKED_AT = 600
_WHERE = {
    "title": ("ชื่อรายวิชา", "The course title"),
    "outcomes": ("ผลลัพธ์การเรียนรู้ของรายวิชา", "A learning outcome of the course"),
    "description": ("คำอธิบายรายวิชา", "The course description"),
}


@dataclass(frozen=True)
class Reason:
    """One reason: a stable code, its values, and what is said of it in Thai and in English."""

    code: str
    values: Mapping[str, Any]
    th: str
    en: str


def words(kind: str, text: str, others: Iterable[str]) -> Reason:
    """Say that a text of the course shares words with the outcome; ``kind`` is title, outcomes or description."""
    shared = max((common(text, other) for other in others), key=len, default="")
    where_th, where_en = _WHERE[kind]
    values = {"in": kind, "words": shared or None}
    if not shared:
        return Reason("words", values, f"{where_th}คล้ายกับข้อความของผลลัพธ์นี้", f"{where_en} is similar to this outcome.")
    th = f"{where_th}มีข้อความ “{shared}” ตรงกับผลลัพธ์นี้"
    return Reason("words", values, th, f"{where_en} shares the words “{shared}” with this outcome.")


def common(one: str, other: str) -> str:
    """Return the longest text that two texts share, cut where Thai words may begin and end; "" for a short one."""
    shown = normal(one)[:_LOOKED_AT]
    mine, theirs = shown.replace(" ", ""), normal(other)[:_LOOKED_AT].replace(" ", "")
    begin, end = _longest(mine, theirs)
    while begin < end and (mine[begin] in _NOT_FIRST or (mine[begin] == "อ" and mine[max(begin - 1, 0)] in _BEFORE_O)):
        begin += 1
    while begin < end and (mine[end - 1] in _NOT_LAST or mine[end : end + 1] in _NOT_FIRST):
        if end == len(mine):
            break
        end -= 1
    if end - begin < SHORTEST:
        return ""
    # As it stands in the first text, with the blanks that it has there; a part of an English word is no word.
    found = shown[_place_of(shown, begin) : _place_of(shown, end - 1) + 1]
    whole = re.search(rf"(?<![a-z0-9]){re.escape(found)}(?![a-z0-9])", shown)
    return found if whole or not found.isascii() else ""


def _longest(mine: str, theirs: str) -> tuple[int, int]:
    """Return where the longest part of one text begins and ends that stands in the other too."""
    best, begin = (0, 0), 0
    for end in range(1, len(mine) + 1):
        while mine[begin:end] not in theirs:
            begin += 1
        if end - begin > best[1] - best[0]:
            best = (begin, end)
    return best


def _place_of(text: str, letter: int) -> int:
    """Return where a text's ``letter``-th sign stands that is no blank."""
    seen = -1
    for place, sign in enumerate(text):
        seen += sign != " "
        if seen == letter and sign != " ":
            return place
    return len(text)


def synonym(meant: Meant) -> Reason:
    """Say that the committee holds a word of the course for equal with one of the outcome."""
    th = f"คณะทำงานถือว่า “{meant.word}” มีความหมายเดียวกับ “{meant.other}”"
    en = f"The committee holds “{meant.word}” and “{meant.other}” for the same."
    return Reason("synonym", {"word": meant.word, "other": meant.other}, th, en)


def area(code: str, th: str, en: str) -> Reason:
    """Say that the course's code places it in the outcome's learning area."""
    values = {"code": code, "area_th": th, "area_en": en}
    said = f"รหัสรายวิชา {code} อยู่ในกลุ่มสาระการเรียนรู้{th}"
    return Reason("area", values, said, f"The course code {code} is of the learning area {en}.")


def named(th: str, en: str) -> Reason:
    """Say that the course's title is the name of the outcome's learning area."""
    said = f"ชื่อรายวิชาเป็นชื่อกลุ่มสาระการเรียนรู้{th}"
    return Reason(
        "area", {"code": None, "area_th": th, "area_en": en}, said, f"The course is named after the learning area {en}."
    )


def year(years: str) -> Reason:
    """Say that course and outcome are of the same school years."""
    said = f"รายวิชาและผลลัพธ์เป็นของชั้น {years}"
    return Reason("year", {"years": years}, said, f"Course and outcome are of {_grades(years)}.")


def other_year(years: str) -> Reason:
    """Say what speaks against an outcome: it is of other school years than the course."""
    said = f"แต่ผลลัพธ์เป็นของชั้น {years} ไม่ใช่ชั้นของรายวิชา"
    return Reason(
        "other_year", {"years": years}, said, f"But the outcome is of {_grades(years)}, not that of the course."
    )


def other_area(th: str, en: str) -> Reason:
    """Say what speaks against an outcome: it is of another learning area than the course's code says."""
    said = f"แต่ผลลัพธ์เป็นของกลุ่มสาระการเรียนรู้{th}"
    return Reason("other_area", {"area_th": th, "area_en": en}, said, f"But the outcome is of the learning area {en}.")


def _grades(years: str) -> str:
    """Return Thai school years as grades: ม.4-6 are grades 10–12."""
    numbers = [str(int(each) + 6) for each in years.removeprefix("ม.").split("-")]
    return f"grade{'s' if len(numbers) > 1 else ''} {'–'.join(numbers)} ({years})"


def level(nqf_level: int) -> Reason:
    """Say that the outcome stands on a level to which the course's group leads."""
    said = f"ผลลัพธ์อยู่ระดับ {nqf_level} ของกรอบคุณวุฒิแห่งชาติ ตรงกับกลุ่มระดับของรายวิชา"
    english = f"The outcome is on level {nqf_level} of the NQF, to which courses of this group lead."
    return Reason("level", {"nqf_level": nqf_level}, said, english)


def precedent(code: str, version: str, title_th: str, title_en: str | None, reference: str) -> Reason:
    """Say that an approved comparison of a similar course chose the outcome."""
    values = {"code": code, "version": version, "title_th": title_th, "title_en": title_en, "reference": reference}
    th = f"รายวิชาที่คล้ายกัน {code} {title_th} ({thai.curriculum_th(version)}) เลือกผลลัพธ์นี้ ({reference})"
    named = title_en or title_th
    en = f"A similar course, {code} {named} ({thai.curriculum_en(version)}), was compared with this outcome ({reference})."
    return Reason("precedent", values, th, en)


def own(reference: str) -> Reason:
    """Say that an approved comparison of the very course chose the outcome."""
    th = f"การเทียบรายวิชานี้ที่อนุมัติแล้วเลือกผลลัพธ์นี้ ({reference})"
    return Reason(
        "own", {"reference": reference}, th, f"An approved comparison of this course chose this outcome ({reference})."
    )
