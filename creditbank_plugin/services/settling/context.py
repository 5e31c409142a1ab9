"""Everything that judging a batch of messages needs to know, read at once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from sqlalchemy import Connection

from creditbank_hooks import CompletionRevoked, Course, CourseCompleted, Learner, Tiding
from creditbank_plugin.formats import tiding_store
from creditbank_plugin.rules import authority, catalogue, thai, waits
from creditbank_plugin.rules.supposed import Supposed
from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.storage.base import Stored
from creditbank_plugin.storage.queries import authority as authority_rows
from creditbank_plugin.storage.queries import catalogue as catalogue_rows


@dataclass(frozen=True)
class Told:
    """A message as stored, and the tiding it is; personal data opened, in memory only."""

    row: Stored
    tiding: Tiding = field(repr=False)

    @property
    def learner(self) -> Learner:
        """Return the learner the message speaks of."""
        found: Learner = self.tiding.learner  # type: ignore[attr-defined]
        return found

    @property
    def course(self) -> Course | None:
        """Return the course the message speaks of, if any."""
        return getattr(self.tiding, "course", None)

    @cached_property
    def names(self) -> list[str]:
        """Return the names under which an alias may know the course: its address, then its code as told."""
        if self.course is None:
            return []
        return [name for name in (self.course.iri, thai.course_code(self.course.code)) if name]

    @cached_property
    def day(self) -> date:
        """Return the Bangkok day that decides which rules apply."""
        moment = self.tiding.completed_at if isinstance(self.tiding, CourseCompleted) else self.row.time
        return thai.bangkok_day(moment)


def open_letters(runtime: Runtime, rows: Iterable[Stored]) -> list[Told]:
    """Open stored messages; keys made by another process since are loaded."""
    keyring = runtime.keyring
    told = []
    for row in rows:
        personal = keyring.unseal(bytes(row.sealed), row.id) if row.sealed is not None else None
        told.append(Told(row, tiding_store.restore(row.kind, row.facts, personal)))
    return told


class Context:
    """Courses, aliases, comparisons, adoptions, banks and issuers that a batch may need.

    ``supposed`` is laid over the comparisons and orders that stand, for a forecast.
    """

    def __init__(
        self, connection: Connection, runtime: Runtime, letters: Sequence[Told], supposed: Supposed | None = None
    ) -> None:
        # Many completions of a batch ask the same: of one course, one bank, one day.
        self._courses_found: dict[str, catalogue.Found] = {}
        self._authorities: dict[tuple[str, str | None, date], authority.Authority] = {}
        courses = [told.course for told in letters if told.course is not None]
        self.aliases = catalogue_rows.aliases(connection, {name for told in letters for name in told.names})
        self._given = self._read_given(connection, letters)
        codes = {thai.course_code(course.code) for course in courses}
        codes |= {row.code for row in (*self.aliases.values(), *self._given)}
        self.courses = catalogue_rows.keys_by_code(connection, codes)
        self.course_ids = [key.id for keys in self.courses.values() for key in keys]
        self.comparisons = authority_rows.comparisons_of(connection, self.course_ids)
        schools = {told.row.school_code for told in letters if told.row.school_code}
        self.banks = authority_rows.banks(connection, schools)
        bank_codes = [bank.code for bank in self.banks.values()]
        self.adoptions = authority_rows.adoptions_of(connection, bank_codes)
        if supposed is not None:
            self.comparisons = supposed.comparisons_with(self.comparisons)
            self.adoptions = supposed.adoptions_with(self.adoptions, bank_codes)
        owners = {key.owner for keys in self.courses.values() for key in keys}
        self.organisations = authority_rows.organisations(connection, schools | owners)
        self.trusted = authority_rows.trusted(connection, {told.row.issuer for told in letters})
        if runtime.settings.issuer:
            self.trusted.add(runtime.settings.issuer)

    def _read_given(self, connection: Connection, letters: Sequence[Told]) -> list[Stored]:
        """Return the credit that learners have through names that an alias maps."""
        named = [told for told in letters if self._alias(told) is not None]
        if not named:
            return []
        issuers, learners = {told.row.issuer for told in named}, {told.row.learner for told in named}
        return list(catalogue_rows.given_through(connection, issuers, learners, self.aliases))

    def name_of(self, organisation: str) -> tuple[str, str]:
        """Return an organisation's name in Thai and English, or its code where it has none."""
        row = self.organisations.get(organisation)
        return (row.name_th, row.name_en or row.name_th) if row is not None else (organisation, organisation)

    def find_course(self, told: Told) -> catalogue.Found:
        """Find the course version a completion means: an alias of its address first, then its code.

        Where the alias meant another course when it gave this learner credit, the same message keeps that course and
        another message waits for a person: the same course of the host never gives credit twice.
        """
        if told.row.id not in self._courses_found:
            self._courses_found[told.row.id] = self._find_course(told)
        return self._courses_found[told.row.id]

    def _find_course(self, told: Told) -> catalogue.Found:
        course = told.course
        if course is None:
            return catalogue.Found(None, "course_unknown")
        before = self._before(told)
        for row in before:
            if row.id == told.row.id:
                return catalogue.Found(self._key(row), "")
        code, owner, version = self._named(told, course)
        found = catalogue.find(
            self.courses.get(code, []), owner=owner, version=version, school=told.row.school_code, day=told.day
        )
        if before and found.course is not None:
            return catalogue.Found(None, "course_ambiguous", found.owners)
        return found

    def course_scope(self, told: Told) -> tuple[list[catalogue.CourseKey], str | None]:
        """Return the course versions a revocation speaks of: every version of the course unless one was named.

        Credit given while the alias meant another course is what the host takes back.
        """
        course = told.course
        if course is None or not isinstance(told.tiding, CompletionRevoked):
            return [], None
        before = self._before(told)
        if before:
            given = self._key(before[-1])
            return [given], given.version
        code, owner, version = self._named(told, course)
        kept = catalogue.owned(self.courses.get(code, []), owner, told.row.school_code)
        return [key for key in kept if version in (None, key.version)], version

    def _named(self, told: Told, course: Course) -> tuple[str, str | None, str | None]:
        """Return code, owner and version of a course, through an alias where one is known."""
        alias = self._alias(told)
        if alias is not None:
            return alias.code, alias.owner_code or course.owner, alias.version or course.version
        return thai.course_code(course.code), course.owner, course.version

    def alias_of(self, told: Told) -> str | None:
        """Return the name (address or foreign code) that an administrator mapped to the course, if one was needed."""
        alias = self._alias(told)
        return str(alias.iri) if alias is not None else None

    def _alias(self, told: Told) -> Stored | None:
        """Return the alias that says which course is meant, if one does."""
        return next((self.aliases[name] for name in told.names if name in self.aliases), None)

    def _before(self, told: Told) -> list[Stored]:
        """Return the credit this learner has through the alias from the time when it meant another course."""
        alias = self._alias(told)
        if alias is None:
            return []
        return [
            row
            for row in self._given
            if (row.issuer, row.learner) == (told.row.issuer, told.row.learner)
            and alias.iri in (row.iri, row.course_code)
            and not (
                row.code == alias.code
                and alias.owner_code in (None, row.owner_code)
                and alias.version in (None, row.version)
            )
        ]

    def _key(self, row: Stored) -> catalogue.CourseKey:
        return next(key for key in self.courses[row.code] if key.id == row.course_id)

    def authority(self, told: Told, course: catalogue.CourseKey) -> authority.Authority:
        """Find the comparison and the adoption that apply to a completion's day."""
        bank = self.banks.get(told.row.school_code)
        asked = (course.id, bank.code if bank is not None else None, told.day)
        if asked not in self._authorities:
            self._authorities[asked] = authority.choose(
                self.comparisons.get(course.id, []),
                self.adoptions,
                bank=asked[1],
                level_group=course.level_group,
                occupational_group=course.occupational_group,
                day=told.day,
            )
        return self._authorities[asked]


def wait_keys(course: Course) -> list[str]:
    """Return the keys of a course that is not known yet."""
    return ([waits.address(course.iri)] if course.iri is not None else []) + [waits.course(course.code)]
