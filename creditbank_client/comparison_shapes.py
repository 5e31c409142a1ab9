"""What the API answers about comparisons, as types; texts as in ``creditbank_client.shapes``."""

from typing import Any, TypedDict

from creditbank_client.shapes import Name, NamedCourse, Outcome


class ComparedCourse(NamedCourse):
    """The course version that is compared."""

    id: str
    revision: int


class Body(TypedDict):
    """An organisation that compares."""

    code: str
    name: Name


class NamedGroup(TypedDict):
    """A working group by its name."""

    id: str
    name: Name


class Evidence(TypedDict):
    """A paper that the terms rest on."""

    title: str
    url: str | None


class ComparisonSummary(TypedDict):
    """A comparison as lists show it."""

    id: str
    state: str
    revision: int
    round: int
    course: ComparedCourse
    body: Body
    group: NamedGroup | None
    scheme: str | None
    credits: str | None
    nqf_level: int | None
    applies_from: str | None
    applies_until: str | None
    reference: str | None
    made_at: str
    changed_at: str
    proposed_at: str | None
    approved_at: str | None
    comment_until: str | None
    ended_from: str | None


class Step(TypedDict):
    """One act: who, in which role, when and why; of an approval the very text that was signed."""

    number: int
    action: str
    from_state: str | None
    to_state: str
    actor: str | None
    name: str
    role: str
    at: str
    reason: str | None
    signed: str | None
    details: dict[str, Any] | None


class Rating(TypedDict):
    """One rater's judgement of a round."""

    round: int
    actor: str
    name: str
    design: str
    measurement: str
    quality: str
    level: int | None
    advice: str
    notes: dict[str, Any]
    rated_at: str


class Comment(TypedDict):
    """What somebody said in the public round."""

    name: str
    text: str
    said_at: str


class Comparison(ComparisonSummary):
    """A comparison in full, as far as the caller may see it."""

    credits_rule: str | None
    nqf_level_basis: str | None
    outcomes: list[Outcome]
    hours: dict[str, Any]
    conditions: dict[str, Any]
    evidence: list[Evidence]
    replaces: str | None
    steps: list[Step]
    ratings: list[Rating]
    rated: int
    ratings_needed: int
    differing: list[str]
    comments: list[Comment]
    may: list[str]
