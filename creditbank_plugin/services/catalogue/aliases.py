"""Enter aliases; what waited for them is settled.  Courses themselves are entered in `courses`."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, update

from creditbank_plugin.errors import Refused
from creditbank_plugin.rules import thai, waits
from creditbank_plugin.rules.catalogue import CourseKey
from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.services.settling.settle import settle_at_once
from creditbank_plugin.storage import tables
from creditbank_plugin.storage.base import Stored
from creditbank_plugin.storage.queries import catalogue, waking
from creditbank_plugin.storage.queries.writes import table_of, upsert
from creditbank_plugin.storage.session import reading, writing


@dataclass(frozen=True)
class Woken:
    """How many waiting messages something new has woken, and how many of them are left to be settled later."""

    messages: int
    left: int = 0


@dataclass(frozen=True)
class Mapped:
    """The course that a name (an address or foreign code) means now, and what was decided through it.

    ``decided`` counts completions with a verdict, ``credited`` those of them that have credit.
    """

    code: str
    owner: str | None
    version: str | None
    decided: int
    credited: int

    def means(self, code: str, owner: str | None, version: str | None) -> bool:
        """Tell whether saying this again would say nothing new."""
        return code == self.code and owner in (None, self.owner) and version in (None, self.version)

    @property
    def text(self) -> str:
        """Return owner, code and version in one line, as far as they are named."""
        return "/".join(part for part in (self.owner, self.code, self.version) if part)


def alias(
    runtime: Runtime,
    iri: str,
    code: str,
    *,
    owner: str | None = None,
    version: str | None = None,
    by: str | None = None,
    replace: bool = False,
) -> Woken:
    """Map an address (or foreign code) to a course code and settle what waited for it; return how much that was.

    A name keeps its course unless ``replace`` says otherwise, and even then what was decided through it stays.
    ``Refused``: ``course_unknown`` (404) when no course of the catalogue has the code, ``alias_taken`` (409) when the
    name means another course, ``alias_is_course`` (409) when it is the code of a course of the catalogue: everybody who
    names that course would get another one's credit.  The same mapping again changes nothing.
    """
    code, iri = thai.course_code(code), iri.strip()
    if not iri:
        raise Refused("missing", "ต้องระบุที่อยู่หรือรหัสต้นทาง", "The address or foreign code is missing.", field="iri")
    values = {"iri": iri, "code": code, "owner_code": owner, "version": version, "added_by": by}
    with writing(runtime.engine) as connection:
        named = catalogue.keys_by_code(connection, [code, thai.course_code(iri)])
        known, shadowed = named.get(code, []), named.get(thai.course_code(iri), [])
        if shadowed:
            raise _is_course(shadowed)
        if not [key for key in known if owner in (None, key.owner) and version in (None, key.version)]:
            raise Refused("course_unknown", "ไม่มีรายวิชารหัสนี้ในระบบ", "No course has this code.", field="code", status=404)
        row = {**values, "added_at": runtime.clock()}
        statement = upsert(connection, tables.CourseAlias).values(row)
        connection.execute(statement.on_conflict_do_nothing(index_elements=["iri"]))
        present = _mapped(connection, iri)
        if present is not None and not present.means(code, owner, version):
            if not replace:
                raise _taken(present)
            table = table_of(tables.CourseAlias)
            connection.execute(update(table).where(table.c.iri == iri).values(row))
        woken = waking.wake(connection, [waits.address(iri), waits.course(iri)])
    return Woken(woken, max(0, woken - settle_at_once(runtime)))


def mapped(runtime: Runtime, iri: str) -> Mapped | None:
    """Return what a name means now, None where it is not mapped."""
    with reading(runtime.engine) as connection:
        return _mapped(connection, iri.strip())


def known_codes(runtime: Runtime, codes: Iterable[str]) -> set[str]:
    """Return those of ``codes`` that a course of the catalogue has, of whatever version and owner."""
    with reading(runtime.engine) as connection:
        return set(catalogue.keys_by_code(connection, codes))


def _mapped(connection: Connection, iri: str) -> Mapped | None:
    row = catalogue.aliases(connection, [iri]).get(iri)
    if row is None:
        return None
    states = catalogue.decided_through(connection, iri, thai.course_code(iri), row.code)
    return Mapped(row.code, row.owner_code, row.version, sum(states.values()), states.get("credited", 0))


def _is_course(shadowed: Sequence[CourseKey]) -> Refused:
    said = ", ".join(f"{key.owner}/{key.code}/{key.version}" for key in shadowed)
    return Refused(
        "alias_is_course",
        f"รหัสนี้เป็นรหัสรายวิชาในระบบอยู่แล้ว: {said} ถ้าขาดหลักสูตรปีใดหรือของหน่วยงานใด ให้เพิ่มรายวิชานั้นแทนการจับคู่",
        f"This is the code of courses in the catalogue: {said}. Where a version or an owner is missing, enter that course.",
        field="iri",
        status=409,
    )


def _taken(present: Mapped) -> Refused:
    said, decided, credited = present.text, present.decided, present.credited
    return Refused(
        "alias_taken",
        f"ชื่อนี้จับคู่กับ {said} อยู่แล้ว ตัดสินการเรียนจบไปแล้ว {decided} รายการ ได้หน่วยกิต {credited} รายการ",
        f"This name is already mapped to {said}; completions decided through it: {decided}, credited: {credited}.",
        field="course",
        status=409,
    )


def aliases(runtime: Runtime) -> Sequence[Stored]:
    """Return aliases, newest first."""
    with reading(runtime.engine) as connection:
        return catalogue.all_aliases(connection)


def unknown_courses(runtime: Runtime) -> Sequence[Stored]:
    """Return what completions wait for because no course is known: ``wait_key, course_code, completions``."""
    with reading(runtime.engine) as connection:
        return catalogue.unknown_courses(connection)
