"""The sample lessons and the pool of quiz questions, kept as JSON beside this file.

``lessons.json``: ``[{title{th,en}, body{th,en}: [paragraph]}]``; the paragraphs name the course by
``{title} {code} {version} {planned} {pass_percent}``.
``questions.json``: ``[{id, th{question, choices, why}, en{...}, answer}]``, ``answer`` counted from 0.
"""

import hashlib
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from creditbank_plugin.demo.models import Course, Lesson

HERE = Path(__file__).resolve().parent
QUIZ_LENGTH = 4


@dataclass(frozen=True)
class Wording:
    """A question in one language: the choices in order, and why the right one is right."""

    question: str
    choices: tuple[str, ...]
    why: str


@dataclass(frozen=True)
class Question:
    """A quiz question; ``answer`` is the number of the right choice, from 0."""

    id: str
    th: Wording
    en: Wording
    answer: int


def _read(name: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads((HERE / name).read_text(encoding="utf-8"))
    return rows


def _wording(row: dict[str, Any]) -> Wording:
    return Wording(row["question"], tuple(row["choices"]), row["why"])


@cache
def pool() -> dict[str, Question]:
    """Return every question by its id."""
    return {
        row["id"]: Question(row["id"], _wording(row["th"]), _wording(row["en"]), row["answer"])
        for row in _read("questions.json")
    }


def choose_quiz(owner: str, code: str, version: str) -> list[str]:
    """Return the ids of a course's questions: the same ones for the same course, whenever it is seeded."""

    def lot(question: str) -> str:
        return hashlib.sha256(f"{owner}|{code}|{version}|{question}".encode()).hexdigest()

    return sorted(pool(), key=lot)[:QUIZ_LENGTH]


def questions_of(course: Course) -> list[Question]:
    """Return a course's questions in their order."""
    return [pool()[number] for number in course.quiz]


def sample_lessons(course: Course, pass_percent: int) -> list[Lesson]:
    """Return the sample lessons of a course, not yet part of it; ``pass_percent`` is the pass mark they name."""
    facts = {"code": course.code, "version": course.version, "pass_percent": pass_percent}
    planned_th, planned_en = _planned(course.hours)
    return [
        Lesson(
            number=number,
            title_th=row["title"]["th"],
            title_en=row["title"]["en"],
            body_th="\n\n".join(row["body"]["th"]).format(title=course.title_th, planned=planned_th, **facts),
            body_en="\n\n".join(row["body"]["en"]).format(title=course.title_en, planned=planned_en, **facts),
        )
        for number, row in enumerate(_read("lessons.json"), start=1)
    ]


def _planned(hours: int | None) -> tuple[str, str]:
    """Return the words for a course's planned hours, Thai and English; empty where no source states any."""
    return (
        ("", "") if hours is None else (f" ใช้เวลาเรียนตามแผน {hours} ชั่วโมง", f", planned for {hours} hours of learning")
    )
