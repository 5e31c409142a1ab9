"""Everything that judging a batch of messages needs to know, read at once."""

from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import Connection

from creditbank_hooks import CompletionRevoked, Course, CourseCompleted, Learner, Tiding
from creditbank_plugin.formats import tiding_store
from creditbank_plugin.rules import authority, catalogue, thai
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

    @property
    def day(self) -> date:
        """Return the Bangkok day that decides which rules apply."""
        moment = self.tiding.completed_at if isinstance(self.tiding, CourseCompleted) else self.row.time
        return thai.bangkok_day(moment)


def open_letters(runtime: Runtime, rows: list[Stored]) -> list[Told]:
    """Open stored messages; keys made by another process since are loaded."""
    keyring = runtime.keyring
    if not keyring.ready or any(row.sealed is not None and not keyring.knows(bytes(row.sealed)) for row in rows):
        keyring.prepare(runtime.engine)
    told = []
    for row in rows:
        personal = keyring.unseal(bytes(row.sealed), row.id) if row.sealed is not None else None
        told.append(Told(row, tiding_store.restore(row.kind, row.facts, personal)))
    return told


class Context:
    """Courses, aliases, comparisons, adoptions, banks and issuers that a batch may need."""

    def __init__(self, connection: Connection, runtime: Runtime, letters: list[Told]) -> None:
        courses = [told.course for told in letters if told.course is not None]
        self.aliases = catalogue_rows.aliases(connection, {name for course in courses for name in _addresses(course)})
        codes = {thai.course_code(course.code) for course in courses} | {row.code for row in self.aliases.values()}
        self.courses = catalogue_rows.keys_by_code(connection, codes)
        ids = [key.id for keys in self.courses.values() for key in keys]
        self.comparisons = authority_rows.comparisons_of(connection, ids)
        schools = {told.row.school_code for told in letters if told.row.school_code}
        self.banks = authority_rows.banks(connection, schools)
        self.adoptions = authority_rows.adoptions_of(connection, [bank.code for bank in self.banks.values()])
        owners = {key.owner for keys in self.courses.values() for key in keys}
        self.organisations = authority_rows.organisations(connection, schools | owners)
        self.trusted = authority_rows.trusted(connection, {told.row.issuer for told in letters})
        if runtime.settings.issuer:
            self.trusted.add(runtime.settings.issuer)

    def name_of(self, organisation: str) -> tuple[str, str]:
        """Return an organisation's name in Thai and English, or its code where it has none."""
        row = self.organisations.get(organisation)
        return (row.name_th, row.name_en or row.name_th) if row is not None else (organisation, organisation)

    def find_course(self, told: Told) -> catalogue.Found:
        """Find the course version a completion means: an alias of its address first, then its code."""
        course = told.course
        if course is None:
            return catalogue.Found(None, "course_unknown")
        code, owner, version = self._named(course)
        return catalogue.find(
            self.courses.get(code, []), owner=owner, version=version, school=told.row.school_code, day=told.day
        )

    def course_scope(self, told: Told) -> tuple[list[catalogue.CourseKey], str | None]:
        """Return the course versions a revocation speaks of: every version of the course unless one was named."""
        course = told.course
        if course is None or not isinstance(told.tiding, CompletionRevoked):
            return [], None
        code, owner, version = self._named(course)
        kept = catalogue.owned(self.courses.get(code, []), owner, told.row.school_code)
        return [key for key in kept if version in (None, key.version)], version

    def _named(self, course: Course) -> tuple[str, str | None, str | None]:
        """Return code, owner and version of a course, through an alias where one is known."""
        for name in _addresses(course):
            if name in self.aliases:
                alias = self.aliases[name]
                return alias.code, alias.owner_code or course.owner, alias.version or course.version
        return thai.course_code(course.code), course.owner, course.version

    def authority(self, told: Told, course: catalogue.CourseKey) -> authority.Authority:
        """Find the comparison and the adoption that apply to a completion's day."""
        bank = self.banks.get(told.row.school_code)
        return authority.choose(
            self.comparisons.get(course.id, []),
            self.adoptions,
            bank=bank.code if bank is not None else None,
            level_group=course.level_group,
            day=told.day,
        )


def _addresses(course: Course) -> list[str]:
    """Return the names under which an alias may know the course: its address, then its code as told."""
    return [name for name in (course.iri, thai.course_code(course.code)) if name]


def wait_keys(course: Course) -> list[str]:
    """Return the keys of a course that is not known yet."""
    return [f"iri:{course.iri}"] * (course.iri is not None) + [f"course:{thai.course_code(course.code)}"]
