"""Whom a reader may see: a school its own learners, a learner themselves, the house everybody."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Sight:
    """Learners enrolled with one of ``organisations`` (None: with any), and only ``person_id`` where one is named."""

    organisations: frozenset[str] | None = None
    person_id: str | None = None


EVERYBODY = Sight()


def of_organisations(codes: Iterable[str]) -> Sight:
    """Return what organisations see: their own learners."""
    return Sight(frozenset(codes))


def of_person(person_id: str) -> Sight:
    """Return what a person sees: themselves."""
    return Sight(person_id=person_id)
